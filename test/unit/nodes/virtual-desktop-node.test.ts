import { App, Aws, CfnParameter, Duration, Stack } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import { Construct } from 'constructs';
import {
  DcvSessionType,
  DesktopSessionTemplate,
  LoginMethod,
  NodeOs,
  NodeOsFamily,
  NodeTags,
  NodeUserData,
  PackageManager,
  SharedFileSystem,
  VirtualDesktopNode,
  type VirtualDesktopNodeProps,
} from '../../../lib';
import { bootstrapStatements, FixedImage, sampleCluster, snapshotOf, withoutHashes } from '../../sample-cluster';

function desktopWith(props: Partial<VirtualDesktopNodeProps> = {}, clusterOptions: Parameters<typeof sampleCluster>[0] = {}) {
  const { stack, cluster } = sampleCluster(clusterOptions);
  const node = new VirtualDesktopNode(stack, 'Desktop', { cluster, os: NodeOs.UBUNTU_24_04, ...props });
  return { stack, cluster, node };
}

function instanceTags(stack: Stack): { Key: string; Value: unknown }[] {
  const [template] = Object.values(Template.fromStack(stack).findResources('AWS::EC2::LaunchTemplate')) as {
    Properties: { LaunchTemplateData: { TagSpecifications: { Tags: { Key: string; Value: unknown }[] }[] } };
  }[];
  return template.Properties.LaunchTemplateData.TagSpecifications[0].Tags;
}

test.each([
  ['Linux', NodeOs.UBUNTU_24_04],
  ['Windows', NodeOs.WINDOWS_2022],
])('the whole template of a %s desktop', (_, os) => {
  expect(snapshotOf(Template.fromStack(desktopWith({ os }).stack))).toMatchSnapshot();
});

test('session type: virtual on Linux, console on Windows, console on Linux if asked', () => {
  expect(desktopWith().node.sessionType).toBe(DcvSessionType.VIRTUAL);
  expect(desktopWith({ os: NodeOs.WINDOWS_2025 }).node.sessionType).toBe(DcvSessionType.CONSOLE);
  const virtual = desktopWith().node.bundle.files['extra/virtual_desktop.sh'];
  const console = desktopWith({ sessionType: DcvSessionType.CONSOLE }).node.bundle.files['extra/virtual_desktop.sh'];
  expect(virtual).not.toBe(console);
});

test('owner, name and project are instance tags and nothing else', () => {
  const { stack, node } = desktopWith({ sessionOwner: 'alice', sessionName: 'My desktop', project: 'apollo' });
  expect(instanceTags(stack)).toEqual(
    expect.arrayContaining([
      { Key: NodeTags.SESSION_OWNER, Value: 'alice' },
      { Key: NodeTags.SESSION_NAME, Value: 'My desktop' },
      { Key: NodeTags.PROJECT, Value: 'apollo' },
    ]),
  );
  const { userData, files } = NodeUserData.fromNode(node);
  expect(userData + JSON.stringify(files)).not.toMatch(/alice|My desktop|apollo/);
  expect(files['extra/virtual_desktop.sh']).toContain('VALUE_DCV_SESSION_OWNER');
});

test('owner, name and project may be tokens', () => {
  const { stack, cluster } = sampleCluster();
  const text = (id: string) => new CfnParameter(stack, id).valueAsString;
  new VirtualDesktopNode(stack, 'Desktop', {
    cluster,
    os: NodeOs.UBUNTU_24_04,
    sessionOwner: text('Owner'),
    sessionName: text('Name'),
    project: text('Project'),
  });
  expect(instanceTags(stack)).toEqual(expect.arrayContaining([{ Key: NodeTags.SESSION_OWNER, Value: { Ref: 'Owner' } }]));
});

test('DCV settings reach the scripts', () => {
  const files = desktopWith({ idleTimeout: Duration.minutes(77) }).node.bundle.files;
  expect(files['extra/virtual_desktop.sh']).toMatch(/\b77\b/);
  expect(files['extra/virtual_desktop.install.sh']).toContain('a39374d39f2d849bd13ee101970bb9eea15a8c5ec743799b7cbb7f562ece9e17');
});

test('the DCV package follows the architecture of the instance type', () => {
  const files = desktopWith({ instanceType: new ec2.InstanceType('m7g.large') }).node.bundle.files;
  expect(files['extra/virtual_desktop.install.sh']).toContain('47205acfab5d35a7f6fe18f9311295aee51189636a2a76d14e0eca39f780192d');
});

