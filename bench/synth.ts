import { execFileSync } from 'child_process';
import * as fs from 'fs';
import * as os from 'os';
import * as path from 'path';
import { App, CfnResource, Stack, Tags, Token } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as assets from 'aws-cdk-lib/aws-s3-assets';
import { Construct } from 'constructs';
import { BootstrapTemplates, Cluster, NodeOs, VirtualDesktopNode } from '../lib';

// Synth of nodes against the same resources written by hand, alternating in one run, so that the ratio holds when the
// machine's speed drifts. `plain` has the library's own UserData as a text and one asset; its template is compared with the
// library's. `bare` is the launch template alone, which nothing can be granted to.

// Measured once the code is compiled; a round of one node is short.
const ROUNDS: { readonly [nodes: number]: number } = { 1: 25, 10: 15, 100: 15 };
const WARM_UP_ROUNDS: { readonly [nodes: number]: number } = { 1: 10, 10: 5, 100: 2 };
const folders: string[] = [];

function emptyStack(): { app: App; stack: Stack; vpc: ec2.IVpc } {
  const outdir = fs.mkdtempSync(path.join(os.tmpdir(), 'bench-'));
  folders.push(outdir);
  const app = new App({ analyticsReporting: false, outdir });
  const stack = new Stack(app, 'Stack');
  const vpc = ec2.Vpc.fromVpcAttributes(stack, 'Vpc', {
    vpcId: 'vpc-11111111',
    availabilityZones: ['a'],
    privateSubnetIds: ['subnet-11111111'],
  });
  return { app, stack, vpc };
}

function nodes(count: number, templates: BootstrapTemplates): { app: App; nodes: VirtualDesktopNode[] } {
  const { app, stack, vpc } = emptyStack();
  const cluster = new Cluster(stack, 'Cluster', { clusterId: 'bench', vpc, templates });
  const made = Array.from(
    { length: count },
    (_, index) => new VirtualDesktopNode(stack, `Node${index}`, { cluster, os: NodeOs.AMAZON_LINUX_2023, sessionOwner: `user${index}` }),
  );
  return { app, nodes: made };
}

/** What one node of the library consists of. */
interface Sample {
  readonly userData: string;
  readonly bytes: number;
  readonly bundle: string;
  readonly statements: Statement[];
  readonly roleTags: { readonly Key: string; readonly Value: string }[];
  readonly bundleKey: unknown;
  readonly template: Resources;
}

interface Statement {
  readonly Action: string | string[];
  readonly Resource: unknown;
  readonly Condition?: iam.Conditions;
}

type Resources = { [logicalId: string]: { Type: string; Properties: object; Metadata?: { [key: string]: unknown } } };

function resourcesOf(app: App): Resources {
  const { Resources } = app.synth().getStackByName('Stack').template as { Resources: Resources };
  return Resources;
}

function sampleOf(node: VirtualDesktopNode, app: App): Sample {
  const template = resourcesOf(app);
  const role = template[node.stack.getLogicalId(node.role.node.defaultChild as iam.CfnRole)].Properties as {
    Policies: { PolicyDocument: { Statement: Statement[] } }[];
    Tags: Sample['roleTags'];
  };
  const [bundle] = fs.readdirSync(app.outdir).filter((name) => name.endsWith('.cluster-node-bundle'));
  return {
    userData: node.userData.render(),
    bytes: node.userDataBudget.bytes,
    bundle: path.join(app.outdir, bundle),
    statements: role.Policies[0].PolicyDocument.Statement,
    roleTags: role.Tags,
    bundleKey: template[node.stack.getLogicalId(node.node.defaultChild as ec2.CfnLaunchTemplate)].Metadata?.['cluster-node:Bundle'],
    template,
  };
}

function statementOf({ Action, Resource, Condition }: Statement): iam.PolicyStatement {
  const resources = [typeof Resource === 'string' ? Resource : Token.asString(Resource)];
  return new iam.PolicyStatement({ actions: [Action].flat(), resources, conditions: Condition });
}

