import * as fs from 'fs';
import { NodeOs } from '../../../lib/nodes/node-os';
import { INJECTED_VALUES } from '../../injected-values';
import { describeOnMachine, failureOf, Machine, type Outcome } from './machine';
import { type Node, renderInstall, renderPhase } from './phase-scripts';

/** The desktop itself: what is installed beside it, and how it is set up. */

const UBUNTU = NodeOs.UBUNTU_24_04;
const BLACK = Buffer.from('iVBORw0KGgoAAAANSUhEUgAAAAQAAAAECAIAAAAmkwkpAAAADElEQVR4nGNgIB0AAAA0AAF2Xq7DAAAAAElFTkSuQmCC', 'base64');
const node = (os: NodeOs, context: Node['context'] = {}): Node => ({
  os,
  nodeType: 'dcv_node',
  context: { '/dcv/SessionType': 'virtual', ...context },
});

/** Runs functions of a script alone: the rest of it has tests of its own. */
function only(script: string, ...calls: string[]): string {
  const main = script.lastIndexOf('\nmain() {');
  return `${script.slice(0, main)}\nmain() {\n${calls.map((call) => `  ${call}\n`).join('')}}\n\nmain "$@"\n`;
}
const install = (machine: Machine, os: NodeOs, context: Node['context'], ...calls: string[]): Promise<Outcome> =>
  machine.run(only(renderInstall('virtual_desktop', node(os, context))!, ...calls));
const configure = (machine: Machine, os: NodeOs, context: Node['context'], ...calls: string[]): Promise<Outcome> =>
  machine.run(only(renderPhase('virtual_desktop', node(os, context)), ...calls));
const withOwner = (): Machine => {
  const machine = new Machine();
  machine.write('/etc/passwd', `${fs.readFileSync('/etc/passwd', 'utf8')}maria:x:1000:1000::/home/maria:/bin/bash\n`);
  fs.mkdirSync(machine.path('/home/maria'), { recursive: true });
  fs.chownSync(machine.path('/home/maria'), 1000, 1000);
  return machine;
};
const calls = (outcome: Outcome, command: string): string[][] => outcome.calls.filter(([name]) => name === command);

afterAll(() => Machine.removeAll());

