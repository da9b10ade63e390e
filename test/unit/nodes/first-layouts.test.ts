import { App, Aws, Stack, type TagProps, Tags } from 'aws-cdk-lib';
import { Annotations, Match, Template } from 'aws-cdk-lib/assertions';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as efs from 'aws-cdk-lib/aws-efs';
import * as iam from 'aws-cdk-lib/aws-iam';
import {
  Cluster,
  type ClusterOptions,
  LoginNode,
  NodeOs,
  NodeOsFamily,
  PackageManager,
  SharedFileSystem,
  VirtualDesktopNode,
  type VirtualDesktopNodeProps,
} from '../../../lib';
import { bootstrapStatements, sampleCluster } from '../../sample-cluster';

const { X86_64, ARM_64 } = ec2.InstanceArchitecture;

function desktop(props: Partial<VirtualDesktopNodeProps>, options: Partial<ClusterOptions> = {}): VirtualDesktopNode {
  const { stack, cluster } = sampleCluster(options);
  return new VirtualDesktopNode(stack, 'Desktop', { cluster, os: NodeOs.UBUNTU_24_04, ...props });
}

describe('instance types whose name CDK cannot read', () => {
  test.each(['p6-b200.48xlarge', 'u7i-12tb.224xlarge', 'u-6tb1.metal', 'trn2.48xlarge', 'i7ie.xlarge'])('%s', (name) => {
    const instanceType = new ec2.InstanceType(name);
    expect(desktop({ instanceType, architecture: X86_64 }).architecture).toBe(X86_64);
  });

  test.each(['p6-b200.48xlarge', 'u-6tb1.metal'])('%s without architecture', (name) => {
    expect(() => desktop({ instanceType: new ec2.InstanceType(name) })).toThrow(
      `expected an architecture, since instance type ${name} does not tell; pass architecture (at Stack/Desktop)`,
    );
  });

  test('Windows for arm64, whatever says so', () => {
    const unsupported = expect.objectContaining({ code: 'UnsupportedArchitecture' }) as Error;
    const windows = { name: 'windowsarm', family: NodeOsFamily.WINDOWS, distribution: 'windows', version: '11', dcvFamily: 'windows' };
    const arm = NodeOs.custom({
      ...windows,
      packageManager: PackageManager.NONE,
      rootDeviceName: '/dev/sda1',
      defaultUser: 'Administrator',
      architectures: [ARM_64],
      ssmAgentInImage: true,
    });
    expect(() => desktop({ os: NodeOs.WINDOWS_2022, architecture: ARM_64 })).toThrow(unsupported);
    expect(() => desktop({ os: NodeOs.WINDOWS_2022, instanceType: new ec2.InstanceType('m7g.large') })).toThrow(unsupported);
    expect(() => desktop({ os: arm })).toThrow(unsupported);
  });
});

