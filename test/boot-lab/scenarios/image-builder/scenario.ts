import { DEB_LOGIN, RPM_DESKTOP, scenario } from '../../scenario';

const MANIFEST = '/var/lib/cluster-node-image/manifest';

export default scenario({
  summary:
    'the image of a NodeImage, built, validated and tested as Image Builder runs its document, with a restart: a node of it installs nothing',
  runsOn: [RPM_DESKTOP, DEB_LOGIN],
  input: { node: () => ({ packages: ['linux-firmware'] }), builds: true },
  verdict: 'ready',
  withinSeconds: 180,
  exempt: {
    'phases in order': 'the installs run when the image is made',
    'ready only after every phase': 'the last test of the image installs once more',
  },
  play: async (lab) => {
    lab.notes.build = await lab.buildImage('build', 'validate');
    lab.notes.builtBoots = String(lab.machine.boots.length);
    await lab.machine.run();
    await lab.machine.powerOff();
    lab.notes.test = await lab.buildImage('test');
    const [first, ...others] = (lab.machine.read(MANIFEST) ?? '').split('\n');
    lab.machine.write(MANIFEST, others.join('\n'));
    lab.notes.testWithout = `${first.split(' ')[0]}: ${await lab.buildImage('test')}`;
  },
  expect: (seen, check, { kind }) => {
    check.equal(seen.notes.build, 'Install 194, Install 0, Seal 0, Validate 0', 'steps of the build');
    check.equal(seen.notes.test, 'Test 0', 'steps of the test');
    check.equal(seen.notes.testWithout, 'setup: Test 1', 'steps of the test of an image that lacks an install');
    const node = Number(seen.notes.builtBoots) + 1;
    const extra = kind === 'desktop' ? 'virtual_desktop' : 'login_node';
    check.equal(seen.installs, `setup@1 ${extra}@2 setup@${node + 2}`, 'installs');
    check.equal(seen.order, `setup@${node} setup_post_reboot@${node} ${extra}@${node} setup_user_customization@${node}`, 'phases');
    const fetched = seen.calls.filter(({ boot, service }) => boot === node && ['packages', 'downloads'].includes(service));
    check.equal(fetched.length, 0, 'packages and downloads of the node');
  },
});
