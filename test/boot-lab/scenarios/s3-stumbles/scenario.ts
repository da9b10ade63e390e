import { DEB_LOGIN, RPM_DESKTOP, scenario } from '../../scenario';

export default scenario({
  summary: 'S3 is slow, answers 500, asks to slow down, drops the connection, breaks off in the middle: tried again, to ready',
  runsOn: [RPM_DESKTOP, DEB_LOGIN],
  world: () => ({
    faults: [
      { on: 's3:GetObject', times: 1, effect: { kind: 'error', status: 500, code: 'InternalError' } },
      { on: 's3:GetObject', after: 1, times: 1, effect: { kind: 'throttle' } },
      { on: 's3:GetObject', after: 2, times: 1, effect: { kind: 'disconnect' } },
      { on: 's3:GetObject', after: 3, times: 1, effect: { kind: 'truncate', share: 0.5 } },
      { on: 's3:GetObject', after: 4, times: 1, effect: { kind: 'delay', seconds: 5 } },
    ],
  }),
  verdict: 'ready',
  expect: (seen, check) => {
    check.equal(
      seen.callsOf('s3').map((call) => call.status),
      [500, 503, 0, 200, 200],
      'answers of S3',
    );
  },
});
