import { type IResource, Resource, type Stack, type TagManager, Tags, Token } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import type * as iam from 'aws-cdk-lib/aws-iam';
import type { Construct } from 'constructs';
import { bootPlan } from '../bootstrap/boot-plan';
import { BootstrapUserData } from '../bootstrap/bootstrap-user-data';
import { BootstrapBundle, renderBundle } from '../bootstrap/bundle';
import { downloadValueLines, renderStageZero, valueLines } from '../bootstrap/stage-zero';
import type { UserDataBudget } from '../bootstrap/user-data-budget';
import type { Cluster, ICluster } from '../cluster/cluster';
import { checkConfiguration } from '../cluster/configuration';
import { checkSelection } from '../cluster/subnet-selection';
import { ConstructError, atConstruct } from '../construct-error';
import { MadeOnce } from '../made-once';
import { ruleOfTag } from '../values/launch-time-values';
import { follows, isLookedUpLater } from '../values/value-rule';
import type { ImageScripts, ImageSource } from '../images/private/image-source';
import type { ClusterNodeProps } from './node-options';
import type { NodeOs } from './node-os';
import { NodeOsFamily } from './node-os-props';
import { NodeTags } from './node-tags';
import type { NodeType } from './node-type';
import { allowEfaTraffic, checkEfa } from './private/efa';
import { warnOfMissingEndpoints } from './private/endpoint-checks';
import { nodeGpu } from './private/gpu-checks';
import { checkGpuMetrics, measuresGpus } from './private/gpu-metrics';
import { checkAgents, checkEfsUtils, nodeAgents } from './private/agent-files';
import { checkHibernation } from './private/hibernation';
import { imageTestContext, imageTestPlan } from './private/image-test';
import { ImportedNode } from './private/imported-node';
import { checkOverlay, checkResourceCount, tagErrors, userDataErrors } from './private/late-checks';
import { NodeLaunchTemplate, rootVolumeGiB } from './private/launch-template';
import { checkLogGroup } from './private/log-group';
import { checkMetadataGuard, checkOwner } from './private/metadata-guard';
import { bootstrapSeconds, checkDcvServer, checkNode, checkWaits, nodeArchitecture } from './private/node-checks';
import { contextOf, nodeValues } from './private/node-values';
import { imageStatements, missingPermissions, nodeRole } from './private/permissions';
import { checkPlatform } from './private/platform';
import { subnetErrors } from './private/subnet-checks';
import { warnOfAmazonLinux2 } from './private/unsupported-options';

/** A node of a cluster: what can be launched, and who it may talk to. */
export interface IClusterNode extends IResource, iam.IGrantable, ec2.IConnectable {
  /** Identifier of the cluster that the node belongs to. */
  readonly clusterId: string;

  /** What the node is for. */
  readonly nodeType: NodeType;

  /**
   * Id of the launch template: `lt-...`.
   *
   * @attribute
   */
  readonly launchTemplateId: string;

  /**
   * Version of the launch template, a number: the newest one at deployment.
   *
   * @attribute
   */
  readonly launchTemplateVersion: string;

  /** Role of the node. */
  readonly role: iam.IRole;
}

/** Attributes of a node that another stack has made, whatever its type. */
export interface NodeAttributes {
  /** Identifier of the cluster that the node belongs to. */
  readonly clusterId: string;

  /** Id of the launch template: `lt-...`. */
  readonly launchTemplateId: string;

  /**
   * Version of the launch template, a number: CloudFormation does not take `$Latest` or `$Default` everywhere.
   *
   * @see https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-properties-autoscaling-autoscalinggroup-launchtemplatespecification.html
   */
  readonly launchTemplateVersion: string;

  /** Role of the node. */
  readonly role: iam.IRole;

  /** Security groups of the node, at least one. Rules are added to each of them. */
  readonly securityGroups: ec2.ISecurityGroup[];
}

/** Attributes of a node that another stack has made. */
export interface ClusterNodeAttributes extends NodeAttributes {
  /** What the node is for. */
  readonly nodeType: NodeType;
}

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
 * Root can use the role of the node through the metadata service, and a rule on the node keeps others from it, see
 * `metadataGuard`. The role reads bundles of nodes and tags its
 * own instance with the state of its bootstrap. With the identity document of the instance, CloudFormation takes signals for
 * the stack that the instance belongs to, and shows the metadata of its resources. UserData and tags can be read by root
 * alone, and are no place for secrets: pass them by ARN.
 */
export class ClusterNode extends Resource implements IClusterNode {
  /**
   * A node that another stack has made.
   *
   * @throws when there is no security group
   */
  public static fromClusterNodeAttributes(scope: Construct, id: string, attributes: ClusterNodeAttributes): IClusterNode {
    return new ImportedNode(scope, id, attributes, attributes.nodeType);
  }

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

  /** Id of the launch template. */
  public readonly launchTemplateId: string;

  /** Version of the launch template: the newest one at deployment. */
  public readonly launchTemplateVersion: string;

