import { DRIVER_IN_BUCKET } from '../../gpu';
import { RPM_DESKTOP, scenario } from '../../scenario';

export default scenario({
  summary: "NVIDIA's installer fails: the first error of its log is the reason",
  runsOn: [RPM_DESKTOP],
  ...DRIVER_IN_BUCKET,
  verdict: 'failed',
  play: async (lab) => {
    lab.addGpu('0000:00:1e.0', false);
    lab.machine.write('/var/lib/lab/gpu-fault', 'fails');
    await lab.machine.run();
  },
  expect: (seen, check) => {
    check.equal(
      seen.reason,
      "phase setup_post_reboot.install: NVIDIA's installer 580.126.09 ended with status 1: ERROR: Unable to load the kernel module nvidia.ko.",
      'reason',
    );
    check.equal(seen.boots.length, 1, 'boots');
  },
});
