import { randomUUID } from 'node:crypto';
import type { Stack, Tag } from '@aws-sdk/client-cloudformation';
import { errorText, isThrottling, isTransient } from '../aws/call-errors';
import { compare } from '../aws/compare';
import { type Clock, LAG, nextDelay, SYSTEM_CLOCK } from '../aws/clock';
import { durationProblem, secondsOf } from '../aws/durations';
import { inGroups } from '../aws/in-groups';
import { StackApi } from './cloudformation';
import { connectTo } from './connect';
import type { DesktopConnection, DesktopConnectOptions } from './desktop-connection';
import {
  type DesktopSession,
  type DesktopSessionFilter,
  type DesktopSessionRequest,
  type DesktopSessionsProps,
  DesktopSessionState,
  type DesktopSessionWaitOptions,
  FailedDesktop,
} from './desktop-session';
import { desktopSessionState, needsEvents, possibleStates } from './desktop-session-state';
import { DesktopSessionTemplate } from './desktop-session-template';
import { READINESS_TIMEOUT, WAIT_TIMEOUT } from './durations';
import { anyOwnerProblem, fieldProblem, optionalProblem, refuse } from './field-rules';
import { withReport } from './node-reports';
import { RunCommandApi } from './run-command';
import { SessionError } from './session-error';
import { randomSessionId, sessionIdOfKey } from './session-id';
import {
  endedSession,
  hasDesktopTag,
  hasParameters,
  launchTimeValuesOfStack,
  sessionOfStack,
  stackParameters,
  stackTags,
} from './session-stack';
import { waitForState } from './waiting';

/** What the stack gets on top of the node's own time: for EC2 to launch the instance. */
const LAUNCH_ALLOWANCE_MINUTES = 15;
const MAX_NAME_ATTEMPTS = 3;

/**
 * The desktop sessions of a cluster, at run time: request, look up, list, wait for and delete them.
 *
 * Each session is one CloudFormation stack, and CloudFormation is the only record: there is no database to disagree with.
 * A session whose desktop does not become ready in time has failed; its instance is terminated and its stack stays, with
 * the reason, until the session is deleted.
 *
 * Needs the npm package `@aws-sdk/client-cloudformation` and the credentials of the environment.
 */
export class DesktopSessions {
  /** @internal */
  public _clock: Clock = SYSTEM_CLOCK;

  private readonly clusterId: string;
  private readonly region?: string;
  private readonly prefix: string;
  private readonly stacks: StackApi;
  /** What CloudFormation has just accepted and may not tell of yet, by session id. */
  private readonly accepted = new Map<string, { readonly session: DesktopSession; readonly at: number }>();

  /**
   * The desktops of a cluster. Nothing is asked of AWS yet.
   *
   * @throws when a property does not have the form that its documentation says
   */
  public constructor(props: DesktopSessionsProps) {
    refuse('the sessions of a cluster cannot be reached', [
      fieldProblem('clusterId', props.clusterId),
      optionalProblem('region', props.region),
      optionalProblem('stackNamePrefix', props.stackNamePrefix),
    ]);
    const defaultPrefix = `${props.clusterId}-desktop-`;
    this.clusterId = props.clusterId;
    this.region = props.region;
    this.prefix = props.stackNamePrefix ?? defaultPrefix;
    // Who may connect, and with signalWith ROLE what a node may signal, goes by the name.
    if (!this.prefix.startsWith(defaultPrefix)) {
      throw new SessionError('InvalidRequest', `stackNamePrefix must begin with "${defaultPrefix}", but got "${this.prefix}"`);
    }
    this.stacks = new StackApi(props.region);
  }