  /** Subnets of the node. A launch template names none: whoever launches an instance picks one of them, see `subnetIds`. */
  public readonly vpcSubnets: ec2.SubnetSelection;

  /**
   * UserData of the node. Commands that are added run as root (as Administrator or SYSTEM on Windows) once, when the node
   * is ready and has said so; they count for the limit of 16,384 bytes, see `userDataBudget`.
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

  /**
   * What an image for the node is made of. Most nodes have none.
   *
   * @internal
   */
  public readonly _imageSource: () => ImageSource;

  private readonly vpc: ec2.IVpc;
  private readonly metadataUsers: readonly string[];
  private readonly bootstrapUserData: BootstrapUserData;

  /**
   * A new node.
   *
   * @throws when a property does not have the form that its documentation says, or when two do not go together
   */
  public constructor(scope: Construct, id: string, props: ClusterNodeProps) {
    super(scope, id);
    const { cluster, os, nodeType } = props;
    this.clusterId = cluster.clusterId;
    this.nodeType = nodeType;
    this.os = os;
    this.vpc = cluster.vpc;
    checkSelection(this, cluster.vpc, props.vpcSubnets);
    this.vpcSubnets = props.vpcSubnets ?? cluster.vpcSubnets;
    this.architecture = nodeArchitecture(this, props);
    checkNode(this, props);
    checkConfiguration(this, props.configuration);
    warnOfAmazonLinux2(this, os);
    checkMetadataGuard(this, props);
    checkPlatform(this, props);
    checkAgents(this, props);
    checkEfsUtils(this, props);
    checkLogGroup(this, props);
    this.metadataUsers = props.metadataUsers ?? [];
    checkHibernation(this, props, this.architecture);
    const gpu = nodeGpu(this, props, this.architecture);
    checkGpuMetrics(this, props, gpu);
    checkEfa(this, props);

    const templates = props.templates ?? cluster.templates;
    const connects = props._desktop?.loginMethod._isGenerated === true;
    const agents = nodeAgents(props, this.architecture);
    const plan = bootPlan(os.family, nodeType, templates, {
      connects,
      installsHardware: gpu.driver._isInstalled || props.efa === true,
      installsAgents: agents.awsCli !== null || agents.cloudWatchAgent !== null,
      measuresGpus: measuresGpus(props),
    });
    const seconds = bootstrapSeconds(this, nodeType, props.bootstrapTimeout);
    checkWaits(this, props, seconds);
    const values = nodeValues(props, { architecture: this.architecture, bootstrapSeconds: seconds, plan, gpu, agents, stack: this.stack });
    checkDcvServer(this, props, values);
    const context = contextOf(values, nodeType, this);
    const rendered = atConstruct(this, () => renderBundle(plan, templates, context));
    const warnOfUnusedFiles = checkOverlay(this, templates);

    if (connects) {
      // Of another language's class it may be the interface alone.
      (cluster as Partial<Cluster>).addConnectDocuments?.();
    }

    this.bundle = BootstrapBundle._addTo(this, rendered);
    this.role = nodeRole(this, props, this.bundle, { connects, gpu });
    this.grantPrincipal = this.role.grantPrincipal;
    const securityGroup = props.securityGroup ?? this.createSecurityGroup();
    this.connections = new ec2.Connections({ securityGroups: [securityGroup, ...(props.additionalSecurityGroups ?? [])] });
    if (props.efa === true) {
      allowEfaTraffic(securityGroup);
    }
    const mounts = os.family === NodeOsFamily.LINUX ? cluster.fileSystems : [];
    const fileSystemClients = mounts.length > 0 && props.securityGroup === undefined ? clientsOf(cluster, this.stack) : undefined;
    mounts.forEach((fileSystem) => fileSystem._allowFrom(fileSystemClients ?? this));

    const userData = new BootstrapUserData(
      this,
      os,
      (withCommands) => renderStageZero(plan, templates, context, rendered.sha256, withCommands),
      valueLines(context, rendered, this.bundle),
    );
    this.userData = userData;
    this.bootstrapUserData = userData;
    const parts = { architecture: this.architecture, userData, role: this.role, securityGroup, fileSystemClients };
    const launchTemplate = new NodeLaunchTemplate(this, props, parts);
    this.launchTemplate = launchTemplate;
    this.launchTemplateId = launchTemplate.launchTemplateId!;
    this.launchTemplateVersion = launchTemplate.latestVersionNumber;
    this.node.defaultChild = launchTemplate.node.defaultChild;
    // cdk gc looks for the keys of objects in the text of templates. In UserData the key is in base64.
    launchTemplate.cfn.addMetadata('cluster-node:Bundle', this.bundle.objectKey);
    launchTemplate.cfn.addMetadata('cluster-node:Path', this.node.path);
    const installs = plan.files.filter(({ install }) => install !== undefined);
    const imageTest = (): ImageScripts => {
      const ofTest = imageTestContext(values, os.family, context, this);
      const scripts = atConstruct(this, () => renderBundle(imageTestPlan(plan), templates, ofTest));
      const bundle = BootstrapBundle._addTo(this, scripts);
      return { bundle, valueLines: valueLines(ofTest, scripts, bundle), seconds };
    };
    const installSeconds = installs.reduce((sum, { timeoutSeconds }) => sum + (timeoutSeconds ?? 0), 0);
    this._imageSource = () => ({
      family: os.family,
      install: { bundle: this.bundle, valueLines: downloadValueLines(context), seconds: installSeconds },
      test: imageTest(),
      installs: installs.map(({ phase }) => phase!),
      installsSsmAgent: typeof values['/system/ssm/agent_url'] === 'string',
      imageId: (launchTemplate.cfn.launchTemplateData as ec2.CfnLaunchTemplate.LaunchTemplateDataProperty).imageId!,
      imageParameter: props.machineImage === undefined ? os._imageParameter(this.architecture) : undefined,
      instanceType: launchTemplate.instanceType!.toString(),
      rootDeviceName: os.rootDeviceName,
      rootVolumeGiB: rootVolumeGiB(os, props.rootVolume),
      rootVolumeKey: props.rootVolume?.encryptionKey,
      statements: imageStatements(props, this.bundle, gpu),
      vpc: this.vpc,
      vpcSubnets: this.vpcSubnets,
    });
    const tags = Tags.of(launchTemplate);
    tags.add(NodeTags.CLUSTER_ID, this.clusterId);
    tags.add(NodeTags.NODE_TYPE, nodeType);
    tags.add(NodeTags.BASE_OS, os.name);

    checkResourceCount(this.stack);
    this.node.addValidation({
      validate: () => {
        warnOfUnusedFiles();
        warnOfMissingEndpoints(this, props, this.vpcSubnets);
        return [
          ...userDataErrors(this, userData),
          ...subnetErrors(this, this.vpc, this.vpcSubnets),
          ...tagErrors(this, [launchTemplate.instanceTags, ...this._groupTags()]),
          ...missingPermissions(this, props.rolePolicyDigest),
        ];
      },
    });
  }

