import { NodeOs } from '../../../lib/nodes/node-os';
import { describeOnMachine, failureOf, Machine, Outcome } from './machine';
import { fileSystem, Node, runPhase } from './phase-scripts';

const ROCKY: Node = { os: NodeOs.ROCKY_9, nodeType: 'login_node' };
const withContext = (context: { readonly [key: string]: unknown }, node = ROCKY): Node => ({ ...node, context });
const setup = (machine: Machine, node = ROCKY): Promise<Outcome> => runPhase(machine, 'setup', node);
const login = (machine: Machine, node = ROCKY): Promise<Outcome> => runPhase(machine, 'login_node', node);
const callsOf = (outcome: Outcome, command: string): string[] =>
  outcome.calls.filter(([name]) => name === command).map((call) => call.slice(1).join(' '));

/** Stand-ins that do no more than to be called; the machine writes down who calls them when they begin so. */
const NOTED = '#!/bin/bash\n{ printf %s "${0##*/}"; printf "\\x1f%s" "$@"; printf "\\x1e"; } >>/var/lib/machine/calls\n';

function withSelinux(homesOnNfs = 'off'): Machine {
  return new Machine()
    .kernelFile('fs/selinux/enforce')
    .write('/etc/selinux/config', 'SELINUX=enforcing\nSELINUXTYPE=targeted\n')
    .write('/usr/local/sbin/restorecon', NOTED, 0o755)
    .write('/usr/local/sbin/setenforce', NOTED, 0o755)
    .write('/usr/local/sbin/setsebool', NOTED, 0o755)
    .write('/usr/local/sbin/getsebool', `${NOTED}echo "$1 --> ${homesOnNfs}"\n`, 0o755);
}

/** findmnt says what it is asked for by --mountpoint from the machine's mounts; what type a folder has is made up. */
function onNfs(machine: Machine, folder: string): Machine {
  return machine.write(
    '/usr/local/sbin/findmnt',
    `#!/bin/bash\nif [[ $1 == --noheadings ]]; then if [[ \${@: -1} == ${folder}* ]]; then echo nfs4; else echo xfs; fi; exit; fi\nexec /usr/bin/findmnt "$@"\n`,
    0o755,
  );
}

afterAll(() => Machine.removeAll());

