import { Annotations, Duration, Fn, RemovalPolicy, Size, Stack, type StackProps, Token } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as efs from 'aws-cdk-lib/aws-efs';
import * as events from 'aws-cdk-lib/aws-events';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as logs from 'aws-cdk-lib/aws-logs';
import * as s3 from 'aws-cdk-lib/aws-s3';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import * as sns from 'aws-cdk-lib/aws-sns';
import type { Construct } from 'constructs';
import {
  AwsCli,
  CloudWatchAgent,
  Cluster,
  ClusterNode,
  ConsoleLogin,
  DcvAccess,
  DcvSessionType,
  DesktopEnvironment,
  DownloadSource,
  GpuDriver,
  ImageBuildStart,
  LoginMethod,
  LoginNode,
  NodeImage,
  type NodeOptions,
  NodeOs,
  NodeTenancy,
  NodeType,
  SharedFileSystem,
  SignalAuthentication,
  VirtualDesktopNode,
} from '../lib';
import { FixedImage } from './sample-cluster';

const RETAIN = RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE;

/** Everything that the constructs can be told and that shows in a template, in one stack: both families, all types of nodes, what they are given and make. */
export class FullFeatures extends Stack {
  private readonly vpc = new ec2.Vpc(this, 'Vpc', { maxAzs: 2, natGateways: 1 });
  private readonly key = new kms.Key(this, 'Key', { enableKeyRotation: true });
  private readonly clients = new ec2.SecurityGroup(this, 'Clients', { vpc: this.vpc, allowAllOutbound: false });

  public constructor(scope: Construct, id: string, props?: StackProps) {
    super(scope, id, props);
    const apps = new efs.FileSystem(this, 'Apps', {
      vpc: this.vpc,
      allowAnonymousAccess: true,
      kmsKey: this.key,
      removalPolicy: RETAIN,
    });
    const filer = new ec2.SecurityGroup(this, 'Filer', { vpc: this.vpc, allowAllOutbound: false });
    const logGroup = new logs.LogGroup(this, 'Logs', { retention: logs.RetentionDays.ONE_MONTH });
    const cluster = new Cluster(this, 'Cluster', {
      clusterId: 'full',
      vpc: this.vpc,
      fileSystems: [
        SharedFileSystem.efs({ fileSystem: apps, mountPath: '/apps', timeout: Duration.minutes(5) }),
        SharedFileSystem.nfs({ server: 'filer.example.com', exportPath: '/data', mountPath: '/data', connectable: filer }),
      ],
      waitForStacks: ['directory', 'licences'],
      waitForStacksTimeout: Duration.minutes(20),
      timezone: 'Europe/Berlin',
      proxy: { httpProxy: 'http://proxy.example.com:3128', noProxy: ['.example.com'] },
      configuration: { '/configuration/SiteLogGroup': logGroup.logGroupName },
    });
    const nodes = [...this.desktops(cluster), ...this.logins(cluster), this.compute(cluster)];
    nodes.forEach((node) => logGroup.grantWrite(node.role));
    this.accelerated(logGroup);
  }

  private images(linux: VirtualDesktopNode, windows: VirtualDesktopNode): void {
    new NodeImage(this, 'LinuxImage', {
      node: linux,
      schedule: { expression: events.Schedule.cron({ day: '1', hour: '3', minute: '0' }), timezone: 'Europe/Berlin' },
      vpcSubnets: { subnetType: ec2.SubnetType.PRIVATE_WITH_EGRESS },
      encryptionKey: this.key,
      sharedWithAccounts: ['222233334444'],
      failureTopic: new sns.Topic(this, 'FailedBuilds', { enforceSSL: true }),
    });
    new NodeImage(this, 'WindowsImage', {
      node: windows,
      buildStart: ImageBuildStart.DURING_DEPLOYMENT,
      fastLaunch: { snapshots: 8, maxParallelLaunches: 6 },
      securityGroups: [this.clients],
      keepImages: 5,
    });
  }

