import { spawnSync } from 'child_process';
import { createHash } from 'crypto';
import * as fs from 'fs';
import * as path from 'path';
import { NodeOs } from '../../../lib/nodes/node-os';
import { fileOf } from '../../../lib/nodes/private/agent-files';
import { SecretReference } from '../../../lib/templates/value-kinds';
import { INJECTED_VALUES } from '../../injected-values';
import { type Desktop, desktopMachine, runDesktop, runOn as run } from './desktop-machine';
import { describeOnMachine, failureOf, Machine, Outcome, SECRET } from './machine';
import { fileSystem, LINUX_SYSTEMS } from './phase-scripts';

/** DCV packages that were given to the package manager, by name. */
function dcvPackages(outcome: Outcome): string[] {
  const files = outcome.calls
    .filter(([command]) => /^(dnf|yum|apt-get)$/.test(command))
    .flat()
    .filter((word) => word.startsWith('/var/cache/cluster-node/dcv-packages/'));
  return files.map((file) => path.basename(file).replace(/[-_]\d.*$/, '')).sort();
}
const created = (outcome: Outcome): string[][] => outcome.calls.filter(([command, verb]) => command === 'dcv' && verb === 'create-session');
const units = (outcome: Outcome, verb: string): string[] =>
  outcome.calls.filter((call) => call[0] === 'systemctl' && call[1] === verb).map((call) => call[call.length - 1]);
const BASE = ['nice-dcv-server', 'nice-dcv-web-viewer'];

afterAll(() => Machine.removeAll());

