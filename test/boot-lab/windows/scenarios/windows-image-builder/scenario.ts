import { TWO_INSTANCES } from '../../../scenario';
import { windowsScenario } from '../../scenario';

export default windowsScenario({
  summary:
    'the image of a NodeImage, built, validated and tested as Image Builder runs its document, with a restart: a node of it installs nothing',
  input: { builds: true },
  verdict: 'ready',
  withinSeconds: 180,
  exempt: { ...TWO_INSTANCES, 'no step without a runner': 'Image Builder calls the runner in a script of its own' },
  play: async (lab) => {
    lab.machine.fault('msiexec', 'after 3010');
    lab.notes.build = await lab.buildImage('build', 'validate');
    lab.notes.left = lab.machine.list('C:\\ProgramData\\ClusterNodeImage').join(' ');
    lab.notes.boots = String(lab.machine.boots.length);
    await lab.machine.run();
    lab.notes.test = await lab.buildImage('test');
  },
  expect: (seen, check) => {
    check.equal(seen.notes.build, 'Install 3010, Install 0, Seal 0, Validate 0', 'steps of the build');
    check.equal(seen.notes.left, 'manifest', 'what an image keeps');
    check.equal(
      seen.signals.map((signal) => `${signal.status} ${signal.uniqueId}`),
      ['SUCCESS i-0123456789abcdef0'],
      'signals',
    );
    check.equal(seen.notes.test, 'Test 0', 'steps of the test');
    const boot = Number(seen.notes.boots) + 1;
    const configures = ['setup', 'setup_post_reboot', 'virtual_desktop', 'setup_user_customization', 'virtual_desktop.check'];
    check.equal(seen.order, `virtual_desktop.install@1 ${configures.map((step) => `${step}@${boot}`).join(' ')}`, 'steps');
  },
});
