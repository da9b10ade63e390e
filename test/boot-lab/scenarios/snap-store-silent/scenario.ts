import { DEB_DESKTOP, scenario } from '../../scenario';

/** snapd without its store: who asks is answered late, and who installs is told to wait for half an hour. */
const SNAP = `#!/bin/bash
printf 'snap %s\n' "$*" >>/var/lib/lab/commands
case "$1" in
  info) sleep 5; exit 1 ;;
  install) sleep 1800 ;;
esac
`;

export default scenario({
  summary: 'a snap store that does not answer: the desktop is ready without Firefox, and says so',
  runsOn: [DEB_DESKTOP],
  verdict: 'ready',
  play: async ({ machine }) => {
    machine.write('/usr/bin/snap', SNAP, 0o755);
    await machine.run();
  },
  expect: (seen, check) => {
    check.matches(seen.machine.read('/var/log/cluster-node/virtual_desktop.install.log'), /WARNING the snap store does not answer/, 'log');
    check.that(!seen.commands.includes('snap install firefox'), 'the snap was installed without asking the store');
    check.matches(
      seen.machine.read('/etc/apt/preferences.d/cluster-node-firefox'),
      /^Pin-Priority: -1$/m,
      'pin of the transitional package',
    );
  },
});
