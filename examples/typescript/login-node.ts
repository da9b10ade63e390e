import { App, Stack } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import { Cluster, LoginNode, NodeOs } from 'cdk-cluster-nodes';

const app = new App();
const stack = new Stack(app, 'Lab');
const cluster = new Cluster(stack, 'Cluster', { clusterId: 'lab', vpc: new ec2.Vpc(stack, 'Vpc') });

const login = new LoginNode(stack, 'LoginNode', {
  cluster,
  os: NodeOs.AMAZON_LINUX_2023,
  architecture: ec2.InstanceArchitecture.ARM_64,
  minCapacity: 2,
  loadBalancer: { internetFacing: true, port: 22 },
  hostKeysSecret: secretsmanager.Secret.fromSecretNameV2(stack, 'HostKeys', 'lab/ssh-host-keys'),
});
login.allowSshFrom(ec2.Peer.ipv4('203.0.113.0/24'));
app.synth();
