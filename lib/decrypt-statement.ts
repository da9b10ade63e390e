import { Stack } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import type * as kms from 'aws-cdk-lib/aws-kms';

/**
 * The use of a key by way of a service, to read. IAM does not know a key by its alias: one whose key the app has stands for the key,
 * another one is a condition.
 *
 * @see https://docs.aws.amazon.com/kms/latest/developerguide/alias-authorization.html
 * @internal
 */
export function decryptStatement(key: kms.IKey, service: string, region: string): iam.PolicyStatement {
  // Of a service in China the name is said to end with .cn.
  const conditions = { StringLike: { 'kms:ViaService': `${service}.${region}.amazonaws.com*` } };
  const { aliasName } = key as Partial<kms.IAlias>;
  const target = aliasName === undefined ? key : targetOf(key as kms.IAlias);
  if (target !== undefined) {
    return new iam.PolicyStatement({ actions: ['kms:Decrypt'], resources: [target.keyArn], conditions });
  }
  const anyKey = Stack.of(key).formatArn({ service: 'kms', resource: 'key', resourceName: '*' });
  const named = { ...conditions, 'ForAnyValue:StringEquals': { 'kms:ResourceAliases': aliasName } };
  return new iam.PolicyStatement({ actions: ['kms:Decrypt'], resources: [anyKey], conditions: named });
}

/** That of an alias by its name throws. */
function targetOf(alias: kms.IAlias): kms.IKey | undefined {
  try {
    return alias.aliasTargetKey;
  } catch {
    return undefined;
  }
}
