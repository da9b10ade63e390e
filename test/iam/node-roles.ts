import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import { App, Stack } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as efs from 'aws-cdk-lib/aws-efs';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as s3 from 'aws-cdk-lib/aws-s3';
import * as logs from 'aws-cdk-lib/aws-logs';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import {
  CloudWatchAgent,
  Cluster,
  type ClusterOptions,
  ClusterNode,
  DownloadSource,
  GpuDriver,
  LoginMethod,
  LoginNode,
  type LoginNodeProps,
  type NodeOptions,
  NodeOs,
  NodeType,
  SharedFileSystem,
  SignalAuthentication,
  VirtualDesktopNode,
  type VirtualDesktopNodeProps,
} from '../../lib';
import { DeployedTemplate, type Template } from '../boot-lab/app/intrinsics';
import type { PolicyStatement } from '../boot-lab/services/world';
import type { Place, Tags } from './place';

export const ACCOUNT = '111122223333';
const CLUSTER_ID = 'lab';

/** A node, and what the template of its stack allows its role. */
export interface NodeRole {
  readonly name: string;
  readonly nodeType: NodeType;
  readonly family: 'linux' | 'windows';
  readonly place: Place;
  readonly statements: readonly PolicyStatement[];
}

interface Kind {
  readonly nodeType: NodeType;
  readonly os?: NodeOs;
  readonly region?: string;
  readonly cluster?: (stack: Stack) => Partial<ClusterOptions>;
  readonly props?: (stack: Stack) => Props;
}

export const HOST_KEYS = `arn:aws:secretsmanager:eu-central-1:${ACCOUNT}:secret:lab/host-keys-AbCdEf`;
export const PASSWORD = `arn:aws:secretsmanager:eu-central-1:${ACCOUNT}:secret:lab/alice-GhIjKl`;
const KEY = `arn:aws:kms:eu-central-1:${ACCOUNT}:key/00000000-0000-4000-8000-000000000000`;
const LOG_GROUP = '/lab/nodes';
type Props = Partial<NodeOptions & LoginNodeProps & VirtualDesktopNodeProps>;

const hostKeys = (stack: Stack) => ({ hostKeysSecret: secretsmanager.Secret.fromSecretCompleteArn(stack, 'HostKeys', HOST_KEYS) });
const password = (stack: Stack) => ({
  sessionOwner: 'alice',
  loginWith: LoginMethod.secret(
    secretsmanager.Secret.fromSecretAttributes(stack, 'Password', {
      secretPartialArn: PASSWORD.slice(0, -7),
      encryptionKey: kms.Key.fromKeyArn(stack, 'PasswordKey', KEY),
    }),
  ),
});
export const CERTIFICATE = `arn:aws:secretsmanager:eu-central-1:${ACCOUNT}:secret:lab/certificate-MnOpQr`;
const certificate = (stack: Stack) => ({
  dcv: { certificateSecret: secretsmanager.Secret.fromSecretCompleteArn(stack, 'Certificate', CERTIFICATE) },
});
const MIRROR = { bucket: 'mirror-of-lab', folder: 'files/dcv' };
const mirror = (stack: Stack, encryptionKey: kms.IKey = kms.Key.fromKeyArn(stack, 'MirrorKey', keyIn(stack))) => ({
  dcvSource: DownloadSource.s3(
    s3.Bucket.fromBucketAttributes(stack, 'Mirror', { bucketName: MIRROR.bucket, encryptionKey }),
    MIRROR.folder,
  ),
});
const mirrorWithAlias = (stack: Stack) => mirror(stack, kms.Alias.fromAliasName(stack, 'MirrorKey', 'alias/mirror-of-lab'));
const keyIn = (stack: Stack) => KEY.replace('arn:aws:', `arn:${partitionOf(stack)}:`).replace('eu-central-1', stack.region);
const grid = () => ({
  gpuDriver: GpuDriver.nvidiaGrid({ release: '19.4', version: '580.126.09', sha256: '5'.repeat(64) }),
  instanceType: new ec2.InstanceType('g4dn.xlarge'),
});
const mountedWithIam = (stack: Stack) => ({
  fileSystems: [SharedFileSystem.efs({ fileSystem: fileSystemOf(stack), mountPath: '/apps', mountOptions: 'tls,iam' })],
});
const fileSystemOf = (stack: Stack) =>
  efs.FileSystem.fromFileSystemAttributes(stack, 'Apps', {
    fileSystemId: 'fs-0123456789abcdef0',
    securityGroup: ec2.SecurityGroup.fromSecurityGroupId(stack, 'AppsGroup', 'sg-0123456789abcdef0'),
  });
