import { TWO_INSTANCES } from '../../../scenario';
import { windowsScenario } from '../../scenario';

export default windowsScenario({
  summary:
    'the image of a NodeImage, built, validated and tested as Image Builder runs its document, with restarts: a node of it installs nothing',
  input: { builds: true },
  verdict: 'ready',
  withinSeconds: 180,
  exempt: {
    ...TWO_INSTANCES,
    'no step without a runner': 'Image Builder calls the runner in a script of its own',
    'metadata guarded': 'the instance that is tested has the disk of the node, with an owner more',
  },
  play: async (lab) => {
    lab.machine.fault('msiexec', 'after 3010');
    lab.notes.build = await lab.buildImage('build', 'validate');
    lab.notes.left = lab.machine.list('C:\\ProgramData\\ClusterNodeImage').join(' ');
    lab.notes.boots = String(lab.machine.boots.length);
    await lab.machine.run();
    lab.machine.fault('dcvserver', '*1067');
    lab.notes.badTest = await lab.buildImage('test');
    lab.machine.fault('dcvserver');
    lab.updateWaitsIn(lab.machine.boots.length + 1);
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
    check.equal(seen.notes.test, 'Test 3010, Test 0', 'steps of the test');
    check.equal(seen.notes.badTest, 'Test 1', 'steps of the test of an image whose DCV server does not start');
    const boot = Number(seen.notes.boots) + 1;
    const of = (steps: readonly string[], number: number): string => steps.map((step) => `${step}@${number}`).join(' ');
    const ofNode = ['setup', 'setup_post_reboot', 'virtual_desktop', 'setup_user_customization', 'virtual_desktop.check'];
    const ofBadTest = of(['setup', 'setup_post_reboot', 'virtual_desktop'], boot + 1);
    const ofTest = `setup@${boot + 2} ${of(['setup_post_reboot', 'virtual_desktop', 'virtual_desktop.check'], boot + 3)}`;
    check.equal(seen.order.replace(/!\d+/g, ''), `virtual_desktop.install@1 ${of(ofNode, boot)} ${ofBadTest} ${ofTest}`, 'steps');
  },
});
