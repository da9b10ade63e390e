import { windowsScenario } from '../../scenario';

export default windowsScenario({
  summary: 'the runner is ended again and again: it says so when there were too many starts',
  verdict: 'failed',
  withinSeconds: 300,
  play: async (lab) => {
    lab.machine.fault('msiexec', '*hang');
    lab.meanwhile(async () => {
      for (let attempt = 1; attempt < 30; attempt++) {
        await lab.untilCalled('msiexec.exe', attempt);
        await lab.machine.end('runner', 0);
      }
    });
    await lab.machine.run();
  },
  expect: (seen, check) => {
    check.matches(seen.reason, /start|ended|interrupt/i, 'reason tag');
  },
});
