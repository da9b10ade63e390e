import { CfnParameter, Stack } from 'aws-cdk-lib';
import { Annotations, Match, Template } from 'aws-cdk-lib/assertions';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import { DcvAccess, type DcvOptions, type DcvPermissions, NodeOs, VirtualDesktopNode, type VirtualDesktopNodeProps } from '../../../lib';
import { sampleCluster } from '../../sample-cluster';

type Options = DcvOptions | ((stack: Stack) => DcvOptions);

function desktopWith(dcv: Options | undefined, props: Partial<VirtualDesktopNodeProps> = {}) {
  const { stack, cluster } = sampleCluster();
  const given = typeof dcv === 'function' ? dcv(stack) : dcv;
  const node = new VirtualDesktopNode(stack, 'Desktop', { cluster, os: NodeOs.UBUNTU_24_04, dcv: given, ...props });
  return { stack, node, script: node.bundle.files['extra/virtual_desktop.sh'] ?? '' };
}

/** The lines that the script prints into the permissions file. */
const permissionLines = (script: string) =>
  [...script.matchAll(/^ {2}(?:printf '%s\\n' "(%.*)"|(print_collaborator .*))$/gm)].map(([, line, collaborator]) => line ?? collaborator);
const EVERYTHING =
  'display pointer audio-in audio-out clipboard-copy clipboard-paste extensions-client extensions-server file-download file-upload gamepad keyboard keyboard-sas mouse screenshot smartcard stylus touch webauthn-redirection webcam unsupervised-access';

describe('permissions', () => {
  test('are all but printing and USB devices, and the owner has them alone', () => {
    expect(permissionLines(desktopWith(undefined).script)).toEqual(['%any% deny printer usb', `%owner% allow ${EVERYTHING}`]);
  });

  test.each<[keyof DcvPermissions, string]>([
    ['audioIn', 'audio-in'],
    ['audioOut', 'audio-out'],
    ['clipboardCopy', 'clipboard-copy'],
    ['clipboardPaste', 'clipboard-paste'],
    ['extensionsClient', 'extensions-client'],
    ['extensionsServer', 'extensions-server'],
    ['fileDownload', 'file-download'],
    ['fileUpload', 'file-upload'],
    ['gamepad', 'gamepad'],
    ['keyboardSas', 'keyboard-sas'],
    ['mouse', 'mouse'],
    ['screenshot', 'screenshot'],
    ['smartcard', 'smartcard'],
    ['stylus', 'stylus'],
    ['touch', 'touch'],
    ['webauthnRedirection', 'webauthn-redirection'],
    ['webcam', 'webcam'],
  ])('%s: false denies %s to everybody', (permission, feature) => {
    const [denied, allowed] = permissionLines(desktopWith({ permissions: { [permission]: false } }).script);
    expect(denied.split(' ')).toContain(feature);
    expect(allowed.split(' ')).not.toContain(feature);
  });

  test('without the keyboard there is no Ctrl+Alt+Del either', () => {
    const [denied] = permissionLines(desktopWith({ permissions: { keyboard: false } }).script);
    expect(denied).toBe('%any% deny keyboard keyboard-sas printer usb');
  });

  test('all of them leave nothing to deny', () => {
    const [allowed, ...others] = permissionLines(desktopWith({ permissions: { printer: true, usb: true } }).script);
    expect(others).toEqual([]);
    expect(allowed.split(' ')).toEqual(expect.arrayContaining(['printer', 'usb']));
  });

  test('a printer brings CUPS, and only then', () => {
    const install = (permissions: DcvPermissions) => desktopWith({ permissions }).node.bundle.files['extra/virtual_desktop.install.sh'];
    expect(install({ printer: true })).toContain('cups');
    expect(install({})).not.toContain('cups');
  });

  test('no saved pictures but a clipboard is a warning', () => {
    const warning = Match.stringLikeRegexp('dcv.permissions.clipboardCopy');
    const { stack } = desktopWith({ permissions: { screenshot: false } });
    Annotations.fromStack(stack).hasWarning('/Stack/Desktop', warning);
    const { stack: strict } = desktopWith({ permissions: { screenshot: false, clipboardCopy: false } });
    Annotations.fromStack(strict).hasNoWarning('/Stack/Desktop', warning);
  });
});

