import { execFileSync, spawn } from 'child_process';
import { createHash } from 'crypto';
import { once } from 'events';
import * as fs from 'fs';
import * as path from 'path';
import { ACCOUNT, type Emulator, REGION } from './emulator';

const ROOT = path.join(__dirname, '..', '..');
const STACK = 'demo-cluster';
const COMMAND_SECONDS = 180;

interface Resource {
  readonly Type: string;
  readonly Metadata?: { readonly [name: string]: string };
}

/** One deployment of the sample: what was asked for and what is there. */
export interface Deployment {
  /** What `cdk deploy` has said. */
  readonly said: string;
  readonly resources: { readonly [logicalId: string]: Resource };
  /** Outputs of the stack. */
  readonly outputs: { readonly [name: string]: string };
  /** Physical ids by logical ids. */
  readonly ids: { readonly [logicalId: string]: string };
  /** Nodes by the paths of their constructs. */
  readonly nodes: { readonly [path: string]: DeployedNode };
  /** Keys of the bundles in the assets bucket. */
  readonly bundles: readonly string[];
}

interface LaunchTemplateData {
  readonly UserData: string;
  readonly InstanceType: string;
}

export interface DeployedNode {
  readonly launchTemplateId: string;
  /** Data of the versions, the newest last. */
  readonly versions: readonly LaunchTemplateData[];
  readonly userData: string;
  /** The UserData that `render --app` writes, with CloudFormation's values in it. */
  readonly expectedUserData: string;
  /** The scripts that `render --app` writes, and those of the object that the UserData names. */
  readonly expectedFiles: { readonly [name: string]: string };
  readonly files: { readonly [name: string]: string };
  readonly bundleKey: string;
  /** What the UserData says that the object has. */
  readonly sha256: string;
  readonly actualSha256: string;
}

export interface Ended {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** The sample app, in a folder of its own where its files can be changed, and its deployments. */
export class Sample {
  private deployments = 0;
  private readonly running = new Set<number>();

  public constructor(
    private readonly emulator: Emulator,
    private readonly folder: string,
  ) {
    for (const name of ['assets', 'bin', 'lib', 'scripts', 'cdk.json', 'package.json']) {
      const compiled = (file: string) => /\.js$|\.d\.ts$/.test(file);
      fs.cpSync(path.join(ROOT, name), this.app(name), { recursive: true, filter: (file) => !compiled(file) });
    }
    fs.symlinkSync(path.join(ROOT, 'node_modules'), this.app('node_modules'));
  }

  public bootstrap(): Promise<string> {
    return this.cdk('bootstrap', `aws://${ACCOUNT}/${REGION}`);
  }

  /** Changes a file of the app, as whoever develops it would. */
  public edit(file: string, change: (text: string) => string): void {
    const before = fs.readFileSync(this.app(file), 'utf8');
    const after = change(before);
    if (after === before) throw new Error(`expected a change of ${file}, got none`);
    fs.writeFileSync(this.app(file), after);
  }

  public async deploy(context: { readonly [name: string]: string } = {}): Promise<Deployment> {
    const assembly = path.join(this.folder, `deployment-${++this.deployments}`);
    const settings = Object.entries(context).flatMap(([name, value]) => ['--context', `${name}=${value}`]);
    const said = await this.cdk('deploy', '--method', 'direct', '--require-approval', 'never', '--output', assembly, ...settings);
    const { Resources: resources } = JSON.parse(fs.readFileSync(path.join(assembly, 'ClusterNodes.template.json'), 'utf8')) as {
      Resources: { [id: string]: Resource };
    };
    const rendered = path.join(assembly, 'rendered');
    await this.done(this.command('render', '--app', assembly, '--out', rendered));

    const { StackResources } = await this.emulator.call<{
      StackResources: { LogicalResourceId: string; PhysicalResourceId: string }[];
    }>('cloudformation', 'describe_stack_resources', { StackName: STACK });
    const ids = Object.fromEntries(StackResources.map((found) => [found.LogicalResourceId, found.PhysicalResourceId]));
    const { Stacks } = await this.emulator.call<{ Stacks: { Outputs: { OutputKey: string; OutputValue: string }[] }[] }>(
      'cloudformation',
      'describe_stacks',
      { StackName: STACK },
    );
    const outputs = Object.fromEntries(Stacks[0].Outputs.map((output) => [output.OutputKey, output.OutputValue]));
    const nodes: { [path: string]: DeployedNode } = {};
    for (const [logicalId, { Type: type, Metadata: metadata }] of Object.entries(resources)) {
      if (type !== 'AWS::EC2::LaunchTemplate') continue;
      const node = metadata!['cluster-node:Path'];
      nodes[node] = await this.node(ids[logicalId], path.join(rendered, node), ids);
    }
    return { said, resources, outputs, ids, nodes, bundles: await this.bundles() };
  }

  public destroy(): Promise<string> {
    return this.cdk('destroy', '--force');
  }

  /** Runs `cluster-nodes`. */
  public command(...args: string[]): Promise<Ended> {
    return this.run('bin/cluster-nodes.cjs', args);
  }

