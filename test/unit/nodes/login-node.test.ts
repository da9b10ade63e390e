import { App, Duration, Stack, Token } from 'aws-cdk-lib';
import { Annotations, Match, Template } from 'aws-cdk-lib/assertions';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as efs from 'aws-cdk-lib/aws-efs';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as s3 from 'aws-cdk-lib/aws-s3';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import {
  Cluster,
  LoginNode,
  type LoginNodeProps,
  NodeOs,
  NodeTags,
  NodeUserData,
  SharedFileSystem,
  VirtualDesktopNode,
} from '../../../lib';
import { bootstrapStatements, sampleCluster, snapshotOf } from '../../sample-cluster';

function loginWith(props: Partial<LoginNodeProps> = {}) {
  const { stack, cluster } = sampleCluster();
  const node = new LoginNode(stack, 'Login', { cluster, os: NodeOs.AMAZON_LINUX_2023, ...props });
  return { stack, cluster, node, template: () => Template.fromStack(stack) };
}

test('the whole template', () => {
  expect(snapshotOf(loginWith({ loadBalancer: {} }).template())).toMatchSnapshot();
});

test('nodes behind one address without host keys that they share are a warning', () => {
  const warned = (props: Partial<LoginNodeProps>): number =>
    Annotations.fromStack(loginWith(props).stack).findWarning('*', Match.stringLikeRegexp('behind one address')).length;
  expect(warned({ loadBalancer: {} })).toBe(1);
  expect(warned({ loadBalancer: {}, maxCapacity: 1 })).toBe(0);
  expect(warned({ minCapacity: 2 })).toBe(0);
  const { stack, cluster } = sampleCluster();
  const hostKeysSecret = new secretsmanager.Secret(stack, 'Keys');
  new LoginNode(stack, 'Login', { cluster, os: NodeOs.AMAZON_LINUX_2023, loadBalancer: {}, hostKeysSecret });
  expect(Annotations.fromStack(stack).findWarning('*', Match.stringLikeRegexp('behind one address'))).toEqual([]);
});

test('the group is complete when its nodes are ready, and nodes are replaced one by one', () => {
  loginWith({ minCapacity: 2, bootstrapTimeout: Duration.minutes(30) })
    .template()
    .hasResource('AWS::AutoScaling::AutoScalingGroup', {
      Properties: { MinSize: '2', MaxSize: '3', HealthCheckType: 'EC2', HealthCheckGracePeriod: 300 },
      CreationPolicy: { ResourceSignal: { Count: 2, Timeout: 'PT45M' } },
      UpdatePolicy: {
        AutoScalingRollingUpdate: { MaxBatchSize: 1, MinInstancesInService: 2, PauseTime: 'PT45M', WaitOnResourceSignals: true },
      },
    });
});

test.each([undefined, Duration.minutes(45)])(
  'a node that uses up its time (%s) is heard before a rolling update ends',
  (bootstrapTimeout) => {
    const { node, template } = loginWith({ bootstrapTimeout });
    template().hasResource('AWS::AutoScaling::AutoScalingGroup', {
      CreationPolicy: { ResourceSignal: { Timeout: 'PT1H' } },
      UpdatePolicy: { AutoScalingRollingUpdate: { PauseTime: 'PT1H' } },
    });
    expect(NodeUserData.fromNode(node).files['runner.sh']).toMatch(/\b2700\b/);
  },
);

test('a group that cannot grow is updated below its minimum rather than never', () => {
  loginWith({ minCapacity: 2, maxCapacity: 2 })
    .template()
    .hasResource('AWS::AutoScaling::AutoScalingGroup', { UpdatePolicy: { AutoScalingRollingUpdate: { MinInstancesInService: 1 } } });
});

test('nodes know what to signal', () => {
  const template = loginWith().template();
  const [groupId] = Object.keys(template.findResources('AWS::AutoScaling::AutoScalingGroup'));
  template.hasResourceProperties('AWS::AutoScaling::AutoScalingGroup', {
    Tags: Match.arrayWith([
      { Key: NodeTags.SIGNAL_RESOURCE, PropagateAtLaunch: true, Value: groupId },
      { Key: NodeTags.SIGNAL_STACK, PropagateAtLaunch: true, Value: { Ref: 'AWS::StackName' } },
    ]),
  });
});

