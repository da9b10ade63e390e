import { App, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { spawnSync } from 'child_process';
import * as crypto from 'crypto';
import * as fs from 'fs';
import * as path from 'path';
import { makeConnectDocuments } from '../../../lib/cluster/connect-documents';
import { CONNECT_STEPS, type ConnectAction, connectDocumentName } from '../../../lib/values/connect-documents';
import { describePowerShell, powerShell } from '../../powershell';
import { renderWindows, WINDOWS_CONTEXTS } from './windows-scripts';
import { writeFiles } from '../../write-files';

/** A Windows machine as far as logins go: what the stand-ins of `accounts.ps1` keep. */
interface World {
  instance: string;
  accounts: { [name: string]: { sid: string; password: string; setAt: string; times: number } };
  lsa: { [name: string]: string };
  members: string[];
  calls: string[];
  secret: string;
  powerCut: string;
}

interface Answer {
  readonly owner: string;
  readonly password: string;
  readonly fingerprint: string;
}

const STATE_FOLDER = "'C:\\ProgramData\\ClusterNode'";
const KEYS = crypto.generateKeyPairSync('rsa', { modulusLength: 3072, publicExponent: 65537 });
const PUBLIC_KEY = KEYS.publicKey.export({ type: 'spki', format: 'der' }).toString('base64');
const CERTIFICATE = fs.readFileSync(path.join(__dirname, 'dcv.pem'), 'utf8');

function base64(text: string): string {
  return Buffer.from(text).toString('base64');
}

/** What SSM runs on Windows for a document, with the key in its place. */
function stepOf(action: ConnectAction, key: string): string {
  const stack = new Stack(new App(), 'Documents');
  makeConnectDocuments(stack, 'design');
  const documents = Object.values(
    Template.fromStack(stack).findResources('AWS::SSM::Document', { Properties: { Name: connectDocumentName('design', action) } }),
  ) as { Properties: { Content: { mainSteps: { name: string; inputs: { runCommand: string[] } }[] } } }[];
  const step = documents[0].Properties.Content.mainSteps.find(({ name }) => name === CONNECT_STEPS.windows);
  return (step?.inputs.runCommand ?? []).join('\n').replaceAll('{{ PublicKey }}', key);
}

/** A machine with the scripts of a node and the owner that its tag names. */
class Machine {
  public readonly folder: string;
  private readonly programs: { [name: string]: string };

  constructor(values: { readonly [key: string]: unknown } = {}, owner = 'alice') {
    const scripts = renderWindows(values);
    const standIns = `. '${path.join(__dirname, 'accounts.ps1')}'\n`;
    const main = scripts['connect.ps1'].lastIndexOf('\ntry {\n');
    const desktop = scripts['extra/virtual_desktop.ps1'];
    this.programs = {
      'connect.ps1': `${scripts['connect.ps1'].slice(0, main)}\n${standIns}${scripts['connect.ps1'].slice(main)}`,
      'owner.ps1': desktop.replace(
        /\nInvoke-VirtualDesktop\n?$/,
        `\n${standIns}Set-OwnerAccount\nAdd-OwnerToGroup (Get-OwnerSid) (Get-OwnerGroup).SID\n`,
      ),
    };
    this.folder = writeFiles({
      'world.json': JSON.stringify({
        instance: 'i-1',
        accounts: {},
        lsa: {},
        members: [],
        calls: [],
        secret: 'from the secret',
        powerCut: '',
      }),
      'windows/System32/config/systemprofile/AppData/Local/NICE/dcv/dcv.pem': CERTIFICATE,
      'state/i-1': '',
      'state/result': 'ready',
      'state/values': `VALUE_DCV_OWNER_PASSWORD_SECRET=${base64('arn:aws:secretsmanager:us-west-2:123456789012:secret:pw-a1b2c3')}`,
      'state/launch-time-values': `VALUE_DCV_SESSION_OWNER=${base64(owner)}`,
    });
    for (const [name, text] of Object.entries(this.programs)) {
      fs.writeFileSync(path.join(this.folder, name), text.replaceAll(STATE_FOLDER, `'${this.folder}/state'`));
    }
  }

  public get world(): World {
    return JSON.parse(fs.readFileSync(path.join(this.folder, 'world.json'), 'utf8')) as World;
  }

  public change(change: (world: World) => void): void {
    const { world } = this;
    change(world);
    fs.writeFileSync(path.join(this.folder, 'world.json'), JSON.stringify(world));
  }

  /** A phase or a command: its exit code and what it wrote. */
  public run(name: string, ...args: string[]): { status: number | null; stdout: string; stderr: string } {
    return spawnSync(powerShell(), ['-NoProfile', '-NonInteractive', '-File', path.join(this.folder, name), ...args], {
      encoding: 'utf8',
      env: { ...process.env, WORLD: this.folder, SystemRoot: `${this.folder}/windows`, NO_COLOR: '1', POWERSHELL_UPDATECHECK: 'Off' },
    });
  }

  public setOwner(): void {
    const { status, stdout, stderr } = this.run('owner.ps1');
    expect({ status, stdout: status === 0 ? '' : stdout, stderr }).toEqual({ status: 0, stdout: '', stderr: '' });
  }

  /** Runs the document on this machine. */
  public send(action: ConnectAction, key: string): ReturnType<Machine['run']> {
    const script = stepOf(action, key).replace("'C:\\ProgramData\\ClusterNode\\bootstrap\\connect.ps1'", `'${this.folder}/connect.ps1'`);
    fs.writeFileSync(path.join(this.folder, 'step.ps1'), script);
    return this.run('step.ps1');
  }

  public connect(action: ConnectAction = 'connect'): Answer {
    const { status, stdout, stderr } = this.send(action, PUBLIC_KEY);
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(stdout).toMatch(/^[ -~\n]*$/);
    return JSON.parse(stdout.trimEnd().split('\n').pop() ?? '') as Answer;
  }

  /** Expects a refusal: nothing on stdout, and one line that says why. */
  public expectRefusal(reason: RegExp, { status, stdout, stderr } = this.send('connect', PUBLIC_KEY)): void {
    expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
    expect(stderr).toMatch(reason);
    expect(stderr.trimEnd()).not.toContain('\n');
  }
}

function decrypt({ password }: Answer): string {
  const padding = { key: KEYS.privateKey, padding: crypto.constants.RSA_PKCS1_OAEP_PADDING, oaepHash: 'sha256' };
  return crypto.privateDecrypt(padding, Buffer.from(password, 'base64')).toString('utf8');
}

describePowerShell('the login of an owner on Windows', () => {
  test('from the account to the decrypted answer', () => {
    const machine = new Machine();
    machine.setOwner();
    const answer = machine.connect();
    const { accounts, lsa, members } = machine.world;
    expect(decrypt(answer)).toBe(accounts.alice.password);
    expect(accounts.alice.password).toMatch(/^aA1![A-Za-z0-9+/]{60}$/);
    expect(answer).toEqual({
      owner: 'alice',
      password: expect.stringMatching(/^[A-Za-z0-9+/]{512}$/) as string,
      fingerprint: new crypto.X509Certificate(CERTIFICATE).fingerprint256,
    });
    expect(lsa).toEqual({ L$ClusterNodeOwnerPassword: `i-1 ${accounts.alice.password}` });
    expect(members).toEqual([`${accounts.alice.sid} in S-1-5-32-545`, `${accounts.alice.sid} in S-1-5-21-1-2-3-2000`]);
    // Nothing of it lies about.
    for (const file of fs.readdirSync(path.join(machine.folder, 'state'))) {
      expect(fs.readFileSync(path.join(machine.folder, 'state', file), 'utf8')).not.toContain(accounts.alice.password);
    }
    // Asked again it is the same password, in another cipher text, and the account is left alone.
    machine.setOwner();
    const again = machine.connect();
    expect(decrypt(again)).toBe(accounts.alice.password);
    expect(again.password).not.toBe(answer.password);
    expect(machine.world.accounts.alice.times).toBe(1);
  });

  test('a password that the owner has changed is left alone, and told; an operator resets it', () => {
    const machine = new Machine();
    machine.setOwner();
    machine.change(({ accounts }) => Object.assign(accounts.alice, { password: 'mine', setAt: `${BigInt(accounts.alice.setAt) + 1n}` }));
    machine.setOwner();
    machine.expectRefusal(/^alice has changed the password .* --reset\n$/);
    expect(machine.world.accounts.alice.password).toBe('mine');
    const answer = machine.connect('reset');
    expect(machine.world.accounts.alice.password).not.toBe('mine');
    expect(decrypt(answer)).toBe(machine.world.accounts.alice.password);
    expect(decrypt(machine.connect())).toBe(machine.world.accounts.alice.password);
  });

  test('a reset is a reset of what Windows logs the owner on with, too', () => {
    const machine = new Machine({ '/dcv/ConsoleLogin': 'automatic' });
    machine.setOwner();
    machine.connect('reset');
    const { lsa, accounts } = machine.world;
    expect(lsa.DefaultPassword).toBe(accounts.alice.password);
  });

  test.each(['secret kept', 'password set'])('a power cut when there was the %s leaves one password', (moment) => {
    const machine = new Machine();
    machine.change((world) => (world.powerCut = moment));
    expect(machine.run('owner.ps1').status).toBe(99);
    machine.expectRefusal(/^(User alice was not found|no password has been made for alice)/);
    const { L$ClusterNodeOwnerPassword: kept } = machine.world.lsa;
    machine.setOwner();
    expect(machine.world.lsa.L$ClusterNodeOwnerPassword).toBe(kept);
    expect(decrypt(machine.connect())).toBe(machine.world.accounts.alice.password);
    expect(`i-1 ${machine.world.accounts.alice.password}`).toBe(kept);
  });

  test('a reset that breaks off hands nothing out until the next', () => {
    const machine = new Machine();
    machine.setOwner();
    machine.change((world) => (world.powerCut = 'secret kept'));
    expect(machine.send('reset', PUBLIC_KEY).status).toBe(99);
    machine.expectRefusal(/^no password has been made for alice on this instance; ask an operator for --reset\n$/);
    expect(decrypt(machine.connect('reset'))).toBe(machine.world.accounts.alice.password);
  });

  test('an image of the node has another password', () => {
    const machine = new Machine();
    machine.setOwner();
    const before = machine.world.accounts.alice.password;
    machine.change((world) => (world.instance = 'i-2'));
    machine.expectRefusal(/^the desktop is not ready: .* state of another instance\n$/);
    // What stage 0 does there.
    fs.rmSync(path.join(machine.folder, 'state', 'owner-password-set'));
    fs.writeFileSync(path.join(machine.folder, 'state', 'i-2'), '');
    machine.expectRefusal(/^no password has been made/);
    machine.setOwner();
    expect(machine.world.accounts.alice.password).not.toBe(before);
    expect(decrypt(machine.connect())).toBe(machine.world.accounts.alice.password);
    expect(JSON.stringify(machine.world)).not.toContain(before);
  });

  test('without the certificate by which the owner knows the server nothing is handed out', () => {
    const machine = new Machine();
    machine.setOwner();
    fs.rmSync(path.join(machine.folder, 'windows'), { recursive: true });
    machine.expectRefusal(/^the DCV server has no certificate yet: .*dcv\.pem\n$/);
  });

  test('a node without the script hands nothing out', () => {
    const machine = new Machine();
    fs.rmSync(path.join(machine.folder, 'connect.ps1'));
    const { status, stdout, stderr } = machine.send('connect', PUBLIC_KEY);
    expect({ status, stdout, stderr }).toEqual({ status: 1, stdout: '', stderr: expect.stringContaining('connect.ps1') as string });
  });

  test('a node that is not ready hands nothing out', () => {
    const machine = new Machine();
    machine.setOwner();
    fs.writeFileSync(path.join(machine.folder, 'state', 'result'), 'failed phase setup: no');
    machine.expectRefusal(/^the desktop is not ready: failed phase setup: no\n$/);
    fs.rmSync(path.join(machine.folder, 'state', 'result'));
    machine.expectRefusal(/^the desktop is not ready: its bootstrap is at work\n$/, machine.send('reset', PUBLIC_KEY));
    expect(machine.world.accounts.alice.times).toBe(1);
  });

  test.each([
    ['nothing', ''],
    [
      'a shorter key',
      crypto.generateKeyPairSync('rsa', { modulusLength: 2048 }).publicKey.export({ type: 'spki', format: 'der' }).toString('base64'),
    ],
    ['another exponent', PUBLIC_KEY.replace(/AQAB$|AgMBAAE=$/, 'AgMBAAM=')],
    ['a line behind it', `${PUBLIC_KEY}\n`],
    ['commands', `${PUBLIC_KEY.slice(0, 300)}';whoami;'${PUBLIC_KEY.slice(311)}`],
  ])('%s is no key', (_, key) => {
    const machine = new Machine();
    machine.expectRefusal(/^expected a public RSA key of 3072 bits/, machine.run('connect.ps1', '-Action', 'connect', '-PublicKey', key));
  });

  test('a secret of another Region is the password of the one owner whose it is, and of nobody else', () => {
    const context = WINDOWS_CONTEXTS['windows2022 with an owner password, stacks, packages and a file system'];
    const machine = new Machine(context);
    machine.setOwner();
    machine.setOwner();
    expect(machine.world.accounts.alice.password).toBe('from the secret');
    expect(machine.world.calls[0]).toBe('secret arn:aws:secretsmanager:us-west-2:123456789012:secret:pw-a1b2c3');
    const other = new Machine(context, 'bob');
    const { status, stdout } = other.run('owner.ps1');
    expect({ status, stdout }).toEqual({ status: 1, stdout: expect.stringContaining("expected 'alice', whose password") as string });
    expect(other.world.accounts).toEqual({});
    expect(other.world.calls).toEqual([]);
  });

  test('where the library manages no password nobody knows it, and one that is there stays', () => {
    const machine = new Machine({ '/dcv/LoginMethod': 'unmanaged' });
    machine.setOwner();
    expect(machine.world.accounts.alice.password).toMatch(/^aA1!/);
    expect(machine.world.lsa).toEqual({});
    machine.change(({ accounts }) => (accounts.alice.password = 'of the image'));
    machine.setOwner();
    expect(machine.world.accounts.alice.password).toBe('of the image');
  });

  test('an owner named like the computer is refused', () => {
    const machine = new Machine({}, 'ec2amaz-abc');
    process.env.COMPUTERNAME = 'EC2AMAZ-ABC';
    try {
      expect(machine.run('owner.ps1').stdout).toContain('expected another name than that of the computer');
    } finally {
      delete process.env.COMPUTERNAME;
    }
    expect(machine.world.accounts).toEqual({});
  });
});
