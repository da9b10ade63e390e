import { windowsScenario } from '../../scenario';

export default windowsScenario({
  summary: 'the DCV package is another than the one that was pinned: failed, and nothing of it is run',
  verdict: 'failed',
  withinSeconds: 180,
  world: () => ({ faults: [{ on: 'downloads:*', effect: { kind: 'corrupt' } }] }),
  expect: (seen, check) => {
    check.matches(seen.reason, /SHA-256/, 'reason tag');
    check.equal(seen.callsTo('msiexec.exe'), [], 'installations');
  },
});
