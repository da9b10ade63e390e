import { execFileSync } from 'child_process';
import * as fs from 'fs';
import * as os from 'os';
import * as path from 'path';
import { DcvAccess, NodeOs } from '../../../lib';
import { SecretReference, VariableReference } from '../../../lib/templates/value-kinds';
import { type Desktop, desktopMachine, runOn } from './desktop-machine';
import { describeOnMachine, failureOf, Machine, SECRET } from './machine';

jest.setTimeout(180_000);

/** A certificate and its key, in PEM. */
interface Pair {
  readonly certificate: string;
  readonly key: string;
}

const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'certificates-'));

/** Arguments of openssl x509 for a self-signed certificate: its days. */
function pairOf(name: string, ...validity: string[]): Pair {
  const file = (ending: string) => path.join(folder, `${name}.${ending}`);
  const openssl = (...args: string[]) => execFileSync('openssl', args, { stdio: 'pipe' });
  openssl('ecparam', '-genkey', '-name', 'prime256v1', '-noout', '-out', file('key'));
  openssl('req', '-x509', '-new', '-key', file('key'), '-subj', `/CN=${name}`, '-out', file('pem'), ...validity);
  return { certificate: fs.readFileSync(file('pem'), 'utf8'), key: fs.readFileSync(file('key'), 'utf8') };
}

/** As a certificate authority of the lab would have issued it, with any times. */
function issued(name: string, start: string, end: string): Pair {
  const file = (ending: string) => path.join(folder, `${name}.${ending}`);
  const { key } = pairOf(name, '-days', '1');
  fs.writeFileSync(file('index'), '');
  fs.writeFileSync(
    file('cnf'),
    `[ca]\ndefault_ca = lab\n[lab]\ndatabase = ${file('index')}\nrand_serial = yes\ndefault_md = sha256\npolicy = any\n[any]\ncommonName = supplied\n`,
  );
  const openssl = (...args: string[]) => execFileSync('openssl', args, { stdio: 'pipe' });
  openssl('req', '-new', '-key', file('key'), '-subj', `/CN=${name}`, '-out', file('csr'));
  const times = ['-startdate', start, '-enddate', end];
  const files = ['-config', file('cnf'), '-in', file('csr'), '-out', file('pem'), '-keyfile', file('key'), '-outdir', folder];
  openssl('ca', '-batch', '-selfsign', '-notext', ...files, ...times);
  return { certificate: fs.readFileSync(file('pem'), 'utf8'), key };
}

const secretOf = ({ certificate, key }: Pair, chain?: string) =>
  JSON.stringify({ Certificate: certificate, CertificateChain: chain, PrivateKey: key });

/** A machine that has the user of the DCV package. */
function machineWithDcvUser(): Machine {
  return desktopMachine()
    .write('/etc/passwd', `${fs.readFileSync('/etc/passwd', 'utf8')}dcv:x:970:970::/var/lib/dcv:/sbin/nologin\n`)
    .write('/etc/group', `${fs.readFileSync('/etc/group', 'utf8')}dcv:x:970:\n`);
}

afterAll(async () => {
  await Machine.removeAll();
  fs.rmSync(folder, { recursive: true });
});