const partitionOf = (stack: Stack) =>
  stack.region.startsWith('cn-') ? 'aws-cn' : stack.region.startsWith('us-gov-') ? 'aws-us-gov' : 'aws';
const signed = () => ({ signalWith: SignalAuthentication.ROLE });
const { DCV_NODE, LOGIN_NODE, COMPUTE_NODE } = NodeType;

/** Each node type and system with each of the properties that change what a role may do. */
const KINDS: Readonly<Record<string, Kind>> = {
  desktop: { nodeType: DCV_NODE },
  'desktop with a secret': { nodeType: DCV_NODE, props: password },
  'desktop that signs its signals': { nodeType: DCV_NODE, props: signed },
  'desktop that waits for stacks': { nodeType: DCV_NODE, cluster: () => ({ waitForStacks: ['network', 'licences'] }) },
  'desktop with a role of the team': { nodeType: DCV_NODE, props: (stack) => ({ role: roleOfTeam(stack) }) },
  'desktop with a log group': {
    nodeType: DCV_NODE,
    props: (stack) => ({ logGroup: logs.LogGroup.fromLogGroupName(stack, 'Logs', LOG_GROUP) }),
  },
  'desktop with metrics of GPUs': {
    nodeType: DCV_NODE,
    props: (stack) => ({
      logGroup: logs.LogGroup.fromLogGroupName(stack, 'Logs', LOG_GROUP),
      cloudWatchAgent: CloudWatchAgent.signed({ gpuMetrics: true }),
      instanceType: new ec2.InstanceType('g4dn.xlarge'),
    }),
  },
  'desktop in China': { nodeType: DCV_NODE, region: 'cn-north-1' },
  'desktop with a certificate': { nodeType: DCV_NODE, props: certificate },
  'desktop with a mirror': { nodeType: DCV_NODE, props: mirror },
  'desktop with a mirror whose key is known by an alias': { nodeType: DCV_NODE, props: mirrorWithAlias },
  'desktop with a mirror in China': { nodeType: DCV_NODE, region: 'cn-north-1', props: mirror },
  'desktop with a mirror in GovCloud': { nodeType: DCV_NODE, region: 'us-gov-west-1', props: mirror },
  'Windows desktop': { nodeType: DCV_NODE, os: NodeOs.WINDOWS_2022 },
  'Windows desktop with a secret': { nodeType: DCV_NODE, os: NodeOs.WINDOWS_2022, props: password },
  'Windows desktop with a driver and metrics of GPUs': {
    nodeType: DCV_NODE,
    os: NodeOs.WINDOWS_2022,
    props: (stack) => ({
      logGroup: logs.LogGroup.fromLogGroupName(stack, 'Logs', LOG_GROUP),
      cloudWatchAgent: CloudWatchAgent.signed({ gpuMetrics: true }),
      instanceType: new ec2.InstanceType('g4dn.xlarge'),
      gpuDriver: GpuDriver.nvidiaGrid({
        release: '20.2',
        version: '596.86',
        sha256: '5'.repeat(64),
        url: 's3://drivers-of-lab/nvidia.exe',
      }),
    }),
  },
  'Windows desktop that signs its signals and waits for stacks': {
    nodeType: DCV_NODE,
    os: NodeOs.WINDOWS_2022,
    cluster: () => ({ waitForStacks: ['network'] }),
    props: signed,
  },
  'login node': { nodeType: LOGIN_NODE },
  'login node with host keys': { nodeType: LOGIN_NODE, props: hostKeys },
  'login node with host keys of its own stack and key': {
    nodeType: LOGIN_NODE,
    props: (stack) => ({
      hostKeysSecret: new secretsmanager.Secret(stack, 'HostKeys', { encryptionKey: new kms.Key(stack, 'HostKeysKey') }),
    }),
  },
  'login node that signs its signals': { nodeType: LOGIN_NODE, props: signed },
  'login node with a role by its name': {
    nodeType: LOGIN_NODE,
    props: (stack) => ({ role: iam.Role.fromRoleName(stack, 'Role', 'logins') }),
  },
  'compute node': { nodeType: COMPUTE_NODE },
  'compute node with a driver from a bucket': { nodeType: COMPUTE_NODE, props: grid },
  'compute node that mounts a file system with IAM': { nodeType: COMPUTE_NODE, cluster: mountedWithIam },
};

