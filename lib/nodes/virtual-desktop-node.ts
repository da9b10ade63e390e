import { CfnOutput, Duration } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import type * as iam from 'aws-cdk-lib/aws-iam';
import type * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import type { Construct } from 'constructs';
import type { DownloadSource } from '../cluster/download-source';
import { ConstructError } from '../construct-error';
import { DCV_PORT } from '../values/dcv-port';
import { ClusterNode, type IClusterNode, type NodeAttributes } from './cluster-node';
import type { DcvOptions } from './dcv-options';
import type { DesktopOptions } from './desktop-options';
import type { LoginMethod } from './login-method';
import type { NodeOptions } from './node-options';
import type { NodeOs } from './node-os';
import { NodeOsFamily } from './node-os-props';
import { NodeTags } from './node-tags';
import { NodeType } from './node-type';
import { grantConnect } from './private/connect-permissions';
import { checkDcvOptions, dcvSourceOf, warnOfDcvOptions } from './private/dcv-settings';
import { desktopChoices } from './private/desktop-checks';
import { ImportedNode } from './private/imported-node';
import { checkAutoLogon, loginMethodOf } from './private/login-checks';
import { readinessTimeout } from './private/node-checks';
import { checkOwnerUid, warnOfAdministrator } from './private/owner-account';
import { grantPassword, grantSecret, letIn } from './private/permissions';
import { refuseOnLinux } from './private/unsupported-options';

/**
 * How DCV shows the desktop.
 *
 * @see https://docs.aws.amazon.com/dcv/latest/adminguide/managing-sessions-intro.html
 */
export enum DcvSessionType {
  /** The machine's own screen: one session, GPU acceleration. The only type on Windows. */
  CONSOLE = 'console',

  /** A display that DCV makes for its user (Linux). */
  VIRTUAL = 'virtual',
}

/** Properties of a virtual desktop. */
export interface VirtualDesktopNodeProps extends NodeOptions, DesktopOptions {
  /**
   * How DCV shows the desktop.
   *
   * @default - DcvSessionType.VIRTUAL on Linux, DcvSessionType.CONSOLE on Windows
   */
  readonly sessionType?: DcvSessionType;

  /**
   * User who owns the desktops of this launch template, unless whoever launches one says otherwise: a login name of
   * letters, digits, `_`, `.` and `-`, beginning with a letter or a digit, and no name that the system keeps for itself.
   * On Linux at most 32 characters and not digits alone, on Windows at most 20 and no dot at the end. May be a token.
   *
   * @default - none: whoever launches a desktop names its owner (`DesktopSessions` does)
   */
  readonly sessionOwner?: string;

  /**
   * Number of the owner's local account (uid): 1000 to 60000. Desktops of this launch template are then for `sessionOwner`
   * alone. Needed where homes lie on a shared file system and there is no user directory: each node would count its users
   * for itself, and two owners with the same number would own each other's files.
   *
   * @default - that of the home where there is one, else the next that is free on the node
   */
  readonly ownerUid?: number;

  /**
   * Name of the desktop that its owner sees: 1 to 32 letters, digits, spaces, `_`, `.` and `-`, beginning with a letter or
   * a digit and not ending with a space. May be a token.
   *
   * @default - none
   */
  readonly sessionName?: string;

  /**
   * Project that the desktop works for: 1 to 64 letters, digits, `_`, `.` and `-`, beginning with a letter or a digit. May
   * be a token.
   *
   * @default - none
   */
  readonly project?: string;

  /**
   * Time without input after which DCV disconnects a client: whole minutes up to 7 days, known at synth. 0 is never.
   *
   * @see https://docs.aws.amazon.com/dcv/latest/adminguide/manage-disconnect.html
   * @default Duration.days(1)
   */
  readonly idleTimeout?: Duration;

  /**
   * Options of the Amazon DCV server and its session: permissions, collaborators, QUIC, certificate and the like. Not for Amazon
   * Linux 2.
   *
   * @default - see `DcvOptions`
   */
  readonly dcv?: DcvOptions;