describeOnMachine('options of DCV', () => {
  test('permissions and collaborators are lines of the file, which is also the default of the server', async () => {
    const machine = machineWithDcvUser();
    const desktop: Desktop = {
      dcv: {
        permissions: { clipboardCopy: false, fileDownload: false },
        collaborators: [
          { user: 'bob', access: DcvAccess.VIEW },
          { user: 'eve', access: DcvAccess.CONTROL, unsupervised: true },
          // The owner, who has a line already.
          { user: 'maria', access: DcvAccess.VIEW },
        ],
      },
    };
    expect(failureOf(await runOn(machine, desktop))).toBe('');
    expect(machine.read('/etc/dcv/cluster-node.perm')).toBe(
      `[permissions]
%any% deny clipboard-copy file-download printer usb
%owner% allow display pointer audio-in audio-out clipboard-paste extensions-client extensions-server file-upload gamepad keyboard keyboard-sas mouse screenshot smartcard stylus touch webauthn-redirection webcam unsupervised-access
bob allow display pointer audio-out
bob deny unsupervised-access
eve allow display pointer audio-out gamepad keyboard keyboard-sas mouse stylus touch unsupervised-access
`,
    );
    expect(machine.read('/etc/dcv/dcv.conf')).toContain('[session-management/defaults]\npermissions-file="/etc/dcv/cluster-node.perm"\n');
    expect(machine.read('/etc/dcv/dcv.conf')).toContain('[security]\nsupervision-control="enforced"\n');
  });

  test.each(['%any%', 'bob allow usb', 'bob\n%any%', 'root', '7', '', 'é'])('%j of a token is no collaborator', async (user) => {
    const machine = machineWithDcvUser().value('VALUE_TRAINER', user);
    const context = {
      '/dcv/Collaborators': [
        { user: new VariableReference('/trainer', 'deploy-time', 'VALUE_TRAINER'), features: ['display'], unsupervised: false },
      ],
    };
    const outcome = await runOn(machine, { context });
    expect(outcome.status).not.toBe(0);
    expect(outcome.reason).toMatch(/^collaborators of the session: expected 1 to 32 letters/);
    expect(machine.exists('/etc/dcv/cluster-node.perm')).toBe(false);
  });

  test('without transfers there is no storage', async () => {
    const machine = machineWithDcvUser();
    const outcome = await runOn(machine, { dcv: { permissions: { fileDownload: false, fileUpload: false } } });
    expect(failureOf(outcome)).toBe('');
    expect(machine.exists('/home/maria/dcv_session_storage')).toBe(false);
    expect(machine.read('/etc/dcv/dcv.conf')).toContain('storage-root=""\n');
    expect(outcome.calls.find(([command, verb]) => command === 'dcv' && verb === 'create-session')).not.toContain('--storage-root');
  });

  test.each([true, false])('QUIC %s: server and firewall', async (quic) => {
    const machine = machineWithDcvUser().write('/var/lib/machine/active/firewalld.service', '');
    const outcome = await runOn(machine, { dcv: { quic } });
    expect(failureOf(outcome)).toBe('');
    expect(machine.read('/etc/dcv/dcv.conf')).toContain(`enable-quic-frontend=${quic}\n`);
    const ports = outcome.calls.filter(([command]) => command === 'firewall-cmd').map((call) => call[call.length - 1]);
    expect([...new Set(ports)]).toEqual(['--add-port=8443/tcp', ...(quic ? ['--add-port=8443/udp'] : [])]);
  });

  test.each<[NodeOs, string, string | undefined]>([
    [NodeOs.UBUNTU_24_04, '# SystemGroup x\nSystemGroup lpadmin\n', 'lpadmin'],
    [NodeOs.ROCKY_9, 'SystemGroup root sys\nSystemGroup wheel\n', 'sys'],
    [NodeOs.ROCKY_9, 'User lp\n', undefined],
  ])('printers on %s with %j: DCV manages those of CUPS', async (system, configuration, group) => {
    const archive = fs.readFileSync(desktopMachine({ os: system }).path('/var/lib/machine/download'));
    const machine = machineWithDcvUser().write('/var/lib/machine/download', archive).write('/etc/cups/cups-files.conf', configuration);
    const outcome = await runOn(machine, { os: system, dcv: { permissions: { printer: true } } });
    if (group === undefined) {
      expect(outcome.reason).toBe('printers of clients: expected a group in SystemGroup of /etc/cups/cups-files.conf, got none');
      return;
    }
    expect(failureOf(outcome)).toBe('');
    expect(machine.read('/var/lib/machine/packages').split('\n')).toContain('cups');
    expect(outcome.calls).toContainEqual(['usermod', '--append', '--groups', group, 'dcv']);
    expect(outcome.calls).toContainEqual(['systemctl', 'start', '--no-block', 'cups.service']);
  });

  test.each([
    [{}, '', true],
    [{}, 'pulseaudio-utils', false],
    [{ permissions: { audioIn: false } }, '', false],
  ])('a microphone, %j, with no package %j', async (dcv, unavailable, installed) => {
    const machine = machineWithDcvUser().state('unavailable', unavailable);
    const outcome = await runOn(machine, { dcv });
    expect(failureOf(outcome)).toBe('');
    expect(machine.read('/var/lib/machine/packages').split('\n').includes('pulseaudio-utils')).toBe(installed);
    expect(outcome.log.includes('the microphone of clients is not heard')).toBe(unavailable !== '');
  });

  test('logs that another number has written go, those of the owner and of the server stay', async () => {
    const machine = machineWithDcvUser();
    expect(failureOf(await runOn(machine))).toBe('');
    const uid = /^maria:[^:]*:(\d+):/m.exec(machine.read('/etc/passwd'))![1];
    const logs: [file: string, uid: number, stays: boolean][] = [
      ['agent.maria.old.log', 4242, false],
      ['agent.maria.new.log', Number(uid), true],
      ['Xdcv.maria.old.log', 970, false],
      ['agent.gone.x.log', 61234, false],
      ['server.log', 970, true],
      ['server.log.1', 0, false],
      ['other.log', 0, true],
    ];
    for (const [name, owner] of logs) {
      machine.write(`/var/log/dcv/${name}`, '');
      fs.chownSync(machine.path(`/var/log/dcv/${name}`), owner, owner);
    }
    machine.write('/etc/passwd', `${machine.read('/etc/passwd')}somebody:x:4242:4242::/:/bin/sh\n`);
    expect(failureOf(await runOn(machine))).toBe('');
    expect(fs.readdirSync(machine.path('/var/log/dcv')).sort()).toEqual(
      logs
        .filter(([, , stays]) => stays)
        .map(([name]) => name)
        .sort(),
    );
    expect(machine.ownership('/var/log/dcv')).toMatch(/^970:/);
  });
});

