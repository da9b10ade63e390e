import { spawnSync } from 'child_process';
import { createHash } from 'crypto';
import * as fs from 'fs';
import * as os from 'os';
import * as path from 'path';
import { GpuDriver } from '../../../lib/nodes/gpu-driver';
import { NodeOs } from '../../../lib/nodes/node-os';
import type { NodeGpu } from '../../../lib/nodes/private/gpu-checks';
import { describeOnMachine, failureOf, Machine, type Outcome } from './machine';
import { type Node, renderInstall, renderPhase } from './phase-scripts';

const VERSION = '580.126.09';
const INSTALLER = '#!/bin/sh\nprintf "%s\\n" "$@" >/var/lib/machine/options\nexit "$(cat /var/lib/machine/installer-status)"\n';
const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

function gpuOf(driver: GpuDriver, more: Partial<NodeGpu> = {}): NodeGpu {
  const file = { version: VERSION, url: 'https://example.com/driver', sha256: sha256(INSTALLER) };
  return { driver, file, isChosen: true, withoutFirmware: false, ...more };
}

const GRID = GpuDriver.nvidiaGrid({ release: '19.4', version: VERSION, sha256: sha256(INSTALLER) });
const OPEN = GpuDriver.nvidiaOpen();

/** A machine with a GPU and a download. */
function machineWith(vendor = '0x10de', place = '0000:00:1e.0'): Machine {
  return new Machine()
    .pciDevice(place, vendor, '0x030200')
    .pciDevice('0000:00:03.0', '0x1d0f', '0x030000')
    .state('installer-status', 0)
    .value('VALUE_SYSTEM_GPU_URL', 'https://example.com/driver')
    .write('/var/lib/machine/download', INSTALLER);
}

function install(machine: Machine, gpu: NodeGpu, system = NodeOs.AMAZON_LINUX_2023): Promise<Outcome> {
  return machine.run(renderInstall('setup_post_reboot', { os: system, gpu })!);
}

const prove = (machine: Machine, gpu: NodeGpu): Promise<Outcome> => machine.run(renderPhase('setup_post_reboot', { gpu }));
const packages = (machine: Machine): string[] => machine.read('/var/lib/machine/packages').trim().split('\n');
const called = (outcome: Outcome, command: string): string[] =>
  outcome.calls.filter(([name]) => name === command).map((call) => call.slice(1).join(' '));

afterAll(() => Machine.removeAll());

