import type { Duration, Size } from 'aws-cdk-lib';
import type * as ec2 from 'aws-cdk-lib/aws-ec2';
import type * as iam from 'aws-cdk-lib/aws-iam';
import type * as kms from 'aws-cdk-lib/aws-kms';
import type { BootstrapTemplates } from '../bootstrap/bootstrap-templates';
import type { ICluster } from '../cluster/cluster';
import type { GpuDriver } from './gpu-driver';
import type { NodeAgentOptions } from './agent-options';
import type { NodeOs } from './node-os';
import type { NodeType } from './node-type';
import type { PlatformOptions } from './platform-options';
import type { DesktopSettings, LoginSettings } from './private/node-values';

/**
 * Where instances run relative to other customers' instances.
 *
 * @see https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/dedicated-instance.html
 */
export enum NodeTenancy {
  /** On shared hardware. */
  DEFAULT = 'default',
  /** On hardware of this account alone. */
  DEDICATED = 'dedicated',
  /** On a Dedicated Host. */
  HOST = 'host',
}

/**
 * What a node shows CloudFormation when it signals that it is ready or has failed.
 *
 * @see https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/cfn-signal.html
 */
export enum SignalAuthentication {
  /**
   * The identity document of its instance. It needs no permission, and CloudFormation takes signals for the stack that the
   * instance belongs to and for no other.
   */
  IDENTITY_DOCUMENT = 'identity_document',
  /** A signature with the credentials of its role, which gets the permission `cloudformation:SignalResource`. */
  ROLE = 'role',
}

/**
 * The root volume of a node: gp3, encrypted, deleted with the instance.
 *
 * @see https://docs.aws.amazon.com/ebs/latest/userguide/general-purpose.html
 */
export interface RootVolumeOptions {
  /**
   * Size, never smaller than the image's root volume.
   *
   * @default Size.gibibytes(40)
   */
  readonly size?: Size;

  /**
   * I/O operations per second: 3,000 to 16,000, at most 500 for each GiB, known at synth.
   *
   * @default 3000
   */
  readonly iops?: number;

  /**
   * Throughput in MiB/s: 125 to 1,000, at most a quarter of the iops, known at synth.
   *
   * @default 125
   */
  readonly throughput?: number;

  /**
   * MiB/s at which the blocks of the image come to the volume: 100 to 300, known at synth. Until a block has come, reading it is slow;
   * 30 GiB take 102 s at 300. AWS charges for a rate, see the prices of EBS.
   *
   * @see https://docs.aws.amazon.com/ebs/latest/userguide/initalize-volume.html
   * @default - none: AWS promises no rate, and it costs nothing
   */
  readonly initializationRate?: number;

  /**
   * Key that encrypts the volume.
   *
   * @default - the account's default key for EBS
   */
  readonly encryptionKey?: kms.IKey;
}

/**
 * The Capacity Reservation that a node runs in. Give one of the two.
 *
 * @see https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/ec2-capacity-reservations.html
 */
export interface CapacityReservationOptions {
  /**
   * Id of a Capacity Reservation: `cr-...`.
   *
   * @default - none
   */
  readonly capacityReservationId?: string;

  /**
   * ARN of a resource group of Capacity Reservations.
   *
   * @default - none
   */
  readonly capacityReservationResourceGroupArn?: string;
}

/**
 * Processor settings.
 *
 * @see https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/cpu-options-supported-instances-values.html
 */
export interface NodeCpuOptions {
  /**
   * Number of cores.
   *
   * @default - all cores of the instance type
   */
  readonly coreCount?: number;

  /**
   * Threads per core: 1 switches simultaneous multithreading off.
   *
   * @default - as the instance type
   */
  readonly threadsPerCore?: number;
}

/** What nodes of all types have. */
export interface NodeOptions extends NodeAgentOptions {
  /** The cluster that the node belongs to. */
  readonly cluster: ICluster;

  /** Operating system. */
  readonly os: NodeOs;

  /**
   * Architecture. It must be that of the instance type.
   *
   * @default - the instance type's; x86_64 without one
   */
  readonly architecture?: ec2.InstanceArchitecture;

  /**
   * Instance type. The default ones are not in every Region: China, me-south-1 and ca-west-1 have no m7i, ca-west-1 and
   * eu-south-1 no m7g.
   *
   * @default - m7i.large on x86_64, m7g.large on arm64
   */
  readonly instanceType?: ec2.InstanceType;

  /**
   * Image.
   *
   * @default - the newest one that AWS or the vendor publishes through SSM, read at deployment; required for RHEL and
   * Rocky Linux, for which there is none
   */
  readonly machineImage?: ec2.IMachineImage;

  /**
   * Role of the node, of the same account. It receives the permissions that the node needs: one of another stack, or one that
   * was imported by its ARN, through a policy of the node's stack. One that the app leaves as it is (`mutable: false`,
   * `withoutPolicyUpdates()`) is an error at synth that lists the permissions, see `rolePolicyDigest`.
   *
   * @default - a new role
   */
  readonly role?: iam.IRole;

  /**
   * Says that a `role` which the app leaves as it is has the permissions that the error at synth listed: the digest from the end
   * of that error. When the node needs others one day, the digest is another, and the error tells.
   *
   * @default - such a role is an error
   */
  readonly rolePolicyDigest?: string;

