import { spawnSync } from 'child_process';
import * as fs from 'fs';
import * as os from 'os';
import * as path from 'path';
import type * as ec2 from 'aws-cdk-lib/aws-ec2';
import { GpuDriver } from '../../../lib/nodes/gpu-driver';
import { driverProblem } from '../../../lib/nodes/private/gpu-checks';
import { AwsCli } from '../../../lib/nodes/aws-cli';
import { NodeOs } from '../../../lib/nodes/node-os';
import { awsCliFile, downloadOf, fileOf, ssmAgentFile } from '../../../lib/nodes/private/agent-files';
import { DOWNLOADS } from '../../../lib/nodes/private/downloads';
import { SecretReference, VariableReference } from '../../../lib/templates/value-kinds';
import {
  fileSystem,
  HOST_KEYS_SECRET,
  LINUX_SYSTEMS,
  Node,
  NODE_TYPES,
  PhaseName,
  phasesOf,
  renderCheck,
  renderConnect,
  renderInstall,
  renderPhase,
} from './phase-scripts';

const OWNER_SECRET = new SecretReference('/dcv/OwnerPasswordSecret', new VariableReference('/dcv/OwnerPasswordSecret', 'deploy-time'));

const PROTECTION_OFF = 'a protection of the system that is off';
/** What somebody has asked for. */
const UNPROTECTED = { '/system/selinux': false, '/system/firewall': false };

/** Every system, architecture and node type; a plain node and one that uses everything. */
function matrix(): { name: string; phase: PhaseName | 'connect'; node: Node; script: string }[] {
  const everything = {
    '/configuration/HttpProxy': 'http://proxy.example.com:3128',
    '/configuration/HttpsProxy': 'http://proxy.example.com:3128',
    '/configuration/NoProxy': '.example.com',
    '/configuration/FileSystems': [
      fileSystem('apps'),
      fileSystem('data', { provider: 'nfs', mount_target: 'files.example.com', mount_options: 'nfsvers=3', on_failure: 'ignore' }),
    ],
    '/configuration/AppsPath': '/apps',
    '/configuration/WaitForStacks': ['storage', 'identity'],
    '/configuration/UserDirectory/provider': 'openldap',
    '/job/Packages': ['htop', "odd'name"],
    '/system/metadata/guard': false,
    '/system/hostname': new VariableReference('/system/hostname', 'deploy-time'),
    '/system/limits': [{ item: 'memlock', value: 'unlimited', setting: 'LimitMEMLOCK', setting_value: 'infinity' }],
  };
  return LINUX_SYSTEMS.flatMap((system) =>
    (['x86_64', 'arm64'] as const).flatMap((architecture) =>
      NODE_TYPES.flatMap((nodeType) => {
        const plain = { os: system, architecture, nodeType };
        const full = {
          ...plain,
          context: {
            ...everything,
            '/system/aws_cli': awsCliFile({ os: system, awsCli: AwsCli.signed({ version: '2.36.8' }) }, architecture),
            '/configuration/LogGroup': new VariableReference('/configuration/LogGroup', 'deploy-time'),
            '/system/cloudwatch_agent': downloadOf(DOWNLOADS[`cloudwatch-agent/redhat/${architecture}`]),
            '/system/metrics_namespace': 'CWAgent',
            '/system/efs_utils': fileOf({ version: '3.2.0', url: '', sha256: '0'.repeat(64) }),
            ...(nodeType === 'dcv_node' ? { '/dcv/SessionType': 'console', '/dcv/LoginMethod': 'unmanaged' } : {}),
            ...(nodeType === 'login_node' ? { '/login/HostKeysSecret': HOST_KEYS_SECRET } : {}),
            ...(nodeType === 'compute_node' ? UNPROTECTED : {}),
          },
        };
        const withSecret = {
          ...plain,
          context: { '/dcv/LoginMethod': 'secret', '/dcv/OwnerPasswordSecret': OWNER_SECRET, '/dcv/FixedOwner': 'ada' },
        };
        const withAgent = {
          ...plain,
          context: { '/system/ssm/agent': fileOf({ version: '1', url: 'of the values', sha256: '0'.repeat(64) }) },
        };
        const withSignedAgent = { ...plain, context: { '/system/ssm/agent': ssmAgentFile(NodeOs.RHEL_9, architecture) } };
        const ofDesktop =
          nodeType !== 'dcv_node'
            ? []
            : [
                { name: `${system.name}-${architecture}-connect.sh`, phase: 'connect' as const, node: plain, script: renderConnect(plain) },
                {
                  name: `${system.name}-${architecture}-virtual_desktop-check.sh`,
                  phase: 'virtual_desktop' as const,
                  node: plain,
                  script: renderCheck('virtual_desktop', plain)!,
                },
                {
                  name: `${system.name}-${architecture}-virtual_desktop-secret.sh`,
                  phase: 'virtual_desktop' as const,
                  node: withSecret,
                  script: renderPhase('virtual_desktop', withSecret),
                },
                {
                  name: `${system.name}-${architecture}-virtual_desktop-install-agent.sh`,
                  phase: 'virtual_desktop' as const,
                  node: withAgent,
                  script: renderInstall('virtual_desktop', withAgent)!,
                },
                {
                  name: `${system.name}-${architecture}-virtual_desktop-install-signed-agent.sh`,
                  phase: 'virtual_desktop' as const,
                  node: withSignedAgent,
                  script: renderInstall('virtual_desktop', withSignedAgent)!,
                },
              ];
        const ofPhases = phasesOf(nodeType).flatMap((phase) =>
          [plain, full].flatMap((node, index) => {
            const name = `${system.name}-${architecture}-${nodeType}-${phase}`;
            const end = `${index === 0 ? 'plain' : 'full'}.sh`;
            const install = renderInstall(phase, node);
            return [
              { name: `${name}-${end}`, phase, node, script: renderPhase(phase, node) },
              ...(install === undefined ? [] : [{ name: `${name}-install-${end}`, phase, node, script: install }]),
            ];
          }),
        );
        return [...ofPhases, ...ofDesktop];
      }),
    ),
  );
}