  /**
   * Where the node gets the archive of the Amazon DCV server from, on Windows its package and `vc_redist.x64.exe`, which it needs.
   * Not for Amazon Linux 2.
   *
   * @default - the cluster's
   */
  readonly dcvSource?: DownloadSource;

  /**
   * How the owner gets in.
   *
   * @default - LoginMethod.generatedPassword() where users are local, LoginMethod.unmanaged() with a user directory
   */
  readonly loginWith?: LoginMethod;

  /**
   * Whether the owner is an administrator of the desktop. Windows only. Administrators can take off what keeps users from the
   * credentials of the node's role, and read what the node keeps. Without it an account of the image that is one and gets its
   * password from the node is taken out of the administrators.
   *
   * @default false
   */
  readonly ownerIsAdministrator?: boolean;

  /**
   * Secret whose text is the password of the local user who owns the desktop.
   *
   * @default - none
   * @deprecated use `loginWith: LoginMethod.secret(..)`
   */
  readonly ownerPasswordSecret?: secretsmanager.ISecret;
}

/** An Amazon DCV desktop. */
export interface IVirtualDesktopNode extends IClusterNode {
  /**
   * Let DCV clients in: port 8443 over TCP and, where the desktop has QUIC, UDP.
   *
   * @param peer who is let in, such as `ec2.Peer.ipv4(...)` or a security group
   */
  allowDcvFrom(peer: ec2.IConnectable): void;

  /**
   * Let somebody ask for the password of an owner's desktops, those with a generated password: with `cluster-nodes session
   * connect`. They see where these desktops are, and nothing of other owners'. Resetting a password is not part of it.
   *
   * The grant's `success` is false for a principal that takes no policy, such as an account. To an imported role that is
   * immutable the CDK adds nothing and says nothing.
   *
   * @param grantee who may ask, such as a role
   * @param owner login name of the owner, a token, or `${aws:username}` or `${aws:PrincipalTag/KEY}` for whoever asks
   * @throws when the owner is none that a desktop takes, or the desktop makes no password
   */
  grantConnect(grantee: iam.IGrantable, owner: string): iam.Grant;
}

/** Attributes of a virtual desktop that another stack has made. */
export interface VirtualDesktopNodeAttributes extends NodeAttributes {
  /**
   * Whether the desktop has QUIC, so that `allowDcvFrom` opens UDP as well.
   *
   * @default true
   */
  readonly quic?: boolean;
}

const LONGEST_IDLE_MINUTES = 7 * 24 * 60;

/**
 * An Amazon DCV desktop that boots itself, on Linux or Windows. `DesktopSessions` (or anything that launches an instance
 * from the launch template with the tags of `NodeTags`) makes desktops of it.
 *
 * ## Resources deployed
 *
 * Those of `ClusterNode`.
 *
 * ## Security considerations
 *
 * Nobody can connect until `allowDcvFrom` or a rule of yours lets them in. Who logs in is checked by the operating system.
 */
export class VirtualDesktopNode extends ClusterNode implements IVirtualDesktopNode {
  /**
   * A virtual desktop that another stack has made.
   *
   * @throws when there is no security group
   */
  public static fromVirtualDesktopNodeAttributes(
    scope: Construct,
    id: string,
    attributes: VirtualDesktopNodeAttributes,
  ): IVirtualDesktopNode {
    return new ImportedDesktop(scope, id, attributes);
  }

  /** How DCV shows the desktop. */
  public readonly sessionType: DcvSessionType;

  /** How long to wait for a desktop, a quarter of an hour more than its `bootstrapTimeout`: for `DesktopSessionTemplate`. */
  public readonly readinessTimeout: Duration;

  private readonly fixedOwner?: string;
  private readonly loginMethod: LoginMethod;
  private readonly quic: boolean;

