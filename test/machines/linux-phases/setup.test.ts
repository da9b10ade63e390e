import { spawnSync } from 'child_process';
import { NodeOs } from '../../../lib/nodes/node-os';
import { packageOf } from '../../../lib/nodes/private/agent-files';
import type { Fault } from '../../boot-lab/services/world';
import { describeOnMachine, failureOf, Machine, Outcome } from './machine';
import { fileSystem, Node, renderPhase, runPhase } from './phase-scripts';

const UBUNTU: Node = { os: NodeOs.UBUNTU_24_04, nodeType: 'compute_node' };
const AMAZON: Node = { os: NodeOs.AMAZON_LINUX_2023, nodeType: 'compute_node' };
const HOST = 'fs-12345678.efs.eu-central-1.amazonaws.com';

const run = (machine: Machine, node: Node = AMAZON): Promise<Outcome> => runPhase(machine, 'setup', node);
const withFileSystems = (...fileSystems: unknown[]): Node => ({ ...AMAZON, context: { '/configuration/FileSystems': fileSystems } });
const withStacks = (...stacks: string[]): Node => ({
  ...AMAZON,
  context: { '/configuration/WaitForStacks': stacks, '/configuration/WaitForStacksTimeoutSeconds': 60 },
});
const called = (outcome: Outcome, ...call: string[]): number =>
  outcome.calls.filter((one) => one.join(' ').startsWith(call.join(' '))).length;
const machineWithHost = (variable = 'APPS'): Machine =>
  new Machine().value(`VALUE_CONFIGURATION_FILE_SYSTEMS_${variable}_MOUNT_TARGET`, HOST);
/** What DescribeStacks answers in place of a status. */
const refusal = (code: string, message: string, status = 400): Fault => ({
  on: 'cloudformation:DescribeStacks',
  effect: { kind: 'error', status, code, message },
});
const CLOUDFORMATION = 'https://cloudformation.eu-central-1.amazonaws.com/';
const MISSING_STACK = refusal('ValidationError', 'Stack with id storage does not exist');

afterAll(() => Machine.removeAll());

