import { windowsScenario } from '../../scenario';

export default windowsScenario({
  summary: 'a step is ended from outside again and again: failed, after a bounded number of attempts',
  verdict: 'failed',
  withinSeconds: 240,
  play: async (lab) => {
    lab.machine.hold('setup_post_reboot');
    lab.meanwhile(async () => {
      for (let attempt = 1; attempt < 20; attempt++) {
        await lab.untilRuns('setup_post_reboot');
        await lab.machine.end('setup_post_reboot', 0);
        const ended = lab.machine.processes.all.filter(({ commandLine }) => commandLine.includes('setup_post_reboot')).length;
        await lab.until(
          'another attempt',
          () => lab.machine.processes.all.filter(({ commandLine }) => commandLine.includes('setup_post_reboot')).length > ended,
        );
      }
    });
    await lab.machine.run();
  },
  expect: (seen, check) => {
    const attempts = seen.steps.filter((step) => step.name === 'setup_post_reboot').length;
    check.that(attempts > 1 && attempts < 10, `expected some attempts, got ${attempts}`);
    check.matches(seen.reason, /setup_post_reboot/, 'reason tag');
  },
});