  /** GPUs, EFA and agents, in a cluster with a log group and a file system that its nodes mount with their role. */
  private accelerated(logGroup: logs.ILogGroup): void {
    const fileSystem = new efs.FileSystem(this, 'Results', { vpc: this.vpc, allowAnonymousAccess: false, removalPolicy: RETAIN });
    const cluster = new Cluster(this, 'Accelerated', {
      clusterId: 'accelerated',
      vpc: this.vpc,
      fileSystems: [SharedFileSystem.efs({ fileSystem, mountPath: '/results', mountOptions: 'tls,iam' })],
      logGroup,
    });
    const sha256 = '5'.repeat(64);
    const file = (name: string, version: string) => ({ version, url: `https://files.example.com/${name}`, sha256 });
    const url = s3.Bucket.fromBucketName(this, 'Drivers', 'drivers-of-full-features').s3UrlForObject('nvidia.run');
    new VirtualDesktopNode(this, 'GpuDesktop', {
      cluster,
      os: NodeOs.UBUNTU_24_04,
      instanceType: new ec2.InstanceType('g4dn.xlarge'),
      gpuDriver: GpuDriver.nvidiaGrid({ release: '19.4', version: '580.126.09', sha256, url }),
      awsCli: AwsCli.none(),
      cloudWatchAgent: CloudWatchAgent.signed({ gpuMetrics: true }),
      efsUtils: file('amazon-efs-utils.deb', '2.4.0'),
      desktopEnvironment: DesktopEnvironment.MATE,
      sessionType: DcvSessionType.CONSOLE,
      consoleLogin: ConsoleLogin.AUTOMATIC,
      lockOnDisconnect: true,
      openKeyring: true,
    });
    new ClusterNode(this, 'Accelerator', {
      cluster,
      os: NodeOs.ROCKY_9,
      nodeType: NodeType.COMPUTE_NODE,
      machineImage: new FixedImage(),
      instanceType: new ec2.InstanceType('g4dn.8xlarge'),
      gpuDriver: GpuDriver.nvidiaDataCenter(),
      efa: true,
      placementGroup: new ec2.PlacementGroup(this, 'Close', { strategy: ec2.PlacementGroupStrategy.CLUSTER }),
      awsCli: AwsCli.fromFile(file('awscli.zip', '2.36.7')),
      cloudWatchAgent: CloudWatchAgent.fromFile(file('amazon-cloudwatch-agent.rpm', '1.300064.1')),
      efsUtils: file('amazon-efs-utils.rpm', '2.4.0'),
      logGroup: new logs.LogGroup(this, 'OwnLogs', { retention: logs.RetentionDays.ONE_MONTH }),
      metadataUsers: ['exporter'],
      signalWith: SignalAuthentication.ROLE,
    });
  }

  private desktops(cluster: Cluster): ClusterNode[] {
    const linux = new VirtualDesktopNode(this, 'LinuxDesktop', {
      ...this.everything(cluster, 'Linux'),
      os: NodeOs.UBUNTU_22_04,
      // A type that the price lists of all these Regions have: those of China have no m7i.
      instanceType: new ec2.InstanceType('m6i.xlarge'),
      hibernation: true,
      packages: ['jq'],
      dcv: {
        permissions: { printer: true, screenshot: false, clipboardCopy: false },
        collaborators: [{ user: 'trainer', access: DcvAccess.CONTROL, unsupervised: true }],
        quic: false,
        webClientMaxResolution: { width: 2560, height: 1440 },
        maxConcurrentClients: 4,
        sessionStorage: 'Transfer',
        certificateSecret: secretsmanager.Secret.fromSecretNameV2(this, 'Certificate', 'desktops/certificate'),
      },
      dcvSource: DownloadSource.s3(s3.Bucket.fromBucketName(this, 'Mirror', 'mirror-of-full-features'), 'dcv'),
      platform: {
        hostname: Fn.join('-', ['cad', this.region]),
        resourceLimits: { unlimitedLockedMemory: true, unlimitedStack: true, openFiles: 65_536, processes: 65_536 },
        permissiveSelinux: true,
        disableHostFirewall: true,
      },
      sessionOwner: 'bob',
      loginWith: LoginMethod.secret(new secretsmanager.Secret(this, 'Password', { encryptionKey: this.key })),
    });
    linux.userData.addCommands('date');
    const windows = new VirtualDesktopNode(this, 'WindowsDesktop', {
      ...this.everything(cluster, 'Windows'),
      os: NodeOs.WINDOWS_2022,
      instanceType: new ec2.InstanceType('g4dn.xlarge'),
      gpuDriver: GpuDriver.nvidiaGrid({
        release: '20.2',
        version: '596.86',
        sha256: 'e847099942f9e17e859fc151e725aeab9d23639c54d976a651732691b5fca6a1',
        url: 's3://mirror-of-full-features/nvidia.exe',
      }),
      cloudWatchAgent: CloudWatchAgent.signed({ gpuMetrics: true }),
      logGroup: new logs.LogGroup(this, 'WindowsLogs', { retention: logs.RetentionDays.ONE_MONTH }),
      awsCli: AwsCli.signed({ version: '2.36.7' }),
      platform: { hostname: Fn.join('-', ['win', this.region]) },
      sessionOwner: 'alice',
      sessionName: 'CAD',
      project: 'wing',
      idleTimeout: Duration.hours(8),
      dcv: {
        permissions: { usb: true, fileUpload: false },
        collaborators: [{ user: 'trainer', access: DcvAccess.VIEW }],
        certificateSecret: secretsmanager.Secret.fromSecretNameV2(this, 'WindowsCertificate', 'desktops/windows'),
      },
      consoleLogin: ConsoleLogin.AUTOMATIC,
      lockOnDisconnect: false,
      ownerIsAdministrator: true,
      // A key that this app does not have: the role alone can be allowed to use it.
      loginWith: LoginMethod.secret(
        secretsmanager.Secret.fromSecretAttributes(this, 'Imported', {
          secretPartialArn: this.formatArn({ service: 'secretsmanager', resource: 'secret', resourceName: 'owner' }),
          encryptionKey: kms.Key.fromKeyArn(this, 'ImportedKey', this.formatArn({ service: 'kms', resource: 'key', resourceName: '0' })),
        }),
      ),
    });
    Annotations.of(windows).acknowledgeWarning('cdk-cluster-nodes:ownerIsAdministrator', 'every option is here');
    [linux, windows].forEach((desktop) => desktop.allowDcvFrom(this.clients));
    this.images(linux, windows);
    return [linux, windows];
  }

