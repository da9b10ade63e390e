import { Annotations, ArnFormat, Stack } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import type { IConstruct } from 'constructs';
import type { NodeOptions } from '../node-options';

/**
 * Auto Scaling launches with a role of its own, which has no access to the keys of customers.
 *
 * @see https://docs.aws.amazon.com/autoscaling/ec2/userguide/key-policy-requirements-EBS-encryption.html
 * @internal
 */
export function allowAutoScalingKeys(node: IConstruct, { rootVolume, blockDevices = [] }: NodeOptions): void {
  const role = Stack.of(node).formatArn({
    service: 'iam',
    region: '',
    resource: 'role',
    resourceName: 'aws-service-role/autoscaling.amazonaws.com/AWSServiceRoleForAutoScaling',
    arnFormat: ArnFormat.SLASH_RESOURCE_NAME,
  });
  const allow = (actions: string[], conditions?: iam.Conditions) =>
    new iam.PolicyStatement({ principals: [new iam.ArnPrincipal(role)], actions, resources: ['*'], conditions });
  for (const key of new Set([rootVolume?.encryptionKey, ...blockDevices.map(({ volume }) => volume.ebsDevice?.kmsKey)])) {
    key?.addToResourcePolicy(allow(['kms:Encrypt', 'kms:Decrypt', 'kms:ReEncrypt*', 'kms:GenerateDataKey*', 'kms:DescribeKey']));
    const added = key?.addToResourcePolicy(allow(['kms:CreateGrant'], { Bool: { 'kms:GrantIsForAWSResource': true } }));
    if (added?.statementAdded === false) {
      Annotations.of(node).addWarningV2(
        'cdk-cluster-nodes:autoScalingKey',
        `the policy of the key ${key!.node.path} is not part of this app; nodes do not launch unless it lets the role AWSServiceRoleForAutoScaling use it and create grants, see "Required AWS KMS key policy for use with encrypted volumes" in the EC2 Auto Scaling User Guide`,
      );
    }
  }
}