describeOnMachine('setup', () => {
  test.each([
    ['Amazon Linux 2023', AMAZON, 'dnf', ['chrony', 'iproute']],
    ['Amazon Linux 2', { ...AMAZON, os: NodeOs.AMAZON_LINUX_2 }, 'yum', ['chrony', 'iproute']],
    ['Rocky 9', { ...AMAZON, os: NodeOs.ROCKY_9 }, 'dnf', ['chrony', 'iproute']],
    ['Ubuntu 24.04', UBUNTU, 'apt-get', ['chrony', 'iproute2']],
  ])('ends well on a plain %s', async (_, node, packageManager, packages) => {
    const machine = new Machine();
    const outcome = await run(machine, node);
    expect(failureOf(outcome)).toBe('');
    expect(called(outcome, packageManager)).toBeGreaterThan(0);
    expect(machine.read('/var/lib/machine/packages').split('\n')).toEqual(expect.arrayContaining(packages));
    expect(outcome.rebootRequest).toBe('');
    expect(machine.read('/etc/fstab')).toBe('/dev/xvda1 / xfs defaults 0 0\n');
    expect(machine.read('/etc/environment')).toBe('PATH=/usr/bin\n');
  });

  test('installs the packages that the cluster asks for, and fails for one that looks like an option', async () => {
    const machine = new Machine();
    expect((await run(machine, { ...AMAZON, context: { '/job/Packages': ['htop', 'gcc-c++'] } })).status).toBe(0);
    expect(machine.read('/var/lib/machine/packages').split('\n')).toEqual(expect.arrayContaining(['htop', 'gcc-c++']));
    const outcome = await run(machine, { ...AMAZON, context: { '/job/Packages': ['--installroot=/x'] } });
    expect(outcome.status).not.toBe(0);
    expect(outcome.reason).toBe('expected the name of a package, got an option: --installroot=/x');
  });

  test('refuses the owner of a desktop that no desktop can have', async () => {
    const desktop: Node = { os: NodeOs.UBUNTU_24_04, nodeType: 'dcv_node' };
    expect((await run(new Machine(), desktop)).status).toBe(0);
    const outcome = await run(new Machine().value('VALUE_DCV_SESSION_OWNER', 'root'), desktop);
    expect(outcome.status).not.toBe(0);
    expect(outcome.reason).toMatch(/^session owner: expected 1 to 32 letters, digits.* got 'root'$/);
  });

  describe('time', () => {
    const withChrony = (tracking: number): Machine =>
      new Machine().write(
        '/usr/local/sbin/chronyc',
        `#!/bin/bash\nprintf 'chronyc\\x1f%s\\x1e' "$*" >>/var/lib/machine/calls\n[[ $2 != add && ($2 != tracking || ${tracking} == 0) ]]\n`,
        0o755,
      );
    const clockAndPackages = ({ calls }: Outcome): string[] =>
      calls
        .filter(([command]) => command === 'chronyc' || command === 'dnf')
        .map((call) => call.join(' '))
        .slice(0, 5);

    test('is right before the first package where chrony is running, also when it has the server already', async () => {
      const outcome = await run(withChrony(0));
      expect(failureOf(outcome)).toBe('');
      expect(clockAndPackages(outcome)).toEqual([
        'chronyc -n tracking',
        'chronyc -n add server 169.254.169.123 iburst',
        'chronyc -n waitsync 5 0 0 1',
        'chronyc -n makestep',
        expect.stringMatching(/^dnf --assumeyes install /),
      ]);
    });

    test('is left as it is where it is not running', async () => {
      const outcome = await run(withChrony(1));
      expect(failureOf(outcome)).toBe('');
      expect(clockAndPackages(outcome).slice(0, 2)).toEqual(['chronyc -n tracking', expect.stringMatching(/^dnf /)]);
    });

    test.each([
      ['Amazon Linux 2023', AMAZON, '/etc/chrony.conf', '/var/lib/chrony/drift', 'chronyd.service'],
      ['Ubuntu', UBUNTU, '/etc/chrony/chrony.conf', '/var/lib/chrony/chrony.drift', 'chrony.service'],
    ])('comes from the Amazon Time Sync Service alone on %s', async (_, node, file, drift, unit) => {
      const machine = new Machine().write(file, 'pool 2.pool.ntp.org iburst\nsourcedir /run/chrony.d\n');
      const outcome = await run(machine, node);
      const lines = machine.read(file).split('\n');
      expect(lines.filter((line) => /^(server|pool|peer|sourcedir|confdir|include)\b/.test(line))).toEqual([
        'server 169.254.169.123 prefer iburst minpoll 4 maxpoll 4',
      ]);
      expect(lines).toContain(`driftfile ${drift}`);
      expect(lines).toContain('makestep 1.0 3');
      expect(outcome.calls).toContainEqual(['systemctl', 'enable', unit]);
      expect(outcome.calls).toContainEqual(['systemctl', 'restart', unit]);
    });

    test('a time zone that does not exist is a failure', async () => {
      const outcome = await run(new Machine(), { ...AMAZON, context: { '/configuration/Timezone': '../../etc/passwd' } });
      expect(outcome.status).not.toBe(0);
      expect(outcome.reason).toBe('expected a time zone by its IANA name, such as Europe/Rome, got ../../etc/passwd');
    });
  });

  test('the environment of users holds the values byte for byte, and nothing of an earlier node', async () => {
    const machine = new Machine()
      .value('VALUE_JOB_JOB_PROJECT', 'it\'s "$(touch /root/pwned)" `touch /root/pwned`\n& \\ <é>')
      .write('/etc/profile.d/cluster-node.sh', 'export CLUSTER_NODE_OLD=1\n');
    await run(machine, { ...AMAZON, context: { '/configuration/AppsPath': '/apps' } });
    const text = machine.read('/etc/profile.d/cluster-node.sh');
    expect(text).not.toContain('OLD');
    expect(text).toContain("export CLUSTER_NODE_INSTANCE_ID='i-0123456789abcdef0'\n");
    expect(text).toContain("export CLUSTER_NODE_APPS='/apps'\n");
    // Read by sh, which is not bash on Ubuntu.
    const shown = spawnSync('sh', ['-c', `${text}\nprintf %s "$CLUSTER_NODE_PROJECT"`], { encoding: 'utf8' });
    expect(shown.stdout).toBe('it\'s "$(touch /root/pwned)" `touch /root/pwned`\n& \\ <é>');
  });

  test('a proxy is written for logins and apt, with instance metadata left out, once', async () => {
    const node = {
      ...UBUNTU,
      context: {
        '/configuration/HttpProxy': 'http://proxy:1',
        '/configuration/HttpsProxy': 'http://proxy:2',
        '/configuration/NoProxy': '.corp',
      },
    };
    const machine = new Machine();
    expect((await run(machine, node)).status).toBe(0);
    const first = machine.read('/etc/environment');
    expect(first.split('\n')).toEqual(expect.arrayContaining(['PATH=/usr/bin', 'http_proxy=http://proxy:1', 'https_proxy=http://proxy:2']));
    expect(first).toContain('\nno_proxy=localhost,127.0.0.1,169.254.169.254,fd00:ec2::254,.corp\n');
    expect(machine.read('/etc/apt/apt.conf.d/95cluster-node-proxy')).toContain('Acquire::https::Proxy "http://proxy:2";\n');
    expect((await run(machine, node)).status).toBe(0);
    expect(machine.read('/etc/environment')).toBe(first);
    // An image made from that node, in a cluster without proxy.
    expect((await run(machine, UBUNTU)).status).toBe(0);
    expect(machine.read('/etc/environment')).toBe('PATH=/usr/bin\n');
    expect(machine.read('/etc/apt/apt.conf.d/95cluster-node-proxy')).not.toContain('proxy:');
  });

  describe('file systems', () => {
    test('EFS over NFS 4.1 with what AWS recommends, by systemd', async () => {
      const machine = machineWithHost();
      const outcome = await run(machine, withFileSystems(fileSystem('apps')));
      expect(failureOf(outcome)).toBe('');
      expect(machine.read('/etc/fstab').split('\n')).toContain(
        `${HOST}:/ /apps nfs4 nfsvers=4.1,rsize=1048576,wsize=1048576,hard,timeo=600,retrans=2,noresvport,_netdev,nofail,x-systemd.mount-timeout=60 0 0`,
      );
      expect(outcome.calls).toContainEqual(['systemctl', 'start', 'apps.mount']);
      expect(machine.read('/var/lib/machine/packages')).toContain('nfs-utils\n');
    });

    test('NFS with options of its own, on a path with a blank', async () => {
      const machine = new Machine();
      const outcome = await run(
        machine,
        withFileSystems(
          fileSystem('data', {
            provider: 'nfs',
            mount_target: 'files.corp',
            export_path: '/export/data',
            mount_path: '/shared data',
            mount_options: 'nfsvers=3,nolock',
          }),
        ),
      );
      expect(failureOf(outcome)).toBe('');
      expect(machine.read('/etc/fstab')).toContain(
        '\nfiles.corp:/export/data /shared\\040data nfs nfsvers=3,nolock,_netdev,nofail,x-systemd.mount-timeout=60 0 0\n',
      );
      expect(outcome.calls).toContainEqual(['systemctl', 'start', 'shared\\x20data.mount']);
    });

    test('an EFS whose name comes late and that mounts late is waited for', async () => {
      const machine = machineWithHost().state('dns-failures', 3).state('mount-failures', 2);
      const outcome = await run(machine, withFileSystems(fileSystem('apps')));
      expect(failureOf(outcome)).toBe('');
      expect(called(outcome, 'getent', 'ahosts', HOST)).toBe(6);
      expect(called(outcome, 'systemctl', 'start', 'apps.mount')).toBe(3);
    });

    test('an EFS that never comes is a failure within its time, and nothing else happens', async () => {
      const machine = machineWithHost().state('dns-failures', 1000);
      const outcome = await run(machine, withFileSystems(fileSystem('apps')));
      expect(outcome.status).not.toBe(0);
      expect(outcome.reason).toBe(`file system apps is not mounted on /apps after 60 s: the host name ${HOST} does not resolve`);
      // At 0, 5, .. 60 s.
      expect(called(outcome, 'getent', 'ahosts')).toBe(13);
      expect(called(outcome, 'systemctl', 'start', 'apps.mount')).toBe(0);
    });

    test('one that never mounts and may be missing is told and left out; the next is mounted', async () => {
      const machine = machineWithHost().state('dns-failures', 13);
      const outcome = await run(
        machine,
        withFileSystems(fileSystem('apps', { on_failure: 'ignore' }), fileSystem('data', { provider: 'nfs', mount_target: 'files.corp' })),
      );
      expect(failureOf(outcome)).toBe('');
      expect(outcome.log).toMatch(/WARNING file system apps is not mounted on \/apps after 60 s: .*; going on without it/);
      expect(outcome.calls).toContainEqual(['systemctl', 'start', 'data.mount']);
    });

    test('a mount beside it, or a line in fstab, is not taken for it', async () => {
      const machine = machineWithHost('DATA').write('/etc/fstab', `${HOST}:/ /data nfs4 defaults 0 0\n`);
      const outcome = await run(machine, withFileSystems(fileSystem('data2', { mount_target: 'files.corp' }), fileSystem('data')));
      expect(failureOf(outcome)).toBe('');
      expect(outcome.calls).toContainEqual(['systemctl', 'start', 'data2.mount']);
      expect(outcome.calls).toContainEqual(['systemctl', 'start', 'data.mount']);
    });

    test('lines of an image from another cluster go away', async () => {
      const machine = machineWithHost();
      await run(machine, withFileSystems(fileSystem('apps')));
      expect(machine.read('/etc/fstab')).toContain(HOST);
      await run(machine);
      expect(machine.read('/etc/fstab')).toBe('/dev/xvda1 / xfs defaults 0 0\n');
    });

    test('encryption in transit is by amazon-efs-utils', async () => {
      const machine = machineWithHost();
      const encrypted = {
        '/configuration/FileSystems': [fileSystem('apps', { mount_options: 'tls,iam' })],
        '/system/efs_utils': packageOf('amazon-efs-utils'),
      };
      expect((await run(machine, { ...AMAZON, context: encrypted })).status).toBe(0);
      expect(machine.read('/etc/fstab')).toContain('\nfs-12345678:/ /apps efs tls,iam,_netdev,nofail,x-systemd.mount-timeout=60 0 0\n');
      expect(machine.read('/var/lib/machine/packages')).toContain('amazon-efs-utils\n');
    });
  });

  describe('stacks', () => {
    test('none to wait for: no call', async () => {
      expect(called(await run(new Machine()), 'aws', 'cloudformation')).toBe(0);
    });

    test('one that is created late is waited for', async () => {
      const machine = new Machine().stacks({ late: ['CREATE_IN_PROGRESS', 'CREATE_COMPLETE'] }).fault({ ...MISSING_STACK, times: 1 });
      const outcome = await run(machine, withStacks('late'));
      expect(failureOf(outcome)).toBe('');
      expect(outcome.calls.filter(([command, service]) => command === 'aws' && service === 'cloudformation')).toEqual(
        Array(3).fill(['aws', 'cloudformation', 'DescribeStacks', 'StackName=late']),
      );
    });

    test('all of several have to be complete, in whichever way they are', async () => {
      const stacks = { a: ['CREATE_COMPLETE'], b: ['UPDATE_COMPLETE'], c: ['IMPORT_COMPLETE'], d: ['UPDATE_COMPLETE_CLEANUP_IN_PROGRESS'] };
      const outcome = await run(new Machine().stacks(stacks), withStacks('a', 'b', 'c', 'd'));
      expect(failureOf(outcome)).toBe('');
      const asked = outcome.calls.filter(([command, service]) => command === 'aws' && service === 'cloudformation');
      expect(asked.map((call) => call[3])).toEqual(['StackName=a', 'StackName=b', 'StackName=c', 'StackName=d']);
    });

    test.each([
      'ROLLBACK_COMPLETE',
      'ROLLBACK_IN_PROGRESS',
      'ROLLBACK_FAILED',
      'CREATE_FAILED',
      'UPDATE_ROLLBACK_COMPLETE',
      'UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS',
      'UPDATE_FAILED',
      'DELETE_IN_PROGRESS',
      'DELETE_COMPLETE',
    ])('%s is a failure at once, with the status in the reason', async (status) => {
      const outcome = await run(new Machine().stacks({ storage: [status] }), withStacks('storage'));
      expect(outcome.status).not.toBe(0);
      expect(outcome.reason).toBe(`stack storage: expected it to become complete, got ${status}`);
      expect(called(outcome, 'aws', 'cloudformation')).toBe(1);
    });

    test.each([
      ['is never created', MISSING_STACK, 'it does not exist'],
      ['never ends', undefined, 'UPDATE_IN_PROGRESS'],
      [
        'cannot be read for a fault of AWS',
        refusal('ServiceUnavailable', 'try later', 503),
        `cannot be read: ${CLOUDFORMATION}: HTTP 503 Sender ServiceUnavailable try later r`,
      ],
    ])('one that %s is a failure within the time', async (_, fault, problem) => {
      const machine = new Machine().stacks({ storage: ['UPDATE_IN_PROGRESS'] });
      const outcome = await run(fault === undefined ? machine : machine.fault(fault), withStacks('storage'));
      expect(outcome.status).not.toBe(0);
      expect(outcome.reason).toBe(`stack storage: not complete after 60 s: ${problem}`);
      // 60 s, 10 to 19 s apart.
      const asked = outcome.log.match(/waiting for stack storage/g);
      expect(asked?.length).toBeGreaterThan(3);
      expect(asked?.length).toBeLessThan(7);
    });

    test('throttling that passes is no failure', async () => {
      const throttling: Fault = { on: 'cloudformation:*', times: 2, effect: { kind: 'throttle' } };
      const outcome = await run(new Machine().stacks({ storage: ['CREATE_COMPLETE'] }).fault(throttling), withStacks('storage'));
      expect(failureOf(outcome)).toBe('');
    });

    test.each([
      ['ValidationError', '1 validation error detected', 400, 1],
      // A policy may be attached, and not yet known everywhere.
      ['AccessDenied', 'not authorized', 403, 4],
    ])('%s is a failure at once', async (code, message, status, calls) => {
      const outcome = await run(new Machine().fault(refusal(code, message, status)), withStacks('storage'));
      expect(outcome.status).not.toBe(0);
      expect(outcome.reason).toBe(`stack storage: cannot be read: ${CLOUDFORMATION}: HTTP ${status} Sender ${code} ${message} r`);
      expect(called(outcome, 'aws', 'cloudformation')).toBe(calls);
    });
  });

  describe('reboot', () => {
    test('is asked for when another kernel is the default one', async () => {
      expect((await run(new Machine().state('default-kernel', '6.1.99'))).rebootRequest).toBe(
        'kernel 6.1.99 is installed, 6.1.0 is running',
      );
    });

    test('is asked for when a core package was installed after the boot', async () => {
      const machine = new Machine().state('packages', 'glibc').state('install-time', 4102444800);
      expect((await run(machine)).rebootRequest).toBe('packages that only a reboot puts into use were installed');
      expect((await run(machine.state('install-time', 0))).rebootRequest).toBe('');
    });

    test('is asked for on Ubuntu when /boot starts another kernel or a package says so', async () => {
      const machine = new Machine().write('/boot/vmlinuz-6.8.1', '').link('/boot/vmlinuz', 'vmlinuz-6.8.1');
      expect((await run(machine, UBUNTU)).rebootRequest).toBe('kernel 6.8.1 is installed, 6.1.0 is running');
      machine.state('running-kernel', '6.8.1');
      expect((await run(machine, UBUNTU)).rebootRequest).toBe('');
      expect((await run(machine.writeVolatile('reboot-required'), UBUNTU)).rebootRequest).toBe(
        'packages that only a reboot puts into use were installed',
      );
    });
  });

  test('run again it changes nothing', async () => {
    const machine = machineWithHost();
    const node = withFileSystems(fileSystem('apps'));
    expect((await run(machine, node)).status).toBe(0);
    const files = ['/etc/fstab', '/etc/chrony.conf', '/etc/profile.d/cluster-node.sh', '/etc/environment', '/var/lib/machine/packages'];
    const before = files.map((file) => machine.read(file));
    const outcome = await run(machine, node);
    expect(failureOf(outcome)).toBe('');
    expect(files.map((file) => machine.read(file))).toEqual(before);
    expect(called(outcome, 'dnf')).toBe(0);
  });
});

