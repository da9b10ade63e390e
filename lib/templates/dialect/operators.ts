import { typeFault, unsupportedFault } from '../fault';
import { SecretReference } from '../value-kinds';
import { Dict, Markup, Undefined, View, characters, requireKnown, typeName } from './values';

/** A result that is to be a number of the dialect. */
function integer(value: number): number {
  if (Number.isSafeInteger(value)) return value + 0;
  throw unsupportedFault('a number beyond 2**53 is not part of the dialect', 'use smaller numbers, or text');
}

/** The value as a number; booleans count as 0 and 1. */
export function number(value: unknown, use = 'in a calculation'): number {
  if (typeof value === 'number' || typeof value === 'boolean') return integer(Number(value));
  requireKnown(value, use);
  throw typeFault(`an integer is needed ${use}, not ${typeName(value)}`);
}

export function truthy(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return Boolean(value);
  if (Array.isArray(value)) return value.length > 0;
  if (value instanceof Dict) return value.size > 0;
  if (value instanceof Markup) return value.plain('in a condition') !== '';
  if (value instanceof View) return value.items.length > 0;
  if (!(value instanceof SecretReference)) requireKnown(value, 'in a condition', true);
  return !(value instanceof Undefined);
}

/** The value as operators compare it. */
function comparable(value: unknown): unknown {
  if (typeof value === 'boolean') return Number(value);
  if (value instanceof Markup) return value.plain('in a comparison');
  requireKnown(value, 'in a comparison', true);
  if (!(value instanceof View)) return value;
  throw unsupportedFault(`a comparison of a ${typeName(value)} is not part of the dialect`, 'make a list of it first: | list');
}

export function equals(left: unknown, right: unknown): boolean {
  if (typeof left === 'string' && typeof right === 'string') return left === right;
  const [a, b] = [comparable(left), comparable(right)];
  if (Array.isArray(a) && Array.isArray(b))
    return typeName(a) === typeName(b) && a.length === b.length && a.every((item, index) => equals(item, b[index]));
  if (a instanceof Dict && b instanceof Dict)
    throw unsupportedFault('a comparison of dictionaries is not part of the dialect', 'compare their items');
  return a === b || (a instanceof Undefined && b instanceof Undefined);
}

/** `left < right` of numbers: Python's order of texts is not JavaScript's. */
function less(left: unknown, right: unknown): boolean {
  const [a, b] = [comparable(left), comparable(right)];
  if (typeof a === 'number' && typeof b === 'number') return a < b;
  for (const value of [a, b]) requireKnown(value, 'in a comparison');
  throw unsupportedFault(`the order of ${typeName(left)} and ${typeName(right)} is not part of the dialect`, 'compare integers: | int');
}

export const comparisons: Readonly<Record<string, (left: unknown, right: unknown) => boolean>> = {
  '==': equals,
  '!=': (left, right) => !equals(left, right),
  '<': less,
  '>=': (left, right) => !less(left, right),
  '>': (left, right) => less(right, left),
  '<=': (left, right) => !less(right, left),
  in: contains,
  'not in': (left, right) => !contains(left, right),
};

/** `item in container`. */
function contains(item: unknown, container: unknown): boolean {
  const text = container instanceof Markup ? container.plain('with in') : container;
  const dict = container instanceof View ? container.dict : container;
  if (dict instanceof Dict) return dict.has(dict.key(item));
  if (typeof text !== 'string') return iterate(container, 'with in').some((other) => equals(item, other));
  if (typeof item === 'string') return text.includes(item);
  if (item instanceof Markup) return text.includes(item.plain('with in'));
  requireKnown(item, 'with in');
  throw typeFault(`'in <string>' requires string as left operand, not ${typeName(item)}`);
}

/** The items of a value, in an array that must not be changed. */
export function iterate(value: unknown, use = 'in a loop'): readonly unknown[] {
  if (Array.isArray(value)) return value;
  if (typeof value === 'string') return Array.from(value);
  if (value instanceof Dict) return Array.from(value.keys());
  if (value instanceof View) return value.items;
  requireKnown(value, use, true);
  if (value instanceof Undefined) return [];
  throw typeFault(`'${typeName(value)}' object is not iterable`);
}

export function length(value: unknown): number {
  if (typeof value === 'string') return characters(value).length;
  if (value instanceof Markup) return characters(value.plain('with | length')).length;
  return iterate(value, 'with | length').length;
}

const arithmetic: Readonly<Record<string, (left: number, right: number) => number>> = {
  '+': (left, right) => integer(left + right),
  '-': (left, right) => integer(left - right),
  '*': (left, right) => integer(left * right),
};

export function calculate(operator: string, left: unknown, right: unknown): unknown {
  for (const value of [left, right]) requireKnown(value, `with ${operator}`);
  const isNumeric = [left, right].every((value) => typeof value === 'number' || typeof value === 'boolean');
  if (isNumeric) return arithmetic[operator](Number(left), Number(right));
  const types = [left, right].map(typeName);
  if (operator === '+' && types.every((type) => type === 'str')) return String(left) + String(right);
  if (operator === '+' && types.every((type) => type === 'list')) return [...(left as unknown[]), ...(right as unknown[])];
  const problem = `${types[0]} ${operator} ${types[1]} is not part of the dialect`;
  throw unsupportedFault(problem, 'check the types of the values; join text with ~');
}

/** `value[start:stop]`; None where a part is left out. */
export function slice(value: unknown, start: unknown, stop: unknown): unknown {
  const [from, to] = [start, stop].map((bound) => (bound === null ? undefined : number(bound, 'in a slice')));
  if (typeof value === 'string') return Array.from(value).slice(from, to).join('');
  if (Array.isArray(value)) return value.slice(from, to);
  requireKnown(value, 'in a slice');
  throw unsupportedFault(`a slice of a ${typeName(value)} is not part of the dialect`, 'check the type of the value, or use | list');
}