describeOnMachine('the driver of a GPU', () => {
  test("NVIDIA's installer: headers of the running kernel, nouveau off, options, a reboot", async () => {
    const machine = machineWith().state('module-nouveau', '');
    const outcome = await install(machine, gpuOf(GRID, { withoutFirmware: true }));
    expect(failureOf(outcome)).toBe('');
    expect(packages(machine)).toEqual(expect.arrayContaining(['gcc', 'make', 'dkms', 'kernel-devel-6.1.0']));
    expect(machine.read('/etc/modprobe.d/cluster-node-nouveau.conf')).toContain('blacklist nouveau\n');
    expect(machine.read('/etc/modprobe.d/cluster-node-nvidia.conf')).toContain('NVreg_EnableGpuFirmware=0');
    expect(called(outcome, 'dracut')).toEqual(['--force --regenerate-all']);
    const options = machine.read('/var/lib/machine/options').split('\n');
    expect(options).toEqual(
      expect.arrayContaining(['--silent', '--skip-module-load', '--no-nouveau-check', '--kernel-module-type=proprietary']),
    );
    expect(outcome.rebootRequest).toBe('the driver of the GPU was installed');
    expect(machine.exists('/opt/cluster-node/driver')).toBe(false);
  });

  test('with its firmware where that is right, and without what another driver said', async () => {
    const machine = machineWith().write('/etc/modprobe.d/cluster-node-nvidia.conf', 'options nvidia NVreg_EnableGpuFirmware=0');
    expect(failureOf(await install(machine, gpuOf(GRID)))).toBe('');
    expect(machine.exists('/etc/modprobe.d/cluster-node-nvidia.conf')).toBe(false);
    expect(machine.read('/var/lib/machine/options')).not.toContain('kernel-module-type');
  });

  test('what the installer says is the reason', async () => {
    const machine = machineWith()
      .state('installer-status', 1)
      .write(
        '/var/log/nvidia-installer.log',
        'Using: nvidia-installer\n   ERROR: Unable to find the kernel source tree.\nERROR: Installation has failed.\n',
      );
    expect((await install(machine, gpuOf(GRID))).reason).toBe(
      `NVIDIA's installer ${VERSION} ended with status 1: ERROR: Unable to find the kernel source tree.`,
    );
  });

  test('a file with another checksum is not run', async () => {
    const machine = machineWith().write('/var/lib/machine/download', 'another');
    const outcome = await install(machine, gpuOf(GRID));
    expect(outcome.reason).toMatch(/sha256 expected/);
    expect(machine.exists('/var/lib/machine/options')).toBe(false);
  });

  test('the same version in the image stays, and asks for nothing', async () => {
    const machine = machineWith().state('module-nvidia-version', VERSION).write('/usr/bin/nvidia-gridd', '', 0o755);
    const outcome = await install(machine, gpuOf(GRID));
    expect(failureOf(outcome)).toBe('');
    expect(machine.exists('/var/lib/machine/options')).toBe(false);
    expect(outcome.rebootRequest).toBe('');
  });

  test('another version, or the same one of another kind, is replaced', async () => {
    const other = machineWith().state('module-nvidia-version', '535.1').write('/usr/bin/nvidia-gridd', '', 0o755);
    other.write('/usr/bin/nvidia-uninstall', '#!/bin/bash\ntouch /var/lib/machine/uninstalled\n', 0o755);
    expect(failureOf(await install(other, gpuOf(GRID)))).toBe('');
    expect(other.exists('/var/lib/machine/uninstalled')).toBe(true);
    expect(other.exists('/var/lib/machine/options')).toBe(true);
    const ofDataCentres = machineWith().state('module-nvidia-version', VERSION);
    expect(failureOf(await install(ofDataCentres, gpuOf(GRID)))).toBe('');
    expect(ofDataCentres.exists('/var/lib/machine/options')).toBe(true);
  });

  test('a machine without such a GPU, as images are baked on, gets none', async () => {
    const machine = machineWith('0x1002');
    const outcome = await install(machine, gpuOf(GRID));
    expect(failureOf(outcome)).toBe('');
    expect(outcome.log).toContain('this machine has no GPU of NVIDIA (GPU: amd)');
    expect(outcome.rebootRequest).toBe('');
    expect(packages(machine)).toEqual(['']);
  });

  test.each([
    [NodeOs.UBUNTU_24_04, ['linux-modules-nvidia-580-server-open-aws', 'nvidia-driver-580-server-open']],
    [NodeOs.AMAZON_LINUX_2023, ['nvidia-release', 'dkms', 'kernel-devel-6.1.0', 'nvidia-open', 'nvidia-xconfig']],
  ])('the open driver of %s', async (system, names) => {
    const machine = machineWith();
    const outcome = await install(machine, gpuOf(OPEN, { file: undefined }), system);
    expect(failureOf(outcome)).toBe('');
    expect(packages(machine)).toEqual(expect.arrayContaining(names));
    expect(outcome.rebootRequest).toBe('the driver of the GPU was installed');
  });

  const KEYS = [
    ['FF8AD1344597106ECE813B918A3872BF3228467C', 'epel'],
    ['610C7B14E068A878070DA4E99CD0A493D42D0685', 'cuda'],
  ] as const;
  const colons = (...fingerprints: string[]): string =>
    fingerprints
      .map((fingerprint) => `pub:-:4096:1:X:1:::-:\nfpr:::::::::${fingerprint}:\nsub:-:\nfpr:::::::::${'0'.repeat(40)}:`)
      .join('\n');

  test("NVIDIA's repository for Rocky Linux: by the fingerprint of its key, and EPEL for dkms alone", async () => {
    // One key after the other: the stand-in has one answer, which the second refuses.
    const machine = machineWith().state('key', colons(KEYS[0][0]));
    const outcome = await install(machine, gpuOf(OPEN, { file: undefined }), NodeOs.ROCKY_9);
    expect(outcome.reason).toMatch(
      /D42D0685\.pub: expected the key with the fingerprint 610C7B14E068A878070DA4E99CD0A493D42D0685 and no other, got FF8A/,
    );
    const repository = machine.read('/etc/yum.repos.d/cluster-node-epel.repo');
    expect(repository).toContain('gpgcheck=1\ngpgkey=file:///etc/pki/rpm-gpg/RPM-GPG-KEY-cluster-node-epel\nincludepkgs=dkms\n');
    expect(machine.exists('/etc/yum.repos.d/cluster-node-cuda.repo')).toBe(false);
    expect(packages(machine)).toEqual(['']);
  });

  /** gpg tells the fingerprint that is in a file. */
  const withKeyFiles = (): Machine =>
    machineWith()
      .write('/usr/local/sbin/gpg', '#!/bin/bash\ncat "${@: -1}"\n', 0o755)
      .write('/var/lib/machine/downloads/RPM-GPG-KEY-EPEL-9', `${colons(KEYS[0][0])}\n`)
      .write('/var/lib/machine/downloads/D42D0685.pub', `${colons(KEYS[1][0])}\n`);

  test('a key of an older image is replaced, and a stream of the module that it has switched on', async () => {
    const key = '/etc/pki/rpm-gpg/RPM-GPG-KEY-cluster-node-cuda';
    const machine = withKeyFiles().write(key, colons('0'.repeat(40)));
    const outcome = await install(machine, gpuOf(OPEN, { file: undefined }), NodeOs.ROCKY_9);
    expect(failureOf(outcome)).toBe('');
    expect(machine.read(key)).toContain(KEYS[1][0]);
    expect(called(outcome, 'dnf').filter((call) => call.includes(' module '))).toEqual([
      '--assumeyes module reset nvidia-driver',
      '--assumeyes module enable nvidia-driver:open-dkms',
    ]);
  });

  test('a second key in the file is refused', async () => {
    const machine = machineWith().state('key', colons(KEYS[0][0], KEYS[1][0]));
    const outcome = await install(machine, gpuOf(OPEN, { file: undefined }), NodeOs.ROCKY_9);
    expect(outcome.reason).toMatch(/and no other, got FF8AD1344597106ECE813B918A3872BF3228467C, 610C/);
    expect(machine.exists('/etc/pki/rpm-gpg/RPM-GPG-KEY-cluster-node-epel')).toBe(false);
  });

  describe('that nobody asked for', () => {
    const unasked = gpuOf(OPEN, { file: undefined, isChosen: false });

    test('leaves one of the image alone, whether it is loaded or not', async () => {
      for (const machine of [machineWith().kernelModule('nvidia'), machineWith()]) {
        machine.state('module-nvidia-version', '535.1');
        const outcome = await install(machine, unasked, NodeOs.UBUNTU_24_04);
        expect(failureOf(outcome)).toBe('');
        expect(outcome.log).toContain('the image has a driver for the GPU: keeping it');
        expect(outcome.rebootRequest).toBe('');
      }
    });

    test('is left out where no repository has it, as in a closed network', async () => {
      const machine = machineWith().state('unavailable', 'nvidia-driver-580-server-open');
      const outcome = await install(machine, unasked, NodeOs.UBUNTU_24_04);
      expect(failureOf(outcome)).toBe('');
      expect(outcome.log).toContain('no repository has a driver for the GPU: everything is drawn in software');
    });

    test('may fail to load: the desktop is drawn in software', async () => {
      const machine = machineWith().state('modprobe-error', 'modprobe: ERROR: could not insert');
      const outcome = await prove(machine, unasked);
      expect(failureOf(outcome)).toBe('');
      expect(outcome.log).toMatch(/the module does not load: modprobe: ERROR: could not insert.*drawn in software/);
    });
  });

  describe('in the boot after', () => {
    const chosen = gpuOf(GRID);

    test('works', async () => {
      expect(failureOf(await prove(machineWith().kernelModule('nvidia', VERSION), chosen))).toBe('');
    });

    test('does not load: with what modprobe and the kernel say', async () => {
      const machine = machineWith()
        .state('modprobe-error', "modprobe: ERROR: could not insert 'nvidia': No such device")
        .state('dmesg', '[   12.3] NVRM: The NVIDIA GPU is already bound to nouveau.\n[   13.0] something else');
      expect((await prove(machine, chosen)).reason).toBe(
        "GPU driver nvidia_grid: the module does not load: modprobe: ERROR: could not insert 'nvidia': No such device; the kernel says: NVRM: The NVIDIA GPU is already bound to nouveau.",
      );
    });

    test('loads, and finds no device, as beside nouveau', async () => {
      const machine = machineWith()
        .kernelModule('nvidia', VERSION)
        .state('nvidia-smi', 'No devices were found')
        .state('nvidia-smi-status', 6)
        .state('dmesg', '[1.0] nouveau 0000:31:00.0: vGPUs are not supported');
      expect((await prove(machine, chosen)).reason).toBe(
        'GPU driver nvidia_grid: nvidia-smi: No devices were found; the kernel says: nouveau 0000:31:00.0: vGPUs are not supported',
      );
    });

    test('is another one than was pinned', async () => {
      expect((await prove(machineWith().kernelModule('nvidia', '535.1'), chosen)).reason).toMatch(
        /expected version 580\.126\.09 to be loaded, got 535\.1/,
      );
    });
  });
});