describeOnMachine('virtual_desktop', () => {
  test.each(LINUX_SYSTEMS.map((system) => [system.name, system] as const))('a virtual session is ready on %s', async (_, system) => {
    const { machine, outcome } = await runDesktop({ os: system });
    expect(failureOf(outcome)).toBe('');
    expect(dcvPackages(outcome)).toEqual([...BASE, 'nice-xdcv']);
    const desktop = {
      amazonlinux2: 'gnome-session',
      amazonlinux2023: '@Desktop',
      ubuntu2204: 'ubuntu-desktop-minimal',
      ubuntu2404: 'ubuntu-desktop-minimal',
    }[system.name];
    expect(machine.read('/var/lib/machine/packages').split('\n')).toContain(desktop ?? '@Server with GUI');
    expect(machine.read(system.distribution === 'ubuntu' ? '/etc/gdm3/custom.conf' : '/etc/gdm/custom.conf')).toContain(
      'WaylandEnable=false\n',
    );
    expect(units(outcome, 'enable')).toEqual(['dcvserver.service', 'cluster-node-dcv-session.service']);
    expect(machine.read('/var/lib/machine/sessions')).toBe('i-0123456789abcdef0\n');
    const video = outcome.calls.filter(([command]) => command === 'usermod');
    expect(video).toEqual(system.distribution === 'ubuntu' ? [['usermod', '--append', '--groups', 'video', 'dcv']] : []);
  });

  test.each<[string, Desktop, string[]]>([
    ['virtual, no GPU', { gpu: 'none' }, ['nice-xdcv']],
    ['virtual, NVIDIA', { gpu: 'nvidia' }, ['nice-dcv-gl', 'nice-xdcv']],
    ['virtual, AMD', { gpu: 'amd' }, ['nice-xdcv']],
    ['virtual, NVIDIA without driver', { gpu: 'nvidia', driver: false }, ['nice-xdcv']],
    ['virtual, NVIDIA, arm64', { gpu: 'nvidia', architecture: 'arm64' }, ['nice-xdcv']],
    ['virtual, NVIDIA, Ubuntu', { gpu: 'nvidia', os: NodeOs.UBUNTU_24_04 }, ['nice-dcv-gl', 'nice-xdcv']],
    ['virtual, NVIDIA, Ubuntu, arm64', { gpu: 'nvidia', os: NodeOs.UBUNTU_24_04, architecture: 'arm64' }, ['nice-xdcv']],
    ['console, no GPU, Ubuntu', { sessionType: 'console', os: NodeOs.UBUNTU_24_04 }, ['nice-xdcv']],
    ['console, NVIDIA', { sessionType: 'console', gpu: 'nvidia' }, ['nice-xdcv']],
  ])('%s: DCV packages', async (_, desktop, packages) => {
    const { outcome } = await runDesktop(desktop);
    expect(failureOf(outcome)).toBe('');
    expect(dcvPackages(outcome)).toEqual([...BASE, ...packages].sort());
  });

  test.each([
    ['2026.0.1-1.el7', [['nice-dcv-server']]],
    ['2025.0.9999-1.el7', []],
    ['2025.0.20103-1.el9', []],
  ])('yum replaces version %s', async (version, removed) => {
    const desktop = { os: NodeOs.AMAZON_LINUX_2 };
    const machine = desktopMachine(desktop).state('installed-version', version).state('packages', 'nice-dcv-server\n');
    const outcome = await run(machine, desktop);
    expect(failureOf(outcome)).toBe('');
    const removals = outcome.calls.filter((call) => call[0] === 'yum' && call.includes('remove'));
    expect(removals.map((call) => call.slice(call.indexOf('remove') + 1))).toEqual(removed);
  });

  test('what an image has of DCV and this desktop has no use for is removed', async () => {
    const machine = desktopMachine({}).state('packages', 'nice-dcv-gl\nnice-xdcv\n');
    const removed = (outcome: Outcome): unknown => outcome.calls.filter((call) => call.includes('remove')).map((call) => call.at(-1));
    expect(removed(await run(machine))).toEqual(['nice-dcv-gl']);
    expect(removed(await run(desktopMachine({}).state('packages', 'nice-dcv-gl\nnice-xdcv\n'), { sessionType: 'console' }))).toEqual([
      'nice-dcv-gl',
    ]);
  });

  test('a GPU without driver is told', async () => {
    expect((await runDesktop({ gpu: 'nvidia', driver: false })).outcome.log).toContain(
      'WARNING this node has an NVIDIA GPU, but the NVIDIA driver is not loaded',
    );
  });

  describe('console session', () => {
    test.each([
      ['Amazon Linux 2023', NodeOs.AMAZON_LINUX_2023, 'xorg-x11-drv-dummy'],
      ['Ubuntu 24.04', NodeOs.UBUNTU_24_04, 'xserver-xorg-video-dummy'],
    ])('without GPU draws on a dummy display on %s', async (_, system, driver) => {
      const { machine, outcome } = await runDesktop({ os: system, sessionType: 'console' });
      expect(failureOf(outcome)).toBe('');
      expect(machine.read('/var/lib/machine/packages').split('\n')).toContain(driver);
      expect(machine.read('/etc/X11/xorg.conf.d/20-cluster-node-dummy.conf')).toContain('Driver "dummy"');
      expect(outcome.calls).toContainEqual(['systemctl', 'set-default', 'graphical.target']);
      expect(units(outcome, 'restart')).toEqual(['gdm.service', 'dcvserver.service', 'cluster-node-dcv-session.service']);
      // The server makes the session by itself.
      expect(created(outcome)).toEqual([]);
      const configuration = machine.read('/etc/dcv/dcv.conf');
      expect(configuration).toContain('[session-management]\ncreate-session=true\n');
      expect(configuration).toContain(
        '[session-management/automatic-console-session]\nowner="maria"\npermissions-file="/etc/dcv/cluster-node.perm"\nstorage-root="/home/maria/dcv_session_storage"\n',
      );
    });

    test('with GPU draws on the GPU, also when the node had none before', async () => {
      const machine = desktopMachine({ gpu: 'nvidia' }).write('/etc/X11/xorg.conf.d/20-cluster-node-dummy.conf', 'Driver "dummy"');
      const outcome = await run(machine, { sessionType: 'console' });
      expect(failureOf(outcome)).toBe('');
      expect(machine.exists('/etc/X11/xorg.conf.d/20-cluster-node-dummy.conf')).toBe(false);
      expect(machine.read('/etc/X11/xorg.conf')).toContain('"PCI:0:30:0"');
      // For a resized instance.
      expect(machine.read('/var/lib/machine/packages')).toContain('dummy');
    });

    test('X starts again when its packages are others', async () => {
      const machine = desktopMachine();
      expect(failureOf(await run(machine, { sessionType: 'console' }))).toBe('');
      expect(units(await run(machine, { sessionType: 'console' }), 'restart')).toEqual([]);
      machine.state('package-version', 2);
      expect(units(await run(machine, { sessionType: 'console' }), 'restart')).toContain('gdm.service');
    });

    test('is always named console', async () => {
      const machine = desktopMachine().value('VALUE_DCV_SESSION_ID', 'mine');
      const outcome = await run(machine, { sessionType: 'console' });
      expect(failureOf(outcome)).toBe('');
      expect(outcome.log).toContain('the session id mine is not used');
    });

    test('without an X server the desktop is not ready', async () => {
      const machine = desktopMachine();
      machine.write('/usr/local/sbin/systemctl', machine.read('/usr/local/sbin/systemctl').replace('echo 1 >/tmp/.X0-lock', ':'), 0o755);
      const outcome = await run(machine, { sessionType: 'console' });
      expect(outcome.status).not.toBe(0);
      expect(outcome.reason).toBe('the desktop is not ready after 420 s: no X server is running');
    });
  });

  describe('virtual session', () => {
    test('is made with owner, user, permissions, storage and name', async () => {
      const machine = desktopMachine()
        .value('VALUE_DCV_SESSION_NAME', 'CAD $(touch /root/pwned) "x"\n-')
        .value('VALUE_DCV_SESSION_ID', 'desk-1');
      const outcome = await run(machine);
      expect(failureOf(outcome)).toBe('');
      const options = ['--type', 'virtual', '--owner', 'maria', '--user', 'maria', '--permissions-file', '/etc/dcv/cluster-node.perm'];
      expect(created(outcome)).toEqual([
        [
          'dcv',
          'create-session',
          ...options,
          '--storage-root',
          '/home/maria/dcv_session_storage',
          '--init',
          '/usr/local/bin/cluster-node-desktop-session',
          '--name',
          'CAD $(touch /root/pwned) "x"\n-',
          'desk-1',
        ],
      ]);
      expect(machine.exists('/root/pwned')).toBe(false);
      expect(machine.read('/etc/dcv/cluster-node.perm')).toMatch(/^\[permissions\]\n%any% deny printer usb\n%owner% allow display .*\n$/);
      expect(machine.read('/etc/dcv/dcv.conf')).toContain('create-session=false\n');
      expect(machine.read('/etc/dcv/dcv.conf')).toContain('web-port=8443\nenable-quic-frontend=true\nquic-port=8443\nidle-timeout=1440\n');
    });

    test('is waited for while the server comes up', async () => {
      const machine = desktopMachine().state('dcv-failures', 3);
      const outcome = await run(machine);
      expect(failureOf(outcome)).toBe('');
      expect(created(outcome)).toHaveLength(4);
    });

    test('that cannot be made is a failure with a reason, within the time', async () => {
      const machine = desktopMachine().state('dcv-failures', 1000);
      const outcome = await run(machine);
      expect(outcome.status).not.toBe(0);
      expect(outcome.reason).toMatch(
        /^the desktop is not ready after 420 s: DCV has no session i-0123456789abcdef0 \(the DCV session i-0123456789abcdef0 could not be created: /,
      );
    });

    test('comes back with each boot, after the server and the shared file systems', async () => {
      const machine = desktopMachine().value('VALUE_CONFIGURATION_FILE_SYSTEMS_HOME_MOUNT_TARGET', 'fs-1.efs.example.com');
      const context = {
        '/configuration/FileSystems': [fileSystem('home', { mount_path: '/shared/home' }), fileSystem('data', { mount_target: 'x' })],
      };
      expect(failureOf(await run(machine, { context }))).toBe('');
      const unit = machine.read('/etc/systemd/system/cluster-node-dcv-session.service');
      expect(unit).toMatch(
        /^After=dcvserver\.service .*network-online\.target remote-fs\.target .*sssd\.service shared-home\.mount data\.mount$/m,
      );
      expect(unit).toMatch(/^PartOf=dcvserver\.service$/m);
      expect(unit).toMatch(/^WantedBy=multi-user\.target$/m);
      // Ordered after what is ordered after multi-user.target, systemd would drop it.
      expect(unit).not.toMatch(/^(After|Requires)=.*(multi-user|graphical|cloud-)/m);
      expect(unit).not.toContain('ExecStop');
      expect(machine.exists('/var/lib/machine/enabled/cluster-node-dcv-session.service')).toBe(true);
    });

    test('is left alone when the phase runs again', async () => {
      const machine = desktopMachine();
      expect(failureOf(await run(machine))).toBe('');
      const outcome = await run(machine);
      expect(failureOf(outcome)).toBe('');
      expect(created(outcome)).toEqual([]);
      expect(units(outcome, 'restart')).toEqual([]);
      expect(outcome.calls.filter(([, verb]) => verb === 'close-session')).toEqual([]);
    });

    test('is not made by an image of the node, which belongs to another owner', async () => {
      const machine = desktopMachine().write('/var/lib/cloud/data/instance-id', 'i-0123456789abcdef0\n');
      expect(failureOf(await run(machine))).toBe('');
      const boot = (): Promise<Outcome> =>
        machine.reboot().run('#!/bin/bash\nPATH=/usr/local/sbin:/usr/bin systemctl restart cluster-node-dcv-session.service\n');
      const again = await boot();
      expect(failureOf(again)).toBe('');
      expect(created(again)).toHaveLength(1);
      machine.write('/var/lib/cloud/data/instance-id', 'i-0fedcba9876543210\n');
      const outcome = await boot();
      expect(failureOf(outcome)).toBe('');
      expect(created(outcome)).toEqual([]);
      expect(outcome.log).toContain('the settings are those of the instance i-0123456789abcdef0');
    });

    test('is made again after a power cut', async () => {
      const machine = desktopMachine();
      expect(failureOf(await run(machine))).toBe('');
      const outcome = await run(machine.reboot());
      expect(failureOf(outcome)).toBe('');
      expect(units(outcome, 'restart')).toContain('dcvserver.service');
      expect(created(outcome)).toHaveLength(1);
    });

    test('does not wait for jobs that may be queued behind the boot', async () => {
      const { outcome } = await runDesktop({ sessionType: 'console' });
      for (const call of outcome.calls.filter(([command, verb]) => command === 'systemctl' && ['start', 'restart'].includes(verb))) {
        expect(call).toContain('--no-block');
      }
    });
  });

  describe('owner', () => {
    const notOwners = [
      '',
      '-x',
      'a b',
      'a;id',
      'é',
      'a'.repeat(33),
      'maria\n',
      '1000',
      'root',
      'nobody',
      ...Object.values(INJECTED_VALUES),
    ];
    test.each(notOwners)('%j is refused before anything is started', async (owner) => {
      const outcome = await run(desktopMachine().value('VALUE_DCV_SESSION_OWNER', owner));
      expect(outcome.status).not.toBe(0);
      expect(outcome.reason).toMatch(/^session owner: expected 1 to 32 letters, digits/);
      expect(outcome.calls.filter(([command]) => ['systemctl', 'dcv'].includes(command))).toEqual([]);
    });

    test.each([
      ['/system/dcv/port', '8443\n[security]\nauthentication="none"'],
      ['/system/dcv/idle_timeout', '$(touch /pwned)'],
      ['/system/dcv/session_storage', 'files"\n[security]\nauthentication="none"\n"'],
    ])('gets no other settings of the server by %s', async (key, value) => {
      const machine = desktopMachine();
      const outcome = await run(machine, { context: { [key]: value } });
      expect(outcome.reason).toMatch(/^DCV server: expected a port, minutes and a folder without a newline, got /);
      expect(machine.exists('/etc/dcv/dcv.conf')).toBe(false);
    });

    test('that only the node knows for a system account is refused by its number', async () => {
      const machine = desktopMachine().value('VALUE_DCV_SESSION_OWNER', 'licences');
      machine.write('/etc/passwd', `${fs.readFileSync('/etc/passwd', 'utf8')}licences:x:999:999::/srv:/bin/false\n`);
      const outcome = await run(machine);
      expect(outcome.status).not.toBe(0);
      expect(outcome.reason).toBe('session owner: expected a user, got the system account licences');
    });

    test('is created as a local user with a home, a shell, a folder for files and a password', async () => {
      const { machine } = await runDesktop({});
      expect(machine.read('/etc/passwd')).toMatch(/^maria:x:\d{4,}:\d+:[^:]*:\/home\/maria:\/bin\/bash$/m);
      expect(machine.read('/etc/shadow')).toMatch(/^maria:\$/m);
      const [uid] = /maria:x:(\d+:\d+)/.exec(machine.read('/etc/passwd'))!.slice(1);
      expect(machine.ownership('/home/maria/dcv_session_storage')).toMatch(new RegExp(`^${uid} `));
    });

    describe('with a secret for the password', () => {
      const context = {
        '/dcv/LoginMethod': 'secret',
        '/dcv/FixedOwner': 'maria',
        '/dcv/OwnerPasswordSecret': new SecretReference('/dcv/OwnerPasswordSecret', SECRET),
      };

      test('logs in with it, and it is in no log and no argument', async () => {
        const password = `x'"$(id)\\ %s:é`;
        const machine = desktopMachine().secretText(password);
        const outcome = await run(machine, { context });
        expect(failureOf(outcome)).toBe('');
        const hash = /^maria:([^:]+):/m.exec(machine.read('/etc/shadow'))![1];
        expect(hash).toMatch(/^\$/);
        const check = spawnSync('perl', ['-e', 'print crypt($ARGV[0], $ARGV[1])', password, hash], { encoding: 'utf8' });
        expect(check.stdout).toBe(hash);
        expect(JSON.stringify(outcome)).not.toContain('$(id)');
      });

      test.each(['', 'two\nlines', 'a\tb'])('%j as the password is refused', async (password) => {
        const outcome = await run(desktopMachine().secretText(password), { context });
        expect(outcome.status).not.toBe(0);
        expect(outcome.reason).toBe('session owner: expected one line of text as the password of maria, got something else in its secret');
      });
    });

    test('of a directory has to be known there, and gets a home that is its own', async () => {
      const context = { '/configuration/UserDirectory/provider': 'openldap' };
      const unknown = await run(desktopMachine(), { context });
      expect(unknown.status).not.toBe(0);
      expect(unknown.reason).toBe('session owner: the user directory does not know maria');
      const machine = desktopMachine();
      machine.write('/etc/passwd', `${fs.readFileSync('/etc/passwd', 'utf8')}maria:x:70001:70001::/home/maria:/bin/bash\n`);
      machine.write('/etc/group', `${fs.readFileSync('/etc/group', 'utf8')}maria:x:70001:\n`);
      expect(failureOf(await run(machine, { context }))).toBe('');
      expect(machine.ownership('/home/maria')).toBe('70001:70001 700');
      expect(machine.ownership('/home/maria/dcv_session_storage')).toMatch(/^70001:70001 /);
    });

    test('cannot point the folder for files elsewhere: root does not follow its links', async () => {
      const machine = desktopMachine();
      expect(failureOf(await run(machine))).toBe('');
      machine.remove('/home/maria/dcv_session_storage').link('/home/maria/dcv_session_storage', '/root/taken');
      const outcome = await run(machine);
      expect(outcome.status).not.toBe(0);
      expect(outcome.reason).toBe('session storage: maria cannot create /home/maria/dcv_session_storage');
      expect(machine.exists('/root/taken')).toBe(false);
    });
  });

  describe('SSM agent', () => {
    const unit = '/var/lib/machine/units/snap.amazon-ssm-agent.amazon-ssm-agent.service';

    test.each<[string, NodeOs, (machine: Machine) => Machine, string[]]>([
      ['where there is none, from its package', NodeOs.RHEL_9, (machine) => machine, ['/var/cache/cluster-node/amazon-ssm-agent.rpm']],
      ['not over that of the image', NodeOs.RHEL_9, (machine) => machine.state('packages', 'amazon-ssm-agent\n'), []],
      ['not beside the snap of the image', NodeOs.UBUNTU_24_04, (machine) => machine.write(unit, ''), []],
    ])('%s', async (_, system, prepare, installed) => {
      const machine = prepare(desktopMachine({ os: system })).value('VALUE_SYSTEM_SSM_AGENT_URL', 'https://mirror.example.com/agent');
      const sha256 = createHash('sha256')
        .update(fs.readFileSync(machine.path('/var/lib/machine/download')))
        .digest('hex');
      const agent = fileOf({ version: '3.3.1611.0', url: 'of the values', sha256 });
      const outcome = await run(machine, { os: system, context: { '/system/ssm/agent': agent } });
      expect(failureOf(outcome)).toBe('');
      const words = outcome.calls.filter((call) => call.includes('install')).flat();
      expect(words.filter((word) => word.includes('ssm-agent'))).toEqual(installed);
    });
  });

  describe('server', () => {
    test('an archive with another checksum is not installed', async () => {
      const outcome = await run(desktopMachine(), { context: { '/system/dcv/sha256': '1'.repeat(64) } });
      expect(outcome.status).not.toBe(0);
      expect(outcome.reason).toMatch(/^https:\/\/dcv\.example\.com\/dcv\.tgz: sha256 expected 1{64}, got /);
      expect(dcvPackages(outcome)).toEqual([]);
    });

    test('an archive without a package is a failure that names it', async () => {
      const machine = desktopMachine({ architecture: 'arm64' });
      const outcome = await run(machine);
      expect(outcome.status).not.toBe(0);
      expect(outcome.reason).toBe('the DCV archive: expected one file nice-dcv-server-[0-9]*.x86_64.rpm, got 0');
    });

    test('signatures are looked at where the image asks for it', async () => {
      const machine = desktopMachine().write('/etc/dnf/dnf.conf', '[main]\nlocalpkg_gpgcheck=1\n').state('signature-status', 1);
      expect((await run(machine)).reason).toMatch(/^this image checks the signatures of local packages/);
      expect(failureOf(await run(machine.state('signature-status', 0)))).toBe('');
    });

    test('a package of a disabled repository has it enabled', async () => {
      const machine = desktopMachine({ os: NodeOs.RHEL_9 }).state('unavailable', 'glx-utils');
      const outcome = await run(machine, { os: NodeOs.RHEL_9 });
      expect(failureOf(outcome)).toBe('');
      expect(outcome.calls).toContainEqual(['dnf', 'config-manager', '--set-enabled', 'codeready-builder-for-rhel-9-rhui-rpms']);
    });

    test.each([
      ['not there', undefined, []],
      [
        'running',
        'active',
        [
          ['firewall-cmd', '--quiet', '--permanent', '--add-port=8443/tcp'],
          ['firewall-cmd', '--quiet', '--add-port=8443/udp'],
        ],
      ],
      [
        'to start with the next boot',
        'enabled',
        [
          ['firewall-offline-cmd', '--add-port=8443/tcp'],
          ['firewall-offline-cmd', '--add-port=8443/udp'],
        ],
      ],
    ])('a firewall that is %s', async (_, state, calls) => {
      const machine = desktopMachine();
      if (state !== undefined) {
        machine.write(`/var/lib/machine/${state}/firewalld.service`, '');
      }
      const outcome = await run(machine);
      expect(outcome.calls.filter(([command]) => command.startsWith('firewall'))).toHaveLength(
        state === undefined ? 0 : state === 'active' ? 4 : 2,
      );
      calls.forEach((call) => expect(outcome.calls).toContainEqual(call));
    });
  });
});
