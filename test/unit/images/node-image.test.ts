import { Duration, Stack, Token } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as events from 'aws-cdk-lib/aws-events';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as s3 from 'aws-cdk-lib/aws-s3';
import * as sns from 'aws-cdk-lib/aws-sns';
import {
  BootstrapTemplates,
  ClusterNode,
  DownloadSource,
  ImageBuildStart,
  LoginNode,
  NodeImage,
  type NodeImageProps,
  NodeOs,
  NodeType,
  VirtualDesktopNode,
  type VirtualDesktopNodeProps,
} from '../../../lib';
import { sampleCluster, snapshotOf, withoutHashes } from '../../sample-cluster';
import { thrownBy } from '../../thrown-by';
import { writeFiles } from '../../write-files';

function desktopImage(
  props: Partial<NodeImageProps> | ((stack: Stack) => Partial<NodeImageProps>) = {},
  node: Partial<VirtualDesktopNodeProps> = {},
  templates?: BootstrapTemplates,
) {
  const { stack, cluster, app } = sampleCluster({ templates });
  const desktop = new VirtualDesktopNode(stack, 'Desktop', { cluster, os: NodeOs.UBUNTU_24_04, ...node });
  const given = typeof props === 'function' ? props(stack) : props;
  const image = new NodeImage(stack, 'Image', { node: desktop, ...given });
  return { app, stack, cluster, desktop, image, template: () => Template.fromStack(stack) };
}

const BASE = { Ref: Match.stringLikeRegexp('^SsmParameterValue.*ubuntu.*2404') };

test('the template of a pipeline for a Linux desktop, and for a Windows one with Fast Launch', () => {
  expect(snapshotOf(desktopImage().template())).toMatchSnapshot();
  const windows = desktopImage(
    (stack) => ({
      fastLaunch: { snapshots: 8 },
      buildStart: ImageBuildStart.DURING_DEPLOYMENT,
      schedule: { expression: events.Schedule.cron({ day: '1', hour: '3', minute: '0' }), timezone: 'Europe/Berlin' },
      failureTopic: new sns.Topic(stack, 'Topic'),
    }),
    { os: NodeOs.WINDOWS_2022 },
  );
  expect(snapshotOf(windows.template())).toMatchSnapshot();
});

test('the component documents', () => {
  const data = (template: Template): unknown => {
    const [component] = Object.values(template.findResources('AWS::ImageBuilder::Component')) as { Properties: { Data: unknown } }[];
    return withoutHashes(component.Properties.Data as object);
  };
  expect(data(desktopImage().template())).toMatchSnapshot();
  expect(data(desktopImage({}, { os: NodeOs.WINDOWS_2022 }).template())).toMatchSnapshot();
});

