import type { Duration } from 'aws-cdk-lib';

/** Bounds and default of a duration, in seconds. @internal */
export interface DurationRule {
  readonly minSeconds: number;
  readonly maxSeconds: number;
  readonly defaultSeconds: number;
  /** The bounds in words, after "must be". */
  readonly description: string;
}

/** The seconds of a duration that has no problem. @internal */
export function secondsOf(duration: Duration | undefined, rule: DurationRule): number {
  return duration?.toSeconds({ integral: false }) ?? rule.defaultSeconds;
}

/** What is wrong with a duration, or undefined when nothing is. @internal */
export function durationProblem(field: string, duration: Duration | undefined, rule: DurationRule): string | undefined {
  if (duration?.isUnresolved()) return `${field} is a CDK token, which has no value outside of a deployment: pass the value itself`;
  const seconds = secondsOf(duration, rule);
  const isRight = Number.isInteger(seconds) && seconds >= rule.minSeconds && seconds <= rule.maxSeconds;
  return isRight ? undefined : `${field} must be ${rule.description}, but got ${seconds} seconds`;
}
