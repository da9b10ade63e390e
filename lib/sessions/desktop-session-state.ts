import { DesktopSessionState } from './desktop-session';
import {
  chronological,
  instanceFailureReason,
  INSTANCE_TYPE_NAME,
  isInstanceId,
  stackFailureReason,
  type StackEventRecord,
} from './failure-reason';

/**
 * The part of a CloudFormation stack that decides about the state of its session. The names are those of the API.
 *
 * @internal
 */
export interface StackRecord {
  readonly StackStatus?: string;
  readonly StackStatusReason?: string;
}

/** What CloudFormation's records mean for a session. @internal */
export interface DesktopSessionStatus {
  readonly state: DesktopSessionState;
  /** Present if and only if the session failed. */
  readonly reason?: string;
  /** Last instance that the events name. */
  readonly instanceId?: string;
}

const CREATION_FAILED = ['CREATE_FAILED'];
const UPDATE_FAILED = ['UPDATE_FAILED', 'CREATE_FAILED'];
const DELETION_FAILED = ['DELETE_FAILED'];

/** The reason of a failure without events that say why: there are none yet, or none any more. @internal */
export const UNKNOWN_REASON = 'CloudFormation gives no reason';
const STILL_RUNNING = 'the instance may still be running and cost money: delete the session';

/** The states that the status of the stack tells alone. */
const STATES = new Map<string | undefined, DesktopSessionState>([
  ['REVIEW_IN_PROGRESS', DesktopSessionState.REQUESTED],
  ['CREATE_COMPLETE', DesktopSessionState.READY],
  ['UPDATE_COMPLETE', DesktopSessionState.READY],
  ['UPDATE_COMPLETE_CLEANUP_IN_PROGRESS', DesktopSessionState.READY],
  ['IMPORT_COMPLETE', DesktopSessionState.READY],
  // A rolled back update leaves the desktop as it was before.
  ['UPDATE_ROLLBACK_COMPLETE', DesktopSessionState.READY],
  ['UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS', DesktopSessionState.READY],
  ['DELETE_IN_PROGRESS', DesktopSessionState.DELETING],
  ['DELETE_COMPLETE', DesktopSessionState.DELETED],
]);

const DECIDED_BY_EVENTS: ReadonlyMap<string, readonly DesktopSessionState[]> = new Map([
  ['CREATE_IN_PROGRESS', [DesktopSessionState.REQUESTED, DesktopSessionState.PROVISIONING, DesktopSessionState.FAILED]],
  ['UPDATE_IN_PROGRESS', [DesktopSessionState.PROVISIONING, DesktopSessionState.READY]],
  ['UPDATE_ROLLBACK_IN_PROGRESS', [DesktopSessionState.PROVISIONING, DesktopSessionState.READY]],
  ['IMPORT_IN_PROGRESS', [DesktopSessionState.REQUESTED, DesktopSessionState.READY]],
  ['IMPORT_ROLLBACK_IN_PROGRESS', [DesktopSessionState.REQUESTED, DesktopSessionState.READY]],
  ['IMPORT_ROLLBACK_COMPLETE', [DesktopSessionState.REQUESTED, DesktopSessionState.READY]],
]);

/** The states that a session can be in while its stack has this status; events decide between several. @internal */
export function possibleStates(stackStatus: string): readonly DesktopSessionState[] {
  return DECIDED_BY_EVENTS.get(stackStatus) ?? [desktopSessionState({ StackStatus: stackStatus }, []).state];
}

/** Whether the status of the stack alone does not tell the state, or why the session failed. @internal */
export function needsEvents(stackStatus: string): boolean {
  const states = possibleStates(stackStatus);
  return states.length > 1 || states[0] === DesktopSessionState.FAILED;
}

/**
 * The state of a session, from the description of its stack and the events of the stack, in any order. This is the only
 * place that decides about it.
 *
 * @internal
 */
