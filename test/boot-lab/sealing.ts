import { execFileSync, spawnSync } from 'node:child_process';
import type { Family } from './app/node-under-test';
import { Check, Misbehaviour } from './check';
import type { Lab } from './lab';
import { MACHINE_MAC } from './services/imds';

/** What every trace of the builder says, before the path that it was written to. */
const SAYS = 'left by the builder in';
/** What the machine that an image is made of calls itself. */
export const BUILDER_NAME = 'ip-10-99-0-77';
const SWAP = '/swapfile';
const SWAP_UUID = '11111111-2222-3333-4444-555555555555';

/** Files of a machine at work, as programs that the lab does not have leave them. All have to go. */
export function tracesOf(family: Family): readonly string[] {
  const user = family === 'deb' ? '/home/ubuntu' : '/home/ec2-user';
  return [
    '/var/lib/dcv/.config/dcv/identity',
    '/var/lib/systemd/credential.secret',
    '/var/lib/cloud/instances/i-0builder/user-data.txt',
    '/var/lib/cloud/data/builder',
    '/var/lib/cloud/sem/builder.once',
    '/etc/hostname',
    '/etc/nvme/hostid',
    '/etc/cups/ssl/builder.key',
    '/root/.bash_history',
    `${user}/.python_history`,
    '/root/.lesshst',
    '/root/.viminfo',
    '/root/.wget-hsts',
    '/root/.ssh/authorized_keys',
    `${user}/.ssh/authorized_keys`,
    '/root/.ssh/known_hosts',
    '/var/lib/systemd/coredump/core.bash.0.zst',
    '/var/crash/_usr_bin_program.0.crash',
    '/var/mail/root',
    '/opt/aws/amazon-cloudwatch-agent/logs/state/builder',
    '/opt/aws/amazon-cloudwatch-agent/var/builder',
    '/var/log/audit/audit.log',
    ...(family === 'deb'
      ? ['/var/lib/whoopsie/whoopsie-id']
      : ['/etc/iscsi/initiatorname.iscsi', '/etc/pki/consumer/cert.pem', '/etc/pki/entitlement/1.pem', '/etc/insights-client/machine-id']),
  ];
}

/** What is written again, or for the first time, when the machine shuts down. */
export const LATE_TRACES: readonly string[] = [
  '/var/lib/amazon/ssm/i-0builder/document/state/completed/builder',
  '/var/lib/systemd/random-seed',
  '/var/lib/NetworkManager/timestamps',
  '/var/lib/NetworkManager/internal-eth0.lease',
  '/var/lib/dhcp/dhclient.eth0.leases',
  '/var/lib/dhclient/dhclient--eth0.lease',
  '/var/tmp/TOE_builder/console.log',
  '/var/log/amazon/ssm/amazon-ssm-agent.log',
];

/** Settings of the network that hold for this machine's interface alone. */
export const NETWORK_TRACES: readonly string[] = [
  '/etc/netplan/50-cloud-init.yaml',
  '/etc/NetworkManager/system-connections/cloud-init-eth0.nmconnection',
  '/etc/udev/rules.d/70-persistent-net.rules',
];

/** Caches, which hold nothing of the builder, but take room. */
export function cachesOf(family: Family): readonly string[] {
  return [
    '/var/cache/PackageKit/builder',
    '/var/cache/cluster-node/builder',
    ...(family === 'deb'
      ? ['/var/cache/apt/archives/builder.deb', '/var/cache/apt/pkgcache.bin', '/var/lib/apt/lists/builder']
      : ['/var/cache/dnf/builder']),
  ];
}

/** What an image has on purpose. */
export const KEPT: readonly string[] = [
  '/var/lib/cloud/scripts/per-boot/team.sh',
  '/etc/netplan/60-team.yaml',
  '/var/lib/cluster-node-image/manifest',
];

