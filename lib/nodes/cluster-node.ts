import { Annotations, ArnFormat, Aws, Duration, Lazy, Size, Stack, type TagManager, Tags, Token } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as iam from 'aws-cdk-lib/aws-iam';
import type * as kms from 'aws-cdk-lib/aws-kms';
import { Construct } from 'constructs';
import { BootPlan, bootPlan, BundleFile } from '../bootstrap/boot-plan';
import { BootstrapTemplates } from '../bootstrap/bootstrap-templates';
import { BootstrapUserData, StageZero } from '../bootstrap/bootstrap-user-data';
import { BootstrapBundle, RenderedBundle, renderBundle } from '../bootstrap/bundle';
import { DEPLOY_TIME_VALUES_MARK, deployTimeValueLine } from '../values/deploy-time-values';
import { LaunchTimeValue, launchTimeValueRows, NodeContext, nodeContext } from '../bootstrap/node-context';
import { UserDataBudget } from '../bootstrap/user-data-budget';
import { ICluster } from '../cluster/cluster';
import { ConstructError } from '../construct-error';
import { SecretReference } from '../templates/value-kinds';
import { libraryVersion } from '../library-version';
import { NodeTags } from './node-tags';
import { NodeOs, NodeOsFamily } from './node-os';
import { NodeType } from './node-type';

/** Where instances run relative to other customers' instances. */
export enum NodeTenancy {
  /** On shared hardware. */
  DEFAULT = 'default',
  /** On hardware of this account alone. */
  DEDICATED = 'dedicated',
  /** On a Dedicated Host. */
  HOST = 'host',
}

/** The root volume of a node: gp3, encrypted, deleted with the instance. */
export interface RootVolumeOptions {
  /**
   * Size; never smaller than the image's root volume.
   *
   * @default Size.gibibytes(40)
   */
  readonly size?: Size;

  /**
   * I/O operations per second: 3,000 to 16,000, at most 500 for each GiB; known at synth.
   *
   * @default 3000
   */
  readonly iops?: number;

  /**
   * Throughput in MiB/s: 125 to 1,000, at most a quarter of the iops; known at synth.
   *
   * @default 125
   */
  readonly throughput?: number;

  /**
   * Key that encrypts the volume.
   *
   * @default - the account's default key for EBS
   */
  readonly encryptionKey?: kms.IKey;
}

/** The Capacity Reservation that a node runs in. Give one of the two. */
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

/** Processor settings. What an instance type offers is in "CPU options" of the EC2 User Guide. */
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
export interface NodeOptions {
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
   * Instance type.
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
   * Role of the node. It receives the permissions that the bootstrap needs.
   *
   * @default - a new role
   */
  readonly role?: iam.IRole;

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
   * Launch instances so that they can be hibernated. Checked against the operating system and the instance type.
   *
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
   * Packages to install besides those that the node needs, by their name in the distribution. Linux only.
   *
   * @default - none
   */
  readonly packages?: string[];

  /**
   * Values for templates of this node, by context key; they take the place of the cluster's.
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
   * Time for the whole bootstrap, reboots included; then it has failed. 5 minutes to 12 hours.
   *
   * @default Duration.hours(1)
   */
  readonly bootstrapTimeout?: Duration;

  /**
   * Reboots that the bootstrap may take: 0 to 20.
   *
   * @default 5
   */
  readonly maxReboots?: number;
}

/** Properties of a node. */
export interface ClusterNodeProps extends NodeOptions {
  /** What the node is for. */
  readonly nodeType: NodeType;
}

const DEFAULT_ROOT_GIB = 40;

/** The L2 launch template keeps its tags to itself. */
class NodeLaunchTemplate extends ec2.LaunchTemplate {
  public get instanceTags(): TagManager {
    return this.tags;
  }
}

/**
 * A node that boots itself: role, security group, the bundle with its scripts, UserData and the launch template that
 * brings them together. One launch template serves any number of instances.
 *
 * ## Resources deployed
 *
 * - a launch template: IMDSv2 required with hop limit 1, instance tags in the metadata, encrypted gp3 root volume
 * - an IAM role with instance profile, unless one is given
 * - a security group without inbound rules, unless one is given
 * - the bundle as a file asset, shared by all nodes with the same scripts
 *
 * ## Security considerations
 *
 * Whoever can run code on the node can use its role through the metadata service. The role reads exactly the node's own
 * bundle, tags instances of its own cluster with the state of their bootstrap, and signals the cluster's own stacks.
 * UserData and tags can be read by any process on the node: pass secrets by ARN.
 */
