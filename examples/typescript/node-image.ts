import { App, Stack } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as events from 'aws-cdk-lib/aws-events';
import { Cluster, NodeImage, NodeOs, VirtualDesktopNode } from 'cdk-cluster-nodes';

const app = new App();
const stack = new Stack(app, 'Lab');
const cluster = new Cluster(stack, 'Cluster', { clusterId: 'lab', vpc: new ec2.Vpc(stack, 'Vpc') });

const desktop = new VirtualDesktopNode(stack, 'LinuxDesktop', { cluster, os: NodeOs.UBUNTU_24_04 });
// The desktop launches from the image; built after a deployment that changes it, and for updates on the first of each month.
new NodeImage(stack, 'LinuxImage', {
  node: desktop,
  schedule: { expression: events.Schedule.cron({ day: '1', hour: '3', minute: '0' }), timezone: 'Europe/Berlin' },
});
desktop.allowDcvFrom(ec2.Peer.ipv4('10.0.0.0/8'));
desktop.addSessionOutputs();
app.synth();