describe('an EFS file system that demands IAM or TLS', () => {
  const synth = (
    props: Partial<efs.FileSystemProps>,
    change?: (fileSystem: efs.FileSystem) => void,
    context = {},
    mountOptions?: string,
  ) => {
    const { app, stack, vpc } = sampleCluster({ context });
    const fileSystem = new efs.FileSystem(stack, 'Apps', { vpc, ...props });
    const fileSystems = [SharedFileSystem.efs({ fileSystem, mountPath: '/apps', mountOptions })];
    const cluster = new Cluster(stack, 'Mounting', { clusterId: 'lab', vpc, fileSystems });
    change?.(fileSystem);
    new LoginNode(stack, 'Login', { cluster, os: mountOptions === undefined ? NodeOs.UBUNTU_24_04 : NodeOs.AMAZON_LINUX_2023 });
    app.synth();
    return bootstrapStatements(Template.fromStack(stack)).filter(({ Action }) => JSON.stringify(Action).includes('elasticfilesystem'));
  };
  const recommended = { '@aws-cdk/aws-efs:denyAnonymousAccess': true };
  const statement = (effect: iam.Effect, actions: string[], conditions?: iam.Conditions) =>
    new iam.PolicyStatement({ effect, actions, conditions, principals: [new iam.AnyPrincipal()] });
  const policy = (...statements: iam.PolicyStatement[]) => ({ fileSystemPolicy: new iam.PolicyDocument({ statements }) });
  const mount = statement(iam.Effect.ALLOW, ['elasticfilesystem:ClientMount']);
  const message = /expected nodes to be let mount \/apps without IAM and TLS.*allowAnonymousAccess: true.*\(at Stack\/Apps\)/;

  test('under the recommended flags', () => expect(() => synth({}, undefined, recommended)).toThrow(message));
  test('by its properties', () => expect(() => synth({ allowAnonymousAccess: false })).toThrow(message));
  test('by a grant', () => expect(() => synth({}, (each) => each.grantReadWrite(new iam.AccountRootPrincipal()))).toThrow(message));
  const withoutTls = statement(iam.Effect.DENY, ['*'], { Bool: { 'aws:SecureTransport': 'false' } });
  test('for TLS alone', () => {
    expect(() => synth({ allowAnonymousAccess: true, ...policy(mount, withoutTls) })).toThrow(message);
  });

  test('is mounted with tls,iam by the role, and that file system alone', () => {
    expect(synth({}, undefined, recommended, 'tls,iam')).toEqual([
      {
        Action: ['ClientMount', 'ClientWrite', 'ClientRootAccess'].map((action) => `elasticfilesystem:${action}`),
        Effect: 'Allow',
        Resource: { 'Fn::GetAtt': [expect.stringMatching(/^Apps/) as string, 'Arn'] },
      },
    ]);
  });

  test('with tls and without iam is nobody to it', () => {
    const noIam = /without IAM, got .*mountOptions: 'tls,iam'/;
    expect(() => synth({}, undefined, recommended, 'nfsvers=4.1,tls')).toThrow(noIam);
    expect(synth({ allowAnonymousAccess: true, ...policy(mount, withoutTls) }, undefined, {}, 'tls')).toEqual([]);
  });

  test('iam without tls, which no client mounts, is an error', () => {
    expect(() => synth({}, undefined, recommended, 'iam')).toThrow(/expected mount options with tls beside iam.*got 'iam'; add tls/);
  });

  test.each<[string, Partial<efs.FileSystemProps>]>([
    ['no policy', { allowAnonymousAccess: true }],
    ['a policy that lets everybody mount', { allowAnonymousAccess: true, ...policy(mount) }],
    ['a policy that lets everybody do anything', policy(statement(iam.Effect.ALLOW, ['elasticfilesystem:*']))],
  ])('but %s is right', (_, props) => {
    expect(() => synth(props)).not.toThrow();
  });
});

describe('mounts that hide what a node needs', () => {
  const nfs = (mountPath: string) => SharedFileSystem.nfs({ server: 'files', mountPath });

  test.each(['/etc', '/usr', '/usr/local', '/opt', '/var', '/var/lib', '/var/log/cluster-node', '/proc/x', '/run/nfs', '/tmp', '/root'])(
    '%s',
    (mountPath) => {
      expect(() => nfs(mountPath)).toThrow(/expected a mount path.*that hides nothing of the system, got/);
    },
  );

  test.each(['/apps', '/data', '/home', '/opt/apps', '/usr/local/apps', '/srv', '/mnt/data', '/var/lib/apps', '/libraries'])(
    'not %s',
    (mountPath) => {
      expect(nfs(mountPath).mountPath).toBe(mountPath);
    },
  );

  test.each(['/home', '/home/ubuntu'])('%s with a key pair', (mountPath) => {
    const { stack, cluster } = sampleCluster({ fileSystems: [nfs(mountPath)] });
    const keyPair = ec2.KeyPair.fromKeyPairName(stack, 'KeyPair', 'mine');
    const add = (id: string, props: object) => new LoginNode(stack, id, { cluster, os: NodeOs.UBUNTU_24_04, ...props });
    expect(() => add('WithKey', { keyPair })).toThrow(
      `expected no key pair on a node that mounts ${mountPath}, which hides the keys of ubuntu; ` +
        'leave keyPair out, or mount the file system elsewhere (at Stack/WithKey)',
    );
    expect(() => add('Without', {})).not.toThrow();
  });

  test('what is mounted later hides what is mounted in it', () => {
    expect(() => sampleCluster({ fileSystems: [nfs('/data/x'), nfs('/data')] })).toThrow(
      'expected /data/x after the file system whose mount path it is in, got it before, where it is hidden; change the order (at Stack/Cluster)',
    );
    expect(() => sampleCluster({ fileSystems: [nfs('/data'), nfs('/data/x'), nfs('/data-y')] })).not.toThrow();
  });
});

