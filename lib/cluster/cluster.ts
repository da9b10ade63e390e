import { Annotations, Duration, Token } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import type * as logs from 'aws-cdk-lib/aws-logs';
import { Construct, type IConstruct } from 'constructs';
import { BootstrapTemplates } from '../bootstrap/bootstrap-templates';
import { ConstructError } from '../construct-error';
import { CLUSTER_ID } from '../values/launch-time-values';
import { follows, hasForm, isLookedUpLater } from '../values/value-rule';
import { checkConfiguration } from './configuration';
import { makeConnectDocuments } from './connect-documents';
import type { DownloadSource } from './download-source';
import { SharedFileSystem } from './shared-file-system';
import { checkSelection, isOwn } from './subnet-selection';

/** An HTTP proxy that nodes use to reach the internet and AWS. */
export interface ProxyOptions {
  /**
   * Proxy for http addresses: `http://host:port`.
   *
   * @default - none
   */
  readonly httpProxy?: string;

  /**
   * Proxy for https addresses: `http://host:port`.
   *
   * @default - the proxy for http addresses
   */
  readonly httpsProxy?: string;

  /**
   * Hosts that are reached without the proxy. The instance metadata service and the node itself always are.
   *
   * @default - none
   */
  readonly noProxy?: string[];
}

/** What the nodes of a cluster share. */
export interface ClusterOptions {
  /** VPC of the nodes. */
  readonly vpc: ec2.IVpc;

  /**
   * Subnets of the nodes.
   *
   * @default - the private subnets of the VPC; without any its isolated ones, else its public ones, with a warning
   */
  readonly vpcSubnets?: ec2.SubnetSelection;

  /**
   * File systems that every Linux node mounts.
   *
   * @default - none
   */
  readonly fileSystems?: SharedFileSystem[];

  /**
   * Folder for shared applications. The logs of each bootstrap are copied to
   * `<apps path>/<cluster id>/cluster_node_bootstrap/logs/`.
   *
   * @default - `/apps` when a file system is mounted there, otherwise none
   */
  readonly appsPath?: string;

  /**
   * Values for templates, by context key: `{ '/configuration/LicenceServer': 'host' }`. Strings, numbers, booleans, lists
   * and dictionaries, with tokens where CloudFormation knows the value. A key of the library's own takes the place of its
   * default, but for those that more than scripts goes by: docs/context-keys.md has both.
   *
   * @default - none
   */
  readonly configuration?: { [key: string]: unknown };

  /**
   * Names of CloudFormation stacks of the same account and region that must be complete before a node is set up.
   *
   * @default - none
   */
  readonly waitForStacks?: string[];

  /**
   * How long a node waits for those stacks, all together.
   *
   * @default Duration.minutes(30)
   */
  readonly waitForStacksTimeout?: Duration;

  /**
   * Time zone of the nodes, by its IANA name such as `Europe/Berlin`.
   *
   * @default UTC
   */
  readonly timezone?: string;

  /**
   * Proxy of the nodes.
   *
   * @default - none
   */
  readonly proxy?: ProxyOptions;

  /**
   * Where desktops get the archive of the Amazon DCV server from, for networks without a way to the vendor. It does not reach
   * desktops of Amazon Linux 2 and those with an address in `/system/dcv/url`.
   *
   * @default - the vendor
   */
  readonly dcvSource?: DownloadSource;

  /**
   * Log group of the Linux nodes, of their account and Region, see `logGroup` of a node. Those of Windows have a warning: they send
   * nothing.
   *
   * @default - none: logs stay on the node, and on the shared file system for applications
   */
  readonly logGroup?: logs.ILogGroup;

  /**
   * Where the templates of the bootstrap come from.
   *
   * @default BootstrapTemplates.builtIn()
   */
  readonly templates?: BootstrapTemplates;
}

/** Properties of a cluster. */
export interface ClusterProps extends ClusterOptions {
  /**
   * Identifier of the cluster: prefix of paths, tags and stack names on nodes and in AWS. 1 to 32 letters, digits and
   * hyphens, starting with a letter and without `-desktop-` in it or `-desktop` at its end; known at synth.
   */
  readonly clusterId: string;
}

/** Attributes of a cluster that another stack has composed. Give the same values as there. */
export interface ClusterAttributes extends ClusterOptions {
  /** Identifier of the cluster. */
  readonly clusterId: string;
}

/** What nodes need to know of their cluster. */
export interface ICluster extends IConstruct {
  /** Identifier of the cluster. */
  readonly clusterId: string;

  /** VPC of the nodes. */
  readonly vpc: ec2.IVpc;

  /** Subnets of the nodes. */
  readonly vpcSubnets: ec2.SubnetSelection;

  /** File systems that every Linux node mounts. */
  readonly fileSystems: SharedFileSystem[];

  /** Where desktops get the archive of the Amazon DCV server from, if not from the vendor. */
  readonly dcvSource?: DownloadSource;

  /** Where the templates of the bootstrap come from. */
  readonly templates: BootstrapTemplates;

  /** Values for templates, by context key: the cluster's settings and the configuration that was given. */
  readonly configuration: { [key: string]: unknown };

