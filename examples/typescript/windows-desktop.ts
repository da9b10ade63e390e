import { App, Size, Stack } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as iam from 'aws-cdk-lib/aws-iam';
import { Cluster, NodeOs, VirtualDesktopNode } from 'cdk-cluster-nodes';

const app = new App();
const stack = new Stack(app, 'Lab');
const cluster = new Cluster(stack, 'Cluster', { clusterId: 'lab', vpc: new ec2.Vpc(stack, 'Vpc') });

const windows = new VirtualDesktopNode(stack, 'WindowsDesktop', {
  cluster,
  os: NodeOs.WINDOWS_2022,
  rootVolume: { size: Size.gibibytes(100) },
  hibernation: true,
});
windows.allowDcvFrom(ec2.Peer.ipv4('10.0.0.0/8'));
// Each desktop makes a password for its owner. Who has this role may ask those of alice for it, and those of nobody else.
windows.grantConnect(iam.Role.fromRoleName(stack, 'Alice', 'alice'), 'alice');
windows.addSessionOutputs();
app.synth();
