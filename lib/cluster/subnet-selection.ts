import { CfnResource } from 'aws-cdk-lib';
import type * as ec2 from 'aws-cdk-lib/aws-ec2';
import type { IConstruct } from 'constructs';
import { ConstructError } from '../construct-error';

/**
 * @throws for a selection that was given and selects none of the subnets of the VPC, as far as they are known
 * @internal
 */
export function checkSelection(place: IConstruct, vpc: ec2.IVpc, selection: ec2.SubnetSelection | undefined): void {
  if (selection === undefined) return;
  let problem = 'none';
  try {
    const { subnets, isPendingLookup } = vpc.selectSubnets(selection);
    if (subnets.length > 0 || isPendingLookup) return;
  } catch (error) {
    problem = `none: ${(error as Error).message}`;
  }
  throw new ConstructError('NoSuchSubnets', `expected vpcSubnets to select subnets of the VPC, got ${problem}`, place);
}

/** Whether the app makes the VPC, so that what is in it can be seen. @internal */
export function isOwn(vpc: ec2.IVpc): boolean {
  return vpc.node.children.some((child) => isOfType(child, 'AWS::EC2::VPC'));
}

/** @internal */
export function isOfType(construct: IConstruct, type: string): construct is CfnResource {
  return CfnResource.isCfnResource(construct) && construct.cfnResourceType === type;
}
