/** A small fault put into copies of the scripts, and the failure that it must cause. */
export interface Mutant {
  readonly name: string;
  readonly changes: readonly Change[];
  /** `scenario/variant` */
  readonly caughtBy: string;
  /** Text of the failure. One that a broken or busy machine does not cause. */
  readonly failure: RegExp;
  /** The fault makes the bootstrap wait, so that the machine never comes to rest. */
  readonly neverSettles: boolean;
}

export interface Change {
  readonly template: string;
  /** Text that stands there once. */
  readonly from: string;
  readonly to: string;
}

export const STAGE_ZERO = 'user_data/linux/user_data.sh.j2';
export const RUNNER = 'templates/linux/runner.sh.j2';
export const AWS_CLIENT = 'templates/linux/aws_client.py.j2';
export const PRELUDE = 'templates/linux/prelude.sh.j2';
export const FUNCTIONS = 'templates/linux/functions.sh.j2';
export const METADATA_GUARD = 'templates/linux/metadata/guard.sh.j2';
export const OWNER_PASSWORD = 'templates/linux/dcv/owner_password.sh.j2';
export const CONNECT = 'compute_node/connect.sh.j2';

export function runner(concern: string): string {
  return `templates/linux/runner/${concern}.sh.j2`;
}

export function mutant(name: string, template: string, from: string, to: string, caughtBy: string, failure: RegExp): Mutant {
  return { name, changes: [{ template, from, to }], caughtBy, failure, neverSettles: false };
}

/** Without the proof of the metadata guard. */
export function unproved(...parts: Parameters<typeof mutant>): Mutant {
  const one = mutant(...parts);
  return { ...one, changes: [...one.changes, { template: RUNNER, from: '  prove_metadata_guard\n', to: '' }] };
}

export function withoutEnd(one: Mutant): Mutant {
  return { ...one, neverSettles: true };
}
