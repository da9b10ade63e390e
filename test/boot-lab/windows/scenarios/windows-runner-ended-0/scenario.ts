import { plainOrder, windowsScenario } from '../../scenario';

export default windowsScenario({
  summary: 'the runner is ended from outside with exit code 0 while a phase is at work: it starts again, and the phase too',
  verdict: 'ready',
  withinSeconds: 180,
  play: async (lab) => {
    lab.machine.fault('msiexec', 'hang');
    lab.meanwhile(async () => {
      await lab.untilCalled('msiexec.exe');
      await lab.machine.end('runner', 0);
    });
    await lab.machine.run();
  },
  expect: (seen, check) => {
    check.equal(
      seen.order,
      plainOrder().replace('virtual_desktop.install@1', 'virtual_desktop.install@1!ended virtual_desktop.install@1'),
      'steps',
    );
    check.equal(seen.boots.length, 1, 'boots');
    check.equal(seen.runners.filter((runner) => runner.end === undefined).length, 1, 'runners that were ended');
  },
});