describe('collaborators', () => {
  test('who see have the picture and the sound, who control have what moves the desktop as well', () => {
    const { script } = desktopWith({
      collaborators: [
        { user: 'bob', access: DcvAccess.VIEW },
        { user: 'eve', access: DcvAccess.CONTROL, unsupervised: true },
      ],
    });
    expect(permissionLines(script).slice(2)).toEqual([
      'print_collaborator "${owner}" "bob" "display pointer audio-out" supervised',
      'print_collaborator "${owner}" "eve" "display pointer audio-out gamepad keyboard keyboard-sas mouse stylus touch" unsupervised',
    ]);
  });

  test('never have what the owner has not', () => {
    const { script } = desktopWith({
      permissions: { audioOut: false, mouse: false },
      collaborators: [{ user: 'bob', access: DcvAccess.CONTROL }],
    });
    expect(permissionLines(script)[2]).toBe(
      'print_collaborator "${owner}" "bob" "display pointer gamepad keyboard keyboard-sas stylus touch" supervised',
    );
  });

  test('may be tokens, which the node checks', () => {
    const { script } = desktopWith((stack) => ({
      collaborators: [{ user: new CfnParameter(stack, 'Trainer').valueAsString, access: DcvAccess.VIEW }],
    }));
    expect(script).toContain('require_valid_collaborator "${VALUE_DCV_COLLABORATORS_0_USER}"');
  });

  test('make the server see to it that they are supervised', () => {
    expect(desktopWith({ collaborators: [{ user: 'bob', access: DcvAccess.VIEW }] }).script).toContain('supervision-control="enforced"');
    expect(desktopWith(undefined).script).not.toContain('supervision-control');
  });
});

describe('QUIC', () => {
  const rules = (stack: Stack) =>
    Object.values(Template.fromStack(stack).findResources('AWS::EC2::SecurityGroup'))
      .flatMap(
        ({ Properties }) =>
          (Properties as { SecurityGroupIngress?: { IpProtocol: string; FromPort: number }[] }).SecurityGroupIngress ?? [],
      )
      .map(({ IpProtocol, FromPort }) => `${IpProtocol} ${FromPort}`);

  test.each([
    ['on', undefined, ['tcp 8443', 'udp 8443'], 'enable-quic-frontend=true\nquic-port=${port}\n'],
    ['off', { quic: false }, ['tcp 8443'], 'enable-quic-frontend=false\n'],
  ])('%s: security group, server and firewall', (_, dcv, expected, setting) => {
    const { stack, node, script } = desktopWith(dcv);
    node.allowDcvFrom(ec2.Peer.ipv4('10.0.0.0/8'));
    expect(rules(stack)).toEqual(expected);
    expect(script).toContain(setting);
    expect(script.includes('open_ports "${port}/udp"')).toBe(expected.length === 2);
  });

  test.each([
    [undefined, 2],
    [true, 2],
    [false, 1],
  ])('of a desktop that another stack has made: %s', (quic, count) => {
    const { stack, node } = desktopWith(undefined);
    const imported = VirtualDesktopNode.fromVirtualDesktopNodeAttributes(stack, 'Imported', {
      clusterId: 'lab',
      launchTemplateId: 'lt-0123456789abcdef0',
      launchTemplateVersion: '1',
      role: node.role,
      securityGroups: [
        new ec2.SecurityGroup(stack, 'Group', { vpc: ec2.Vpc.fromVpcAttributes(stack, 'V', { vpcId: 'vpc-1', availabilityZones: ['a'] }) }),
      ],
      quic,
    });
    imported.allowDcvFrom(ec2.Peer.ipv4('10.0.0.0/8'));
    expect(rules(stack)).toHaveLength(count);
  });
});

describe('screen, clients and files', () => {
  test('are large, not limited, and in the home of the owner by themselves', () => {
    const { script } = desktopWith(undefined);
    expect(script).toContain('web-client-max-head-resolution=(4096, 2160)\n');
    expect(script).not.toContain('max-concurrent-clients');
    expect(script).toContain('folder="dcv_session_storage"');
  });

  test('are as they are given', () => {
    const { script } = desktopWith({
      webClientMaxResolution: { width: 2560, height: 1440 },
      maxConcurrentClients: 3,
      sessionStorage: 'My Files/transfer',
    });
    expect(script).toContain('web-client-max-head-resolution=(2560, 1440)\n');
    expect(script.match(/^max-concurrent-clients=3$/gm)).toHaveLength(2);
    expect(script).toContain('folder="My Files/transfer"');
  });

  test('without uploads and downloads there is no folder', () => {
    expect(desktopWith({ permissions: { fileDownload: false } }).script).toContain('runuser --user "${owner}" -- mkdir');
    expect(desktopWith({ permissions: { fileDownload: false, fileUpload: false } }).script).not.toContain(
      'runuser --user "${owner}" -- mkdir',
    );
  });
});