  /**
   * A new kind of desktop.
   *
   * @throws when a property does not have the form that its documentation says, or when two do not go together
   */
  public constructor(scope: Construct, id: string, props: VirtualDesktopNodeProps) {
    const sessionType = props.sessionType ?? (props.os.family === NodeOsFamily.WINDOWS ? DcvSessionType.CONSOLE : DcvSessionType.VIRTUAL);
    const place = `${scope.node.path}/${id}`;
    validateSessionType(place, props.os, sessionType);
    const idleTimeoutMinutes = minutesOf(place, props.idleTimeout);
    checkOwnerUid(place, props);
    checkDcvOptions(place, props.os, props.dcv, props.sessionOwner);
    const choices = desktopChoices(place, props.os, sessionType === DcvSessionType.CONSOLE, props);
    const dcvSource = dcvSourceOf(place, props);
    const loginMethod = loginMethodOf(place, props);
    checkAutoLogon(place, props.os, choices, loginMethod);
    refuseOnLinux(place, props.os, { ownerIsAdministrator: props.ownerIsAdministrator });
    // Of one owner are the password of a secret and a number.
    const fixedOwner = loginMethod._secret === undefined && props.ownerUid === undefined ? undefined : props.sessionOwner;
    super(scope, id, {
      ...props,
      nodeType: NodeType.DCV_NODE,
      _desktop: {
        sessionType,
        port: DCV_PORT,
        idleTimeoutMinutes,
        loginMethod,
        fixedOwner,
        ownerUid: props.ownerUid,
        dcv: props.dcv,
        choices,
        dcvSource,
        ownerIsAdministrator: props.ownerIsAdministrator ?? false,
      },
    });
    this.sessionType = sessionType;
    this.fixedOwner = fixedOwner;
    this.loginMethod = loginMethod;
    this.readinessTimeout = readinessTimeout(this, NodeType.DCV_NODE, props.bootstrapTimeout);
    this.quic = props.dcv?.quic ?? true;
    grantPassword(this, this.role, loginMethod._secret);
    grantSecret(this, this.role, props.dcv?.certificateSecret);
    warnOfDcvOptions(this, props.dcv);
    warnOfAdministrator(this, props);
    const launchTimeValues: { [key: string]: string | undefined } = {
      [NodeTags.SESSION_OWNER]: props.sessionOwner,
      [NodeTags.SESSION_NAME]: props.sessionName,
      [NodeTags.PROJECT]: props.project,
    };
    for (const [key, value] of Object.entries(launchTimeValues)) {
      if (value !== undefined) {
        this.setLaunchTimeValue(key, value);
      }
    }
  }

  /**
   * Let DCV clients in: port 8443 over TCP and, where the desktop has QUIC, UDP.
   *
   * @param peer who is let in, such as `ec2.Peer.ipv4(...)` or a security group
   */
  public allowDcvFrom(peer: ec2.IConnectable): void {
    allowDcv(this, peer, this.quic);
  }

  /**
   * Let somebody ask for the password of an owner's desktops, those with a generated password: with `cluster-nodes session
   * connect`. They see where these desktops are, and nothing of other owners'. Resetting a password is not part of it.
   *
   * The grant's `success` is false for a principal that takes no policy, such as an account. To an imported role that is
   * immutable the CDK adds nothing and says nothing.
   *
   * @param grantee who may ask, such as a role
   * @param owner login name of the owner, a token, or `${aws:username}` or `${aws:PrincipalTag/KEY}` for whoever asks
   * @throws when the owner is none that a desktop takes, or the desktop makes no password
   */
  public grantConnect(grantee: iam.IGrantable, owner: string): iam.Grant {
    if (!this.loginMethod._isGenerated) {
      throw new ConstructError(
        'NoGeneratedPassword',
        `expected a desktop that makes a password for its owner, got one with ${this.loginMethod.name}; leave out the grant, or give loginWith: LoginMethod.generatedPassword()`,
        this,
      );
    }
    return grantConnect(this, grantee, owner, this.os.family);
  }

