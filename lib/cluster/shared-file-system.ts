import { Aws, Duration, Stack, Token } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as efs from 'aws-cdk-lib/aws-efs';
import * as iam from 'aws-cdk-lib/aws-iam';
import type { IConstruct, IDependable } from 'constructs';
import { ConstructError } from '../construct-error';
import { hasForm } from '../values/value-rule';

/** What a node does when a shared file system cannot be mounted in time. */
export enum MountFailureAction {
  /** The bootstrap fails, with the file system as the reason. */
  FAIL = 'fail',

  /** A warning in the log. The bootstrap goes on without the file system. */
  IGNORE = 'ignore',
}

/** What all shared file systems have. */
export interface SharedFileSystemOptions {
  /**
   * Folder on the node: an absolute path without `..`, such as `/apps`. Letters, digits, `_`, `-`, `.` and `/`.
   */
  readonly mountPath: string;

  /**
   * Name, used in log lines: letters, digits, `_`, `-` and `.`, beginning with a letter or a digit.
   *
   * @default - the mount path with `/` replaced by `-`
   */
  readonly name?: string;

  /**
   * NFS mount options, separated by commas. Of an EFS file system `tls`, or `tls` and `iam`, as well: amazon-efs-utils mounts it then,
   * see `efsUtils` of a node.
   *
   * @default nfsvers=4.1,rsize=1048576,wsize=1048576,hard,timeo=600,retrans=2,noresvport
   */
  readonly mountOptions?: string;

  /**
   * What to do when the file system is not mounted in time.
   *
   * @default MountFailureAction.FAIL
   */
  readonly onFailure?: MountFailureAction;

  /**
   * How long a node waits for the file system to become mountable.
   *
   * @default Duration.minutes(10)
   */
  readonly timeout?: Duration;
}

/** An Amazon EFS file system. */
export interface EfsFileSystemOptions extends SharedFileSystemOptions {
  /**
   * The file system. Nodes mount it over NFS 4.1 from its own DNS name, without IAM: its policy must allow anonymous
   * access (`allowAnonymousAccess: true`), which its security group limits to the cluster's nodes. With `tls,iam` in
   * `mountOptions` they mount it with their role, which may read and write it, as root as well: bootstraps write their logs as root.
   *
   * @see https://docs.aws.amazon.com/efs/latest/ug/mounting-fs-mount-cmd-dns-name.html
   */
  readonly fileSystem: efs.IFileSystem;
}

/** A file system on any NFS 4 server. */
export interface NfsFileSystemOptions extends SharedFileSystemOptions {
  /** Host name or address of the server. May be a token. */
  readonly server: string;

  /**
   * Path that the server exports.
   *
   * @default /
   */
  readonly exportPath?: string;

  /**
   * The server as something that lets connections in (a file system, an instance, a security group): nodes are allowed to
   * connect to its port 2049.
   *
   * @default - none: the server lets the nodes in by other means
   */
  readonly connectable?: ec2.IConnectable;
}

const NFS_PORT = 2049;
// What the system, the bootstrap or what it installs would miss.
const SYSTEM_FOLDER = /^\/((bin|boot|dev|lib\d*|proc|run|sbin|sys)(\/.*)?|etc|opt|root|tmp|usr|var)$/;
const SYSTEM_SUBFOLDER =
  /^\/(etc\/(dcv|ssh)|usr\/(s?bin|lib\w*|local|local\/bin|share)|var\/(cache|lib|log|run|spool|tmp|\w+\/cluster-node))$/;
// Recommended for EFS; right for other NFS 4.1 servers as well:
// https://docs.aws.amazon.com/efs/latest/ug/mounting-fs-nfs-mount-settings.html
const NFS_OPTIONS = 'nfsvers=4.1,rsize=1048576,wsize=1048576,hard,timeo=600,retrans=2,noresvport';

