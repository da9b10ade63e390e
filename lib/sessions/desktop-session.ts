import type { Duration } from 'aws-cdk-lib';
import type { NodeOsFamily } from '../nodes/node-os-props';

/** Where a desktop session is in its life. */
export enum DesktopSessionState {
  /** The stack exists and no instance has been launched yet, for instance while EC2 looks for capacity. */
  REQUESTED = 'requested',
  /** The instance runs its bootstrap and has not reported ready. */
  PROVISIONING = 'provisioning',
  /** The node reported that the desktop can be used. */
  READY = 'ready',
  /** The desktop will not become usable: `DesktopSession.reason` says why. */
  FAILED = 'failed',
  /** The stack and its instance are being deleted. */
  DELETING = 'deleting',
  /** The stack and its instance are gone. CloudFormation remembers this for 90 days. */
  DELETED = 'deleted',
}

/** What becomes of an instance whose desktop did not become ready. */
export enum FailedDesktop {
  /** It is terminated, and its logs with it. The stack stays with the reason. */
  TERMINATE = 'terminate',
  /** It runs on, to look at it, and costs money until the session is deleted. */
  KEEP = 'keep',
}

/** One desktop session, as CloudFormation reports it at the moment of the call. */
export interface DesktopSession {
  /** Identifier of the session within its cluster: 1 to 48 lower-case letters, digits and hyphens. */
  readonly sessionId: string;

  /** Cluster the session belongs to. */
  readonly clusterId: string;

  /** Where the session is in its life. */
  readonly state: DesktopSessionState;

  /**
   * Why the session failed, in one line.
   *
   * @default - absent unless the session failed
   */
  readonly reason?: string;

  /**
   * What the bootstrap took, in whole seconds: `total`, and each step that ran, such as `setup.install`, `setup` and
   * `virtual_desktop.check`. An install that the image has is not there. The node writes it into the tag `cluster-node:PhaseSeconds`
   * with its verdict. `list` does not read it.
   *
   * @default - absent until the node has told its verdict, without the npm package `@aws-sdk/client-ec2` or the permission
   * `ec2:DescribeTags`, and some time after the instance is gone
   */
  readonly phaseSeconds?: { readonly [step: string]: number };

  /** Login name of the user the desktop is for. */
  readonly owner: string;

  /**
   * Name the owner gave the session.
   *
   * @default - the session has no name
   */
  readonly sessionName?: string;

  /**
   * Project the desktop is booked on.
   *
   * @default - no project
   */
  readonly project?: string;

  /** Name of the CloudFormation stack. */
  readonly stackName: string;

  /** Identifier (ARN) of the CloudFormation stack, also valid after the stack was deleted. */
  readonly stackId: string;

  /** Status of the stack in CloudFormation's own words, such as `CREATE_IN_PROGRESS`. */
  readonly stackStatus: string;

  /**
   * Identifier of the EC2 instance. Of a failed session it is the one that was terminated, unless it was to be kept.
   *
   * @default - absent before an instance was launched, and of a session that is being or was deleted
   */
  readonly instanceId?: string;

  /**
   * Private IPv4 address of the desktop.
   *
   * @default - absent until the desktop is ready
   */
  readonly privateIp?: string;

  /**
   * Private DNS name of the desktop.
   *
   * @default - absent until the desktop is ready
   */
  readonly privateDnsName?: string;

  /** When the session was requested, in UTC: `2026-01-31T09:30:00.000Z`. */
  readonly requestedAt: string;
}

/** Where the sessions are. */
export interface DesktopSessionsProps {
  /** Identifier of the cluster: a letter, then letters, digits and hyphens, at most 32 characters. */
  readonly clusterId: string;

  /**
   * AWS Region of the cluster.
   *
   * @default - the Region of the environment or the shared configuration file, as for the AWS CLI
   */
  readonly region?: string;

