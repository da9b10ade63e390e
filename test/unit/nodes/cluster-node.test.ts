import { createHash } from 'crypto';
import * as fs from 'fs';
import * as path from 'path';
import { App, Aws, CfnParameter, Duration, Lazy, Size, Stack, Stage, Tags, Token } from 'aws-cdk-lib';
import { Annotations, Match, Template } from 'aws-cdk-lib/assertions';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as efs from 'aws-cdk-lib/aws-efs';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as kms from 'aws-cdk-lib/aws-kms';
import {
  BootstrapTemplates,
  Cluster,
  ClusterNode,
  type ClusterNodeProps,
  NodeOs,
  NodeOsFamily,
  NodeTags,
  NodeTenancy,
  NodeType,
  NodeUserData,
  PackageManager,
  SharedFileSystem,
  VirtualDesktopNode,
} from '../../../lib';
import { addNode, bootstrapStatements, FixedImage, sampleCluster, snapshotOf, withoutHashes } from '../../sample-cluster';
import { writeFiles } from '../../write-files';

const { X86_64, ARM_64 } = ec2.InstanceArchitecture;

function nodeWith(props: Partial<ClusterNodeProps> = {}, clusterOptions: Parameters<typeof sampleCluster>[0] = {}) {
  const { app, stack, vpc, cluster } = sampleCluster(clusterOptions);
  const node = new ClusterNode(stack, 'Node', { cluster, os: NodeOs.AMAZON_LINUX_2023, nodeType: NodeType.COMPUTE_NODE, ...props });
  return { app, stack, vpc, cluster, node };
}

function clusterIn(stack: Stack, id: string, vpc: ec2.IVpc, fileSystems: SharedFileSystem[]): Cluster {
  return new Cluster(stack, id, { clusterId: 'lab', vpc, fileSystems });
}

function launchTemplateData(stack: Stack): { [key: string]: any } {
  const templates = Object.values(Template.fromStack(stack).findResources('AWS::EC2::LaunchTemplate'));
  expect(templates).toHaveLength(1);
  return (templates[0] as { Properties: { LaunchTemplateData: { [key: string]: any } } }).Properties.LaunchTemplateData;
}

describe('defaults', () => {
  test('the whole template', () => {
    const { stack } = nodeWith();
    expect(snapshotOf(Template.fromStack(stack))).toMatchSnapshot();
  });

  test('metadata: IMDSv2 only, one hop, with instance tags', () => {
    expect(launchTemplateData(nodeWith().stack).MetadataOptions).toEqual({
      HttpEndpoint: 'enabled',
      HttpTokens: 'required',
      HttpPutResponseHopLimit: 1,
      InstanceMetadataTags: 'enabled',
    });
  });

  test('root volume: 40 GiB, gp3, encrypted, on the device of the image', () => {
    expect(launchTemplateData(nodeWith().stack).BlockDeviceMappings).toEqual([
      { DeviceName: '/dev/xvda', Ebs: { VolumeSize: 40, VolumeType: 'gp3', Encrypted: true, DeleteOnTermination: true } },
    ]);
  });

  test('the image is read from the public SSM parameter when the stack is deployed', () => {
    const { stack } = nodeWith();
    const imageId = launchTemplateData(stack).ImageId as { Ref: string };
    expect(Template.fromStack(stack).toJSON().Parameters[imageId.Ref]).toMatchObject({
      Type: 'AWS::SSM::Parameter::Value<AWS::EC2::Image::Id>',
      Default: '/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-x86_64',
    });
  });

  test.each([
    [X86_64, 'm7i.large'],
    [ARM_64, 'm7g.large'],
  ])('instance type on %s: %s', (architecture, type) => {
    expect(launchTemplateData(nodeWith({ architecture }).stack).InstanceType).toBe(type);
  });

  test('a security group without inbound rules', () => {
    const template = Template.fromStack(nodeWith().stack);
    template.hasResourceProperties('AWS::EC2::SecurityGroup', {
      SecurityGroupIngress: Match.absent(),
      SecurityGroupEgress: Match.anyValue(),
    });
    template.resourceCountIs('AWS::EC2::SecurityGroupIngress', 0);
  });

  test('tags on instance, volume and network interface', () => {
    const specifications = launchTemplateData(nodeWith().stack).TagSpecifications as { ResourceType: string; Tags: unknown }[];
    expect(specifications.map((specification) => specification.ResourceType)).toEqual(['instance', 'volume', 'network-interface']);
    for (const { Tags: tags } of specifications) {
      expect(tags).toEqual(
        expect.arrayContaining([
          { Key: 'Name', Value: 'Stack/Node/LaunchTemplate' },
          { Key: NodeTags.CLUSTER_ID, Value: 'lab' },
          { Key: NodeTags.NODE_TYPE, Value: 'compute_node' },
          { Key: NodeTags.BASE_OS, Value: 'amazonlinux2023' },
        ]),
      );
    }
  });

  test('the template is the same with all feature flags and with none', () => {
    const flags = JSON.parse(fs.readFileSync(path.join(__dirname, '..', '..', '..', 'cdk.json'), 'utf8')) as {
      context: { [key: string]: unknown };
    };
    const data = (context: { [key: string]: unknown }) => withoutHashes(launchTemplateData(nodeWith({}, { context }).stack));
    const withoutPartitions = { ...flags.context, '@aws-cdk/core:enablePartitionLiterals': false };
    expect(data(withoutPartitions)).toEqual(data({}));
  });
});

