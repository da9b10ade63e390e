import { Annotations, Aws, Duration, Lazy, type TagManager, Tags, Token } from 'aws-cdk-lib';
import * as autoscaling from 'aws-cdk-lib/aws-autoscaling';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as elbv2 from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import type * as s3 from 'aws-cdk-lib/aws-s3';
import type * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import type { Construct } from 'constructs';
import { ConstructError } from '../construct-error';
import { ClusterNode, type IClusterNode, type NodeAttributes } from './cluster-node';
import type { NodeOptions } from './node-options';
import { NodeTags } from './node-tags';
import { NodeType } from './node-type';
import { allowAutoScalingKeys } from './private/auto-scaling-keys';
import { ImportedNode } from './private/imported-node';
import { checkInteger, checkOwnStack, readinessTimeout } from './private/node-checks';
import { grantSecret, letIn } from './private/permissions';

/** A network load balancer in front of the login nodes. */
export interface LoginLoadBalancerOptions {
  /**
   * Reachable from the internet.
   *
   * @default false
   */
  readonly internetFacing?: boolean;

  /**
   * Subnets of the load balancer.
   *
   * @default - public subnets if it is reachable from the internet, otherwise the subnets of the nodes
   */
  readonly vpcSubnets?: ec2.SubnetSelection;

  /**
   * Port that clients connect to.
   *
   * @default 22
   */
  readonly port?: number;

  /**
   * Bucket for access logs. The log of a network load balancer holds TLS connections only.
   *
   * @default - no access logs
   */
  readonly accessLogsBucket?: s3.IBucket;

  /**
   * Refuse to delete the load balancer.
   *
   * @default false
   */
  readonly deletionProtection?: boolean;

  /**
   * How long a node that is to go keeps the connections of its users while it gets no new ones: 0 to 3,600 whole seconds. Each
   * replacement of a node takes so much longer.
   *
   * @default - 5 minutes, as target groups have it
   * @see https://docs.aws.amazon.com/elasticloadbalancing/latest/network/load-balancer-target-groups.html#deregistration-delay
   */
  readonly drainTimeout?: Duration;
}

/** Properties of login nodes. */
export interface LoginNodeProps extends NodeOptions {
  /**
   * Login nodes that are kept running, at least 1.
   *
   * @default 1
   */
  readonly minCapacity?: number;

  /**
   * Login nodes that may run, one more of which a rolling update starts: at least `minCapacity`.
   *
   * @default - one more than minCapacity
   */
  readonly maxCapacity?: number;

  /**
   * Load balancer in front of the login nodes.
   *
   * @default - none: clients connect to the nodes
   */
  readonly loadBalancer?: LoginLoadBalancerOptions;

  /**
   * Secret with the SSH host keys that all login nodes share: a JSON object of key file names and contents, such as
   * `{"ssh_host_ed25519_key": "-----BEGIN ..."}`. The nodes may read it.
   *
   * @default - every node makes its own keys, and clients see another one after each replacement
   */
  readonly hostKeysSecret?: secretsmanager.ISecret;
}

/** Login nodes of a cluster. */
export interface ILoginNode extends IClusterNode {
  /**
   * Name of the Auto Scaling group.
   *
   * @attribute
   */
  readonly autoScalingGroupName: string;

  /**
   * Let SSH clients in: to the load balancer if there is one, otherwise to the nodes.
   *
   * @param peer who is let in, such as `ec2.Peer.ipv4(...)` or a security group
   * @throws when the load balancer is imported without its security groups
   */
  allowSshFrom(peer: ec2.IConnectable): void;
}

/** Attributes of login nodes that another stack has made. */
export interface LoginNodeAttributes extends NodeAttributes {
  /** Name of the Auto Scaling group. */
  readonly autoScalingGroupName: string;

  /**
   * Load balancer in front of the login nodes, imported with its security groups. Leave out one that has none.
   *
   * @default - none: clients connect to the nodes
   */
  readonly loadBalancer?: elbv2.INetworkLoadBalancer;

