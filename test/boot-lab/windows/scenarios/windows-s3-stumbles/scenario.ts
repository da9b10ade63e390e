import { windowsScenario } from '../../scenario';

export default windowsScenario({
  summary: 'S3 answers 500, breaks off and denies: tried again, to ready',
  verdict: 'ready',
  world: () => ({
    faults: [
      { on: 's3:GetObject', times: 1, effect: { kind: 'error', status: 500, code: 'InternalError' } },
      { on: 's3:GetObject', after: 1, times: 1, effect: { kind: 'truncate', share: 0.5 } },
      { on: 's3:GetObject', after: 2, times: 1, effect: { kind: 'error', status: 403, code: 'AccessDenied' } },
    ],
  }),
  expect: (seen, check) => {
    check.equal(
      seen.callsOf('s3').map((call) => call.status),
      [500, 200, 403, 200],
      'answers of S3',
    );
  },
});
