import { setTimeout as sleep } from 'node:timers/promises';
import { DEB_DESKTOP, RPM_LOGIN, scenario } from '../../scenario';

export default scenario({
  summary: 'no names resolve when the bootstrap starts, and the cable is out when it goes on after a reboot: waited for, to ready',
  runsOn: [DEB_DESKTOP, RPM_LOGIN],
  input: { node: () => ({ packages: ['linux-firmware'] }) },
  verdict: 'ready',
  withinSeconds: 120,
  waits: true,
  play: async (lab) => {
    lab.meanwhile(async () => {
      await lab.call('imds');
      lab.services.stopNames();
      await sleep(8000);
      lab.services.startNames();
    });
    lab.meanwhile(async () => {
      await lab.until('the second boot', () => lab.machine.boots.length === 2);
      lab.machine.unplug();
      await sleep(10_000);
      lab.machine.plugBackIn();
    });
    await lab.machine.run();
  },
  expect: (seen, check, { kind }) => {
    const extra = kind === 'desktop' ? 'virtual_desktop' : 'login_node';
    check.equal(seen.order, `setup@2 setup_post_reboot@2 ${extra}@2 setup_user_customization@2`, 'phases');
  },
});