  /**
   * Security group.
   *
   * @default - a new one without inbound rules
   */
  readonly securityGroup?: ec2.ISecurityGroup;

  /**
   * Security groups besides `securityGroup`.
   *
   * @default - none
   */
  readonly additionalSecurityGroups?: ec2.ISecurityGroup[];

  /**
   * Subnets of the node, in the cluster's VPC.
   *
   * @default - the cluster's
   */
  readonly vpcSubnets?: ec2.SubnetSelection;

  /**
   * Key pair for the image's default user (Linux) or for the Administrator's password (Windows).
   *
   * @default - none
   */
  readonly keyPair?: ec2.IKeyPair;

  /**
   * Root volume.
   *
   * @default - gp3, 40 GiB or the image's size if that is more, encrypted
   */
  readonly rootVolume?: RootVolumeOptions;

  /**
   * Volumes besides the root volume. EBS volumes are encrypted unless they say otherwise.
   *
   * @default - none
   */
  readonly blockDevices?: ec2.BlockDevice[];

  /**
   * Launch instances so that they can be hibernated. Checked against the operating system, the
   * instance type, and the memory of types of the families c, m and r, which the root volume has to hold.
   *
   * @see https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/hibernating-prerequisites.html
   * @default false
   */
  readonly hibernation?: boolean;

  /**
   * Tenancy.
   *
   * @default NodeTenancy.DEFAULT
   */
  readonly tenancy?: NodeTenancy;

  /**
   * Id of the Dedicated Host, with `NodeTenancy.HOST`.
   *
   * @default - any host of the account with auto-placement
   */
  readonly hostId?: string;

  /**
   * Capacity Reservation.
   *
   * @default - none: any open reservation that matches
   */
  readonly capacityReservation?: CapacityReservationOptions;

  /**
   * Placement group.
   *
   * @default - none
   */
  readonly placementGroup?: ec2.IPlacementGroup;

  /**
   * Processor settings.
   *
   * @default - as the instance type
   */
  readonly cpuOptions?: NodeCpuOptions;

  /**
   * CloudWatch metrics every minute rather than every five.
   *
   * @default false
   */
  readonly detailedMonitoring?: boolean;

  /**
   * Who drives the GPU of a node. One that is installed takes the place of a driver that the image has.
   *
   * @default - GpuDriver.nvidiaOpen() where the image has no driver, the GPU takes it, and it is in the system's own signed
   * repositories: Ubuntu and Amazon Linux 2023 on x86_64. Else GpuDriver.ofImage(), with a warning for types with a GPU
   */
  readonly gpuDriver?: GpuDriver;

  /**
   * Whether the node has an Elastic Fabric Adapter as its network interface, with its software, and its security group lets
   * members reach each other, unless it is imported with `mutable: false`. Not for virtual desktops. Give it a `placementGroup` of the
   * strategy `cluster`.
   *
   * @see https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/efa.html
   * @default false
   */
  readonly efa?: boolean;

  /**
   * Packages to install besides those that the node needs, by their name in the distribution. Linux only.
   *
   * @default - none
   */
  readonly packages?: string[];

  /**
   * Local users of the node, besides root and the service users of DCV and of AWS agents, who may reach the instance
   * metadata service and so use the node's role. Who does not exist is passed over. Never the owner of a desktop. Known at
   * synth. Linux only: on Windows services and administrators may.
   *
   * @default - none
   */
  readonly metadataUsers?: string[];

  /**
   * Whether a firewall rule on the node keeps all other users from the instance metadata service, and so from the node's role.
   * Without it whoever logs in can do what the role may; a warning says so.
   *
   * @see https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/instancedata-data-retrieval.html
   * @default true
   */
  readonly metadataGuard?: boolean;

  /**
   * Host name, and on Linux limits of programs, SELinux and firewall.
   *
   * @default - as the image has them
   */
  readonly platform?: PlatformOptions;

  /**
   * Values for templates of this node, by context key. They take the place of the cluster's.
   *
   * @default - none
   */
  readonly configuration?: { [key: string]: unknown };

  /**
   * Where the templates of the bootstrap come from.
   *
   * @default - the cluster's
   */
  readonly templates?: BootstrapTemplates;

  /**
   * Time for the whole bootstrap, reboots included, after which it has failed. Whole seconds, from 5 minutes to 11 hours 45
   * minutes; to 45 minutes for login nodes. Longer than each wait of the cluster for file systems and stacks.
   *
   * @default - 45 minutes for login nodes, 1 hour for others
   */
  readonly bootstrapTimeout?: Duration;

  /**
   * Reboots that the bootstrap may take: 0 to 20.
   *
   * @default 5
   */
  readonly maxReboots?: number;

  /**
   * How the node's signals to its stack are authenticated. `ROLE` is for networks whose endpoint policies or proxies take
   * signed requests only.
   *
   * @default SignalAuthentication.IDENTITY_DOCUMENT
   */
  readonly signalWith?: SignalAuthentication;
}

/** Properties of a node. */
export interface ClusterNodeProps extends NodeOptions {
  /** What the node is for. */
  readonly nodeType: NodeType;

  /** @internal */
  readonly _desktop?: DesktopSettings;

  /** @internal */
  readonly _login?: LoginSettings;
}
