import { Token } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import type { IConstruct } from 'constructs';
import { ConstructError } from '../../construct-error';
import type { ClusterNodeProps } from '../node-options';
import { NodeOsFamily } from '../node-os-props';
import { NodeType } from '../node-type';
import { DOWNLOADS } from './downloads';
import { isAmazonLinux2 } from './unsupported-options';

/**
 * Whether a node can have an Elastic Fabric Adapter, as far as it is known.
 *
 * @throws when it cannot
 * @internal
 */
export function checkEfa(node: IConstruct, { efa, os, nodeType, instanceType }: ClusterNodeProps): void {
  if (efa !== true) {
    return;
  }
  const type = String(instanceType);
  const list = 'see "Supported instance types" in "Elastic Fabric Adapter" of the Amazon EC2 User Guide';
  const problems: [boolean, string][] = [
    [os.family === NodeOsFamily.WINDOWS, `a Linux system with efa, got ${os.name}; leave efa out`],
    [isAmazonLinux2(os), `another system than ${os.name} with efa, which is out of support; move to amazonlinux2023`],
    [
      // EC2 takes no subnet beside network interfaces, and whoever launches a desktop chooses its subnet.
      nodeType === NodeType.DCV_NODE,
      'no efa on a virtual desktop, which is launched into a subnet of the request, and EC2 takes none beside the network interface of a launch template; use a ClusterNode',
    ],
    [instanceType === undefined, `an instanceType that has EFA, got none, and the usual ones have none; ${list}`],
    [!Token.isUnresolved(type) && WITHOUT_EFA.test(type), `an instanceType that has EFA, got ${type}; ${list}`],
  ];
  const found = problems.find(([isThere]) => isThere);
  if (found !== undefined) {
    throw new ConstructError('UnsupportedEfa', `expected ${found[1]}`, node);
  }
}

/** Burstable types and those before Nitro: no size of any has it. */
const WITHOUT_EFA = /^(t[0-9]\w*|[mcri][1-4]|a1|g[23]s?|p2|x1e?|d2|h1)\./;

/**
 * What the scripts know about the adapter.
 *
 * @internal
 */
export function efaValues({ efa }: Pick<ClusterNodeProps, 'efa'>): { [key: string]: unknown } {
  const { version, url, sha256 } = DOWNLOADS.efa;
  return {
    '/system/efa/version': efa === true ? version : null,
    '/system/efa/url': efa === true ? url : null,
    '/system/efa/sha256': efa === true ? (sha256 ?? null) : null,
  };
}

/**
 * Lets the members of a security group reach each other, whatever the protocol: an adapter is let out to a group by a rule that
 * names it alone. The rules belong to the group, which other nodes may have as well.
 *
 * @see https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/efa-start.html
 * @internal
 */
export function allowEfaTraffic(group: ec2.ISecurityGroup): void {
  const description = 'Elastic Fabric Adapter';
  group.addIngressRule(group, ec2.Port.allTraffic(), description);
  if (!group.allowAllOutbound) {
    group.addEgressRule(group, ec2.Port.allTraffic(), description);
    return;
  }
  // CDK adds none where all is let out. An immutable group has not got the rule above either.
  const isMutable = group.node.findAll().some((child) => child instanceof ec2.CfnSecurityGroupIngress);
  if (isMutable && group.node.tryFindChild('EfaEgress') === undefined) {
    const { securityGroupId: groupId } = group;
    new ec2.CfnSecurityGroupEgress(group, 'EfaEgress', { groupId, destinationSecurityGroupId: groupId, ipProtocol: '-1', description });
  }
}
