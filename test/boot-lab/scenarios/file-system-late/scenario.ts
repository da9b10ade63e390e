import { SharedFileSystem } from '../../../../lib';
import { deployTime } from '../../app/node-under-test';
import { DEB_LOGIN, RPM_DESKTOP, scenario } from '../../scenario';

export default scenario({
  summary: 'the shared file system answers only after a while, and again after the reboot: waited for, to ready',
  runsOn: [RPM_DESKTOP, DEB_LOGIN],
  input: {
    cluster: (stack) => ({
      fileSystems: [SharedFileSystem.nfs({ server: deployTime(stack, 'FileServer'), exportPath: '/exports/apps', mountPath: '/apps' })],
    }),
    node: () => ({ packages: ['linux-firmware'] }),
    parameters: { FileServer: 'nfs.lab.test' },
  },
  world: () => ({ fileSystemsAvailable: false }),
  verdict: 'ready',
  play: async (lab) => {
    lab.meanwhile(async () => {
      await lab.call('nfs');
      await lab.call('nfs');
      await lab.services.change({ fileSystemsAvailable: true });
    });
    await lab.machine.run();
  },
  expect: (seen, check, { kind }) => {
    const extra = kind === 'desktop' ? 'virtual_desktop' : 'login_node';
    check.equal(seen.order, `setup@2 setup_post_reboot@2 ${extra}@2 setup_user_customization@2`, 'phases');
    check.that(seen.live?.mounts.some((line) => /^\/apps +/.test(line)) === true, 'nothing is mounted on /apps');
    const mounts = seen.callsOf('nfs');
    check.equal(mounts.filter((call) => call.status === 503).length, 2, 'mounts that were refused');
    check.matches(mounts[0]?.arguments.options, /nfsvers=4\.1.*hard.*noresvport/, 'mount options');
    check.equal(mounts[0]?.arguments.source, 'nfs.lab.test:/exports/apps', 'what was mounted');
    check.equal(seen.lines('/etc/fstab').filter((line) => line.includes('nfs.lab.test')).length, 1, 'lines in /etc/fstab');
  },
});
