import { execFileSync, spawnSync } from 'child_process';
import * as fs from 'fs';
import * as os from 'os';
import * as path from 'path';
import { App, Validations } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { Bucket } from 'aws-cdk-lib/aws-s3';
import { AwsSolutionsChecks } from 'cdk-nag';
import { DesktopSessionTemplate } from '../../lib/sessions';
import { demoStack, FLAGS } from '../demo-stack';
import { addNode, allKinds, sampleCluster } from '../sample-cluster';

const ROOT = path.join(__dirname, '..', '..');
let folder: string;

beforeEach(() => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'whole-'));
});

afterEach(() => fs.rmSync(folder, { recursive: true }));

/** Does something with CDK's own validation of templates on, findings as errors. */
function withTemplateValidation<T>(work: (context: { [flag: string]: boolean }) => T): T {
  delete process.env.CDK_VALIDATION;
  try {
    return work({ '@aws-cdk/core:validateAgainstDefaultRules': true });
  } finally {
    process.env.CDK_VALIDATION = 'false';
  }
}

/** Runs the app as `cdk synth` does. */
function synth(context: { [key: string]: string }, environment: NodeJS.ProcessEnv = {}): { status: number | null; stderr: string } {
  return spawnSync('node', ['-r', './scripts/register-typescript.cjs', 'bin/cluster.ts'], {
    cwd: ROOT,
    encoding: 'utf8',
    env: { ...process.env, ...environment, CDK_OUTDIR: folder, CDK_CONTEXT_JSON: JSON.stringify({ ...FLAGS, ...context }) },
  });
}

const template = () => fs.readFileSync(path.join(folder, 'ClusterNodes.template.json'), 'utf8');

test('synth writes launch templates for both desktops and the login node, and their bundles, and CDK’s validation finds nothing', () => {
  expect(FLAGS['@aws-cdk/core:validateAgainstDefaultRules']).toBe(true);
  const { status, stderr } = synth({}, { CDK_VALIDATION: undefined });
  expect([status, stderr]).toEqual([0, '']);
  const resources = Object.entries((JSON.parse(template()) as { Resources: { [id: string]: { Type: string } } }).Resources);
  const launchTemplates = resources.filter(([, resource]) => resource.Type === 'AWS::EC2::LaunchTemplate').map(([id]) => id);
  expect(launchTemplates.map((id) => id.replace(/LaunchTemplate\w*$/, ''))).toEqual(['LinuxDesktop', 'WindowsDesktop', 'LoginNode']);
  const bundles = fs.readdirSync(folder).filter((name) => /^asset\.[0-9a-f]{64}\.cluster-node-bundle$/.test(name));
  expect(bundles).toHaveLength(3);
  for (const bundle of bundles) {
    expect(execFileSync('tar', ['-tf', path.join(folder, bundle)], { encoding: 'utf8' })).toMatch(/^setup\.(sh|ps1)$/m);
  }
  expect(template()).not.toMatch(/\$\{Token\[|undefined|\[object Object\]|&amp;|&quot;|&#39;/);
});

test('context chooses cluster, systems, architectures, types, images and the owner', () => {
  const { status, stderr } = synth({
    clusterId: 'blue',
    linuxDesktopOs: 'rhel9',
    linuxDesktopImageId: 'ami-12345678',
    linuxDesktopArchitecture: 'arm64',
    linuxDesktopInstanceType: 'm7g.xlarge',
    linuxDesktopSsmAgentUrl: 'https://mirror.example.com/amazon-ssm-agent.rpm',
    linuxDesktopSsmAgentVersion: '3.3.1611.0',
    linuxDesktopSsmAgentSha256: 'ab'.repeat(32),
    windowsDesktopOs: 'windows2025',
    loginNodeOs: 'rocky8',
    loginNodeImageId: 'ami-87654321',
    sessionOwner: 'alice',
  });
  expect([status, stderr]).toEqual([0, '']);
  for (const text of ['ami-12345678', 'm7g.xlarge', 'windows2025', 'rocky8', 'ami-87654321', 'alice', 'blue-desktop-']) {
    expect(template()).toContain(text);
  }
});

test.each([
  [{ linuxDesktopOs: 'ubuntu' }, /expected an operating system out of amazonlinux2.*got 'ubuntu'/],
  [{ linuxDesktopArchitecture: 'mips' }, /linuxDesktopArchitecture to be arm64 or x86_64, got mips/],
  [{ linuxDesktopOs: 'rhel9' }, /expected a machineImage for rhel9/],
  [{ loginNodeOs: 'rhel9' }, /expected a machineImage for rhel9/],
])('context %j is refused', (context, message) => {
  const { status, stderr } = synth(context);
  expect(status).not.toBe(0);
  expect(stderr).toMatch(message);
});

describe('cdk-nag', () => {
  const nagged = () => {
    const app = new App({ context: FLAGS });
    Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
    return { app, stack: demoStack(app) };
  };

  test('AwsSolutions finds nothing that is not acknowledged', () => {
    expect(() => nagged().app.synth()).not.toThrow();
  });

  test('AwsSolutions is really asked: a bucket without anything is found', () => {
    const { app, stack } = nagged();
    new Bucket(stack, 'Bucket');
    jest.spyOn(console, 'error').mockImplementation();
    expect(() => app.synth()).toThrow();
  });
});

test('CDK’s validation finds nothing in the template of all kinds of nodes', () => {
  const errors = jest.spyOn(console, 'error').mockImplementation();
  withTemplateValidation((context) => {
    const { stack, cluster } = sampleCluster({ context });
    allKinds().forEach((kind) => addNode(cluster, kind.title, kind));
    Template.fromStack(stack);
  });
  expect(errors.mock.calls).toEqual([]);
});

test('the same input gives the same bundle in another process', () => {
  const script = (name: string) => JSON.stringify(path.join(ROOT, name));
  const kind = allKinds().find(({ title }) => title === 'ubuntu2404-x86_64-dcv_node')!;
  const program = `
    require(${script('scripts/register-typescript.cjs')});
    const { addNode, allKinds, sampleCluster } = require(${script('test/sample-cluster.ts')});
    const kind = allKinds().find(({ title }) => title === '${kind.title}');
    process.stdout.write(addNode(sampleCluster().cluster, 'Node', kind).bundle.sha256);`;
  const environment = { ...process.env, TZ: 'Asia/Tokyo', LANG: 'C' };
  const sha256 = execFileSync('node', ['-e', program], { encoding: 'utf8', cwd: folder, env: environment });
  expect(sha256).toBe(addNode(sampleCluster().cluster, 'Node', kind).bundle.sha256);
});

// cfn-lint adds a check where it is installed.
if (spawnSync('cfn-lint', ['--version']).status === 0) {
  test('cfn-lint finds nothing in the template of a session', () => {
    const file = path.join(folder, 'template.json');
    fs.writeFileSync(file, new DesktopSessionTemplate().body);
    const lint = spawnSync('cfn-lint', [file], { encoding: 'utf8' });
    expect([lint.status, lint.stdout + lint.stderr]).toEqual([0, '']);
  });
}