  /** Ends what a test that failed has left. */
  public stop(): void {
    this.running.forEach((group) => process.kill(-group, 'SIGKILL'));
  }

  private async node(launchTemplateId: string, rendered: string, ids: Deployment['ids']): Promise<DeployedNode> {
    const { LaunchTemplateVersions: found } = await this.emulator.call<{
      LaunchTemplateVersions: { VersionNumber: number; LaunchTemplateData: LaunchTemplateData }[];
    }>('ec2', 'describe_launch_template_versions', { LaunchTemplateId: launchTemplateId });
    const versions = found.sort((a, b) => a.VersionNumber - b.VersionNumber).map((version) => version.LaunchTemplateData);
    const userData = text(versions.at(-1)!.UserData);
    const files = filesBelow(rendered);
    const expected = Object.entries(files).find(([name]) => name.startsWith('user_data.'))![1];

    const value = (name: string) => text(new RegExp(`^VALUE_${name}=(.*)$`, 'm').exec(userData)![1]);
    const bundleKey = value('BOOTSTRAP_BUNDLE_KEY');
    const bucket = value('BOOTSTRAP_BUNDLE_BUCKET');
    const { Body: body } = await this.emulator.call<{ Body: string }>('s3', 'get_object', { Bucket: bucket, Key: bundleKey });
    const bundle = Buffer.from(body, 'base64');
    return {
      launchTemplateId,
      versions,
      userData,
      expectedUserData: withValues(expected, ids),
      expectedFiles: Object.fromEntries(
        Object.entries(files).flatMap(([name, script]) => (/^bundle\//.test(name) ? [[name.slice(7), script]] : [])),
      ),
      files: this.unpacked(bundle),
      bundleKey,
      sha256: /^(?:readonly BUNDLE_SHA256=|\s*\$Expected = ')([0-9a-f]{64})/m.exec(userData)![1],
      actualSha256: createHash('sha256').update(bundle).digest('hex'),
    };
  }

  private unpacked(bundle: Buffer): { [name: string]: string } {
    const folder = fs.mkdtempSync(path.join(this.folder, 'unpacked-'));
    execFileSync('tar', ['-xf', '-', '-C', folder], { input: bundle });
    return filesBelow(folder);
  }

  private async bundles(): Promise<string[]> {
    const { Contents } = await this.emulator.call<{ Contents: { Key: string }[] }>('s3', 'list_objects_v2', {
      Bucket: `cdk-hnb659fds-assets-${ACCOUNT}-${REGION}`,
    });
    return Contents.map((object) => object.Key).filter((key) => key.endsWith('.cluster-node-bundle'));
  }

  private async cdk(...args: string[]): Promise<string> {
    return this.done(this.run('node_modules/aws-cdk/bin/cdk', [...args, '--no-notices']));
  }

  private async done(running: Promise<Ended>): Promise<string> {
    const { status, stdout, stderr } = await running;
    if (status !== 0) throw new Error(`ended with ${status}:\n${stdout}\n${stderr}\nmoto:\n${this.emulator.log().slice(-5000)}`);
    return `${stdout}${stderr}`;
  }

  private async run(program: string, args: readonly string[]): Promise<Ended> {
    const child = spawn(process.execPath, ['--no-warnings', this.app(program), ...args], {
      cwd: this.app(),
      env: this.emulator.environment(this.folder),
      // With what it starts: the cdk command starts the app.
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const group = child.pid!;
    this.running.add(group);
    const timer = setTimeout(() => process.kill(-group, 'SIGKILL'), COMMAND_SECONDS * 1000);
    const output = { stdout: '', stderr: '' };
    for (const name of ['stdout', 'stderr'] as const) {
      child[name].setEncoding('utf8').on('data', (written: string) => (output[name] += written));
    }
    const [status] = (await once(child, 'close')) as [number | null];
    clearTimeout(timer);
    this.running.delete(group);
    return { status, ...output };
  }

  private app(name = ''): string {
    return path.join(this.folder, 'app', name);
  }
}

/** The text of base64. */
export function text(base64: string): string {
  return Buffer.from(base64, 'base64').toString('utf8');
}

/** Puts in what CloudFormation puts in: identifiers of resources, and what it knows of the place. */
function withValues(rendered: string, ids: Deployment['ids']): string {
  const known: { readonly [reference: string]: string } = {
    ...ids,
    'AWS::Region': REGION,
    'AWS::AccountId': ACCOUNT,
    'AWS::Partition': 'aws',
    'AWS::URLSuffix': 'amazonaws.com',
    'AWS::StackName': STACK,
  };
  // Only values are in base64: a script has ${NAME} of its own.
  return rendered.replace(/^(VALUE_\w+=)base64\((.*)\)$/gm, (_, name: string, readable: string) => {
    const value = readable.replace(/\$\{([^}]*)\}/g, (reference, id: string) => known[id] ?? reference);
    return `${name}${Buffer.from(value).toString('base64')}`;
  });
}

function filesBelow(folder: string): { [name: string]: string } {
  const files = fs.readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return Object.fromEntries(
    files.map((file) => {
      const name = path.join(file.parentPath, file.name);
      return [path.relative(folder, name), fs.readFileSync(name, 'utf8')];
    }),
  );
}
