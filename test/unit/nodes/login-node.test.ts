import { Duration } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as s3 from 'aws-cdk-lib/aws-s3';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import { LoginNode, type LoginNodeProps, NodeOs, NodeTags, NodeUserData } from '../../../lib';
import { bootstrapStatements, sampleCluster, snapshotOf } from '../../sample-cluster';

function loginWith(props: Partial<LoginNodeProps> = {}) {
  const { stack, cluster } = sampleCluster();
  const node = new LoginNode(stack, 'Login', { cluster, os: NodeOs.AMAZON_LINUX_2023, ...props });
  return { stack, cluster, node, template: () => Template.fromStack(stack) };
}

test('the whole template', () => {
  expect(snapshotOf(loginWith({ loadBalancer: {} }).template())).toMatchSnapshot();
});

test('the group is complete when its nodes are ready, and nodes are replaced one by one', () => {
  loginWith({ minCapacity: 2, bootstrapTimeout: Duration.minutes(30) })
    .template()
    .hasResource('AWS::AutoScaling::AutoScalingGroup', {
      Properties: { MinSize: '2', MaxSize: '3', HealthCheckType: 'EC2', HealthCheckGracePeriod: 1800 },
      CreationPolicy: { ResourceSignal: { Count: 2, Timeout: 'PT30M' } },
      UpdatePolicy: {
        AutoScalingRollingUpdate: { MaxBatchSize: 1, MinInstancesInService: 2, PauseTime: 'PT30M', WaitOnResourceSignals: true },
      },
    });
});

test('a group that cannot grow is updated below its minimum rather than never', () => {
  loginWith({ minCapacity: 2, maxCapacity: 2 })
    .template()
    .hasResource('AWS::AutoScaling::AutoScalingGroup', { UpdatePolicy: { AutoScalingRollingUpdate: { MinInstancesInService: 1 } } });
});

test('nodes know what to signal, and may', () => {
  const template = loginWith().template();
  const [groupId] = Object.keys(template.findResources('AWS::AutoScaling::AutoScalingGroup'));
  template.hasResourceProperties('AWS::AutoScaling::AutoScalingGroup', {
    Tags: Match.arrayWith([
      { Key: NodeTags.SIGNAL_RESOURCE, PropagateAtLaunch: true, Value: groupId },
      { Key: NodeTags.SIGNAL_STACK, PropagateAtLaunch: true, Value: { Ref: 'AWS::StackName' } },
    ]),
  });
  expect(bootstrapStatements(template)).toContainEqual(expect.objectContaining({ Action: 'cloudformation:SignalResource' }));
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
    template.hasResourceProperties('AWS::AutoScaling::AutoScalingGroup', { HealthCheckType: 'ELB' });
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
    PolicyDocument: { Statement: Match.arrayWith([Match.objectLike({ Action: Match.arrayWith(['secretsmanager:GetSecretValue']) })]) },
  });
});

test.each<[string, Partial<LoginNodeProps>, RegExp]>([
  ['Windows', { os: NodeOs.WINDOWS_2022 }, /node type dcv_node on windows2022, got login_node/],
  ['hibernation', { hibernation: true }, /login nodes without hibernation/],
  ['no node at all', { minCapacity: 0 }, /minCapacity to be an integer of at least 1.*got 0/],
  ['a maximum below the minimum', { minCapacity: 3, maxCapacity: 2 }, /maxCapacity to be at least minCapacity \(3\), got 2/],
  ['a port that is none', { loadBalancer: { port: 70000 } }, /loadBalancer.port to be an integer from 1 to 65535, got 70000/],
])('%s is refused', (_, props, message) => {
  expect(() => loginWith(props)).toThrow(message);
});