export class ClusterNode extends Construct implements iam.IGrantable, ec2.IConnectable {
  /** Identifier of the cluster that the node belongs to. */
  public readonly clusterId: string;

  /** What the node is for. */
  public readonly nodeType: NodeType;

  /** Operating system. */
  public readonly os: NodeOs;

  /** Architecture. */
  public readonly architecture: ec2.InstanceArchitecture;

  /** The launch template. */
  public readonly launchTemplate: ec2.LaunchTemplate;

  /**
   * UserData of the node. Commands that are added run as root (Administrator on Windows) when the bootstrap has ended
   * well; they count for the limit of 16,384 bytes.
   */
  public readonly userData: ec2.UserData;

  /** The archive with the node's scripts. */
  public readonly bundle: BootstrapBundle;

  /** Role of the node. */
  public readonly role: iam.IRole;

  /** Security groups of the node and who may connect. */
  public readonly connections: ec2.Connections;

  /** The principal that permissions are granted to. */
  public readonly grantPrincipal: iam.IPrincipal;

  private readonly stack: Stack;
  private readonly bootstrapUserData: BootstrapUserData;
  private readonly nodeLaunchTemplate: NodeLaunchTemplate;

  /** @throws when a property does not have the form that its documentation says, or when two do not go together */
  public constructor(scope: Construct, id: string, props: ClusterNodeProps) {
    super(scope, id);
    this.stack = Stack.of(this);
    this.clusterId = props.cluster.clusterId;
    this.nodeType = props.nodeType;
    this.os = props.os;
    this.architecture = this.validateArchitecture(props);
    this.validateNodeType(props);
    this.validateFileSystems(props.cluster);
    this.validateNumber('maxReboots', props.maxReboots, 0, 20, false);
    this.validateHibernation(props);
    this.validatePlacement(props);
    this.validatePackages(props.packages);
    const bootstrapSeconds = this.validateBootstrapTimeout(props.bootstrapTimeout);
    const instanceType = props.instanceType ?? defaultInstanceType(this.architecture);

    const templates = props.templates ?? props.cluster.templates;
    const plan = bootPlan(this.os.family, this.nodeType);
    const context = this.context(props, plan, bootstrapSeconds);
    const rendered = renderBundle(plan, templates, context);
    this.warnOfUnusedFiles(templates, plan, rendered);

    this.bundle = BootstrapBundle._addTo(this, rendered);
    this.role = this.roleFor(props);
    this.grantPrincipal = this.role.grantPrincipal;
    const securityGroup =
      props.securityGroup ??
      new ec2.SecurityGroup(this, 'SecurityGroup', {
        vpc: props.cluster.vpc,
        description: `${this.clusterId} ${this.nodeType}`,
        allowAllOutbound: true,
      });
    this.connections = new ec2.Connections({ securityGroups: [securityGroup, ...(props.additionalSecurityGroups ?? [])] });

    if (this.os.family === NodeOsFamily.LINUX) {
      props.cluster.fileSystems.forEach((fileSystem) => fileSystem._allowFrom(this));
    }

    this.bootstrapUserData = new BootstrapUserData(
      this.os.family,
      renderStageZero(plan, templates, context, rendered.sha256),
      this.valueLines(context, rendered),
    );
    this.userData = this.bootstrapUserData;

    this.nodeLaunchTemplate = new NodeLaunchTemplate(this, 'LaunchTemplate', {
      instanceType,
      machineImage: props.machineImage ?? this.defaultImage(),
      userData: this.userData,
      role: this.role,
      securityGroup,
      keyPair: props.keyPair,
      blockDevices: [this.rootVolume(props.rootVolume), ...(props.blockDevices ?? []).map(encryptedByDefault)],
      detailedMonitoring: props.detailedMonitoring,
      hibernationConfigured: props.hibernation,
      httpTokens: ec2.LaunchTemplateHttpTokens.REQUIRED,
      httpPutResponseHopLimit: 1,
      httpEndpoint: true,
      instanceMetadataTags: true,
      ebsOptimized: true,
    });
    this.launchTemplate = this.nodeLaunchTemplate;
    (props.additionalSecurityGroups ?? []).forEach((group) => this.launchTemplate.connections.addSecurityGroup(group));
    this.validateImageOs();
    this.overrideLaunchTemplate(props);

    const tags = Tags.of(this.launchTemplate);
    tags.add(NodeTags.CLUSTER_ID, this.clusterId);
    tags.add(NodeTags.NODE_TYPE, this.nodeType);
    tags.add(NodeTags.BASE_OS, this.os.name);

    this.node.addValidation({ validate: () => [...this.validateUserData(), ...this.validateTagKeys()] });
  }

