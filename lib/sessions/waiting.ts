import { errorText, isTransient } from './cloudformation';
import { type DesktopSession, DesktopSessionState } from './desktop-session';
import { UNKNOWN_REASON } from './desktop-session-state';
import { SessionError } from './session-error';

/**
 * For how long CloudFormation may lag behind what it has accepted: what it does not know is taken for gone when it does not
 * know it for so long.
 *
 * @internal
 */
export const LAG = 60_000;

/** Time as waiting sees it. @internal */
export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number;
  sleep(milliseconds: number): Promise<void>;
  /** A number from 0 up to, not including, 1. */
  random(): number;
}

/** @internal */
export const SYSTEM_CLOCK: Clock = {
  now: () => Date.now(),
  sleep: (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds)),
  random: () => Math.random(),
};

const FIRST_DELAY = 5_000;
const LONGEST_DELAY = 30_000;
const LONGEST_DELAY_AFTER_ERROR = 120_000;

/**
 * How long to pause before the next look: longer from one look to the next, longer still while looks fail, and spread by
 * a fifth either way, so that many who wait do not ask in step.
 *
 * @internal
 */
export function nextDelay(looks: number, failuresInARow: number, random: number): number {
  const steady = Math.min(FIRST_DELAY * 1.5 ** (looks - 1), LONGEST_DELAY);
  const delay = Math.min(steady * 2 ** failuresInARow, failuresInARow > 0 ? LONGEST_DELAY_AFTER_ERROR : LONGEST_DELAY);
  return Math.round(delay * (0.8 + 0.4 * random));
}

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
