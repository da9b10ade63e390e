import { NVIDIA } from '../../gpu';
import { windowsScenario } from '../../scenario';

export default windowsScenario({
  summary: 'the driver of NVIDIA is installed, and does not answer: failed with what was expected of it',
  verdict: 'failed',
  ...NVIDIA,
  play: async (lab) => {
    lab.machine.fault('nvidia-smi', '*9');
    await NVIDIA.play(lab);
  },
  expect: (seen, check) => {
    check.matches(seen.reason, /GPU driver nvidia_grid: expected 596\.86, WDDM, got '' from nvidia-smi/, 'reason tag');
    check.equal(seen.order, 'setup@1 setup_post_reboot.install@1 setup_post_reboot@2!1', 'steps');
  },
});
