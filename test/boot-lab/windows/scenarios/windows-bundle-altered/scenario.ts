import { windowsScenario } from '../../scenario';

export default windowsScenario({
  summary: 'the bundle is another than the one of the user data: failed, and nothing of it runs',
  verdict: 'failed',
  withinSeconds: 90,
  world: () => ({ faults: [{ on: 's3:GetObject', effect: { kind: 'corrupt' } }] }),
  expect: (seen, check) => {
    check.equal(seen.runners.length, 0, 'starts of the runner');
    check.matches(seen.reason, /SHA-256/, 'reason tag');
  },
});