  /**
   * Port of the load balancer that clients connect to.
   *
   * @default 22
   */
  readonly loadBalancerPort?: number;
}

const SSH_PORT = 22;
const LAUNCH_HOOK = 'cluster-node-launch';
/** From being ready on: what a load balancer needs to find a new target healthy. */
const HEALTH_CHECK_GRACE = Duration.minutes(5);

/**
 * The SSH entry of a cluster: an Auto Scaling group of login nodes that is complete when they are ready, replaced one by
 * one when they change, each new one ready before the next old one goes. A node is in service from when it is ready on; one
 * that fails is replaced.
 *
 * ## Resources deployed
 *
 * Those of `ClusterNode`, an Auto Scaling group, and a network load balancer if asked for.
 *
 * ## Security considerations
 *
 * Nobody can connect until `allowSshFrom` or a rule of yours lets them in. Each node may signal for all resources of its stack,
 * so that whoever is root on one can fail the deployment of another group of the same stack: give login nodes that must not
 * fail each other stacks of their own.
 */
export class LoginNode extends ClusterNode implements ILoginNode {
  /**
   * Login nodes that another stack has made.
   *
   * @throws when there is no security group
   */
  public static fromLoginNodeAttributes(scope: Construct, id: string, attributes: LoginNodeAttributes): ILoginNode {
    return new ImportedLoginNode(scope, id, attributes);
  }

  /** The Auto Scaling group. */
  public readonly autoScalingGroup: autoscaling.AutoScalingGroup;

  /** Name of the Auto Scaling group. */
  public readonly autoScalingGroupName: string;

  /** The load balancer, absent when none was asked for. */
  public readonly loadBalancer?: elbv2.NetworkLoadBalancer;

  private readonly port: number;

  /**
   * New login nodes.
   *
   * @throws when a property does not have the form that its documentation says, or when two do not go together
   */
  public constructor(scope: Construct, id: string, props: LoginNodeProps) {
    const place = `${scope.node.path}/${id}`;
    const minCapacity = props.minCapacity ?? 1;
    const maxCapacity = props.maxCapacity ?? minCapacity + 1;
    const port = props.loadBalancer?.port ?? SSH_PORT;
    validateHibernation(place, props.hibernation);
    validateCapacity(place, minCapacity, maxCapacity);
    if (!Token.isUnresolved(port)) {
      checkInteger(place, 'loadBalancer.port', port, 1, 65535);
    }
    super(scope, id, {
      ...props,
      nodeType: NodeType.LOGIN_NODE,
      _login: {
        hostKeysSecretArn: props.hostKeysSecret?.secretArn,
        groupTags: { [NodeTags.SIGNAL_RESOURCE]: Lazy.string({ produce: () => this.groupResource.logicalId }) },
      },
    });
    this.port = port;
    if (props.platform?.hostname !== undefined && maxCapacity > 1) {
      Annotations.of(this).addWarningV2(
        'cdk-cluster-nodes:sharedHostname',
        `up to ${maxCapacity} login nodes have the same platform.hostname; leave it out, or set maxCapacity to 1`,
      );
    }
    if (props.loadBalancer !== undefined && props.hostKeysSecret === undefined && maxCapacity > 1) {
      Annotations.of(this).addWarningV2(
        'cdk-cluster-nodes:ownHostKeys',
        `up to ${maxCapacity} login nodes behind one address make SSH host keys of their own, and clients refuse a host whose key has changed; give hostKeysSecret`,
      );
    }
    checkOwnStack(this, props.cluster.waitForStacks);
    grantSecret(this, this.role, props.hostKeysSecret);

    allowAutoScalingKeys(this, props);
    const timeout = readinessTimeout(this, NodeType.LOGIN_NODE, props.bootstrapTimeout);
    this.autoScalingGroup = new autoscaling.AutoScalingGroup(this, 'AutoScalingGroup', {
      vpc: props.cluster.vpc,
      vpcSubnets: this.vpcSubnets,
      launchTemplate: this.launchTemplate,
      minCapacity,
      maxCapacity,
      updatePolicy: autoscaling.UpdatePolicy.rollingUpdate({
        maxBatchSize: 1,
        minInstancesInService: Math.min(minCapacity, maxCapacity - 1),
        waitOnResourceSignals: true,
        pauseTime: timeout,
        suspendProcesses: [
          autoscaling.ScalingProcess.HEALTH_CHECK,
          autoscaling.ScalingProcess.REPLACE_UNHEALTHY,
          autoscaling.ScalingProcess.AZ_REBALANCE,
          autoscaling.ScalingProcess.ALARM_NOTIFICATION,
          autoscaling.ScalingProcess.SCHEDULED_ACTIONS,
        ],
      }),
      // A node without sshd fails the load balancer's check; without a load balancer EC2's own checks are all there is.
      healthChecks:
        props.loadBalancer === undefined
          ? autoscaling.HealthChecks.ec2({ gracePeriod: HEALTH_CHECK_GRACE })
          : autoscaling.HealthChecks.withAdditionalChecks({
              gracePeriod: HEALTH_CHECK_GRACE,
              additionalTypes: [autoscaling.AdditionalHealthCheckType.ELB],
            }),
    });
    this.autoScalingGroupName = this.autoScalingGroup.autoScalingGroupName;
    // A node boots as soon as it is there: routes, endpoints, rules and mount targets have to be there before.
    this.autoScalingGroup.node.addDependency(
      props.cluster.vpc,
      ...this.connections.securityGroups,
      ...props.cluster.fileSystems.flatMap((fileSystem) => fileSystem._dependencies()),
    );
    this.waitForVerdicts(timeout, minCapacity);
    this.loadBalancer = props.loadBalancer === undefined ? undefined : this.createLoadBalancer(props, props.loadBalancer);
  }