describe('the certificate', () => {
  const policies = (stack: Stack) =>
    Object.values(Template.fromStack(stack).findResources('AWS::IAM::Policy')).flatMap(
      ({ Properties }) =>
        (Properties as { PolicyDocument: { Statement: { Action: unknown; Resource: unknown }[] } }).PolicyDocument.Statement,
    );

  test('comes from a secret, by its ARN, and the role reads it and nothing else', () => {
    const { stack, script } = desktopWith((scope) => ({ certificateSecret: new secretsmanager.Secret(scope, 'Certificate') }));
    expect(script).toContain('get_secret "${VALUE_DCV_CERTIFICATE_SECRET}"');
    expect(policies(stack)).toEqual([
      {
        Action: 'secretsmanager:GetSecretValue',
        Effect: 'Allow',
        Resource: { Ref: expect.stringMatching(/^Certificate/) as string },
      },
    ]);
  });

  test('brings the permission for its key', () => {
    const { stack } = desktopWith((scope) => ({
      certificateSecret: new secretsmanager.Secret(scope, 'Certificate', { encryptionKey: new kms.Key(scope, 'Key') }),
    }));
    expect(policies(stack).map(({ Action }) => Action)).toEqual(['secretsmanager:GetSecretValue', 'kms:Decrypt']);
  });

  test('is the own one of the server otherwise', () => {
    expect(desktopWith(undefined).script).not.toContain('get_secret "');
  });
});

describe('an error', () => {
  const both = { permissions: { fileDownload: false, fileUpload: false } };
  test.each<[string, string, Options, RegExp]>([
    ['Ctrl+Alt+Del without keyboard', 'InvalidDcvPermissions', { permissions: { keyboard: false, keyboardSas: true } }, /keyboardSas/],
    ['a collaborator who is none', 'InvalidDcvPermissions', { collaborators: [{ user: '%any%', access: DcvAccess.VIEW }] }, /'%any%'/],
    ['root as a collaborator', 'InvalidDcvPermissions', { collaborators: [{ user: 'root', access: DcvAccess.VIEW }] }, /'root'/],
    [
      'a collaborator twice',
      'InvalidDcvPermissions',
      {
        collaborators: [
          { user: 'bob', access: DcvAccess.VIEW },
          { user: 'bob', access: DcvAccess.CONTROL },
        ],
      },
      /'bob' twice/,
    ],
    [
      'one client for two',
      'InvalidDcvPermissions',
      { maxConcurrentClients: 1, collaborators: [{ user: 'bob', access: DcvAccess.VIEW }] },
      /maxConcurrentClients of at least 2/,
    ],
    ['no client', 'OutOfRange', { maxConcurrentClients: 0 }, /dcv.maxConcurrentClients/],
    ['a narrow screen', 'OutOfRange', { webClientMaxResolution: { width: 639, height: 480 } }, /width/],
    ['a screen beyond that of DCV', 'OutOfRange', { webClientMaxResolution: { width: 4096, height: 2161 } }, /height/],
    [
      'a screen that is a token',
      'OutOfRange',
      (stack) => ({ webClientMaxResolution: { width: new CfnParameter(stack, 'W', { type: 'Number' }).valueAsNumber, height: 480 } }),
      /a token/,
    ],
    ...['', '/srv', '../x', 'a/../b', 'a//b', 'a/', 'a\nb', 'a"b', ' a', 'a ', '~', '.', 'x'.repeat(201)].map(
      (sessionStorage): [string, string, Options, RegExp] => [
        `the folder ${JSON.stringify(sessionStorage).slice(0, 20)}`,
        'InvalidSessionStorage',
        { sessionStorage },
        /below the home/,
      ],
    ),
    [
      'a folder that is a token',
      'InvalidSessionStorage',
      (stack) => ({ sessionStorage: new CfnParameter(stack, 'Folder').valueAsString }),
      /a token/,
    ],
    ['a folder for nobody', 'InvalidSessionStorage', { ...both, sessionStorage: 'files' }, /leave it out/],
  ])('%s', (_, code, dcv, message) => {
    expect(() => desktopWith(dcv)).toThrow(expect.objectContaining({ code, message: expect.stringMatching(message) as string }) as Error);
  });

  test('the owner as a collaborator', () => {
    expect(() => desktopWith({ collaborators: [{ user: 'alice', access: DcvAccess.VIEW }] }, { sessionOwner: 'alice' })).toThrow(
      /nobody in dcv.collaborators who owns the desktop, got the sessionOwner 'alice'/,
    );
  });

  const each: [string, DcvOptions][] = [
    ['permissions', { permissions: {} }],
    ['collaborators', { collaborators: [] }],
    ['quic', { quic: true }],
    ['webClientMaxResolution', { webClientMaxResolution: { width: 1920, height: 1080 } }],
    ['maxConcurrentClients', { maxConcurrentClients: 2 }],
    ['sessionStorage', { sessionStorage: 'files' }],
  ];
  test.each(each)('%s on Amazon Linux 2, whose scripts do not apply it', (name, dcv) => {
    expect(() => desktopWith(dcv, { os: NodeOs.AMAZON_LINUX_2 })).toThrow(
      expect.objectContaining({
        code: 'UnsupportedOnOs',
        message: expect.stringContaining(`expected no dcv.${name} on amazonlinux2`) as string,
      }) as Error,
    );
  });

  test.each([
    'Windows/System32',
    'USERS',
    'Program Files',
    'ProgramData/x',
    'a/nul',
    'con.txt',
    'files.',
    'a./b',
    'System Volume Information',
  ])('the folder %s on Windows', (sessionStorage) => {
    expect(() => desktopWith({ sessionStorage }, { os: NodeOs.WINDOWS_2022 })).toThrow(
      expect.objectContaining({
        code: 'InvalidSessionStorage',
        message: expect.stringContaining('a folder of its own on drive C') as string,
      }) as Error,
    );
  });
});