function roleOfTeam(stack: Stack): iam.Role {
  return new iam.Role(stack, 'Role', { assumedBy: new iam.ServicePrincipal('ec2.amazonaws.com') });
}

/** Synthesizes every kind, and reads from the templates what each role may do. */
export function nodeRoles(): readonly NodeRole[] {
  const outdir = mkdtempSync(path.join(tmpdir(), 'iam-'));
  const roles = Object.entries(KINDS).map(([name, kind]) => {
    // An app for each: two new clusters of one id are no app.
    const app = new App({ outdir: path.join(outdir, name.replaceAll(' ', '-')), analyticsReporting: false, treeMetadata: false });
    const composed = compose(app, name, kind);
    app.synth();
    return read({ name, kind, ...composed }, app.outdir);
  });
  rmSync(outdir, { recursive: true });
  return roles;
}

interface Composed {
  readonly node: ClusterNode;
  readonly given: Props;
  readonly waitForStacks: readonly string[];
}

function compose(app: App, name: string, kind: Kind): Composed {
  const stack = new Stack(app, name.replaceAll(' ', '-'), { env: { account: ACCOUNT, region: kind.region ?? 'eu-central-1' } });
  const vpc = ec2.Vpc.fromVpcAttributes(stack, 'Vpc', {
    vpcId: 'vpc-0123456789abcdef0',
    availabilityZones: ['a'],
    privateSubnetIds: ['subnet-0123456789abcdef0'],
    privateSubnetRouteTableIds: ['rtb-0123456789abcdef0'],
  });
  const cluster = new Cluster(stack, 'Cluster', { clusterId: CLUSTER_ID, vpc, ...kind.cluster?.(stack) });
  const given = kind.props?.(stack) ?? {};
  const { waitForStacks } = cluster;
  return { given, waitForStacks, node: addNode(stack, kind.nodeType, { cluster, os: kind.os ?? NodeOs.AMAZON_LINUX_2023, ...given }) };
}

function addNode(stack: Stack, nodeType: NodeType, props: NodeOptions): ClusterNode {
  switch (nodeType) {
    case DCV_NODE:
      return new VirtualDesktopNode(stack, 'Node', props);
    case LOGIN_NODE:
      return new LoginNode(stack, 'Node', props);
    case COMPUTE_NODE:
      return new ClusterNode(stack, 'Node', { ...props, nodeType });
  }
}

