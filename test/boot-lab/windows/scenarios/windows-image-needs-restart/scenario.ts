import { TWO_INSTANCES } from '../../../scenario';
import { bakeWindows } from '../../baking';
import { windowsScenario } from '../../scenario';

export default windowsScenario({
  summary: 'an image is baked by the runner alone, with the restart that an installer asks for, and its instance installs nothing',
  verdict: 'ready',
  withinSeconds: 180,
  exempt: { ...TWO_INSTANCES, 'no step without a runner': 'the baker calls the runner in a script of its own' },
  play: async (lab) => {
    lab.machine.fault('msiexec', 'after 3010');
    await bakeWindows(lab);
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