  /** Names of CloudFormation stacks that must be complete before a node is set up. */
  readonly waitForStacks: string[];

  /** How long a node waits for those stacks, all together. */
  readonly waitForStacksTimeout: Duration;

  /** Log group of the nodes. */
  readonly logGroup?: logs.ILogGroup;
}

/**
 * A cluster: what its nodes share.
 *
 * ## Resources deployed
 *
 * None of its own; nodes add theirs. With a desktop whose password is generated: two SSM documents,
 * `<cluster id>-desktop-connect` and `<cluster id>-desktop-reset-password`.
 */
export class Cluster extends Construct implements ICluster {
  /**
   * A cluster that another stack or app has composed.
   *
   * @throws when an attribute does not have the form that its documentation says
   */
  public static fromClusterAttributes(scope: Construct, id: string, attrs: ClusterAttributes): ICluster {
    const cluster = new Cluster(scope, id, attrs);
    cluster.ownsDocuments = false;
    return cluster;
  }

  /** Identifier of the cluster. */
  public readonly clusterId: string;
  /** VPC of the nodes. */
  public readonly vpc: ec2.IVpc;
  /** Subnets of the nodes. */
  public readonly vpcSubnets: ec2.SubnetSelection;
  /** File systems that every Linux node mounts. */
  public readonly fileSystems: SharedFileSystem[];
  /** Where desktops get the archive of the Amazon DCV server from, if not from the vendor. */
  public readonly dcvSource?: DownloadSource;
  /** Where the templates of the bootstrap come from. */
  public readonly templates: BootstrapTemplates;
  /** Values for templates, by context key. */
  public readonly configuration: { [key: string]: unknown };
  /** Names of CloudFormation stacks that must be complete before a node is set up. */
  public readonly waitForStacks: string[];
  /** How long a node waits for those stacks, all together. */
  public readonly waitForStacksTimeout: Duration;
  /** Log group of the nodes. */
  public readonly logGroup?: logs.ILogGroup;

  private ownsDocuments = true;

  /**
   * A new cluster.
   *
   * @throws when a property does not have the form that its documentation says
   */
  public constructor(scope: Construct, id: string, props: ClusterProps) {
    super(scope, id);
    this.validateClusterId(props.clusterId);
    this.validateFileSystems(props.fileSystems ?? []);
    this.validateTimezone(props.timezone);
    checkConfiguration(this, props.configuration, true);
    this.clusterId = props.clusterId;
    this.vpc = props.vpc;
    checkSelection(this, props.vpc, props.vpcSubnets);
    this.vpcSubnets = props.vpcSubnets ?? this.defaultSubnets(props.vpc);
    this.fileSystems = [...(props.fileSystems ?? [])];
    this.node.addValidation({ validate: () => this.fileSystems.flatMap((fileSystem) => fileSystem._errors()) });
    this.dcvSource = props.dcvSource;
    this.templates = props.templates ?? BootstrapTemplates.builtIn();
    this.waitForStacks = [...(props.waitForStacks ?? [])];
    this.logGroup = props.logGroup;
    this.waitForStacksTimeout = this.validateTimeout(props.waitForStacksTimeout ?? Duration.minutes(30));
    const apps = this.validateAppsPath(props.appsPath);
    this.configuration = {
      '/configuration/ClusterId': props.clusterId,
      '/configuration/Timezone': props.timezone ?? 'UTC',
      '/configuration/HttpProxy': this.validateProxy('httpProxy', props.proxy?.httpProxy),
      '/configuration/HttpsProxy': this.validateProxy('httpsProxy', props.proxy?.httpsProxy ?? props.proxy?.httpProxy),
      '/configuration/NoProxy': this.validateNoProxy(props.proxy?.noProxy),
      '/configuration/FileSystems': this.fileSystems.map((fileSystem) => fileSystem._context()),
      '/configuration/AppsPath': apps,
      '/configuration/WaitForStacks': this.validateStackNames(this.waitForStacks),
      '/configuration/WaitForStacksTimeoutSeconds': this.waitForStacksTimeout.toSeconds(),
      '/configuration/UserDirectory/provider': 'none',
      ...props.configuration,
    };
  }

  /**
   * Make the SSM documents through which `cluster-nodes session connect` asks desktops for the passwords that they have made,
   * unless the cluster has them. A desktop of the same app brings them along: call it where all desktops are in other apps.
   *
   * @throws when SSM does not take the id of the cluster for names
   */
  public addConnectDocuments(): void {
    if (this.ownsDocuments && this.node.tryFindChild('ConnectDocument') === undefined) {
      makeConnectDocuments(this, this.clusterId);
    }
  }

  private validateClusterId(clusterId: string): void {
    if (Token.isUnresolved(clusterId)) {
      throw new ConstructError(
        'TokenClusterId',
        'expected a clusterId that is known at synth, since paths and stack names are made of it, got a token; pass a plain string',
        this,
      );
    }
    if (!follows(CLUSTER_ID, clusterId) && !isLookedUpLater(clusterId)) {
      throw new ConstructError('InvalidClusterId', `expected a clusterId of ${CLUSTER_ID.description}, got '${clusterId}'`, this);
    }
  }

