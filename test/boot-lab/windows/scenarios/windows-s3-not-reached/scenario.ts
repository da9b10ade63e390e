import { windowsScenario } from '../../scenario';

export default windowsScenario({
  summary: 'S3 is never reached: failed, with that reason',
  verdict: 'failed',
  withinSeconds: 240,
  world: () => ({ faults: [{ on: 's3:*', effect: { kind: 'disconnect' } }] }),
  expect: (seen, check) => {
    check.equal(seen.order, '', 'steps');
    check.matches(seen.reason, /s3/, 'reason tag');
  },
});
