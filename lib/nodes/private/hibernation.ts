import { Annotations, Token } from 'aws-cdk-lib';
import type * as ec2 from 'aws-cdk-lib/aws-ec2';
import type { IConstruct } from 'constructs';
import { ConstructError } from '../../construct-error';
import { type ClusterNodeProps, NodeTenancy } from '../node-options';
import { NodeOsFamily } from '../node-os-props';
import { rootVolumeGiB } from './launch-template';

/**
 * Whether an instance that may be hibernated can be launched at all: EC2 says no only then.
 *
 * @see https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/hibernating-prerequisites.html
 * @internal
 */
export function checkHibernation(node: IConstruct, props: ClusterNodeProps, architecture: ec2.InstanceArchitecture): void {
  if (props.hibernation !== true) {
    return;
  }
  const { os } = props;
  const type = props.instanceType === undefined ? undefined : String(props.instanceType);
  if (type !== undefined && !Token.isUnresolved(type) && /\.metal/.test(type)) {
    throw new ConstructError(
      'HibernationUnsupported',
      `expected an instance type that can hibernate, got ${type}, which is bare metal`,
      node,
    );
  }
  const architectures = os.hibernationArchitectures;
  if (architectures === undefined) {
    Annotations.of(node).addWarningV2(
      'cdk-cluster-nodes:hibernation',
      `it is not known whether ${os.name} can hibernate; see "Prerequisites for EC2 instance hibernation" in the EC2 User Guide`,
    );
  } else if (!architectures.includes(architecture)) {
    throw new ConstructError(
      'HibernationUnsupported',
      `expected a system that can hibernate on ${architecture}, got ${os.name}; set hibernation to false, or use NodeOs.custom with hibernationArchitectures if your image supports it`,
      node,
    );
  }
  if (props.tenancy === NodeTenancy.HOST) {
    throw new ConstructError('HibernationUnsupported', 'expected hibernation with shared or dedicated tenancy, got a Dedicated Host', node);
  }
  checkMemory(node, props, type);
}

/** The memory is written to the root volume, whose image takes its own room. */
function checkMemory(node: IConstruct, { os, rootVolume }: ClusterNodeProps, type = ''): void {
  const memory = memoryGiB(type);
  const most = os.family === NodeOsFamily.LINUX ? 150 : 16;
  if (memory > most) {
    throw new ConstructError(
      'HibernationUnsupported',
      `expected at most ${most} GiB of memory to hibernate with ${os.name}, got ${type}, which has ${memory} GiB; take a smaller type, or set hibernation to false`,
      node,
    );
  }
  const size = rootVolumeGiB(os, rootVolume);
  const least = os.minimumRootVolumeSize.toGibibytes() + memory;
  if (!Token.isUnresolved(size) && size < least) {
    throw new ConstructError(
      'RootVolumeTooSmall',
      `expected a root volume of at least ${least} GiB, which the ${os.name} image and the ${memory} GiB of memory of ${type} take at hibernation, got ${size} GiB; set rootVolume.size`,
      node,
    );
  }
}

/** GiB of memory for each processor in the families whose types can be hibernated and are alike in this. */
const GIB_PER_PROCESSOR: { readonly [family: string]: number } = { c: 2, m: 4, r: 8 };

/**
 * Memory of a general purpose, compute or memory optimized type; 0 for a type whose name does not tell.
 *
 * @see https://docs.aws.amazon.com/ec2/latest/instancetypes/instance-types.html
 */
function memoryGiB(type: string): number {
  const [, family, times] = /^([cmr])[5-9][aig]?d?(?:-flex)?\.(?:large|(\d*)xlarge)$/.exec(type) ?? [];
  const processors = times === undefined ? 2 : 4 * Number(times || 1);
  return family === undefined ? 0 : GIB_PER_PROCESSOR[family] * processors;
}
