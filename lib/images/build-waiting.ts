import { errorText, isTransient } from '../aws/call-errors';
import { type Clock, LAG, nextDelay } from '../aws/clock';
import type { DurationRule } from '../aws/durations';
import { ImageError } from './image-error';
import { hasEndedWell, isRunning, versionOf } from './image-build';
import { type NodeImageBuild, NodeImageBuildState } from './node-image-status';

/** How long one call waits for a build. @internal */
export const BUILD_WAIT_TIMEOUT: DurationRule = {
  minSeconds: 1,
  maxSeconds: 24 * 60 * 60,
  defaultSeconds: 4 * 60 * 60,
  description: 'whole seconds from 1 second to 24 hours',
};

/** What is waited for. @internal */
export interface BuildWaiting {
  readonly buildArn: string;
  readonly seconds: number;
  /** Looks at the build; undefined when Image Builder knows none. */
  readonly look: () => Promise<NodeImageBuild | undefined>;
  /** Told of every new state. */
  readonly onState: (build: NodeImageBuild) => void;
}

/** Looks at a build until it has ended, or the time is over. @internal */
export async function waitForBuild({ buildArn, seconds, look, onState }: BuildWaiting, clock: Clock): Promise<NodeImageBuild> {
  const start = clock.now();
  let last: NodeImageBuild | undefined;
  let lastError: unknown;
  let failuresInARow = 0;
  for (let looks = 1; ; looks++) {
    try {
      const now = await look();
      lastError = undefined;
      failuresInARow = 0;
      if (now !== undefined) {
        if (now.state !== last?.state) onState(now);
        last = now;
        if (hasEndedWell(now)) return now;
        if (!isRunning(now)) throw endedBadly(now);
        // Right after a start it can be unknown.
      } else if (clock.now() - start >= LAG) throw buildNotFound(buildArn);
    } catch (error) {
      if (!isTransient(error)) throw error;
      lastError = error;
      failuresInARow++;
    }
    const left = start + seconds * 1000 - clock.now();
    if (left <= 0) throw timedOut(buildArn, seconds, last, lastError);
    await clock.sleep(Math.min(nextDelay(looks, failuresInARow, clock.random()), left));
  }
}

/** @internal */
export function buildNotFound(buildArn: string): ImageError {
  return new ImageError('BuildNotFound', `there is no build ${buildArn}`, 'check the ARN and the Region; it may have been deleted');
}

function endedBadly({ version, buildArn, state, reason, logStream, logEnd = [] }: NodeImageBuild): ImageError {
  const why = reason === undefined ? '' : `: ${reason}`;
  if (state === NodeImageBuildState.CANCELLED) return new ImageError('BuildCancelled', `the build ${version} was cancelled${why}`);
  const details = [`the end of its log, ${logStream}:`, ...logEnd];
  return new ImageError('BuildFailed', `the build ${version} failed${why || ', and Image Builder gives no reason'}`, undefined, {
    details: logEnd.length > 0 ? details : [buildArn],
  });
}

function timedOut(buildArn: string, seconds: number, last: NodeImageBuild | undefined, lastError: unknown): ImageError {
  const seen = last === undefined ? 'its state could not be read' : `it is still ${last.state} (${last.imageBuilderStatus})`;
  const error = lastError === undefined ? '' : `; the last look failed: ${errorText(lastError)}`;
  return new ImageError(
    'WaitTimeout',
    `the build ${versionOf(buildArn)} has not ended after ${seconds} seconds: ${seen}${error}`,
    'it goes on without being waited for',
    { cause: lastError },
  );
}
