import type { Duration } from 'aws-cdk-lib';
import { type Command, InvalidArgumentError } from 'commander';
import { type Clock, SYSTEM_CLOCK } from '../../lib/aws/clock';
import { failureOf } from './aws-error';
import { EXIT, PREFIX, withPrefix } from './exit-status';

/** What a command that calls AWS touches of its process. */
export interface CommandEnvironment {
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
  /** Sets the status the process ends with when its work is done. */
  readonly setExitCode: (code: number) => void;
  /** Ends the process now. */
  readonly exit: (code: number) => never;
  readonly clock: Clock;
}

export const PROCESS: CommandEnvironment = {
  out: (text) => process.stdout.write(text),
  err: (text) => process.stderr.write(text),
  setExitCode: (code) => {
    process.exitCode = code;
  },
  exit: (code) => process.exit(code),
  clock: SYSTEM_CLOCK,
};

/** Sends the command's texts where they belong and ends wrong usage with the status for it. */
export function configured(command: Command, environment: CommandEnvironment): Command {
  return command
    .configureOutput({
      writeOut: environment.out,
      writeErr: environment.err,
      outputError: (text, write) => write(withPrefix(text)),
    })
    .exitOverride((error) => environment.exit(error.exitCode === 0 ? EXIT.DONE : EXIT.USAGE));
}

/** Makes actions that say what went wrong, and end with the status for it. */
export function reporting(environment: CommandEnvironment) {
  return <A extends unknown[]>(work: (...args: A) => Promise<void>) =>
    async (...args: A): Promise<void> => {
      try {
        await work(...args);
      } catch (error) {
        const { text, status } = failureOf(error);
        environment.err(`${PREFIX}${text}\n`);
        environment.setExitCode(status);
      }
    };
}

export function json(value: unknown): string {
  return `${JSON.stringify(value, undefined, 2)}\n`;
}

/** A duration without the CDK, which these commands do not need. The library asks it for its seconds. */
export function durationOf(minutes: number): Duration {
  return { toSeconds: () => minutes * 60, isUnresolved: () => false } as Duration;
}

export function minutes(text: string): number {
  if (!/^[1-9][0-9]{0,3}$/.test(text)) throw new InvalidArgumentError('It has to be a whole number of minutes.');
  return Number(text);
}
