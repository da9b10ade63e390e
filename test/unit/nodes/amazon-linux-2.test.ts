import { Annotations as AppAnnotations } from 'aws-cdk-lib';
import { Annotations, Match } from 'aws-cdk-lib/assertions';
import { NodeOs, NodeOsFamily, NodeType, PackageManager } from '../../../lib';
import { addNode, sampleCluster } from '../../sample-cluster';

const WARNING = Match.stringLikeRegexp('out of support since 2026-06-30.*NodeOs.AMAZON_LINUX_2023');

test.each(Object.values(NodeType))('a %s on Amazon Linux 2 has a warning that can be acknowledged', (nodeType) => {
  const { stack, cluster } = sampleCluster();
  const node = addNode(cluster, 'Old', { os: NodeOs.AMAZON_LINUX_2, nodeType });
  Annotations.fromStack(stack).hasWarning('/Stack/Cluster/Old', WARNING);

  const acknowledged = addNode(cluster, 'Known', { os: NodeOs.AMAZON_LINUX_2, nodeType });
  AppAnnotations.of(acknowledged).acknowledgeWarning('cdk-cluster-nodes:amazonLinux2', 'moves next month');
  Annotations.fromStack(stack).hasNoWarning('/Stack/Cluster/Known', WARNING);
  expect(node.os.name).toBe('amazonlinux2');
});

test('so has one that is described by hand', () => {
  const { stack, cluster } = sampleCluster();
  const os = NodeOs.custom({
    name: 'al2hardened',
    family: NodeOsFamily.LINUX,
    distribution: 'amazonlinux',
    version: '2',
    packageManager: PackageManager.YUM,
    dcvFamily: 'al2',
    rootDeviceName: '/dev/xvda',
    defaultUser: 'ec2-user',
    imageParameterX86: '/aws/service/ami-amazon-linux-latest/amzn2-ami-hvm-x86_64-gp2',
  });
  addNode(cluster, 'Old', { os, nodeType: NodeType.COMPUTE_NODE });
  Annotations.fromStack(stack).hasWarning('/Stack/Cluster/Old', WARNING);
});

test.each(NodeOs.all().filter((os) => os !== NodeOs.AMAZON_LINUX_2))('none on %s', (os) => {
  const { stack, cluster } = sampleCluster();
  addNode(cluster, 'New', { os, nodeType: NodeType.DCV_NODE });
  Annotations.fromStack(stack).hasNoWarning('/Stack/Cluster/New', WARNING);
});