  /** How much of the 16,384 bytes of UserData the node uses, and for what, as things stand now. */
  public get userDataBudget(): UserDataBudget {
    return this.bootstrapUserData.budget(this.stack);
  }

  /**
   * Set a launch-time value for all instances of the launch template: an instance tag. Who launches an instance can give
   * another value for the same tag.
   *
   * @param key tag key, see `NodeTags`
   * @param value tag value, at most 256 characters; may be a token
   * @throws when the value is longer
   */
  public setLaunchTimeValue(key: string, value: string): void {
    if (!Token.isUnresolved(value) && [...value].length > 256) {
      throw new ConstructError('TagTooLong', `expected a tag value of at most 256 characters for ${key}, got ${[...value].length}`, this);
    }
    Tags.of(this.launchTemplate).add(key, value);
  }

  private context(props: ClusterNodeProps, plan: BootPlan, bootstrapSeconds: number): NodeContext {
    const launchTimeValues = launchTimeValuesOf(this.nodeType);
    return nodeContext(
      {
        '/configuration/Version': libraryVersion(),
        ...props.cluster.configuration,
        '/configuration/Region': Aws.REGION,
        '/job/BaseOS': this.os.name,
        '/job/NodeType': this.nodeType,
        '/job/Architecture': this.architecture,
        '/job/Packages': props.packages ?? [],
        '/system/os/family': this.os.family,
        '/system/os/distribution': this.os.distribution,
        '/system/os/version': this.os.version,
        '/system/os/package_manager': this.os.packageManager,
        '/system/os/default_user': this.os.defaultUser,
        '/login/HostKeysSecret': null,
        '/dcv/OwnerPasswordSecret': null,
        '/bootstrap/LaunchTimeValues': launchTimeValueRows(launchTimeValues),
        '/bootstrap/Phases': plan.files
          .filter((file) => file.phase !== undefined)
          .map((file) => ({ name: file.phase, script: file.path, timeout_seconds: phaseSeconds(file, props.cluster, bootstrapSeconds) })),
        '/bootstrap/MaxReboots': props.maxReboots ?? 5,
        '/bootstrap/DeadlineSeconds': bootstrapSeconds,
        ...props.configuration,
      },
      launchTimeValues,
      this,
    );
  }

  /** Lines of the values file: what stage 0 and the scripts of this node read, no more. */
  private valueLines(context: NodeContext, rendered: RenderedBundle): string[] {
    const lines = [...this.bundle._valueLines];
    const names = rendered.references.map((reference) => reference.variable).sort();
    for (const name of names) {
      const token = context.deployTimeValues.get(name);
      if (token !== undefined && name !== 'VALUE_CONFIGURATION_REGION') {
        lines.push(deployTimeValueLine(name, token));
      }
    }
    return lines;
  }

  /** The permissions are part of a role of our own: it is never there without them. */
  private roleFor(props: ClusterNodeProps): iam.IRole {
    const statements = this.bootstrapStatements(props.cluster);
    if (props.role !== undefined) {
      statements.forEach((statement) => props.role!.addToPrincipalPolicy(statement));
      return props.role;
    }
    return new iam.Role(this, 'Role', {
      assumedBy: new iam.ServicePrincipal('ec2.amazonaws.com'),
      inlinePolicies: { Bootstrap: new iam.PolicyDocument({ statements }) },
    });
  }