describeOnMachine('the Elastic Fabric Adapter', () => {
  const node: Node = { os: NodeOs.ROCKY_9, efa: true };
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'efa-'));
  fs.mkdirSync(path.join(folder, 'aws-efa-installer'));
  fs.writeFileSync(
    path.join(folder, 'aws-efa-installer/efa_installer.sh'),
    'echo "$@" >/var/lib/machine/options\necho "Error: no such kernel"\nexit "$(cat /var/lib/machine/installer-status)"\n',
  );
  const archive = spawnSync('tar', ['-cz', '-C', folder, 'aws-efa-installer']).stdout;
  const context = { '/system/efa/sha256': createHash('sha256').update(archive).digest('hex') };
  const machine = (): Machine =>
    new Machine()
      .value('VALUE_SYSTEM_EFA_URL', 'https://example.com/efa')
      .write('/var/lib/machine/download', archive)
      .state('installer-status', 0);
  afterAll(() => fs.rmSync(folder, { recursive: true }));

  test('its software, without the libibverbs of the system, and a reboot', async () => {
    const plain = machine().state('packages', 'libibverbs');
    const outcome = await plain.run(renderInstall('setup_post_reboot', { ...node, context })!);
    expect(failureOf(outcome)).toBe('');
    expect(plain.read('/var/lib/machine/options')).toBe('-y\n');
    expect(called(outcome, 'rpm')).toContain('--erase --nodeps libibverbs');
    // Of the running kernel; the newest would bring the newest kernel with it.
    expect(packages(plain).filter((name) => name.startsWith('kernel-modules'))).toEqual(['kernel-modules-extra-6.1.0']);
    expect(outcome.rebootRequest).toBe('the software of the Elastic Fabric Adapter was installed');
  });

  test('the same version in the image stays', async () => {
    const baked = machine().write('/opt/amazon/efa_installed_packages', '# EFA installer version: 1.47.0\n');
    const outcome = await baked.run(renderInstall('setup_post_reboot', { ...node, context })!);
    expect(failureOf(outcome)).toBe('');
    expect(outcome.rebootRequest).toBe('');
  });

  test('what the installer says is the reason', async () => {
    const outcome = await machine()
      .state('installer-status', 1)
      .run(renderInstall('setup_post_reboot', { ...node, context })!);
    expect(outcome.reason).toBe('the EFA installer 1.47.0 ended with status 1: Error: no such kernel');
  });

  test('in the boot after the provider is there, or the node fails', async () => {
    const without = await machine().run(renderPhase('setup_post_reboot', node));
    expect(without.reason).toMatch(/^EFA: fi_info finds no provider efa/);
    const withProvider = machine().write('/opt/amazon/efa/bin/fi_info', '#!/bin/bash\n', 0o755);
    expect(failureOf(await withProvider.run(renderPhase('setup_post_reboot', node)))).toBe('');
  });
});

