import { App, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as elbv2 from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as s3 from 'aws-cdk-lib/aws-s3';
import { Cluster, ClusterNode, type IClusterNode, LoginNode, NodeOs, NodeType, SharedFileSystem, VirtualDesktopNode } from '../../../lib';
import { sampleCluster } from '../../sample-cluster';

const OFFICE = ec2.Peer.ipv4('10.0.0.0/8');

/** Attributes as somebody writes them who knows nothing but identifiers. */
function attributesIn(stack: Stack) {
  return {
    clusterId: 'lab',
    launchTemplateId: 'lt-11111111',
    launchTemplateVersion: '3',
    role: iam.Role.fromRoleArn(stack, 'Role', 'arn:aws:iam::111111111111:role/node'),
    securityGroups: ['sg-11111111', 'sg-22222222'].map((id) => ec2.SecurityGroup.fromSecurityGroupId(stack, id, id)),
  };
}

function ingressRules(stack: Stack): { GroupId: string; IpProtocol: string; FromPort: number }[] {
  const rules = Object.values(Template.fromStack(stack).findResources('AWS::EC2::SecurityGroupIngress')) as {
    Properties: { GroupId: string; IpProtocol: string; FromPort: number };
  }[];
  return rules.map(({ Properties: { GroupId, IpProtocol, FromPort } }) => ({ GroupId, IpProtocol, FromPort }));
}

test('a desktop of another stack lets clients in through each of its security groups, and its role is granted to', () => {
  const stack = new Stack(new App(), 'Stack', { env: { account: '111111111111', region: 'eu-west-1' } });
  const desktop = VirtualDesktopNode.fromVirtualDesktopNodeAttributes(stack, 'Desktop', attributesIn(stack));
  desktop.allowDcvFrom(OFFICE);
  new s3.Bucket(stack, 'Data').grantRead(desktop);
  expect(desktop).toMatchObject({
    clusterId: 'lab',
    nodeType: NodeType.DCV_NODE,
    launchTemplateId: 'lt-11111111',
    launchTemplateVersion: '3',
  });
  expect(ingressRules(stack)).toEqual(
    expect.arrayContaining(
      ['sg-11111111', 'sg-22222222'].flatMap((GroupId) => ['tcp', 'udp'].map((IpProtocol) => ({ GroupId, IpProtocol, FromPort: 8443 }))),
    ),
  );
  Template.fromStack(stack).hasResourceProperties('AWS::IAM::Policy', { Roles: ['node'] });
});

test('login nodes of another stack let clients in: to the nodes, or to their load balancer', () => {
  const stack = new Stack(new App(), 'Stack');
  const attributes = { ...attributesIn(stack), autoScalingGroupName: 'login' };
  const direct = LoginNode.fromLoginNodeAttributes(stack, 'Direct', attributes);
  direct.allowSshFrom(OFFICE);
  expect(direct).toMatchObject({ nodeType: NodeType.LOGIN_NODE, autoScalingGroupName: 'login' });
  expect(ingressRules(stack)).toEqual(['sg-11111111', 'sg-22222222'].map((GroupId) => ({ GroupId, IpProtocol: 'tcp', FromPort: 22 })));

  const other = new Stack(new App(), 'Stack');
  const loadBalancer = elbv2.NetworkLoadBalancer.fromNetworkLoadBalancerAttributes(other, 'LoadBalancer', {
    loadBalancerArn: 'arn:aws:elasticloadbalancing:eu-west-1:111111111111:loadbalancer/net/login/1111111111111111',
    loadBalancerSecurityGroups: ['sg-33333333'],
  });
  LoginNode.fromLoginNodeAttributes(other, 'Behind', {
    ...attributesIn(other),
    autoScalingGroupName: 'login',
    loadBalancer,
    loadBalancerPort: 2222,
  }).allowSshFrom(OFFICE);
  expect(ingressRules(other)).toEqual([{ GroupId: 'sg-33333333', IpProtocol: 'tcp', FromPort: 2222 }]);
});

test('a node of another stack without a security group is refused, and so are clients of a load balancer without a known one', () => {
  const stack = new Stack(new App(), 'Stack');
  const attributes = { ...attributesIn(stack), autoScalingGroupName: 'login' };
  expect(() => VirtualDesktopNode.fromVirtualDesktopNodeAttributes(stack, 'Desktop', { ...attributes, securityGroups: [] })).toThrow(
    "expected at least one security group of the node in securityGroups, got none, so that no rule could let anybody in; pass the node's (at Stack/Desktop)",
  );
  const loadBalancer = elbv2.NetworkLoadBalancer.fromNetworkLoadBalancerAttributes(stack, 'LoadBalancer', {
    loadBalancerArn: 'arn:aws:elasticloadbalancing:eu-west-1:111111111111:loadbalancer/net/login/1111111111111111',
  });
  const login = LoginNode.fromLoginNodeAttributes(stack, 'Login', { ...attributes, loadBalancer });
  expect(() => login.allowSshFrom(OFFICE)).toThrow(
    'expected a loadBalancer whose security groups are known, got one without any, so that no rule could let anybody in; import it with loadBalancerSecurityGroups, or leave it out if it has none, since its clients are then those of the nodes (at Stack/Login)',
  );
});

test('what is made and what is imported have the same attributes', () => {
  const { stack, cluster } = sampleCluster();
  const made = new ClusterNode(stack, 'Made', { cluster, os: NodeOs.AMAZON_LINUX_2023, nodeType: NodeType.COMPUTE_NODE });
  const imported = ClusterNode.fromClusterNodeAttributes(stack, 'Imported', { ...attributesIn(stack), nodeType: NodeType.COMPUTE_NODE });
  const attributes = (node: IClusterNode) =>
    stack.resolve([node.clusterId, node.nodeType, node.launchTemplateId, node.launchTemplateVersion]) as unknown;
  const id = stack.getLogicalId(made.launchTemplate.node.defaultChild as ec2.CfnLaunchTemplate);
  expect(attributes(made)).toEqual(['lab', 'compute_node', { Ref: id }, { 'Fn::GetAtt': [id, 'LatestVersionNumber'] }]);
  expect(attributes(imported)).toEqual(['lab', 'compute_node', 'lt-11111111', '3']);
});

test('a removal policy of a node is that of its launch template', () => {
  const { stack, cluster } = sampleCluster();
  const node = new VirtualDesktopNode(stack, 'Desktop', { cluster, os: NodeOs.UBUNTU_24_04 });
  node.applyRemovalPolicy(RemovalPolicy.RETAIN);
  Template.fromStack(stack).hasResource('AWS::EC2::LaunchTemplate', { DeletionPolicy: 'Retain' });
});

test('nodes have the subnets of their cluster, or their own', () => {
  const { stack, cluster, vpc } = sampleCluster();
  const os = NodeOs.AMAZON_LINUX_2023;
  const PUBLIC = { subnetType: ec2.SubnetType.PUBLIC };
  const ids = (subnets: ec2.ISubnet[]) => subnets.map((subnet) => subnet.subnetId);
  expect(new VirtualDesktopNode(stack, 'Desktop', { cluster, os }).subnetIds).toEqual(ids(vpc.privateSubnets));
  expect(new VirtualDesktopNode(stack, 'Public', { cluster, os, vpcSubnets: PUBLIC }).subnetIds).toEqual(ids(vpc.publicSubnets));
  new LoginNode(stack, 'Login', { cluster, os, vpcSubnets: PUBLIC, loadBalancer: {} });
  const subnets = vpc.publicSubnets.map((subnet) => stack.resolve(subnet.subnetId) as unknown);
  const template = Template.fromStack(stack);
  template.hasResourceProperties('AWS::AutoScaling::AutoScalingGroup', { VPCZoneIdentifier: subnets });
  template.hasResourceProperties('AWS::ElasticLoadBalancingV2::LoadBalancer', { Subnets: subnets });
});

test('an NFS server lets in the nodes of the cluster, whatever it is', () => {
  const { stack, vpc } = sampleCluster();
  const server = new ec2.Instance(stack, 'Server', {
    vpc,
    instanceType: new ec2.InstanceType('m7i.large'),
    machineImage: ec2.MachineImage.latestAmazonLinux2023(),
  });
  const fileSystems = [SharedFileSystem.nfs({ server: server.instancePrivateDnsName, connectable: server, mountPath: '/data' })];
  const cluster = new Cluster(stack, 'NfsCluster', { clusterId: 'nfs', vpc, fileSystems });
  new LoginNode(stack, 'Login', { cluster, os: NodeOs.AMAZON_LINUX_2023 });
  Template.fromStack(stack).hasResourceProperties('AWS::EC2::SecurityGroupIngress', {
    FromPort: 2049,
    GroupId: { 'Fn::GetAtt': [Match.stringLikeRegexp('Server'), 'GroupId'] },
    SourceSecurityGroupId: { 'Fn::GetAtt': [Match.stringLikeRegexp('FileSystemClients'), 'GroupId'] },
  });
});