  private bootstrapStatements(cluster: ICluster): iam.PolicyStatement[] {
    const arn = arnsOf(this.stack);
    const allow = (actions: string[], resources: string[], conditions?: iam.Conditions) =>
      new iam.PolicyStatement({ actions, resources, conditions });
    // The names of desktops' stacks start with the cluster's, see DesktopSessions; a login node signals its own stack.
    const signalled = this.nodeType === NodeType.DCV_NODE ? `${this.clusterId}-desktop-*` : Aws.STACK_NAME;
    const statements = [
      this.bundle._readStatement(),
      allow(['cloudformation:SignalResource'], [arn.stack(signalled)]),
      allow(['ec2:CreateTags'], [arn.instances], {
        StringEquals: { [`aws:ResourceTag/${NodeTags.CLUSTER_ID}`]: this.clusterId },
        'ForAllValues:StringEquals': { 'aws:TagKeys': [NodeTags.STATE, NodeTags.STATE_REASON] },
      }),
    ];
    if (cluster.waitForStacks.length > 0) {
      statements.push(allow(['cloudformation:DescribeStacks'], cluster.waitForStacks.map(arn.stack)));
    }
    if (this.nodeType === NodeType.DCV_NODE) {
      // On EC2 the DCV server finds its licence in this bucket ("Licensing", Amazon DCV Administrator Guide).
      statements.push(allow(['s3:GetObject'], [arn.dcvLicence]));
    }
    return statements;
  }

  private defaultImage(): ec2.IMachineImage {
    try {
      return this.os.machineImage(this.architecture);
    } catch (error) {
      throw error instanceof ConstructError ? new ConstructError(error.code, error.message, this) : error;
    }
  }

  private rootVolume(options: RootVolumeOptions = {}): ec2.BlockDevice {
    const least = this.os.minimumRootVolumeSize.toGibibytes();
    const size = options.size?.toGibibytes() ?? Math.max(DEFAULT_ROOT_GIB, least);
    if (!Token.isUnresolved(size) && size < least) {
      throw new ConstructError(
        'RootVolumeTooSmall',
        `expected a root volume of at least ${least} GiB, the size of the ${this.os.name} image, got ${size} GiB`,
        this,
      );
    }
    // The volume of aws-ec2 compares these numbers without asking whether they are tokens.
    this.validateNumber('rootVolume.iops', options.iops, 3000, 16000, false);
    this.validateNumber('rootVolume.throughput', options.throughput, 125, 1000, false);
    return {
      deviceName: this.os.rootDeviceName,
      volume: ec2.BlockDeviceVolume.ebs(size, {
        volumeType: ec2.EbsDeviceVolumeType.GP3,
        encrypted: true,
        kmsKey: options.encryptionKey,
        iops: options.iops,
        throughput: options.throughput,
        deleteOnTermination: true,
      }),
    };
  }

  /** Settings that the L2 launch template of every supported aws-cdk-lib version lacks. */
  private overrideLaunchTemplate(props: ClusterNodeProps): void {
    const template = this.launchTemplate.node.defaultChild as ec2.CfnLaunchTemplate;
    const set = (property: string, value: unknown) => {
      if (value !== undefined) {
        template.addPropertyOverride(`LaunchTemplateData.${property}`, value);
      }
    };
    set('Placement.Tenancy', props.tenancy);
    set('Placement.HostId', props.hostId);
    set('Placement.GroupName', props.placementGroup?.placementGroupName);
    set('CpuOptions.CoreCount', props.cpuOptions?.coreCount);
    set('CpuOptions.ThreadsPerCore', props.cpuOptions?.threadsPerCore);
    set(
      'CapacityReservationSpecification.CapacityReservationTarget.CapacityReservationId',
      props.capacityReservation?.capacityReservationId,
    );
    set(
      'CapacityReservationSpecification.CapacityReservationTarget.CapacityReservationResourceGroupArn',
      props.capacityReservation?.capacityReservationResourceGroupArn,
    );
    // The L2 tags instances and volumes; policies that ask for tags at launch look at the network interface as well.
    set('TagSpecifications.2', {
      ResourceType: 'network-interface',
      Tags: Lazy.any({ produce: () => this.nodeLaunchTemplate.instanceTags.renderTags() as unknown }),
    });
  }