test('a cluster or a node may bring another DCV package', () => {
  const own = { '/system/dcv/url': 'https://mirror/dcv.tgz', '/system/dcv/sha256': 'a'.repeat(64) };
  for (const { node } of [desktopWith({}, { configuration: own }), desktopWith({ configuration: own })]) {
    expect(node.bundle.files['extra/virtual_desktop.install.sh']).toContain('a'.repeat(64));
    const address = Buffer.from('https://mirror/dcv.tgz').toString('base64');
    expect(NodeUserData.fromNode(node).userData).toContain(`VALUE_SYSTEM_DCV_URL=${address}\n`);
  }
});

test('the secret with the owner’s password travels as its ARN, and the node may read it', () => {
  const { stack, cluster } = sampleCluster();
  const secret = new secretsmanager.Secret(stack, 'Password');
  const node = new VirtualDesktopNode(stack, 'Desktop', {
    cluster,
    os: NodeOs.WINDOWS_2022,
    sessionOwner: 'alice',
    loginWith: LoginMethod.secret(secret),
  });
  expect(NodeUserData.fromNode(node).userData).toMatch(/VALUE_DCV_OWNER_PASSWORD_SECRET=base64\(\$\{Password\w+\}\)/);
  Template.fromStack(stack).hasResourceProperties('AWS::IAM::Policy', {
    PolicyDocument: { Statement: Match.arrayWith([Match.objectLike({ Action: 'secretsmanager:GetSecretValue' })]) },
  });
});

test('DCV clients are let in over TCP and UDP when asked', () => {
  const { stack, node } = desktopWith();
  node.allowDcvFrom(ec2.Peer.ipv4('10.0.0.0/8'));
  Template.fromStack(stack).hasResourceProperties('AWS::EC2::SecurityGroup', {
    SecurityGroupIngress: [
      Match.objectLike({ IpProtocol: 'tcp', FromPort: 8443, ToPort: 8443, CidrIp: '10.0.0.0/8' }),
      Match.objectLike({ IpProtocol: 'udp', FromPort: 8443, ToPort: 8443, CidrIp: '10.0.0.0/8' }),
    ],
  });
});

test('the role may read bundles and the DCV licence, and tag its own instance alone', () => {
  expect(withoutHashes(bootstrapStatements(Template.fromStack(desktopWith().stack)))).toMatchSnapshot();
});

test('a system without a DCV package needs one by configuration', () => {
  const os = NodeOs.custom({
    name: 'other1',
    family: NodeOsFamily.LINUX,
    distribution: 'rhel',
    version: '9',
    packageManager: PackageManager.DNF,
    rootDeviceName: '/dev/sda1',
    defaultUser: 'user',
    ssmAgentInImage: true,
  });
  const configuration = { '/system/dcv/url': 'https://mirror/dcv.tgz', '/system/dcv/sha256': 'a'.repeat(64) };
  expect(() => desktopWith({ os, machineImage: new FixedImage() })).toThrow(/DCV server, got other1; set dcvFamily/);
  expect(() => desktopWith({ os, machineImage: new FixedImage(), configuration })).not.toThrow();
});

test.each<[string, Partial<VirtualDesktopNodeProps>, RegExp]>([
  [
    'a virtual session on Windows',
    { os: NodeOs.WINDOWS_2022, sessionType: DcvSessionType.VIRTUAL },
    /console session on windows2022, got virtual/,
  ],
  ['an owner with a blank', { sessionOwner: 'a b' }, /sessionOwner of 1 to 32 letters.*got 'a b'/],
  ['an owner that is an option', { sessionOwner: '-x' }, /got '-x'/],
  ['an owner of 33 characters', { sessionOwner: 'a'.repeat(33) }, /1 to 32/],
  ['an owner of 21 characters on Windows', { os: NodeOs.WINDOWS_2022, sessionOwner: 'a'.repeat(21) }, /1 to 20/],
  [
    'hibernation of too much memory for Windows',
    { os: NodeOs.WINDOWS_2022, hibernation: true, instanceType: new ec2.InstanceType('m5.2xlarge') },
    /at most 16 GiB of memory to hibernate with windows2022, got m5.2xlarge, which has 32 GiB/,
  ],
  ['a name longer than a tag', { sessionName: 'x'.repeat(257) }, /at most 256 characters/],
  [
    'half a minute of idle time',
    { idleTimeout: Duration.seconds(30) },
    /idleTimeout of whole minutes up to 7 days, known at synth, got Duration.seconds\(30\)/,
  ],
  [
    'idle time that is a token',
    { idleTimeout: Duration.minutes(new CfnParameter(new Stack(new App(), 'X'), 'P', { type: 'Number' }).valueAsNumber) },
    /idleTimeout .*known at synth, got a token/,
  ],
  [
    'packages on Windows',
    { os: NodeOs.WINDOWS_2022, packages: ['git'] },
    /no packages on windows2022.*got git; install them in setup_user_customization/,
  ],
])('%s is refused', (_, props, message) => {
  expect(() => desktopWith(props)).toThrow(message);
});

