import { execFileSync, spawnSync } from 'child_process';
import * as fs from 'fs';
import * as os from 'os';
import * as path from 'path';
import { App, Validations } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { AwsSolutionsChecks } from 'cdk-nag';
import { ClusterStack } from '../../../bin/cluster-stack';
import { NodeOs } from '../../../lib';
import { withoutHashes, withTemplateValidation } from '../../sample-cluster';

const ROOT = path.join(__dirname, '..', '..', '..');
const FLAGS = (JSON.parse(fs.readFileSync(path.join(ROOT, 'cdk.json'), 'utf8')) as { context: { [key: string]: unknown } }).context;

function clusterStack(app: App): ClusterStack {
  return new ClusterStack(app, 'ClusterNodes', {
    clusterId: 'demo',
    linuxDesktop: { os: NodeOs.UBUNTU_24_04 },
    windowsDesktop: { os: NodeOs.WINDOWS_2022 },
    loginNode: { os: NodeOs.AMAZON_LINUX_2023 },
  });
}

/** Runs the app as `cdk synth` does. */
function synth(context: { [key: string]: string }): { status: number | null; stderr: string; folder: string } {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'synth-'));
  const { status, stderr } = spawnSync('node', ['-r', './scripts/register-typescript.cjs', 'bin/cluster.ts'], {
    cwd: ROOT,
    encoding: 'utf8',
    env: { ...process.env, CDK_VALIDATION: undefined, CDK_OUTDIR: folder, CDK_CONTEXT_JSON: JSON.stringify({ ...FLAGS, ...context }) },
  });
  return { status, stderr, folder };
}

test('the template of the app, with the recommended feature flags and default-rule validation as errors', () => {
  expect(FLAGS['@aws-cdk/core:validateAgainstDefaultRules']).toBe(true);
  const template = withTemplateValidation(() => Template.fromStack(clusterStack(new App({ context: FLAGS }))).toJSON());
  expect(withoutHashes(template)).toMatchSnapshot();
});

describe('cdk-nag', () => {
  test('AwsSolutions finds nothing that is not acknowledged', () => {
    const app = new App({ context: FLAGS });
    Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
    clusterStack(app);
    expect(() => app.synth()).not.toThrow();
  });

  test('AwsSolutions is really asked: a bucket without anything is found', () => {
    const app = new App({ context: FLAGS });
    Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
    const stack = clusterStack(app);
    new (jest.requireActual<typeof import('aws-cdk-lib/aws-s3')>('aws-cdk-lib/aws-s3').Bucket)(stack, 'Bucket');
    jest.spyOn(console, 'error').mockImplementation();
    expect(() => app.synth()).toThrow();
  });
});

test('synth writes launch templates for both desktops and the login node, and their bundles', () => {
  const { status, stderr, folder } = synth({});
  expect(stderr).toBe('');
  expect(status).toBe(0);
  const template = fs.readFileSync(path.join(folder, 'ClusterNodes.template.json'), 'utf8');
  const resources = Object.entries((JSON.parse(template) as { Resources: { [id: string]: { Type: string } } }).Resources);
  const launchTemplates = resources.filter(([, resource]) => resource.Type === 'AWS::EC2::LaunchTemplate').map(([id]) => id);
  expect(launchTemplates.map((id) => id.replace(/LaunchTemplate\w*$/, ''))).toEqual(['LinuxDesktop', 'WindowsDesktop', 'LoginNode']);
  const bundles = fs.readdirSync(folder).filter((name) => /^asset\.[0-9a-f]{64}\.tar$/.test(name));
  expect(bundles).toHaveLength(3);
  for (const bundle of bundles) {
    expect(execFileSync('tar', ['-tf', path.join(folder, bundle)], { encoding: 'utf8' })).toMatch(/^setup\.(sh|ps1)$/m);
  }
  expect(template).not.toMatch(/\$\{Token\[|undefined|\[object Object\]|&amp;|&quot;|&#39;/);
});

test('context chooses cluster, systems, architectures, types, images and the owner', () => {
  const { status, stderr, folder } = synth({
    clusterId: 'blue',
    linuxDesktopOs: 'rhel9',
    linuxDesktopImageId: 'ami-12345678',
    linuxDesktopArchitecture: 'arm64',
    linuxDesktopInstanceType: 'm7g.xlarge',
    windowsDesktopOs: 'windows2025',
    loginNodeOs: 'rocky8',
    loginNodeImageId: 'ami-87654321',
    sessionOwner: 'alice',
  });
  expect(stderr).toBe('');
  expect(status).toBe(0);
  const template = fs.readFileSync(path.join(folder, 'ClusterNodes.template.json'), 'utf8');
  for (const text of ['ami-12345678', 'm7g.xlarge', 'windows2025', 'rocky8', 'ami-87654321', 'alice', 'blue-desktop-']) {
    expect(template).toContain(text);
  }
});

test.each([
  [{ linuxDesktopOs: 'ubuntu' }, /expected an operating system out of amazonlinux2.*got 'ubuntu'/],
  [{ linuxDesktopArchitecture: 'mips' }, /linuxDesktopArchitecture to be arm64 or x86_64, got mips/],
  [{ loginNodeOs: 'rhel9' }, /expected a machineImage for rhel9/],
])('context %j is refused', (context, message) => {
  const { status, stderr } = synth(context);
  expect(status).not.toBe(0);
  expect(stderr).toMatch(message);
});