  private validateFileSystems(fileSystems: SharedFileSystem[]): void {
    for (const property of ['mountPath', 'name'] as const) {
      const values = fileSystems.map((fileSystem) => fileSystem[property]);
      const twice = values.find((value, index) => values.indexOf(value) !== index);
      if (twice !== undefined) {
        throw new ConstructError(
          'DuplicateFileSystem',
          `expected every shared file system to have its own ${property}, got '${twice}' twice; mount one of them elsewhere`,
          this,
        );
      }
    }
    const paths = fileSystems.map(({ mountPath }) => mountPath);
    const hidden = paths.find((path, index) => paths.slice(index).some((later) => path.startsWith(`${later}/`)));
    if (hidden !== undefined) {
      const problem = `expected ${hidden} after the file system whose mount path it is in, got it before, where it is hidden; change the order`;
      throw new ConstructError('InvalidMountPath', problem, this);
    }
  }

  private defaultSubnets(vpc: ec2.IVpc): ec2.SubnetSelection {
    const { PRIVATE_WITH_EGRESS, PRIVATE_ISOLATED, PUBLIC } = ec2.SubnetType;
    const others = vpc.isolatedSubnets.length > 0 ? PRIVATE_ISOLATED : PUBLIC;
    if (vpc.privateSubnets.length > 0 || (others === PUBLIC && vpc.publicSubnets.length === 0)) {
      return { subnetType: PRIVATE_WITH_EGRESS };
    }
    if (others === PRIVATE_ISOLATED && isOwn(vpc)) {
      // Its nodes say which endpoints are missing.
      return { subnetType: others };
    }
    Annotations.of(this).addWarningV2(
      'cdk-cluster-nodes:noPrivateSubnets',
      `the VPC has no private subnets, so nodes are in those of type ${others}, where they need a way to S3, CloudFormation, EC2 and package repositories (VPC endpoints, a proxy, public addresses); pass vpcSubnets to choose`,
    );
    return { subnetType: others };
  }

  private validateAppsPath(appsPath: string | undefined): string | null {
    const paths = this.fileSystems.map((fileSystem) => fileSystem.mountPath);
    if (appsPath === undefined) {
      return paths.includes('/apps') ? '/apps' : null;
    }
    if (Token.isUnresolved(appsPath) || !paths.includes(appsPath)) {
      throw new ConstructError(
        'InvalidAppsPath',
        `expected appsPath to be the mount path of a shared file system (${paths.join(', ') || 'there is none'}), got '${appsPath}'`,
        this,
      );
    }
    return appsPath;
  }

  private validateTimezone(timezone: string | undefined): void {
    if (timezone !== undefined && (Token.isUnresolved(timezone) || !(isTimezone(timezone) || isLookedUpLater(timezone)))) {
      throw new ConstructError(
        'InvalidTimezone',
        `expected a time zone by its IANA name, known at synth, such as Europe/Berlin, got '${timezone}'`,
        this,
      );
    }
  }

  private validateProxy(property: string, proxy: string | undefined): string | null {
    if (proxy === undefined) {
      return null;
    }
    // A password in the address would be readable in UserData and in the environment of every process.
    if (Token.isUnresolved(proxy) || !hasForm(proxy, /^http:\/\/[A-Za-z0-9.:[\]-]+\/?$/)) {
      throw new ConstructError(
        'InvalidProxy',
        `expected ${property} to be known at synth, of the form http://host:port and without a user or password, got '${proxy}'`,
        this,
      );
    }
    return proxy;
  }

  private validateNoProxy(hosts: string[] | undefined): string | null {
    const bad = hosts?.find((host) => Token.isUnresolved(host) || !hasForm(host, /^[A-Za-z0-9.*:/[\]-]+$/));
    if (bad !== undefined) {
      throw new ConstructError('InvalidNoProxy', `expected hosts, domains or networks known at synth in noProxy, got '${bad}'`, this);
    }
    return hosts === undefined || hosts.length === 0 ? null : hosts.join(',');
  }

  private validateTimeout(timeout: Duration): Duration {
    if (timeout.isUnresolved() || timeout.toSeconds() < 1) {
      throw new ConstructError(
        'InvalidTimeout',
        `expected a waitForStacksTimeout of at least one second that is known at synth, got ${timeout.toString()}`,
        this,
      );
    }
    return timeout;
  }

  private validateStackNames(names: string[]): string[] {
    const bad = names.find((name) => !Token.isUnresolved(name) && !hasForm(name, /^[A-Za-z][A-Za-z0-9-]{0,127}$/));
    if (bad !== undefined) {
      throw new ConstructError('InvalidStackName', `expected names of CloudFormation stacks in waitForStacks, got '${bad}'`, this);
    }
    return names;
  }
}

/** Whether there is a time zone of the name. A node minds the case, which JavaScript does not. */
function isTimezone(name: string): boolean {
  try {
    return /^[A-Z][\w+-]*(\/[A-Z][\w+-]*)*$/.test(name) && new Intl.DateTimeFormat('en', { timeZone: name }) !== undefined;
  } catch {
    return false;
  }
}