describeOnMachine('platform', () => {
  test('a host name stays over reboots, and goes with the node that had it', async () => {
    const machine = new Machine().write('/usr/local/sbin/hostnamectl', NOTED, 0o755);
    const named = withContext({ '/system/hostname': 'cad-1.example.com' });
    const outcome = await setup(machine, named);
    expect(failureOf(outcome)).toBe('');
    expect(callsOf(outcome, 'hostnamectl')).toEqual(['set-hostname cad-1.example.com']);
    expect(machine.read('/etc/hosts')).toContain('\n127.0.1.1 cad-1.example.com cad-1\n');
    expect(machine.read('/etc/cloud/cloud.cfg.d/99-cluster-node-hostname.cfg')).toBe('preserve_hostname: true\nmanage_etc_hosts: false\n');
    const hosts = machine.read('/etc/hosts');
    expect(failureOf(await setup(machine, named))).toBe('');
    expect(machine.read('/etc/hosts')).toBe(hosts);
    const after = await setup(machine);
    expect(failureOf(after)).toBe('');
    expect(callsOf(after, 'hostnamectl')[0]).toMatch(/^set-hostname \S+$/);
    expect(machine.read('/etc/hosts')).not.toContain('127.0.1.1');
    expect(machine.exists('/etc/cloud/cloud.cfg.d/99-cluster-node-hostname.cfg')).toBe(false);
    expect(callsOf(await setup(machine), 'hostnamectl')).toEqual([]);
  });

  test('a host name that only CloudFormation knew and that is none ends the phase', async () => {
    const machine = new Machine().write('/usr/local/sbin/hostnamectl', NOTED, 0o755);
    const outcome = await setup(machine, withContext({ '/system/hostname': 'a b' }));
    expect(outcome.reason).toMatch(/^expected a host name of at most 64 letters, .* got 'a b'$/);
  });

  test('limits hold for logins and for what a desktop starts, until a node has none', async () => {
    const machine = new Machine();
    const limits = [{ item: 'memlock', value: 'unlimited', setting: 'LimitMEMLOCK', setting_value: 'infinity' }];
    expect(failureOf(await setup(machine, withContext({ '/system/limits': limits })))).toBe('');
    expect(machine.read('/etc/security/limits.d/95-cluster-node.conf')).toContain('\n* - memlock unlimited\n');
    expect(machine.read('/etc/systemd/system/user@.service.d/cluster-node-limits.conf')).toContain('\n[Service]\nLimitMEMLOCK=infinity\n');
    expect(failureOf(await setup(machine))).toBe('');
    expect(machine.exists('/etc/security/limits.d/95-cluster-node.conf')).toBe(false);
    expect(machine.exists('/etc/systemd/system/user@.service.d/cluster-node-limits.conf')).toBe(false);
  });

  test('SELinux stays, or becomes permissive for this boot and the next ones', async () => {
    const machine = withSelinux();
    const outcome = await setup(machine);
    expect(failureOf(outcome)).toBe('');
    expect(callsOf(outcome, 'setenforce')).toEqual([]);
    expect(machine.read('/etc/selinux/config')).toContain('SELINUX=enforcing\n');
    const relaxed = await setup(machine, withContext({ '/system/selinux': false }));
    expect(callsOf(relaxed, 'setenforce')).toEqual(['0']);
    expect(machine.read('/etc/selinux/config')).toBe('SELINUX=permissive\nSELINUXTYPE=targeted\n');
  });

  test.each([
    ['/home', 'off', ['-P use_nfs_home_dirs on']],
    ['/home', 'on', []],
    ['/home/projects', 'off', ['-P use_nfs_home_dirs on']],
    ['/data', 'off', []],
  ])('SELinux, a file system on %s: homes may be on NFS (it was %s)', async (mountPath, state, calls) => {
    const machine = onNfs(withSelinux(state), mountPath).value('VALUE_CONFIGURATION_FILE_SYSTEMS_SHARED_MOUNT_TARGET', 'fs.example.com');
    const node = withContext({
      '/configuration/FileSystems': [fileSystem('shared', { mount_path: mountPath, mount_target: 'fs.example.com' })],
    });
    const outcome = await setup(machine, node);
    expect(failureOf(outcome)).toBe('');
    expect(callsOf(outcome, 'setsebool')).toEqual(calls);
  });

  test('SELinux, a file system that is not there and need not be: the node goes on', async () => {
    const machine = withSelinux()
      .state('mount-failures', 99)
      .value('VALUE_CONFIGURATION_FILE_SYSTEMS_SHARED_MOUNT_TARGET', 'fs.example.com');
    const shared = { mount_path: '/home/projects', mount_target: 'fs.example.com', on_failure: 'ignore', timeout_seconds: 1 };
    const outcome = await setup(machine, withContext({ '/configuration/FileSystems': [fileSystem('shared', shared)] }));
    expect(failureOf(outcome)).toBe('');
    expect(callsOf(outcome, 'setsebool')).toEqual([]);
  });

  test('a firewall stays, or is off in this boot and the next ones', async () => {
    const machine = new Machine()
      .write('/var/lib/machine/units/firewalld.service', '')
      .write('/var/lib/machine/active/firewalld.service', '');
    expect(callsOf(await setup(machine), 'systemctl').filter((call) => call.includes('firewalld'))).toEqual([]);
    const outcome = await setup(machine, withContext({ '/system/firewall': false }));
    expect(callsOf(outcome, 'systemctl').filter((call) => call.includes('firewalld'))).toEqual([
      'cat firewalld.service',
      'disable --quiet firewalld.service',
      'stop --no-block firewalld.service',
    ]);
  });

  test('a port of SSH that is not 22 is opened in a firewall; 22 is left to who configures it', async () => {
    const machine = new Machine().write('/var/lib/machine/active/firewalld.service', '');
    expect(callsOf(await login(machine), 'firewall-cmd')).toEqual([]);
    const outcome = await login(machine.state('ssh-port', 2222));
    expect(failureOf(outcome)).toBe('');
    expect(callsOf(outcome, 'firewall-cmd')).toEqual(['--quiet --permanent --add-port=2222/tcp', '--quiet --add-port=2222/tcp']);
  });

  const sshd = (settings: string): string => `#!/bin/bash\nif [[ $1 == -T ]]; then printf '${settings}'; fi\n`;
  const listens = (...ports: number[]): string =>
    `#!/bin/bash\nfor port in ${ports.join(' ')}; do if [[ $* == *":$port" ]]; then echo LISTEN; fi; done\n`;

  test('a server that listens on a port of its addresses alone is there', async () => {
    const machine = new Machine()
      .write('/usr/local/sbin/sshd', sshd('port 22\\nlistenaddress 10.0.0.5:2222\\nlistenaddress [::1]:2223\\n'), 0o755)
      .write('/usr/local/sbin/ss', listens(2222, 2223), 0o755);
    expect(failureOf(await login(machine))).toBe('');
    machine.write('/usr/local/sbin/ss', listens(22, 2222), 0o755);
    expect((await login(machine)).reason).toBe('the SSH server does not listen on port 2223 after 120 s');
  });

  test('where systemd listens for the server, its port counts', async () => {
    const machine = new Machine()
      .write('/var/lib/machine/enabled/ssh.socket', '')
      .write('/var/lib/machine/active/ssh.socket', '')
      .write('/usr/local/sbin/sshd', sshd('port 22\\nlistenaddress 0.0.0.0:22\\n'), 0o755)
      .write('/usr/local/sbin/ss', listens(2200, 2201), 0o755);
    const systemctl = machine.read('/usr/local/sbin/systemctl');
    machine.write(
      '/usr/local/sbin/systemctl',
      systemctl.replace('case "$verb" in', 'case "$verb" in\n      show) echo "Listen=0.0.0.0:2200 (Stream) [::]:2201 (Stream)" ;;'),
      0o755,
    );
    expect(failureOf(await login(machine, { os: NodeOs.UBUNTU_24_04, nodeType: 'login_node' }))).toBe('');
  });
});
