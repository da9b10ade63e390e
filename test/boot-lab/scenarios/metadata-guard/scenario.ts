import { setTimeout as sleep } from 'node:timers/promises';
import type { Lab } from '../../lab';
import { patience } from '../../patience';
import { ALL_VARIANTS, DEB_LOGIN, RPM_DESKTOP, scenario } from '../../scenario';

/** As nobody, from when users are let in. */
const EARLY_USER = `[Unit]
After=systemd-user-sessions.service
[Service]
User=nobody
StandardOutput=truncate:/var/lib/lab/early-user
ExecStart=/usr/bin/python3 -c 'import socket, time; end = time.monotonic() + 6\\nwhile time.monotonic() < end:\\n for address in "169.254.169.254", "fd00:ec2::254":\\n  try: socket.create_connection((address, 80), 1).close(); print("reached", address, flush=True)\\n  except OSError as error: print(type(error).__name__, flush=True)\\n time.sleep(0.05)'
`;

/** What takes every table away, and ends well. */
const FLUSHES = ['nft flush ruleset', 'systemctl restart nftables', 'systemctl reload nftables', 'systemctl stop nftables'];

/** A bridge of containers, whose network is behind this machine. */
const CONTAINER = `set -e
ip netns add container
ip link add to-container type veth peer name eth0 netns container
ip address add 10.98.0.1/24 dev to-container
ip link set to-container up
ip -n container address add 10.98.0.2/24 dev eth0
ip -n container link set eth0 up
ip -n container route add default via 10.98.0.1
echo 1 >/proc/sys/net/ipv4/ip_forward
nft add table ip containers
nft 'add chain ip containers source { type nat hook postrouting priority 100; }'
nft add rule ip containers source ip saddr 10.98.0.0/24 masquerade
ip netns exec container curl --silent --output /dev/null --max-time 3 --resolve packages.lab.test:80:10.99.0.10 http://packages.lab.test/ && echo services
ip netns exec container curl --silent --output /dev/null --max-time 3 http://169.254.169.254/ && echo metadata
ip netns delete container
nft delete table ip containers
`;

export default scenario({
  summary: 'who reaches the metadata service: after each flush of all rules, from a container, and from the start of the next boot',
  runsOn: ALL_VARIANTS,
  smoke: [RPM_DESKTOP, DEB_LOGIN],
  verdict: 'ready',
  play: async (lab) => {
    await lab.machine.run();
    lab.notes.container = (await lab.machine.inside('bash', '-c', CONTAINER)).output.trim();
    for (const flush of FLUSHES) lab.notes[flush] = await secondsOpenAfter(lab, flush);
    lab.notes.afterFlushes = JSON.stringify(await lab.reachMetadata());
    // From the next boot on it empties all tables at some moment.
    await lab.machine.inside('systemctl', 'enable', 'nftables');
    await lab.machine.powerOff();
    lab.machine.write('/etc/systemd/system/early-user.service', EARLY_USER);
    lab.machine.write('/etc/systemd/system/multi-user.target.d/early-user.conf', '[Unit]\nWants=early-user.service\n');
    await lab.machine.run();
    await lab.until('tries of the user', () => (lab.machine.read('/var/lib/lab/early-user') ?? '').split('\n').length > 20);
  },
  expect: (seen, check, { kind }) => {
    check.equal(seen.notes.container, 'services', 'what a container reaches');
    for (const flush of FLUSHES) check.matches(seen.notes[flush], /^closed again$/, `after ${flush}`);
    check.equal(
      seen.notes.afterFlushes,
      JSON.stringify(seen.live?.reachMetadata),
      'who reaches it after the flushes, and after the reboot',
    );
    check.equal(
      seen.lines('/var/lib/lab/early-user').filter((line) => line.startsWith('reached')),
      [],
      'what a user has reached in the second boot',
    );
    check.that(seen.lines('/var/lib/lab/early-user').includes('ConnectionRefusedError'), 'no user was refused in the second boot');
    if (kind === 'desktop') check.that(seen.live?.reachMetadata['fd00:ec2::254'].includes('dcv') === true, 'dcv has no licence');
  },
});

/** `closed again` when the rule is back within a second. */
async function secondsOpenAfter({ machine }: Lab, flush: string): Promise<string> {
  const { status, output } = await machine.inside(...flush.split(' '));
  if (status !== 0) return `${flush} ended with ${status}: ${output}`;
  const end = Date.now() + 1000 * patience();
  for (;;) {
    const { output: tables } = await machine.inside('nft', 'list', 'tables');
    if (tables.includes('cluster_node_metadata')) return 'closed again';
    if (Date.now() > end) return `open for more than a second: ${tables}`;
    await sleep(20);
  }
}
