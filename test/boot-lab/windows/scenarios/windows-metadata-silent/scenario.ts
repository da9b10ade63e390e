import { setTimeout as sleep } from 'node:timers/promises';
import { plainOrder, windowsScenario } from '../../scenario';

export default windowsScenario({
  summary: 'the metadata service is silent for a while after the machine has started: waited for, to ready',
  verdict: 'ready',
  withinSeconds: 240,
  world: () => ({ faults: [{ on: 'imds:*', effect: { kind: 'disconnect' } }] }),
  play: async (lab) => {
    lab.meanwhile(async () => {
      await lab.call('imds');
      // A minute and a half of the machine's waits: stage 0 tries for more than two.
      await sleep(9_000);
      await lab.services.change({ faults: [] });
    });
    await lab.machine.run();
  },
  expect: (seen, check) => {
    check.equal(seen.order, plainOrder(), 'steps');
  },
});
