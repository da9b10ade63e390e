import { Stack, Tags, Token } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import type * as iam from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import { bootPlan } from '../bootstrap/boot-plan';
import { BootstrapUserData } from '../bootstrap/bootstrap-user-data';
import { BootstrapBundle, renderBundle } from '../bootstrap/bundle';
import { renderStageZero, valueLines } from '../bootstrap/stage-zero';
import type { UserDataBudget } from '../bootstrap/user-data-budget';
import { ConstructError } from '../construct-error';
import type { ClusterNodeProps } from './node-options';
import type { NodeOs } from './node-os';
import { NodeOsFamily } from './node-os-props';
import { NodeTags } from './node-tags';
import type { NodeType } from './node-type';
import { tagKeyErrors, userDataErrors, warnOfUnusedFiles } from './private/late-checks';
import { NodeLaunchTemplate } from './private/launch-template';
import { bootstrapSeconds, checkDcvServer, checkNode, nodeArchitecture } from './private/node-checks';
import { contextOf, nodeValues } from './private/node-values';
import { nodeRole } from './private/permissions';

/**
 * A node that boots itself: role, security group, the bundle with its scripts, UserData and the launch template that
 * brings them together. One launch template serves any number of instances.
 *
 * ## Resources deployed
 *
 * - a launch template: IMDSv2 required with hop limit 1, instance tags in the metadata, encrypted gp3 root volume
 * - an IAM role with instance profile, unless one is given
 * - a security group without inbound rules, unless one is given
 * - the bundle as a file asset, shared by all nodes with the same scripts
 *
 * ## Security considerations
 *
 * Whoever can run code on the node can use its role through the metadata service. The role reads exactly the node's own
 * bundle, tags instances of its own cluster with the state of their bootstrap, and signals the cluster's own stacks.
 * UserData and tags can be read by any process on the node: pass secrets by ARN.
 */
export class ClusterNode extends Construct implements iam.IGrantable, ec2.IConnectable {
  /** Identifier of the cluster that the node belongs to. */
  public readonly clusterId: string;

  /** What the node is for. */
  public readonly nodeType: NodeType;

  /** Operating system. */
  public readonly os: NodeOs;

  /** Architecture. */
  public readonly architecture: ec2.InstanceArchitecture;

  /** The launch template. */
  public readonly launchTemplate: ec2.LaunchTemplate;

  /**
   * UserData of the node. Commands that are added run as root (Administrator on Windows) when the bootstrap has ended
   * well; they count for the limit of 16,384 bytes.
   */
  public readonly userData: ec2.UserData;

  /** The archive with the node's scripts. */
  public readonly bundle: BootstrapBundle;

  /** Role of the node. */
  public readonly role: iam.IRole;

  /** Security groups of the node and who may connect. */
  public readonly connections: ec2.Connections;

  /** The principal that permissions are granted to. */
  public readonly grantPrincipal: iam.IPrincipal;

  private readonly bootstrapUserData: BootstrapUserData;

  /** @throws when a property does not have the form that its documentation says, or when two do not go together */
  public constructor(scope: Construct, id: string, props: ClusterNodeProps) {
    super(scope, id);
    const { cluster, os, nodeType } = props;
    this.clusterId = cluster.clusterId;
    this.nodeType = nodeType;
    this.os = os;
    this.architecture = nodeArchitecture(this, props);
    checkNode(this, props, this.architecture);

    const templates = props.templates ?? cluster.templates;
    const plan = bootPlan(os.family, nodeType, templates);
    const seconds = bootstrapSeconds(this, props.bootstrapTimeout);
    const values = nodeValues(props, { architecture: this.architecture, bootstrapSeconds: seconds, plan });
    checkDcvServer(this, props, values);
    const context = contextOf(values, nodeType, this);
    const rendered = renderBundle(plan, templates, context);
    warnOfUnusedFiles(this, templates, plan, rendered);

    this.bundle = BootstrapBundle._addTo(this, rendered);
    this.role = nodeRole(this, props.role, cluster, nodeType, this.bundle);
    this.grantPrincipal = this.role.grantPrincipal;
    const securityGroup = props.securityGroup ?? this.createSecurityGroup(cluster.vpc);
    this.connections = new ec2.Connections({ securityGroups: [securityGroup, ...(props.additionalSecurityGroups ?? [])] });
    if (os.family === NodeOsFamily.LINUX) {
      cluster.fileSystems.forEach((fileSystem) => fileSystem._allowFrom(this));
    }

    const userData = new BootstrapUserData(
      os.family,
      renderStageZero(plan, templates, context, rendered.sha256),
      valueLines(context, rendered, this.bundle),
    );
    this.userData = userData;
    this.bootstrapUserData = userData;
    const parts = { architecture: this.architecture, userData, role: this.role, securityGroup };
    const launchTemplate = new NodeLaunchTemplate(this, props, parts);
    this.launchTemplate = launchTemplate;
    const tags = Tags.of(launchTemplate);
    tags.add(NodeTags.CLUSTER_ID, this.clusterId);
    tags.add(NodeTags.NODE_TYPE, nodeType);
    tags.add(NodeTags.BASE_OS, os.name);

    this.node.addValidation({
      validate: () => [...userDataErrors(this, userData), ...tagKeyErrors(this, launchTemplate.instanceTags)],
    });
  }

  /** How much of the 16,384 bytes of UserData the node uses, and for what, as things stand now. */
  public get userDataBudget(): UserDataBudget {
    return this.bootstrapUserData.budget(Stack.of(this));
  }

  /**
   * Set a launch-time value for all instances of the launch template: an instance tag. Who launches an instance can give
   * another value for the same tag.
   *
   * @param key tag key, see `NodeTags`
   * @param value tag value, at most 256 characters; may be a token
   * @throws when the value is longer
   */
  public setLaunchTimeValue(key: string, value: string): void {
    if (!Token.isUnresolved(value) && [...value].length > 256) {
      throw new ConstructError('TagTooLong', `expected a tag value of at most 256 characters for ${key}, got ${[...value].length}`, this);
    }
    Tags.of(this.launchTemplate).add(key, value);
  }

  private createSecurityGroup(vpc: ec2.IVpc): ec2.ISecurityGroup {
    return new ec2.SecurityGroup(this, 'SecurityGroup', { vpc, description: `${this.clusterId} ${this.nodeType}`, allowAllOutbound: true });
  }
}
