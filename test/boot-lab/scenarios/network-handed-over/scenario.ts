import { DEB_DESKTOP, scenario } from '../../scenario';

/** What ubuntu-settings and network-manager do beside bringing files: without a netplan file of the node, networkd loses the interface. */
const HANDOVER = `#!/bin/bash
if ! grep -qs 'renderer: networkd' /etc/netplan/00-network-manager-all.yaml || ! grep -qs 'unmanaged-devices=.*eth' /etc/NetworkManager/conf.d/*; then
  ip address flush dev eth0
  ip link set eth0 down
fi
`;

export default scenario({
  summary: 'a desktop whose packages would take the interface from networkd to NetworkManager: the node keeps its network',
  runsOn: [DEB_DESKTOP],
  verdict: 'ready',
  play: async ({ machine }) => {
    machine.write('/usr/lib/boot-lab/installed/ubuntu-desktop-minimal', HANDOVER, 0o755);
    await machine.run();
  },
  expect: (seen, check) => {
    check.matches(seen.machine.read('/etc/netplan/00-network-manager-all.yaml'), /^  renderer: networkd$/m, 'netplan file');
  },
});