describeOnMachine('the certificate of DCV', () => {
  const context = { '/dcv/CertificateSecret': new SecretReference('/dcv/CertificateSecret', SECRET) };
  const good = pairOf('desktop.example.com', '-days', '90');
  const other = pairOf('other', '-days', '90');

  test('is there for the server alone, with its chain; nothing of the key is in a log or an argument', async () => {
    // As a Windows editor leaves it.
    const machine = machineWithDcvUser().secretText(
      secretOf({ ...good, certificate: good.certificate.replaceAll('\n', '\r\n') }, other.certificate),
    );
    const outcome = await runOn(machine, { context });
    expect(failureOf(outcome)).toBe('');
    expect(machine.read('/etc/dcv/dcv.pem')).toBe(good.certificate + other.certificate);
    expect(machine.read('/etc/dcv/dcv.key')).toBe(good.key);
    expect(machine.ownership('/etc/dcv/dcv.pem')).toMatch(/^970:\d+ 600$/);
    expect(machine.ownership('/etc/dcv/dcv.key')).toMatch(/^970:\d+ 600$/);
    const line = good.key.split('\n')[1];
    expect(JSON.stringify(outcome)).not.toContain(line);
    expect(outcome.log).not.toContain('expires');
  });

  test('a new one restarts the server, the same one does not', async () => {
    const machine = machineWithDcvUser().secretText(secretOf(good));
    const restarts = async () =>
      (await runOn(machine, { context })).calls.filter((call) => call[1] === 'restart' && call.includes('dcvserver.service')).length;
    expect(await restarts()).toBe(1);
    expect(await restarts()).toBe(0);
    machine.secretText(secretOf(other));
    expect(await restarts()).toBe(1);
    expect(machine.read('/etc/dcv/dcv.key')).toBe(other.key);
  });

  test('that is about to expire is told', async () => {
    const outcome = await runOn(machineWithDcvUser().secretText(secretOf(pairOf('soon', '-days', '20'))), { context });
    expect(failureOf(outcome)).toBe('');
    expect(outcome.log).toContain('the certificate of DCV expires on ');
  });

  const encrypted = execFileSync('openssl', ['pkcs8', '-topk8', '-passout', 'pass:secret'], { input: good.key, encoding: 'utf8' });
  test.each<[string, string, RegExp]>([
    ["another one's key", secretOf({ ...good, key: other.key }), /the private key in its secret is not that of the certificate/],
    ['expired', secretOf(issued('old', '20200101000000Z', '20200201000000Z')), /it has expired on Feb +1 /],
    [
      'of the future',
      secretOf(issued('future', '20990101000000Z', '20990201000000Z')),
      /it is valid from Jan +1 .* which is still to come/,
    ],
    ['with an encrypted key', secretOf({ ...good, key: encrypted }), /without a passphrase/],
    ['no JSON', good.certificate, /it is no JSON$/],
    ['a list', '[]', /it is no JSON object$/],
    ['without a key', JSON.stringify({ Certificate: good.certificate }), /PrivateKey is no text in it$/],
    ['without a certificate', JSON.stringify({ PrivateKey: good.key }), /Certificate is no text in it$/],
    ['a certificate that is none', secretOf({ ...good, certificate: 'hello' }), /expected certificates in PEM/],
    [
      'a chain that is none',
      secretOf(good, '-----BEGIN CERTIFICATE-----\nhello\n-----END CERTIFICATE-----'),
      /expected certificates in PEM/,
    ],
    ['a key that is none', secretOf({ ...good, key: 'hello' }), /expected a private key in PEM/],
    ['the chain first', secretOf({ certificate: other.certificate, key: good.key }, good.certificate), /which has to be the first one/],
  ])('%s: fails with the reason, and the server keeps what it has', async (_, secret, reason) => {
    const machine = machineWithDcvUser().secretText(secret).write('/etc/dcv/dcv.pem', 'before').write('/etc/dcv/dcv.key', 'before');
    const outcome = await runOn(machine, { context });
    expect(outcome.status).not.toBe(0);
    expect(outcome.reason).toMatch(/^certificate of DCV: /);
    expect(outcome.reason).toMatch(reason);
    expect([machine.read('/etc/dcv/dcv.pem'), machine.read('/etc/dcv/dcv.key')]).toEqual(['before', 'before']);
    expect(JSON.stringify(outcome)).not.toContain(good.key.split('\n')[1]);
  });
});
