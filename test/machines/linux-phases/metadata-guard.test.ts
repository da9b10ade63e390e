import { NodeOs } from '../../../lib/nodes/node-os';
import { METADATA_SERVICE_USERS } from '../../../lib/values/metadata-users';
import { describeOnMachine, failureOf, Machine, Outcome } from './machine';
import { Node, renderPhase, runPhase } from './phase-scripts';

const AMAZON: Node = { os: NodeOs.AMAZON_LINUX_2023, nodeType: 'compute_node' };
const UBUNTU: Node = { os: NodeOs.UBUNTU_24_04, nodeType: 'dcv_node' };
const GUARD = '/usr/local/sbin/cluster-node-metadata-guard';
const UNITS = ['', '-watch'].map((name) => `/etc/systemd/system/cluster-node-metadata-guard${name}.service`);
const PASSWD = [
  'root:x:0:0::/root:/bin/bash',
  'dcv:x:977:977::/:/bin/false',
  'svc-backup:x:1007:100::/:/bin/sh',
  'maria:x:1008:100::/:/bin/sh',
];

const run = (machine: Machine, node: Node = AMAZON): Promise<Outcome> => runPhase(machine, 'setup', node);
const off = (node: Node): Node => ({ ...node, context: { '/system/metadata/guard': false } });
const withUsers = (): Machine => new Machine().write('/etc/passwd', `${PASSWD.join('\n')}\n`);

afterAll(() => Machine.removeAll());

describeOnMachine('metadata guard', () => {
  test.each([
    ['Amazon Linux 2', { ...AMAZON, os: NodeOs.AMAZON_LINUX_2 }, 'yum'],
    ['Amazon Linux 2023', AMAZON, 'dnf'],
    ['Ubuntu 24.04', UBUNTU, 'apt-get'],
  ])('on %s nftables is the first package, and the rule is set before anything else happens', async (_, node, packageManager) => {
    const outcome = await run(new Machine(), node);
    expect(failureOf(outcome)).toBe('');
    const installs = outcome.calls.filter((call) => call[0] === packageManager && call.includes('install'));
    expect(installs[0].slice(-1)).toEqual(['nftables']);
    const names = outcome.calls.map((call) => call.slice(0, 2).join(' '));
    const configured = names.indexOf('nft -f');
    expect(names.slice(configured)).toEqual(
      expect.arrayContaining(['nft list', 'systemctl daemon-reload', 'systemctl start', 'systemctl restart']),
    );
    expect(names.slice(0, configured).filter((name) => name.startsWith('systemctl enable'))).toEqual([]);
    expect(outcome.calls).toContainEqual(['systemctl', '--quiet', 'enable', 'cluster-node-metadata-guard.service']);
  });

  test('names root and those of the users that the machine has, by their ids', async () => {
    const machine = withUsers();
    expect(failureOf(await run(machine))).toBe('');
    expect(machine.read('/etc/cluster-node/metadata-users')).toBe(`${[...Object.keys(METADATA_SERVICE_USERS), 'svc-backup'].join('\n')}\n`);
    expect(machine.read('/var/lib/machine/table')).toContain('meta skuid { 0, 977, 1007 } return\n');
    expect(machine.ownership('/etc/cluster-node/metadata-users')).toBe('0:0 644');
    expect(machine.ownership(GUARD)).toBe('0:0 755');
  });

  test('both addresses of the service, for the machine itself and for what it forwards', async () => {
    const machine = new Machine();
    await run(machine);
    const table = machine.read('/var/lib/machine/table');
    for (const address of ['ip daddr 169.254.169.254', 'ip6 daddr fd00:ec2::254']) {
      expect(table).toContain(`    ${address} jump others\n`);
      expect(table).toContain(`    ${address} drop\n`);
    }
  });

  test('whatever lets users in needs it, and no socket does, which is before basic.target', async () => {
    const machine = new Machine();
    await run(machine);
    const unit = machine.read(UNITS[0]);
    const before = /^Before=network-pre\.target (.*)$/m.exec(unit)?.[1].split(' ') ?? [];
    expect(before).toEqual(expect.arrayContaining(['sshd.service', 'ssh.service', 'dcvserver.service', 'gdm.service', 'user@.service']));
    expect(before.filter((name) => !name.endsWith('.service'))).toEqual([]);
    expect(/^RequiredBy=(.*)$/m.exec(unit)?.[1].split(' ')).toEqual(before);
    expect(unit).toContain('DefaultDependencies=no\n');
  });

  test('a second run changes nothing', async () => {
    const machine = withUsers();
    await run(machine);
    const table = machine.read('/var/lib/machine/table');
    expect(failureOf(await run(machine))).toBe('');
    expect(machine.read('/var/lib/machine/table')).toBe(table);
  });

  test('without nft the node fails, and says what to do', async () => {
    // The machine under this one may have it.
    const machine = new Machine().link('/usr/local/sbin/nft', '/nowhere').link('/usr/sbin/nft', '/nowhere');
    const outcome = await run(machine);
    expect(outcome.status).not.toBe(0);
    expect(outcome.reason).toMatch(/^metadata guard: expected the command nft, found none; let the image have the package nftables/);
  });

  test('a kernel that does not take the rule is a failure, with its words', async () => {
    const outcome = await run(new Machine().state('nft-problem', 'Error: Could not process rule: Operation not supported'));
    expect(outcome.status).not.toBe(0);
    expect(outcome.reason).toBe('metadata guard: the rule could not be set: Error: Could not process rule: Operation not supported');
  });

  test('an owner who would reach the role is refused', async () => {
    const outcome = await run(new Machine().value('VALUE_DCV_SESSION_OWNER', 'svc-backup'), UBUNTU);
    expect(outcome.status).not.toBe(0);
    expect(outcome.reason).toMatch(/^session owner: svc-backup is one of the users that reach the instance metadata service/);
    expect((await run(new Machine().value('VALUE_DCV_SESSION_OWNER', 'svc-back'), UBUNTU)).status).toBe(0);
  });

  test('switched off, it installs and sets nothing', async () => {
    const machine = new Machine();
    const outcome = await run(machine, off(AMAZON));
    expect(failureOf(outcome)).toBe('');
    expect(machine.exists('/etc/cluster-node/metadata-users')).toBe(false);
    expect(machine.exists(UNITS[0])).toBe(false);
    expect(machine.read('/var/lib/machine/packages')).not.toContain('nftables');
    expect(outcome.calls.filter(([command]) => command === 'nft')).toEqual([]);
  });

  test('switched off, it takes away what an image has of it', async () => {
    const machine = new Machine();
    await run(machine);
    const outcome = await run(machine, off(AMAZON));
    expect(failureOf(outcome)).toBe('');
    expect(UNITS.filter((unit) => machine.exists(unit))).toEqual([]);
    expect(outcome.calls).toContainEqual(['systemctl', '--quiet', 'disable', 'cluster-node-metadata-guard.service']);
    expect(machine.read('/var/lib/machine/table')).toBe('add table inet cluster_node_metadata\ndelete table inet cluster_node_metadata\n');
  });

  test('counts the user dcv before the server starts, for its licence', async () => {
    const { calls } = await new Machine().run(renderPhase('virtual_desktop', UBUNTU));
    const names = calls.map((call) => call.join(' '));
    const loaded = names.indexOf('cluster-node-metadata-guard load');
    expect(loaded).toBeGreaterThan(0);
    expect(names.findIndex((name) => /^systemctl (re)?start .*dcvserver/.test(name))).toBeGreaterThan(loaded);
  });
});
