import { errorText, isTransient } from '../aws/call-errors';
import { type Clock, LAG, nextDelay } from '../aws/clock';
import { type DesktopSession, DesktopSessionState } from './desktop-session';
import { UNKNOWN_REASON } from './desktop-session-state';
import { SessionError } from './session-error';

/** What is waited for. @internal */
export interface Waiting {
  readonly sessionId: string;
  readonly until: DesktopSessionState;
  readonly seconds: number;
  /** Looks at the session, where `last` is what was seen before; undefined when CloudFormation knows none. */
  readonly look: (last: DesktopSession | undefined) => Promise<DesktopSession | undefined>;
  /** What it means, or the error that it is, when CloudFormation does not know the session and will not. */
  readonly gone: (last: DesktopSession | undefined) => DesktopSession;
  /** Told of every new state. */
  readonly onState: (session: DesktopSession) => void;
  /** The session as it was read before the waiting. */
  readonly from?: DesktopSession;
}

/** Looks at a session until it is in the state, will never be, or the time is over. @internal */
export async function waitForState(
  { sessionId, until, seconds, look, gone, onState, from }: Waiting,
  clock: Clock,
): Promise<DesktopSession> {
  const deadline = clock.now() + seconds * 1000;
  let last = from;
  let lastError: unknown;
  let failuresInARow = 0;
  let failedDeletions = 0;
  let missingSince: number | undefined;
  let deletionKnown = from?.state === DesktopSessionState.DELETING;
  for (let looks = 1; ; looks++) {
    try {
      const seen = await look(last);
      lastError = undefined;
      failuresInARow = 0;
      missingSince = seen === undefined || lacksReason(seen) ? (missingSince ?? clock.now()) : undefined;
      const lagging = missingSince !== undefined && clock.now() - missingSince < LAG;
      const now = seen ?? (lagging && !deletionKnown ? undefined : gone(last));
      if (now !== undefined) {
        if (now.state !== last?.state) onState(now);
        last = now;
        deletionKnown ||= now.state === DesktopSessionState.DELETING;
        // Right after a deletion was asked for once more, the failure of the one before can still be what is read.
        failedDeletions = now.stackStatus === 'DELETE_FAILED' ? failedDeletions + 1 : 0;
        if (now.state === until) return now;
        if (!lagging) endOfWaiting(now, until, failedDeletions);
      }
    } catch (error) {
      if (!isTransient(error)) throw error;
      lastError = error;
      failuresInARow++;
    }

    const left = deadline - clock.now();
    if (left <= 0) throw timedOut(sessionId, until, seconds, last, lastError);
    await clock.sleep(Math.min(nextDelay(looks, failuresInARow, clock.random()), left));
  }
}

/** Whether the failure is read already, and the events that say why are not. */
function lacksReason(session: DesktopSession): boolean {
  return session.reason?.includes(UNKNOWN_REASON) === true;
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
  const error = lastError === undefined ? '' : `; the last look failed: ${errorText(lastError)}`;
  return new SessionError(
    'WaitTimeout',
    `the session ${sessionId} is not ${until} after ${seconds} seconds: ${seen}${error}`,
    'it goes on without being waited for',
    { cause: lastError },
  );
}
