import { DEB_DESKTOP, RPM_LOGIN, scenario } from '../../scenario';

export default scenario({
  summary: 'the metadata service is slow, and answers 503 to token and data: tried again, to ready',
  runsOn: [DEB_DESKTOP, RPM_LOGIN],
  world: () => ({
    faults: [
      { on: 'imds:token', times: 2, effect: { kind: 'error', status: 503, code: 'Service Unavailable' } },
      { on: 'imds:/latest/*', times: 3, effect: { kind: 'error', status: 503, code: 'Service Unavailable' } },
      { on: 'imds:/latest/*', after: 3, times: 4, effect: { kind: 'delay', seconds: 1 } },
    ],
  }),
  verdict: 'ready',
  withinSeconds: 120,
  expect: (seen, check) => {
    check.equal(seen.callsOf('imds').filter((call) => call.status === 503).length, 5, 'refused metadata calls');
  },
});
