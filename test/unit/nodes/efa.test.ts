import { Template } from 'aws-cdk-lib/assertions';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import { ClusterNode, type ClusterNodeProps, LoginMethod, NodeOs, NodeType, SharedFileSystem, VirtualDesktopNode } from '../../../lib';
import { sampleCluster } from '../../sample-cluster';

function nodeWith(props: Partial<ClusterNodeProps> = {}, options: Parameters<typeof sampleCluster>[0] = {}) {
  const { stack, cluster } = sampleCluster(options);
  const instanceType = new ec2.InstanceType('c7i.48xlarge');
  const common = { cluster, os: NodeOs.UBUNTU_24_04, nodeType: NodeType.COMPUTE_NODE, instanceType, efa: true };
  return { stack, node: new ClusterNode(stack, 'Node', { ...common, ...props }) };
}

test('the interface of the launch template is an adapter, with the groups of the node and no groups beside it', () => {
  const { stack } = nodeWith();
  const [template] = Object.values(Template.fromStack(stack).findResources('AWS::EC2::LaunchTemplate')) as {
    Properties: { LaunchTemplateData: { NetworkInterfaces: object[]; SecurityGroupIds?: unknown } };
  }[];
  const { NetworkInterfaces: interfaces, SecurityGroupIds: groups } = template.Properties.LaunchTemplateData;
  expect(interfaces).toEqual([
    expect.objectContaining({ DeviceIndex: 0, InterfaceType: 'efa', Groups: [{ 'Fn::GetAtt': [expect.any(String), 'GroupId'] }] }),
  ]);
  expect(groups).toBeUndefined();
});

test('with the group that file systems let in as well', () => {
  const fileSystems = [SharedFileSystem.nfs({ server: 'filer.example.com', exportPath: '/', mountPath: '/data' })];
  const { stack } = nodeWith({}, { fileSystems });
  expect(JSON.stringify(Template.fromStack(stack).findResources('AWS::EC2::LaunchTemplate'))).toMatch(/"Groups":\[.*FileSystemClients/);
});

test('members of the group reach each other by rules that name it alone', () => {
  const { stack } = nodeWith();
  const template = Template.fromStack(stack);
  for (const [type, side] of [
    ['AWS::EC2::SecurityGroupIngress', 'SourceSecurityGroupId'],
    ['AWS::EC2::SecurityGroupEgress', 'DestinationSecurityGroupId'],
  ]) {
    const [rule] = Object.values(template.findResources(type)) as { Properties: { [name: string]: unknown } }[];
    expect(rule.Properties).toMatchObject({ IpProtocol: '-1', [side]: rule.Properties.GroupId });
  }
});

const RULES = ['AWS::EC2::SecurityGroupIngress', 'AWS::EC2::SecurityGroupEgress'];

test.each([true, false])(
  'EC2 refuses a rule that is there: nodes that share a group have one of each (all outbound: %s)',
  (allowAllOutbound) => {
    const { stack, cluster } = sampleCluster();
    const securityGroup = new ec2.SecurityGroup(stack, 'Shared', { vpc: cluster.vpc, allowAllOutbound });
    // As an app may have done.
    securityGroup.connections.allowInternally(ec2.Port.allTraffic());
    const instanceType = new ec2.InstanceType('c7i.48xlarge');
    for (const id of ['A', 'B']) {
      const nodeType = NodeType.COMPUTE_NODE;
      new ClusterNode(stack, id, { cluster, os: NodeOs.UBUNTU_24_04, nodeType, instanceType, efa: true, securityGroup });
    }
    for (const type of RULES) Template.fromStack(stack).resourceCountIs(type, 1);
  },
);

test.each<[string, ec2.SecurityGroupImportOptions, number]>([
  ['has the rules', {}, 1],
  ['that is immutable is left alone', { mutable: false }, 0],
])('an imported group %s', (_, options, count) => {
  const { stack, cluster } = sampleCluster();
  const securityGroup = ec2.SecurityGroup.fromSecurityGroupId(stack, 'Imported', 'sg-0123456789abcdef0', options);
  const instanceType = new ec2.InstanceType('c7i.48xlarge');
  const nodeType = NodeType.COMPUTE_NODE;
  new ClusterNode(stack, 'Node', { cluster, os: NodeOs.UBUNTU_24_04, nodeType, instanceType, efa: true, securityGroup });
  for (const type of RULES) Template.fromStack(stack).resourceCountIs(type, count);
});

test('its software is installed by checksum, and others get none', () => {
  expect(nodeWith().node.bundle.files['setup_post_reboot.install.sh']).toContain(
    '2df4201e046833c7dc8160907bee7f52b76ff80ed147376a2d0ed8a0dd66b2db',
  );
  expect(nodeWith({ efa: undefined }).node.bundle.files['setup_post_reboot.install.sh']).toBeUndefined();
});

test.each<[string, Partial<ClusterNodeProps>, RegExp]>([
  ['a burstable type', { instanceType: new ec2.InstanceType('t3.large') }, /an instanceType that has EFA, got t3\.large; see/],
  ['no type', { instanceType: undefined }, /got none, and the usual ones have none/],
  ['Amazon Linux 2', { os: NodeOs.AMAZON_LINUX_2 }, /out of support/],
])('%s is an error', (_, props, message) => {
  expect(() => nodeWith(props)).toThrow(message);
});

test('a desktop has none, and the error says why', () => {
  const { stack, cluster } = sampleCluster();
  const instanceType = new ec2.InstanceType('g6.8xlarge');
  const make = () =>
    new VirtualDesktopNode(stack, 'Desktop', {
      cluster,
      os: NodeOs.UBUNTU_24_04,
      instanceType,
      efa: true,
      loginWith: LoginMethod.unmanaged(),
    });
  expect(make).toThrow(/launched into a subnet of the request/);
});