describeOnMachine('setup_post_reboot', () => {
  const runPostReboot = (machine: Machine, node: Node = AMAZON): Promise<Outcome> => machine.run(renderPhase('setup_post_reboot', node));

  test.each([
    ['an NVIDIA data centre card', '0x10de', '0x030200', 'nvidia'],
    ['an NVIDIA VGA card', '0x10de', '0x030000', 'nvidia'],
    ['an AMD card', '0x1002', '0x038000', 'amd'],
    ["EC2's emulated VGA", '0x1d0f', '0x030000', 'none'],
    ['an NVIDIA network card', '0x10de', '0x020000', 'none'],
  ])('%s (%s, class %s) is %s', async (_, vendor, deviceClass, gpu) => {
    const machine = new Machine().pciDevice('0000:00:03.0', '0x1d0f', '0x030000').pciDevice('0000:00:1e.0', vendor, deviceClass);
    const outcome = await runPostReboot(machine);
    expect(failureOf(outcome)).toBe('');
    expect(machine.read('/var/lib/cluster-node/gpu')).toBe(`${gpu}\n`);
  });

  test('file systems that the reboot left out are mounted, or the node fails', async () => {
    const machine = machineWithHost();
    const node = withFileSystems(fileSystem('apps'));
    expect((await runPostReboot(machine, node)).calls).toContainEqual(['systemctl', 'start', 'apps.mount']);
    expect((await runPostReboot(machine.state('mount-failures', 1000), node)).reason).toBe(
      'file system apps is not mounted on /apps after 60 s: apps.mount did not start',
    );
  });
});
