import { plainOrder, windowsScenario } from '../../scenario';

export default windowsScenario({
  summary: 'Windows restarts by itself while the bundle is fetched: the next boot begins again',
  verdict: 'ready',
  withinSeconds: 180,
  world: () => ({ faults: [{ on: 's3:GetObject', times: 1, effect: { kind: 'hold' } }] }),
  play: async (lab) => {
    lab.meanwhile(async () => {
      await lab.call('s3');
      lab.machine.restart();
    });
    await lab.machine.run();
  },
  expect: (seen, check) => {
    const { ...all } = { setup: 2, setup_post_reboot: 2, 'virtual_desktop.install': 2, virtual_desktop: 2, setup_user_customization: 2 };
    check.equal(seen.order, plainOrder(all), 'steps');
  },
});
