import { referenceFault } from '../fault';
import { VariableReference } from '../value-kinds';
import { compare, contains, equals, number } from './operators';
import { Dict, Markup, Refused, Sequence, Undefined, requireKnown } from './values';

/** A test and how many arguments it takes. */
export type Test = readonly [count: number, call: (value: unknown, argument?: unknown) => boolean];

/** A test that looks at the value. */
const known = (call: (value: unknown) => boolean): Test => [
  0,
  (value) => {
    if (value instanceof Undefined) value.requireLenient();
    else requireKnown(value, 'with a test');
    return call(value);
  },
];
const isText = (value: unknown): boolean => typeof value === 'string' || value instanceof Markup;
const comparison = (operator: string): Test => [1, (value, other) => compare(operator, value, other)];

function isNone(value: unknown): boolean {
  // Whether an instance has a tag is known on the instance.
  if (value instanceof VariableReference && value.kind !== 'deploy-time') throw referenceFault(value, 'with a test');
  if (value instanceof Undefined) value.requireLenient();
  if (value instanceof Refused && value.text === undefined) throw value.fault('with a test');
  return value === null;
}

/** Jinja2's tests that are part of the dialect. */
export const tests: Readonly<Record<string, Test>> = {
  defined: [0, (value) => !(value instanceof Undefined)],
  undefined: [0, (value) => value instanceof Undefined],
  none: [0, isNone],
  true: known((value) => value === true),
  false: known((value) => value === false),
  boolean: known((value) => typeof value === 'boolean'),
  string: known(isText),
  number: known((value) => typeof value === 'number' || typeof value === 'boolean'),
  integer: known((value) => typeof value === 'number'),
  mapping: known((value) => value instanceof Dict),
  iterable: known((value) => isText(value) || Array.isArray(value) || [Dict, Sequence, Undefined].some((kind) => value instanceof kind)),
  odd: known((value) => Math.abs(number(value, 'with a test')) % 2 === 1),
  even: known((value) => number(value, 'with a test') % 2 === 0),
  in: [1, contains],
  eq: [1, equals],
  equalto: [1, equals],
  ne: comparison('!='),
  lt: comparison('<'),
  le: comparison('<='),
  gt: comparison('>'),
  ge: comparison('>='),
};
