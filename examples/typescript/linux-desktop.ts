import { App, Duration, Stack } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import { Cluster, NodeOs, VirtualDesktopNode } from 'cdk-cluster-nodes';

const app = new App();
const stack = new Stack(app, 'Lab');
const vpc = new ec2.Vpc(stack, 'Vpc');
const cluster = new Cluster(stack, 'Cluster', { clusterId: 'lab', vpc });

const desktop = new VirtualDesktopNode(stack, 'LinuxDesktop', {
  cluster,
  os: NodeOs.UBUNTU_24_04,
  instanceType: new ec2.InstanceType('m7i.xlarge'),
  idleTimeout: Duration.hours(2),
  packages: ['tmux'],
});
desktop.allowDcvFrom(ec2.Peer.ipv4('10.0.0.0/8'));
desktop.addSessionOutputs();
app.synth();