const EMPTIED = ['/var/log/wtmp', '/var/log/btmp', '/var/log/lastlog'];
/** What has to stay of logs: owner and mode. */
const MODES = {
  'var/log/wtmp': 'root:utmp 664',
  'var/log/btmp': 'root:utmp 660',
  'var/log/lastlog': 'root:utmp 664',
  'var/log/team': 'daemon:adm 2750',
};

/**
 * Leaves on the builder, which is up, what a real one has: traces, and programs that run, and write again when they end. The agent is
 * told of by its service and a file of its state.
 */
export async function leaveTraces(lab: Lab, family: Family): Promise<void> {
  const words = (paths: readonly string[]): string => paths.map((path) => `'${path}'`).join(' ');
  // Not in one piece: the text of this script is none of the traces.
  const say = `say() { mkdir -p "$(dirname "$1")"; printf '%s %s\\n' "left by the builder"" in" "$1" >>"$1"; }`;
  const script = `set -eu
${say}
for file in ${words([...tracesOf(family), ...LATE_TRACES, ...EMPTIED].filter((path) => path !== '/etc/hostname'))}; do say "$file"; done
for file in ${words(cachesOf(family))}; do mkdir -p "$(dirname "$file")"; : >>"$file"; done
for file in ${words(NETWORK_TRACES)}; do mkdir -p "$(dirname "$file")"; echo 'macaddress: ${MACHINE_MAC}' >"$file"; done
mkdir -p /var/lib/cloud/scripts/per-boot /etc/netplan /etc/iscsi /var/lib/dbus
echo '#!/bin/sh' >/var/lib/cloud/scripts/per-boot/team.sh
echo 'network: {}' >/etc/netplan/60-team.yaml
${family === 'deb' ? 'say /etc/iscsi/initiatorname.iscsi' : ''}
echo ${BUILDER_NAME} >/etc/hostname
rm -f /var/lib/dbus/machine-id
cp /etc/machine-id /var/lib/dbus/machine-id
install -d -o daemon -g adm -m 2750 /var/log/team
say /var/log/team/log
head -c 262144 /dev/zero >${SWAP}
chmod 600 ${SWAP}
mkswap -U ${SWAP_UUID} ${SWAP} >/dev/null 2>&1
printf 'left by the builder'' in ${SWAP}\\n' | dd of=${SWAP} bs=4096 seek=8 conv=notrunc status=none
echo '${SWAP} none swap noauto 0 0' >>/etc/fstab
mkdir -p /run/lab
cat >/run/lab/agent <<'AGENT'
${say}
# Longer than the seal takes, should it not wait.
trap 'sleep 5; for file in ${words(LATE_TRACES).replaceAll("'", '"')}; do say "$file"; done; exit 0' TERM
while true; do sleep 1; done
AGENT
cat >/run/systemd/system/amazon-ssm-agent.service <<'UNIT'
[Service]
ExecStart=/bin/bash /run/lab/agent
UNIT
# The unit is not for containers, and would stir the host's pool.
mkdir -p /run/systemd/system/systemd-random-seed.service.d
cat >/run/systemd/system/systemd-random-seed.service.d/lab.conf <<'UNIT'
[Unit]
ConditionVirtualization=
[Service]
ExecStart=
ExecStart=/bin/true
ExecStop=
ExecStop=/bin/bash -c '. /run/lab/say; say /var/lib/systemd/random-seed'
UNIT
echo '${say.replaceAll("'", `'"'"'`)}' >/run/lab/say
systemctl daemon-reload
systemctl start amazon-ssm-agent.service systemd-random-seed.service
mkdir -p /etc/dcv
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=dcv -keyout /etc/dcv/dcv.key -out /etc/dcv/dcv.pem 2>/dev/null
sync
`;
  const { status, stderr } = await lab.machine.service(script);
  if (status !== 0) throw new Error(`the traces could not be left on the builder: ${stderr}`);
}

/** Runs the seal as an agent of the machine does, and once more; notes the statuses and what has to go on running. */
export async function seal(lab: Lab, script: string): Promise<void> {
  const { status, stdout, stderr } = await lab.machine.service(`cp ${script} /run/lab/seal.sh
bash ${script}; echo "first $?"
bash /run/lab/seal.sh; echo "second $?"
systemctl is-active amazon-ssm-agent.service
if [ -e ${LATE_TRACES[0]} ]; then echo 'its state is there'; fi
ip -brief -4 address show eth0 | grep -c 10.99.0.5/`);
  lab.notes.sealed = `${stdout.trim().replaceAll('\n', ', ')}${status === 0 ? '' : ` (${status}) ${stderr.slice(-500)}`}`;
}

/**
 * Searches the image of the machine, which is off, for anything of the builder: files by name, by text, and what is on the volume, in
 * free blocks, too. An image with something in it is not booted.
 */
export function searchImage(lab: Lab, volume: string, family: Family, ofBuilder: Readonly<Record<string, string>>): void {
  const { machine } = lab;
  const check = new Check();
  const present = (paths: readonly string[]): readonly string[] => paths.filter((path) => machine.has(path));
  const gone = [...tracesOf(family), ...LATE_TRACES, ...NETWORK_TRACES, ...cachesOf(family)];
  const ours = ['/opt/cluster-node', '/var/lib/cluster-node', '/var/log/cluster-node'];
  check.equal(present([...gone, ...ours]), [], 'what is still there');
  check.equal(present(KEPT), KEPT, 'what stays');
  check.equal(
    [...EMPTIED, '/etc/machine-id'].filter((path) => machine.read(path) !== ''),
    [],
    'files that are to be empty',
  );
  check.equal(inRoot(lab, 'find', 'var/log', '-type', 'f', '-size', '+0'), [], 'logs');
  check.equal(
    inRoot(lab, 'stat', '--format=%n %U:%G %a', ...Object.keys(MODES)),
    Object.entries(MODES).map((each) => each.join(' ')),
    'modes of logs',
  );
  check.equal(inRoot(lab, 'blkid', '-o', 'value', '-s', 'UUID', SWAP.slice(1)), [SWAP_UUID], 'the swap file');
  const found = Object.entries(ofBuilder).flatMap(([what, text]) => filesWith(lab, text).map((file) => `${what} in ${file}`));
  check.equal(found, [], 'files with something of the builder');
  const { stdout } = spawnSync('grep', ['-aoh', `${SAYS} [-/._A-Za-z0-9]*`, volume], { encoding: 'utf8', maxBuffer: 1 << 26 });
  check.equal([...new Set(linesOf(stdout))], [], 'what is still on the volume');
  if (check.failures.length > 0) throw new Misbehaviour(check.failures.join('\n'));
}

/** Files that the machine wrote whose name or text has this in it, without those of the lab. */
function filesWith({ machine }: Lab, text: string): readonly string[] {
  const cwd = machine.disk.written;
  const options = { cwd, encoding: 'utf8', maxBuffer: 1 << 26 } as const;
  const inText = spawnSync('grep', ['-rlaF', '--exclude-dir=lab', '-e', text, '.'], options).stdout;
  const inName = execFileSync('find', ['.', '-path', './var/lib/lab', '-prune', '-o', '-name', `*${text}*`, '-print'], options);
  return linesOf(`${inText}${inName}`);
}

function inRoot({ machine }: Lab, command: string, ...args: string[]): readonly string[] {
  const { stdout, stderr } = spawnSync(command, args, { cwd: machine.root, encoding: 'utf8' });
  return linesOf(`${stdout}${stderr}`);
}

function linesOf(text: string): readonly string[] {
  return text.split('\n').filter((line) => line !== '');
}

/** What must not be the same on two machines of one image. */
export function identityOf({ machine }: Lab, isDesktop: boolean): Readonly<Record<string, string | undefined>> {
  return {
    'machine-id': machine.read('/etc/machine-id'),
    'SSH host key': machine.read('/etc/ssh/ssh_host_ed25519_key.pub'),
    ...(isDesktop ? { 'certificate of the DCV server': machine.read('/etc/dcv/dcv.pem') } : {}),
  };
}
