import { spawnSync } from 'child_process';
import * as fs from 'fs';
import * as os from 'os';
import * as path from 'path';
import { AwsCli } from '../../../lib/nodes/aws-cli';
import { NodeOs } from '../../../lib/nodes/node-os';
import { awsCliFile, downloadOf, fileOf, packageOf } from '../../../lib/nodes/private/agent-files';
import { DOWNLOADS } from '../../../lib/nodes/private/downloads';
import { sha256Of } from './checksum';
import { describeOnMachine, failureOf, Machine, Outcome } from './machine';
import { fileSystem, Node, renderInstall, renderPhase, runPhase } from './phase-scripts';

const ROCKY: Node = { os: NodeOs.ROCKY_9, nodeType: 'compute_node' };
const AWS = '/usr/local/bin/aws';
const VERSION = '2.99.1';
const INSTALLED = `/usr/local/aws-cli/v2/${VERSION}/aws`;
const ZIP = `awscli-exe-linux-x86_64-${VERSION}.zip`;
const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'agents-'));

afterAll(async () => {
  await Machine.removeAll();
  spawnSync('gpgconf', ['--homedir', folder, '--kill', 'all']);
  fs.rmSync(folder, { recursive: true, force: true });
});

function run(command: string, ...args: string[]): string {
  const { status, stdout, stderr } = spawnSync(command, args, { cwd: folder, encoding: 'utf8' });
  if (status !== 0) throw new Error(`${command} ${args.join(' ')}: ${stderr}`);
  return stdout;
}

/** What AWS publishes: a zip archive whose program copies itself, unless there is a folder for that version, whatever is in it. */
function archive(version: string): Buffer {
  fs.rmSync(path.join(folder, 'aws'), { recursive: true, force: true });
  fs.mkdirSync(path.join(folder, 'aws/dist'), { recursive: true });
  const program = `#!/bin/sh\necho aws-cli/${version} Python/3.14.0 Linux/6.1 exe/x86_64\n`;
  const install = `#!/bin/sh
set -e
folder="$4/v2/${version}"
if [ -d "$folder" ]; then echo "Found $folder"; exit 0; fi
mkdir -p "$folder" "$2"
cp "$(dirname "$0")/dist/aws" "$folder/aws"
ln -snf "$folder" "$4/v2/current"
ln -sf "$4/v2/current/aws" "$2/aws"
`;
  fs.writeFileSync(path.join(folder, 'aws/dist/aws'), program, { mode: 0o755 });
  fs.writeFileSync(path.join(folder, 'aws/install'), install, { mode: 0o755 });
  // The same file whenever it is made.
  for (const name of ['aws/dist/aws', 'aws/install', 'aws/dist', 'aws']) fs.utimesSync(path.join(folder, name), 1e9, 1e9);
  fs.rmSync(path.join(folder, 'aws.zip'), { force: true });
  run('zip', '-q', '-X', '-r', 'aws.zip', 'aws');
  return fs.readFileSync(path.join(folder, 'aws.zip'));
}

const gpg = (...args: string[]) => run('gpg', '--homedir', folder, '--batch', '--quiet', '--yes', '--passphrase', '', ...args);

/** A key that was made, and signs, in January 2026; it lasts for ever, or until February. */
function signer(name: string, expires: 'never' | '30d' = 'never') {
  const january = ['--faked-system-time', '20260101T000000'];
  gpg(...january, '--quick-gen-key', name, 'rsa2048', 'sign', expires);
  const fingerprint = /^fpr:+([0-9A-F]{40}):/m.exec(gpg('--with-colons', '--list-keys', name))![1];
  return {
    key: { fingerprint, publicKey: gpg('--armor', '--export', name) },
    sign(content: Buffer): Buffer {
      fs.writeFileSync(path.join(folder, 'file'), content);
      gpg(...january, '--local-user', name, '--detach-sign', '--output', 'file.sig', 'file');
      return fs.readFileSync(path.join(folder, 'file.sig'));
    },
  };
}