  /**
   * Set a launch-time value for all instances of the launch template, as `ClusterNode` does. A node with the password or the
   * `ownerUid` of its `sessionOwner` takes no other owner.
   *
   * @param key tag of `NodeTags`
   * @param value the value, which may be a token
   * @throws when the value is not what the node takes
   */
  public setLaunchTimeValue(key: string, value: string): void {
    if (key === NodeTags.SESSION_OWNER && this.fixedOwner !== undefined && value !== this.fixedOwner) {
      throw new ConstructError(
        'SharedPassword',
        `expected no other owner than the sessionOwner, whose password or ownerUid the node has, got '${value}'; make a node for each owner`,
        this,
      );
    }
    super.setLaunchTimeValue(key, value);
  }

  /**
   * Add outputs to the stack with what a request for a desktop takes, for `DesktopSessions` and `cluster-nodes session
   * request`. Their names begin with the path of the node below its stack: of `LinuxDesktop` they are
   * `LinuxDesktopLaunchTemplateId`, `LinuxDesktopLaunchTemplateVersion`, `LinuxDesktopSubnetIds` (with commas between them)
   * and `LinuxDesktopTimeoutMinutes`.
   *
   * @throws when the stack has an output or another construct of such a name
   */
  public addSessionOutputs(): void {
    const prefix = this.node.path.slice(this.stack.node.path.length).replace(/[^A-Za-z0-9]/g, '');
    const output = (name: string, option: string, value: string) =>
      new CfnOutput(this.stack, `${prefix}${name}`, { value, description: `For cluster-nodes session request ${option}` });
    output('LaunchTemplateId', '--launch-template-id', this.launchTemplateId);
    output('LaunchTemplateVersion', '--launch-template-version', this.launchTemplateVersion);
    output('SubnetIds', '--subnet-id (one of them)', this.subnetIds.join(','));
    output('TimeoutMinutes', '--timeout-minutes', String(Math.ceil(this.readinessTimeout.toMinutes({ integral: false }))));
  }
}

class ImportedDesktop extends ImportedNode implements IVirtualDesktopNode {
  private readonly quic: boolean;

  public constructor(scope: Construct, id: string, attributes: VirtualDesktopNodeAttributes) {
    super(scope, id, attributes, NodeType.DCV_NODE);
    this.quic = attributes.quic ?? true;
  }

  public grantConnect(grantee: iam.IGrantable, owner: string): iam.Grant {
    return grantConnect(this, grantee, owner);
  }

  public allowDcvFrom(peer: ec2.IConnectable): void {
    allowDcv(this, peer, this.quic);
  }
}

function allowDcv(desktop: IClusterNode, peer: ec2.IConnectable, quic: boolean): void {
  letIn(desktop, desktop, peer, ec2.Port.tcp(DCV_PORT), 'Amazon DCV');
  if (quic) letIn(desktop, desktop, peer, ec2.Port.udp(DCV_PORT), 'Amazon DCV over QUIC');
}

function validateSessionType(place: string, os: NodeOs, sessionType: DcvSessionType): void {
  if (os.family === NodeOsFamily.WINDOWS && sessionType !== DcvSessionType.CONSOLE) {
    throw new ConstructError(
      'UnsupportedSessionType',
      `expected a console session on ${os.name}, got ${sessionType}; DCV has virtual sessions on Linux only`,
      place,
    );
  }
}

function minutesOf(place: string, idleTimeout: Duration = Duration.days(1)): number {
  const minutes = idleTimeout.isUnresolved() ? NaN : idleTimeout.toMinutes({ integral: false });
  if (!Number.isInteger(minutes) || minutes > LONGEST_IDLE_MINUTES) {
    throw new ConstructError(
      'OutOfRange',
      `expected an idleTimeout of whole minutes up to 7 days, known at synth, got ${idleTimeout.isUnresolved() ? 'a token' : idleTimeout.toString()}`,
      place,
    );
  }
  return minutes;
}