  /**
   * Requests a desktop. Returns as soon as CloudFormation has accepted the request; `wait` waits for the desktop. Everything
   * is checked first: nothing is created for a request with a mistake in it.
   *
   * @param options what is asked for
   * @throws when a value does not have the form that its documentation says, when the idempotency key was used for something
   * else, when it stays unknown whether the session was created, or when AWS refuses (its error as it is)
   * @see https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_CreateStack.html
   */
  public async request(options: DesktopSessionRequest): Promise<DesktopSession> {
    refuse('the desktop cannot be requested', [
      fieldProblem('launchTemplateId', options.launchTemplateId),
      fieldProblem('launchTemplateVersion', options.launchTemplateVersion),
      fieldProblem('subnetId', options.subnetId),
      optionalProblem('instanceType', options.instanceType),
      optionalProblem('osFamily', options.osFamily),
      fieldProblem('owner', options.owner, options.osFamily),
      optionalProblem('sessionName', options.sessionName),
      optionalProblem('project', options.project),
      optionalProblem('onFailure', options.onFailure),
      optionalProblem('idempotencyKey', options.idempotencyKey),
      durationProblem('readinessTimeout', options.readinessTimeout, READINESS_TIMEOUT),
    ]);
    const readinessSeconds = secondsOf(options.readinessTimeout, READINESS_TIMEOUT);
    const { body } = new DesktopSessionTemplate(options);
    const key = options.idempotencyKey;

    for (let attempt = 1; attempt <= MAX_NAME_ATTEMPTS; attempt++) {
      const sessionId = key === undefined ? randomSessionId() : sessionIdOfKey(this.clusterId, options.owner, key);
      const parameters = stackParameters(this.clusterId, sessionId, options);
      const tags = stackTags(parameters);
      const name = this.stackName(sessionId);
      const made = await this.createOrFind({
        name,
        body,
        parameters,
        tags,
        timeoutMinutes: Math.ceil(readinessSeconds / 60) + LAUNCH_ALLOWANCE_MINUTES,
        keepOnFailure: options.onFailure === FailedDesktop.KEEP,
        requestToken: randomUUID(),
      }).catch((error: unknown) => {
        throw isTransient(error) && !isThrottling(error) ? uncertain(sessionId, 'CloudFormation did not answer', error) : error;
      });
      // No other call comes between the accepted request and this answer: its error would hide a desktop that costs money.
      if (typeof made === 'string') return this.remember(this.acceptedSession(name, made, tags));
      if (made === undefined) throw uncertain(sessionId, 'CloudFormation says that the stack exists and that it does not');
      // The stack is the one asked for when it was made from the same values, an earlier request with this key among them.
      if (this.isSession(made)) {
        if (hasParameters(made, parameters)) return this.session(made);
        if (key !== undefined) {
          throw new SessionError(
            'IdempotencyConflict',
            `the idempotency key belongs to the session ${sessionId}, which was requested with other values`,
            'use another key, or ask for the same',
          );
        }
      }
    }
    throw new SessionError(
      'ForeignStack',
      `no free stack name was found that begins with ${this.prefix}`,
      'choose another stackNamePrefix',
    );
  }

  /**
   * The session as it is now. A deleted session is found for 90 days after its deletion; an id that never was one is an error.
   *
   * @param sessionId identifier of the session
   * @throws when there is no such session, or a stack of its name is not a session of this cluster
   */
  public async get(sessionId: string): Promise<DesktopSession> {
    return (await this.lookUp(sessionId)) ?? this.acceptedLately(sessionId) ?? this.notFound(sessionId);
  }

  /**
   * The sessions of the cluster that have not been deleted, oldest first.
   *
   * @param filter which of them: all when left out
   * @throws when a condition does not have the form that its documentation says
   */
  public async list(filter: DesktopSessionFilter = {}): Promise<DesktopSession[]> {
    const states = filter.states;
    refuse('the sessions cannot be listed', [
      anyOwnerProblem(filter.owner),
      optionalProblem('project', filter.project),
      ...(states ?? []).map(stateProblem),
    ]);
    const stacks = (await this.stacks.describeAll()).filter((stack) => {
      const { owner, project } = launchTimeValuesOfStack(stack);
      return (
        this.isSession(stack) &&
        // Not asked for its events when none of them could make it one of these.
        (states === undefined || possibleStates(stack.StackStatus ?? '').some((state) => states.includes(state))) &&
        (filter.owner === undefined || owner === filter.owner) &&
        (filter.project === undefined || project === filter.project)
      );
    });
    const sessions = await inGroups(stacks, (stack) => this.session(stack, { withTags: false }));
    return sessions
      .filter((session) => states === undefined || states.includes(session.state))
      .sort((a, b) => compare(a.requestedAt, b.requestedAt) || compare(a.sessionId, b.sessionId));
  }

  /**
   * Waits until the session is ready, or until it is deleted, and returns it. A session that fails or is deleted in the
   * meantime ends the waiting with an error that says why; so does the end of the time. Throttling and interruptions of the
   * network do not.
   *
   * @param sessionId identifier of the session
   * @param options what to wait for and how long
   * @throws when the session fails, is deleted while something else is waited for, or does not get there in time
   */
  public async wait(sessionId: string, options: DesktopSessionWaitOptions = {}): Promise<DesktopSession> {
    return this._wait(sessionId, options);
  }

