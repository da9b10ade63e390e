import { spawnSync } from 'child_process';
import * as fs from 'fs';
import * as os from 'os';
import * as path from 'path';
import { NodeOs } from '../../../lib/nodes/node-os';
import { describeOnMachine, failureOf, Machine, Outcome } from './machine';
import { HOST_KEYS_SECRET, Node, runPhase } from './phase-scripts';

const AMAZON: Node = { os: NodeOs.AMAZON_LINUX_2023, nodeType: 'login_node', context: { '/login/HostKeysSecret': HOST_KEYS_SECRET } };
const UBUNTU: Node = { ...AMAZON, os: NodeOs.UBUNTU_24_04 };

const run = (machine: Machine, node: Node = AMAZON): Promise<Outcome> => runPhase(machine, 'login_node', node);

function keyPair(...options: string[]): { privateKey: string; publicKey: string } {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'key-'));
  const made = spawnSync('ssh-keygen', ['-q', ...options, '-C', '', '-f', path.join(folder, 'key')], { encoding: 'utf8' });
  expect(made.stderr).toBe('');
  const read = (name: string): string => fs.readFileSync(path.join(folder, name), 'utf8');
  const pair = { privateKey: read('key'), publicKey: read('key.pub').trim() };
  fs.rmSync(folder, { recursive: true });
  return pair;
}

const OWN_KEY = 'the key that the node made for itself\n';
const machineWithOwnKeys = (): Machine =>
  new Machine()
    .write('/etc/ssh/ssh_host_ed25519_key', OWN_KEY, 0o640)
    .write('/etc/ssh/ssh_host_ed25519_key.pub', `public ${OWN_KEY}`)
    .write('/etc/ssh/ssh_host_rsa_key', OWN_KEY, 0o640)
    .write('/var/lib/machine/active/sshd.service', '');

afterAll(() => Machine.removeAll());

