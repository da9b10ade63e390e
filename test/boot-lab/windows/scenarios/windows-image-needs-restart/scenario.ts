import { TWO_INSTANCES } from '../../../scenario';
import { BAKE_STATUSES, bakeUserData } from '../../baking';
import { windowsScenario } from '../../scenario';

export default windowsScenario({
  summary: 'an image is baked by the runner alone, with the restart that an installer asks for, and its instance installs nothing',
  verdict: 'ready',
  withinSeconds: 180,
  exempt: { ...TWO_INSTANCES, 'no step without a runner': 'the baker calls the runner in a script of its own' },
  play: async (lab) => {
    const { instance } = lab.services.world;
    lab.machine.fault('msiexec', 'after 3010');
    const userData = Buffer.from(bakeUserData(lab)).toString('base64');
    await lab.services.change({ instance: { ...instance, id: 'i-0babe0babe0babe00', userData } });
    await lab.machine.run();
    lab.notes.statuses = (lab.machine.read(BAKE_STATUSES) ?? '').trim();
    lab.notes.left = lab.machine.list('C:\\ProgramData\\ClusterNodeImage').join(' ');
    await lab.services.change({ instance });
    await lab.machine.run();
  },
  expect: (seen, check) => {
    check.equal(seen.notes.statuses, '3010 0', 'exit codes of the runner');
    check.equal(seen.notes.left, 'manifest', 'what an image keeps');
    const configures = 'setup@3 setup_post_reboot@3 virtual_desktop@3 setup_user_customization@3 virtual_desktop.check@3';
    check.equal(seen.order, `virtual_desktop.install@1 ${configures}`, 'steps');
    check.equal(
      seen.signals.map((signal) => `${signal.status} ${signal.uniqueId}`),
      ['SUCCESS i-0123456789abcdef0'],
      'signals',
    );
  },
});