describe('properties', () => {
  test('instanceType and the architecture that follows from it', () => {
    const { stack, node } = nodeWith({ instanceType: new ec2.InstanceType('c7g.xlarge') });
    expect(node.architecture).toBe(ARM_64);
    expect(launchTemplateData(stack).InstanceType).toBe('c7g.xlarge');
  });

  test('machineImage', () => {
    expect(launchTemplateData(nodeWith({ machineImage: new FixedImage() }).stack).ImageId).toBe('ami-11111111');
  });

  test('keyPair', () => {
    const { stack, cluster } = sampleCluster();
    const keyPair = ec2.KeyPair.fromKeyPairName(stack, 'Key', 'my-key');
    new ClusterNode(stack, 'Node', { cluster, os: NodeOs.AMAZON_LINUX_2023, nodeType: NodeType.COMPUTE_NODE, keyPair });
    expect(launchTemplateData(stack).KeyName).toBe('my-key');
  });

  test('rootVolume', () => {
    const { stack, cluster } = sampleCluster();
    const encryptionKey = new kms.Key(stack, 'Key');
    new ClusterNode(stack, 'Node', {
      cluster,
      os: NodeOs.UBUNTU_24_04,
      nodeType: NodeType.COMPUTE_NODE,
      rootVolume: { size: Size.gibibytes(100), iops: 4000, throughput: 500, initializationRate: 300, encryptionKey },
    });
    expect(launchTemplateData(stack).BlockDeviceMappings).toEqual([
      {
        DeviceName: '/dev/sda1',
        Ebs: {
          VolumeSize: 100,
          VolumeType: 'gp3',
          Encrypted: true,
          DeleteOnTermination: true,
          Iops: 4000,
          Throughput: 500,
          VolumeInitializationRate: 300,
          KmsKeyId: { 'Fn::GetAtt': [expect.stringMatching(/^Key/), 'Arn'] },
        },
      },
    ]);
  });

  test('blockDevices are encrypted unless they say otherwise', () => {
    const { stack } = nodeWith({
      blockDevices: [
        { deviceName: '/dev/sdf', volume: ec2.BlockDeviceVolume.ebs(200) },
        { deviceName: '/dev/sdg', volume: ec2.BlockDeviceVolume.ebs(200, { encrypted: false }) },
        { deviceName: '/dev/sdh', volume: ec2.BlockDeviceVolume.ebsFromSnapshot('snap-1') },
        { deviceName: '/dev/sdi', volume: ec2.BlockDeviceVolume.ephemeral(0) },
      ],
    });
    const mappings = launchTemplateData(stack).BlockDeviceMappings as { DeviceName: string; Ebs?: { Encrypted?: boolean } }[];
    expect(mappings.map((mapping) => [mapping.DeviceName, mapping.Ebs?.Encrypted])).toEqual([
      ['/dev/xvda', true],
      ['/dev/sdf', true],
      ['/dev/sdg', false],
      ['/dev/sdh', undefined],
      ['/dev/sdi', undefined],
    ]);
  });

  test('hibernation', () => {
    expect(launchTemplateData(nodeWith({ hibernation: true }).stack).HibernationOptions).toEqual({ Configured: true });
    // As much as fits, and types whose names do not tell.
    nodeWith({ hibernation: true, instanceType: new ec2.InstanceType('c7i-flex.4xlarge'), rootVolume: { size: Size.gibibytes(40) } });
    nodeWith({ hibernation: true, instanceType: new ec2.InstanceType('m6i.8xlarge'), rootVolume: { size: Size.gibibytes(136) } });
    nodeWith({ hibernation: true, instanceType: new ec2.InstanceType('t3.2xlarge') });
  });

  test('tenancy, hostId and placementGroup', () => {
    const { stack, cluster } = sampleCluster();
    const placementGroup = ec2.PlacementGroup.fromPlacementGroupName(stack, 'Group', 'my-group');
    new ClusterNode(stack, 'Node', {
      cluster,
      os: NodeOs.AMAZON_LINUX_2023,
      nodeType: NodeType.COMPUTE_NODE,
      tenancy: NodeTenancy.HOST,
      hostId: 'h-1',
      placementGroup,
    });
    expect(launchTemplateData(stack).Placement).toEqual({ Tenancy: 'host', HostId: 'h-1', GroupName: 'my-group' });
  });

  test('capacityReservation', () => {
    const target = (props: Partial<ClusterNodeProps>) => launchTemplateData(nodeWith(props).stack).CapacityReservationSpecification;
    expect(target({ capacityReservation: { capacityReservationId: 'cr-1' } })).toEqual({
      CapacityReservationTarget: { CapacityReservationId: 'cr-1' },
    });
    expect(target({ capacityReservation: { capacityReservationResourceGroupArn: 'arn:x' } })).toEqual({
      CapacityReservationTarget: { CapacityReservationResourceGroupArn: 'arn:x' },
    });
  });

  test('cpuOptions', () => {
    expect(launchTemplateData(nodeWith({ cpuOptions: { coreCount: 2, threadsPerCore: 1 } }).stack).CpuOptions).toEqual({
      CoreCount: 2,
      ThreadsPerCore: 1,
    });
  });

  test('detailedMonitoring', () => {
    expect(launchTemplateData(nodeWith({ detailedMonitoring: true }).stack).Monitoring).toEqual({ Enabled: true });
  });

  test('role, securityGroup and additionalSecurityGroups', () => {
    const { stack, cluster } = sampleCluster();
    const role = new iam.Role(stack, 'MyRole', { assumedBy: new iam.ServicePrincipal('ec2.amazonaws.com') });
    const group = (id: string) => ec2.SecurityGroup.fromSecurityGroupId(stack, id, id);
    const node = new ClusterNode(stack, 'Node', {
      cluster,
      os: NodeOs.AMAZON_LINUX_2023,
      nodeType: NodeType.COMPUTE_NODE,
      role,
      securityGroup: group('sg-11111111'),
      additionalSecurityGroups: [group('sg-22222222'), group('sg-33333333')],
    });
    expect(node.role).toBe(role);
    Template.fromStack(stack).hasResourceProperties('AWS::IAM::Policy', {
      PolicyDocument: { Statement: Match.arrayWith([Match.objectLike({ Action: 'ec2:CreateTags' })]) },
    });
    expect(launchTemplateData(stack).SecurityGroupIds).toEqual(['sg-11111111', 'sg-22222222', 'sg-33333333']);
    Template.fromStack(stack).resourceCountIs('AWS::IAM::Role', 1);
  });

  test('packages, configuration, maxReboots and bootstrapTimeout reach the scripts', () => {
    const plain = nodeWith().node.bundle;
    const { node } = nodeWith({ packages: ['tmux'], maxReboots: 3, bootstrapTimeout: Duration.minutes(20) });
    expect(node.bundle.files['setup.install.sh']).toMatch(/\btmux\b/);
    expect(plain.files['setup.install.sh']).not.toMatch(/\btmux\b/);
    expect(node.bundle.files['runner.sh']).toMatch(/\b1200\b/);
    expect(plain.files['runner.sh']).not.toMatch(/\b1200\b/);
  });

  test('a phase has the time of what it waits for besides its own, within that of the whole bootstrap', () => {
    const nfs = SharedFileSystem.nfs({ server: 'nfs', mountPath: '/data', timeout: Duration.minutes(7) });
    const options = { fileSystems: [nfs], waitForStacks: ['network'], waitForStacksTimeout: Duration.minutes(11) };
    const runner = (bootstrapTimeout: Duration) => nodeWith({ bootstrapTimeout }, options).node.bundle.files['runner.sh'];
    const setup = 1800 + 7 * 60 + 11 * 60;
    expect(runner(Duration.hours(2))).toMatch(new RegExp(`setup\\b.*\\b${setup}\\b`));
    expect(runner(Duration.minutes(40))).toMatch(/setup\b.*\b2400\b/);
  });

  test('templates of the node come before those of the cluster', () => {
    const overlay = (text: string) => BootstrapTemplates.fromDirectory(writeFiles({ 'compute_node/setup_user_customization.sh.j2': text }));
    const { node, stack, cluster } = nodeWith(
      { templates: overlay('echo node {{ context.get("/configuration/Mine") }}\n'), configuration: { '/configuration/Mine': 'a b' } },
      { templates: overlay('echo cluster\n') },
    );
    expect(node.bundle.files['setup_user_customization.sh']).toBe("echo node 'a b'\n");
    const other = new ClusterNode(stack, 'Other', { cluster, os: NodeOs.AMAZON_LINUX_2023, nodeType: NodeType.COMPUTE_NODE });
    expect(other.bundle.files['setup_user_customization.sh']).toBe('echo cluster\n');
  });
});

