import { windowsScenario } from '../../scenario';

const steps = ['setup', 'setup_post_reboot', 'virtual_desktop.install', 'virtual_desktop', 'setup_user_customization'];

export default windowsScenario({
  summary: 'every step is ended from outside once, with exit code 0, as if all were well: each is repeated, to ready',
  verdict: 'ready',
  withinSeconds: 240,
  play: async (lab) => {
    for (const step of steps) lab.machine.hold(step);
    lab.meanwhile(async () => {
      for (const step of steps) await lab.endHeld(step, 0);
    });
    await lab.machine.run();
  },
  expect: (seen, check) => {
    const twice = steps.map((step) => `${step}@1!ended ${step}@1`);
    check.equal(seen.order, `${twice.join(' ')} virtual_desktop.check@1`, 'steps');
  },
});
