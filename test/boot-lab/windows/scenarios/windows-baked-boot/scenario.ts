import { checkOwnTime, checkRequests } from '../../../boot-gate';
import { SECOND_INSTANCE, TWO_INSTANCES } from '../../../scenario';
import { bakeWindows } from '../../baking';
import { windowsOwnTime } from '../../own-time';
import { plainOrder, STEPS, windowsScenario } from '../../scenario';

export default windowsScenario({
  summary: 'a node, and one of an image that has its installs: that downloads nothing, and is quick',
  verdict: 'ready',
  withinSeconds: 180,
  exempt: { ...TWO_INSTANCES, 'no step without a runner': 'the baker calls the runner in a script of its own' },
  play: async (lab) => {
    const { machine, services } = lab;
    await machine.run();
    machine.renewDisk();
    await services.change({ instance: { ...services.world.instance, id: SECOND_INSTANCE } });
    await bakeWindows(lab);
    await machine.run();
  },
  expect: (seen, check) => {
    check.equal(seen.notes.statuses, '0', 'exit codes of the runner');
    const configures = STEPS.filter((step) => !step.endsWith('.install')).map((step) => `${step}@3`);
    check.equal(seen.order, `${plainOrder()} virtual_desktop.install@2 ${configures.join(' ')}`, 'steps');
    checkRequests(seen, check, 1, 3);
    // No ratio: one small package is all that the image saves, and how slow the machine was is known to a third.
    checkOwnTime(check, windowsOwnTime(seen, 1), windowsOwnTime(seen, 3), { seconds: 20, processes: configures.length + 2 });
  },
});
