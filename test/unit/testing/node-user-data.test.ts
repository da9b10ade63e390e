import { Aws } from 'aws-cdk-lib';
import { ClusterNode, NodeOs, NodeType, NodeUserData } from '../../../lib';
import { sampleCluster } from '../../sample-cluster';

function node(account?: string) {
  const { stack, cluster } = sampleCluster({ stackProps: account === undefined ? {} : { env: { account, region: 'eu-west-1' } } });
  return new ClusterNode(stack, 'Node', {
    cluster,
    os: NodeOs.AMAZON_LINUX_2023,
    nodeType: NodeType.COMPUTE_NODE,
    templates: undefined,
    configuration: { '/configuration/HttpProxy': null },
  });
}

test('tokens stand by their names and the checksum is masked', () => {
  const sample = node();
  const { userData, files } = NodeUserData.fromNode(sample);
  expect(userData).toContain('VALUE_CONFIGURATION_REGION=base64(${AWS::Region})');
  expect(userData).toContain('VALUE_BOOTSTRAP_BUNDLE_BUCKET=base64(cdk-hnb659fds-assets-${AWS::AccountId}-${AWS::Region})');
  expect(userData).toContain('VALUE_BOOTSTRAP_BUNDLE_KEY=base64(<bundle>)');
  expect(userData).not.toContain(sample.bundle.sha256);
  expect(files).toEqual(sample.bundle.files);
});

test('commands with tokens are readable', () => {
  const sample = node();
  sample.userData.addCommands(`echo ${Aws.ACCOUNT_ID}`);
  expect(NodeUserData.fromNode(sample).userData).toContain('\necho ${AWS::AccountId}\n');
});