  /**
   * `wait`, telling of every new state on the way, and from a session that was just read.
   *
   * @internal
   */
  public async _wait(
    sessionId: string,
    options: DesktopSessionWaitOptions,
    onState: (session: DesktopSession) => void = () => undefined,
    from?: DesktopSession,
  ): Promise<DesktopSession> {
    const until = options.until ?? DesktopSessionState.READY;
    refuse('the session cannot be waited for', [
      fieldProblem('sessionId', sessionId),
      until === DesktopSessionState.READY || until === DesktopSessionState.DELETED
        ? undefined
        : `until must be READY or DELETED, but got ${String(until)}`,
      durationProblem('timeout', options.timeout, WAIT_TIMEOUT),
    ]);
    // By its id the stack is found after its deletion too, and it cannot be confused with a later one of the same name.
    const look = (last?: DesktopSession): Promise<DesktopSession | undefined> =>
      last === undefined ? this.lookUp(sessionId) : this.again(last);
    // CloudFormation forgets the id of a stack only long after it was deleted.
    const gone = (last?: DesktopSession): DesktopSession =>
      last === undefined ? this.notFound(sessionId) : endedSession(last, DesktopSessionState.DELETED, 'DELETE_COMPLETE');
    return waitForState(
      {
        sessionId,
        until,
        seconds: secondsOf(options.timeout, WAIT_TIMEOUT),
        look,
        gone,
        onState,
        from: from ?? this.acceptedLately(sessionId),
      },
      this._clock,
    );
  }

  /**
   * Deletes the session: its instance with the volumes that end with it, and its stack. Returns as soon as CloudFormation
   * has accepted it; `wait` waits for the end. Deleting a session that is being or was deleted changes nothing. A stack
   * that is not a session of this cluster is never deleted.
   *
   * @param sessionId identifier of the session
   * @throws when there is no such session, or a stack of its name is not a session of this cluster
   */
  public async delete(sessionId: string): Promise<DesktopSession> {
    // Why a session failed is over with it: its events are not asked for.
    const session = (await this.lookUp(sessionId, false)) ?? this.acceptedLately(sessionId) ?? this.notFound(sessionId);
    if (session.state === DesktopSessionState.DELETING || session.state === DesktopSessionState.DELETED) return session;
    await this.stacks.delete(session.stackId, randomUUID());
    return this.remember(endedSession(session, DesktopSessionState.DELETING, 'DELETE_IN_PROGRESS'));
  }

  /**
   * Asks the desktop of a session for what its owner needs to log in. The desktop encrypts the password to a key that is made
   * for this call and forgotten after it. Only for desktops that make their own passwords (`LoginMethod.generatedPassword()`).
   *
   * Needs the npm package `@aws-sdk/client-ssm`, and the permissions that `grantConnect` of the desktop gives.
   *
   * @param sessionId identifier of the session
   * @param options how to ask
   * @throws when there is no such session, it is not ready, or its desktop cannot be asked, refuses or gives no usable answer
   */
  public async connect(sessionId: string, options: DesktopConnectOptions = {}): Promise<DesktopConnection> {
    // Events and deleted stacks are not read: whoever may connect need not be allowed to.
    const session = (await this.living(sessionId, false)) ?? this.notFound(sessionId);
    return connectTo(session, options.reset === true ? 'reset' : 'connect', new RunCommandApi(this.region), this._clock);
  }

  /**
   * Creates the stack and returns its id, or returns the stack that has its name. That it exists and cannot be read comes
   * from a creation or deletion a moment ago; undefined when it stays so.
   */
  private async createOrFind(stack: Parameters<StackApi['create']>[0]): Promise<string | Stack | undefined> {
    const start = this._clock.now();
    for (let looks = 1; this._clock.now() - start <= LAG; looks++) {
      // By its token CloudFormation knows the request again: a repetition makes no second stack.
      const made = (await this.stacks.create(stack)) ?? (await this.stacks.describe(stack.name));
      if (made !== undefined) return made;
      await this._clock.sleep(nextDelay(looks, 0, this._clock.random()));
    }
    return undefined;
  }

  private stackName(sessionId: string): string {
    return this.prefix + sessionId;
  }