describe('on Windows', () => {
  const windows = (dcv?: Options) => {
    const { stack, node } = desktopWith(dcv, { os: NodeOs.WINDOWS_2022 });
    return { stack, node, script: node.bundle.files['extra/virtual_desktop.ps1'] ?? '' };
  };

  test('everything is as on Linux', () => {
    const { node, script } = windows({
      permissions: { clipboardCopy: false },
      collaborators: [{ user: 'bob', access: DcvAccess.VIEW, unsupervised: true }],
      quic: false,
      webClientMaxResolution: { width: 2560, height: 1440 },
      maxConcurrentClients: 3,
      sessionStorage: 'My Files/transfer',
    });
    expect(script).toContain('"%any% deny clipboard-copy printer usb"');
    expect(script).toContain(`"%owner% allow ${EVERYTHING.replace(' clipboard-copy', '')}"`);
    expect(script).toContain('-User "bob" -Features "display pointer audio-out" -Unsupervised');
    expect(script).toContain("-Name 'enable-quic-frontend' -Value 0");
    expect(script).toContain('"(2560, 1440)"');
    expect(script).toContain('$Clients = [int]3');
    expect(script).toContain('"My Files/transfer"');
    node.allowDcvFrom(ec2.Peer.ipv4('10.0.0.0/8'));
    expect(windows().script).toContain("-Name 'enable-quic-frontend' -Value 1");
    expect(windows().script).toContain('$Clients = [int]-1');
  });

  test('the certificate comes from its secret', () => {
    const { stack, script } = windows((scope) => ({ certificateSecret: new secretsmanager.Secret(scope, 'Certificate') }));
    expect(script).toContain('Get-NodeSecret -Arn "${VALUE_DCV_CERTIFICATE_SECRET}"');
    expect(JSON.stringify(Template.fromStack(stack).findResources('AWS::IAM::Policy'))).toContain('secretsmanager:GetSecretValue');
    expect(windows().script).not.toContain('Install-DcvCertificate');
  });
});

test('Amazon Linux 2 keeps what it has', () => {
  const { script } = desktopWith(undefined, { os: NodeOs.AMAZON_LINUX_2 });
  expect(permissionLines(script)).toEqual(['%owner% allow builtin']);
  expect(script).not.toContain('web-client-max-head-resolution');
});