describe('launch hook', () => {
  const groupOf = (template: Template) =>
    (
      Object.values(template.findResources('AWS::AutoScaling::AutoScalingGroup'))[0] as {
        Properties: { Tags: object[]; LifecycleHookSpecificationList: { LifecycleHookName: string; HeartbeatTimeout: number }[] };
      }
    ).Properties;

  test('is part of the group, which also the first nodes wait in, and ends a node that says nothing', () => {
    const template = loginWith().template();
    template.resourceCountIs('AWS::AutoScaling::LifecycleHook', 0);
    expect(groupOf(template).LifecycleHookSpecificationList).toEqual([
      {
        LifecycleHookName: 'cluster-node-launch',
        LifecycleTransition: 'autoscaling:EC2_INSTANCE_LAUNCHING',
        DefaultResult: 'ABANDON',
        HeartbeatTimeout: 3600,
      },
    ]);
  });

  test.each([5, 30, 45])('waits longer than a node of %i minutes, as long as CloudFormation', (minutes) => {
    const template = loginWith({ bootstrapTimeout: Duration.minutes(minutes) }).template();
    const [{ HeartbeatTimeout: seconds }] = groupOf(template).LifecycleHookSpecificationList;
    expect(seconds).toBe((minutes + 15) * 60);
    // What Auto Scaling takes.
    expect(seconds).toBeGreaterThanOrEqual(30);
    expect(seconds).toBeLessThanOrEqual(7200);
    const timeout = Duration.seconds(seconds).toIsoString();
    template.hasResource('AWS::AutoScaling::AutoScalingGroup', { CreationPolicy: { ResourceSignal: { Timeout: timeout } } });
  });

  test('nodes know its name', () => {
    const template = loginWith().template();
    expect(groupOf(template).Tags).toEqual(
      expect.arrayContaining([
        {
          Key: NodeTags.LAUNCH_HOOK,
          PropagateAtLaunch: true,
          Value: groupOf(template).LifecycleHookSpecificationList[0].LifecycleHookName,
        },
        // What the permission asks for; instances have it of the launch template.
        { Key: NodeTags.CLUSTER_ID, PropagateAtLaunch: false, Value: 'lab' },
      ]),
    );
  });

  test('an instance that somebody launches from the launch template waits for no group', () => {
    const [{ Properties: properties }] = Object.values(loginWith().template().findResources('AWS::EC2::LaunchTemplate')) as {
      Properties: { LaunchTemplateData: { TagSpecifications: object[] } };
    }[];
    expect(JSON.stringify(properties.LaunchTemplateData.TagSpecifications)).not.toContain(NodeTags.LAUNCH_HOOK);
  });

  test('other nodes have no such permission', () => {
    const { stack, cluster } = sampleCluster();
    new VirtualDesktopNode(stack, 'Desktop', { cluster, os: NodeOs.AMAZON_LINUX_2023 });
    expect(JSON.stringify(bootstrapStatements(Template.fromStack(stack)))).not.toContain('autoscaling');
  });
});

