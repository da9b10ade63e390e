import { DEB_LOGIN, RPM_DESKTOP, scenario } from '../../scenario';

/** For the desktop that never is. */
const READY_SOON = { '/system/dcv/ready_seconds': 40 };
const MANIFEST = '/var/lib/cluster-node-image/manifest';

export default scenario({
  summary:
    'the image of a NodeImage, built, validated and tested as Image Builder runs its document, with restarts: a node of it installs nothing',
  runsOn: [RPM_DESKTOP, DEB_LOGIN],
  input: { node: () => ({ packages: ['linux-firmware'], configuration: READY_SOON }), builds: true },
  verdict: 'ready',
  withinSeconds: 180,
  exempt: {
    'one true verdict': 'the instance that is tested has none, and wipes that of the node',
    'phases in order': 'the installs run when the image is made, and the phases again when it is tested',
    'ready only after every phase': 'the tests of the image come after the node',
  },
  play: async (lab) => {
    lab.notes.build = await lab.buildImage('build', 'validate');
    lab.notes.builtBoots = String(lab.machine.boots.length);
    await lab.machine.run();
    await lab.machine.powerOff();
    lab.notes.result = lab.machine.read('/var/lib/cluster-node/result') ?? '';
    lab.notes.test = await lab.buildImage('test');
    if (lab.run.variant.kind === 'desktop') lab.machine.write('/var/lib/lab/desktop/one-colour', '');
    else lab.machine.write(MANIFEST, (lab.machine.read(MANIFEST) ?? '').replace(/^setup .*\n/, ''));
    lab.notes.badTest = await lab.buildImage('test');
  },
  expect: (seen, check, { kind }) => {
    check.equal(seen.notes.build, 'Install 194, Install 0, Seal 0, Validate 0', 'steps of the build');
    const waits = seen.boots.map(
      (boot) => seen.trace(boot).running((args) => args.join(' ') === 'timeout 900 cloud-init status --wait').length,
    );
    check.equal(waits, [1, 1, 0, 0, 1, 1, 1, 1], 'times in each boot that a step waited for cloud-init');
    check.equal(seen.notes.result, 'ready\n', 'result of the node');
    check.equal(
      seen.signals.map(({ status }) => status),
      ['SUCCESS'],
      'signals',
    );
    check.equal(
      seen.tagsWritten.map(({ tags }) => tags['cluster-node:State']),
      ['ready'],
      'state tags',
    );
    check.equal(seen.notes.test, 'Test 194, Test 0', 'steps of the test');
    check.equal(seen.notes.badTest, 'Test 194, Test 1', 'steps of the test of an image that lacks an install, or has no usable desktop');
    check.matches(
      seen.notes.lastStep,
      kind === 'desktop'
        ? /failed: phase virtual_desktop: .* the screen of the session \S+ is of one colour\n/
        : /expected the install of setup in the image, and its manifest lacks it\n/,
      'what the test says',
    );
    const node = Number(seen.notes.builtBoots) + 1;
    const extra = kind === 'desktop' ? 'virtual_desktop' : 'login_node';
    check.equal(seen.installs, `setup@1 ${extra}@2${kind === 'login' ? ` setup@${node + 4}` : ''}`, 'installs');
    const tested = (boot: number): string => `setup@${boot} setup_post_reboot@${boot} ${extra}@${boot + 1}`;
    check.equal(
      seen.order,
      `${tested(node)} setup_user_customization@${node + 1} ${tested(node + 2)} ${tested(node + 4)}${kind === 'desktop' ? '!113' : ''}`,
      'phases',
    );
    const told = seen.calls.filter(({ boot, service }) => boot > node + 1 && ['ec2', 'cloudformation', 'autoscaling'].includes(service));
    check.equal(told.length, 0, 'calls of AWS while the image is tested');
    const fetched = seen.calls.filter(
      ({ boot, service }) => [node, node + 1].includes(boot) && ['packages', 'downloads'].includes(service),
    );
    check.equal(fetched.length, 0, 'packages and downloads of the node');
  },
});
