import { typeFault, unsupportedFault, valueFault } from '../fault';
import { SecretReference } from '../value-kinds';
import { print } from './printing';
import { Dict, Markup, Sequence, Tuple, Undefined, characters, requireKnown, typeName } from './values';

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

/** `-value` */
export function negative(value: unknown): number {
  return -number(value) + 0;
}

export function truthy(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return Boolean(value);
  if (value instanceof Undefined) value.requireLenient();
  else if (!(value instanceof SecretReference)) requireKnown(value, 'in a condition');
  if (Array.isArray(value)) return value.length > 0;
  if (value instanceof Dict) return value.size > 0;
  if (value instanceof Markup) return value.plain('in a condition') !== '';
  if (value instanceof Sequence) return value.kind === 'generator' || value.items().length > 0;
  return !(value instanceof Undefined);
}

/** The value as operators compare it. */
function comparable(value: unknown): unknown {
  if (typeof value === 'boolean') return Number(value);
  if (value instanceof Markup) return value.plain('in a comparison');
  if (value instanceof Undefined) value.requireLenient();
  else requireKnown(value, 'in a comparison');
  if (!(value instanceof Sequence)) return value;
  throw unsupportedFault(`a comparison of a ${value.kind} is not part of the dialect`, 'make a list of it first: | list');
}

export function equals(left: unknown, right: unknown): boolean {
  if (typeof left === 'string' && typeof right === 'string') return left === right;
  const [a, b] = [comparable(left), comparable(right)];
  if (Array.isArray(a) && Array.isArray(b))
    return a instanceof Tuple === b instanceof Tuple && a.length === b.length && a.every((item, index) => equals(item, b[index]));
  if (a instanceof Dict && b instanceof Dict)
    return a.size === b.size && Array.from(a.entries()).every(([key, item]) => b.has(key) && equals(item, b.get(key)));
  return a === b || (a instanceof Undefined && b instanceof Undefined);
}

/** `left < right`; the operator as the template has it. */
export function less(left: unknown, right: unknown, operator = '<'): boolean {
  const [a, b] = [comparable(left), comparable(right)];
  if (typeof a === 'number' && typeof b === 'number') return a < b;
  if (typeof a === 'string' && typeof b === 'string') return Buffer.compare(Buffer.from(a), Buffer.from(b)) < 0;
  requireKnown(a, 'in a comparison');
  requireKnown(b, 'in a comparison');
  if (Array.isArray(a) && Array.isArray(b)) throw unsupportedFault('the order of lists is not part of the dialect', 'compare their items');
  throw typeFault(`'${operator}' not supported between ${typeName(a)} and ${typeName(b)}`);
}

export function compare(operator: string, left: unknown, right: unknown): boolean {
  if (operator === '==' || operator === '!=') return equals(left, right) === (operator === '==');
  if (operator === '<' || operator === '>=') return less(left, right, operator) === (operator === '<');
  if (operator === '>' || operator === '<=') return less(right, left, operator) === (operator === '>');
  return contains(left, right) === (operator === 'in');
}

/** `item in container`. */
export function contains(item: unknown, container: unknown): boolean {
  const text = container instanceof Markup ? container.plain('with in') : container;
  if (container instanceof Dict) return container.has(container.key(item));
  if (typeof text !== 'string') return iterate(container, 'with in').some((other) => equals(item, other));
  if (typeof item === 'string') return text.includes(item);
  requireKnown(item, 'with in');
  if (item instanceof Markup) return text.includes(item.plain('with in'));
  throw typeFault(`'in <string>' requires string as left operand, not ${typeName(item)}`);
}

/** The items of a value, in an array that must not be changed. */
export function iterate(value: unknown, use = 'in a loop'): readonly unknown[] {
  if (Array.isArray(value)) return value;
  if (typeof value === 'string') return Array.from(value);
  if (value instanceof Dict) return Array.from(value.keys());
  if (value instanceof Sequence) return value.items();
  if (value instanceof Markup) return value.refuse(use);
  if (value instanceof Undefined) value.requireLenient();
  else requireKnown(value, use);
  if (value instanceof Undefined) return [];
  throw typeFault(`'${typeName(value)}' object is not iterable`);
}