describe('load balancer', () => {
  test('there is none unless asked for', () => {
    const { node, template } = loginWith();
    expect(node.loadBalancer).toBeUndefined();
    template().resourceCountIs('AWS::ElasticLoadBalancingV2::LoadBalancer', 0);
  });

  test('internal, TCP, with the balancer’s health check for the group', () => {
    const template = loginWith({ loadBalancer: { port: 2222, deletionProtection: true } }).template();
    template.hasResourceProperties('AWS::ElasticLoadBalancingV2::LoadBalancer', {
      Scheme: 'internal',
      Type: 'network',
      LoadBalancerAttributes: Match.arrayWith([{ Key: 'deletion_protection.enabled', Value: 'true' }]),
    });
    template.hasResourceProperties('AWS::ElasticLoadBalancingV2::Listener', { Port: 2222, Protocol: 'TCP' });
    template.hasResourceProperties('AWS::ElasticLoadBalancingV2::TargetGroup', {
      Port: 22,
      HealthCheckProtocol: 'TCP',
      TargetGroupAttributes: Match.arrayWith([{ Key: 'deregistration_delay.connection_termination.enabled', Value: 'true' }]),
    });
    template.hasResourceProperties('AWS::AutoScaling::AutoScalingGroup', { HealthCheckType: 'ELB', HealthCheckGracePeriod: 300 });
  });

  test.each([
    [undefined, []],
    [Duration.seconds(0), [{ Key: 'deregistration_delay.timeout_seconds', Value: '0' }]],
    [Duration.hours(1), [{ Key: 'deregistration_delay.timeout_seconds', Value: '3600' }]],
  ])('a node that goes keeps its users for drainTimeout, %s', (drainTimeout, expected) => {
    const template = loginWith({ loadBalancer: { drainTimeout } }).template();
    const [group] = Object.values(template.findResources('AWS::ElasticLoadBalancingV2::TargetGroup')) as any[];
    const attributes = group.Properties.TargetGroupAttributes as { Key: string }[];
    expect(attributes.filter(({ Key }) => /deregistration_delay.timeout/.test(Key))).toEqual(expected);
  });

  test('on the internet, in public subnets, with access logs', () => {
    const { stack, cluster } = sampleCluster({ stackProps: { env: { region: 'us-east-1', account: '111122223333' } } });
    const accessLogsBucket = new s3.Bucket(stack, 'Logs');
    new LoginNode(stack, 'Login', { cluster, os: NodeOs.AMAZON_LINUX_2023, loadBalancer: { internetFacing: true, accessLogsBucket } });
    Template.fromStack(stack).hasResourceProperties('AWS::ElasticLoadBalancingV2::LoadBalancer', {
      Scheme: 'internet-facing',
      Subnets: [{ Ref: Match.stringLikeRegexp('Public') }, { Ref: Match.stringLikeRegexp('Public') }],
      LoadBalancerAttributes: Match.arrayWith([{ Key: 'access_logs.s3.enabled', Value: 'true' }]),
    });
  });

  test('nobody is let in before allowSshFrom, then at the balancer, and the balancer at the nodes', () => {
    const { node, template } = loginWith({ loadBalancer: { port: 2222 } });
    node.allowSshFrom(ec2.Peer.ipv4('10.0.0.0/8'));
    template().hasResourceProperties('AWS::EC2::SecurityGroup', {
      GroupDescription: 'lab login load balancer',
      SecurityGroupIngress: [Match.objectLike({ CidrIp: '10.0.0.0/8', FromPort: 2222, ToPort: 2222 })],
    });
    template().hasResourceProperties('AWS::EC2::SecurityGroupIngress', {
      FromPort: 22,
      ToPort: 22,
      SourceSecurityGroupId: Match.anyValue(),
    });
  });
});

test('without a balancer, clients are let in at the nodes', () => {
  const { node, template } = loginWith();
  node.allowSshFrom(ec2.Peer.ipv4('10.0.0.0/8'));
  template().hasResourceProperties('AWS::EC2::SecurityGroup', {
    GroupDescription: 'lab login_node',
    SecurityGroupIngress: [Match.objectLike({ CidrIp: '10.0.0.0/8', FromPort: 22, ToPort: 22 })],
  });
});

test('the secret with host keys travels as its ARN, and the nodes may read it', () => {
  const { stack, cluster } = sampleCluster();
  const hostKeysSecret = new secretsmanager.Secret(stack, 'HostKeys');
  const node = new LoginNode(stack, 'Login', { cluster, os: NodeOs.AMAZON_LINUX_2023, hostKeysSecret });
  expect(NodeUserData.fromNode(node).userData).toMatch(/VALUE_LOGIN_HOST_KEYS_SECRET=base64\(\$\{HostKeys\w+\}\)/);
  Template.fromStack(stack).hasResourceProperties('AWS::IAM::Policy', {
    PolicyDocument: { Statement: Match.arrayWith([Match.objectLike({ Action: 'secretsmanager:GetSecretValue' })]) },
  });
});

