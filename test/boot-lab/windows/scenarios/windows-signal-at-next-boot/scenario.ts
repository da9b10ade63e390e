import { setTimeout as sleep } from 'node:timers/promises';
import { plainOrder, windowsScenario } from '../../scenario';

export default windowsScenario({
  summary: 'CloudFormation is not reached for the whole of a boot: the verdict stays, and is told at the next boot',
  verdict: 'ready',
  withinSeconds: 240,
  world: () => ({ faults: [{ on: 'cloudformation:*', effect: { kind: 'disconnect' } }] }),
  play: async (lab) => {
    await lab.cutAt('the end of the attempts', async () => {
      for (let attempt = 0; attempt < 4; attempt++) await lab.call('cloudformation', 'SignalResource');
      await sleep(3000);
    });
    await lab.services.change({ faults: [] });
    await lab.machine.run();
  },
  expect: (seen, check) => {
    check.equal(seen.order, plainOrder(), 'steps');
    check.equal(
      seen.signals.map((signal) => signal.boot),
      [2],
      'boots of the signal',
    );
  },
});
