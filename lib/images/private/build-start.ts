import type { CfnResource, Stack } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as cr from 'aws-cdk-lib/custom-resources';
import type { Construct } from 'constructs';
import { arnOf } from '../../nodes/private/arn';

/**
 * Starts a build when a deployment has changed what it is made of. It does not wait for it.
 *
 * @internal
 */
export function startAfterDeployment(
  scope: Construct,
  stack: Stack,
  pipelineName: string,
  pipelineArn: string,
  recipeArn: string,
): Construct {
  const start: cr.AwsSdkCall = {
    service: 'imagebuilder',
    action: 'StartImagePipelineExecution',
    parameters: { imagePipelineArn: pipelineArn },
    physicalResourceId: cr.PhysicalResourceId.of(`${pipelineName}-start`),
    outputPaths: ['imageBuildVersionArn'],
  };
  const custom = new cr.AwsCustomResource(scope, 'Start', {
    resourceType: 'Custom::NodeImageStart',
    onUpdate: start,
    policy: cr.AwsCustomResourcePolicy.fromStatements([
      new iam.PolicyStatement({
        actions: ['imagebuilder:StartImagePipelineExecution'],
        resources: [arnOf(stack, 'imagebuilder', 'image-pipeline', pipelineName)],
      }),
    ]),
    installLatestAwsSdk: false,
  });
  // What CloudFormation sees changed when a deployment has made another recipe.
  (custom.node.findChild('Resource').node.defaultChild as CfnResource).addPropertyOverride('Recipe', recipeArn);
  return custom;
}