/** A file system that all nodes of a cluster mount. */
export class SharedFileSystem {
  /**
   * An Amazon EFS file system. Its security group lets in every node of the cluster.
   *
   * @param options the file system, and where it is mounted
   * @throws when the mount path, the name or the options do not have the form that their documentation says
   */
  public static efs(options: EfsFileSystemOptions): SharedFileSystem {
    const server = `${options.fileSystem.fileSystemId}.efs.${Aws.REGION}.${Aws.URL_SUFFIX}`;
    return new SharedFileSystem('efs', server, '/', options, options.fileSystem, options.fileSystem);
  }

  /**
   * A file system on an NFS 4 server.
   *
   * @param options the server, and where its file system is mounted
   * @throws when the mount path, the name, the export path or the options do not have the form that their documentation
   * says
   */
  public static nfs(options: NfsFileSystemOptions): SharedFileSystem {
    const exportPath = options.exportPath ?? '/';
    if (!Token.isUnresolved(exportPath) && !hasForm(exportPath, /^\/[^\s,]*$/)) {
      throw new ConstructError('InvalidExportPath', `expected an absolute export path without blanks and commas, got '${exportPath}'`);
    }
    if (!Token.isUnresolved(options.server) && !hasForm(options.server, /^[A-Za-z0-9.:[\]-]+$/)) {
      throw new ConstructError('InvalidServer', `expected the host name or address of an NFS server, got '${options.server}'`);
    }
    return new SharedFileSystem('nfs', options.server, exportPath, options, options.connectable);
  }

  /** Name, used in log lines. */
  public readonly name: string;

  /** Folder on the node. */
  public readonly mountPath: string;

  /** @internal */
  public readonly _timeoutSeconds: number;

  private readonly options: SharedFileSystemOptions;