  /** How much of the 16,384 bytes of UserData the node uses, and for what, as things stand now. */
  public get userDataBudget(): UserDataBudget {
    return this.bootstrapUserData.budget(this.stack);
  }

  /**
   * Tags that reach instances in another way than by the launch template.
   *
   * @internal
   */
  public _groupTags(): TagManager[] {
    return [];
  }

  /** Ids of the subnets of the node. */
  public get subnetIds(): string[] {
    return this.vpc.selectSubnets(this.vpcSubnets).subnetIds;
  }

  /**
   * Set a launch-time value for all instances of the launch template: an instance tag. Who launches an instance can give
   * another value for the same tag.
   *
   * @param key tag key, see `NodeTags`
   * @param value tag value, at most 256 characters. May be a token. Of the tags that the node itself reads it has to be what
   * the node takes: see the properties of `VirtualDesktopNode` and `DesktopSessionRequest`
   * @throws when the value is longer, or is not what the node takes
   * @see https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/Using_Tags.html#tag-restrictions
   */
  public setLaunchTimeValue(key: string, value: string): void {
    if (!Token.isUnresolved(value) && [...value].length > 256) {
      throw new ConstructError('TagTooLong', `expected a tag value of at most 256 characters for ${key}, got ${[...value].length}`, this);
    }
    const { property, rule } = ruleOfTag(key, this.os.family) ?? {};
    if (rule !== undefined && !Token.isUnresolved(value) && !follows(rule, value) && !isLookedUpLater(value)) {
      throw new ConstructError('InvalidLaunchTimeValue', `expected a ${property} of ${rule.description}, got '${value}'`, this);
    }
    checkOwner(this, this.metadataUsers, key, value);
    Tags.of(this.launchTemplate).add(key, value);
  }

  /**
   * Launches instances from another image from now on.
   *
   * @internal
   */
  public _launchFrom(image: ec2.IMachineImage): void {
    const { imageId } = image.getImage(this);
    (this.launchTemplate.node.defaultChild as ec2.CfnLaunchTemplate).addPropertyOverride('LaunchTemplateData.ImageId', imageId);
  }

  private createSecurityGroup(): ec2.ISecurityGroup {
    return new ec2.SecurityGroup(this, 'SecurityGroup', {
      vpc: this.vpc,
      description: `${this.clusterId} ${this.nodeType}`,
      allowAllOutbound: true,
    });
  }
}

const fileSystemClients = new MadeOnce<Stack, ec2.SecurityGroup>();

/** The group that file systems let in, one for all nodes of a cluster in a stack: a rule for each would be a resource for each. */
function clientsOf(cluster: ICluster, stack: Stack): ec2.SecurityGroup {
  return fileSystemClients.get(stack, cluster.node.addr, () => {
    const description = `${cluster.clusterId} nodes that mount file systems`;
    return new ec2.SecurityGroup(stack, `FileSystemClients${cluster.node.addr.slice(-8)}`, { vpc: cluster.vpc, description });
  });
}
