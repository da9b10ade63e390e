import { Annotations, Token } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';
import { ConstructError } from '../../construct-error';
import { METADATA_SERVICE_USERS, METADATA_USER } from '../../values/metadata-users';
import { follows } from '../../values/value-rule';
import type { NodeOptions } from '../node-options';
import { NodeOsFamily } from '../node-os-props';
import { NodeTags } from '../node-tags';

/**
 * What the scripts know about who may reach the instance metadata service.
 *
 * @internal
 */
export function metadataValues({ metadataGuard, metadataUsers }: Pick<NodeOptions, 'metadataGuard' | 'metadataUsers'>): {
  [key: string]: unknown;
} {
  return {
    '/system/metadata/guard': metadataGuard ?? true,
    '/system/metadata/users': [...new Set([...Object.keys(METADATA_SERVICE_USERS), ...(metadataUsers ?? [])])],
  };
}

/** @internal */
export function checkMetadataGuard(node: IConstruct, { os, metadataGuard, metadataUsers = [] }: NodeOptions): void {
  if (metadataGuard === false) {
    Annotations.of(node).addWarningV2(
      'cdk-cluster-nodes:metadataGuardOff',
      'every user of the node reaches the instance metadata service, and can do what the role of the node may; leave metadataGuard out, and name the users who need it in metadataUsers',
    );
  }
  if (metadataUsers.length > 0 && os.family === NodeOsFamily.WINDOWS) {
    throw new ConstructError(
      'InvalidMetadataUser',
      `expected no metadataUsers on ${os.name}, where services and administrators reach the instance metadata service, got ${metadataUsers.join(', ')}; take them out`,
      node,
    );
  }
  const bad = metadataUsers.find((name) => Token.isUnresolved(name) || !follows(METADATA_USER, name));
  if (bad !== undefined) {
    throw new ConstructError(
      'InvalidMetadataUser',
      `expected each of metadataUsers to be ${METADATA_USER.description}, got ${Token.isUnresolved(bad) ? 'a token; pass a name known at synth' : `'${bad}'`}`,
      node,
    );
  }
}

/**
 * The owner of a desktop must not have the credentials of its role. What is known at launch alone, the node checks.
 *
 * @internal
 */
export function checkOwner(node: IConstruct, metadataUsers: readonly string[], tag: string, owner: string): void {
  if (tag === NodeTags.SESSION_OWNER && metadataUsers.includes(owner)) {
    throw new ConstructError(
      'InvalidMetadataUser',
      `expected metadataUsers without the owner of the desktops, who must not have the credentials of the role, got '${owner}'; take the name out of one of the two`,
      node,
    );
  }
}
