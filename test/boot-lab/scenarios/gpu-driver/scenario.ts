import { DRIVER_IN_BUCKET } from '../../gpu';
import { DEB_DESKTOP, RPM_DESKTOP, scenario } from '../../scenario';

export default scenario({
  summary: 'a GPU whose driver is installed from a bucket: a restart, the proof, and a desktop that shares it',
  runsOn: [RPM_DESKTOP, DEB_DESKTOP],
  ...DRIVER_IN_BUCKET,
  verdict: 'ready',
  play: async (lab) => {
    lab.addGpu('0000:31:00.0', false);
    await lab.machine.run();
  },
  expect: (seen, check) => {
    check.equal(seen.boots.length, 2, 'boots');
    check.equal(seen.installs, 'setup@1 setup_post_reboot@1 virtual_desktop@2', 'installs');
    check.equal(seen.installed.filter((name) => name === 'nice-dcv-gl').length, 1, 'times that GPU sharing was installed');
    check.matches(seen.machine.read('/etc/X11/xorg.conf'), /BusID "PCI:49:0:0"/, 'X configuration');
    check.matches(seen.machine.read('/etc/modprobe.d/cluster-node-nouveau.conf'), /^blacklist nouveau$/m, 'modules that are not loaded');
    check.matches(seen.machine.read('/etc/modprobe.d/cluster-node-nvidia.conf'), /NVreg_EnableGpuFirmware=0$/m, 'options of the module');
  },
});
