/**
 * For how long a service may lag behind what it has accepted: what it does not know is taken for gone when it does not know it
 * for so long.
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