function plain(count: number, sample: Sample): App {
  const { app, stack, vpc } = emptyStack();
  new assets.Asset(stack, 'Bundle', { path: sample.bundle });
  const cluster = new Construct(stack, 'Cluster');
  const documents = Object.values(sample.template).filter(({ Type }) => Type === 'AWS::SSM::Document');
  documents.forEach(({ Type, Properties }, index) => {
    new CfnResource(cluster, ['ConnectDocument', 'ResetPasswordDocument'][index], { type: Type, properties: { ...Properties } });
  });
  for (let index = 0; index < count; index++) {
    const node = new Construct(stack, `Node${index}`);
    const role = new iam.Role(node, 'Role', {
      assumedBy: new iam.ServicePrincipal('ec2.amazonaws.com'),
      inlinePolicies: {
        Bootstrap: new iam.PolicyDocument({ statements: sample.statements.map(statementOf) }),
      },
    });
    sample.roleTags.forEach(({ Key, Value }) => Tags.of(role).add(Key, Value));
    const template = new ec2.LaunchTemplate(node, 'LaunchTemplate', {
      ...bareProps(sample.userData),
      role,
      securityGroup: new ec2.SecurityGroup(node, 'SecurityGroup', { vpc, description: 'bench dcv_node' }),
    });
    const tags = {
      'cluster-node:BaseOS': 'amazonlinux2023',
      'cluster-node:ClusterId': 'bench',
      'cluster-node:NodeType': 'dcv_node',
      'cluster-node:SessionOwner': `user${index}`,
    };
    Object.entries(tags).forEach(([key, value]) => Tags.of(template).add(key, value));
    const all = Object.entries({ ...tags, Name: template.node.path }).map(([Key, Value]) => ({ Key, Value }));
    const resource = template.node.defaultChild as ec2.CfnLaunchTemplate;
    resource.addPropertyOverride('LaunchTemplateData.TagSpecifications.2', { ResourceType: 'network-interface', Tags: all });
    resource.addMetadata('cluster-node:Bundle', sample.bundleKey);
    resource.addMetadata('cluster-node:Path', node.node.path);
  }
  return app;
}

function bare(count: number, userData: string): App {
  const { app, stack } = emptyStack();
  for (let index = 0; index < count; index++) {
    new ec2.LaunchTemplate(stack, `Node${index}`, bareProps(userData));
  }
  return app;
}

/** What the templates differ in: properties, metadata, dependencies; none, or the ratio is not that of the same resources. */
function differences(ours: Resources, theirs: Resources): string[] {
  const flat = (resources: Resources) =>
    new Map(
      Object.entries(resources).flatMap(([id, { Type, Properties, ...attributes }]) =>
        Object.entries({ ...Properties, ...attributes }).map(
          ([name, value]) => [`${id} ${Type} ${name}`, JSON.stringify(sorted(value))] as const,
        ),
      ),
    );
  const [left, right] = [flat(ours), flat(theirs)];
  return [...new Set([...left.keys(), ...right.keys()])].filter((key) => left.get(key) !== right.get(key));
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => a.localeCompare(b))
      .map(([key, item]) => [key, sorted(item)]),
  );
}

function bareProps(userData: string): ec2.LaunchTemplateProps {
  return {
    instanceType: new ec2.InstanceType('m7i.large'),
    machineImage: NodeOs.AMAZON_LINUX_2023.machineImage(ec2.InstanceArchitecture.X86_64),
    userData: ec2.UserData.custom(userData),
    httpTokens: ec2.LaunchTemplateHttpTokens.REQUIRED,
    httpPutResponseHopLimit: 1,
    instanceMetadataTags: true,
    httpEndpoint: true,
    ebsOptimized: true,
    blockDevices: [
      {
        deviceName: '/dev/xvda',
        volume: ec2.BlockDeviceVolume.ebs(40, { encrypted: true, volumeType: ec2.EbsDeviceVolumeType.GP3, deleteOnTermination: true }),
      },
    ],
  };
}

/** What one waits for. That of the processors has what V8 does beside: it compiles and collects while the script goes on. */
function milliseconds(work: () => void): number {
  const start = performance.now();
  work();
  return performance.now() - start;
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];
}