export function desktopSessionState(stack: StackRecord, events: readonly StackEventRecord[]): DesktopSessionStatus {
  const ordered = chronological(events);
  const instanceEvents = ordered.filter((event) => event.ResourceType === INSTANCE_TYPE_NAME);
  const instanceId = instanceEvents.map((event) => event.PhysicalResourceId).findLast(isInstanceId);

  const inState = (state: DesktopSessionState): DesktopSessionStatus => ({ state, instanceId });
  const failed = (reason: string): DesktopSessionStatus => ({ state: DesktopSessionState.FAILED, reason, instanceId });
  const because = (statuses: string[], among: readonly StackEventRecord[] = ordered): string =>
    instanceFailureReason(among, statuses) ??
    stackFailureReason(among, [...statuses, 'ROLLBACK_IN_PROGRESS'], stack.StackStatusReason) ??
    UNKNOWN_REASON;

  const told = STATES.get(stack.StackStatus);
  if (told !== undefined) return inState(told);
  switch (stack.StackStatus) {
    case 'CREATE_IN_PROGRESS': {
      // The instance fails some seconds before its stack does.
      const reason = instanceFailureReason(ordered, CREATION_FAILED);
      if (reason !== undefined) return failed(reason);
      return inState(instanceId === undefined ? DesktopSessionState.REQUESTED : DesktopSessionState.PROVISIONING);
    }

    case 'UPDATE_IN_PROGRESS':
    case 'UPDATE_ROLLBACK_IN_PROGRESS': {
      // A change of tags leaves the instance alone; other changes replace it, and the new one has to report ready.
      const latest = instanceEvents.at(-1)?.ResourceStatus;
      const changing = latest === 'CREATE_IN_PROGRESS' || latest === 'UPDATE_IN_PROGRESS';
      return inState(changing ? DesktopSessionState.PROVISIONING : DesktopSessionState.READY);
    }

    case 'IMPORT_IN_PROGRESS':
    case 'IMPORT_ROLLBACK_IN_PROGRESS':
    case 'IMPORT_ROLLBACK_COMPLETE':
      return inState(instanceId === undefined ? DesktopSessionState.REQUESTED : DesktopSessionState.READY);

    case 'CREATE_FAILED':
      return failed(`${because(CREATION_FAILED)}; ${STILL_RUNNING}`);
    case 'ROLLBACK_IN_PROGRESS':
    case 'ROLLBACK_COMPLETE':
      return failed(because(CREATION_FAILED));
    case 'ROLLBACK_FAILED': {
      const cleanUp = instanceFailureReason(ordered, DELETION_FAILED) ?? UNKNOWN_REASON;
      return failed(`${because(CREATION_FAILED)}; removing the instance failed too: ${cleanUp}; ${STILL_RUNNING}`);
    }

    case 'UPDATE_FAILED':
    case 'UPDATE_ROLLBACK_FAILED':
      return failed(`updating the stack failed: ${because(UPDATE_FAILED, since(ordered, 'UPDATE_IN_PROGRESS'))}`);
    case 'IMPORT_ROLLBACK_FAILED':
      return failed(`importing into the stack failed: ${because(['IMPORT_FAILED', 'IMPORT_ROLLBACK_FAILED'])}`);

    case 'DELETE_FAILED':
      return failed(`deleting the session failed: ${because(DELETION_FAILED, since(ordered, 'DELETE_IN_PROGRESS'))}; ${STILL_RUNNING}`);

    // What a later CloudFormation may add. The raw status is in the text, and nothing is ever deleted because of a state.
    default:
      if (stack.StackStatus?.endsWith('_IN_PROGRESS')) return inState(DesktopSessionState.PROVISIONING);
      return failed(`the stack has the status ${stack.StackStatus ?? '(none)'}, which is not known here; look at it in CloudFormation`);
  }
}

/** The events from the last time the stack as a whole went into the status. */
function since(ordered: readonly StackEventRecord[], status: string): readonly StackEventRecord[] {
  const start = ordered.findLastIndex((event) => event.ResourceType === 'AWS::CloudFormation::Stack' && event.ResourceStatus === status);
  return start === -1 ? ordered : ordered.slice(start);
}