/** Every system with each driver of a GPU that it can have, and with EFA. */
function withHardware(): ReturnType<typeof matrix> {
  const file = { version: '580.126.09', url: 's3://drivers/nvidia.run', sha256: 'a'.repeat(64), bucketRegion: 'us-east-1' };
  const drivers = [
    GpuDriver.nvidiaGrid({ release: '19.4', ...file, url: undefined }),
    GpuDriver.nvidiaDataCenter(),
    GpuDriver.nvidiaOpen(),
    GpuDriver.amd({ file }),
    GpuDriver.none(),
  ];
  return LINUX_SYSTEMS.flatMap((system) =>
    (['x86_64', 'arm64'] as const).flatMap((architecture) =>
      drivers
        .filter(
          (driver) =>
            driver.name === 'none' || driverProblem(driver, system, architecture as ec2.InstanceArchitecture, undefined) === undefined,
        )
        .flatMap((driver) =>
          [true, false].flatMap((isChosen) => {
            const gpu = { driver, file: driver._file ?? file, isChosen, withoutFirmware: driver.name === 'nvidia_grid' && isChosen };
            const context = { '/dcv/SessionType': isChosen ? 'console' : 'virtual' };
            const node: Node = { os: system, architecture, gpu, efa: isChosen, context };
            const phases: PhaseName[] = driver.name === 'none' ? ['virtual_desktop'] : ['setup', 'setup_post_reboot'];
            return phases.flatMap((phase) => {
              const name = `${system.name}-${architecture}-${driver.name}-${String(isChosen)}-${phase}`;
              const install = renderInstall(phase, node);
              return [
                { name: `${name}.sh`, phase, node, script: renderPhase(phase, node) },
                ...(install === undefined ? [] : [{ name: `${name}-install.sh`, phase, node, script: install }]),
              ];
            });
          }),
        ),
    ),
  );
}

const scripts = [...matrix(), ...withHardware()];
const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'phases-'));

beforeAll(() => {
  for (const { name, script } of scripts) {
    fs.writeFileSync(path.join(folder, name), script);
  }
});

afterAll(() => fs.rmSync(folder, { recursive: true }));

/**
 * Scripts that hold every function in every form it has. The same function is in many scripts, and words such as the name
 * of a system do not matter to a linter; checking all scripts would take minutes and say nothing more.
 */
function representatives(): string[] {
  const words = new RegExp(
    `\\b(${[...LINUX_SYSTEMS.flatMap((system) => [system.name, system.dcvFamily]), ...NODE_TYPES].join('|')}|x86_64|arm64|aarch64|amd64|rhel-[89])\\b`,
    'g',
  );
  const seen = new Set<string>();
  const chosen: string[] = [];
  for (const { name, script } of [...scripts].sort((one, other) => other.script.length - one.script.length)) {
    const functions = script.replace(words, 'WORD').split(/(?<=\n\}\n)/);
    if (functions.some((text) => !seen.has(text))) {
      functions.forEach((text) => seen.add(text));
      chosen.push(name);
    }
  }
  return chosen;
}

function check(tool: string, ...options: string[]): void {
  if (spawnSync('sh', ['-c', `command -v ${tool}`]).status !== 0) {
    if (process.env.CI === 'true') {
      throw new Error(`expected ${tool} to be installed, but it is not`);
    }
    process.stderr.write(`skipped: ${tool} is missing\n`);
    return;
  }
  const result = spawnSync(tool, [...options, ...representatives()], { cwd: folder, encoding: 'utf8', maxBuffer: 1 << 26 });
  expect(result.stdout + result.stderr).toBe('');
  expect(result.status).toBe(0);
}