  /**
   * CloudFormation gives the tags of a stack to its Auto Scaling groups, which give theirs to instances.
   *
   * @internal
   */
  public override _groupTags(): TagManager[] {
    return [this.groupResource.tags, this.stack.tags];
  }

  /**
   * Let SSH clients in: to the load balancer if there is one, otherwise to the nodes.
   *
   * @param peer who is let in, such as `ec2.Peer.ipv4(...)` or a security group
   */
  public allowSshFrom(peer: ec2.IConnectable): void {
    allowSsh(this, this.loadBalancer, this.port, peer);
  }

  private get groupResource(): autoscaling.CfnAutoScalingGroup {
    return this.autoScalingGroup.node.defaultChild as autoscaling.CfnAutoScalingGroup;
  }

  /** The stack waits for the first nodes and those of an update, the group for each. */
  private waitForVerdicts(timeout: Duration, count: number): void {
    const group = this.groupResource;
    // The L2's signals bring the role a permission to send them.
    group.cfnOptions.creationPolicy = { resourceSignal: { count, timeout: timeout.toIsoString() } };
    // A hook of its own resource would come when the first nodes are there.
    group.lifecycleHookSpecificationList = [
      {
        lifecycleHookName: LAUNCH_HOOK,
        lifecycleTransition: autoscaling.LifecycleTransition.INSTANCE_LAUNCHING,
        defaultResult: autoscaling.DefaultResult.ABANDON,
        heartbeatTimeout: timeout.toSeconds(),
      },
    ];
    const tags = Tags.of(this.autoScalingGroup);
    tags.add(NodeTags.SIGNAL_STACK, Aws.STACK_NAME);
    tags.add(NodeTags.SIGNAL_RESOURCE, group.logicalId);
    tags.add(NodeTags.LAUNCH_HOOK, LAUNCH_HOOK);
    tags.add(NodeTags.CLUSTER_ID, this.clusterId, { applyToLaunchedInstances: false });
  }