function read({ name, kind, node, given, waitForStacks }: Composed & { name: string; kind: Kind }, outdir: string): NodeRole {
  const { stack } = node;
  const deployment = {
    stackName: stack.stackName,
    region: stack.region,
    partition: partitionOf(stack),
    account: ACCOUNT,
    urlSuffix: 'amazonaws.com',
    parameters: {},
  };
  const file = path.join(outdir, `${stack.stackName}.template.json`);
  const template = new DeployedTemplate(JSON.parse(readFileSync(file, 'utf8')) as Template, deployment);
  const resolve = (value: string) => template.resolve(stack.resolve(value) as string) as string;
  const secret = given.hostKeysSecret ?? given.loginWith?._secret ?? given.dcv?.certificateSecret;
  const key = secret?.encryptionKey?.keyArn;
  const mirrorKey = stack.node.tryFindChild('MirrorKey') as Partial<kms.IAlias> | undefined;
  const driver = /^s3:..([^/]+).(.+)$/.exec(given.gpuDriver?._file?.url ?? '') ?? undefined;
  const fileSystem = stack.node.tryFindChild('Apps') as efs.IFileSystem | undefined;
  const [group] = template.resourcesOfType('AWS::AutoScaling::AutoScalingGroup');
  return {
    name,
    nodeType: kind.nodeType,
    family: kind.os === undefined ? 'linux' : 'windows',
    statements: statementsOf(template, node.role),
    place: {
      ...deployment,
      clusterId: CLUSTER_ID,
      ownStack: kind.nodeType === DCV_NODE ? `${CLUSTER_ID}-desktop-0a1b2c3d4e5f6` : stack.stackName,
      signalsWithRole: given.signalWith === SignalAuthentication.ROLE,
      instance: 'i-0123456789abcdef0',
      bucket: resolve(node.bundle.bucketName),
      bundle: resolve(node.bundle.objectKey),
      group: group && `${group}-0LAB`,
      groupTags: group === undefined ? undefined : tagsOf(template.properties(group).Tags),
      secret: secret && resolve(secret.secretFullArn ?? `${secret.secretArn}-GhIjKl`),
      key: key === undefined ? undefined : resolve(key),
      ...(mirrorKey === undefined ? {} : { mirror: MIRROR, mirrorKey: keyIn(stack), mirrorAlias: mirrorKey.aliasName }),
      driver: driver === undefined ? undefined : { bucket: driver[1], key: driver[2] },
      fileSystem: fileSystem === undefined ? undefined : resolve(fileSystem.fileSystemArn),
      waitForStacks,
      logGroup: given.logGroup === undefined ? undefined : LOG_GROUP,
      metrics: given.cloudWatchAgent?._gpuMetrics === true ? 'CWAgent' : undefined,
    },
  };
}

function tagsOf(tags: unknown): Tags {
  return Object.fromEntries((tags as readonly { readonly Key: string; readonly Value: string }[]).map(({ Key, Value }) => [Key, Value]));
}

/** Everything in the template that gives a role permissions. */
export function statementsOf(template: DeployedTemplate, role: iam.IRole): readonly PolicyStatement[] {
  const stack = Stack.of(role);
  const id = role.node.defaultChild === undefined ? undefined : stack.getLogicalId(role.node.defaultChild as iam.CfnRole);
  const name = id === undefined ? role.roleName : `${stack.stackName}-${id}`;
  const { ManagedPolicyArns = [], Policies = [] } = (id === undefined ? {} : template.properties(id)) as unknown as RoleProperties;
  if (ManagedPolicyArns.length > 0)
    throw new Error(`${name} has managed policies, of which this proof knows nothing: ${JSON.stringify(ManagedPolicyArns)}`);
  const attached = ['AWS::IAM::Policy', 'AWS::IAM::ManagedPolicy']
    .flatMap((type) => template.resourcesOfType(type))
    .map((policy) => template.properties(policy) as unknown as PolicyProperties)
    .filter(({ Roles }) => Roles?.includes(name));
  return [...Policies, ...attached].flatMap(({ PolicyDocument }) => PolicyDocument.Statement);
}

interface RoleProperties {
  readonly ManagedPolicyArns?: readonly string[];
  readonly Policies?: readonly PolicyProperties[];
}

interface PolicyProperties {
  readonly Roles?: readonly string[];
  readonly PolicyDocument: { readonly Statement: readonly PolicyStatement[] };
}
