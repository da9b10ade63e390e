import { Stack } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import type { IConstruct } from 'constructs';
import { isOfType } from '../../cluster/subnet-selection';

/**
 * In a subnet that has IPv6 alone an instance asks for its metadata at another address, and for the clock, and AWS's endpoints have other
 * names: nodes do not know these. A check at synth, since a property may be overridden after the node is made.
 *
 * @see https://docs.aws.amazon.com/vpc/latest/userguide/configure-subnets.html
 * @internal
 */
export function subnetErrors(node: IConstruct, vpc: ec2.IVpc, selection: ec2.SubnetSelection): string[] {
  return subnetsOf(vpc, selection)
    .filter(hasIpv6Alone)
    .map(
      (subnet) =>
        `expected subnets with IPv4 addresses, got ${subnet.node.path}, which has IPv6 alone (Ipv6Native); pass vpcSubnets with subnets that have IPv4, or both (at ${node.node.path})`,
    );
}

/** @internal */
export function subnetsOf(vpc: ec2.IVpc, selection: ec2.SubnetSelection): ec2.ISubnet[] {
  try {
    return vpc.selectSubnets(selection).subnets;
  } catch {
    // Whoever launches an instance has to select, and is told then.
    return [];
  }
}

/** Asked for every node of a VPC, when nothing changes any more: each answer takes the subnet's part of the template. */
const answers = new WeakMap<ec2.ISubnet, boolean>();

function hasIpv6Alone(subnet: ec2.ISubnet): boolean {
  const isAlone = answers.get(subnet) ?? isIpv6Native(subnet);
  answers.set(subnet, isAlone);
  return isAlone;
}

function isIpv6Native(subnet: ec2.ISubnet): boolean {
  return subnet.node.findAll().some((child) => {
    if (!isOfType(child, 'AWS::EC2::Subnet')) {
      return false;
    }
    const template = Stack.of(child).resolve(child._toCloudFormation()) as {
      Resources: { [id: string]: { Properties?: { Ipv6Native?: unknown } } };
    };
    return Object.values(template.Resources).some(({ Properties: properties }) => properties?.Ipv6Native === true);
  });
}