describe('what is refused', () => {
  test.each<[string, Partial<ClusterNodeProps>, RegExp]>([
    [
      'an architecture that is not the instance type’s',
      { architecture: X86_64, instanceType: new ec2.InstanceType('m7g.large') },
      /architecture x86_64, got m7g.large, which is arm64.*\(at Stack\/Node\)/,
    ],
    [
      'an architecture that the system does not have',
      { os: NodeOs.WINDOWS_2022, architecture: ARM_64, nodeType: NodeType.DCV_NODE },
      /windows2022 \(x86_64\), got arm64/,
    ],
    ['an instance type that is a token, without an architecture', { instanceType: new ec2.InstanceType(Aws.REGION) }, /pass architecture/],
    ['RHEL without an image', { os: NodeOs.RHEL_9 }, /machineImage for rhel9 on x86_64.*pass machineImage.*\(at Stack\/Node\)/],
    [
      'a login node on Windows',
      { os: NodeOs.WINDOWS_2022, nodeType: NodeType.LOGIN_NODE },
      /node type dcv_node on windows2022, got login_node/,
    ],
    ['a desktop without its settings', { nodeType: NodeType.DCV_NODE }, /use VirtualDesktopNode/],
    [
      'a root volume smaller than the image',
      { os: NodeOs.ROCKY_9, machineImage: new FixedImage(), rootVolume: { size: Size.gibibytes(8) } },
      /at least 10 GiB, the size of the rocky9 image, got 8 GiB/,
    ],
    ['iops out of range', { rootVolume: { iops: 100 } }, /rootVolume.iops to be an integer from 3000 to 16000, got 100/],
    [
      'initialization rate out of range',
      { rootVolume: { initializationRate: 400 } },
      /initializationRate to be an integer from 100 to 300, got 400/,
    ],
    ['throughput out of range', { rootVolume: { throughput: 2000 } }, /rootVolume.throughput to be an integer from 125 to 1000, got 2000/],
    [
      'an image of the other family',
      { machineImage: new FixedImage(ec2.OperatingSystemType.WINDOWS) },
      /machineImage for amazonlinux2023, got one for Windows/,
    ],
    [
      'hibernation on Rocky',
      { os: NodeOs.ROCKY_9, machineImage: new FixedImage(), hibernation: true },
      /can hibernate on x86_64, got rocky9/,
    ],
    ['hibernation on bare metal', { hibernation: true, instanceType: new ec2.InstanceType('m7i.metal-24xl') }, /which is bare metal/],
    ['hibernation on a Dedicated Host', { hibernation: true, tenancy: NodeTenancy.HOST }, /got a Dedicated Host/],
    [
      'hibernation of more memory than the root volume holds',
      { hibernation: true, instanceType: new ec2.InstanceType('m7i.4xlarge') },
      /at least 72 GiB, which the amazonlinux2023 image and the 64 GiB of memory of m7i.4xlarge take at hibernation, got 40 GiB/,
    ],
    [
      'hibernation of too much memory',
      { hibernation: true, instanceType: new ec2.InstanceType('r6id.8xlarge'), rootVolume: { size: Size.gibibytes(400) } },
      /at most 150 GiB of memory to hibernate with amazonlinux2023, got r6id.8xlarge, which has 256 GiB/,
    ],
    ['hostId without host tenancy', { hostId: 'h-1' }, /NodeTenancy.HOST with hostId, got no tenancy/],
    ['a capacity reservation without a target', { capacityReservation: {} }, /exactly one of capacityReservationId/],
    [
      'a capacity reservation with two targets',
      { capacityReservation: { capacityReservationId: 'cr-1', capacityReservationResourceGroupArn: 'arn' } },
      /exactly one of/,
    ],
    ['three threads per core', { cpuOptions: { threadsPerCore: 3 } }, /cpuOptions.threadsPerCore to be an integer from 1 to 2, got 3/],
    ['half a core', { cpuOptions: { coreCount: 0.5 } }, /cpuOptions.coreCount/],
    [
      'the root volume as one of the others',
      { blockDevices: [{ deviceName: '/dev/xvda', volume: ec2.BlockDeviceVolume.ebs(100) }] },
      /device name of its own, got \/dev\/xvda twice; describe the root volume with rootVolume/,
    ],
    [
      'two volumes with one name',
      { blockDevices: [1, 2].map((size) => ({ deviceName: '/dev/sdf', volume: ec2.BlockDeviceVolume.ebs(size) })) },
      /got \/dev\/sdf twice; change one of blockDevices/,
    ],
    [
      'a package name with a blank',
      { packages: ['a b'] },
      /names of packages known at synth, of letters, digits and \.\+_:@=~-, .*got 'a b'/,
    ],
    ['a package name that is an option', { packages: ['--nogpgcheck'] }, /got '--nogpgcheck'/],
    ['a package name that is a token', { packages: [Aws.REGION] }, /names of packages.*got a token/],
    [
      'an instance type with a hyphen for the dot',
      { instanceType: new ec2.InstanceType('m7i-xlarge'), architecture: X86_64 },
      /instance type of the form family\.size, such as m7i\.xlarge, got 'm7i-xlarge'/,
    ],
    [
      'throughput that is a token',
      { rootVolume: { throughput: Lazy.number({ produce: () => 200 }) } },
      /rootVolume.throughput .*got a token; pass a number known at synth/,
    ],
    ['reboots without end', { maxReboots: 100 }, /maxReboots to be an integer from 0 to 20, got 100/],
    ['a bootstrap of one minute', { bootstrapTimeout: Duration.minutes(1) }, /from 5 to 705 minutes.*got Duration.minutes\(1\)/],
    ['a bootstrap of a day', { bootstrapTimeout: Duration.days(1) }, /from 5 to 705 minutes/],
    ['a bootstrap whose time is a token', { bootstrapTimeout: Duration.seconds(Lazy.number({ produce: () => 600 })) }, /known at synth/],
    ['a configuration key that is none', { configuration: { 'no slash': 1 } }, /context key such as .*got 'no slash'/],
  ])('%s', (_, props, message) => {
    expect(() => nodeWith(props)).toThrow(message);
  });
});

