import { SECOND_INSTANCE, TWO_INSTANCES } from '../../../scenario';
import { plainOrder, windowsScenario } from '../../scenario';

export default windowsScenario({
  summary: 'an image made of a node that was ready: the instance of it bootstraps from the start and speaks for itself',
  verdict: 'ready',
  exempt: TWO_INSTANCES,
  play: async ({ machine, services }) => {
    await machine.run();
    await services.change({ instance: { ...services.world.instance, id: SECOND_INSTANCE } });
    await machine.run();
  },
  expect: (seen, check) => {
    const second = { setup: 2 };
    check.equal(seen.order, `${plainOrder()} ${plainOrder(second)}`, 'steps');
    check.equal(
      seen.signals.map((signal) => `${signal.status} ${signal.uniqueId}`),
      ['SUCCESS i-0123456789abcdef0', `SUCCESS ${SECOND_INSTANCE}`],
      'signals',
    );
    const took = seen.boots.slice(1).reduce((all, { start, end }) => all + (end - start) / 1000, 0);
    check.that(seen.phaseSeconds.total <= took, `expected a total of at most ${took} s, got ${seen.phaseSeconds.total} s`);
    check.equal(seen.log('runner').match(/the bootstrap starts/g)?.length, 1, 'starts in the log of the second instance');
  },
});