describe('the parameter', () => {
  test('is created with the image of the node, and written by no later deployment', () => {
    const template = desktopImage().template();
    template.resourceCountIs('AWS::SSM::Parameter', 0);
    const [parameter] = Object.values(template.findResources('Custom::NodeImageParameter')) as {
      Properties: { Create: { 'Fn::Join': [string, unknown[]] }; Update?: unknown };
    }[];
    expect(parameter.Properties.Update).toBeUndefined();
    const [before, value, behind] = parameter.Properties.Create['Fn::Join'][1];
    expect(before).toMatch(/"action":"PutParameter".*"Name":"\/imagebuilder\/lab\/stack-image-[0-9a-f]{8}".*"Value":"$/);
    expect(value).toEqual({ Ref: expect.stringContaining('ubuntu') as string });
    expect(behind).not.toContain('Overwrite');
    expect(behind).toMatch(/"DataType":"aws:ec2:image".*"physicalResourceId":\{"id":"\/imagebuilder\/lab\/stack-image-[0-9a-f]{8}"\}/);
  });

  test('is what the node launches from, and others that are given it', () => {
    const { stack, cluster, image, template } = desktopImage();
    new VirtualDesktopNode(stack, 'Other', { cluster, os: NodeOs.UBUNTU_24_04, machineImage: image.machineImage });
    const ids = Object.values(template().findResources('AWS::EC2::LaunchTemplate')).map(
      ({ Properties }) => (Properties as { LaunchTemplateData: { ImageId: unknown } }).LaunchTemplateData.ImageId,
    );
    const parameter = Object.keys(template().findResources('Custom::NodeImageParameter'))[0];
    expect(ids).toEqual(Array(2).fill({ 'Fn::Join': ['', ['resolve:ssm:', { Ref: parameter }]] }));
  });

  test('is not for the node with launchesNode: false', () => {
    desktopImage({ launchesNode: false })
      .template()
      .hasResourceProperties('AWS::EC2::LaunchTemplate', { LaunchTemplateData: { ImageId: BASE } });
  });

  test('lies where the role of Image Builder may write, and the distribution writes it', () => {
    const { image, template } = desktopImage();
    expect(image.parameterName).toMatch(/^\/imagebuilder\/lab\//);
    template().hasResourceProperties('AWS::ImageBuilder::DistributionConfiguration', {
      Distributions: [{ SsmParameterConfigurations: [{ ParameterName: image.parameterName, DataType: 'aws:ec2:image' }] }],
    });
    template().hasResourceProperties('AWS::ImageBuilder::ImagePipeline', {
      Name: image.pipelineName,
      Tags: { 'cluster-node:ImageParameter': image.parameterName, 'cluster-node:ClusterId': 'lab' },
    });
  });
});

test('a changed script changes the component and the launch template, and nothing else', () => {
  const resources = (comment: string): { [id: string]: { Type: string } } => {
    const folder = writeFiles({ 'compute_node/setup_user_customization.sh.j2': `#!/bin/bash\n# ${comment}\n` });
    const { template } = desktopImage({}, {}, BootstrapTemplates.fromDirectory(folder));
    return (template().toJSON() as { Resources: { [id: string]: { Type: string } } }).Resources;
  };
  const [before, after] = [resources('one'), resources('two')];
  expect(Object.keys(after)).toEqual(Object.keys(before));
  const changed = Object.keys(after).filter((id) => JSON.stringify(after[id]) !== JSON.stringify(before[id]));
  // A component cannot be changed: CloudFormation makes the next version, and of the recipe, which names its ARN.
  expect(changed.map((id) => after[id].Type).sort()).toEqual(['AWS::EC2::LaunchTemplate', 'AWS::ImageBuilder::Component']);
});

test('versions are those that Image Builder counts', () => {
  const { template } = desktopImage();
  template().hasResourceProperties('AWS::ImageBuilder::Component', { Version: '1.0.x' });
  template().hasResourceProperties('AWS::ImageBuilder::ImageRecipe', { Version: '1.0.x' });
});

describe('the base image', () => {
  test('of a node without one is the parameter of the vendor, read at each build', () => {
    desktopImage().template().hasResourceProperties('AWS::ImageBuilder::ImageRecipe', {
      ParentImage: 'ssm:/aws/service/canonical/ubuntu/server/24.04/stable/current/amd64/hvm/ebs-gp3/ami-id',
    });
  });

  test('of a node with one is that', () => {
    const machineImage = ec2.MachineImage.genericLinux({ 'eu-west-1': 'ami-0123456789abcdef0' });
    const { stack, cluster } = sampleCluster({ stackProps: { env: { account: '111122223333', region: 'eu-west-1' } } });
    const node = new VirtualDesktopNode(stack, 'Desktop', { cluster, os: NodeOs.UBUNTU_24_04, machineImage });
    new NodeImage(stack, 'Image', { node });
    Template.fromStack(stack).hasResourceProperties('AWS::ImageBuilder::ImageRecipe', { ParentImage: 'ami-0123456789abcdef0' });
  });

  test('may not be an image of a NodeImage', () => {
    const { stack, cluster, image } = desktopImage();
    const node = new VirtualDesktopNode(stack, 'Other', { cluster, os: NodeOs.UBUNTU_24_04, machineImage: image.machineImage });
    expect(thrownBy(() => new NodeImage(stack, 'Second', { node }))).toMatchObject({
      code: 'UnfitBaseImage',
      message: expect.stringContaining('leave machineImage of the node out') as string,
    });
  });
});

describe('where a build is made', () => {
  test('in a private subnet of the node, on its instance type, with IMDSv2 alone', () => {
    desktopImage({}, { instanceType: new ec2.InstanceType('c7i.2xlarge') })
      .template()
      .hasResourceProperties('AWS::ImageBuilder::InfrastructureConfiguration', {
        InstanceTypes: ['c7i.2xlarge'],
        SubnetId: { Ref: Match.stringLikeRegexp('^VpcPrivateSubnet1') },
        InstanceMetadataOptions: { HttpTokens: 'required', HttpPutResponseHopLimit: 1 },
        TerminateInstanceOnFailure: true,
      });
  });

  test('with another type, other subnets and a security group of one’s own', () => {
    const { template } = desktopImage((stack) => ({
      instanceType: new ec2.InstanceType('g6.xlarge'),
      vpcSubnets: { subnetType: ec2.SubnetType.PUBLIC },
      securityGroups: [ec2.SecurityGroup.fromSecurityGroupId(stack, 'Group', 'sg-11111111')],
    }));
    template().hasResourceProperties('AWS::ImageBuilder::InfrastructureConfiguration', {
      InstanceTypes: ['g6.xlarge'],
      SubnetId: { Ref: Match.stringLikeRegexp('^VpcPublicSubnet1') },
      SecurityGroupIds: ['sg-11111111'],
    });
  });

  test('with a role that reads bundles and the mirror of the node, and nothing of the cluster', () => {
    const actions = rolePolicies(desktopImage().template(), /^ImageRole/).map(({ Action }) => Action);
    expect(actions).toEqual([
      's3:GetObject',
      // The licence of DCV, for the test.
      's3:GetObject',
      'ssm:UpdateInstanceInformation',
      ['ssmmessages:CreateControlChannel', 'ssmmessages:OpenControlChannel'],
      'imagebuilder:GetComponent',
      's3:GetObject',
      ['logs:CreateLogStream', 'logs:PutLogEvents'],
      'logs:CreateLogGroup',
    ]);
    const { stack, cluster } = sampleCluster();
    const dcvSource = DownloadSource.s3(s3.Bucket.fromBucketName(stack, 'Mirror', 'mirror-of-dcv'), 'dcv');
    new NodeImage(stack, 'Image', { node: new VirtualDesktopNode(stack, 'Desktop', { cluster, os: NodeOs.UBUNTU_24_04, dcvSource }) });
    expect(JSON.stringify(rolePolicies(Template.fromStack(stack), /^ImageRole/))).toContain(':s3:::mirror-of-dcv/dcv/*');
  });
});

describe('builds', () => {
  test('start behind a deployment that changes the recipe, when network, log group and parameter are there', () => {
    desktopImage()
      .template()
      .hasResource('Custom::NodeImageStart', {
        Properties: { Recipe: { 'Fn::GetAtt': [Match.stringLikeRegexp('^ImageRecipe'), 'Arn'] } },
        DependsOn: Match.arrayWith([
          Match.stringLikeRegexp('^ImageLogGroup'),
          Match.stringLikeRegexp('^ImageParameter'),
          Match.stringLikeRegexp('^VpcPrivateSubnet1DefaultRoute'),
        ]),
      });
  });

  test('are part of a deployment if asked for', () => {
    const { template } = desktopImage({ buildStart: ImageBuildStart.DURING_DEPLOYMENT });
    template().resourceCountIs('AWS::ImageBuilder::Image', 1);
    template().resourceCountIs('Custom::NodeImageStart', 0);
  });

  test('are started by hand alone if asked for', () => {
    const { template } = desktopImage({ buildStart: ImageBuildStart.ON_REQUEST });
    template().resourceCountIs('AWS::ImageBuilder::Image', 0);
    template().resourceCountIs('Custom::NodeImageStart', 0);
  });

  test.each([
    [undefined, 'EXPRESSION_MATCH_ONLY'],
    [true, 'EXPRESSION_MATCH_AND_DEPENDENCY_UPDATES_AVAILABLE'],
  ])('have a schedule, onlyWithDependencyUpdates %s', (onlyWithDependencyUpdates, condition) => {
    desktopImage({ schedule: { expression: events.Schedule.rate(Duration.days(30)), onlyWithDependencyUpdates } })
      .template()
      .hasResourceProperties('AWS::ImageBuilder::ImagePipeline', {
        Schedule: { ScheduleExpression: 'rate(30 days)', PipelineExecutionStartCondition: condition },
      });
  });

  test('that fail are told to a topic, and no others', () => {
    desktopImage((stack) => ({ failureTopic: new sns.Topic(stack, 'Topic') }))
      .template()
      .hasResourceProperties('AWS::Events::Rule', {
        EventPattern: {
          source: ['aws.imagebuilder'],
          detail: { state: { status: ['FAILED'] } },
          resources: [{ prefix: { 'Fn::Join': ['', Match.arrayWith([Match.stringLikeRegexp(':image/stack-image-.*/$')])] } }],
        },
      });
  });
});

describe('encryption', () => {
  test('is with the key of the node’s root volume, or another', () => {
    const keyOf = ({ template }: ReturnType<typeof desktopImage>) => template().findResources('AWS::ImageBuilder::ImageRecipe');
    const json = (value: unknown) => JSON.stringify(value);
    const { stack, cluster } = sampleCluster();
    const encryptionKey = new kms.Key(stack, 'Key');
    const node = new VirtualDesktopNode(stack, 'Desktop', { cluster, os: NodeOs.UBUNTU_24_04, rootVolume: { encryptionKey } });
    new NodeImage(stack, 'Image', { node });
    expect(json(Template.fromStack(stack).findResources('AWS::ImageBuilder::ImageRecipe'))).toMatch(/"KmsKeyId":\{"Fn::GetAtt":\["Key/);
    expect(json(keyOf(desktopImage((own) => ({ encryptionKey: new kms.Key(own, 'Own') }))))).toMatch(/"KmsKeyId":\{"Fn::GetAtt":\["Own/);
    expect(json(keyOf(desktopImage()))).not.toContain('KmsKeyId');
  });

  test('with a key of one’s own is needed to share an image', () => {
    expect(thrownBy(() => desktopImage({ sharedWithAccounts: ['222233334444'] }))).toMatchObject({ code: 'SharedImageNeedsKey' });
    desktopImage((stack) => ({ sharedWithAccounts: ['222233334444'], encryptionKey: new kms.Key(stack, 'Key') }))
      .template()
      .hasResourceProperties('AWS::ImageBuilder::DistributionConfiguration', {
        Distributions: [{ AmiDistributionConfiguration: { LaunchPermissionConfiguration: { UserIds: ['222233334444'] } } }],
      });
  });
});

test('a login node, whose group keeps its instances when there is a new image', () => {
  const { stack, cluster } = sampleCluster();
  const node = new LoginNode(stack, 'Login', { cluster, os: NodeOs.AMAZON_LINUX_2023 });
  new NodeImage(stack, 'Image', { node });
  const template = Template.fromStack(stack);
  // Nothing in it changes with a build.
  template.hasResourceProperties('AWS::EC2::LaunchTemplate', {
    LaunchTemplateData: { ImageId: { 'Fn::Join': ['', ['resolve:ssm:', { Ref: Match.stringLikeRegexp('^ImageParameter') }]] } },
  });
});

describe('an error says what is wrong', () => {
  test.each<[string, Partial<NodeImageProps>, string]>([
    ['OutOfRange', { keepImages: 0 }, 'expected keepImages to be an integer from 1 to 1000, got 0 (at Stack/Image)'],
    ['OutOfRange', { keepImages: Token.asNumber({}) }, 'got a token; pass a number known at synth'],
    [
      'ArchitectureMismatch',
      { instanceType: new ec2.InstanceType('m7g.large') },
      'expected an instance type of architecture x86_64, got m7g.large, which is arm64',
    ],
    ['InvalidInstanceType', { instanceType: new ec2.InstanceType('large') }, "got 'large' (at Stack/Image)"],
    ['UnsupportedOnOs', { fastLaunch: {} }, 'expected fastLaunch for Windows alone, got it for ubuntu2404'],
    ['InvalidAccount', { sharedWithAccounts: ['lab'] }, "expected sharedWithAccounts to hold accounts of 12 digits, got 'lab'"],
  ])('%s', (code, props, message) => {
    expect(thrownBy(() => desktopImage(props))).toMatchObject({ code, message: expect.stringContaining(message) as string });
  });

  test.each([
    ['snapshots', 0],
    ['maxParallelLaunches', 5],
  ])('fastLaunch.%s', (name, value) => {
    expect(thrownBy(() => desktopImage({ fastLaunch: { [name]: value } }, { os: NodeOs.WINDOWS_2022 }))).toMatchObject({
      code: 'OutOfRange',
      message: expect.stringContaining(`fastLaunch.${name}`) as string,
    });
  });

  test('an image in another stack that its node is to launch from', () => {
    const { app, desktop } = desktopImage();
    const other = new Stack(app, 'Other');
    expect(thrownBy(() => new NodeImage(other, 'Image', { node: desktop }))).toMatchObject({ code: 'ImageInOtherStack' });
    new NodeImage(other, 'Loose', { node: desktop, launchesNode: false });
    Template.fromStack(other).resourceCountIs('AWS::ImageBuilder::ImagePipeline', 1);
  });

  test('a node without an install', () => {
    const { stack, cluster } = sampleCluster();
    const folder = writeFiles({ 'compute_node/setup.sh.j2': '#!/bin/bash\n' });
    const templates = BootstrapTemplates.fromDirectory(folder);
    const node = new ClusterNode(stack, 'Node', { cluster, os: NodeOs.UBUNTU_24_04, nodeType: NodeType.COMPUTE_NODE, templates });
    expect(thrownBy(() => new NodeImage(stack, 'Image', { node }))).toMatchObject({ code: 'NothingToInstall' });
  });
});

function rolePolicies(template: Template, id: RegExp): { Action: unknown; Resource: unknown }[] {
  const roles = template.findResources('AWS::IAM::Role') as {
    [id: string]: { Properties: { Policies: { PolicyDocument: { Statement: { Action: unknown; Resource: unknown }[] } }[] } };
  };
  return Object.entries(roles)
    .filter(([name]) => id.test(name))
    .flatMap(([, { Properties }]) => Properties.Policies.flatMap(({ PolicyDocument }) => PolicyDocument.Statement));
}