  /**
   * What the names of the session stacks begin with, before the session id. It has to begin with `<clusterId>-desktop-`, the
   * stacks that the nodes may report to, and can add letters, digits and hyphens, to at most 80 characters: IAM policies can
   * be limited to it, so that each team has its own sessions.
   *
   * @default - `<clusterId>-desktop-`
   */
  readonly stackNamePrefix?: string;
}

/** Options of the template of one desktop session. */
export interface DesktopSessionTemplateProps {
  /**
   * How long the node may take from its launch until it reports ready, 5 minutes to 12 hours. A node that has not reported
   * by then has failed and is terminated. Give it more than the `bootstrapTimeout` of the node (one hour unless set): a node
   * that runs out of its own time says where it was, one that is cut off does not.
   *
   * @default Duration.minutes(75)
   */
  readonly readinessTimeout?: Duration;

  /**
   * Operating system of the desktop. It sets nothing but the rule for the name of the owner.
   *
   * @default - not known: only an owner that Linux and Windows both take
   */
  readonly osFamily?: NodeOsFamily;
}

/** What is asked for with one desktop. */
export interface DesktopSessionRequest extends DesktopSessionTemplateProps {
  /** Identifier of the launch template of the desktop: `lt-` and 8 or 17 hexadecimal digits. */
  readonly launchTemplateId: string;

  /**
   * Version number of the launch template. CloudFormation refuses `$Latest` and `$Default` here, and a number is what makes
   * two requests start the same thing: pass the latest version number, which a deployment of the cluster can give as an output.
   */
  readonly launchTemplateVersion: string;

  /** Subnet the desktop is launched into: `subnet-` and 8 or 17 hexadecimal digits. */
  readonly subnetId: string;

  /**
   * EC2 instance type, such as `m7i.xlarge`.
   *
   * @default - the instance type of the launch template
   */
  readonly instanceType?: string;

  /**
   * Login name of the user: letters, digits, `_`, `.` and `-`, beginning with a letter or a digit, and no name that the system
   * keeps for itself, such as `root`, `Administrator` or `nul`. On Linux it has at most 32 characters and is not digits alone,
   * on Windows it has at most 20 and does not end with a dot. The node takes exactly what is taken here.
   */
  readonly owner: string;

  /**
   * Name for people to recognise the session by: 1 to 32 letters, digits, spaces, `_`, `.` and `-`, beginning with a letter
   * or a digit and not ending with a space. Need not be unique.
   *
   * @default - no name
   */
  readonly sessionName?: string;

  /**
   * Project the desktop is booked on: 1 to 64 letters, digits, `_`, `.` and `-`, beginning with a letter or a digit.
   *
   * @default - no project
   */
  readonly project?: string;

  /**
   * What becomes of the instance when the desktop does not become ready.
   *
   * @default FailedDesktop.TERMINATE
   */
  readonly onFailure?: FailedDesktop;

  /**
   * Makes the request safe to repeat: while the session of an earlier request with the same owner and key exists, whatever
   * its state, that session is returned and nothing is created. 22 to 128 printable characters without spaces, which nobody
   * else can guess: the session id follows from cluster, owner and key. Make a random UUID for the request, and keep it with it.
   *
   * @default - every request is a new session
   */
  readonly idempotencyKey?: string;
}

/** Which sessions to list. Conditions are combined: a session has to meet all of them. */
export interface DesktopSessionFilter {
  /**
   * Only sessions of this owner.
   *
   * @default - all owners
   */
  readonly owner?: string;

  /**
   * Only sessions of this project.
   *
   * @default - all projects
   */
  readonly project?: string;

  /**
   * Only sessions in one of these states.
   *
   * @default - all states
   */
  readonly states?: DesktopSessionState[];
}

/** How to wait for a session. */
export interface DesktopSessionWaitOptions {
  /**
   * What to wait for: `DesktopSessionState.READY` or `DesktopSessionState.DELETED`.
   *
   * @default DesktopSessionState.READY
   */
  readonly until?: DesktopSessionState;

  /**
   * How long to wait at most.
   *
   * @default Duration.minutes(90)
   */
  readonly timeout?: Duration;
}
