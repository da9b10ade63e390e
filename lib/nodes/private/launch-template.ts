import { Lazy, type TagManager, Token } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import type * as iam from 'aws-cdk-lib/aws-iam';
import type { Construct } from 'constructs';
import { ConstructError, atConstruct } from '../../construct-error';
import type { ClusterNodeProps, RootVolumeOptions } from '../node-options';
import type { NodeOs } from '../node-os';
import { checkImageOs, checkInteger } from './node-checks';

const DEFAULT_ROOT_GIB = 40;

/**
 * What the launch template brings together.
 *
 * @internal
 */
export interface NodeLaunchTemplateParts {
  readonly architecture: ec2.InstanceArchitecture;
  readonly userData: ec2.UserData;
  readonly role: iam.IRole;
  readonly securityGroup: ec2.ISecurityGroup;
  /** Not among the connections: what is let in at one node would be at all. */
  readonly fileSystemClients?: ec2.ISecurityGroup;
}

/**
 * The launch template of a node. The L2 keeps its tags to itself and lacks some settings in some supported versions of
 * aws-cdk-lib.
 *
 * @internal
 */
export class NodeLaunchTemplate extends ec2.LaunchTemplate {
  public constructor(node: Construct, props: ClusterNodeProps, parts: NodeLaunchTemplateParts) {
    super(node, 'LaunchTemplate', {
      instanceType: props.instanceType ?? defaultInstanceType(parts.architecture),
      machineImage: props.machineImage ?? defaultImage(node, props.os, parts.architecture),
      userData: parts.userData,
      role: parts.role,
      securityGroup: parts.securityGroup,
      keyPair: props.keyPair,
      blockDevices: blockDevices(node, props),
      detailedMonitoring: props.detailedMonitoring,
      hibernationConfigured: props.hibernation,
      httpTokens: ec2.LaunchTemplateHttpTokens.REQUIRED,
      httpPutResponseHopLimit: 1,
      httpEndpoint: true,
      instanceMetadataTags: true,
      ebsOptimized: true,
    });
    (props.additionalSecurityGroups ?? []).forEach((group) => this.connections.addSecurityGroup(group));
    checkImageOs(node, props.os, this.osType);
    this.override(props, parts.fileSystemClients);
  }

  public get instanceTags(): TagManager {
    return this.tags;
  }

  public get cfn(): ec2.CfnLaunchTemplate {
    return this.node.defaultChild as ec2.CfnLaunchTemplate;
  }

  private override(props: ClusterNodeProps, fileSystemClients: ec2.ISecurityGroup | undefined): void {
    const set = (property: string, value: unknown) => {
      if (value !== undefined) {
        this.cfn.addPropertyOverride(`LaunchTemplateData.${property}`, value);
      }
    };
    const ids = Lazy.list({
      produce: () =>
        [...this.connections.securityGroups, ...(fileSystemClients === undefined ? [] : [fileSystemClients])].map(
          (group) => group.securityGroupId,
        ),
    });
    if (props.efa === true) {
      // EC2 takes groups beside an interface, or in it.
      this.cfn.addPropertyDeletionOverride('LaunchTemplateData.SecurityGroupIds');
      set('NetworkInterfaces', [{ DeviceIndex: 0, InterfaceType: 'efa', Groups: ids, DeleteOnTermination: true }]);
    } else if (fileSystemClients !== undefined) {
      set('SecurityGroupIds', ids);
    }
    if (fileSystemClients !== undefined) {
      // Its rules as well: for a file system of another stack they stand here.
      this.node.addDependency(fileSystemClients);
    }
    set('BlockDeviceMappings.0.Ebs.VolumeInitializationRate', props.rootVolume?.initializationRate);
    set('Placement.Tenancy', props.tenancy);
    set('Placement.HostId', props.hostId);
    set('Placement.GroupName', props.placementGroup?.placementGroupName);
    set('CpuOptions.CoreCount', props.cpuOptions?.coreCount);
    set('CpuOptions.ThreadsPerCore', props.cpuOptions?.threadsPerCore);
    const reservation = 'CapacityReservationSpecification.CapacityReservationTarget';
    set(`${reservation}.CapacityReservationId`, props.capacityReservation?.capacityReservationId);
    set(`${reservation}.CapacityReservationResourceGroupArn`, props.capacityReservation?.capacityReservationResourceGroupArn);
    // The L2 tags instances and volumes; policies that ask for tags at launch look at the network interface as well.
    set('TagSpecifications.2', {
      ResourceType: 'network-interface',
      Tags: Lazy.any({ produce: () => this.instanceTags.renderTags() as unknown }),
    });
  }
}

function defaultInstanceType(architecture: ec2.InstanceArchitecture): ec2.InstanceType {
  const family = architecture === ec2.InstanceArchitecture.ARM_64 ? ec2.InstanceClass.M7G : ec2.InstanceClass.M7I;
  return ec2.InstanceType.of(family, ec2.InstanceSize.LARGE);
}

function defaultImage(node: Construct, os: NodeOs, architecture: ec2.InstanceArchitecture): ec2.IMachineImage {
  return atConstruct(node, () => os.machineImage(architecture));
}

function blockDevices(node: Construct, props: ClusterNodeProps): ec2.BlockDevice[] {
  const devices = [rootVolume(node, props.os, props.rootVolume), ...(props.blockDevices ?? []).map(encryptedByDefault)];
  const names = devices.map((device) => device.deviceName);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) {
    // EC2 takes the launch template and refuses every launch.
    throw new ConstructError(
      'DuplicateDevice',
      `expected every volume to have a device name of its own, got ${twice} twice; ${twice === names[0] ? 'describe the root volume with rootVolume' : 'change one of blockDevices'}`,
      node,
    );
  }
  return devices;
}

/** @internal */
export function rootVolumeGiB(os: NodeOs, options: RootVolumeOptions = {}): number {
  return options.size?.toGibibytes() ?? Math.max(DEFAULT_ROOT_GIB, os.minimumRootVolumeSize.toGibibytes());
}

function rootVolume(node: Construct, os: NodeOs, options: RootVolumeOptions = {}): ec2.BlockDevice {
  const least = os.minimumRootVolumeSize.toGibibytes();
  const size = rootVolumeGiB(os, options);
  if (!Token.isUnresolved(size) && size < least) {
    throw new ConstructError(
      'RootVolumeTooSmall',
      `expected a root volume of at least ${least} GiB, the size of the ${os.name} image, got ${size} GiB`,
      node,
    );
  }
  // The volume of aws-ec2 compares these numbers without asking whether they are tokens.
  checkInteger(node, 'rootVolume.iops', options.iops, 3000, 16000);
  checkInteger(node, 'rootVolume.throughput', options.throughput, 125, 1000);
  checkInteger(node, 'rootVolume.initializationRate', options.initializationRate, 100, 300);
  return {
    deviceName: os.rootDeviceName,
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

function encryptedByDefault(device: ec2.BlockDevice): ec2.BlockDevice {
  const ebs = device.volume.ebsDevice;
  // Snapshots decide by themselves whether their volumes are encrypted.
  if (ebs === undefined || ebs.encrypted !== undefined || ebs.snapshotId !== undefined) {
    return device;
  }
  return { ...device, volume: { ...device.volume, ebsDevice: { ...ebs, encrypted: true } } };
}
