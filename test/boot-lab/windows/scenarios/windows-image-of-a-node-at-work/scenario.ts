import { SECOND_INSTANCE, TWO_INSTANCES } from '../../../scenario';
import { plainOrder, windowsScenario } from '../../scenario';

export default windowsScenario({
  summary: 'an image made of a node while it was at work: the instance of it bootstraps from the start',
  verdict: 'ready',
  exempt: TWO_INSTANCES,
  play: async (lab) => {
    lab.machine.fault('msiexec', 'hang');
    await lab.cutAt('installer', async () => lab.untilCalled('msiexec.exe'));
    await lab.services.change({ instance: { ...lab.services.world.instance, id: SECOND_INSTANCE } });
    await lab.machine.run();
  },
  expect: (seen, check) => {
    const second = { setup: 2 };
    check.equal(seen.order, `setup@1 setup_post_reboot@1 virtual_desktop.install@1!ended ${plainOrder(second)}`, 'steps');
    check.equal(
      seen.signals.map((signal) => `${signal.status} ${signal.uniqueId}`),
      [`SUCCESS ${SECOND_INSTANCE}`],
      'signals',
    );
  },
});
