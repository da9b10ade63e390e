import { plainOrder, windowsScenario } from '../../scenario';

export default windowsScenario({
  summary: 'the runner is started a second time while it is at work: whoever comes second leaves at once',
  verdict: 'ready',
  play: async (lab) => {
    lab.machine.hold('setup');
    lab.meanwhile(async () => {
      await lab.untilRuns('setup');
      const script = 'C:\\ProgramData\\ClusterNode\\bootstrap\\runner.ps1';
      const second = lab.machine.start('second-runner', ['-NoProfile', '-ExecutionPolicy', 'Bypass', '-File', script]);
      second.once('exit', (code) => {
        lab.notes.second = String(code);
        lab.machine.letGo('setup');
      });
    });
    await lab.machine.run();
  },
  expect: (seen, check) => {
    check.equal(seen.order, plainOrder(), 'steps');
    check.equal(seen.notes.second, '0', 'exit code of the second runner');
  },
});
