import { Annotations } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';
import { ConstructError } from '../../construct-error';
import { NodeOsFamily } from '../node-os-props';
import type { VirtualDesktopNodeProps } from '../virtual-desktop-node';
import { checkInteger } from './node-checks';

const USER_DIRECTORY = '/configuration/UserDirectory/provider';

/**
 * Whether the owners of a node's desktops are accounts that the node makes.
 *
 * @internal
 */
export function hasLocalOwners({ cluster, configuration }: VirtualDesktopNodeProps): boolean {
  return (configuration?.[USER_DIRECTORY] ?? cluster.configuration[USER_DIRECTORY]) === 'none';
}

/**
 * Each machine counts its users for itself: on shared homes two owners with the same number read each other's files.
 *
 * @internal
 */
export function checkOwnerUid(place: string, props: VirtualDesktopNodeProps): void {
  const { ownerUid, sessionOwner, os, cluster } = props;
  // From 1000 on users are no system accounts; 65534 is nobody, and useradd counts up to 60000.
  checkInteger(place, 'ownerUid', ownerUid, 1000, 60000);
  const local = os.family === NodeOsFamily.LINUX && hasLocalOwners(props);
  if (ownerUid !== undefined && (!local || sessionOwner === undefined)) {
    const got = local ? 'no sessionOwner' : os.family === NodeOsFamily.LINUX ? 'a user directory' : os.name;
    throw new ConstructError(
      'OwnerUidNeedsOwner',
      `expected ownerUid beside a sessionOwner, on Linux and without a user directory, got ${got}; ${local ? 'give sessionOwner, since several owners cannot have one number' : 'leave ownerUid out'}`,
      place,
    );
  }
  if (local && ownerUid === undefined && cluster.fileSystems.some(({ mountPath }) => mountPath === '/home')) {
    throw new ConstructError(
      'OwnerUidRequired',
      'expected a user directory for homes on a shared file system (/home), got local owners, whose numbers differ from node to node; set sessionOwner and ownerUid, configure /configuration/UserDirectory/provider, or mount the file system elsewhere',
      place,
    );
  }
}

/** @internal */
export function warnOfAdministrator(node: IConstruct, { ownerIsAdministrator, metadataGuard }: VirtualDesktopNodeProps): void {
  if (ownerIsAdministrator === true && metadataGuard !== false) {
    Annotations.of(node).addWarningV2(
      'cdk-cluster-nodes:ownerIsAdministrator',
      'an owner who is an administrator can switch off what keeps users from the instance metadata service, and then do what the role of the node may; leave ownerIsAdministrator out, or give the role nothing that the owner must not have',
    );
  }
}