test.each<[string, Partial<LoginNodeProps>, RegExp]>([
  ['Windows', { os: NodeOs.WINDOWS_2022 }, /node type dcv_node on windows2022, got login_node/],
  ['hibernation', { hibernation: true }, /login nodes without hibernation/],
  [
    'more time than a rolling update waits',
    { bootstrapTimeout: Duration.minutes(46) },
    /bootstrapTimeout of a login_node from 5 to 45 minutes.*got Duration.minutes\(46\); CloudFormation waits 15 minutes longer, and not more than 60/,
  ],
  ['no node at all', { minCapacity: 0 }, /minCapacity to be an integer of at least 1.*got 0/],
  ['a maximum below the minimum', { minCapacity: 3, maxCapacity: 2 }, /maxCapacity to be at least minCapacity \(3\), got 2/],
  [
    'a drainTimeout beyond what a target group takes',
    { loadBalancer: { drainTimeout: Duration.seconds(3601) } },
    /loadBalancer.drainTimeout in seconds to be an integer from 0 to 3600, got 3601/,
  ],
  [
    'a drainTimeout of half a second',
    { loadBalancer: { drainTimeout: Duration.millis(500) } },
    /loadBalancer.drainTimeout in seconds.*got 0.5/,
  ],
  [
    'a drainTimeout that is a token',
    { loadBalancer: { drainTimeout: Duration.seconds(Token.asNumber({ Ref: 'Drain' })) } },
    /loadBalancer.drainTimeout in seconds.*got a token; pass a number known at synth/,
  ],
  ['a port that is none', { loadBalancer: { port: 70000 } }, /loadBalancer.port to be an integer from 1 to 65535, got 70000/],
])('%s is refused', (_, props, message) => {
  expect(() => loginWith(props)).toThrow(message);
});

describe('volumes with a key of the team', () => {
  const withKeys = (rootKey: kms.IKey, dataKey: kms.IKey) => ({
    rootVolume: { encryptionKey: rootKey },
    blockDevices: [{ deviceName: '/dev/sdf', volume: ec2.BlockDeviceVolume.ebs(10, { encrypted: true, kmsKey: dataKey }) }],
  });
  const WARNING = /policy of the key Stack\/Imported is not part of this app.*AWSServiceRoleForAutoScaling/;

  test('Auto Scaling may use keys of the app, also those of another stack', () => {
    const { app, stack, cluster } = sampleCluster();
    const elsewhere = new Stack(app, 'Keys');
    const keys = [new kms.Key(stack, 'Key'), new kms.Key(elsewhere, 'Key')];
    for (const id of ['One', 'Two']) {
      new LoginNode(stack, id, { cluster, os: NodeOs.AMAZON_LINUX_2023, ...withKeys(keys[0], keys[1]) });
    }
    for (const template of [Template.fromStack(stack), Template.fromStack(elsewhere)]) {
      const [key] = Object.values(template.findResources('AWS::KMS::Key')) as { Properties: { KeyPolicy: { Statement: any[] } } }[];
      const statements = key.Properties.KeyPolicy.Statement.filter(({ Principal }) => /AutoScaling/.test(JSON.stringify(Principal)));
      expect(statements.map(({ Action, Condition }) => [Action, Condition])).toEqual([
        [['kms:Encrypt', 'kms:Decrypt', 'kms:ReEncrypt*', 'kms:GenerateDataKey*', 'kms:DescribeKey'], undefined],
        ['kms:CreateGrant', { Bool: { 'kms:GrantIsForAWSResource': true } }],
      ]);
      expect(JSON.stringify(statements[0].Principal)).toContain(
        ':role/aws-service-role/autoscaling.amazonaws.com/AWSServiceRoleForAutoScaling',
      );
    }
    Annotations.fromStack(stack).hasNoWarning('*', Match.stringLikeRegexp('AutoScaling'));
  });

  test('of an imported key it is said what it needs', () => {
    const { stack, cluster } = sampleCluster();
    const imported = kms.Key.fromKeyArn(stack, 'Imported', 'arn:aws:kms:eu-west-1:111122223333:key/0');
    new LoginNode(stack, 'Login', { cluster, os: NodeOs.AMAZON_LINUX_2023, ...withKeys(imported, imported) });
    Annotations.fromStack(stack).hasWarning('/Stack/Login', Match.stringLikeRegexp(WARNING.source));
  });

  test('a desktop, which whoever requests it launches, changes no key', () => {
    const { stack, cluster } = sampleCluster();
    const key = new kms.Key(stack, 'Key');
    new VirtualDesktopNode(stack, 'Desktop', { cluster, os: NodeOs.AMAZON_LINUX_2023, ...withKeys(key, key) });
    expect(JSON.stringify(Template.fromStack(stack).findResources('AWS::KMS::Key'))).not.toContain('AutoScaling');
  });
});

