import { mutant, type Mutant } from './mutant';

const SEAL = 'compute_node/seal.sh.j2';
const WIPE = part('wipe');
const IDENTITY = part('identity');
const TRACES = part('traces');
const SWAP = part('swap');
const SHUTDOWN = part('shutdown');

function part(concern: string): string {
  return `templates/linux/image/${concern}.sh.j2`;
}

/** One line of the list is not there. */
function without(name: string, template: string, line: string, failure: RegExp, variant = 'deb-login'): Mutant {
  return mutant(`seal-without-${name}`, template, `${line}\n`, ':\n', `image-two-machines/${variant}`, failure);
}

function changed(name: string, template: string, from: string, to: string, failure: RegExp): Mutant {
  return mutant(`seal-${name}`, template, from, to, 'image-two-machines/deb-login', failure);
}

/** What is taken from an image, one after the other. */
export const SEAL_MUTANTS: readonly Mutant[] = [
  without('host-keys', IDENTITY, '  wipe /etc/ssh/ssh_host_*', /its SSH host key in/),
  without('dcv-certificate', IDENTITY, '  wipe /etc/dcv/*.pem /etc/dcv/*.key', /its certificate of the DCV server in/, 'rpm-desktop'),
  without('dcv-state', IDENTITY, '  wipe /var/lib/dcv/.config/*', /still there: .*\/var\/lib\/dcv\/\.config/),
  without('random-seed', IDENTITY, '  wipe /var/lib/systemd/random-seed', /still there: .*random-seed/),
  without('credential-secret', IDENTITY, '  wipe /var/lib/systemd/credential.secret', /still there: .*credential\.secret/),
  without('cloud-instances', IDENTITY, '  wipe /var/lib/cloud/instance /var/lib/cloud/instances', /still there: .*cloud\/instances/),
  without('cloud-data', IDENTITY, '  wipe /var/lib/cloud/data', /still there: .*cloud\/data/),
  without('cloud-semaphores', IDENTITY, '  wipe /var/lib/cloud/sem', /still there: .*cloud\/sem/),
  without('host-name', IDENTITY, '  wipe /etc/hostname', /still there: .*\/etc\/hostname/),
  without('nvme', IDENTITY, '  wipe /etc/nvme/hostid /etc/nvme/hostnqn', /still there: .*nvme/),
  without('cups', IDENTITY, '  wipe /etc/cups/ssl/*', /still there: .*cups/),
  without('iscsi-of-debian', IDENTITY, '    empty /etc/iscsi/initiatorname.iscsi', /on the volume: .*iscsi/),
  without('iscsi', IDENTITY, '  wipe /etc/iscsi/initiatorname.iscsi', /still there: .*iscsi/, 'rpm-desktop'),
  without('whoopsie', IDENTITY, '  wipe /var/lib/whoopsie/whoopsie-id', /still there: .*whoopsie/),
  without('subscription', IDENTITY, '  wipe /etc/pki/consumer/* /etc/pki/entitlement/*', /still there: .*consumer/, 'rpm-desktop'),
  without(
    'insights',
    IDENTITY,
    '  wipe /etc/insights-client/machine-id /etc/insights-client/.registered',
    /still there: .*insights/,
    'rpm-desktop',
  ),
  without('machine-id', IDENTITY, '  empty /etc/machine-id', /to be empty: .*machine-id/),
  changed('removes-machine-id', IDENTITY, '  empty /etc/machine-id', '  wipe /etc/machine-id', /to be empty: .*machine-id/),
  without('copy-of-machine-id', IDENTITY, '    ln -sf /etc/machine-id /var/lib/dbus/machine-id', /its machine-id in \.\/var\/lib\/dbus/),

  without(
    'histories',
    TRACES,
    '    wipe "${home}"/.*_history "${home}/.lesshst" "${home}/.viminfo" "${home}/.wget-hsts"',
    /there: .*bash_history/,
  ),
  changed('of-root-alone', TRACES, 'home _; do\n', 'home _; do\n    home=/root\n', /there: .*\.python_history.*ubuntu\/\.ssh/),
  without('keys-of-logins', TRACES, '    wipe "${home}/.ssh/authorized_keys" "${home}"/.ssh/known_hosts*', /there: .*authorized_keys/),
  without(
    'crashes',
    TRACES,
    '  wipe /var/lib/systemd/coredump/* /var/crash/* /var/spool/abrt/* /var/lib/apport/coredump/*',
    /there: .*coredump.*crash/,
  ),
  without('mail', TRACES, '  wipe /var/spool/mail/* /var/mail/*', /there: .*mail\/root/),
  without(
    'cloudwatch-agent',
    TRACES,
    '  wipe /opt/aws/amazon-cloudwatch-agent/logs/* /opt/aws/amazon-cloudwatch-agent/var/*',
    /there: .*cloudwatch-agent\/logs.*cloudwatch-agent\/var/,
  ),
  without('logs', TRACES, '  wipe "${files[@]+"${files[@]}"}" /var/log/journal/*', /^logs: |\nlogs: /),
  changed('log-folders', TRACES, '"${files[@]+"${files[@]}"}" /var/log/journal/*', '/var/log/[!wbl]*', /modes of logs/),
  without('logins', TRACES, '    empty "${file}"', /to be empty: .*wtmp.*btmp.*lastlog/),
  without(
    'apt-cache',
    TRACES,
    '  rm -rf -- /var/cache/apt/*.bin /var/cache/apt/archives/*.deb /var/cache/apt/archives/partial/*',
    /there: .*pkgcache/,
  ),
  changed('lists', TRACES, '  folders=(/var/lib/apt/lists/*)\n', '  folders=()\n', /there: .*apt\/lists/),
  mutant('seal-without-dnf-cache', TRACES, '/var/cache/dnf/* ', '', 'image-two-machines/rpm-desktop', /there: .*cache\/dnf/),
  changed('own-cache', TRACES, ' /var/cache/cluster-node\n', '\n', /there: .*cache\/cluster-node/),

  without('swap', SWAP, '      shred --iterations=0 --zero -- "${file}"', /on the volume: .*swapfile/),
  without('new-swap', SWAP, '      mkswap --uuid "${uuid}" -- "${file}" >/dev/null', /the swap file: /),
  changed('free-blocks', WIPE, '-exec shred --force --iterations=0 --zero {} +', '-exec true {} +', /on the volume: .*bash_history/),
  without('proxy', SEAL, "  write_package_proxy '' ''", /its proxy in/),
  without('proxy-of-dnf', SEAL, "  write_package_proxy '' ''", /its proxy in/, 'rpm-desktop'),
  without('bundle', SEAL, '  wipe_bundle', /there: .*\/opt\/cluster-node/),

  without('end', SHUTDOWN, '  systemctl start cluster-node-seal.service', /there: .*amazon\/ssm/),
  changed(
    'before-programs-end',
    SHUTDOWN,
    // Each is enough where it is there.
    'shutdown.target sysinit.target systemd-random-seed.service systemd-update-utmp.service auditd.service',
    'shutdown.target',
    /there: .*\/var\/lib\/amazon\/ssm|logs: .*amazon/,
  ),
  without('journal', SHUTDOWN, '    systemctl restart systemd-journald.service', /logs: .*journal/),
  without('agent', SHUTDOWN, '  wipe /var/lib/amazon/ssm/*', /there: .*amazon\/ssm/),
  without('leases', SHUTDOWN, '  wipe /var/lib/dhcp/*.lease* /var/lib/dhclient/*.lease* /var/lib/dhcpcd/*.lease', /there: .*dhcp/),
  without(
    'network-manager',
    SHUTDOWN,
    '  wipe /var/lib/NetworkManager/*.lease /var/lib/NetworkManager/timestamps /var/lib/NetworkManager/secret_key',
    /there: .*NetworkManager/,
  ),
  without('network', SHUTDOWN, '  wipe_network_of_cloud_init', /there: .*50-cloud-init\.yaml/),
  changed('network-of-team', SHUTDOWN, '&& grep -qi -- "${address}" "${file}"', '&& true', /what stays: /),
  without('temporary-files', SHUTDOWN, '  wipe /tmp/* /var/tmp/*', /there: .*TOE_builder/),
  changed('of-a-node', SEAL, '[[ -e /var/lib/cluster-node/instance-id ]]', 'false', /^seal of a node: /),
  changed('under-the-agent', SEAL, '  wipe_bundle\n', '  wipe_bundle\n  wipe_what_runs\n', /seal, twice: /),
];
