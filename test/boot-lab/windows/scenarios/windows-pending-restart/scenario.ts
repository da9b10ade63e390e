import { plainOrder, windowsScenario } from '../../scenario';

export default windowsScenario({
  summary: 'Windows Update waits for a restart: made first, and the node goes on after it',
  verdict: 'ready',
  withinSeconds: 180,
  play: async (lab) => {
    lab.updateWaitsIn(1);
    await lab.machine.run();
  },
  expect: (seen, check) => {
    check.equal(seen.boots.length, 2, 'boots');
    check.equal(seen.order, plainOrder({ setup_post_reboot: 2 }), 'steps');
  },
});