describe('a first node boots when the network is there', () => {
  const groupDependsOn = (stack: Stack): string[] =>
    (Object.values(Template.fromStack(stack).findResources('AWS::AutoScaling::AutoScalingGroup'))[0] as { DependsOn: string[] }).DependsOn;
  const idsOf = (stack: Stack, ...types: string[]) => types.flatMap((type) => Object.keys(Template.fromStack(stack).findResources(type)));

  test('routes, endpoints, rules and mount targets, also those that come after the node', () => {
    const { stack, vpc } = sampleCluster();
    const fileSystem = new efs.FileSystem(stack, 'Efs', { vpc });
    const cluster = new Cluster(stack, 'WithFiles', {
      clusterId: 'lab',
      vpc,
      fileSystems: [SharedFileSystem.efs({ fileSystem, mountPath: '/apps' })],
    });
    const node = new LoginNode(stack, 'Login', { cluster, os: NodeOs.AMAZON_LINUX_2023, loadBalancer: {} });
    const endpoint = vpc.addInterfaceEndpoint('Cfn', { service: ec2.InterfaceVpcEndpointAwsService.CLOUDFORMATION, open: false });
    endpoint.connections.allowDefaultPortFrom(node);
    vpc.addGatewayEndpoint('S3', { service: ec2.GatewayVpcEndpointAwsService.S3 });
    const needed = idsOf(
      stack,
      'AWS::EC2::Route',
      'AWS::EC2::SubnetRouteTableAssociation',
      'AWS::EC2::VPCEndpoint',
      'AWS::EC2::SecurityGroupIngress',
      'AWS::EFS::MountTarget',
    );
    expect(needed.length).toBeGreaterThan(12);
    expect(groupDependsOn(stack)).toEqual(expect.arrayContaining(needed.filter((id) => !id.startsWith('LoginLoadBalancer'))));
  });

  test('a VPC and a file system of another stack: its stack comes first', () => {
    const app = new App();
    const network = new Stack(app, 'Network');
    const vpc = new ec2.Vpc(network, 'Vpc');
    const fileSystem = new efs.FileSystem(network, 'Efs', { vpc });
    const stack = new Stack(app, 'Nodes');
    const fileSystems = [SharedFileSystem.efs({ fileSystem, mountPath: '/apps' })];
    const cluster = new Cluster(stack, 'Cluster', { clusterId: 'lab', vpc, fileSystems });
    new LoginNode(stack, 'Login', { cluster, os: NodeOs.AMAZON_LINUX_2023 });
    const [launchTemplate] = Object.values(Template.fromStack(stack).findResources('AWS::EC2::LaunchTemplate'));
    expect(launchTemplate).toMatchObject({ DependsOn: expect.arrayContaining(idsOf(stack, 'AWS::EC2::SecurityGroupIngress')) as unknown });
    expect(stack.dependencies.map(({ stackName }) => stackName)).toEqual(['Network']);
  });

  test('an imported VPC has nothing to wait for', () => {
    const stack = new Stack(new App(), 'Stack', { env: { region: 'eu-west-1', account: '111122223333' } });
    const cluster = new Cluster(stack, 'Cluster', { clusterId: 'lab', vpc: ec2.Vpc.fromLookup(stack, 'Vpc', { vpcId: 'vpc-1' }) });
    new LoginNode(stack, 'Login', { cluster, os: NodeOs.AMAZON_LINUX_2023 });
    expect(() => Template.fromStack(stack)).not.toThrow();
  });
});
