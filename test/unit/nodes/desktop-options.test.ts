import { Annotations, Match } from 'aws-cdk-lib/assertions';
import {
  ConsoleLogin,
  DcvSessionType,
  DesktopEnvironment,
  LoginMethod,
  NodeOs,
  NodeUserData,
  VirtualDesktopNode,
  type VirtualDesktopNodeProps,
} from '../../../lib';
import { FixedImage, sampleCluster } from '../../sample-cluster';

const desktop = (os: NodeOs, props: Partial<VirtualDesktopNodeProps> = {}): VirtualDesktopNode => {
  const { cluster } = sampleCluster();
  return new VirtualDesktopNode(cluster, 'Desktop', {
    cluster,
    os,
    machineImage: new FixedImage(),
    loginWith: LoginMethod.unmanaged(),
    ...props,
  });
};
const scripts = (os: NodeOs, props: Partial<VirtualDesktopNodeProps> = {}): string =>
  Object.values(NodeUserData.fromNode(desktop(os, props)).files).join('\n');
const CONSOLE = { sessionType: DcvSessionType.CONSOLE };
const UBUNTU = NodeOs.UBUNTU_24_04;

describe('desktopEnvironment', () => {
  test.each([NodeOs.UBUNTU_22_04, NodeOs.UBUNTU_24_04])('MATE on %s', (os) => {
    const text = scripts(os, { desktopEnvironment: DesktopEnvironment.MATE });
    expect(text).toContain('mate-desktop-environment-core');
    expect(text).not.toContain('ubuntu-desktop-minimal');
    expect(text).toContain('exec /etc/X11/Xsession mate-session');
  });

  test('GNOME by default', () => {
    expect(scripts(UBUNTU)).toContain('ubuntu-desktop-minimal');
    expect(scripts(UBUNTU)).not.toContain('mate');
  });

  test.each([
    [NodeOs.RHEL_8, 'EPEL'],
    [NodeOs.RHEL_9, 'EPEL'],
    [NodeOs.ROCKY_8, 'EPEL'],
    [NodeOs.ROCKY_9, 'EPEL'],
    [NodeOs.AMAZON_LINUX_2023, 'SPAL'],
  ])('MATE on %s is an error that says where it would be', (os, repository) => {
    expect(() => desktop(os, { desktopEnvironment: DesktopEnvironment.MATE })).toThrow(`for which it is in ${repository}, which`);
  });
});

describe('consoleLogin', () => {
  test('is automatic', () => {
    expect(scripts(UBUNTU, CONSOLE)).toContain('AutomaticLoginEnable=true');
    expect(scripts(UBUNTU, { ...CONSOLE, consoleLogin: ConsoleLogin.GREETER })).not.toContain('AutomaticLoginEnable');
  });

  test('keyring that the greeter opens is not to be open as well', () => {
    const greeter = { ...CONSOLE, consoleLogin: ConsoleLogin.GREETER };
    expect(() => desktop(UBUNTU, { ...greeter, openKeyring: true })).toThrow(
      expect.objectContaining({
        code: 'UnusedOption',
        message: expect.stringMatching(/no openKeyring with ConsoleLogin.GREETER/) as string,
      }) as Error,
    );
    expect(() => desktop(UBUNTU, { ...greeter, openKeyring: false })).not.toThrow();
  });

  test('of a virtual session is an error', () => {
    expect(() => desktop(UBUNTU, { consoleLogin: ConsoleLogin.GREETER })).toThrow(
      /^expected consoleLogin for a console session, got a virtual one/,
    );
  });
});

test.each([
  ['a console session', CONSOLE, true],
  ['a console session, by option', { ...CONSOLE, lockOnDisconnect: false }, false],
  ['a virtual session', {}, false],
  ['a virtual session, by option', { lockOnDisconnect: true }, true],
])('lock of %s', (_, props, lock) => {
  expect(scripts(UBUNTU, props)).toContain(`\nos-auto-lock=${lock}\n`);
});

