import type { CfnResource, Stack } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as cr from 'aws-cdk-lib/custom-resources';
import type { Construct } from 'constructs';
import { arnOf } from '../../nodes/private/arn';

/**
 * Creates the parameter that names the image, and is the last to write it from here: an `AWS::SSM::Parameter` would put the value
 * back with any change of the template. Its name, so that whoever reads it waits for it.
 *
 * @internal
 */
export function imageParameter(scope: Construct, stack: Stack, name: string, imageId: string): string {
  const parameter = new cr.AwsCustomResource(scope, 'Parameter', {
    resourceType: 'Custom::NodeImageParameter',
    onCreate: {
      service: 'SSM',
      action: 'PutParameter',
      parameters: {
        Name: name,
        Description: `Image of the node ${scope.node.path}. EC2 Image Builder writes it.`,
        Value: imageId,
        Type: 'String',
        DataType: 'aws:ec2:image',
      },
      physicalResourceId: cr.PhysicalResourceId.of(name),
      // Of a stack that was deleted while the function could not be reached: the name belongs to this construct alone.
      ignoreErrorCodesMatching: 'ParameterAlreadyExists',
    },
    onDelete: {
      service: 'SSM',
      action: 'DeleteParameter',
      parameters: { Name: name },
      ignoreErrorCodesMatching: 'ParameterNotFound',
    },
    policy: cr.AwsCustomResourcePolicy.fromStatements([
      new iam.PolicyStatement({
        actions: ['ssm:PutParameter', 'ssm:DeleteParameter'],
        resources: [arnOf(stack, 'ssm', 'parameter', name.slice(1))],
      }),
      // Systems Manager looks for the image, as the one who writes. The action knows no resource.
      new iam.PolicyStatement({ actions: ['ec2:DescribeImages'], resources: ['*'] }),
    ]),
    installLatestAwsSdk: false,
  });
  return (parameter.node.findChild('Resource').node.defaultChild as CfnResource).ref;
}
