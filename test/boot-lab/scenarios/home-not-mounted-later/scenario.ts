import { SharedFileSystem } from '../../../../lib';
import { deployTime } from '../../app/node-under-test';
import { DEB_DESKTOP, RPM_DESKTOP, scenario } from '../../scenario';

export default scenario({
  summary: "the file system with the owner's home does not come at a later boot: no session without it, tried again until it is there",
  runsOn: [RPM_DESKTOP, DEB_DESKTOP],
  input: {
    cluster: (stack) => ({
      fileSystems: [SharedFileSystem.nfs({ server: deployTime(stack, 'FileServer'), exportPath: '/exports/home', mountPath: '/home' })],
    }),
    node: () => ({ sessionOwner: 'ada', ownerUid: 1500 }),
    parameters: { FileServer: 'nfs.lab.test' },
  },
  verdict: 'ready',
  exempt: { 'clean boot': 'the mount fails in the second boot' },
  play: async (lab) => {
    const sessions = (): number => (lab.machine.read('/var/lib/lab/dcv-sessions') ?? '').split('\n').length - 1;
    await lab.machine.run();
    await lab.machine.powerOff();
    await lab.services.change({ fileSystemsAvailable: false });
    await lab.machine.run();
    const calls = lab.services.calls.filter((call) => call.service === 'nfs').length;
    const attempts = (): number => lab.services.calls.filter((call) => call.service === 'nfs').length - calls;
    await lab.until('two more attempts, or a session', () => attempts() >= 2 || sessions() > 1);
    lab.notes.without = `${sessions() - 1} sessions`;
    lab.notes.status = (await lab.machine.inside('systemctl', 'show', '--property=StatusText', 'cluster-node-dcv-session')).output.trim();
    await lab.services.change({ fileSystemsAvailable: true });
    await lab.until('the session', () => sessions() >= 2);
    lab.notes.home = (await lab.machine.inside('findmnt', '--mountpoint', '/home')).status === 0 ? 'mounted' : 'not mounted';
  },
  expect: (seen, check) => {
    check.equal(seen.notes.without, '0 sessions', 'sessions without the home');
    check.equal(
      seen.notes.status,
      'StatusText=no DCV session yet: nothing is mounted on /home, where the home of ada lies',
      'status of the unit that makes the session',
    );
    check.equal(seen.notes.home, 'mounted', 'home of the session');
  },
});
