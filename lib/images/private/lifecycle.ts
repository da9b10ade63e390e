import * as iam from 'aws-cdk-lib/aws-iam';
import { CfnLifecyclePolicy } from 'aws-cdk-lib/aws-imagebuilder';
import type { Construct } from 'constructs';

const DEFAULT_KEPT = 3;

/**
 * Deletes images that are too many, with what they are billed for.
 *
 * @see https://docs.aws.amazon.com/imagebuilder/latest/userguide/image-lifecycle-prerequisites.html
 * @internal
 */
export function lifecyclePolicy(scope: Construct, name: string, kept = DEFAULT_KEPT): void {
  const role = new iam.Role(scope, 'LifecycleRole', {
    assumedBy: new iam.ServicePrincipal('imagebuilder.amazonaws.com'),
    // Deletes what Image Builder has made: a condition of the policy.
    managedPolicies: [iam.ManagedPolicy.fromAwsManagedPolicyName('service-role/EC2ImageBuilderLifecycleExecutionPolicy')],
  });
  new CfnLifecyclePolicy(scope, 'Lifecycle', {
    name,
    executionRole: role.roleArn,
    resourceType: 'AMI_IMAGE',
    resourceSelection: { recipes: [{ name, semanticVersion: 'x.x.x' }] },
    policyDetails: [
      { action: { type: 'DELETE', includeResources: { amis: true, snapshots: true } }, filter: { type: 'COUNT', value: kept } },
    ],
  });
}
