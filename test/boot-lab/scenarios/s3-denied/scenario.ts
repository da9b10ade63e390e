import { RPM_DESKTOP, scenario } from '../../scenario';

export default scenario({
  summary: 'S3 denies the first calls, as it does while a new role is not known everywhere: tried again, to ready',
  runsOn: [RPM_DESKTOP],
  world: () => ({ faults: [{ on: 's3:GetObject', times: 2, effect: { kind: 'error', status: 403, code: 'AccessDenied' } }] }),
  verdict: 'ready',
  expect: (seen, check) => {
    check.equal(
      seen.callsOf('s3').map((call) => call.status),
      [403, 403, 200],
      'answers of S3',
    );
  },
});