describeOnMachine('AWS CLI', () => {
  const own = (sha256: string) => ({
    ...ROCKY,
    context: { '/system/aws_cli': awsCliFile({ os: ROCKY.os!, awsCli: cliOf(sha256) }, 'x86_64') },
  });
  const cliOf = (sha256: string) => AwsCli.fromFile({ version: VERSION, url: `https://files.example.com/${ZIP}`, sha256 });
  const install = (machine: Machine, node: Node): Promise<Outcome> =>
    machine
      .value('VALUE_SYSTEM_AWS_CLI_URL', node.context === undefined ? '' : `https://files.example.com/${ZIP}`)
      .run(renderInstall('setup', node)!);
  const fetched = (outcome: Outcome) =>
    outcome.calls
      .filter(([command]) => command === 'curl')
      .map((call) => call.at(-1))
      .filter((url) => !url!.startsWith('http://169.254'));

  test('is a package on Amazon Linux 2023, and none on Amazon Linux 2', async () => {
    const packages = async (system: NodeOs) => {
      const machine = new Machine();
      const outcome = await install(machine, { os: system, nodeType: 'compute_node' });
      expect(failureOf(outcome)).toBe('');
      expect(fetched(outcome)).toEqual([]);
      return machine.read('/var/lib/machine/packages').split('\n');
    };
    expect(await packages(NodeOs.AMAZON_LINUX_2023)).toContain('awscli-2');
    expect((await packages(NodeOs.AMAZON_LINUX_2)).join()).not.toMatch(/aws|unzip/);
  });

  test.each<[string, string | undefined]>([
    ['there is none', undefined],
    ['there is an older one', '2.1.0'],
    ['there is a newer one', '2.100.0'],
    ['it does not run', 'broken'],
  ])('is the version that was asked for where %s', async (_, there) => {
    const content = archive(VERSION);
    const machine = new Machine().write('/var/lib/machine/downloads/' + ZIP, content).remove(AWS);
    if (there !== undefined)
      machine.write(AWS, there === 'broken' ? '#!/bin/sh\nexit 127\n' : `#!/bin/sh\necho aws-cli/${there} x\n`, 0o755);
    const outcome = await install(machine, own(sha256Of(content)));
    expect(failureOf(outcome)).toBe('');
    expect(fetched(outcome)).toEqual([`https://files.example.com/${ZIP}`]);
    expect(machine.read(INSTALLED)).toContain(`aws-cli/${VERSION} `);
    expect(machine.exists('/opt/cluster-node/aws-cli')).toBe(false);
    // The second time nothing happens.
    expect(fetched(await install(machine, own(sha256Of(content))))).toEqual([]);
  });

  test.each([
    ['half of it is there, as after a power cut', '2.1.0', ''],
    ['it was there before a newer one', '2.100.0', `#!/bin/sh\necho aws-cli/${VERSION} x\n`],
  ])('is installed again where %s', async (_, there, program) => {
    const content = archive(VERSION);
    const machine = new Machine()
      .write('/var/lib/machine/downloads/' + ZIP, content)
      .write(AWS, `#!/bin/sh\necho aws-cli/${there} x\n`, 0o755)
      .write(INSTALLED, program, 0o755);
    expect(failureOf(await install(machine, own(sha256Of(content))))).toBe('');
    expect(machine.read(INSTALLED)).toContain(`aws-cli/${VERSION} `);
  });

  test('ends the phase when the file is another, and says which property to look at when it is not there', async () => {
    const machine = new Machine().write('/var/lib/machine/downloads/' + ZIP, archive('2.0.0')).remove(AWS);
    const altered = await install(machine, own('0'.repeat(64)));
    expect(altered.reason).toMatch(new RegExp(`^https://files.example.com/${ZIP}: sha256 expected 0{64}, got [0-9a-f]{64}$`));
    expect(machine.exists(AWS)).toBe(false);
    const missing = await install(machine.remove('/var/lib/machine/downloads/' + ZIP), own('0'.repeat(64)));
    expect(missing.reason).toBe(
      `cannot download https://files.example.com/${ZIP}: curl status 22, HTTP 404, attempt 1; the property awsCli of the node names another file, or none`,
    );
  });

  test('that nobody asked for is a warning where there is no way to it, soon', async () => {
    const node: Node = { ...ROCKY, context: { '/system/aws_cli': awsCliFile({ os: ROCKY.os! }, 'x86_64') } };
    for (const tries of [1, 2]) {
      const machine = new Machine().remove(AWS);
      if (tries === 1) machine.write('/var/lib/machine/downloads/other', '');
      else machine.state('curl-status', 6);
      const outcome = await machine.value('VALUE_SYSTEM_AWS_CLI_URL', '').run(renderInstall('setup', node)!);
      expect(failureOf(outcome)).toBe('');
      expect(outcome.log).toMatch(/WARNING.*cannot download https:\/\/awscli\.amazonaws\.com\/.*\n[^]*WARNING.*the boot goes on without/);
      expect(fetched(outcome)).toHaveLength(tries);
      expect(machine.read('/var/lib/machine/packages')).toContain('unzip');
      expect(machine.exists(AWS)).toBe(false);
    }
  });

  test('that nobody asked for and does not install is a warning too', async () => {
    const file = awsCliFile({ os: ROCKY.os!, awsCli: cliOf(sha256Of(Buffer.from('no archive'))) }, 'x86_64');
    const machine = new Machine().write('/var/lib/machine/downloads/' + ZIP, 'no archive').remove(AWS);
    const outcome = await install(machine, { ...ROCKY, context: { '/system/aws_cli': { ...file, required: false } } });
    expect(failureOf(outcome)).toBe('');
    expect(outcome.log).toMatch(/WARNING.*could not be installed \(status [1-9]/);
  });

  test('ends the phase when the archive has another version than it should', async () => {
    const content = archive('2.0.0');
    const machine = new Machine().write('/var/lib/machine/downloads/' + ZIP, content).remove(AWS);
    expect((await install(machine, own(sha256Of(content)))).reason).toBe(`expected AWS CLI ${VERSION} at /usr/local/bin/aws, got 2.0.0`);
  });

  describe('verified by a signature', () => {
    const aws = signer('AWS CLI Team <aws-cli@example.com>');
    const stranger = signer('Somebody else <somebody@example.com>');
    const old = signer('AWS CLI Team of old <old@example.com>', '30d');
    const ADDRESS = `https://awscli.amazonaws.com/${ZIP}`;

    /** The archive with a signature, and the node that trusts a key. */
    async function installSigned(
      signature: Buffer | undefined,
      { key } = aws,
      content = archive(VERSION),
      system = ROCKY.os!,
      prepare = (machine: Machine): Machine => machine,
    ) {
      const awsCli = AwsCli.signed({ version: VERSION, signingKey: key });
      const node: Node = { ...ROCKY, os: system, context: { '/system/aws_cli': awsCliFile({ os: system, awsCli }, 'x86_64') } };
      const machine = prepare(new Machine()).write(`/var/lib/machine/downloads/${ZIP}`, content).remove(AWS);
      if (signature !== undefined) machine.write(`/var/lib/machine/downloads/${ZIP}.sig`, signature);
      const outcome = await machine.value('VALUE_SYSTEM_AWS_CLI_URL', '').run(renderInstall('setup', node)!);
      return { machine, outcome };
    }

    test('is installed', async () => {
      const { machine, outcome } = await installSigned(aws.sign(archive(VERSION)));
      expect(failureOf(outcome)).toBe('');
      expect(fetched(outcome)).toEqual([ADDRESS, `${ADDRESS}.sig`]);
      expect(machine.read(INSTALLED)).toContain(`aws-cli/${VERSION} `);
      expect(machine.volatileFiles().filter((name) => name.startsWith('keyring'))).toEqual([]);
    });

    test.each([
      [NodeOs.ROCKY_9, ['dnf', '--assumeyes', 'install', 'gnupg2']],
      // The package of its image goes with no other.
      [NodeOs.AMAZON_LINUX_2023, ['dnf', '--assumeyes', 'swap', 'gnupg2-minimal', 'gnupg2-full']],
    ])('gets the tool for signatures on %s', async (system, call) => {
      const without = (machine: Machine): Machine => {
        // What hides a file of the machine below.
        run('mknod', machine.write('/usr/bin/gpgv', '').remove('/usr/bin/gpgv').path('/usr/bin/gpgv'), 'c', '0', '0');
        return machine;
      };
      const { outcome } = await installSigned(aws.sign(archive(VERSION)), aws, archive(VERSION), system, without);
      expect(outcome.calls).toContainEqual(call);
    });

    test.each<[string, () => ReturnType<typeof installSigned>, RegExp]>([
      ['an altered file', () => installSigned(aws.sign(Buffer.from('another'))), /: its signature is not right: gpgv: BAD signature/],
      [
        'a signature of somebody else',
        () => installSigned(stranger.sign(archive(VERSION))),
        /: its signature is not right: gpgv: Can't check/,
      ],
      [
        'the key of somebody else under the fingerprint that is pinned',
        () => installSigned(stranger.sign(archive(VERSION)), { ...aws, key: { ...stranger.key, fingerprint: aws.key.fingerprint } }),
        new RegExp(`: it is not signed by the key ${aws.key.fingerprint};`),
      ],
      [
        'a key that has expired',
        () => installSigned(old.sign(archive(VERSION)), old),
        new RegExp(`: the key ${old.key.fingerprint} has expired on 2026-01-31;`),
      ],
      ['no signature at all', () => installSigned(undefined), /^cannot download .*\.zip\.sig: curl status 22, HTTP 404/],
      ['a signature that is empty', () => installSigned(Buffer.alloc(0)), /: its signature is not right: gpgv: /],
    ])('is not installed with %s', async (_, attempt, reason) => {
      const { machine, outcome } = await attempt();
      expect(outcome.reason).toMatch(reason);
      expect(outcome.reason).toMatch(/; the property awsCli of the node names another file, or none$/);
      expect(machine.exists(AWS)).toBe(false);
      expect(machine.exists('/opt/cluster-node/aws-cli/aws-cli.zip')).toBe(false);
    });
  });
});

describeOnMachine('CloudWatch agent', () => {
  const CTL = '/opt/aws/amazon-cloudwatch-agent/bin/amazon-cloudwatch-agent-ctl';
  const BUCKET = 'https://amazoncloudwatch-agent-eu-central-1.s3.eu-central-1.amazonaws.com';
  const aws = signer('Amazon CloudWatch Agent <agent@example.com>');
  const agent = Buffer.from('the agent');

  function machine(): Machine {
    const recorded = '#!/bin/bash\nprintf "%s\\n" "$*" >>/var/lib/machine/agent-calls\n';
    return new Machine()
      .write(CTL, recorded, 0o755)
      .write('/var/lib/machine/downloads/amazon-cloudwatch-agent.rpm', agent)
      .write('/var/lib/machine/downloads/amazon-cloudwatch-agent.rpm.sig', aws.sign(agent))
      .write('/var/lib/machine/downloads/amazon-cloudwatch-agent.gpg', aws.key.publicKey);
  }

  function node(file: unknown, more: Node['context'] = {}): Node {
    return { ...ROCKY, context: { '/system/cloudwatch_agent': file, '/configuration/LogGroup': '/lab/nodes', ...more } };
  }

  const signed = (fingerprint = aws.key.fingerprint) => ({ ...downloadOf(DOWNLOADS['cloudwatch-agent/redhat/x86_64']), fingerprint });

  test('comes from a bucket of the Region, signed by the key that is pinned, and follows what the runner does not send', async () => {
    const rocky = machine();
    const outcome = await runPhase(rocky, 'setup', node(signed()));
    expect(failureOf(outcome)).toBe('');
    const urls = outcome.calls.filter(([command]) => command === 'curl').map((call) => call.at(-1));
    expect(urls.filter((url) => url!.startsWith('https:'))).toEqual([
      `${BUCKET}/assets/amazon-cloudwatch-agent.gpg`,
      `${BUCKET}/redhat/amd64/latest/amazon-cloudwatch-agent.rpm`,
      `${BUCKET}/redhat/amd64/latest/amazon-cloudwatch-agent.rpm.sig`,
    ]);
    expect(rocky.read('/var/lib/machine/packages')).toContain('/var/cache/cluster-node/amazon-cloudwatch-agent.rpm');
    expect(rocky.read('/var/lib/machine/agent-calls')).toBe('-a append-config -m ec2 -s -c file:/etc/cluster-node/cloudwatch-agent.json\n');
    // Keys and values as in translator/config/sampleSchema/validLogFiles.json of aws/amazon-cloudwatch-agent.
    const entry = (file: string, stream: string) => ({
      file_path: file,
      log_group_name: '/lab/nodes',
      log_stream_name: `{instance_id}/${stream}`,
      timezone: 'UTC',
    });
    const { collect_list: list } = (
      JSON.parse(rocky.read('/etc/cluster-node/cloudwatch-agent.json')) as {
        logs: { logs_collected: { files: { collect_list: { file_path: string }[] } } };
      }
    ).logs.logs_collected.files;
    expect(list.sort((one, other) => one.file_path.localeCompare(other.file_path))).toEqual([
      entry('/var/log/cloud-init-output.log', 'cloud-init-output.log'),
      entry('/var/log/cloud-init.log', 'cloud-init.log'),
      entry('/var/log/cluster-node/added-commands.log', 'cluster-node/added-commands.log'),
    ]);
  });

  describe('with metrics of GPUs', () => {
    const CONFIGURATION = '/etc/cluster-node/cloudwatch-agent.json';
    const nodeWithMetrics = node(signed(), { '/system/metrics_namespace': 'CWAgent' });
    const sectionsOf = (rocky: Machine) => JSON.parse(rocky.read(CONFIGURATION)) as { metrics?: object; logs: object };

    test('sends logs first, and metrics as well when nvidia-smi answers', async () => {
      const rocky = machine();
      expect(failureOf(await runPhase(rocky, 'setup', nodeWithMetrics))).toBe('');
      const { logs, ...others } = sectionsOf(rocky);
      expect(others).toEqual({});
      expect(failureOf(await runPhase(rocky, 'setup_post_reboot', nodeWithMetrics))).toBe('');
      // Keys as in translator/config/sampleSchema/validNvidiaGpuConfig.json of aws/amazon-cloudwatch-agent.
      expect(sectionsOf(rocky)).toEqual({
        metrics: {
          namespace: 'CWAgent',
          append_dimensions: { InstanceId: '${aws:InstanceId}' },
          metrics_collected: {
            nvidia_gpu: {
              metrics_collection_interval: 60,
              measurement: ['utilization_gpu', 'utilization_memory', 'memory_used', 'memory_total'],
            },
          },
        },
        logs,
      });
      const call = `-a append-config -m ec2 -s -c file:${CONFIGURATION}\n`;
      expect(rocky.read('/var/lib/machine/agent-calls')).toBe(call + call);
    });

    test('sends logs alone where nvidia-smi does not answer, and says why', async () => {
      const rocky = machine().state('nvidia-smi', 'No devices were found\n').state('nvidia-smi-status', 6);
      expect(failureOf(await runPhase(rocky, 'setup', nodeWithMetrics))).toBe('');
      const outcome = await runPhase(rocky, 'setup_post_reboot', nodeWithMetrics);
      expect(failureOf(outcome)).toBe('');
      expect(Object.keys(sectionsOf(rocky))).toEqual(['logs']);
      expect(outcome.log).toContain('no metrics of a GPU are sent, since nvidia-smi does not answer: No devices were found');
    });

    test('sends none of an image whose node sent them, without being told to', async () => {
      const rocky = machine();
      for (const phase of ['setup', 'setup_post_reboot'] as const)
        expect(failureOf(await runPhase(rocky, phase, nodeWithMetrics))).toBe('');
      expect(failureOf(await runPhase(rocky, 'setup', node(signed())))).toBe('');
      expect(Object.keys(sectionsOf(rocky))).toEqual(['logs']);
    });
  });

  test('of another key is not installed, whoever serves the key', async () => {
    const outcome = await runPhase(machine(), 'setup', node(signed('937616F3450B7D806CBD9725D58167303B789C72')));
    expect(outcome.reason).toMatch(/amazon-cloudwatch-agent\.rpm: it is not signed by the key 937616F3450B7D806CBD9725D58167303B789C72;/);
  });

  test('of the image stays, and gets the proxy', async () => {
    const proxy = { '/configuration/HttpsProxy': 'http://proxy.example.com:3128' };
    const rocky = machine().state('packages', 'amazon-cloudwatch-agent').write('/etc/dnf/dnf.conf', '[main]\n');
    const outcome = await runPhase(rocky, 'setup', node(signed(), proxy));
    expect(failureOf(outcome)).toBe('');
    expect(outcome.calls.filter(([command, ...words]) => command === 'curl' && words.at(-1)!.startsWith('https:'))).toEqual([]);
    expect(rocky.read('/opt/aws/amazon-cloudwatch-agent/etc/common-config.toml')).toMatch(
      /^\[proxy\]\n {4}https_proxy = "http:\/\/proxy\.example\.com:3128"\n/m,
    );
  });

  test('that does not take the configuration, or hangs, is no reason to fail', async () => {
    const rocky = machine().write(CTL, '#!/bin/bash\necho no >&2\nexit 1\n', 0o755);
    const outcome = await runPhase(rocky, 'setup', node(signed()));
    expect(failureOf(outcome)).toBe('');
    expect(outcome.log).toContain('WARNING the CloudWatch agent does not take');
    const [, patience] = /timeout (\d+) .*amazon-cloudwatch-agent-ctl/.exec(renderPhase('setup', node(signed())))!;
    expect(Number(patience)).toBeLessThanOrEqual(120);
  });

  test.each([
    ['goes on with what else it has', true, ['restart', '--no-block']],
    ['stops where it has nothing else, and does not take a configuration of its own', false, ['disable', '--now', '--no-block']],
  ])('of an image no longer sends to the log group of another node, and %s', async (_, others, action) => {
    const rocky = machine();
    expect(failureOf(await runPhase(rocky, 'setup', node(signed())))).toBe('');
    rocky.write('/var/lib/machine/agent-calls', '');
    if (others) rocky.write('/opt/aws/amazon-cloudwatch-agent/etc/amazon-cloudwatch-agent.toml', '');
    const without = { ...ROCKY, context: { '/system/cloudwatch_agent': null } };
    const outcome = await runPhase(rocky, 'setup', without);
    expect(failureOf(outcome)).toBe('');
    expect(rocky.read('/var/lib/machine/agent-calls')).toBe('-a remove-config -m ec2 -c file:/etc/cluster-node/cloudwatch-agent.json\n');
    expect(outcome.calls).toContainEqual(['systemctl', ...action, 'amazon-cloudwatch-agent.service']);
    expect(rocky.exists('/etc/cluster-node/cloudwatch-agent.json')).toBe(false);
    expect((await runPhase(rocky, 'setup', without)).calls.flat()).not.toContain('amazon-cloudwatch-agent.service');
  });

  test.each([
    ['another version', '1.2.0', 1],
    ['the same', '1.300.0b1', 0],
  ])('of the app replaces what the image has in %s', async (_, there, fetches) => {
    const file = fileOf({ version: '1.300.0b1', url: 'https://x', sha256: sha256Of(agent) });
    const rocky = machine().state('packages', 'amazon-cloudwatch-agent').state('installed-version', there);
    rocky.value('VALUE_SYSTEM_CLOUDWATCH_AGENT_URL', 'https://files.example.com/amazon-cloudwatch-agent.rpm');
    const outcome = await runPhase(rocky, 'setup', node(file, { '/system/cloudwatch_agent_url': 'https://x' }));
    expect(failureOf(outcome)).toBe('');
    expect(outcome.calls.filter(([command, ...words]) => command === 'curl' && words.at(-1)!.startsWith('https:'))).toHaveLength(fetches);
  });

  test('is a package of Amazon Linux 2023', async () => {
    const amazon = machine();
    const outcome = await runPhase(amazon, 'setup', { ...node(packageOf('amazon-cloudwatch-agent')), os: NodeOs.AMAZON_LINUX_2023 });
    expect(failureOf(outcome)).toBe('');
    expect(amazon.read('/var/lib/machine/packages').split('\n')).toContain('amazon-cloudwatch-agent');
  });
});

describeOnMachine('amazon-efs-utils', () => {
  const content = Buffer.from('efs-utils');
  const utils = fileOf({ version: '3.2.0', url: 'of the values', sha256: sha256Of(content) });
  const node = (system: NodeOs): Node => ({
    os: system,
    nodeType: 'compute_node',
    context: {
      '/system/efs_utils': utils,
      '/configuration/FileSystems': [fileSystem('apps', { mount_options: 'tls', on_failure: 'ignore', timeout_seconds: 1 })],
    },
  });

  test.each([NodeOs.ROCKY_9, NodeOs.UBUNTU_24_04])('of the app is installed on %s', async (system) => {
    const extension = system === NodeOs.ROCKY_9 ? 'rpm' : 'deb';
    const machine = new Machine()
      .write('/var/lib/machine/download', content)
      .value('VALUE_SYSTEM_EFS_UTILS_URL', 'https://files.example.com/efs');
    const outcome = await machine.run(renderInstall('setup', node(system))!);
    expect(failureOf(outcome)).toBe('');
    expect(machine.read('/var/lib/machine/packages')).toContain(`/var/cache/cluster-node/amazon-efs-utils.${extension}`);
  });

  test('of the image stays where it has the version', async () => {
    const machine = new Machine()
      .state('packages', 'amazon-efs-utils')
      .state('installed-version', '3.2.0')
      .value('VALUE_SYSTEM_EFS_UTILS_URL', 'https://files.example.com/efs');
    const outcome = await machine.run(renderInstall('setup', node(NodeOs.ROCKY_9))!);
    expect(failureOf(outcome)).toBe('');
    expect(outcome.calls.some((call) => call.includes('https://files.example.com/efs'))).toBe(false);
  });
});