  private validateArchitecture(props: ClusterNodeProps): ec2.InstanceArchitecture {
    const type = props.instanceType;
    const known = type === undefined || Token.isUnresolved(type.toString()) ? undefined : type.architecture;
    if (known !== undefined && props.architecture !== undefined && known !== props.architecture) {
      throw new ConstructError(
        'ArchitectureMismatch',
        `expected an instance type of architecture ${props.architecture}, got ${String(type)}, which is ${known}; leave architecture out or change the type`,
        this,
      );
    }
    if (type !== undefined && known === undefined && props.architecture === undefined) {
      throw new ConstructError(
        'ArchitectureRequired',
        'expected an architecture, since the instance type is a token that does not tell; pass architecture',
        this,
      );
    }
    const architecture = known ?? props.architecture ?? this.os.architectures[0];
    if (!this.os.architectures.includes(architecture)) {
      throw new ConstructError(
        'UnsupportedArchitecture',
        `expected an architecture of ${this.os.name} (${this.os.architectures.join(', ')}), got ${architecture}; use another instance type or operating system`,
        this,
      );
    }
    return architecture;
  }

  private validateNodeType(props: ClusterNodeProps): void {
    if (this.nodeType === NodeType.DCV_NODE && props.configuration?.['/dcv/SessionType'] === undefined) {
      throw new ConstructError(
        'IncompleteNode',
        'expected a node with the settings of its type, got a ClusterNode of type dcv_node; use VirtualDesktopNode',
        this,
      );
    }
    if (this.os.family === NodeOsFamily.WINDOWS && this.nodeType !== NodeType.DCV_NODE) {
      throw new ConstructError(
        'UnsupportedNodeType',
        `expected node type ${NodeType.DCV_NODE} on ${this.os.name}, got ${this.nodeType}; use a Linux system for it`,
        this,
      );
    }
  }

  private validateFileSystems(cluster: ICluster): void {
    if (this.os.family === NodeOsFamily.WINDOWS && cluster.fileSystems.length > 0) {
      Annotations.of(this).addWarningV2(
        'cdk-cluster-nodes:fileSystemsOnWindows',
        `the shared file systems of the cluster (${cluster.fileSystems.map((f) => f.name).join(', ')}) are not mounted on ${this.os.name}`,
      );
    }
  }

  private validateNumber(name: string, value: number | undefined, least: number, most: number, tokens = true): void {
    if (value === undefined || (tokens && Token.isUnresolved(value))) {
      return;
    }
    if (Token.isUnresolved(value) || !Number.isInteger(value) || value < least || value > most) {
      throw new ConstructError(
        'OutOfRange',
        `expected ${name} to be an integer from ${least} to ${most}, got ${Token.isUnresolved(value) ? 'a token; pass a number known at synth' : value}`,
        this,
      );
    }
  }

  private validateBootstrapTimeout(timeout: Duration = Duration.hours(1)): number {
    const seconds = timeout.isUnresolved() ? NaN : timeout.toSeconds();
    if (!(seconds >= 300 && seconds <= 43200)) {
      throw new ConstructError(
        'InvalidTimeout',
        `expected a bootstrapTimeout from 5 minutes to 12 hours, known at synth, got ${timeout.toString()}`,
        this,
      );
    }
    return seconds;
  }

  private validatePackages(packages: string[] = []): void {
    if (packages.length > 0 && this.os.family === NodeOsFamily.WINDOWS) {
      throw new ConstructError(
        'UnsupportedPackages',
        `expected no packages on ${this.os.name}, which has no package manager that the bootstrap uses, got ${packages.join(', ')}; install them in setup_user_customization`,
        this,
      );
    }
    const bad = packages.find((name) => Token.isUnresolved(name) || !/^[A-Za-z0-9@][A-Za-z0-9.+_:@=~-]*$/.test(name));
    if (bad !== undefined) {
      throw new ConstructError('InvalidPackage', `expected names of packages known at synth, got '${bad}'`, this);
    }
  }

  /** Source: "Prerequisites for EC2 instance hibernation" in the EC2 User Guide. */
  private validateHibernation(props: ClusterNodeProps): void {
    if (props.hibernation !== true) {
      return;
    }
    const type = props.instanceType === undefined ? undefined : String(props.instanceType);
    if (type !== undefined && !Token.isUnresolved(type) && /\.metal/.test(type)) {
      throw new ConstructError(
        'HibernationUnsupported',
        `expected an instance type that can hibernate, got ${type}, which is bare metal`,
        this,
      );
    }
    const architectures = this.os.hibernationArchitectures;
    if (architectures === undefined) {
      Annotations.of(this).addWarningV2(
        'cdk-cluster-nodes:hibernation',
        `it is not known whether ${this.os.name} can hibernate; see "Prerequisites for EC2 instance hibernation" in the EC2 User Guide`,
      );
    } else if (!architectures.includes(this.architecture)) {
      throw new ConstructError(
        'HibernationUnsupported',
        `expected a system that can hibernate on ${this.architecture}, got ${this.os.name}; set hibernation to false, or use NodeOs.custom with hibernationArchitectures if your image supports it`,
        this,
      );
    }
    if (props.tenancy === NodeTenancy.HOST) {
      throw new ConstructError(
        'HibernationUnsupported',
        'expected hibernation with shared or dedicated tenancy, got a Dedicated Host',
        this,
      );
    }
  }

