import { DEB_LOGIN, RPM_DESKTOP, scenario } from '../../scenario';

export default scenario({
  summary: 'the package mirror refuses some requests with 503 and drops others: tried again, to ready',
  runsOn: [RPM_DESKTOP, DEB_LOGIN],
  world: () => ({
    faults: [
      { on: 'packages:*', times: 3, effect: { kind: 'error', status: 503, code: 'Service Unavailable' } },
      { on: 'packages:*', after: 3, times: 2, effect: { kind: 'disconnect' } },
    ],
  }),
  verdict: 'ready',
  expect: (seen, check) => {
    check.equal(seen.callsOf('packages').filter((call) => call.byFault).length, 5, 'requests that went wrong');
  },
});
