import { SecretReference, VariableReference } from '../value-kinds';
import { Dict, Markup, Refused, Undefined, requireKnown } from './values';

type Test = (value: unknown) => boolean;

/** A test that looks at the value. */
const known =
  (call: Test): Test =>
  (value) => {
    if (!(value instanceof Markup)) requireKnown(value, 'with a test', true);
    return call(value);
  };

function isNone(value: unknown): boolean {
  // All that is there is not None, but whether an instance has a tag is known on the instance.
  const isThere = value instanceof SecretReference || value instanceof Markup || (value instanceof Refused && value.text !== undefined);
  const isDeployed = value instanceof VariableReference && value.kind === 'deploy-time';
  if (!isThere && !isDeployed) requireKnown(value, 'with a test', true);
  return value === null;
}

/** Jinja2's tests that are part of the dialect. */
export const tests: Readonly<Record<string, Test>> = {
  defined: (value) => !(value instanceof Undefined),
  undefined: (value) => value instanceof Undefined,
  none: isNone,
  true: known((value) => value === true),
  false: known((value) => value === false),
  boolean: known((value) => typeof value === 'boolean'),
  string: known((value) => typeof value === 'string' || value instanceof Markup),
  number: known((value) => typeof value === 'number' || typeof value === 'boolean'),
  mapping: known((value) => value instanceof Dict),
};