  private createLoadBalancer(props: LoginNodeProps, options: LoginLoadBalancerOptions): elbv2.NetworkLoadBalancer {
    const internetFacing = options.internetFacing ?? false;
    checkInteger(this, 'loadBalancer.drainTimeout in seconds', options.drainTimeout?.toSeconds({ integral: false }), 0, 3600);
    const securityGroup = new ec2.SecurityGroup(this, 'LoadBalancerSecurityGroup', {
      vpc: props.cluster.vpc,
      description: `${this.clusterId} login load balancer`,
      allowAllOutbound: false,
    });
    const loadBalancer = new elbv2.NetworkLoadBalancer(this, 'LoadBalancer', {
      vpc: props.cluster.vpc,
      vpcSubnets: options.vpcSubnets ?? (internetFacing ? { subnetType: ec2.SubnetType.PUBLIC } : this.vpcSubnets),
      internetFacing,
      crossZoneEnabled: true,
      deletionProtection: options.deletionProtection,
      securityGroups: [securityGroup],
    });
    if (options.accessLogsBucket !== undefined) {
      loadBalancer.logAccessLogs(options.accessLogsBucket);
    }
    const targetGroup = new elbv2.NetworkTargetGroup(this, 'LoginNodes', {
      vpc: props.cluster.vpc,
      port: SSH_PORT,
      targets: [this.autoScalingGroup],
      deregistrationDelay: options.drainTimeout,
      // Sessions of a node that is taken away end rather than hang.
      connectionTermination: true,
      healthCheck: { protocol: elbv2.Protocol.TCP, interval: Duration.seconds(10) },
    });
    loadBalancer.addListener('Ssh', { port: this.port, defaultTargetGroups: [targetGroup] });
    letIn(this, this, securityGroup, ec2.Port.tcp(SSH_PORT), 'SSH from the load balancer');
    return loadBalancer;
  }
}

class ImportedLoginNode extends ImportedNode implements ILoginNode {
  public readonly autoScalingGroupName: string;

  public constructor(
    scope: Construct,
    id: string,
    private readonly attributes: LoginNodeAttributes,
  ) {
    super(scope, id, attributes, NodeType.LOGIN_NODE);
    this.autoScalingGroupName = attributes.autoScalingGroupName;
  }

  public allowSshFrom(peer: ec2.IConnectable): void {
    // A rule of no security group would be none, without a word.
    if (this.attributes.loadBalancer?.connections.securityGroups.length === 0) {
      throw new ConstructError(
        'NoSecurityGroup',
        'expected a loadBalancer whose security groups are known, got one without any, so that no rule could let anybody in; ' +
          'import it with loadBalancerSecurityGroups, or leave it out if it has none, since its clients are then those of the nodes',
        this,
      );
    }
    allowSsh(this, this.attributes.loadBalancer, this.attributes.loadBalancerPort ?? SSH_PORT, peer);
  }
}

function allowSsh(nodes: IClusterNode, loadBalancer: ec2.IConnectable | undefined, port: number, peer: ec2.IConnectable): void {
  const target = loadBalancer ?? nodes;
  letIn(nodes, target, peer, ec2.Port.tcp(loadBalancer === undefined ? SSH_PORT : port), 'SSH');
}

function validateHibernation(place: string, hibernation: boolean | undefined): void {
  if (hibernation === true) {
    throw new ConstructError(
      'HibernationUnsupported',
      'expected login nodes without hibernation, which Auto Scaling does not support',
      place,
    );
  }
}

function validateCapacity(place: string, minCapacity: number, maxCapacity: number): void {
  for (const [name, value] of Object.entries({ minCapacity, maxCapacity })) {
    if (Token.isUnresolved(value) || !Number.isInteger(value) || value < 1) {
      throw new ConstructError('OutOfRange', `expected ${name} to be an integer of at least 1 that is known at synth, got ${value}`, place);
    }
  }
  if (maxCapacity < minCapacity) {
    throw new ConstructError('OutOfRange', `expected maxCapacity to be at least minCapacity (${minCapacity}), got ${maxCapacity}`, place);
  }
}
