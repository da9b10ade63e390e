import { App, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as efs from 'aws-cdk-lib/aws-efs';
import * as iam from 'aws-cdk-lib/aws-iam';
import { Cluster, NodeOs, SharedFileSystem, VirtualDesktopNode, type VirtualDesktopNodeProps } from '../../lib';

/** A stack with desktops that mount a file system, and a VPC of four subnets. */
function desktops(count: number, options: (stack: Stack, vpc: ec2.IVpc) => Partial<VirtualDesktopNodeProps> = () => ({}), context = {}) {
  const stack = new Stack(new App({ context }), 'Stack');
  const vpc = new ec2.Vpc(stack, 'Vpc', { maxAzs: 2, natGateways: 1 });
  const fileSystem = new efs.FileSystem(stack, 'Efs', { vpc });
  const cluster = new Cluster(stack, 'Cluster', {
    clusterId: 'lab',
    vpc,
    fileSystems: [SharedFileSystem.efs({ fileSystem, mountPath: '/apps' })],
  });
  const common = options(stack, vpc);
  const nodes = Array.from(
    { length: count },
    (_, index) => new VirtualDesktopNode(stack, `Desktop${index}`, { cluster, os: NodeOs.UBUNTU_24_04, ...common }),
  );
  return { stack, vpc, nodes, template: () => Template.fromStack(stack) };
}

const sharing = (stack: Stack, vpc: ec2.IVpc) => ({
  role: new iam.Role(stack, 'Shared', { assumedBy: new iam.ServicePrincipal('ec2.amazonaws.com') }),
  securityGroup: new ec2.SecurityGroup(stack, 'SharedGroup', { vpc }),
});

test('100 desktops with a file system fit into a stack', () => {
  const { Resources: resources } = desktops(100).template().toJSON() as { Resources: object };
  expect(Object.keys(resources).length).toBeLessThan(440);
});

test('200 that do not share are told what to share', () => {
  expect(() => desktops(200).template()).toThrow(
    /expected at most 500 resources in a stack, got 8\d\d; .* give nodes the same role and securityGroup.*\(at Stack\)/,
  );
  expect(() => desktops(200, sharing).template()).not.toThrow();
});

test('another limit of the app holds', () => {
  expect(() => desktops(3, undefined, { '@aws-cdk/core:stackResourceLimit': 30 }).template()).toThrow(/at most 30 resources/);
  expect(() => desktops(1, undefined, { '@aws-cdk/core:stackResourceLimit': 0 }).template()).not.toThrow();
});

describe('the group that file systems let in', () => {
  const launchGroups = (template: Template) =>
    Object.values(template.findResources('AWS::EC2::LaunchTemplate')).map(
      (resource) =>
        (resource as { Properties: { LaunchTemplateData: { SecurityGroupIds: unknown[] } } }).Properties.LaunchTemplateData
          .SecurityGroupIds,
    );

  test('is one for all nodes, and every node is in it', () => {
    const template = desktops(2).template();
    const rules = Object.values(template.findResources('AWS::EC2::SecurityGroupIngress')) as {
      Properties: { FromPort: number; SourceSecurityGroupId: unknown };
    }[];
    expect(rules.map(({ Properties }) => Properties.FromPort)).toEqual([2049]);
    for (const groups of launchGroups(template)) {
      expect(groups).toContainEqual(rules[0].Properties.SourceSecurityGroupId);
      expect(groups).toHaveLength(2);
    }
  });

  test('lets nobody in, whoever is let in at a node', () => {
    const { nodes, template } = desktops(2);
    nodes[0].allowDcvFrom(ec2.Peer.ipv4('10.0.0.0/8'));
    nodes[0].launchTemplate.connections.allowFrom(ec2.Peer.ipv4('10.1.0.0/16'), ec2.Port.tcp(22));
    const clients = template().findResources('AWS::EC2::SecurityGroup', {
      Properties: { GroupDescription: 'lab nodes that mount file systems' },
    });
    expect(Object.values(clients)).toHaveLength(1);
    expect(JSON.stringify(clients)).not.toContain('Ingress');
  });

  test('is not there for nodes whose group is given: that is let in', () => {
    const template = desktops(2, sharing).template();
    // That of the file system and the given one.
    template.resourceCountIs('AWS::EC2::SecurityGroup', 2);
    template.resourceCountIs('AWS::EC2::SecurityGroupIngress', 1);
    expect(launchGroups(template).map((groups) => groups.length)).toEqual([1, 1]);
  });
});
