import { Token } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import type * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import type { Construct } from 'constructs';
import { ConstructError } from '../construct-error';
import { ClusterNode } from './cluster-node';
import type { NodeOptions } from './node-options';
import type { NodeOs } from './node-os';
import { NodeOsFamily } from './node-os-props';
import { NodeTags } from './node-tags';
import { NodeType } from './node-type';

/** How DCV shows the desktop. */
export enum DcvSessionType {
  /** The machine's own screen: one session, GPU acceleration. The only type on Windows. */
  CONSOLE = 'console',

  /** A display that DCV makes for its user (Linux). */
  VIRTUAL = 'virtual',
}

/** Properties of a virtual desktop. */
export interface VirtualDesktopNodeProps extends NodeOptions {
  /**
   * How DCV shows the desktop.
   *
   * @default - DcvSessionType.VIRTUAL on Linux, DcvSessionType.CONSOLE on Windows
   */
  readonly sessionType?: DcvSessionType;

  /**
   * User who owns the desktops of this launch template, unless whoever launches one says otherwise: a login name of
   * letters, digits, `_`, `.` and `-`, at most 32 characters (20 on Windows). May be a token.
   *
   * @default - none: whoever launches a desktop names its owner (`DesktopSessions` does)
   */
  readonly sessionOwner?: string;

  /**
   * Name of the desktop that its owner sees. May be a token.
   *
   * @default - none
   */
  readonly sessionName?: string;

  /**
   * Project that the desktop works for. May be a token.
   *
   * @default - none
   */
  readonly project?: string;

  /**
   * Minutes without input after which DCV disconnects a client: 0 (never) to 10,080.
   *
   * @default 1440
   */
  readonly idleTimeoutMinutes?: number;

  /**
   * Secret whose text is the password of the local user who owns the desktop. The node may read it. All desktops of this
   * launch template have it, whoever owns them: leave it out where users come from a directory or from the image.
   *
   * @default - none: a local user that the bootstrap creates cannot log in until somebody sets a password
   */
  readonly ownerPasswordSecret?: secretsmanager.ISecret;
}

const DCV_PORT = 8443;
const OWNER = /^[a-zA-Z0-9][a-zA-Z0-9_.-]*$/;

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
export class VirtualDesktopNode extends ClusterNode {
  /** How DCV shows the desktop. */
  public readonly sessionType: DcvSessionType;

  /** @throws when a property does not have the form that its documentation says, or when two do not go together */
  public constructor(scope: Construct, id: string, props: VirtualDesktopNodeProps) {
    const sessionType = props.sessionType ?? (props.os.family === NodeOsFamily.WINDOWS ? DcvSessionType.CONSOLE : DcvSessionType.VIRTUAL);
    const place = `${scope.node.path}/${id}`;
    validateSessionType(place, props.os, sessionType);
    validateOwner(place, props.os, props.sessionOwner);
    validateIdleTimeout(place, props.idleTimeoutMinutes);
    super(scope, id, {
      ...props,
      nodeType: NodeType.DCV_NODE,
      _desktop: {
        sessionType,
        port: DCV_PORT,
        idleTimeoutMinutes: props.idleTimeoutMinutes ?? 1440,
        ownerPasswordSecretArn: props.ownerPasswordSecret?.secretArn,
      },
    });
    this.sessionType = sessionType;
    props.ownerPasswordSecret?.grantRead(this);
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

  /** Let DCV clients in: port 8443 over TCP and, for QUIC, UDP. */
  public allowDcvFrom(peer: ec2.IConnectable): void {
    this.connections.allowFrom(peer, ec2.Port.tcp(DCV_PORT), 'Amazon DCV');
    this.connections.allowFrom(peer, ec2.Port.udp(DCV_PORT), 'Amazon DCV over QUIC');
  }
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

function validateOwner(place: string, os: NodeOs, owner: string | undefined): void {
  if (owner === undefined || Token.isUnresolved(owner)) {
    return;
  }
  const most = os.family === NodeOsFamily.WINDOWS ? 20 : 32;
  if (!OWNER.test(owner) || owner.length > most) {
    throw new ConstructError(
      'InvalidSessionOwner',
      `expected a sessionOwner of 1 to ${most} letters, digits, '_', '.' and '-' starting with a letter or digit, got '${owner}'`,
      place,
    );
  }
}

function validateIdleTimeout(place: string, minutes: number | undefined): void {
  if (minutes !== undefined && (Token.isUnresolved(minutes) || !Number.isInteger(minutes) || minutes < 0 || minutes > 10080)) {
    throw new ConstructError('OutOfRange', `expected idleTimeoutMinutes to be an integer from 0 to 10080, got ${minutes}`, place);
  }
}