  private validatePlacement(props: ClusterNodeProps): void {
    if (props.hostId !== undefined && props.tenancy !== NodeTenancy.HOST) {
      throw new ConstructError(
        'HostWithoutTenancy',
        `expected NodeTenancy.HOST with hostId, got ${props.tenancy ?? 'no tenancy'}; set tenancy to NodeTenancy.HOST`,
        this,
      );
    }
    const reservation = props.capacityReservation;
    if (
      reservation !== undefined &&
      (reservation.capacityReservationId === undefined) === (reservation.capacityReservationResourceGroupArn === undefined)
    ) {
      throw new ConstructError(
        'CapacityReservationTarget',
        'expected exactly one of capacityReservationId and capacityReservationResourceGroupArn in capacityReservation',
        this,
      );
    }
    this.validateNumber('cpuOptions.coreCount', props.cpuOptions?.coreCount, 1, 1024);
    this.validateNumber('cpuOptions.threadsPerCore', props.cpuOptions?.threadsPerCore, 1, 2);
  }

  private validateImageOs(): void {
    const type = this.launchTemplate.osType;
    const expected = this.os.family === NodeOsFamily.WINDOWS ? ec2.OperatingSystemType.WINDOWS : ec2.OperatingSystemType.LINUX;
    if (type !== undefined && type !== ec2.OperatingSystemType.UNKNOWN && type !== expected) {
      throw new ConstructError(
        'ImageOsMismatch',
        `expected a machineImage for ${this.os.name}, got one for ${type === ec2.OperatingSystemType.WINDOWS ? 'Windows' : 'Linux'}; change os or machineImage (images from SSM parameters take an os option)`,
        this,
      );
    }
  }

  private validateUserData(): string[] {
    // Nodes that share a bundle mostly have the same UserData.
    const text = this.userData.render();
    let findings = userDataFindings.get(this.stack);
    if (findings === undefined) {
      findings = new Map();
      userDataFindings.set(this.stack, findings);
    }
    if (!findings.has(text)) {
      findings.set(text, this.userDataBudget._finding());
    }
    const finding = findings.get(text);
    if (finding?.level === 'warning') {
      Annotations.of(this).addWarningV2('cdk-cluster-nodes:userDataSize', finding.message);
    }
    return finding?.level === 'error' ? [`${finding.message} (at ${this.node.path})`] : [];
  }

  /** With instance tags in the metadata, EC2 refuses to launch an instance whose tag keys have other characters. */
  private validateTagKeys(): string[] {
    const keys = (this.nodeLaunchTemplate.instanceTags.renderTags() as { Key: string }[]).map((tag) => tag.Key);
    return keys
      .filter((key) => !Token.isUnresolved(key) && !/^[A-Za-z0-9+\-=.,_:@]+$/.test(key))
      .map(
        (key) =>
          `expected instance tag keys of letters, digits and +-=.,_:@, which is what the instance metadata allows, got '${key}'; rename the tag, or keep it from launch templates with excludeResourceTypes: ['AWS::EC2::LaunchTemplate'] (at ${this.node.path})`,
      );
  }

  private warnOfUnusedFiles(templates: BootstrapTemplates, plan: BootPlan, rendered: RenderedBundle): void {
    for (const name of templates._unusedFiles(plan.entryFolder, rendered.templates)) {
      Annotations.of(this).addWarningV2(
        'cdk-cluster-nodes:unusedTemplate',
        `${templates.directory}/${name} takes the place of no template of the library and is not included by one; check its name`,
      );
    }
  }
}

// Of the texts that were validated, when no token changes any more.
const userDataFindings = new WeakMap<Stack, Map<string, ReturnType<UserDataBudget['_finding']>>>();

interface NodeArns {
  /** ARN of a stack by its name. */
  readonly stack: (name: string) => string;
  readonly instances: string;
  readonly dcvLicence: string;
}

