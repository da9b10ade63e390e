import { NVIDIA } from '../../gpu';
import { windowsScenario } from '../../scenario';

export default windowsScenario({
  summary: 'a GPU of NVIDIA: its driver by its own installer, a restart, the proof, and a DCV server without a display of its own',
  verdict: 'ready',
  ...NVIDIA,
  expect: (seen, check) => {
    const steps = 'setup@1 setup_post_reboot.install@1 setup_post_reboot@2 virtual_desktop.install@2 virtual_desktop@2';
    check.equal(seen.order, `${steps} setup_user_customization@2 virtual_desktop.check@2`, 'steps');
    check.equal(seen.callsTo('nvidia-driver.exe').length, 1, 'installations of the driver');
    check.matches(seen.callsTo('msiexec.exe').join(), /ADDLOCAL=(?!\S*iddDriver)/, 'features of the DCV server');
    check.matches(seen.log('setup_post_reboot'), /the driver of the GPU works/, 'proof');
  },
});
