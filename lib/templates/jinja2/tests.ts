import { VariableReference } from '../value-kinds';
import { bind } from './arguments';
import { referenceFault, unsupportedFault } from './fault';
import { Test, filters } from './filters';
import { atLeast, atMost, contains, equals, greaterThan, isCallable, lessThan, modulo } from './operators';
import { print } from './printing';
import { isCase } from './text';
import { Dict, DictView, Float, Markup, OneTimeIterator, Range, Tuple, Undefined, requireKnown, typeName } from './values';

/** A test without arguments. */
function plain(name: string, holds: (value: unknown) => boolean): [string, Test] {
  return [
    name,
    (_environment, value, positional, named) => {
      bind(name, [], 0, positional, named);
      return holds(value);
    },
  ];
}

/** A test that asks for the type or the text of a value, which has to be known for that. */
function known(name: string, holds: (value: unknown) => boolean): [string, Test] {
  return plain(name, (value) => {
    if (!(value instanceof Undefined)) requireKnown(value, `with the test "is ${name}"`);
    return holds(value);
  });
}

function binary(name: string, holds: (value: unknown, other: unknown) => boolean): [string, Test] {
  return [name, (_environment, value, positional, named) => holds(value, bind(name, ['other'], 1, positional, named)[0])];
}

const isInteger = (value: unknown): boolean => typeof value === 'number' || typeof value === 'bigint';
const isText = (value: unknown): boolean => typeof value === 'string' || value instanceof Markup;

/** They have what Python's iter() asks for, though no template loops over them. */
const iterableObjects = new Set(['LoopContext', 'TemplateReference']);

function isIterable(value: unknown): boolean {
  return (
    isText(value) ||
    isSequence(value) ||
    value instanceof DictView ||
    value instanceof OneTimeIterator ||
    iterableObjects.has(typeName(value))
  );
}

function isSequence(value: unknown): boolean {
  if (value instanceof Undefined) {
    value.requireLenient();
    return true;
  }
  return isText(value) || Array.isArray(value) || value instanceof Tuple || value instanceof Dict || value instanceof Range;
}

/** A deploy-time value is never None; whether an instance tag or a download setting is there is known on the node only. */
function isNone(value: unknown): boolean {
  if (value instanceof VariableReference && value.kind !== 'deploy-time') throw referenceFault(value, 'with the test "is none"');
  return value === null;
}

/** Python gives small integers one object each; whether other equal numbers and equal texts are one object is not defined. */
function sameObject(value: unknown, other: unknown): boolean {
  for (const operand of [value, other]) {
    if (!(operand instanceof Undefined)) requireKnown(operand, 'with the test "is sameas"');
  }
  const isText = typeof value === 'string';
  const isLargeNumber = typeof value === 'bigint' || (typeof value === 'number' && (value > 256 || value < -5));
  const isOtherFloat = value instanceof Float && value !== other;
  if ((isText || isLargeNumber || isOtherFloat) && typeName(value) === typeName(other) && equals(value, other))
    throw unsupportedFault('"is sameas" of equal texts and numbers is not supported', 'compare with ==');
  return value === other;
}

/** Jinja2's tests. */
export const tests: ReadonlyMap<string, Test> = new Map<string, Test>([
  plain('defined', (value) => !(value instanceof Undefined)),
  plain('undefined', (value) => value instanceof Undefined),
  plain('none', isNone),
  known('boolean', (value) => typeof value === 'boolean'),
  known('true', (value) => value === true),
  known('false', (value) => value === false),
  known('integer', isInteger),
  known('float', (value) => value instanceof Float),
  known('number', (value) => isInteger(value) || typeof value === 'boolean' || value instanceof Float),
  known('string', isText),
  known('mapping', (value) => value instanceof Dict),
  known('sequence', isSequence),
  known('iterable', isIterable),
  known('callable', isCallable),
  known('escaped', (value) => (value instanceof Markup ? !value.isRendered : typeName(value) === 'TemplateModule')),
  known('lower', (value) => isCase(print(value), false)),
  known('upper', (value) => isCase(print(value), true)),
  known('odd', (value) => equals(modulo(value, 2), 1)),
  known('even', (value) => equals(modulo(value, 2), 0)),
  [
    'divisibleby',
    (_environment, value, positional, named) => equals(modulo(value, bind('divisibleby', ['num'], 1, positional, named)[0]), 0),
  ],
  ['sameas', (_environment, value, positional, named) => sameObject(value, bind('sameas', ['other'], 1, positional, named)[0])],
  ['in', (_environment, value, positional, named) => contains(bind('in', ['seq'], 1, positional, named)[0], value)],
  ...['==', 'eq', 'equalto'].map((name) => binary(name, equals)),
  ...['!=', 'ne'].map((name) => binary(name, (value, other) => !equals(value, other))),
  ...['>', 'gt', 'greaterthan'].map((name) => binary(name, greaterThan)),
  ...['>=', 'ge'].map((name) => binary(name, atLeast)),
  ...['<', 'lt', 'lessthan'].map((name) => binary(name, lessThan)),
  ...['<=', 'le'].map((name) => binary(name, atMost)),
  plain('filter', (value) => isName(value) && (filters.has(print(value)) || print(value) === 'safe')),
  plain('test', (value) => isName(value) && tests.has(print(value))),
]);

/** Whether it can be the name of something: Python looks it up in a dictionary. */
function isName(value: unknown): boolean {
  new Dict().has(value);
  return isText(value);
}