/** The program that finds what draws, at a boot. */
async function boot(machine: Machine, node: Node): Promise<Outcome> {
  const [, program] = /cluster-node-display 0755 <<\\PROGRAM\n([\s\S]*?)\nPROGRAM\n/.exec(renderPhase('virtual_desktop', node))!;
  return machine.run(`${program}\n`, 'boot');
}

describeOnMachine('what draws, at every boot', () => {
  const virtual: Node = { os: NodeOs.UBUNTU_24_04 };
  const console: Node = { os: NodeOs.UBUNTU_24_04, context: { '/dcv/SessionType': 'console' } };
  const configuration = '/etc/X11/xorg.conf';
  const dummy = '/etc/X11/xorg.conf.d/20-cluster-node-dummy.conf';
  const places = (machine: Machine): string[] => [...machine.read(configuration).matchAll(/BusID +"(.*)"/g)].map(([, place]) => place);

  test('the GPU where it is now: another instance type has it elsewhere', async () => {
    const machine = machineWith().kernelModule('nvidia');
    expect(failureOf(await boot(machine, virtual))).toBe('');
    expect(places(machine)).toEqual(['PCI:0:30:0']);
    machine.resize().pciDevice('0000:31:00.0', '0x10de', '0x030200').pciDevice('0001:a1:1f.3', '0x10de', '0x030000').kernelModule('nvidia');
    expect(failureOf(await boot(machine, virtual))).toBe('');
    expect(places(machine)).toEqual(['PCI:49:0:0', 'PCI:161@1:31:3']);
    expect(machine.read(configuration)).toContain('Option "AllowEmptyInitialConfiguration"');
  });

  test('the first of two, which is the one that the node has for its GPU', async () => {
    const machine = machineWith('0x1002').pciDevice('0000:31:00.0', '0x10de', '0x030200').kernelModule('amdgpu').kernelModule('nvidia');
    expect(failureOf(await boot(machine, virtual))).toBe('');
    expect(places(machine)).toEqual(['PCI:0:30:0']);
    expect(failureOf(await prove(machine, gpuOf(GpuDriver.none())))).toBe('');
    expect(machine.read('/var/lib/cluster-node/gpu')).toBe('amd\n');
  });

  test("NVIDIA's own program makes the file, unless it has the places wrong", async () => {
    const machine = machineWith().kernelModule('nvidia');
    expect(failureOf(await boot(machine, virtual))).toBe('');
    expect(machine.read(configuration)).toContain('# nvidia-xconfig');
    expect(failureOf(await boot(machine.state('xconfig-places', 'PCI:9:9:0'), virtual))).toBe('');
    expect(places(machine)).toEqual(['PCI:0:30:0']);
    expect(machine.read(configuration)).not.toContain('# nvidia-xconfig');
  });

  test('a second run changes nothing', async () => {
    const machine = machineWith().kernelModule('nvidia');
    await boot(machine, virtual);
    const before = machine.read(configuration);
    expect(failureOf(await boot(machine, virtual))).toBe('');
    expect(machine.read(configuration)).toBe(before);
  });

  test('from a GPU to none, and back', async () => {
    const machine = machineWith().kernelModule('nvidia');
    await boot(machine, console);
    expect(machine.exists(dummy)).toBe(false);
    expect(failureOf(await boot(machine.resize(), console))).toBe('');
    expect(machine.exists(configuration)).toBe(false);
    expect(machine.read(dummy)).toContain('Driver "dummy"');
    machine.pciDevice('0000:00:1e.0', '0x10de', '0x030200').kernelModule('nvidia');
    expect(failureOf(await boot(machine, console))).toBe('');
    expect(places(machine)).toEqual(['PCI:0:30:0']);
    expect(machine.exists(dummy)).toBe(false);
  });

  test('a GPU whose module does not load draws nothing', async () => {
    const machine = machineWith().state('modprobe-error', 'no');
    expect(failureOf(await boot(machine, console))).toBe('');
    expect(machine.exists(configuration)).toBe(false);
    expect(machine.exists(dummy)).toBe(true);
  });

  test('nor does any with GpuDriver.none()', async () => {
    const machine = machineWith().kernelModule('nvidia');
    const gpu = gpuOf(GpuDriver.none());
    expect(failureOf(await boot(machine, { ...console, gpu }))).toBe('');
    expect(machine.exists(configuration)).toBe(false);
  });

  test.each([
    ['fits', 'Section "Device"\n  Driver "nvidia"\n  BusID "PCI:0@0:30:0"\n  Option "Mine"\nEndSection\n', true],
    ['names no place', 'Section "Device"\n  Driver "nvidia"\nEndSection\n', true],
    ['is for another place', 'Section "Device"\n  Driver "nvidia"\n  BusID "PCI:0:31:0"\nEndSection\n', false],
    ['is for another driver', 'Section "Device"\n  Driver "dummy"\nEndSection\n', false],
  ])('a configuration of the image that %s', async (_, text, stays) => {
    const machine = machineWith().kernelModule('nvidia').write(configuration, text);
    expect(failureOf(await boot(machine, virtual))).toBe('');
    expect(machine.read(stays ? configuration : `${configuration}.of-image`)).toBe(text);
    expect(machine.exists(`${configuration}.of-image`)).toBe(!stays);
  });

  test('a configuration of the image for a GPU that is not there', async () => {
    const machine = new Machine().write(configuration, 'Section "Device"\n  Driver "nvidia"\nEndSection\n');
    expect(failureOf(await boot(machine, console))).toBe('');
    expect(machine.exists(configuration)).toBe(false);
    expect(machine.exists(dummy)).toBe(true);
  });

  test('AMD: its place on the bus, by the driver that is there', async () => {
    const machine = machineWith('0x1002').kernelModule('amdgpu');
    expect(failureOf(await boot(machine, console))).toBe('');
    expect(machine.read(configuration)).toMatch(/Driver "modesetting"\n {2}BusID "PCI:0:30:0"/);
    machine.write('/usr/lib/xorg/modules/drivers/amdgpu_drv.so', '');
    expect(failureOf(await boot(machine, console))).toBe('');
    expect(machine.read(configuration)).toContain('Driver "amdgpu"');
  });

  test('sharing is on with NVIDIA, and off without, while X does not run', async () => {
    expect(called(await boot(machineWith().kernelModule('nvidia'), virtual), 'dcvgladmin')).toEqual(['disable', 'enable']);
    expect(called(await boot(new Machine(), virtual), 'dcvgladmin')).toEqual(['disable']);
    expect(called(await boot(machineWith('0x1002').kernelModule('amdgpu'), virtual), 'dcvgladmin')).toEqual(['disable']);
  });

  test('what cannot be switched off is switched on, and only that has to work', async () => {
    const machine = machineWith().kernelModule('nvidia').write('/var/lib/machine/sharing-disable-fails', '');
    const outcome = await boot(machine, virtual);
    expect(failureOf(outcome)).toBe('');
    expect(called(outcome, 'dcvgladmin')).toEqual(['disable', 'enable']);
    expect((await boot(machine.write('/var/lib/machine/sharing-enable-fails', ''), virtual)).status).not.toBe(0);
  });

  describe('Xdcv for a console session without a GPU', () => {
    const withXdcv = (): Machine => new Machine().write('/usr/bin/Xdcv-console', '', 0o755).write('/usr/bin/Xorg', 'Xorg', 0o755);
    const server = '/etc/X11/xorg.conf.d/10-cluster-node-server.conf';

    test('Ubuntu: a diversion, taken back with a GPU', async () => {
      const machine = withXdcv();
      const outcome = await boot(machine, console);
      expect(failureOf(outcome)).toBe('');
      expect(called(outcome, 'dpkg-divert')).toEqual(['--package nice-xdcv --divert /usr/bin/Xorg.orig --rename /usr/bin/Xorg']);
      expect(machine.link('/usr/bin/other', '/usr/bin/Xorg').exists('/usr/bin/Xorg.orig')).toBe(true);
      expect(machine.exists(dummy)).toBe(false);
      expect(machine.read(server)).toContain('Xdcv-console');
      expect(called(await boot(machine, console), 'dpkg-divert')).toEqual([]);
      machine.pciDevice('0000:00:1e.0', '0x10de', '0x030200').kernelModule('nvidia');
      const withGpu = await boot(machine, console);
      expect(called(withGpu, 'dpkg-divert')).toEqual(['--package nice-xdcv --rename --remove /usr/bin/Xorg']);
      expect(machine.read('/usr/bin/Xorg')).toBe('Xorg');
      expect(machine.read(server)).toContain('X server Xorg');
    });

    test('Amazon Linux 2023: an alternative, taken back with a GPU', async () => {
      const node = { ...console, os: NodeOs.AMAZON_LINUX_2023 };
      const machine = withXdcv();
      expect(called(await boot(machine, node), 'update-alternatives')).toEqual([
        '--install /usr/bin/X X /usr/bin/Xdcv-console 11',
        '--set X /usr/bin/Xdcv-console',
      ]);
      expect(called(await boot(machine, node), 'update-alternatives')).toEqual([]);
      machine.pciDevice('0000:00:1e.0', '0x10de', '0x030200').kernelModule('nvidia');
      expect(called(await boot(machine, node), 'update-alternatives')).toEqual(['--remove X /usr/bin/Xdcv-console']);
    });

    test('RHEL: the units of its package; without them the display in memory', async () => {
      const node = { ...console, os: NodeOs.RHEL_9 };
      const machine = withXdcv().state('units/xdcv-console-update.service', '');
      expect(called(await boot(machine, node), 'systemctl')).toEqual(
        expect.arrayContaining(['enable --now xdcv-console-update.service', 'enable xdcv-console.path']),
      );
      expect(machine.exists(dummy)).toBe(false);
      machine.pciDevice('0000:00:1e.0', '0x10de', '0x030200').kernelModule('nvidia');
      expect(called(await boot(machine, node), 'systemctl')).toContain('disable --now xdcv-console.path xdcv-console-update.service');
      const without = withXdcv();
      expect(failureOf(await boot(without, node))).toBe('');
      expect(without.exists(dummy)).toBe(true);
    });
  });
});