  private acceptedSession(stackName: string, stackId: string, tags: Tag[]): DesktopSession {
    const accepted = { StackName: stackName, StackId: stackId, StackStatus: 'CREATE_IN_PROGRESS' as const, Tags: tags };
    const stack = { ...accepted, CreationTime: new Date(this._clock.now()) };
    return sessionOfStack(stack, this.clusterId, { state: DesktopSessionState.REQUESTED });
  }

  private remember(session: DesktopSession): DesktopSession {
    for (const [sessionId] of this.accepted) this.acceptedLately(sessionId);
    this.accepted.set(session.sessionId, { session, at: this._clock.now() });
    return session;
  }

  private acceptedLately(sessionId: string): DesktopSession | undefined {
    const accepted = this.accepted.get(sessionId);
    if (accepted !== undefined && this._clock.now() - accepted.at < LAG) return accepted.session;
    this.accepted.delete(sessionId);
    return undefined;
  }

  /** The session, also one that was deleted; undefined when CloudFormation knows none. */
  private async lookUp(sessionId: string, withEvents?: boolean): Promise<DesktopSession | undefined> {
    const live = await this.living(sessionId, withEvents);
    if (live !== undefined) return live;
    const deleted = await this.stacks.describeDeleted(this.stackName(sessionId));
    return deleted !== undefined && this.isSession(deleted) ? this.session(deleted) : undefined;
  }

  private async living(sessionId: string, withEvents?: boolean): Promise<DesktopSession | undefined> {
    refuse('the session cannot be looked up', [fieldProblem('sessionId', sessionId)]);
    const name = this.stackName(sessionId);
    const live = await this.stacks.describe(name);
    if (live === undefined || this.isSession(live)) return live && this.session(live, { withEvents });
    throw new SessionError(
      'ForeignStack',
      `the stack ${name} is not the session ${sessionId} of the cluster ${this.clusterId}: its tags do not say so`,
      'nothing was changed',
    );
  }

  private notFound(sessionId: string): never {
    throw new SessionError(
      'SessionNotFound',
      `there is no session ${sessionId} in the cluster ${this.clusterId}, nor was one deleted in the last 90 days`,
      'check the id, the cluster id and the Region; one that was requested a moment ago can be asked for in a minute',
    );
  }

  /** The same session, looked at again; undefined when CloudFormation does not know it. */
  private async again(session: DesktopSession): Promise<DesktopSession | undefined> {
    const stack = await this.stacks.describe(session.stackId);
    return stack && this.session(stack, { known: session });
  }

  /** Whether the stack was made for a session of this cluster. Name and tags both have to say so. */
  private isSession(stack: Stack): boolean {
    const { clusterId, sessionId, owner } = launchTimeValuesOfStack(stack);
    return (
      sessionId !== undefined &&
      fieldProblem('sessionId', sessionId) === undefined &&
      stack.StackName === this.stackName(sessionId) &&
      clusterId === this.clusterId &&
      owner !== undefined &&
      // Of a living stack the tags have to say it. A deleted one is only looked at, and was found by its name.
      (hasDesktopTag(stack) || stack.StackStatus === 'DELETE_COMPLETE')
    );
  }

  private async session(stack: Stack, { known, withEvents, withTags = withEvents ?? true }: LookOptions = {}): Promise<DesktopSession> {
    const looks = withEvents ?? needsEvents(stack.StackStatus ?? '');
    const events = looks ? await this.stacks.events(stack.StackId ?? known?.stackId ?? '') : [];
    const session = sessionOfStack(stack, this.clusterId, desktopSessionState(stack, events), known);
    return withTags ? withReport(session, stack, events, this.region) : session;
  }
}

interface LookOptions {
  readonly known?: DesktopSession;
  readonly withEvents?: boolean;
  readonly withTags?: boolean;
}

function uncertain(sessionId: string, why: string, cause?: unknown): SessionError {
  return new SessionError(
    'RequestUncertain',
    `${why}, so the session ${sessionId} may or may not have been created${cause === undefined ? '' : `: ${errorText(cause)}`}`,
    'look for it before asking again',
    { cause },
  );
}

function stateProblem(state: unknown): string | undefined {
  const states: readonly unknown[] = Object.values(DesktopSessionState);
  return states.includes(state) ? undefined : `states must be of ${states.join(', ')}, but got ${String(state)}`;
}