describe('tokens in properties', () => {
  test('sizes, names and ids arrive as they are', () => {
    const { stack, cluster } = sampleCluster();
    const text = (id: string) => new CfnParameter(stack, id).valueAsString;
    const number = (id: string) => new CfnParameter(stack, id, { type: 'Number' }).valueAsNumber;
    new ClusterNode(stack, 'Node', {
      cluster,
      os: NodeOs.AMAZON_LINUX_2023,
      nodeType: NodeType.COMPUTE_NODE,
      architecture: X86_64,
      instanceType: new ec2.InstanceType(text('Type')),
      machineImage: new FixedImage(),
      rootVolume: { size: Size.gibibytes(number('Size')) },
      cpuOptions: { coreCount: number('Cores'), threadsPerCore: number('Threads') },
      tenancy: NodeTenancy.HOST,
      hostId: text('Host'),
      capacityReservation: { capacityReservationId: text('Reservation') },
      maxReboots: 5,
    });
    expect(launchTemplateData(stack)).toMatchObject({
      InstanceType: { Ref: 'Type' },
      BlockDeviceMappings: [{ Ebs: { VolumeSize: { Ref: 'Size' } } }],
      CpuOptions: { CoreCount: { Ref: 'Cores' }, ThreadsPerCore: { Ref: 'Threads' } },
      Placement: { Tenancy: 'host', HostId: { Ref: 'Host' } },
      CapacityReservationSpecification: { CapacityReservationTarget: { CapacityReservationId: { Ref: 'Reservation' } } },
    });
  });

  test('a launch-time value may be a token', () => {
    const { stack, node } = nodeWith();
    node.setLaunchTimeValue(NodeTags.PROJECT, Token.asString({ Ref: 'Project' }));
    expect(launchTemplateData(stack).TagSpecifications[0].Tags).toContainEqual({ Key: NodeTags.PROJECT, Value: { Ref: 'Project' } });
  });
});