test('covers eight systems, two architectures, three node types and every phase', () => {
  expect(LINUX_SYSTEMS.map((system) => system.name)).toEqual([
    'amazonlinux2',
    'amazonlinux2023',
    'rhel8',
    'rhel9',
    'rocky8',
    'rocky9',
    'ubuntu2204',
    'ubuntu2404',
  ]);
  // Phases and installs of a desktop (4 + 2), a login node (4 + 2) and a compute node (3 + 1), each plain and full; connect, the
  // check, a desktop with a secret, and two with an SSM agent.
  expect(matrix()).toHaveLength(8 * 2 * ((4 + 2 + (4 + 2) + (3 + 1)) * 2 + 5));
});

test('bash parses every script', () => {
  const result = spawnSync('bash', ['-c', 'for script in *.sh; do bash -n "$script" || exit 1; done'], { cwd: folder, encoding: 'utf8' });
  expect(result.stderr).toBe('');
  expect(result.status).toBe(0);
});

test('shellcheck has nothing to say', () => check('shellcheck', '-S', 'warning'), 60_000);

test('shfmt has nothing to change', () => check('shfmt', '-d', '-i', '2', '-ci'));

// What brought systems of this kind down before.
test.each([
  ['text that runs as code', /\beval\b/],
  ['an unchecked package signature', /nogpgcheck|gpgcheck=0|allow-unauthenticated|trusted=yes/],
  ['an unchecked certificate', /\bcurl\b[^\n]*\s(-k|--insecure)\b|no-check-certificate|no-tls-strict/],
  ['a folder that everybody may write to', /\b0?777\b/],
  // A log line whose reader is gone is none.
  ['a failure that nobody sees', /(?<!>&2 )\|\|\s*(true|:)(\s|$)/m],
  ['an X server on the network', /-listen tcp/],
  ['a host key check that is off', /StrictHostKeyChecking/],
  [PROTECTION_OFF, /setenforce|SELINUX=|apparmor|disable.*firewalld|stop.*firewalld/],
  ['a reboot of its own', /^\s*(exec )?(reboot|poweroff|shutdown|init)\b|systemctl (reboot|isolate)/m],
  ['sed that leaves a copy', /sed -ie/],
  ['a blind append to a file of the system', />>\s*"?\/etc\//],
  ['a package nobody asked for', /\btelnet\b/],
  ['a client that is not there yet', /\baws (s3|cloudformation|ec2|secretsmanager)\b/],
  ['an open end of time', /while true; do\n\s*sleep/],
  ['a value that is missing', /\bNone\b|undefined|\[object Object\]|\$\{Token\[/],
])('no script has %s', (what, pattern) => {
  const offenders = scripts
    .filter(({ node }) => what !== PROTECTION_OFF || node.context?.['/system/selinux'] !== false)
    .map(({ name, script }) => ({
      name,
      text: script
        .split('\n')
        .filter((line) => !/^\s*#/.test(line))
        .join('\n'),
    }))
    .flatMap(({ name, text }) => {
      const found = pattern.exec(text);
      return found === null ? [] : [`${name}: ${found[0]}`];
    });
  expect(offenders).toEqual([]);
});

test('a deploy-time host name is a variable, never text of the script', () => {
  const { script } = scripts.find(({ name }) => name === 'rhel9-arm64-compute_node-setup-full.sh')!;
  expect(script).toContain('"${VALUE_CONFIGURATION_FILE_SYSTEMS_APPS_MOUNT_TARGET}" "/" "/apps" ""');
});

test('each phase is a list of function calls', () => {
  for (const { name, script } of scripts) {
    const main = /^[^]*\nmain\(\) \{\n([^]*?)\n\}\n\nmain "\$@"\n$/.exec(script);
    expect([name, main === null]).toEqual([name, false]);
    for (const line of main![1].split('\n')) {
      expect(line).toMatch(/^$|^ {2}(local |#|[a-z_]+( |$)|[a-z]+="\$\([a-z_]+)/);
    }
  }
});

test.each(NODE_TYPES)('the customization that is shipped does nothing on a %s', (nodeType) => {
  const script = renderPhase('setup_user_customization', { nodeType });
  const comment = { dcv_node: 'virtual desktops', login_node: 'login nodes', compute_node: 'nodes that run jobs' }[nodeType];
  const [, main] = script.split('\nmain() {\n');
  expect(main).toBe(`  log_info "customization of a ${nodeType}"\n\n  # Commands for ${comment}.\n\n  return 0\n}\n\nmain "$@"\n`);
});

test('the customization has a branch of the documented form for each node type', () => {
  const template = fs.readFileSync(
    path.join(__dirname, '..', '..', '..', 'assets', 'cluster_node_bootstrap', 'compute_node', 'setup_user_customization.sh.j2'),
    'utf8',
  );
  for (const nodeType of NODE_TYPES) {
    expect(template).toContain(`if context.get("/job/NodeType") == "${nodeType}" %}`);
  }
  expect(template).toContain('{% if context.get("/job/NodeType") == "dcv_node" %}');
});
