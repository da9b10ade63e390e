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
    check.equal(seen.order, plainOrder({ setup: 2 }), 'steps');
  },
});
