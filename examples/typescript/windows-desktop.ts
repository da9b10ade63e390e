import { App, Size, Stack } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import { Cluster, LoginMethod, NodeOs, VirtualDesktopNode } from 'cdk-cluster-nodes';

const app = new App();
const stack = new Stack(app, 'Lab');
const cluster = new Cluster(stack, 'Cluster', { clusterId: 'lab', vpc: new ec2.Vpc(stack, 'Vpc') });

const password = new secretsmanager.Secret(stack, 'AlicePassword');
const windows = new VirtualDesktopNode(stack, 'WindowsDesktop', {
  cluster,
  os: NodeOs.WINDOWS_2022,
  rootVolume: { size: Size.gibibytes(100) },
  hibernation: true,
  sessionOwner: 'alice', // all desktops of this node are hers: the secret is her password
  loginWith: LoginMethod.secret(password), // fetched by the node at the moment of use; only its ARN travels
});
windows.allowDcvFrom(ec2.Peer.ipv4('10.0.0.0/8'));
app.synth();