  private logins(cluster: Cluster): ClusterNode[] {
    const balanced = new LoginNode(this, 'LoginNode', {
      ...this.everything(cluster, 'Login'),
      os: NodeOs.AMAZON_LINUX_2023,
      instanceType: new ec2.InstanceType('m6i.large'),
      minCapacity: 2,
      maxCapacity: 4,
      hostKeysSecret: new secretsmanager.Secret(this, 'HostKeys'),
      loadBalancer: {
        internetFacing: true,
        port: 2222,
        deletionProtection: true,
        // The CDK needs to know the Region for it.
        accessLogsBucket: Token.isUnresolved(this.region) ? undefined : new s3.Bucket(this, 'AccessLogs', { enforceSSL: true }),
      },
    });
    const plain = new LoginNode(this, 'PlainLoginNode', {
      cluster,
      os: NodeOs.ROCKY_9,
      instanceType: new ec2.InstanceType('m6i.large'),
      machineImage: new FixedImage(),
    });
    [balanced, plain].forEach((login) => login.allowSshFrom(this.clients));
    return [balanced, plain];
  }

  private compute(cluster: Cluster): ClusterNode {
    const node = new ClusterNode(this, 'Compute', {
      cluster,
      os: NodeOs.AMAZON_LINUX_2,
      nodeType: NodeType.COMPUTE_NODE,
      instanceType: new ec2.InstanceType('c7g.4xlarge'),
      role: new iam.Role(this, 'ComputeRole', { assumedBy: new iam.ServicePrincipal('ec2.amazonaws.com') }),
      tenancy: NodeTenancy.HOST,
      hostId: 'h-0123456789abcdef0',
      capacityReservation: { capacityReservationId: 'cr-0123456789abcdef0' },
      cpuOptions: { coreCount: 8, threadsPerCore: 1 },
    });
    Annotations.of(node).acknowledgeWarning('cdk-cluster-nodes:amazonLinux2', 'every system is here');
    return node;
  }

  /** What every node can have. */
  private everything(cluster: Cluster, id: string): Omit<NodeOptions, 'os'> {
    const group = (name: string) => new ec2.SecurityGroup(this, `${id}${name}`, { vpc: this.vpc, allowAllOutbound: true });
    return {
      cluster,
      securityGroup: group('Group'),
      additionalSecurityGroups: [group('AnotherGroup')],
      vpcSubnets: { subnetType: ec2.SubnetType.PRIVATE_WITH_EGRESS },
      keyPair: ec2.KeyPair.fromKeyPairName(this, `${id}KeyPair`, 'administrators'),
      rootVolume: { size: Size.gibibytes(100), iops: 4000, throughput: 250, initializationRate: 200, encryptionKey: this.key },
      blockDevices: [
        { deviceName: '/dev/sdf', volume: ec2.BlockDeviceVolume.ebs(200, { kmsKey: this.key, volumeType: ec2.EbsDeviceVolumeType.GP3 }) },
        { deviceName: '/dev/sdg', volume: ec2.BlockDeviceVolume.ephemeral(0) },
      ],
      placementGroup: new ec2.PlacementGroup(this, `${id}Placement`, { strategy: ec2.PlacementGroupStrategy.SPREAD }),
      detailedMonitoring: true,
      bootstrapTimeout: Duration.minutes(40),
      maxReboots: 3,
    };
  }
}