describeOnMachine('login_node', () => {
  const ed25519 = keyPair('-t', 'ed25519', '-N', '');
  const ecdsa = keyPair('-t', 'ecdsa', '-N', '');
  const locked = keyPair('-t', 'ed25519', '-N', 'passphrase');
  const reload = ['systemctl', 'reload', 'sshd.service'];

  test('without a secret the node keeps its keys and listens', async () => {
    const machine = machineWithOwnKeys();
    const outcome = await run(machine, { ...AMAZON, context: {} });
    expect(failureOf(outcome)).toBe('');
    expect(machine.read('/etc/ssh/ssh_host_ed25519_key')).toBe(OWN_KEY);
    expect(outcome.calls.filter(([command, service]) => command === 'aws' && service === 'secretsmanager')).toEqual([]);
    expect(outcome.calls).toContainEqual(['systemctl', 'enable', 'sshd.service']);
  });

  test('on Ubuntu the service may never have run, with keys of its own and with those of a secret', async () => {
    const machine = machineWithOwnKeys().write('/var/lib/machine/socket-activated', '').write('/var/lib/machine/enabled/ssh.socket', '');
    expect(failureOf(await run(machine, { ...UBUNTU, context: {} }))).toBe('');
    machine.secretText(JSON.stringify({ ssh_host_ed25519_key: ed25519.privateKey }));
    expect(failureOf(await run(machine, UBUNTU))).toBe('');
  });

  test('keys of the secret take the place of the node’s, for root alone; a key that is not in it stays', async () => {
    const machine = machineWithOwnKeys().secretText(
      JSON.stringify({ ssh_host_ed25519_key: ed25519.privateKey, ssh_host_ecdsa_key: ecdsa.privateKey }),
    );
    const outcome = await run(machine);
    expect(failureOf(outcome)).toBe('');
    expect(machine.read('/etc/ssh/ssh_host_ed25519_key')).toBe(ed25519.privateKey);
    expect(machine.read('/etc/ssh/ssh_host_ecdsa_key')).toBe(ecdsa.privateKey);
    expect(machine.read('/etc/ssh/ssh_host_ed25519_key.pub').trim()).toBe(ed25519.publicKey);
    expect(machine.read('/etc/ssh/ssh_host_rsa_key')).toBe(OWN_KEY);
    expect(machine.ownership('/etc/ssh/ssh_host_ed25519_key')).toBe('0:0 600');
    expect(machine.ownership('/etc/ssh/ssh_host_ecdsa_key')).toBe('0:0 600');
    expect(machine.ownership('/etc/ssh/ssh_host_ed25519_key.pub')).toBe('0:0 644');
    expect(outcome.calls).toContainEqual(['sshd', '-t']);
    expect(outcome.calls).toContainEqual(reload);
    const order = outcome.calls.map((call) => call.join(' '));
    expect(order.indexOf('sshd -t')).toBeLessThan(order.indexOf('systemctl reload sshd.service'));
  });

  test('the secret is in no log, no argument and no file that is left', async () => {
    const machine = machineWithOwnKeys().secretText(JSON.stringify({ ssh_host_ed25519_key: ed25519.privateKey, other: 'TOPSECRET' }));
    const outcome = await run(machine);
    expect(failureOf(outcome)).toBe('');
    const body = ed25519.privateKey.split('\n')[2];
    for (const text of [outcome.log, JSON.stringify(outcome.calls)]) {
      expect(text).not.toContain(body);
      expect(text).not.toContain('TOPSECRET');
    }
    expect(outcome.log).toContain("not the name of a host key, left out: 'other'");
    expect(machine.volatileFiles().filter((file) => file.startsWith('host-keys'))).toEqual([]);
  });

  test('under SELinux ssh-keygen reads files of its own type alone, and writes to pipes', async () => {
    const machine = machineWithOwnKeys().secretText(JSON.stringify({ ssh_host_ed25519_key: ed25519.privateKey }));
    // The policy gives its type to the names /etc/ssh/ssh_host.*_key and /etc/ssh/ssh_host.*_key.pub.
    machine.kernelFile('fs/selinux/enforce');
    machine.write('/usr/local/sbin/restorecon', '#!/bin/bash\nfind "${@: -1}" -type f -path "/etc/ssh/ssh_host*" >>/run/typed\n', 0o755);
    machine.write(
      '/usr/local/sbin/ssh-keygen',
      '#!/bin/bash\nif [[ ! -p /dev/stdout ]] || ! grep -qxF -- "${@: -1}" /run/typed; then exit 1; fi\nexec /usr/bin/ssh-keygen "$@"\n',
      0o755,
    );
    expect(failureOf(await run(machine))).toBe('');
    expect(machine.read('/etc/ssh/ssh_host_ed25519_key.pub').trim()).toBe(ed25519.publicKey);
    expect(machine.exists('/etc/ssh/ssh_host_shared')).toBe(false);
  });

  test('run again nothing changes', async () => {
    const machine = machineWithOwnKeys().secretText(JSON.stringify({ ssh_host_ed25519_key: ed25519.privateKey }));
    expect((await run(machine)).log).toContain('shared SSH host keys: 1 changed');
    const outcome = await run(machine);
    expect(failureOf(outcome)).toBe('');
    expect(outcome.log).toContain('shared SSH host keys: 0 changed');
    expect(machine.read('/etc/ssh/ssh_host_ed25519_key')).toBe(ed25519.privateKey);
  });

  test('a key with Windows line ends and without the last one is the same key', async () => {
    const text = ed25519.privateKey.trimEnd().replaceAll('\n', '\r\n');
    const machine = machineWithOwnKeys().secretText(JSON.stringify({ ssh_host_ed25519_key: text }));
    expect(failureOf(await run(machine))).toBe('');
    expect(machine.read('/etc/ssh/ssh_host_ed25519_key')).toBe(ed25519.privateKey);
  });

  test.each([
    ['not JSON', 'plain text', 'the secret of the host keys is not a JSON object of key names and private keys'],
    ['a list', '[]', 'the secret of the host keys is not a JSON object of key names and private keys'],
    [
      'an object without a key',
      '{"a":"b"}',
      'the secret of the host keys has none of ssh_host_ed25519_key, ssh_host_ecdsa_key, ssh_host_rsa_key',
    ],
    ['a key that is a number', '{"ssh_host_rsa_key":5}', 'the secret of the host keys is not a JSON object of key names and private keys'],
    [
      'a key that is none',
      JSON.stringify({ ssh_host_ed25519_key: ed25519.privateKey, ssh_host_rsa_key: 'nonsense' }),
      'ssh_host_rsa_key in the secret of the host keys is not a private key without passphrase',
    ],
    [
      'a public key',
      JSON.stringify({ ssh_host_ed25519_key: ed25519.publicKey }),
      'ssh_host_ed25519_key in the secret of the host keys is not a private key without passphrase',
    ],
    [
      'a key with a passphrase',
      JSON.stringify({ ssh_host_ed25519_key: locked.privateKey }),
      'ssh_host_ed25519_key in the secret of the host keys is not a private key without passphrase',
    ],
    [
      'a key under the name of another type',
      JSON.stringify({ ssh_host_ed25519_key: ed25519.privateKey, ssh_host_rsa_key: ecdsa.privateKey }),
      'ssh_host_rsa_key in the secret of the host keys is a key of type ecdsa-sha2-nistp256',
    ],
  ])('%s is a failure, and the node keeps all its keys', async (_, secret, reason) => {
    const machine = machineWithOwnKeys().secretText(secret);
    const outcome = await run(machine);
    expect(outcome.status).not.toBe(0);
    expect(outcome.reason).toBe(reason);
    expect(machine.read('/etc/ssh/ssh_host_ed25519_key')).toBe(OWN_KEY);
    expect(machine.read('/etc/ssh/ssh_host_rsa_key')).toBe(OWN_KEY);
    expect(outcome.calls).not.toContainEqual(reload);
  });

  test('keys that the server refuses are taken back', async () => {
    const secret = JSON.stringify({ ssh_host_ed25519_key: ed25519.privateKey, ssh_host_ecdsa_key: ecdsa.privateKey });
    const machine = machineWithOwnKeys().state('sshd-status', 255).secretText(secret);
    const outcome = await run(machine);
    expect(outcome.status).not.toBe(0);
    expect(outcome.reason).toBe('the SSH server does not accept the shared host keys; the node keeps its own');
    expect(machine.read('/etc/ssh/ssh_host_ed25519_key')).toBe(OWN_KEY);
    expect(machine.ownership('/etc/ssh/ssh_host_ed25519_key')).toBe('0:0 640');
    expect(machine.read('/etc/ssh/ssh_host_ed25519_key.pub')).toBe(`public ${OWN_KEY}`);
    expect(machine.exists('/etc/ssh/ssh_host_ecdsa_key')).toBe(false);
    expect(outcome.calls).not.toContainEqual(reload);
  });

  test.each([
    ['listens through ssh.socket', true],
    ['listens through ssh.service', false],
  ])('Ubuntu %s', async (_, socket) => {
    const machine = new Machine().secretText(JSON.stringify({ ssh_host_ed25519_key: ed25519.privateKey }));
    if (socket) {
      machine.write('/var/lib/machine/enabled/ssh.socket', '');
    }
    const outcome = await run(machine, UBUNTU);
    expect(failureOf(outcome)).toBe('');
    const started = outcome.calls.filter(([command, verb]) => command === 'systemctl' && ['enable', 'start'].includes(verb));
    expect(started).toEqual(
      socket
        ? []
        : [
            ['systemctl', 'enable', 'ssh.service'],
            ['systemctl', 'start', '--no-block', 'ssh.service'],
          ],
    );
  });

  test('a server that does not listen is a failure within its time', async () => {
    const machine = machineWithOwnKeys();
    machine.write('/usr/local/sbin/ss', '#!/bin/bash\n', 0o755);
    const outcome = await run(machine, { ...AMAZON, context: {} });
    expect(outcome.status).not.toBe(0);
    expect(outcome.reason).toBe('the SSH server does not listen on port 22 after 120 s');
  });
});