export function length(value: unknown): number {
  if (typeof value === 'string') return characters(value).length;
  if (value instanceof Markup) return characters(value.plain('with | length')).length;
  const isCounted = Array.isArray(value) || value instanceof Dict || value instanceof Undefined;
  if (isCounted || (value instanceof Sequence && value.kind !== 'generator')) return iterate(value).length;
  requireKnown(value, 'with | length');
  throw typeFault(`object of type '${typeName(value)}' has no len()`);
}

export function calculate(operator: string, left: unknown, right: unknown): unknown {
  for (const value of [left, right]) if (value instanceof Markup) value.refuse(`with ${operator}`);
  if (operator === '%' && typeof left === 'string') return formatText(left, right);
  requireKnown(left, `with ${operator}`);
  requireKnown(right, `with ${operator}`);
  const isNumeric = [left, right].every((value) => typeof value === 'number' || typeof value === 'boolean');
  if (isNumeric) return arithmetic(operator, Number(left), Number(right));
  if (operator === '+' && typeof left === 'string' && typeof right === 'string') return left + right;
  if (operator === '+' && Array.isArray(left) && Array.isArray(right) && typeName(left) === typeName(right))
    return left instanceof Tuple ? Tuple.holding(...left, ...(right as unknown[])) : [...(left as unknown[]), ...(right as unknown[])];
  if (operator === '*' && (typeof left === 'number' || typeof right === 'number'))
    throw unsupportedFault('a repetition is not part of the dialect', 'write the text, or use a loop');
  throw typeFault(`unsupported operand type(s) for ${operator}: '${typeName(left)}' and '${typeName(right)}'`);
}

function arithmetic(operator: string, left: number, right: number): number {
  if (operator === '+') return integer(left + right);
  if (operator === '-') return integer(left - right);
  if (operator === '*') return integer(left * right);
  if (right === 0) throw valueFault('division by zero');
  // Python's remainder has the sign of the divisor.
  const rest = ((left % right) + right) % right;
  return operator === '%' ? rest + 0 : (left - rest) / right + 0;
}

/** What makes a format string more than %s, %d and %%; undefined when nothing does. */
export function unknownFormat(format: string): string | undefined {
  return /%(?![sd])[^]?.?/.exec(format.replaceAll('%%', ''))?.[0];
}

function formatText(format: string, values: unknown): string {
  const unknown = values instanceof Dict ? 'a dictionary' : unknownFormat(format);
  if (unknown !== undefined) throw unsupportedFault(`'${unknown}' in a format is not part of the dialect`, 'use %s, %d and %%');
  const rest = values instanceof Tuple ? Array.from(values) : [values];
  const text = format.replace(/%([sd%])/g, (_, kind: string) => {
    if (kind === '%') return '%';
    if (rest.length === 0) throw typeFault('not enough arguments for format string');
    const value = rest.shift();
    if (value instanceof Markup) value.refuse('in a format');
    return kind === 's' ? print(value, 'in a format') : String(number(value, 'for %d'));
  });
  if (rest.length === 0) return text;
  requireKnown(rest[0], 'in a format');
  throw typeFault('not all arguments converted during string formatting');
}

/** `value[start:stop]`; undefined where a part is left out. */
export function slice(value: unknown, start: unknown, stop: unknown): unknown {
  if (value instanceof Markup) value.refuse('in a slice');
  const bounds = [start, stop].map((bound) => (bound === undefined || bound === null ? undefined : number(bound, 'in a slice')));
  if (typeof value === 'string')
    return Array.from(value)
      .slice(...bounds)
      .join('');
  if (Array.isArray(value)) return value instanceof Tuple ? Tuple.from(value.slice(...bounds)) : value.slice(...bounds);
  requireKnown(value, 'in a slice');
  throw unsupportedFault(`a slice of a ${typeName(value)} is not part of the dialect`, 'check the type of the value, or use | list');
}
