import { referenceFault } from '../fault';
import { VariableReference } from '../value-kinds';
import { Dict, Markup, Refused, Undefined, requireKnown } from './values';

type Test = (value: unknown) => boolean;

/** A test that looks at the value. */
const known =
  (call: Test): Test =>
  (value) => {
    requireKnown(value, 'with a test', true);
    return call(value);
  };

function isNone(value: unknown): boolean {
  // Whether an instance has a tag is known on the instance.
  if (value instanceof VariableReference && value.kind !== 'deploy-time') throw referenceFault(value, 'with a test');
  if (value instanceof Undefined) value.requireLenient();
  if (value instanceof Refused && value.text === undefined) throw value.fault('with a test');
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
