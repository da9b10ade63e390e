import { App, Stack } from 'aws-cdk-lib';
import { Annotations, Match } from 'aws-cdk-lib/assertions';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as logs from 'aws-cdk-lib/aws-logs';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import { CloudWatchAgent, Cluster, type ClusterOptions, LoginNode, NodeOs, VirtualDesktopNode } from '../../../lib';
import { sampleCluster } from '../../sample-cluster';

const ISOLATED: ec2.SubnetSelection = { subnetType: ec2.SubnetType.PRIVATE_ISOLATED };

describe('subnets that the VPC does not have', () => {
  const bare = (stack: Stack) => ec2.Vpc.fromVpcAttributes(stack, 'Bare', { vpcId: 'vpc-1', availabilityZones: ['a'] });

  test('of a node', () => {
    const { stack, cluster } = sampleCluster();
    expect(() => new VirtualDesktopNode(stack, 'Node', { cluster, os: NodeOs.UBUNTU_24_04, vpcSubnets: ISOLATED })).toThrow(
      /vpcSubnets to select subnets of the VPC, got none: There are no 'Isolated' subnet.* \(at Stack\/Node\)/,
    );
  });

  test('of a cluster', () => {
    expect(() => sampleCluster({ vpcSubnets: { availabilityZones: ['eu-west-1x'] } })).toThrow(
      /of the VPC, got none.* \(at Stack\/Cluster\)/,
    );
  });

  test('are no error where nobody chose, for a launch template names none', () => {
    const stack = new Stack(new App(), 'Stack');
    const cluster = new Cluster(stack, 'Cluster', { clusterId: 'lab', vpc: bare(stack) });
    expect(() => new VirtualDesktopNode(stack, 'Node', { cluster, os: NodeOs.UBUNTU_24_04 })).not.toThrow();
  });

  test('are not known while the VPC is looked up', () => {
    const stack = new Stack(new App(), 'Stack', { env: { account: '111111111111', region: 'eu-west-1' } });
    const vpc = ec2.Vpc.fromLookup(stack, 'Vpc', { vpcName: 'lab' });
    expect(() => new Cluster(stack, 'Cluster', { clusterId: 'lab', vpc, vpcSubnets: ISOLATED })).not.toThrow();
  });
});

describe('isolated subnets', () => {
  const { S3 } = ec2.GatewayVpcEndpointAwsService;
  const { EC2, CLOUDFORMATION, AUTOSCALING, SSM, SSM_MESSAGES } = ec2.InterfaceVpcEndpointAwsService;
  const add = (vpc: ec2.Vpc, ...services: ec2.InterfaceVpcEndpointAwsService[]) => {
    vpc.addGatewayEndpoint('S3', { service: S3 });
    services.forEach((service) => vpc.addInterfaceEndpoint(service.shortName, { service }));
  };
  const vpcIn = (stack: Stack, subnetType = ec2.SubnetType.PRIVATE_ISOLATED) =>
    new ec2.Vpc(stack, 'Vpc', { maxAzs: 1, subnetConfiguration: [{ name: 'Nodes', subnetType }] });
  const warnings = (after: (vpc: ec2.Vpc) => void = () => {}, options: Partial<ClusterOptions> = {}) => {
    const stack = new Stack(new App(), 'Stack');
    const vpc = vpcIn(stack);
    const cluster = new Cluster(stack, 'Cluster', { clusterId: 'lab', vpc, ...options });
    new VirtualDesktopNode(stack, 'Desktop', { cluster, os: NodeOs.UBUNTU_24_04 });
    new LoginNode(stack, 'Login', { cluster, os: NodeOs.AMAZON_LINUX_2023 });
    after(vpc);
    const found = Annotations.fromStack(stack).findWarning('*', Match.stringLikeRegexp('endpoints'));
    return found.map(({ id, entry }) => `${id}: ${/none of (.*?);/.exec(entry.data as string)?.[1]}`);
  };

  test('without endpoints: the warning names each', () => {
    expect(warnings()).toEqual([
      '/Stack/Desktop: s3, ec2, cloudformation, ssm, ssmmessages',
      '/Stack/Login: s3, ec2, cloudformation, autoscaling',
    ]);
    expect(warnings(undefined, { vpcSubnets: ISOLATED })).toHaveLength(2);
  });

  test('what a property makes a node ask is among them', () => {
    const stack = new Stack(new App(), 'Stack');
    const cluster = new Cluster(stack, 'Cluster', { clusterId: 'lab', vpc: vpcIn(stack), logGroup: new logs.LogGroup(stack, 'Logs') });
    new VirtualDesktopNode(stack, 'Desktop', {
      cluster,
      os: NodeOs.UBUNTU_24_04,
      instanceType: new ec2.InstanceType('g5.xlarge'),
      cloudWatchAgent: CloudWatchAgent.signed({ gpuMetrics: true }),
      dcv: { certificateSecret: new secretsmanager.Secret(stack, 'Certificate') },
    });
    Annotations.fromStack(stack).hasWarning('/Stack/Desktop', Match.stringLikeRegexp('ssmmessages, secretsmanager, logs, monitoring;'));
  });

  test('with some: the warning names the others', () => {
    expect(warnings((vpc) => add(vpc, EC2, CLOUDFORMATION, AUTOSCALING))).toEqual(['/Stack/Desktop: ssm, ssmmessages']);
  });

  test('with all, a proxy or a route: none', () => {
    expect(warnings((vpc) => add(vpc, EC2, CLOUDFORMATION, AUTOSCALING, SSM, SSM_MESSAGES))).toEqual([]);
    expect(warnings(undefined, { proxy: { httpProxy: 'http://proxy:3128' } })).toEqual([]);
    const { TRANSIT_GATEWAY: routerType } = ec2.RouterType;
    const transit = { routerType, routerId: 'tgw-1', destinationCidrBlock: '0.0.0.0/0' };
    expect(warnings((vpc) => vpc.isolatedSubnets.forEach((subnet) => (subnet as ec2.Subnet).addRoute('Out', transit)))).toEqual([]);
  });
});