describeOnMachine('desktop', () => {
  describe('network', () => {
    test.each([
      ['Ubuntu 24.04', UBUNTU, true],
      ['Ubuntu 22.04', NodeOs.UBUNTU_22_04, true],
      ['Amazon Linux 2023', NodeOs.AMAZON_LINUX_2023, false],
    ])('stays with networkd on %s', async (_, os, netplan) => {
      const machine = new Machine();
      expect(failureOf(await install(machine, os, {}, 'keep_network_with_networkd'))).toBe('');
      expect(machine.read('/etc/NetworkManager/conf.d/90-cluster-node.conf')).toContain(
        '\n[keyfile]\nunmanaged-devices=interface-name:en*;interface-name:eth*\n',
      );
      expect(machine.exists('/etc/netplan/00-network-manager-all.yaml')).toBe(netplan);
      if (netplan) {
        expect(machine.read('/etc/netplan/00-network-manager-all.yaml')).toContain('\nnetwork:\n  version: 2\n  renderer: networkd\n');
        expect(machine.ownership('/etc/netplan/00-network-manager-all.yaml')).toBe('0:0 600');
      }
    });

    test('stays with NetworkManager where the image has it so', async () => {
      const machine = new Machine().state('networkctl', '1 lo   loopback carrier  unmanaged\n2 ens5 ether    routable unmanaged');
      expect(failureOf(await install(machine, UBUNTU, {}, 'keep_network_with_networkd'))).toBe('');
      expect(machine.exists('/etc/NetworkManager/conf.d/90-cluster-node.conf')).toBe(false);
      expect(machine.exists('/etc/netplan/00-network-manager-all.yaml')).toBe(false);
    });

    test('is settled before the packages', async () => {
      const machine = new Machine();
      machine.write(
        '/usr/local/sbin/apt-get',
        machine
          .read('/usr/local/sbin/apt-get')
          .replace(
            'install_packages "$@"',
            '[[ -e /etc/netplan/00-network-manager-all.yaml && -e /etc/apt/preferences.d/cluster-node-firefox ]]',
          ),
        0o755,
      );
      expect(failureOf(await install(machine, UBUNTU, {}, 'install_desktop'))).toBe('');
    });
  });

  describe('Firefox', () => {
    test('is the snap, and its transitional package is kept away', async () => {
      const machine = new Machine();
      const outcome = await install(machine, UBUNTU, {}, 'keep_transitional_firefox_away', 'install_firefox');
      expect(failureOf(outcome)).toBe('');
      expect(machine.read('/etc/apt/preferences.d/cluster-node-firefox')).toContain(
        'Package: firefox\nPin: version 1:1snap*\nPin-Priority: -1\n',
      );
      expect(calls(outcome, 'snap')).toEqual([
        ['snap', 'info', 'firefox'],
        ['snap', 'install', 'firefox'],
      ]);
    });

    test.each([
      ['the store does not answer', 'snap-store', 'the snap store does not answer'],
      ['the store breaks off', 'snap-install', 'the snap of Firefox could not be installed'],
    ])('is missing with a warning when %s', async (_, state, warning) => {
      const outcome = await install(new Machine().state(state, 1), UBUNTU, {}, 'install_firefox');
      expect(failureOf(outcome)).toBe('');
      expect(outcome.log).toContain(`WARNING ${warning}`);
    });

    test('a store that hangs is asked for a minute', async () => {
      const machine = new Machine();
      machine
        .write('/usr/local/sbin/snap', '#!/bin/bash\nsleep 100000\n', 0o755)
        .write('/usr/local/sbin/timeout', '#!/bin/bash\necho "$1" >>/root/limits\nexit 124\n', 0o755);
      const outcome = await install(machine, UBUNTU, {}, 'install_firefox');
      expect(failureOf(outcome)).toBe('');
      expect(machine.read('/root/limits')).toBe('60\n');
    });
  });

  test("libvirt's network of EL is off", async () => {
    const machine = new Machine().link('/etc/libvirt/qemu/networks/autostart/default.xml', '/etc/libvirt/qemu/networks/default.xml');
    machine.kernelFile('class/net/virbr0');
    const outcome = await install(machine, NodeOs.ROCKY_8, {}, 'remove_virtual_network');
    expect(failureOf(outcome)).toBe('');
    expect(fs.readdirSync(machine.path('/etc/libvirt/qemu/networks/autostart'))).toEqual([]);
    expect(calls(outcome, 'virsh')).toEqual([['virsh', 'net-destroy', 'default']]);
  });

  describe('settings', () => {
    test.each([
      ['without a profile', undefined, 'user-db:user\nsystem-db:local\n'],
      ['with a profile of the image', 'user-db:user\nsystem-db:site', 'user-db:user\nsystem-db:site\nsystem-db:local\n'],
      [
        'with one that has the database',
        'user-db:user\n  system-db:local # ours\nsystem-db:distro\n',
        'user-db:user\n  system-db:local # ours\nsystem-db:distro\n',
      ],
    ])('are in the profile %s', async (_, before, after) => {
      const machine = new Machine();
      if (before !== undefined) machine.write('/etc/dconf/profile/user', before);
      const outcome = await configure(machine, UBUNTU, {}, 'configure_desktop_settings', 'configure_desktop_settings');
      expect(failureOf(outcome)).toBe('');
      expect(machine.read('/etc/dconf/profile/user')).toBe(after);
      expect(calls(outcome, 'dconf')).toContainEqual(['dconf', 'update']);
    });

    test.each([true, false])('lock: %s', async (lock) => {
      const machine = new Machine();
      expect(failureOf(await configure(machine, NodeOs.RHEL_9, { '/dcv/LockOnDisconnect': lock }, 'configure_desktop_settings'))).toBe('');
      const settings = machine.read('/etc/dconf/db/local.d/50-cluster-node');
      expect(settings).toContain(`lock-enabled=${lock}\n`);
      expect(settings).toContain("sleep-inactive-ac-type='nothing'\n");
      expect(settings).not.toContain('ubuntu');
    });

    test('no suspend, but hibernation, which EC2 asks for', async () => {
      const outcome = await configure(new Machine(), UBUNTU, {}, 'forbid_suspend');
      const masked = calls(outcome, 'systemctl').flat();
      expect(masked).toContain('suspend.target');
      expect(masked.filter((word) => ['sleep.target', 'hibernate.target'].includes(word))).toEqual([]);
    });
  });

  test('a home has the marks of a desktop that was seen, written by its owner, and keeps what it has', async () => {
    const machine = withOwner().write('/home/maria/.config/gnome-initial-setup-done', 'mine\n');
    fs.chownSync(machine.path('/home/maria/.config'), 1000, 1000);
    expect(failureOf(await configure(machine, NodeOs.RHEL_9, {}, 'write_desktop_skeleton', 'skip_first_run maria'))).toBe('');
    expect(machine.read('/etc/skel/.config/gnome-initial-setup-done')).toBe('yes\n');
    expect(machine.read('/home/maria/.config/gnome-initial-setup-done')).toBe('mine\n');
    expect(machine.ownership('/home/maria/.local/share/gnome-shell/lock-warning-shown')).toMatch(/^1000:/);
  });

  test('a home that its owner cannot write is no failure', async () => {
    const machine = withOwner();
    fs.chownSync(machine.path('/home/maria'), 0, 0);
    const outcome = await configure(machine, UBUNTU, {}, 'skip_first_run maria', 'open_keyring maria');
    expect(failureOf(outcome)).toBe('');
    expect(outcome.log).toContain('WARNING maria cannot write');
  });

  describe('keyring', () => {
    test('is open, of the owner alone', async () => {
      const machine = withOwner();
      expect(failureOf(await configure(machine, UBUNTU, {}, 'open_keyring maria'))).toBe('');
      const folder = '/home/maria/.local/share/keyrings';
      expect(machine.read(`${folder}/default`)).toBe('login');
      expect(machine.read(`${folder}/login.keyring`)).toMatch(/^\[keyring\]\ndisplay-name=login\n/);
      expect([machine.ownership(folder), machine.ownership(`${folder}/login.keyring`)]).toEqual(['1000:1000 700', '1000:1000 600']);
    });

    test('that is there stays as it is', async () => {
      const machine = withOwner().write('/home/maria/.local/share/keyrings/mine.keyring', 'secret');
      fs.chownSync(machine.path('/home/maria/.local/share/keyrings'), 1000, 1000);
      expect(failureOf(await configure(machine, UBUNTU, {}, 'open_keyring maria'))).toBe('');
      expect(fs.readdirSync(machine.path('/home/maria/.local/share/keyrings'))).toEqual(['mine.keyring']);
    });

    test.each([
      ['by option', { '/dcv/OpenKeyring': false }],
      ['where the greeter opens it', { '/dcv/SessionType': 'console', '/dcv/ConsoleLogin': 'greeter' }],
    ])('is left alone %s', (_, context) => {
      expect(renderPhase('virtual_desktop', node(UBUNTU, context))).not.toContain('open_keyring');
    });
  });

  describe('login screen', () => {
    const of = async (os: NodeOs, context: Node['context']): Promise<string> => {
      const machine = withOwner();
      expect(
        failureOf(await configure(machine, os, { '/dcv/SessionType': 'console', ...context }, 'configure_display_manager maria')),
      ).toBe('');
      expect(machine.read('/var/lib/AccountsService/users/maria')).toContain('SystemAccount=false\n');
      expect(machine.read(`/var/lib/AccountsService/users/${os.defaultUser}`)).toContain('SystemAccount=true\n');
      return machine.read(os.distribution === 'ubuntu' ? '/etc/gdm3/custom.conf' : '/etc/gdm/custom.conf');
    };

    test('logs the owner of a console session in, once', async () => {
      const configuration = await of(NodeOs.ROCKY_9, {});
      expect(configuration).toContain('AutomaticLoginEnable=true\nAutomaticLogin=maria\n');
      expect(configuration).not.toContain('TimedLogin');
    });

    // The daemon of accounts looks at the folder at every change and removes what is of no user, seen with that of Debian.
    test('writes nothing unfinished into the folder of accounts', async () => {
      const mktemp = 'mktemp() { [[ $2 != /var/lib/AccountsService/users/* ]] && command mktemp "$@"; }';
      const outcome = await configure(withOwner(), UBUNTU, { '/dcv/SessionType': 'console' }, `${mktemp}\nconfigure_display_manager maria`);
      expect(failureOf(outcome)).toBe('');
    });

    test('asks by option', async () => {
      expect(await of(UBUNTU, { '/dcv/ConsoleLogin': 'greeter' })).not.toContain('AutomaticLogin');
    });

    test('asks on Amazon Linux 2 and for virtual sessions, as before', () => {
      for (const [os, type] of [[NodeOs.AMAZON_LINUX_2, 'console'] as const, [UBUNTU, 'virtual'] as const]) {
        expect(renderPhase('virtual_desktop', node(os, { '/dcv/SessionType': type }))).not.toContain('AutomaticLogin');
      }
    });

    test('starts MATE for its owner', async () => {
      const machine = withOwner();
      const context = { '/dcv/SessionType': 'console', '/dcv/DesktopEnvironment': 'mate' };
      expect(failureOf(await configure(machine, UBUNTU, context, 'configure_display_manager maria'))).toBe('');
      expect(machine.read('/var/lib/AccountsService/users/maria')).toContain('XSession=mate\n');
    });
  });

  describe('session', () => {
    const SESSION = `runuser --user maria -- env -i HOME=/home/maria PATH=/usr/bin:/bin SHELL=/bin/bash /usr/local/bin/cluster-node-desktop-session demo`;
    const environmentOf = async (os: NodeOs, environment: string, profile: string): Promise<Map<string, string>> => {
      const machine = withOwner()
        .write('/etc/environment', environment)
        .write('/etc/profile.d/cluster-node.sh', profile)
        .write('/etc/profile', '. /etc/profile.d/cluster-node.sh\n')
        .write('/home/maria/.profile', 'export FROM_PROFILE=1\n')
        .write('/etc/dcv/dcvsessioninit', '#!/bin/sh\nenv -0 >/home/maria/environment\necho "$@" >/home/maria/words\n', 0o755);
      expect(failureOf(await configure(machine, os, {}, 'write_desktop_session_program', SESSION))).toBe('');
      expect(machine.read('/home/maria/words')).toBe('demo\n');
      return new Map(
        machine
          .read('/home/maria/environment')
          .split('\0')
          .filter((line) => line !== '')
          .map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]),
      );
    };

    test.each(Object.entries(INJECTED_VALUES).filter(([, value]) => !value.includes('\n')))(
      'has a value with %s as it is',
      async (_, value) => {
        const environment = await environmentOf(UBUNTU, `http_proxy=${value}\n`, "export CLUSTER_NODE_ID='physics'\n");
        expect(environment.get('CLUSTER_NODE_ID')).toBe('physics');
        if (!/^["' ]/.test(value)) expect(environment.get('http_proxy')).toBe(value);
      },
    );

    test('is that of Ubuntu, with its files and those of snaps', async () => {
      const environment = await environmentOf(UBUNTU, 'PATH="/usr/bin:/bin:/snap/bin"\nexport LANG=de_DE.UTF-8\n# A=1\n', '');
      expect(environment.get('XDG_CURRENT_DESKTOP')).toBe('ubuntu:GNOME');
      expect(environment.get('GNOME_SHELL_SESSION_MODE')).toBe('ubuntu');
      expect(environment.get('XDG_DATA_DIRS')).toBe('/usr/share/ubuntu:/usr/local/share:/usr/share:/var/lib/snapd/desktop');
      expect(environment.get('PATH')).toBe('/usr/bin:/bin:/snap/bin');
      expect(environment.get('LANG')).toBe('de_DE.UTF-8');
      expect(environment.get('FROM_PROFILE')).toBe('1');
      expect(environment.has('A')).toBe(false);
    });

    test('of EL is what DCV finds, with the variables of the node', async () => {
      const environment = await environmentOf(NodeOs.ROCKY_8, 'https_proxy="http://proxy:3128"\n', "export CLUSTER_NODE_ID='physics'\n");
      expect(environment.get('https_proxy')).toBe('http://proxy:3128');
      expect(environment.get('CLUSTER_NODE_ID')).toBe('physics');
      expect(environment.has('GNOME_SHELL_SESSION_MODE')).toBe(false);
    });
  });

  test.each([
    ['none', undefined, undefined, 'LIBGL_ALWAYS_SOFTWARE=1\nGALLIUM_DRIVER=llvmpipe\n'],
    ["Amazon's screen", '0x1d0f', undefined, 'LIBGL_ALWAYS_SOFTWARE=1\nGALLIUM_DRIVER=llvmpipe\n'],
    ['NVIDIA', '0x10de', 'nvidia', ''],
    ['AMD', '0x1002', 'amdgpu', ''],
    ['NVIDIA without its driver', '0x10de', undefined, 'LIBGL_ALWAYS_SOFTWARE=1\nGALLIUM_DRIVER=llvmpipe\n'],
    ["NVIDIA with another's driver", '0x10de', 'amdgpu', 'LIBGL_ALWAYS_SOFTWARE=1\nGALLIUM_DRIVER=llvmpipe\n'],
  ])('GPU: %s, for the server', async (_, vendor, driver, variables) => {
    const machine = new Machine().state('modprobe-error', 'no such module');
    if (driver !== undefined) machine.kernelModule(driver);
    const cat = 'cat /run/cluster-node-gl >/root/gl';
    if (vendor !== undefined) machine.pciDevice('0000:00:1e.0', vendor, '0x030000');
    expect(failureOf(await configure(machine, NodeOs.AMAZON_LINUX_2023, {}, 'write_software_gl', 'configure_display', cat))).toBe('');
    expect(machine.read('/etc/systemd/system/cluster-node-display.service')).toMatch(
      /^Before=.* dcvserver\.service dcvsessionlauncher\.service$/m,
    );
    expect(machine.read('/root/gl')).toBe(variables);
    for (const unit of ['dcvserver', 'dcvsessionlauncher']) {
      expect(machine.read(`/etc/systemd/system/${unit}.service.d/50-cluster-node-gl.conf`)).toContain(
        'EnvironmentFile=-/run/cluster-node-gl\n',
      );
    }
  });

  test.each([
    ['/home/maria', '', []],
    ['/data/home/maria', '', [['snap', 'set', 'system', 'homedirs=/data/home']]],
    ['/data/home/maria', '/srv/home', [['snap', 'set', 'system', 'homedirs=/srv/home,/data/home']]],
    ['/data/home/maria', '/data/home', []],
  ])('snaps in %s, snapd knows "%s"', async (home, known, expected) => {
    const machine = new Machine().state('snap-homes', known);
    machine.write('/etc/passwd', `${fs.readFileSync('/etc/passwd', 'utf8')}maria:x:1000:1000::${home}:/bin/bash\n`);
    const outcome = await configure(machine, UBUNTU, {}, 'allow_snaps_in_home maria');
    expect(failureOf(outcome)).toBe('');
    expect(calls(outcome, 'snap').filter(([, verb]) => verb === 'set')).toEqual(expected);
  });

  test('reports to Ubuntu and offers of a release are off', async () => {
    const machine = new Machine()
      .write('/etc/default/apport', '# set this to 0\nenabled=1\n')
      .write('/etc/update-manager/release-upgrades', '[DEFAULT]\nPrompt=lts\n');
    expect(failureOf(await configure(machine, UBUNTU, {}, 'silence_ubuntu_reports'))).toBe('');
    expect(machine.read('/etc/default/apport')).toBe('# set this to 0\nenabled=0\n');
    expect(machine.read('/etc/update-manager/release-upgrades')).toBe('[DEFAULT]\nPrompt=never\n');
  });

  test('an owner whom a directory calls by another name is called so by polkit, and by the greeter', async () => {
    const machine = withOwner();
    const account = 'maria@corp.example.com:x:1000:1000::/home/maria:/bin/bash\n';
    machine.write('/etc/passwd', account + machine.read('/etc/passwd'));
    const context = { '/dcv/SessionType': 'console' };
    expect(failureOf(await configure(machine, NodeOs.ROCKY_9, context, 'configure_desktop maria'))).toBe('');
    expect(machine.read('/etc/polkit-1/rules.d/45-cluster-node.rules')).toContain('subject.user !== "maria@corp.example.com"');
    expect(machine.exists('/var/lib/AccountsService/users/maria@corp.example.com')).toBe(true);
  });

  test.each(['gnome', 'mate'])('that is not there yet is all that is said of a login screen (%s)', async (desktop) => {
    const context = { '/dcv/SessionType': 'console', '/dcv/ConsoleLogin': 'greeter', '/dcv/DesktopEnvironment': desktop };
    const outcome = await configure(new Machine().state('no-shell', ''), UBUNTU, context, 'print_shells || echo none');
    expect(failureOf(outcome)).toBe('');
    expect(outcome.log).toBe('none\n');
  });

  test('a picture of the screen is asked for as the server wants it, and what it makes is looked at', async () => {
    const look = (machine: Machine): Promise<Outcome> =>
      configure(machine.state('sessions', 'one'), UBUNTU, {}, "session_id=one problem=''", 'look_at_screen', 'echo "<${problem}>"');
    const without = await look(new Machine());
    expect(failureOf(without)).toBe('');
    expect(without.output).toBe('<>\n');
    expect(without.log).toContain('WARNING no picture of the session: not supported');
    expect((await look(new Machine().write('/var/lib/machine/picture', BLACK))).output).toBe(
      '<the screen of the session one is of one colour>\n',
    );
  });

  test.each([true, false])('a virtual session has a display manager when it is to lock: %s', async (lock) => {
    const context = { '/dcv/LockOnDisconnect': lock };
    const outcome = await configure(new Machine(), UBUNTU, context, 'switch_display_manager none');
    expect(failureOf(outcome)).toBe('');
    const units = calls(outcome, 'systemctl').map((call) => call.slice(1).join(' '));
    expect(units.includes('restart --no-block gdm.service')).toBe(lock);
    expect(units).toContain(`set-default ${lock ? 'graphical' : 'multi-user'}.target`);
    expect(renderPhase('virtual_desktop', node(UBUNTU, context))).toContain(`\nos-auto-lock=${lock}\n`);
  });

  test('what an image has running for another kind of desktop ends, and does not come back with the next boot', async () => {
    const machine = new Machine().write('/var/lib/machine/active/gdm.service', '');
    const outcome = await configure(machine, UBUNTU, { '/dcv/LockOnDisconnect': false }, 'switch_display_manager none');
    expect(failureOf(outcome)).toBe('');
    expect(calls(outcome, 'systemctl')).toContainEqual(['systemctl', 'stop', '--no-block', 'gdm.service']);
  });
});
