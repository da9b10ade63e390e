import { windowsScenario } from '../../scenario';

export default windowsScenario({
  summary: 'the restart that is asked for never comes: failed, with that reason',
  verdict: 'failed',
  withinSeconds: 240,
  play: async ({ machine }) => {
    machine.restartsThatNeverCome = 99;
    machine.fault('msiexec', 'after 3010');
    await machine.run();
  },
  expect: (seen, check) => {
    check.matches(seen.reason, /restart/i, 'reason tag');
    check.equal(seen.boots.length, 1, 'boots');
  },
});