  private constructor(
    private readonly provider: string,
    private readonly server: string,
    private readonly exportPath: string,
    options: SharedFileSystemOptions,
    private readonly connectable?: ec2.IConnectable,
    private readonly fileSystem?: efs.IFileSystem,
  ) {
    const { mountPath } = options;
    const isPath = !Token.isUnresolved(mountPath) && hasForm(mountPath, /^(\/[A-Za-z0-9_-][A-Za-z0-9._-]*)+$/);
    if (!isPath || SYSTEM_FOLDER.test(mountPath) || SYSTEM_SUBFOLDER.test(mountPath)) {
      throw new ConstructError(
        'InvalidMountPath',
        `expected a mount path known at synth, absolute, of letters, digits, '_', '-' and '.', that hides nothing of the system, got ${Token.isUnresolved(mountPath) ? 'a token' : `'${mountPath}'`}; use a path such as /apps`,
      );
    }
    const name = options.name ?? options.mountPath.replace(/^\//, '').replace(/\//g, '-');
    if (Token.isUnresolved(name) || !hasForm(name, /^[A-Za-z0-9][A-Za-z0-9._-]*$/)) {
      throw new ConstructError('InvalidFileSystemName', `expected a name of letters, digits, '_', '-' and '.', got '${name}'`);
    }
    if (options.mountOptions !== undefined && (Token.isUnresolved(options.mountOptions) || !hasForm(options.mountOptions, /^[^\s#]+$/))) {
      throw new ConstructError(
        'InvalidMountOptions',
        `expected mount options known at synth, separated by commas and without blanks, got '${options.mountOptions}'`,
      );
    }
    if (hasOption(options, 'iam') && !hasOption(options, 'tls') && fileSystem !== undefined) {
      throw new ConstructError(
        'InvalidMountOptions',
        `expected mount options with tls beside iam, which amazon-efs-utils mounts with TLS alone, got '${options.mountOptions}'; add tls`,
      );
    }
    const seconds = options.timeout?.isUnresolved() ? undefined : (options.timeout?.toSeconds() ?? 600);
    if (seconds === undefined || seconds < 1) {
      throw new ConstructError('InvalidTimeout', 'expected a timeout of at least one second that is known at synth');
    }
    this._timeoutSeconds = seconds;
    this.name = name;
    this.mountPath = options.mountPath;
    this.options = options;
  }

  /**
   * Whether nodes mount it by amazon-efs-utils: `tls` and `iam` are no options of NFS.
   *
   * @internal
   */
  public get _needsEfsUtils(): boolean {
    return this.uses('tls') || this.uses('iam');
  }

  private uses(option: string): boolean {
    return this.fileSystem !== undefined && hasOption(this.options, option);
  }

  /**
   * What the role of a node needs to mount it with `iam`.
   *
   * @see https://docs.aws.amazon.com/efs/latest/ug/iam-access-control-nfs-efs.html
   * @internal
   */
  public _statements(): iam.PolicyStatement[] {
    if (this.fileSystem === undefined || !this.uses('iam')) return [];
    // Root makes the folders of the logs, and homes.
    const actions = ['ClientMount', 'ClientWrite', 'ClientRootAccess'].map((action) => `elasticfilesystem:${action}`);
    return [new iam.PolicyStatement({ actions, resources: [this.fileSystem.fileSystemArn] })];
  }

  /**
   * Let a node in.
   *
   * @internal
   */
  public _allowFrom(node: ec2.IConnectable & IConstruct): void {
    const port = ec2.Port.tcp(NFS_PORT);
    // A remote rule is in the stack of the other group. It has to be the node's, which depends on all others.
    const isElsewhere = (group: ec2.ISecurityGroup) => Stack.of(group) !== Stack.of(node);
    for (const theirs of this.connectable?.connections.securityGroups ?? []) {
      for (const own of node.connections.securityGroups) {
        theirs.addIngressRule(own, port, 'Shared file system', isElsewhere(theirs));
        if (!own.allowAllOutbound) {
          own.addEgressRule(theirs, port, 'Shared file system', isElsewhere(own));
        }
      }
    }
  }

  /**
   * What has to be there before a node can mount it.
   *
   * @internal
   */
  public _dependencies(): IDependable[] {
    const available = this.fileSystem === undefined ? [] : [this.fileSystem.mountTargetsAvailable];
    return [...available, ...(this.connectable?.connections.securityGroups ?? [])];
  }

  /**
   * Why no node can mount it, as far as the policy of an EFS file system tells: nodes come without IAM and TLS, unless the
   * options say so.
   *
   * @internal
   */
  public _errors(): string[] {
    const resource = (this.connectable as Partial<IConstruct> | undefined)?.node?.defaultChild;
    const policy = (resource as Partial<efs.CfnFileSystem> | undefined)?.fileSystemPolicy as unknown;
    const resolved = (policy && Stack.of(resource!).resolve(policy)) as { Statement: object[] } | undefined;
    if (resolved === undefined || this.uses('iam')) {
      return [];
    }
    const statements = resolved.Statement.map((statement) => JSON.stringify(statement));
    const mount = /"Action":(\[[^\]]*)?"(\*|elasticfilesystem:(\*|Client\*|ClientMount))"/;
    const isOpen = statements.some((text) => /"Effect":"Allow"/.test(text) && /"Principal":(\{"AWS":)?"\*"/.test(text) && mount.test(text));
    const wantsTls =
      !this.uses('tls') && statements.some((text) => /"Effect":"Deny"/.test(text) && /"aws:SecureTransport":"?false/.test(text));
    const problem =
      `expected nodes to be let mount ${this.mountPath} without ${this.uses('tls') ? 'IAM' : 'IAM and TLS'}, got a file system policy that does not; create it with ` +
      "allowAnonymousAccess: true and without a policy that asks for TLS: its security group lets in the nodes alone; or say mountOptions: 'tls,iam'";
    return isOpen && !wantsTls ? [] : [`${problem} (at ${resource!.node.scope!.node.path})`];
  }

  /**
   * As the scripts see it.
   *
   * @internal
   */
  public _context(): { [key: string]: unknown } {
    return {
      name: this.name,
      provider: this.provider,
      mount_path: this.mountPath,
      mount_target: this.server,
      export_path: this.exportPath,
      mount_options: this.options.mountOptions ?? NFS_OPTIONS,
      on_failure: this.options.onFailure ?? MountFailureAction.FAIL,
      timeout_seconds: this._timeoutSeconds,
    };
  }
}

function hasOption({ mountOptions = '' }: SharedFileSystemOptions, option: string): boolean {
  return mountOptions.split(',').includes(option);
}
