import { spawnSync } from 'child_process';
import * as fs from 'fs';
import * as vm from 'vm';
import { NodeOs } from '../../../lib/nodes/node-os';
import { SecretReference } from '../../../lib/templates/value-kinds';
import { describeOnMachine, failureOf, Machine, Outcome, SECRET } from './machine';
import { INSTANCE_ID } from '../surroundings';
import { fileSystem, Node, renderPhase } from './phase-scripts';

const FILE = '/var/lib/cluster-node/owner-password';
const AMAZON: Node = { os: NodeOs.AMAZON_LINUX_2023, nodeType: 'dcv_node' };
const UBUNTU: Node = { os: NodeOs.UBUNTU_24_04, nodeType: 'dcv_node' };
const withContext = (context: { readonly [key: string]: unknown }): Node => ({ ...AMAZON, context });

/** Runs the phase of a desktop as far as the owner's account goes. */
function run(machine: Machine, node: Node = AMAZON): Promise<Outcome> {
  const script = renderPhase('virtual_desktop', node);
  const [beginning] = script.split('\n  gpu="$(usable_gpu)"\n');
  expect(beginning).not.toBe(script);
  return machine.run(`${beginning}\n}\n\nmain "$@"\n`);
}

const stored = (machine: Machine): string[] => machine.read(FILE).trimEnd().split('\n');
const hashOf = (machine: Machine): string => /^maria:([^:]*):/m.exec(machine.read('/etc/shadow'))![1];
/** Whether the account has that password. */
function opens(machine: Machine, password: string): boolean {
  const hash = hashOf(machine);
  const { stdout } = spawnSync('perl', ['-e', 'print crypt(<STDIN>, $ARGV[0])', hash], { encoding: 'utf8', input: password });
  return stdout === hash;
}
const addUser = (machine: Machine, line: string): Machine =>
  machine.write('/etc/passwd', `${fs.readFileSync('/etc/passwd', 'utf8')}${line}\n`);
function addHome(machine: Machine, uid: number, gid: number): Machine {
  machine.write('/home/maria/theirs', 'x');
  for (const file of ['/home/maria', '/home/maria/theirs']) fs.chownSync(machine.path(file), uid, gid);
  return machine;
}
const idsOf = (machine: Machine): string => /^maria:x:(\d+:\d+):/m.exec(machine.read('/etc/passwd'))![1];

afterAll(() => Machine.removeAll());

