import { App, Stack, Validations } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as sns from 'aws-cdk-lib/aws-sns';
import { AwsSolutionsChecks } from 'cdk-nag';
import { Cluster, NodeImage, NodeOs, VirtualDesktopNode } from '../../lib';
import { thrownBy } from '../thrown-by';

/** What AwsSolutions finds in an image, and why it is meant to be so: docs/images.md has the same list. */
const FINDINGS: readonly [place: string, finding: string][] = [
  // Builds that have begun before a deployment take the bundle of theirs, and each is checked by its checksum.
  ['Lab/Image/Role', 'IAM5[Resource::arn:<AWS::Partition>:s3:::cdk-hnb659fds-assets-<AWS::AccountId>-<AWS::Region>/*.cluster-node-bundle]'],
  // The versions of one component.
  ['Lab/Image/Role', 'IAM5[Resource::arn:<AWS::Partition>:imagebuilder:<AWS::Region>:<AWS::AccountId>:component/<name>/*]'],
  // The DCV server asks for its licence there, when the image is tested.
  ['Lab/Image/Role', 'IAM5[Resource::arn:<AWS::Partition>:s3:::dcv-license.<AWS::Region>/*]'],
  // AWS names the buckets of Image Builder like this.
  ['Lab/Image/Role', 'IAM5[Resource::arn:<AWS::Partition>:s3:::ec2imagebuilder*]'],
  // The agent of Systems Manager tells of itself, and its channels know no resource.
  ['Lab/Image/Role', 'IAM5[Resource::arn:<AWS::Partition>:ec2:<AWS::Region>:<AWS::AccountId>:instance/*]'],
  ['Lab/Image/Role', 'IAM5[Resource::*]'],
  // Systems Manager looks for the image that is written, and DescribeImages knows no resource.
  ['Lab/Image/Parameter/CustomResourcePolicy', 'IAM5[Resource::*]'],
  // AWS keeps the policies up to date with what the services need.
  ['Lab/Image/LifecycleRole', 'IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/service-role/EC2ImageBuilderLifecycleExecutionPolicy]'],
  [
    'Lab/AWS679f53fac002430cb0da5b7982bd2287/ServiceRole',
    'IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole]',
  ],
];

test('AwsSolutions finds in an image what is known, and no more', () => {
  const app = new App();
  Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
  const nodes = new Stack(app, 'Nodes');
  const cluster = new Cluster(nodes, 'Cluster', { clusterId: 'lab', vpc: new ec2.Vpc(nodes, 'Vpc') });
  const node = new VirtualDesktopNode(nodes, 'Desktop', { cluster, os: NodeOs.WINDOWS_2022 });
  const stack = new Stack(app, 'Lab');
  const failureTopic = new sns.Topic(stack, 'Topic', { enforceSSL: true });
  const image = new NodeImage(stack, 'Image', { node, launchesNode: false, fastLaunch: {}, failureTopic });
  jest.spyOn(console, 'error').mockImplementation();
  const { message } = thrownBy(() => app.synth()) as Error;
  const found = [...message.matchAll(/^ +(Lab\/\S+)\/Resource .*\n.*'AwsSolutions::AwsSolutions-(.*)'/gm)];
  expect(found.map(([, place, finding]) => [place, finding.replace(image.pipelineName, '<name>')]).sort()).toEqual([...FINDINGS].sort());
});