test('openKeyring', () => {
  expect(scripts(NodeOs.ROCKY_9)).toContain('/.local/share/keyrings');
  expect(scripts(NodeOs.ROCKY_9, { openKeyring: false })).not.toContain('keyrings');
});

test.each([
  [NodeOs.AMAZON_LINUX_2, { desktopEnvironment: DesktopEnvironment.GNOME }],
  [NodeOs.AMAZON_LINUX_2, { ...CONSOLE, consoleLogin: ConsoleLogin.AUTOMATIC }],
  [NodeOs.AMAZON_LINUX_2, { lockOnDisconnect: false }],
  [NodeOs.AMAZON_LINUX_2, { openKeyring: true }],
  [NodeOs.WINDOWS_2022, { desktopEnvironment: DesktopEnvironment.GNOME }],
  [NodeOs.WINDOWS_2022, { openKeyring: true }],
  [UBUNTU, { ownerIsAdministrator: false }],
])('%s takes no %j', (os, option) => {
  expect(() => desktop(os, option)).toThrow(/^expected no \w+ on /);
});

describe('a desktop on Windows', () => {
  const known = { loginWith: LoginMethod.generatedPassword(), machineImage: undefined };
  const script = (props: Partial<VirtualDesktopNodeProps> = {}) =>
    desktop(NodeOs.WINDOWS_2022, { ...known, ...props }).bundle.files['extra/virtual_desktop.ps1'];

  test('locks, and logs nobody on by itself, unless it is told otherwise', () => {
    expect(script()).toContain("-Name 'os-auto-lock' -Value 1");
    expect(script()).toContain("-Name 'AutoAdminLogon' -Value '0'");
    expect(script({ lockOnDisconnect: false })).toContain("-Name 'os-auto-lock' -Value 0");
    expect(script({ consoleLogin: ConsoleLogin.AUTOMATIC })).toContain("-Name 'AutoAdminLogon' -Value '1'");
    expect(script({ consoleLogin: ConsoleLogin.GREETER })).toEqual(script());
  });

  test('cannot log on an owner whose password the node does not know', () => {
    expect(() => script({ consoleLogin: ConsoleLogin.AUTOMATIC, loginWith: LoginMethod.unmanaged() })).toThrow(
      expect.objectContaining({
        code: 'LoginMethodConflict',
        message: expect.stringMatching(/^expected a password that the node knows for ConsoleLogin.AUTOMATIC/) as string,
      }) as Error,
    );
  });

  test('has an ordinary user for its owner, and a warning where it is an administrator', () => {
    const warning = Match.stringLikeRegexp('who is an administrator can switch off');
    const plain = desktop(NodeOs.WINDOWS_2022, known);
    Annotations.fromStack(plain.stack).hasNoWarning('*', warning);
    expect(script()).toContain('Remove-OwnerFromAdministrators');
    const administrator = desktop(NodeOs.WINDOWS_2022, { ...known, ownerIsAdministrator: true });
    Annotations.fromStack(administrator.stack).hasWarning('*', warning);
    expect(script({ ownerIsAdministrator: true })).toContain("Add-OwnerToGroup -Owner (Get-OwnerSid) -Group 'S-1-5-32-544'");
    const unguarded = desktop(NodeOs.WINDOWS_2022, { ...known, ownerIsAdministrator: true, metadataGuard: false });
    Annotations.fromStack(unguarded.stack).hasNoWarning('*', warning);
  });
});

test('Amazon Linux 2 has what it had', () => {
  const text = scripts(NodeOs.AMAZON_LINUX_2, CONSOLE);
  for (const word of ['dconf', 'share/keyrings', 'overview', 'AutomaticLogin', 'os-auto-lock', 'suspend', 'NetworkManager/conf.d']) {
    expect(text).not.toContain(word);
  }
});
