import { DRIVER_IN_BUCKET } from '../../gpu';
import { RPM_DESKTOP, scenario } from '../../scenario';

export default scenario({
  summary: 'a driver that was installed and does not load: the node fails and says so, and no desktop is promised',
  runsOn: [RPM_DESKTOP],
  ...DRIVER_IN_BUCKET,
  verdict: 'failed',
  play: async (lab) => {
    lab.addGpu('0000:00:1e.0', false);
    lab.machine.write('/var/lib/lab/gpu-fault', 'not-loaded');
    await lab.machine.run();
  },
  expect: (seen, check) => {
    check.matches(seen.reason, /^phase setup_post_reboot: GPU driver nvidia_grid: the module does not load: /, 'reason');
    check.equal(seen.installed.includes('nice-dcv-server'), false, 'whether DCV was installed');
  },
});
