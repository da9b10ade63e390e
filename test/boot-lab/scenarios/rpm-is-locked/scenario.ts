import { RPM_DESKTOP, RPM_LOGIN, scenario } from '../../scenario';

const HOLD_LOCK = `
import fcntl, time
lock = open("/var/lib/rpm/.rpm.lock", "a+")
fcntl.lockf(lock, fcntl.LOCK_EX)
time.sleep(6)
`;

export default scenario({
  summary: 'an update of an agent holds the lock of rpm when the packages are installed: waited for, to ready',
  runsOn: [RPM_DESKTOP, RPM_LOGIN],
  world: () => ({ faults: [{ on: 'packages:*', effect: { kind: 'pause' } }] }),
  verdict: 'ready',
  play: async (lab) => {
    lab.meanwhile(async () => {
      await lab.call('packages');
      await lab.machine.inside('systemd-run', '--quiet', 'python3', '-c', HOLD_LOCK);
      await lab.services.change({ faults: [] });
    });
    await lab.machine.run();
  },
  expect: (seen, check) => {
    check.matches(seen.order, /^setup@1 .*setup_user_customization@1$/, 'phases');
    check.matches(seen.log('setup.install'), /transaction lock on /, 'log of the install');
  },
});