describe('the bundle', () => {
  test('two nodes that differ in deploy-time values alone share one', () => {
    const { app, stack, vpc } = sampleCluster();
    const shared = ['One', 'Two'].map((id) => {
      const fileSystem = new efs.FileSystem(stack, `Efs${id}`, { vpc });
      const cluster = clusterIn(stack, `Cluster${id}`, vpc, [SharedFileSystem.efs({ fileSystem, mountPath: '/apps' })]);
      return new ClusterNode(stack, id, {
        cluster,
        os: NodeOs.AMAZON_LINUX_2023,
        nodeType: NodeType.COMPUTE_NODE,
        configuration: { '/configuration/Mine': new CfnParameter(stack, `Parameter${id}`).valueAsString },
      });
    });
    expect(shared[0].bundle.sha256).toBe(shared[1].bundle.sha256);
    expect(NodeUserData.fromNode(shared[0]).userData).not.toBe(NodeUserData.fromNode(shared[1]).userData);
    const assembly = app.synth();
    expect(fs.readdirSync(assembly.directory).filter((name) => name.endsWith('.cluster-node-bundle'))).toEqual([
      `asset.${shared[0].bundle.sha256}.cluster-node-bundle`,
    ]);
    const manifest = JSON.parse(fs.readFileSync(path.join(assembly.directory, 'Stack.assets.json'), 'utf8')) as {
      files: { [hash: string]: { source: unknown } };
    };
    expect(manifest.files[shared[0].bundle.sha256].source).toEqual({
      path: `asset.${shared[0].bundle.sha256}.cluster-node-bundle`,
      packaging: 'file',
    });
  });

  test('two desktops that differ in their owner alone share one, and have the same UserData', () => {
    const { stack, cluster } = sampleCluster();
    const desktops = ['alice', 'bob'].map(
      (sessionOwner) => new VirtualDesktopNode(stack, sessionOwner, { cluster, os: NodeOs.UBUNTU_24_04, sessionOwner }),
    );
    expect(desktops[0].bundle.sha256).toBe(desktops[1].bundle.sha256);
    expect(stack.resolve(desktops[0].userData.render())).toEqual(stack.resolve(desktops[1].userData.render()));
  });

  test('its checksum is in the UserData, and the role may read bundles alone', () => {
    const { stack, node } = nodeWith();
    expect(JSON.stringify(stack.resolve(node.userData.render()))).toContain(node.bundle.sha256);
    const statements = bootstrapStatements(Template.fromStack(stack));
    const read = statements.filter((statement) => statement.Action === 's3:GetObject');
    expect(read).toHaveLength(1);
    expect(JSON.stringify(read[0].Resource)).toMatch(/-assets-.*\/\*\.cluster-node-bundle"\]\]\}$/);
  });

  test('holds no token', () => {
    const { node } = nodeWith({ configuration: { '/configuration/Mine': Aws.STACK_ID } });
    expect(JSON.stringify(node.bundle.files)).not.toMatch(/\$\{Token\[|#\{Token\[/);
  });
});

describe('access', () => {
  test('the role of a compute node', () => {
    const { stack } = nodeWith({}, { waitForStacks: ['network'] });
    expect(withoutHashes(bootstrapStatements(Template.fromStack(stack)))).toMatchSnapshot();
  });

  test('file systems let the node in', () => {
    const { stack, vpc } = sampleCluster();
    const fileSystem = new efs.FileSystem(stack, 'Efs', { vpc });
    const cluster = clusterIn(stack, 'Shared', vpc, [SharedFileSystem.efs({ fileSystem, mountPath: '/apps' })]);
    new ClusterNode(stack, 'Node', { cluster, os: NodeOs.AMAZON_LINUX_2023, nodeType: NodeType.COMPUTE_NODE });
    Template.fromStack(stack).hasResourceProperties('AWS::EC2::SecurityGroupIngress', { FromPort: 2049, ToPort: 2049, IpProtocol: 'tcp' });
  });

  test('permissions and connections can be given to a node', () => {
    const { stack, node } = nodeWith();
    iam.Grant.addToPrincipal({ grantee: node, actions: ['s3:ListBucket'], resourceArns: ['arn:aws:s3:::data'] });
    node.connections.allowFrom(ec2.Peer.ipv4('10.0.0.0/8'), ec2.Port.tcp(22));
    const template = Template.fromStack(stack);
    template.hasResourceProperties('AWS::IAM::Policy', {
      PolicyDocument: { Statement: Match.arrayWith([Match.objectLike({ Action: 's3:ListBucket' })]) },
    });
    template.hasResourceProperties('AWS::EC2::SecurityGroup', {
      SecurityGroupIngress: [Match.objectLike({ FromPort: 22, CidrIp: '10.0.0.0/8' })],
    });
  });
});

describe('UserData', () => {
  test('nodes do not share it', () => {
    const { stack, cluster } = sampleCluster();
    const make = (id: string) => new ClusterNode(stack, id, { cluster, os: NodeOs.AMAZON_LINUX_2023, nodeType: NodeType.COMPUTE_NODE });
    const [one, two] = [make('One'), make('Two')];
    one.userData.addCommands('echo mine');
    expect(NodeUserData.fromNode(two).userData).not.toContain('echo mine');
  });

  test.each(['addOnExitCommands', 'addSignalOnExitCommand'] as const)('%s is refused', (method) => {
    const { node } = nodeWith();
    expect(() =>
      method === 'addOnExitCommands' ? node.userData.addOnExitCommands('x') : node.userData.addSignalOnExitCommand(node.launchTemplate),
    ).toThrow(/expected commands through addCommands/);
  });

  test('too much of it is an error that names the largest parts, in Template.fromStack as well', () => {
    const { stack, node } = nodeWith();
    node.userData.addCommands('true', `echo ${'x'.repeat(20_000)}`);
    expect(() => Template.fromStack(stack)).toThrow(
      /UserData of at most 16,384 bytes, got 2\d,\d{3}: \d+,\d{3} bytes too many; largest parts: command 'echo x+\.\.\.' 20,005, user_data\/linux\/user_data\.sh\.j2 [\d,]+, .*\(at Stack\/Node\)/,
    );
  });

  test('the last byte that fits is no error, the next one is', () => {
    const fill = (extra: number) => {
      const { stack, node } = nodeWith();
      node.userData.addCommands('true');
      node.userData.addCommands('x'.repeat(16_384 - node.userDataBudget.bytes - 1 + extra));
      return { stack, node };
    };
    const fits = fill(0);
    expect(fits.node.userDataBudget.bytes).toBe(16_384);
    expect(() => Template.fromStack(fits.stack)).not.toThrow();
    expect(() => Template.fromStack(fill(1).stack)).toThrow(/16,385: 1 bytes too many/);
  });

  test('a warning when only the worst case of the tokens is too much', () => {
    const { stack, node } = nodeWith();
    for (let index = 0; index < 5; index++) {
      node.userData.addCommands(`echo ${new CfnParameter(stack, `Parameter${index}`).valueAsString}`);
    }
    Annotations.fromStack(stack).hasWarning(
      '/Stack/Node',
      Match.stringLikeRegexp('up to 2[0-9],[0-9]{3} when every token is as long as it can be'),
    );
  });

  test('the budget counts bytes, not characters', () => {
    const { node } = nodeWith();
    const before = node.userDataBudget.bytes;
    node.userData.addCommands('☃');
    expect(node.userDataBudget.bytes - before).toBeGreaterThanOrEqual(3);
  });
});

describe('tags', () => {
  test('a tag of the stack reaches instances', () => {
    const { stack } = nodeWith();
    Tags.of(stack).add('team', 'platform');
    expect(launchTemplateData(stack).TagSpecifications[2].Tags).toContainEqual({ Key: 'team', Value: 'platform' });
  });

  test.each(['cost/center', '.', '..', '_index'])(
    'a tag key that the instance metadata does not allow is an error before EC2 refuses the launch: %s',
    (key) => {
      const { stack } = nodeWith();
      Tags.of(stack).add(key, '1');
      expect(() => Template.fromStack(stack)).toThrow(`got '${key}'; rename the tag, or keep it`);
      expect(() => Template.fromStack(stack)).toThrow('(at Stack/Node)');
    },
  );

  test.each(['...', '.a', '_index_', 'index'])('a tag key that looks like one of those is none: %s', (key) => {
    const { stack } = nodeWith();
    Tags.of(stack).add(key, '1');
    expect(() => Template.fromStack(stack)).not.toThrow();
  });

  test('a launch-time value longer than a tag is refused', () => {
    const { node } = nodeWith();
    expect(() => node.setLaunchTimeValue(NodeTags.PROJECT, 'x'.repeat(257))).toThrow(
      /at most 256 characters for cluster-node:Project, got 257/,
    );
  });
});

describe('warnings', () => {
  test('hibernation of a system of which it is not known', () => {
    const { stack } = nodeWith({ os: NodeOs.UBUNTU_24_04, hibernation: true });
    Annotations.fromStack(stack).hasWarning('/Stack/Node', Match.stringLikeRegexp('not known whether ubuntu2404 can hibernate'));
  });

  test('but not Windows in a cluster with shared file systems, which are for its Linux nodes', () => {
    const { stack, cluster } = sampleCluster({ fileSystems: [SharedFileSystem.nfs({ server: 'nfs', mountPath: '/apps' })] });
    new VirtualDesktopNode(stack, 'Desktop', { cluster, os: NodeOs.WINDOWS_2022 });
    Annotations.fromStack(stack).hasNoWarning('/Stack/Desktop', Match.anyValue());
  });
});

test('a custom operating system boots like the one it is built from', () => {
  const alma = NodeOs.custom({
    name: 'alma9',
    family: NodeOsFamily.LINUX,
    distribution: 'rhel',
    version: '9',
    packageManager: PackageManager.DNF,
    dcvFamily: 'el9',
    rootDeviceName: '/dev/nvme0n1',
    defaultUser: 'ec2-user',
  });
  const { stack, node } = nodeWith({ os: alma, machineImage: new FixedImage() });
  expect(launchTemplateData(stack).BlockDeviceMappings[0].DeviceName).toBe('/dev/nvme0n1');
  const rhel = nodeWith({ os: NodeOs.RHEL_9, machineImage: new FixedImage() }).node;
  expect(node.bundle.files['setup.sh'].replaceAll('alma9', 'rhel9')).toBe(rhel.bundle.files['setup.sh']);
});

test('a stack with a known account and region has its bundle in the bucket of that region', () => {
  const { stack, vpc } = sampleCluster({ stackProps: { env: { account: '111122223333', region: 'eu-west-1' } } });
  const node = new ClusterNode(stack, 'Node', {
    cluster: clusterIn(stack, 'Own', vpc, []),
    os: NodeOs.AMAZON_LINUX_2023,
    nodeType: NodeType.COMPUTE_NODE,
  });
  expect(node.bundle.bucketName).toBe('cdk-hnb659fds-assets-111122223333-eu-west-1');
  expect(NodeUserData.fromNode(node).userData).not.toContain(node.bundle.sha256);
});

test('a node in a stage has its bundle in the assembly of the app', () => {
  const app = new App();
  const stage = new Stage(app, 'Prod');
  const stack = new Stack(stage, 'Stack');
  const node = new ClusterNode(stack, 'Node', {
    cluster: clusterIn(stack, 'Cluster', new ec2.Vpc(stack, 'Vpc'), []),
    os: NodeOs.AMAZON_LINUX_2023,
    nodeType: NodeType.COMPUTE_NODE,
  });
  const assembly = app.synth().getNestedAssembly('assembly-Prod');
  const manifest = JSON.parse(
    fs.readFileSync(
      path.join(
        assembly.directory,
        fs.readdirSync(assembly.directory).find((name) => name.endsWith('.assets.json'))!,
      ),
      'utf8',
    ),
  ) as {
    files: { [hash: string]: { source: { path: string } } };
  };
  const file = path.join(assembly.directory, manifest.files[node.bundle.sha256].source.path);
  expect(createHash('sha256').update(fs.readFileSync(file)).digest('hex')).toBe(node.bundle.sha256);
});

test('a file system of another stack lets the nodes in, without a cycle between the stacks', () => {
  const app = new App();
  const storage = new Stack(app, 'Storage');
  const vpc = new ec2.Vpc(storage, 'Vpc');
  const fileSystem = new efs.FileSystem(storage, 'Apps', { vpc, allowAnonymousAccess: true });
  const stack = new Stack(app, 'Nodes');
  const cluster = clusterIn(stack, 'Cluster', vpc, [SharedFileSystem.efs({ fileSystem, mountPath: '/apps' })]);
  new ClusterNode(stack, 'Node', { cluster, os: NodeOs.AMAZON_LINUX_2023, nodeType: NodeType.COMPUTE_NODE });
  app.synth();
  Template.fromStack(stack).hasResourceProperties('AWS::EC2::SecurityGroupIngress', { FromPort: 2049 });
});

test('a cluster whose configuration lost its keys without a value, as it does in another language, gives the same node', () => {
  const bundleOf = (withNulls: boolean) => {
    const { cluster } = sampleCluster();
    const kept = Object.entries(cluster.configuration).filter(([, value]) => withNulls || value !== null);
    expect(kept.length).toBe(Object.keys(cluster.configuration).length - (withNulls ? 0 : 4));
    const passedOn = Object.create(cluster, { configuration: { value: Object.fromEntries(kept) } }) as typeof cluster;
    return NodeUserData.fromNode(addNode(passedOn, 'Node', { os: NodeOs.UBUNTU_24_04, nodeType: NodeType.DCV_NODE })).files;
  };
  expect(bundleOf(false)).toEqual(bundleOf(true));
});
