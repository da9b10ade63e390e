import { spawnSync } from 'child_process';
import { constants, generateKeyPairSync, privateDecrypt, X509Certificate } from 'crypto';
import * as fs from 'fs';
import { NodeOs } from '../../../lib/nodes/node-os';
import { describeOnMachine, Machine, Outcome } from './machine';
import { Node, renderConnect } from './phase-scripts';

const NODE: Node = { os: NodeOs.AMAZON_LINUX_2023, nodeType: 'dcv_node' };
const STATE = '/var/lib/cluster-node';
const INSTANCE = 'i-0123456789abcdef0';
const PASSWORD = 'aB2cD3eF4-gH5jK6mN7-pQ8rS9tU2';
const HASH = `$6$salt$${'x'.repeat(86)}`;

const { publicKey, privateKey } = generateKeyPairSync('rsa', {
  modulusLength: 3072,
  publicKeyEncoding: { type: 'spki', format: 'der' },
  privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
});
const KEY = publicKey.toString('base64');
const CERTIFICATE = spawnSync('openssl', ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-subj', '/CN=dcv', '-keyout', '/dev/null'], {
  encoding: 'utf8',
}).stdout;

/** A desktop of maria that is ready. */
function readyMachine(): Machine {
  const accounts = (file: string, line: string): string => `${fs.readFileSync(file, 'utf8')}${line}\n`;
  return new Machine()
    .write('/etc/passwd', accounts('/etc/passwd', 'maria:x:5001:5001::/home/maria:/bin/bash'))
    .write('/etc/shadow', accounts('/etc/shadow', `maria:${HASH}:20000:0:99999:7:::`), 0o640)
    .write(`${STATE}/instance-id`, `${INSTANCE}\n`)
    .write(`${STATE}/result`, 'ready\n')
    .write(`${STATE}/owner-password`, `maria\n${PASSWORD}\n${HASH}\n`, 0o600)
    .write('/var/lib/machine/certificate', CERTIFICATE)
    .tags({ 'cluster-node:SessionOwner': 'maria' });
}

const connect = (machine: Machine, action = 'connect', key = KEY): Promise<Outcome> => machine.run(renderConnect(NODE), action, key);

function answerOf(outcome: Outcome): { owner: string; password: string; fingerprint: string } {
  expect([outcome.status, outcome.log.replace(outcome.output, '')]).toEqual([0, '']);
  const answer = JSON.parse(outcome.output.trimEnd().split('\n').at(-1)!) as { owner: string; password: string; fingerprint: string };
  const padding = { key: privateKey, padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: 'sha256' };
  return { ...answer, password: privateDecrypt(padding, Buffer.from(answer.password, 'base64')).toString() };
}

afterAll(() => Machine.removeAll());

describeOnMachine('connect', () => {
  test('gives the password to the key alone, the same each time, with the certificate that clients see', async () => {
    const machine = readyMachine();
    for (let call = 1; call <= 2; call++) {
      const outcome = await connect(machine);
      const expected = { owner: 'maria', password: PASSWORD, fingerprint: new X509Certificate(CERTIFICATE).fingerprint256 };
      expect(answerOf(outcome)).toEqual(expected);
      expect(JSON.stringify(outcome)).not.toContain(PASSWORD);
      expect(machine.volatileFiles()).not.toContain('connect-key');
    }
  });

  test('reset gives another one, which the account then has', async () => {
    const machine = readyMachine();
    const { password } = answerOf(await connect(machine, 'reset'));
    expect(password).not.toBe(PASSWORD);
    const [owner, stored, hash] = machine.read(`${STATE}/owner-password`).split('\n');
    expect([owner, stored]).toEqual(['maria', password]);
    expect(machine.read('/etc/shadow')).toContain(`maria:${hash}:`);
    expect(answerOf(await connect(machine)).password).toBe(password);
  });

  test('a reset that the power has cut off is brought to its end', async () => {
    const machine = readyMachine().write(`${STATE}/owner-password`, `maria\n${PASSWORD}\n`, 0o600);
    expect(answerOf(await connect(machine)).password).toBe(PASSWORD);
    expect(machine.read('/etc/shadow')).not.toContain(HASH);
  });

  test.each<[string, (machine: Machine) => Machine, string]>([
    ['not done', (machine) => machine.remove(`${STATE}/result`), 'this node is not ready: its bootstrap has not ended'],
    ['failed', (machine) => machine.write(`${STATE}/result`, 'failed phase setup: x\n'), 'this node is not ready: failed phase setup: x'],
    [
      'of an image',
      (machine) => machine.write(`${STATE}/instance-id`, 'i-0fedcba9876543210\n'),
      'this node is not ready: its bootstrap has not begun, and what is on its disk belongs to another instance',
    ],
    [
      'without a password of its own',
      (machine) => machine.remove(`${STATE}/owner-password`),
      'this node has not made a password: its owner gets in by other means',
    ],
    [
      'with the tag of another owner',
      (machine) => machine.tags({ 'cluster-node:SessionOwner': 'ben' }),
      'the desktop is that of maria, but its tag cluster-node:SessionOwner says otherwise',
    ],
    [
      'whose owner has changed the password',
      (machine) => machine.write('/etc/shadow', machine.read('/etc/shadow').replace(HASH, '$6$own$hash'), 0o640),
      'maria has changed the password, and nobody else knows it; an operator can set another one: cluster-nodes session connect --reset',
    ],
    ['without a server', (machine) => machine.state('certificate', ''), 'the DCV server does not answer'],
  ])('a node %s refuses in one line', async (_, change, message) => {
    const outcome = await connect(change(readyMachine()));
    expect(outcome.output).toBe('');
    expect(outcome.log.split('\n').filter((line) => line.includes(message))).toEqual([message]);
    expect(outcome.status).toBe(1);
  });

  test.each([
    ['nothing', ''],
    ['a line more', `${KEY}\nid`],
    ['a blank before it', ` ${KEY}`],
    ['a command', `${KEY.slice(0, 100)}$(id)${KEY.slice(105)}`],
    ['a quote', `${KEY.slice(0, 100)}'${KEY.slice(101)}`],
    ['a letter of another language', `${KEY.slice(0, 100)}é${KEY.slice(101)}`],
    ['one character less', KEY.slice(1)],
    ['another exponent', KEY.replace('AgMBAAE=', 'AgMBAAM=')],
    [
      'a key of 2048 bits',
      generateKeyPairSync('rsa', { modulusLength: 2048 }).publicKey.export({ type: 'spki', format: 'der' }).toString('base64'),
    ],
  ])('as the key %s is refused before anything is looked at', async (_, key) => {
    const outcome = await connect(readyMachine(), 'connect', key);
    expect([outcome.status, outcome.output]).toEqual([1, '']);
    expect(outcome.log).toMatch(/^expected the public key as base64 /);
    expect(outcome.calls).toEqual([]);
  });

  test('another action is refused', async () => {
    expect((await connect(readyMachine(), 'status')).log).toBe('expected connect or reset, got another action\n');
  });
});