describe('login nodes that wait for their own stack', () => {
  test.each([
    ['by its name', 'Stack'],
    ['by the pseudo parameter', Aws.STACK_NAME],
  ])('%s', (_, name) => {
    const { stack, cluster } = sampleCluster({ waitForStacks: ['storage', name] });
    expect(() => new LoginNode(stack, 'Login', { cluster, os: NodeOs.UBUNTU_24_04 })).toThrow(
      "expected waitForStacks without the stack of the login nodes, which is complete when they are ready, got 'Stack'; take it out (at Stack/Login)",
    );
  });

  test('desktops are launched when it is complete', () => {
    expect(() => desktop({}, { waitForStacks: ['Stack'] })).not.toThrow();
  });
});

describe('a VPC without private subnets', () => {
  const clusterIn = (...subnetTypes: ec2.SubnetType[]) => {
    const stack = new Stack(new App(), 'Stack');
    const subnetConfiguration = subnetTypes.map((subnetType) => ({ name: subnetType, subnetType }));
    const vpc = new ec2.Vpc(stack, 'Vpc', { maxAzs: 2, natGateways: 0, subnetConfiguration });
    return { stack, vpc, cluster: new Cluster(stack, 'Cluster', { clusterId: 'lab', vpc }) };
  };

  test.each([
    [ec2.SubnetType.PRIVATE_ISOLATED, '/Stack/Login', 'isolated subnets .*endpoints.*vpcSubnets'],
    [ec2.SubnetType.PUBLIC, '/Stack/Cluster', 'type Public, .*VPC endpoints.*vpcSubnets'],
  ])('%s ones are taken, with a word about what that needs', (type, place, message) => {
    const { stack, vpc, cluster } = clusterIn(...new Set([ec2.SubnetType.PUBLIC, type]));
    const login = new LoginNode(stack, 'Login', { cluster, os: NodeOs.AMAZON_LINUX_2023 });
    expect(login.subnetIds).toEqual(vpc.selectSubnets().subnetIds);
    Annotations.fromStack(stack).hasWarning(place, Match.stringLikeRegexp(message));
  });

  test('no warning for what was chosen', () => {
    const { stack, vpc } = clusterIn(ec2.SubnetType.PUBLIC);
    new Cluster(stack, 'Chosen', { clusterId: 'lab', vpc, vpcSubnets: { subnetType: ec2.SubnetType.PUBLIC } });
    Annotations.fromStack(stack).hasNoWarning('/Stack/Chosen', Match.anyValue());
  });
});

describe('tags that keep instances from being launched', () => {
  const synth = (add: (stack: Stack, login: LoginNode) => void, stackProps = {}) => {
    const { app, stack, cluster } = sampleCluster({ stackProps });
    add(stack, new LoginNode(stack, 'Login', { cluster, os: NodeOs.AMAZON_LINUX_2023 }));
    return app.synth();
  };
  const addTag = (options: TagProps) => (stack: Stack) => Tags.of(stack).add('cost/center', '1', options);
  const message = /expected instance tag keys of.*got 'cost\/center'.*excludeResourceTypes.*\(at Stack\/Login\)/;

  test('by the group', () => {
    expect(() => synth((_, login) => Tags.of(login.autoScalingGroup).add('cost/center', '1'))).toThrow(message);
  });
  test('by the properties of the stack', () => {
    expect(() => synth(() => undefined, { tags: { 'cost/center': '1' } })).toThrow(message);
  });
  test('by an aspect, kept from launch templates alone', () => {
    expect(() => synth(addTag({ excludeResourceTypes: ['AWS::EC2::LaunchTemplate'] }))).toThrow(message);
  });

  test('but not when they are excluded as the message says', () => {
    const excludeResourceTypes = ['AWS::EC2::LaunchTemplate', 'AWS::AutoScaling::AutoScalingGroup', 'aws:cdk:stack'];
    expect(() => synth(addTag({ excludeResourceTypes }))).not.toThrow();
  });
  test('nor when they stay on the group', () => {
    const options = { applyToLaunchedInstances: false };
    expect(() => synth((_, login) => Tags.of(login.autoScalingGroup).add('cost/center', '1', options))).not.toThrow();
  });

  test('more than 50', () => {
    const add = (count: number) => (stack: Stack) => {
      Array.from({ length: count }, (_, index) => `team-${index}`).forEach((key) => Tags.of(stack).add(key, 'x'));
    };
    expect(() => synth(add(36))).not.toThrow();
    expect(() => synth(add(37))).toThrow(/expected at most 50 instance tags with those of NodeTags, got 51/);
  });
});