describeOnMachine('password of the owner', () => {
  test('is made once, for root alone, and the account has it', async () => {
    const machine = new Machine();
    const outcome = await run(machine);
    expect(failureOf(outcome)).toBe('');
    const [owner, password, hash] = stored(machine);
    expect(owner).toBe('maria');
    expect(password).toMatch(/^([a-kmnp-z][A-HJ-NP-Z][2-9]){3}-([a-kmnp-z][A-HJ-NP-Z][2-9]){3}-([a-kmnp-z][A-HJ-NP-Z][2-9]){3}$/);
    expect(hash).toBe(hashOf(machine));
    expect(opens(machine, password)).toBe(true);
    expect(machine.ownership(FILE)).toBe('0:0 600');
    expect(JSON.stringify(outcome)).not.toContain(password);
    expect(outcome.log).toContain('WARNING this node has no SSM agent');
    const before = machine.read(FILE);
    expect(failureOf(await run(machine))).toBe('');
    expect(machine.read(FILE)).toBe(before);
    expect(hashOf(machine)).toBe(hash);
  });

  test('that the owner has changed stays', async () => {
    const machine = new Machine();
    await run(machine);
    machine.write('/etc/shadow', machine.read('/etc/shadow').replace(hashOf(machine), '$6$own$hash'), 0o640);
    const before = machine.read(FILE);
    expect(failureOf(await run(machine))).toBe('');
    expect([hashOf(machine), machine.read(FILE)]).toEqual(['$6$own$hash', before]);
  });

  // What a power cut leaves there is what a command that ends the script leaves.
  test.each([
    ['before it is kept', 'mv', 'for word in "$@"; do if [[ $word == */owner-password ]]; then exit 1; fi; done; exec /bin/mv "$@"', false],
    ['before it is set', 'chpasswd', 'exit 1', true],
    ['after it was set', 'chpasswd', '/usr/sbin/chpasswd "$@"; exit 1', true],
    ['before the hash is kept', 'getent', 'if [[ $1 == shadow ]]; then exit 1; fi; exec /usr/bin/getent "$@"', true],
  ])('cut off %s, the next run goes on', async (_, command, body, kept) => {
    const machine = new Machine();
    const standIn = machine.exists(`/usr/local/sbin/${command}`) ? machine.read(`/usr/local/sbin/${command}`) : undefined;
    machine.write(`/usr/local/sbin/${command}`, `#!/bin/bash\n${body}\n`, 0o755);
    expect((await run(machine)).status).not.toBe(0);
    const first = machine.exists(FILE) ? stored(machine) : undefined;
    expect(first?.length).toBe(kept ? 2 : undefined);
    if (standIn === undefined) machine.remove(`/usr/local/sbin/${command}`);
    else machine.write(`/usr/local/sbin/${command}`, standIn, 0o755);
    expect(failureOf(await run(machine))).toBe('');
    const [, password, hash] = stored(machine);
    expect(password).toBe(first?.[1] ?? password);
    expect([hash, opens(machine, password)]).toEqual([hashOf(machine), true]);
  });

  test.each(['generated_password', 'unmanaged'])('would make an administrator of the image root: %s', async (method) => {
    const machine = addHome(addUser(new Machine(), 'maria:x:1234:1234::/home/maria:/bin/bash'), 1234, 1234);
    machine.write('/etc/group', `${fs.readFileSync('/etc/group', 'utf8')}wheel:x:64998:maria\nmaria:x:1234:\n`);
    const outcome = await run(machine, withContext({ '/dcv/LoginMethod': method }));
    const refusal = expect.stringMatching(
      /^session owner: maria is in the group wheel and could become root with the password; /,
    ) as string;
    expect(outcome.reason).toEqual(method === 'unmanaged' ? '' : refusal);
    expect(machine.exists(FILE)).toBe(false);
  });

  test('that the system refuses is a failure with its words', async () => {
    const machine = new Machine().write(
      '/usr/local/sbin/chpasswd',
      '#!/bin/bash\necho "line 1, password not changed" >&2; exit 1\n',
      0o755,
    );
    const outcome = await run(machine);
    expect(outcome.reason).toBe(
      'the password of maria could not be set: line 1, password not changed; it has to be an account of this machine, not of a directory',
    );
  });

  test.each([
    ['from another method', { '/dcv/LoginMethod': 'unmanaged' }],
    ['in a directory', { '/dcv/LoginMethod': 'unmanaged', '/configuration/UserDirectory/provider': 'openldap' }],
  ])('%s is not made', async (_, context) => {
    const machine = addUser(new Machine(), 'maria:x:70001:70001::/home/maria:/bin/bash');
    machine.write('/etc/group', `${fs.readFileSync('/etc/group', 'utf8')}maria:x:70001:\n`);
    expect(failureOf(await run(machine, withContext(context)))).toBe('');
    expect(machine.exists(FILE)).toBe(false);
  });

  test('from a secret is for its owner alone: another is refused before it is read', async () => {
    const node = withContext({
      '/dcv/LoginMethod': 'secret',
      '/dcv/FixedOwner': 'alice',
      '/dcv/OwnerPasswordSecret': new SecretReference('/dcv/OwnerPasswordSecret', SECRET),
    });
    const machine = new Machine().secretText('hers');
    const refused = await run(machine, node);
    expect(refused.reason).toBe('session owner: expected alice, the only owner that this node takes, got maria');
    expect(refused.calls.filter(([command]) => command === 'aws')).toEqual([]);
    expect(failureOf(await run(machine.value('VALUE_DCV_SESSION_OWNER', 'alice'), node))).toBe('');
  });

  test('the agent that is asked for it starts with the node', async () => {
    const unit = 'snap.amazon-ssm-agent.amazon-ssm-agent.service';
    const machine = new Machine().write(`/var/lib/machine/units/${unit}`, '');
    const outcome = await run(machine, UBUNTU);
    expect(failureOf(outcome)).toBe('');
    expect(outcome.calls).toContainEqual(['systemctl', 'enable', unit]);
    expect(outcome.log).not.toContain('no SSM agent');
    expect(machine.exists(`/etc/systemd/system/${unit}.d`)).toBe(false);
  });

  test('the agent that is asked for it uses the proxy, which the image has started it without', async () => {
    const unit = 'amazon-ssm-agent.service';
    const machine = new Machine().write(`/var/lib/machine/units/${unit}`, '').write(`/var/lib/machine/active/${unit}`, '');
    const outcome = await run(machine, withContext({ '/configuration/HttpsProxy': 'http://proxy.example.com:3128' }));
    expect(failureOf(outcome)).toBe('');
    expect(machine.read(`/etc/systemd/system/${unit}.d/cluster-node-proxy.conf`)).toContain(
      '\nEnvironment="https_proxy=http://proxy.example.com:3128"\n',
    );
    const calls = outcome.calls.filter(([command]) => command === 'systemctl').map((call) => call.slice(1).join(' '));
    expect(calls.slice(calls.indexOf('daemon-reload'))).toEqual(expect.arrayContaining(['daemon-reload', `restart --no-block ${unit}`]));
  });
});

