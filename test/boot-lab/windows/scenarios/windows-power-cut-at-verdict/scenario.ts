import { plainOrder, windowsScenario } from '../../scenario';

export default windowsScenario({
  summary: 'the power goes while the verdict is told: told again in the next boot, in the same words',
  verdict: 'ready',
  withinSeconds: 240,
  world: () => ({ faults: [{ on: 'cloudformation:SignalResource', times: 1, effect: { kind: 'hold' } }] }),
  play: async (lab) => {
    await lab.cutAt('signal', async () => lab.call('cloudformation', 'SignalResource'));
    await lab.machine.run();
  },
  expect: (seen, check) => {
    check.equal(seen.order, plainOrder(), 'steps');
    check.equal(seen.signals.at(-1)?.boot, 2, 'boot of the last signal');
  },
});
