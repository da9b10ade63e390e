import { App, Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as efs from 'aws-cdk-lib/aws-efs';
import * as ssm from 'aws-cdk-lib/aws-ssm';
import { Cluster, ClusterNode, NodeOs, NodeType, SharedFileSystem } from 'cdk-cluster-nodes';

const app = new App();
const stack = new Stack(app, 'Lab');
const vpc = new ec2.Vpc(stack, 'Vpc');
const apps = new efs.FileSystem(stack, 'Apps', {
  vpc,
  allowAnonymousAccess: true,
  removalPolicy: RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE, // keeps the data, but nothing of a first deployment that failed
});
const licenceServer = ssm.StringParameter.valueForStringParameter(stack, '/lab/licence-server');
const cluster = new Cluster(stack, 'Cluster', {
  clusterId: 'lab',
  vpc,
  fileSystems: [SharedFileSystem.efs({ fileSystem: apps, mountPath: '/apps', timeout: Duration.minutes(15) })],
  waitForStacks: ['lab-licence-servers'], // nodes wait until these are complete
  configuration: { '/configuration/LicenceServer': licenceServer }, // a token: UserData carries it to templates that read it
});
new ClusterNode(stack, 'Node', { cluster, os: NodeOs.AMAZON_LINUX_2023, nodeType: NodeType.COMPUTE_NODE });

// The same cluster in another stack or app:
const other = new Stack(app, 'Other');
const same = Cluster.fromClusterAttributes(other, 'Cluster', {
  clusterId: 'lab',
  vpc: ec2.Vpc.fromVpcAttributes(other, 'Vpc', {
    vpcId: 'vpc-11111111',
    availabilityZones: ['eu-west-1a'],
    privateSubnetIds: ['subnet-11111111'],
  }),
  fileSystems: [SharedFileSystem.nfs({ server: 'files.example.com', mountPath: '/apps' })],
});
new ClusterNode(other, 'Node', { cluster: same, os: NodeOs.AMAZON_LINUX_2023, nodeType: NodeType.COMPUTE_NODE });
app.synth();
