import { scenario, STALE } from '../../scenario';

export default scenario({
  summary: 'an image that has the installs: a node of it asks for no package and downloads nothing',
  verdict: 'ready',
  exempt: { 'phases in order': 'the installs run when the image is made' },
  play: async (lab) => {
    await lab.bake();
    await lab.machine.run();
  },
  expect: (seen, check, { kind }) => {
    const extra = kind === 'desktop' ? 'virtual_desktop' : 'login_node';
    check.equal(seen.notes.baked, '0', 'exit status of the runner that installed');
    check.equal(seen.installs, `setup@1 ${extra}@1`, 'installs');
    check.equal(seen.order, `setup@2 setup_post_reboot@2 ${extra}@2 setup_user_customization@2`, 'phases');
    const told = Object.keys(seen.phaseSeconds).filter((step) => step.endsWith('.install'));
    check.equal(told, [], 'installs whose seconds are told');
    check.that(!seen.log('runner').includes(STALE), 'the image is said to be stale');
    const fetched = seen.calls.filter(({ boot, service }) => boot === 2 && ['packages', 'downloads'].includes(service));
    check.equal(
      fetched.map(({ service, operation }) => `${service} ${operation}`),
      [],
      'packages and downloads of the node',
    );
    const said = seen.calls.filter(
      ({ boot, service, caller }) => boot === 1 && caller === 'bootstrap' && ['ec2', 'cloudformation', 's3'].includes(service),
    );
    check.equal(said.length, 0, 'calls of AWS while the image was made');
    check.equal(
      seen.lines('/var/lib/cluster-node-image/manifest').map((line) => line.split(' ')[0]),
      ['setup', extra],
      'manifest',
    );
  },
});