test('a value that CloudFormation knows is refused where a script cannot hold it, with the way out', () => {
  expect(() => desktopWith({ configuration: { '/system/dcv/idle_timeout': Aws.REGION } })).not.toThrow(/Token/);
  expect(() => desktopWith({ configuration: { '/dcv/DesktopEnvironment': Aws.REGION } })).toThrow(
    /virtual_desktop\.sh\.j2|templates\/linux.*\/dcv\/DesktopEnvironment/,
  );
});

describe('times', () => {
  const desktopOf = (bootstrapTimeout?: Duration, options: Parameters<typeof sampleCluster>[0] = {}, os = NodeOs.UBUNTU_24_04) =>
    desktopWith({ os, bootstrapTimeout }, options).node;
  const slow = (timeout: Duration) => SharedFileSystem.nfs({ server: 'nfs.example.com', mountPath: '/data', timeout });

  test.each([
    [undefined, 75],
    [Duration.minutes(705), 720],
  ])('a session waits longer than a node with %s', (timeout, minutes) => {
    const { readinessTimeout } = desktopOf(timeout);
    expect(readinessTimeout.toMinutes()).toBe(minutes);
    expect(() => new DesktopSessionTemplate({ readinessTimeout })).not.toThrow();
  });

  test('more than a session can wait for is refused', () => {
    expect(() => desktopOf(Duration.minutes(706))).toThrow(/from 5 to 705 minutes.*got Duration.minutes\(706\)/);
    expect(() => desktopOf(Duration.millis(900_500))).toThrow(/whole seconds/);
  });

  test('a wait as long as the whole bootstrap is refused', () => {
    const options = { fileSystems: [slow(Duration.minutes(20))] };
    expect(() => desktopOf(Duration.minutes(20), options)).toThrow(/timeout of data below the bootstrapTimeout.* 1200 seconds, got 1200/);
    expect(() => desktopOf(Duration.minutes(21), options)).not.toThrow();
    expect(() => desktopOf(Duration.minutes(20), options, NodeOs.WINDOWS_2022)).not.toThrow();
    const stacks = { waitForStacks: ['network'], waitForStacksTimeout: Duration.hours(1) };
    expect(() => desktopOf(undefined, stacks)).toThrow(/timeout of waitForStacks below/);
    expect(() => desktopOf(undefined, { ...stacks, waitForStacks: [] })).not.toThrow();
  });
});

test('outputs with what a request takes, under names that can be told beforehand', () => {
  const { stack, cluster } = sampleCluster();
  const os = NodeOs.AMAZON_LINUX_2023;
  const desktop = new VirtualDesktopNode(new Construct(stack, 'Wing-2'), 'Desktop', {
    cluster,
    os,
    bootstrapTimeout: Duration.seconds(1001),
  });
  desktop.addSessionOutputs();
  const outputs = Template.fromStack(stack).toJSON().Outputs as { [name: string]: { Value: unknown; Description: string } };
  expect(Object.fromEntries(Object.entries(outputs).map(([name, { Value }]) => [name, Value]))).toEqual({
    Wing2DesktopLaunchTemplateId: stack.resolve(desktop.launchTemplateId) as unknown,
    Wing2DesktopLaunchTemplateVersion: stack.resolve(desktop.launchTemplateVersion) as unknown,
    Wing2DesktopSubnetIds: stack.resolve(desktop.subnetIds.join(',')) as unknown,
    // Whole minutes, as the option takes them.
    Wing2DesktopTimeoutMinutes: '32',
  });
  expect(outputs.Wing2DesktopSubnetIds.Description).toBe('For cluster-nodes session request --subnet-id (one of them)');
});