const nodeArns = new WeakMap<Stack, NodeArns>();

/** ARNs of a stack's account and region. Made once: each is a token, and there may be hundreds of nodes. */
function arnsOf(stack: Stack): NodeArns {
  let arns = nodeArns.get(stack);
  if (arns === undefined) {
    const stacks = new Map<string, string>();
    const arn = (service: string, resource: string, resourceName: string) =>
      stack.formatArn({ service, resource, resourceName, arnFormat: ArnFormat.SLASH_RESOURCE_NAME });
    arns = {
      stack: (name) => {
        const known = stacks.get(name) ?? arn('cloudformation', 'stack', `${name}/*`);
        stacks.set(name, known);
        return known;
      },
      instances: arn('ec2', 'instance', '*'),
      dcvLicence: `arn:${Aws.PARTITION}:s3:::dcv-license.${Aws.REGION}/*`,
    };
    nodeArns.set(stack, arns);
  }
  return arns;
}

function renderStageZero(plan: BootPlan, templates: BootstrapTemplates, context: NodeContext, sha256: string): StageZero {
  const result = templates._render(
    plan.userData,
    { ...context.values, '/bootstrap/DeployTimeValues': DEPLOY_TIME_VALUES_MARK, '/bootstrap/BundleSha256': sha256 },
    `${context.fingerprint}${sha256}`,
  );
  const pieces = result.text.split(DEPLOY_TIME_VALUES_MARK);
  if (pieces.length !== 2) {
    throw new ConstructError(
      'DeployTimeValues',
      `expected ${plan.userData} to write {{ context.get("/bootstrap/DeployTimeValues") | safe }} once, got ${pieces.length - 1} times`,
    );
  }
  const parts = result.parts.map(({ template, bytes }) =>
    template === plan.userData ? { template, bytes: bytes - DEPLOY_TIME_VALUES_MARK.length } : { template, bytes },
  );
  return { before: pieces[0], after: pieces[1], parts };
}

/** A phase has its own time and that of what it waits for, within the time of the whole bootstrap. */
function phaseSeconds(file: BundleFile, cluster: ICluster, bootstrapSeconds: number): number {
  const fileSystems = file.waitsFor?.fileSystems === true ? cluster.fileSystems.map((fileSystem) => fileSystem._timeoutSeconds) : [];
  const stacks = file.waitsFor?.stacks === true && cluster.waitForStacks.length > 0 ? [cluster.waitForStacksTimeout.toSeconds()] : [];
  const seconds = [file.timeoutSeconds ?? 0, ...fileSystems, ...stacks].reduce((sum, part) => sum + part, 0);
  return Math.min(seconds, bootstrapSeconds);
}

function launchTimeValuesOf(nodeType: NodeType): LaunchTimeValue[] {
  const project: LaunchTimeValue = { key: '/job/JobProject', tag: NodeTags.PROJECT, required: false };
  if (nodeType !== NodeType.DCV_NODE) {
    return [project];
  }
  return [
    { key: '/dcv/SessionOwner', tag: NodeTags.SESSION_OWNER, required: true },
    { key: '/dcv/SessionName', tag: NodeTags.SESSION_NAME, required: false },
    { key: '/dcv/SessionId', tag: NodeTags.SESSION_ID, required: false },
    project,
  ];
}

function defaultInstanceType(architecture: ec2.InstanceArchitecture): ec2.InstanceType {
  const family = architecture === ec2.InstanceArchitecture.ARM_64 ? ec2.InstanceClass.M7G : ec2.InstanceClass.M7I;
  return ec2.InstanceType.of(family, ec2.InstanceSize.LARGE);
}

function encryptedByDefault(device: ec2.BlockDevice): ec2.BlockDevice {
  const ebs = device.volume.ebsDevice;
  // Snapshots decide by themselves whether their volumes are encrypted.
  if (ebs === undefined || ebs.encrypted !== undefined || ebs.snapshotId !== undefined) {
    return device;
  }
  return { ...device, volume: { ...device.volume, ebsDevice: { ...ebs, encrypted: true } } };
}

/**
 * A secret as a context value.
 *
 * @internal
 */
export function secretContext(key: string, secretArn: string | undefined): SecretReference | null {
  return secretArn === undefined ? null : new SecretReference(key, secretArn);
}