/** The library's own templates in a state as at the start of a process: nothing has been rendered with them. */
function freshTemplates(): BootstrapTemplates {
  return new (BootstrapTemplates as unknown as new () => BootstrapTemplates)();
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}

interface Row {
  readonly ours: number;
  readonly plain: number;
  readonly bare: number;
  readonly plainRatio: number;
  readonly bareRatio: number;
}

/** Rounds of so many nodes. */
function measure(count: number): Row {
  const { app, nodes: made } = nodes(1, BootstrapTemplates.builtIn());
  const sample = sampleOf(made[0], app);
  // Each round renders anew, as a process of its own would.
  const round = () => ({
    ours: milliseconds(() => nodes(count, freshTemplates()).app.synth()),
    plain: milliseconds(() => plain(count, sample).synth()),
    bare: milliseconds(() => bare(count, sample.userData).synth()),
  });
  Array.from({ length: WARM_UP_ROUNDS[count] }, round);
  const rounds = Array.from({ length: ROUNDS[count] }, round);
  const of = (figure: (round: { ours: number; plain: number; bare: number }) => number) => median(rounds.map(figure));
  return {
    ours: of((r) => r.ours),
    plain: of((r) => r.plain),
    bare: of((r) => r.bare),
    plainRatio: of((r) => r.ours / r.plain),
    bareRatio: of((r) => r.ours / r.bare),
  };
}

/** In a process of its own, for the CDK keeps every app of a process, and collecting that garbage takes ever longer. */
function measureApart(count: number): Row {
  return JSON.parse(execFileSync(process.execPath, [...process.execArgv, __filename, String(count)], { encoding: 'utf8' })) as Row;
}

function main(): void {
  const { app, nodes: made } = nodes(1, BootstrapTemplates.builtIn());
  const sample = sampleOf(made[0], app);
  const { bytes, worstCaseBytes } = made[0].userDataBudget;
  print(`node ${process.version}, ${os.cpus().length} processors (${os.cpus()[0]?.model ?? 'unknown'}), medians`);
  print(`UserData ${bytes} bytes (at most ${worstCaseBytes}), bundle ${made[0].bundle.archiveBytes} bytes for each kind of node`);
  print(`differences of the templates: ${differences(sample.template, resourcesOf(plain(1, sample))).join(', ') || 'none'}`);
  print('');
  print('nodes   this library    plain    ratio     bare    ratio');
  for (const count of [1, 10, 100]) {
    const row = measureApart(count);
    const time = (value: number) => `${value.toFixed(0)} ms`;
    print(
      String(count).padStart(5) +
        time(row.ours).padStart(15) +
        time(row.plain).padStart(10) +
        row.plainRatio.toFixed(2).padStart(8) +
        time(row.bare).padStart(10) +
        row.bareRatio.toFixed(2).padStart(8),
    );
  }
  const rendering = Array.from({ length: ROUNDS[1] }, () => {
    const templates = freshTemplates();
    const { stack, vpc } = emptyStack();
    const cluster = new Cluster(stack, 'Cluster', { clusterId: 'bench', vpc, templates });
    const first = milliseconds(() => new VirtualDesktopNode(stack, 'First', { cluster, os: NodeOs.AMAZON_LINUX_2023 }));
    const second = milliseconds(() => new VirtualDesktopNode(stack, 'Second', { cluster, os: NodeOs.AMAZON_LINUX_2023 }));
    return { first, second };
  });
  print('');
  print(
    `constructing a node: ${median(rendering.map((r) => r.first)).toFixed(1)} ms when its templates are compiled and rendered, ` +
      `${median(rendering.map((r) => r.second)).toFixed(1)} ms when its bundle is known`,
  );
}

const [count] = process.argv.slice(2).map(Number);
try {
  if (count === undefined) {
    main();
  } else {
    print(JSON.stringify(measure(count)));
  }
} finally {
  folders.forEach((folder) => fs.rmSync(folder, { recursive: true, force: true }));
}
