import type { DurationRule } from '../aws/durations';

/**
 * How long a node may take until it reports ready. The upper bound is CloudFormation's; the default is a quarter of an hour
 * more than a node's own default for its bootstrap, so that a node that gives up is heard.
 *
 * @internal
 */
export const READINESS_TIMEOUT: DurationRule = {
  minSeconds: 5 * 60,
  maxSeconds: 12 * 60 * 60,
  defaultSeconds: 75 * 60,
  description: 'whole seconds from 5 minutes to 12 hours',
};

/** How long one call waits for a session: by default for a node that uses up its time, and what goes before and after. @internal */
export const WAIT_TIMEOUT: DurationRule = {
  minSeconds: 1,
  maxSeconds: 24 * 60 * 60,
  defaultSeconds: 90 * 60,
  description: 'whole seconds from 1 second to 24 hours',
};

/** A duration as ISO 8601 writes it and CloudFormation reads it: 5400 seconds are `PT1H30M`. @internal */
export function isoDuration(totalSeconds: number): string {
  const hours = Math.floor(totalSeconds / 3600);
  const minutes = Math.floor((totalSeconds % 3600) / 60);
  const seconds = totalSeconds % 60;
  const parts = [hours > 0 ? `${hours}H` : '', minutes > 0 ? `${minutes}M` : '', seconds > 0 ? `${seconds}S` : ''].join('');
  return `PT${parts === '' ? '0S' : parts}`;
}