describeOnMachine('account of the owner', () => {
  const shared = { '/configuration/FileSystems': [fileSystem('home')] };
  const mounted = (): Machine =>
    new Machine()
      .value('VALUE_CONFIGURATION_FILE_SYSTEMS_HOME_MOUNT_TARGET', 'files')
      .write('/usr/local/sbin/findmnt', '#!/bin/bash\nexit 0\n', 0o755);

  test('has the numbers of the home that is there, which stays as it is', async () => {
    const machine = addHome(mounted(), 5004, 5007);
    expect(failureOf(await run(machine, withContext(shared)))).toBe('');
    expect(idsOf(machine)).toBe('5004:5007');
    expect(machine.ownership('/home/maria/theirs')).toMatch(/^5004:5007 /);
  });

  test.each([
    ['Maria@corp.example.com', ''],
    ['jim', 'session owner: asked for maria, the system answers with the account jim'],
  ])('whom the system calls %s', async (name, reason) => {
    const machine = addHome(new Machine(), 5004, 5007);
    machine.write(
      '/usr/local/sbin/getent',
      `#!/bin/bash\nif [[ $* == "passwd maria" ]]; then echo '${name}:x:5004:5007::/home/maria:/bin/bash'; exit; fi\nexec /usr/bin/getent "$@"\n`,
      0o755,
    );
    const outcome = await run(machine);
    if (reason === '') {
      expect(outcome.reason).not.toContain('the system answers');
    } else {
      expect(outcome.reason).toBe(reason);
    }
  });

  test('has a group of its own where the home has one of the system', async () => {
    const machine = addHome(new Machine(), 5004, 10);
    expect(failureOf(await run(machine))).toBe('');
    expect(idsOf(machine)).toBe('5004:5004');
  });

  test.each<[string, () => Machine, { readonly [key: string]: unknown }, RegExp]>([
    [
      'a home of the system',
      () => addHome(new Machine(), 33, 33),
      {},
      /^session owner: \/home\/maria belongs to the system account with the number 33$/,
    ],
    [
      'a home of somebody whom the node knows',
      () => addUser(addHome(new Machine(), 5004, 5004), 'ben:x:5004:5004::/home/ben:/bin/bash'),
      {},
      /^session owner: the local user maria could not be created: .*5004/,
    ],
    [
      'a home of another than the account',
      () => addUser(addHome(new Machine(), 5004, 5004), 'maria:x:5005:5005::/home/maria:/bin/bash'),
      {},
      /^session owner: maria is user 5005, but \/home\/maria belongs to user 5004$/,
    ],
    [
      'a home of another than the number that is asked for',
      () => addHome(new Machine(), 5004, 5004),
      { '/dcv/OwnerUid': 5005 },
      /^session owner: maria is user 5005, but \/home\/maria belongs to user 5004$/,
    ],
    ['shared homes, and none of the owner’s', mounted, shared, /^session owner: the node does not know maria, and would give a number/],
  ])('%s is refused, and nobody’s file is touched', async (_, machineOf, context, reason) => {
    const machine = machineOf();
    const outcome = await run(machine, withContext(context));
    expect(outcome.status).not.toBe(0);
    expect(outcome.reason).toMatch(reason);
    if (machine.exists('/home/maria/theirs')) expect(machine.ownership('/home/maria/theirs')).toMatch(/^(5004|33):/);
  });

  test('has the home that another node has made meanwhile, and none of the halves of other nodes', async () => {
    const machine = addUser(new Machine(), 'maria:x:5004:5004::/home/maria:/bin/bash').write(
      '/usr/local/sbin/cp',
      `#!/bin/bash
/usr/bin/cp "$@"
echo "\${@: -1}" >/var/lib/machine/aside
mkdir -p /home/maria
echo x >/home/maria/theirs
chown -R 5004:5004 /home/maria
`,
      0o755,
    );
    machine.write('/home/maria.i-0other/half', 'x');
    expect(failureOf(await run(machine))).toBe('');
    expect(fs.readdirSync(machine.path('/home/maria'))).toEqual(['theirs']);
    expect(fs.readdirSync(machine.path('/home')).sort()).toEqual(['maria', 'maria.i-0other']);
    expect(machine.read('/var/lib/machine/aside')).toContain(INSTANCE_ID);
  });

  test('has the number that is asked for', async () => {
    const machine = mounted();
    expect(failureOf(await run(machine, withContext({ ...shared, '/dcv/OwnerUid': 5009 })))).toBe('');
    expect(idsOf(machine)).toBe('5009:5009');
  });
});

