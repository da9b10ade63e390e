import { X509Certificate } from 'node:crypto';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import { DcvAccess, DcvSessionType } from '../../../../lib';
import { deployTime } from '../../app/node-under-test';
import { CERTIFICATE_SECRET, certificateOf } from '../../certificates';
import { DEB_DESKTOP, RPM_DESKTOP, scenario } from '../../scenario';

const pair = () => certificateOf('desktop.example.com');

export default scenario({
  summary: 'each option of DCV: permissions, a collaborator, no QUIC, two clients, no files, a certificate from a secret',
  runsOn: [RPM_DESKTOP, DEB_DESKTOP],
  input: {
    node: (stack) => ({
      sessionType: DcvSessionType.VIRTUAL,
      dcv: {
        permissions: { clipboardCopy: false, screenshot: false, fileDownload: false, fileUpload: false, printer: true },
        collaborators: [{ user: deployTime(stack, 'Trainer'), access: DcvAccess.VIEW }],
        quic: false,
        webClientMaxResolution: { width: 2560, height: 1440 },
        maxConcurrentClients: 2,
        certificateSecret: secretsmanager.Secret.fromSecretCompleteArn(stack, 'Certificate', CERTIFICATE_SECRET),
      },
    }),
    parameters: { Trainer: 'trainer' },
  },
  world: (world) => ({ secrets: { ...world.secrets, [CERTIFICATE_SECRET]: JSON.stringify(pair()) } }),
  verdict: 'ready',
  play: async (lab) => {
    lab.notes['secret line of the private key'] = pair().PrivateKey.split('\n')[3];
    await lab.machine.run();
    const shown = 'timeout 20 openssl s_client -connect 127.0.0.1:8443 </dev/null 2>/dev/null | openssl x509 -noout -fingerprint -sha256';
    lab.notes.shown = (await lab.machine.service(shown)).stdout.trim();
    lab.notes.files = (await lab.machine.service('stat -c "%n %U %a" /etc/dcv/dcv.pem /etc/dcv/dcv.key')).stdout.trim();
    lab.notes.groups = (await lab.machine.service('id -nG dcv')).stdout.trim();
  },
  expect: (seen, check) => {
    const configuration = seen.machine.read('/etc/dcv/dcv.conf') ?? '';
    check.equal(
      seen.lines('/etc/dcv/cluster-node.perm'),
      [
        '[permissions]',
        '%any% deny clipboard-copy file-download file-upload screenshot usb',
        '%owner% allow display pointer audio-in audio-out clipboard-paste extensions-client extensions-server gamepad keyboard keyboard-sas mouse printer smartcard stylus touch webauthn-redirection webcam unsupervised-access',
        'trainer allow display pointer audio-out',
        'trainer deny unsupervised-access',
      ],
      'permissions of the session',
    );
    check.matches(
      configuration,
      /^\[session-management\/defaults\]\npermissions-file="\/etc\/dcv\/cluster-node.perm"$/m,
      'default permissions of the server',
    );
    check.matches(configuration, /^\[security\]\n(.*\n)*supervision-control="enforced"$/m, 'supervision of collaborators');
    check.matches(configuration, /^enable-quic-frontend=false$/m, 'QUIC');
    check.matches(configuration, /^web-client-max-head-resolution=\(2560, 1440\)$/m, 'size of web clients');
    check.matches(configuration, /^max-concurrent-clients=2$/m, 'limit of clients');
    check.that(
      seen.commands.filter((command) => command.startsWith('dcv create-session')).every((command) => !command.includes('--storage-root')),
      'the session has a folder for files',
    );
    check.equal(seen.notes.files, '/etc/dcv/dcv.pem dcv 600\n/etc/dcv/dcv.key dcv 600', 'owner and mode of certificate and key');
    check.equal(
      seen.notes.shown.split('=')[1],
      new X509Certificate(pair().Certificate).fingerprint256,
      'certificate that the server shows',
    );
    check.matches(seen.notes.groups, /\b(lpadmin|sys)\b/, 'groups of the server');
    check.that(seen.installed.includes('cups'), 'CUPS is not there');
  },
});
