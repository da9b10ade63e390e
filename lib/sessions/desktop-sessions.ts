import { randomUUID } from 'node:crypto';
import type { Stack } from '@aws-sdk/client-cloudformation';
import { isThrottling, isTransient, StackApi } from './cloudformation';
import {
  type DesktopSession,
  type DesktopSessionFilter,
  type DesktopSessionRequest,
  type DesktopSessionsProps,
  DesktopSessionState,
  type DesktopSessionWaitOptions,
} from './desktop-session';
import { desktopSessionState, stateNeedsEvents } from './desktop-session-state';
import { DesktopSessionTemplate } from './desktop-session-template';
import { durationInSeconds, READINESS_TIMEOUT, WAIT_TIMEOUT } from './durations';
import { type FieldName, FIELD_RULES, fieldProblem } from './field-rules';
import { LAUNCH_TIME_VALUES, NODE_TYPE_TAG } from './launch-time-values';
import { SessionError } from './session-error';
import { randomSessionId, sessionIdOfKey } from './session-id';
import { PARAMETER_FIELDS } from './template-parameters';
import { type Clock, nextDelay, SYSTEM_CLOCK } from './waiting';

/** What the stack gets on top of the node's own time: for EC2 to launch the instance. */
const LAUNCH_ALLOWANCE_MINUTES = 15;
const MAX_NAME_ATTEMPTS = 3;
const STACKS_READ_AT_A_TIME = 4;

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
  private readonly prefix: string;
  private readonly stacks: StackApi;

  public constructor(props: DesktopSessionsProps) {
    refuse('the sessions of a cluster cannot be reached', [
      fieldProblem('clusterId', props.clusterId),
      optionalProblem('region', props.region),
      optionalProblem('stackNamePrefix', props.stackNamePrefix),
    ]);
    const defaultPrefix = `${props.clusterId}-desktop-`;
    this.clusterId = props.clusterId;
    this.prefix = props.stackNamePrefix ?? defaultPrefix;
    // The role of a node may signal these stacks and no others: under another name no desktop would ever become ready.
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
   */
  public async request(options: DesktopSessionRequest): Promise<DesktopSession> {
    const readiness = durationInSeconds('readinessTimeout', options.readinessTimeout, READINESS_TIMEOUT);
    refuse('the desktop cannot be requested', [
      fieldProblem('launchTemplateId', options.launchTemplateId),
      fieldProblem('launchTemplateVersion', options.launchTemplateVersion),
      fieldProblem('subnetId', options.subnetId),
      optionalProblem('instanceType', options.instanceType),
      fieldProblem('owner', options.owner),
      optionalProblem('sessionName', options.sessionName),
      optionalProblem('project', options.project),
      optionalProblem('idempotencyKey', options.idempotencyKey),
      'problem' in readiness ? readiness.problem : undefined,
    ]);
    const readinessSeconds = 'seconds' in readiness ? readiness.seconds : READINESS_TIMEOUT.defaultSeconds;
    const { body } = new DesktopSessionTemplate({ readinessTimeout: options.readinessTimeout });
    const key = options.idempotencyKey;

    for (let attempt = 1; attempt <= MAX_NAME_ATTEMPTS; attempt++) {
      const sessionId = key === undefined ? randomSessionId() : sessionIdOfKey(this.clusterId, options.owner, key);
      const parameters = this.parameters(sessionId, options);
      const name = this.stackName(sessionId);
      const stackId = await this.stacks
        .create({
          name,
          body,
          parameters,
          tags: stackTags(parameters),
          timeoutMinutes: Math.ceil(readinessSeconds / 60) + LAUNCH_ALLOWANCE_MINUTES,
          requestToken: randomUUID(),
        })
        .catch((error: unknown) => {
          throw isTransient(error) && !isThrottling(error) ? uncertain(sessionId, error as Error) : error;
        });
      // No other call comes between the accepted request and this answer: its error would hide a desktop that costs money.
      if (stackId !== undefined) return this.acceptedSession(sessionId, stackId, options);

      const existing = await this.stacks.describe(name);
      // The stack is the one asked for when it was made from the same values, an earlier request with this key among them.
      if (existing !== undefined && this.isSession(existing)) {
        if (hasParameters(existing, parameters)) return this.session(existing);
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
   */
  public async get(sessionId: string): Promise<DesktopSession> {
    return this.session(await this.find(sessionId));
  }

  /**
   * The sessions of the cluster that have not been deleted, oldest first.
   *
   * @param filter which of them; all when left out
   */
  public async list(filter: DesktopSessionFilter = {}): Promise<DesktopSession[]> {
    const states = filter.states;
    refuse('the sessions cannot be listed', [
      optionalProblem('owner', filter.owner),
      optionalProblem('project', filter.project),
      ...(states ?? []).map(stateProblem),
    ]);
    const stacks = await this.stacks.describeAll((stack) => {
      const values = launchTimeValuesOf(stack);
      return (
        this.isSession(stack) &&
        (filter.owner === undefined || values.get('SessionOwner') === filter.owner) &&
        (filter.project === undefined || values.get('Project') === filter.project)
      );
    });
    const sessions = await inGroups(stacks, STACKS_READ_AT_A_TIME, (stack) => this.session(stack));
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
    const timeout = durationInSeconds('timeout', options.timeout, WAIT_TIMEOUT);
    refuse('the session cannot be waited for', [
      fieldProblem('sessionId', sessionId),
      until === DesktopSessionState.READY || until === DesktopSessionState.DELETED
        ? undefined
        : `until must be READY or DELETED, but got ${String(until)}`,
      'problem' in timeout ? timeout.problem : undefined,
    ]);
    const seconds = 'seconds' in timeout ? timeout.seconds : WAIT_TIMEOUT.defaultSeconds;
    const deadline = this._clock.now() + seconds * 1000;

    let last = from;
    let lastError: unknown;
    let failuresInARow = 0;
    let failedDeletions = 0;
    for (let looks = 1; ; looks++) {
      try {
        // By its id the stack is found after its deletion too, and it cannot be confused with a later one of the same name.
        const now = last === undefined ? await this.get(sessionId) : await this.again(last);
        if (now.state !== last?.state) onState(now);
        last = now;
        lastError = undefined;
        failuresInARow = 0;
        // Right after a deletion was asked for once more, the failure of the one before can still be what is read.
        failedDeletions = now.stackStatus === 'DELETE_FAILED' ? failedDeletions + 1 : 0;
        if (now.state === until) return now;
        endOfWaiting(now, until, failedDeletions);
      } catch (error) {
        if (!isTransient(error)) throw error;
        lastError = error;
        failuresInARow++;
      }

      const left = deadline - this._clock.now();
      if (left <= 0) throw timedOut(sessionId, until, seconds, last, lastError);
      await this._clock.sleep(Math.min(nextDelay(looks, failuresInARow, this._clock.random()), left));
    }
  }

  /**
   * Deletes the session: its instance with the volumes that end with it, and its stack. Returns as soon as CloudFormation
   * has accepted it; `wait` waits for the end. Deleting a session that is being or was deleted changes nothing. A stack
   * that is not a session of this cluster is never deleted.
   *
   * @param sessionId identifier of the session
   */
  public async delete(sessionId: string): Promise<DesktopSession> {
    const stack = await this.find(sessionId);
    const session = await this.session(stack);
    if (session.state === DesktopSessionState.DELETING || session.state === DesktopSessionState.DELETED) return session;
    await this.stacks.delete(session.stackId, randomUUID());
    return withoutReason({ ...session, state: DesktopSessionState.DELETING, stackStatus: 'DELETE_IN_PROGRESS' });
  }

  private stackName(sessionId: string): string {
    return this.prefix + sessionId;
  }

  private parameters(sessionId: string, request: DesktopSessionRequest): Map<string, string> {
    const fields: { readonly [field in FieldName]?: string } = { ...request, clusterId: this.clusterId, sessionId };
    const parameters = new Map<string, string>([['SubnetId', request.subnetId]]);
    for (const [parameter, field] of Object.entries(PARAMETER_FIELDS)) {
      const value = fields[field];
      if (value !== undefined) parameters.set(parameter, value);
    }
    return parameters;
  }

  private acceptedSession(sessionId: string, stackId: string, request: DesktopSessionRequest): DesktopSession {
    return {
      sessionId,
      clusterId: this.clusterId,
      state: DesktopSessionState.REQUESTED,
      owner: request.owner,
      ...(request.sessionName === undefined ? {} : { sessionName: request.sessionName }),
      ...(request.project === undefined ? {} : { project: request.project }),
      stackName: this.stackName(sessionId),
      stackId,
      stackStatus: 'CREATE_IN_PROGRESS',
      requestedAt: new Date(this._clock.now()).toISOString(),
    };
  }

  /** The stack of a session, also of one that was deleted. */
  private async find(sessionId: string): Promise<Stack> {
    refuse('the session cannot be looked up', [fieldProblem('sessionId', sessionId)]);
    const name = this.stackName(sessionId);
    const live = await this.stacks.describe(name);
    if (live !== undefined) {
      if (this.isSession(live)) return live;
      throw new SessionError(
        'ForeignStack',
        `the stack ${name} is not the session ${sessionId} of the cluster ${this.clusterId}: its tags do not say so`,
        'nothing was changed',
      );
    }
    const deleted = await this.stacks.describeDeleted(name);
    if (deleted !== undefined && this.isSession(deleted)) return deleted;
    throw new SessionError(
      'SessionNotFound',
      `there is no session ${sessionId} in the cluster ${this.clusterId}, nor was one deleted in the last 90 days`,
      'check the id, the cluster id and the Region',
    );
  }

  /** The same session, looked at again. */
  private async again(session: DesktopSession): Promise<DesktopSession> {
    const stack = await this.stacks.describe(session.stackId);
    if (stack !== undefined) return this.session(stack, session);
    // CloudFormation forgets the id of a stack only long after it was deleted.
    return withoutReason({ ...session, state: DesktopSessionState.DELETED, stackStatus: 'DELETE_COMPLETE' });
  }

  /** Whether the stack was made for a session of this cluster. Name and tags both have to say so. */
  private isSession(stack: Stack): boolean {
    const values = launchTimeValuesOf(stack);
    const sessionId = values.get('SessionId');
    return (
      sessionId !== undefined &&
      fieldProblem('sessionId', sessionId) === undefined &&
      stack.StackName === this.stackName(sessionId) &&
      values.get('ClusterId') === this.clusterId &&
      values.has('SessionOwner') &&
      // Of a living stack the tags have to say it. A deleted one is only looked at, and was found by its name.
      (tagsOf(stack).get(NODE_TYPE_TAG.Key) === NODE_TYPE_TAG.Value || stack.StackStatus === 'DELETE_COMPLETE')
    );
  }

  /** What the stack says about its session; who and what it is for cannot change, and may be known already. */
  private async session(stack: Stack, known?: DesktopSession): Promise<DesktopSession> {
    const stackId = stack.StackId ?? known?.stackId ?? '';
    const stackStatus: string = stack.StackStatus ?? '';
    const events = stateNeedsEvents(stackStatus) ? await this.stacks.events(stackId) : [];
    const { state, reason, instanceId } = desktopSessionState(stack, events);
    const values = launchTimeValuesOf(stack);
    const outputs = new Map((stack.Outputs ?? []).map(({ OutputKey, OutputValue }) => [OutputKey, OutputValue]));
    const ending = state === DesktopSessionState.DELETING || state === DesktopSessionState.DELETED;
    return definedOnly({
      sessionId: known?.sessionId ?? values.get('SessionId') ?? '',
      clusterId: this.clusterId,
      state,
      reason,
      owner: known?.owner ?? values.get('SessionOwner') ?? '',
      sessionName: known?.sessionName ?? values.get('SessionName'),
      project: known?.project ?? values.get('Project'),
      stackName: stack.StackName ?? known?.stackName ?? '',
      stackId,
      stackStatus,
      instanceId: ending ? undefined : (outputs.get('InstanceId') ?? instanceId),
      privateIp: state === DesktopSessionState.READY ? outputs.get('PrivateIp') : undefined,
      privateDnsName: state === DesktopSessionState.READY ? outputs.get('PrivateDnsName') : undefined,
      requestedAt: stack.CreationTime?.toISOString() ?? known?.requestedAt ?? '',
    });
  }
}

/** Ends the waiting for a session that will not get there any more. */
function endOfWaiting(session: DesktopSession, until: DesktopSessionState, failedDeletions: number): void {
  if (until === DesktopSessionState.DELETED) {
    if (failedDeletions >= 2) throw new SessionError('SessionFailed', `the session ${session.sessionId}: ${session.reason}`);
    return;
  }
  switch (session.state) {
    case DesktopSessionState.FAILED:
      throw new SessionError('SessionFailed', `the session ${session.sessionId} failed: ${session.reason}`);
    case DesktopSessionState.DELETING:
    case DesktopSessionState.DELETED:
      throw new SessionError('SessionDeleted', `the session ${session.sessionId} was deleted before it was ready`);
    default:
  }
}

function timedOut(
  sessionId: string,
  until: DesktopSessionState,
  seconds: number,
  last: DesktopSession | undefined,
  lastError: unknown,
): SessionError {
  const seen = last === undefined ? 'its state could not be read' : `it is still ${last.state} (${last.stackStatus})`;
  const error = lastError instanceof Error ? `; the last look failed: ${lastError.name}: ${lastError.message}` : '';
  return new SessionError(
    'WaitTimeout',
    `the session ${sessionId} is not ${until} after ${seconds} seconds: ${seen}${error}`,
    'it goes on without being waited for',
    { cause: lastError },
  );
}

function uncertain(sessionId: string, error: Error): SessionError {
  return new SessionError(
    'RequestUncertain',
    `CloudFormation did not answer, so the session ${sessionId} may or may not have been created: ${error.name}: ${error.message}`,
    'look for it before asking again',
    { cause: error },
  );
}

function refuse(what: string, problems: readonly (string | undefined)[]): void {
  const found = problems.filter((problem) => problem !== undefined);
  if (found.length > 0) throw new SessionError('InvalidRequest', `${what}: ${found.join('; ')}`);
}

function optionalProblem(field: keyof typeof FIELD_RULES, value: unknown): string | undefined {
  return value === undefined ? undefined : fieldProblem(field, value);
}

function stateProblem(state: unknown): string | undefined {
  const states: readonly unknown[] = Object.values(DesktopSessionState);
  return states.includes(state) ? undefined : `states must be of ${states.join(', ')}, but got ${String(state)}`;
}

/** The launch-time values among the parameters, as tags of the stack. */
function stackTags(parameters: ReadonlyMap<string, string>): Map<string, string> {
  const tags = new Map<string, string>([[NODE_TYPE_TAG.Key, NODE_TYPE_TAG.Value]]);
  for (const { parameter, tag } of LAUNCH_TIME_VALUES) {
    const value = parameters.get(parameter);
    if (value !== undefined) tags.set(tag, value);
  }
  return tags;
}

function tagsOf(stack: Stack): Map<string, string> {
  return new Map((stack.Tags ?? []).map(({ Key, Value }) => [Key ?? '', Value ?? '']));
}

function parametersOf(stack: Stack): Map<string, string> {
  return new Map((stack.Parameters ?? []).map(({ ParameterKey, ParameterValue }) => [ParameterKey ?? '', ParameterValue ?? '']));
}

/**
 * The launch-time values of the session by the names of their parameters: from the tags of the stack or, where it has none,
 * its parameters. That a deleted stack still has its tags is not documented.
 */
function launchTimeValuesOf(stack: Stack): Map<string, string> {
  const tags = tagsOf(stack);
  const parameters = parametersOf(stack);
  const values = LAUNCH_TIME_VALUES.map(
    ({ parameter, tag }) => [parameter, (tags.size === 0 ? parameters.get(parameter) : tags.get(tag)) ?? ''] as const,
  );
  return new Map(values.filter(([, value]) => value !== ''));
}

/** Whether the stack was created with these values; a parameter that is not among them had to be left empty. */
function hasParameters(stack: Stack, expected: ReadonlyMap<string, string>): boolean {
  const actual = parametersOf(stack);
  return [...new Set([...actual.keys(), ...expected.keys()])].every((name) => (actual.get(name) ?? '') === (expected.get(name) ?? ''));
}

function withoutReason(session: DesktopSession): DesktopSession {
  return definedOnly({ ...session, reason: undefined, instanceId: undefined, privateIp: undefined, privateDnsName: undefined });
}

function definedOnly(session: DesktopSession): DesktopSession {
  return Object.fromEntries(Object.entries(session).filter(([, value]) => value !== undefined)) as unknown as DesktopSession;
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** Maps a few at a time: many requests at once would be throttled. */
async function inGroups<T, R>(items: readonly T[], size: number, map: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  for (let start = 0; start < items.length; start += size) {
    results.push(...(await Promise.all(items.slice(start, start + size).map(map))));
  }
  return results;
}
