import { Resource } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import type * as iam from 'aws-cdk-lib/aws-iam';
import type { Construct } from 'constructs';
import { ConstructError } from '../../construct-error';
import type { IClusterNode, NodeAttributes } from '../cluster-node';
import type { NodeType } from '../node-type';

/**
 * A node that another stack has made.
 *
 * @internal
 */
export class ImportedNode extends Resource implements IClusterNode {
  public readonly clusterId: string;
  public readonly launchTemplateId: string;
  public readonly launchTemplateVersion: string;
  public readonly role: iam.IRole;
  public readonly connections: ec2.Connections;
  public readonly grantPrincipal: iam.IPrincipal;

  public constructor(
    scope: Construct,
    id: string,
    attributes: NodeAttributes,
    public readonly nodeType: NodeType,
  ) {
    super(scope, id);
    if (attributes.securityGroups.length === 0) {
      throw new ConstructError(
        'NoSecurityGroup',
        "expected at least one security group of the node in securityGroups, got none, so that no rule could let anybody in; pass the node's",
        this,
      );
    }
    this.clusterId = attributes.clusterId;
    this.launchTemplateId = attributes.launchTemplateId;
    this.launchTemplateVersion = attributes.launchTemplateVersion;
    this.role = attributes.role;
    this.connections = new ec2.Connections({ securityGroups: attributes.securityGroups });
    this.grantPrincipal = attributes.role.grantPrincipal;
  }
}