describeOnMachine('sshd of a desktop', () => {
  test('takes no password, whatever the image says; said once', async () => {
    const machine = new Machine().write('/var/lib/machine/active/sshd.service', '');
    const outcome = await run(machine);
    expect(failureOf(outcome)).toBe('');
    const expected = `# BEGIN cluster-node passwords
PasswordAuthentication no
KbdInteractiveAuthentication no
ChallengeResponseAuthentication no
# END cluster-node passwords
PasswordAuthentication yes
UsePAM yes
`;
    expect(machine.read('/etc/ssh/sshd_config')).toBe(expected);
    expect(machine.ownership('/etc/ssh/sshd_config')).toBe('0:0 600');
    expect(outcome.calls).toContainEqual(['systemctl', 'reload', 'sshd.service']);
    expect(outcome.calls).toContainEqual(['sshd', '-T', '-C', 'user=maria,host=localhost,addr=127.0.0.1']);
    expect(failureOf(await run(machine))).toBe('');
    expect(machine.read('/etc/ssh/sshd_config')).toBe(expected);
  });

  test('that takes one all the same fails the node', async () => {
    const outcome = await run(new Machine().state('ssh-settings-before', 'KbdInteractiveAuthentication yes'));
    expect(outcome.reason).toMatch(
      /^the SSH server would take passwords of maria \(kbdinteractiveauthentication\): expected no Match block/,
    );
  });

  test('need not be there', async () => {
    expect(failureOf(await run(new Machine().remove('/etc/ssh/sshd_config')))).toBe('');
  });
});

describe('polkit', () => {
  const PREFIX = 'org.freedesktop.color-manager';
  const script = renderPhase('virtual_desktop', AMAZON);
  const [, rules] = /45-cluster-node\.rules 0644 <<POLKIT\n([\s\S]*?)POLKIT\n/.exec(script) ?? [];

  /** What the rule says; undefined where the system decides. */
  function decision(id: string, user: string): string | undefined {
    // As bash writes it.
    const text = rules.replace('${owner}', 'maria').replaceAll('\\$', '$').replaceAll('\\\\', '\\');
    let rule: ((action: object, subject: object) => string | undefined) | undefined;
    vm.runInNewContext(text, {
      polkit: { addRule: (added: typeof rule) => (rule = added), Result: { YES: 'yes', NO: 'no', NOT_HANDLED: undefined } },
    });
    return rule?.({ id }, { user });
  }

  test.each([
    [`${PREFIX}.create-device`, 'yes'],
    [`${PREFIX}.modify-profile`, 'yes'],
    [`${PREFIX}.delete-profile`, 'yes'],
    ['org.freedesktop.packagekit.system-sources-refresh', 'yes'],
    [`${PREFIX}.install-system-wide`, 'no'],
    [`${PREFIX}.device-inhibit`, 'no'],
    [`${PREFIX}.create-device-of-all`, 'no'],
    ['org.freedesktop.packagekit.package-install', undefined],
    ['org.freedesktop.login1.power-off', undefined],
  ])('%s: the owner %s, others what the system gives them', (id, expected) => {
    expect(decision(id, 'maria')).toBe(expected);
    for (const user of ['gdm', 'colord', 'dcv', 'nobody', 'ben', '']) expect(decision(id, user)).toBeUndefined();
  });

  test('of Ubuntu 22.04 has entries for the owner alone', () => {
    const [, entries] = /\.pkla 0644 <<POLKIT\n([\s\S]*?)POLKIT\n/.exec(
      renderPhase('virtual_desktop', { ...UBUNTU, os: NodeOs.UBUNTU_22_04 }),
    )!;
    expect(new Set(entries.match(/^Identity=.*/gm))).toEqual(new Set(['Identity=unix-user:${owner}']));
    const [refused, allowed, background, ...others] = entries.split('\n\n');
    expect(others).toEqual([]);
    expect(entries.match(/^\[/gm)).toHaveLength(entries.match(/^Identity=/gm)!.length);
    // A seat's own sessions are asked as ever.
    expect(background).toMatch(/^Action=[^*]*org\.freedesktop\.packagekit\.trigger-offline-update[^*]*\nResultAny=no\n$/m);
    expect(refused).toMatch(/^Action=org\.freedesktop\.color-manager\.\*\nResultAny=no$/m);
    expect(allowed).not.toMatch(/install-system-wide|\*/);
  });
});
