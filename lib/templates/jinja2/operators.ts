import { SecretReference, VariableReference } from '../value-kinds';
import { typeFault, unsupportedFault, valueFault } from './fault';
import { percentFormat } from './formatting';
import { divideIntegers, floatPower } from './numbers';
import {
  Callable,
  Dict,
  DictView,
  Float,
  Markup,
  OneTimeIterator,
  Range,
  TemplateObject,
  Tuple,
  Undefined,
  characters,
  integer,
  requireKnown,
  textLength,
  typeName,
} from './values';

/** Longest text or list that an expression may build by repetition. */
const MAX_REPEATED_LENGTH = 50_000_000;

export function truthy(value: unknown): boolean {
  switch (typeof value) {
    case 'boolean':
      return value;
    case 'string':
      return value !== '';
    case 'number':
      return value !== 0;
    case 'bigint':
      return true;
    default:
  }
  if (value === null) return false;
  if (Array.isArray(value)) return value.length > 0;
  if (value instanceof Dict) return value.size > 0;
  if (value instanceof Undefined) {
    value.requireLenient();
    return false;
  }
  if (value instanceof Tuple) return value.items.length > 0;
  if (value instanceof Float) return value.value !== 0;
  if (value instanceof Range || value instanceof DictView) return value.length > 0;
  if (value instanceof Markup) {
    value.requirePlain('in a condition');
    return value.text !== '';
  }
  if (value instanceof SecretReference) return true;
  requireKnown(value, 'in a condition');
  return true;
}

function isNumber(value: unknown): value is number | bigint | boolean | Float {
  return typeof value === 'number' || typeof value === 'boolean' || typeof value === 'bigint' || value instanceof Float;
}

/** The plain number behind int, bool and float, for comparisons. */
function plain(value: number | bigint | boolean | Float): number | bigint {
  if (value instanceof Float) return value.value;
  return typeof value === 'boolean' ? Number(value) : value;
}

function textOf(value: unknown): string | undefined {
  if (value instanceof Markup) value.requirePlain('in a comparison or calculation');
  return typeof value === 'string' ? value : value instanceof Markup ? value.text : undefined;
}

export function equals(left: unknown, right: unknown): boolean {
  if (typeof left === 'string' && typeof right === 'string') return left === right;
  if (isNumber(left) && isNumber(right)) {
    const a = plain(left);
    const b = plain(right);
    // A bigint and a number are compared by value, which strict equality does not do.
    return typeof a === typeof b ? a === b : !(a < b) && !(a > b) && a === a && b === b;
  }
  if (left instanceof Undefined || right instanceof Undefined) {
    if (left instanceof Undefined) left.requireLenient();
    if (right instanceof Undefined) right.requireLenient();
    return left instanceof Undefined && right instanceof Undefined;
  }
  requireKnown(left, 'in a comparison');
  requireKnown(right, 'in a comparison');
  if (left === right) return true;
  if (Array.isArray(left) && Array.isArray(right)) return sequencesEqual(left, right);
  if (left instanceof Tuple && right instanceof Tuple) return sequencesEqual(left.items, right.items);
  if (left instanceof Dict && right instanceof Dict) {
    if (left.size !== right.size) return false;
    for (const [key, value] of left.items()) {
      if (!right.has(key) || !same(value, right.get(key))) return false;
    }
    return true;
  }
  if (left instanceof Range && right instanceof Range) {
    return (
      left.length === right.length && (left.length === 0 || (left.start === right.start && (left.length === 1 || left.step === right.step)))
    );
  }
  if (left instanceof Markup || right instanceof Markup) {
    const text = textOf(left);
    return text !== undefined && text === textOf(right);
  }
  if (left instanceof DictView && right instanceof DictView) {
    if (left.kind === 'values' || right.kind === 'values') return false;
    return left.length === right.length && [...left].every((item) => contains(right, item));
  }
  return false;
}

/** Python's shortcut inside containers: an object equals itself without being asked. */
function same(left: unknown, right: unknown): boolean {
  return (left === right && !(left instanceof VariableReference)) || equals(left, right);
}

function sequencesEqual(left: readonly unknown[], right: readonly unknown[]): boolean {
  return left.length === right.length && left.every((item, index) => same(item, right[index]));
}

const symbols = { lt: '<', le: '<=', gt: '>', ge: '>=' } as const;

/** `<`, `<=`, `>` and `>=`, with Python's refusals. */
function order(left: unknown, right: unknown, operator: keyof typeof symbols): boolean {
  if (isNumber(left) && isNumber(right)) {
    const a = plain(left);
    const b = plain(right);
    return operator === 'lt' ? a < b : operator === 'le' ? a <= b : operator === 'gt' ? a > b : a >= b;
  }
  const a = textOf(left);
  const b = textOf(right);
  if (a !== undefined && b !== undefined) return orderSign(compareText(a, b), operator);
  requireKnown(left, 'in a comparison');
  requireKnown(right, 'in a comparison');
  if (Array.isArray(left) && Array.isArray(right)) return orderSequences(left, right, operator);
  if (left instanceof Tuple && right instanceof Tuple) return orderSequences(left.items, right.items, operator);
  if (left instanceof DictView && right instanceof DictView) {
    throw unsupportedFault('dictionary views cannot be ordered here', 'compare lists: make them with | list');
  }
  throw typeFault(`'${symbols[operator]}' not supported between instances of '${typeName(left)}' and '${typeName(right)}'`);
}

function orderSign(sign: number, operator: keyof typeof symbols): boolean {
  return operator === 'lt' ? sign < 0 : operator === 'le' ? sign <= 0 : operator === 'gt' ? sign > 0 : sign >= 0;
}

function orderSequences(left: readonly unknown[], right: readonly unknown[], operator: keyof typeof symbols): boolean {
  const shared = Math.min(left.length, right.length);
  for (let index = 0; index < shared; index++) {
    if (!same(left[index], right[index])) return order(left[index], right[index], operator);
  }
  return orderSign(left.length - right.length, operator);
}

/** Python compares code points, JavaScript compares UTF-16 units: they differ beyond the Basic Multilingual Plane. */
function compareText(left: string, right: string): number {
  const a = characters(left);
  const b = characters(right);
  if (typeof a === 'string' && typeof b === 'string') return a < b ? -1 : a > b ? 1 : 0;
  const shared = Math.min(a.length, b.length);
  for (let index = 0; index < shared; index++) {
    const difference = (a[index].codePointAt(0) ?? 0) - (b[index].codePointAt(0) ?? 0);
    if (difference !== 0) return difference;
  }
  return a.length - b.length;
}

export const lessThan = (left: unknown, right: unknown): boolean => order(left, right, 'lt');
export const atMost = (left: unknown, right: unknown): boolean => order(left, right, 'le');
export const greaterThan = (left: unknown, right: unknown): boolean => order(left, right, 'gt');
export const atLeast = (left: unknown, right: unknown): boolean => order(left, right, 'ge');

/** `item in container`. */
export function contains(container: unknown, item: unknown): boolean {
  if (container instanceof Tuple) return includes(container.items, item);
  if (Array.isArray(container)) return includes(container, item);
  const text = textOf(container);
  if (text !== undefined) {
    const part = textOf(item);
    if (part !== undefined) return text.includes(part);
    requireKnown(item, "on the left of 'in'");
    throw typeFault(`'in <string>' requires string as left operand, not ${typeName(item)}`);
  }
  if (container instanceof Dict) return container.has(item);
  if (container instanceof Undefined) {
    container.requireLenient();
    return false;
  }
  requireKnown(container, "on the right of 'in'");
  if (container instanceof DictView && container.kind === 'keys') return container.dict.has(item);
  return includes(iterate(container), item);
}

function includes(items: Iterable<unknown>, item: unknown): boolean {
  if (item instanceof VariableReference) requireKnown(item, "on the left of 'in'");
  for (const candidate of items) {
    if (candidate === item || same(candidate, item)) return true;
  }
  return false;
}

/** The items of whatever Python can loop over. */
export function iterate(value: unknown): Iterable<unknown> {
  if (
    Array.isArray(value) ||
    typeof value === 'string' ||
    value instanceof Range ||
    value instanceof OneTimeIterator ||
    value instanceof DictView
  ) {
    return value as Iterable<unknown>;
  }
  if (value instanceof Tuple) return value.items;
  if (value instanceof Dict) return new DictView(value, 'keys');
  if (value instanceof Undefined) {
    value.requireLenient();
    return [];
  }
  if (value instanceof Markup) {
    value.requirePlain('in a loop');
    return value.text;
  }
  requireKnown(value, 'in a loop');
  if (value instanceof TemplateObject && value.isIterable)
    throw unsupportedFault(`a loop over ${typeName(value)} is not supported`, 'loop over the list itself');
  throw typeFault(`'${typeName(value)}' object is not iterable`);
}

/** `len(value)`. */
export function length(value: unknown): number {
  if (typeof value === 'string') return textLength(value);
  if (Array.isArray(value)) return value.length;
  if (value instanceof Tuple) return value.items.length;
  if (value instanceof Dict) return value.size;
  if (value instanceof Markup) {
    value.requirePlain('where its length is needed');
    return textLength(value.text);
  }
  if (value instanceof Range || value instanceof DictView) return value.length;
  if (value instanceof Undefined) {
    value.requireLenient();
    return 0;
  }
  if (value instanceof TemplateObject && value.length) return value.length();
  requireKnown(value, 'where its length is needed');
  throw typeFault(`object of type '${typeName(value)}' has no len()`);
}

// --- arithmetic

function refuse(symbol: string, left: unknown, right: unknown): never {
  requireKnown(left, 'in a calculation');
  requireKnown(right, 'in a calculation');
  throw typeFault(`unsupported operand type(s) for ${symbol}: '${typeName(left)}' and '${typeName(right)}'`);
}

function isInteger(value: unknown): value is number | bigint | boolean {
  return typeof value === 'number' || typeof value === 'boolean' || typeof value === 'bigint';
}

function toFloat(value: number | bigint | boolean | Float): number {
  const number = value instanceof Float ? value.value : Number(value);
  if (typeof value === 'bigint' && !Number.isFinite(number)) throw valueFault('int too large to convert to float');
  return number;
}

function withIntegers(
  left: number | bigint | boolean,
  right: number | bigint | boolean,
  fast: (a: number, b: number) => number,
  exact: (a: bigint, b: bigint) => bigint,
): number | bigint {
  if (typeof left !== 'bigint' && typeof right !== 'bigint') {
    const result = fast(Number(left), Number(right));
    if (Number.isSafeInteger(result)) return result + 0;
  }
  return integer(exact(BigInt(left), BigInt(right)));
}

export function add(left: unknown, right: unknown): unknown {
  if (typeof left === 'string' && typeof right === 'string') return left + right;
  if (isInteger(left) && isInteger(right)) {
    return withIntegers(
      left,
      right,
      (a, b) => a + b,
      (a, b) => a + b,
    );
  }
  if (isNumber(left) && isNumber(right)) return new Float(toFloat(left) + toFloat(right));
  if (Array.isArray(left) && Array.isArray(right)) return [...(left as unknown[]), ...(right as unknown[])];
  if (left instanceof Tuple && right instanceof Tuple) return new Tuple([...left.items, ...right.items]);
  if (left instanceof Markup || right instanceof Markup) {
    const a = textOf(left);
    const b = textOf(right);
    if (a !== undefined && b !== undefined) {
      for (const operand of [left, right]) if (operand instanceof Markup) operand.requireNoMixing('with +');
      return new Markup(markupOperand(left, a) + markupOperand(right, b));
    }
  }
  return refuse('+', left, right);
}

/** What text becomes when it meets Markup: Python escapes it for HTML. */
export function markupOperand(value: unknown, text: string): string {
  return value instanceof Markup ? text : escapeHtml(text);
}

const htmlEntities: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', "'": '&#39;', '"': '&#34;' };

export function escapeHtml(text: string): string {
  return text.replace(/[&<>'"]/g, (character) => htmlEntities[character]);
}

export function subtract(left: unknown, right: unknown): unknown {
  if (isInteger(left) && isInteger(right)) {
    return withIntegers(
      left,
      right,
      (a, b) => a - b,
      (a, b) => a - b,
    );
  }
  if (isNumber(left) && isNumber(right)) return new Float(toFloat(left) - toFloat(right));
  if (left instanceof DictView && left.kind !== 'values')
    throw unsupportedFault('dictionary views cannot be subtracted here', 'use lists and | reject');
  return refuse('-', left, right);
}

export function multiply(left: unknown, right: unknown): unknown {
  if (isInteger(left) && isInteger(right)) {
    return withIntegers(
      left,
      right,
      (a, b) => a * b,
      (a, b) => a * b,
    );
  }
  if (isNumber(left) && isNumber(right)) return new Float(toFloat(left) * toFloat(right));
  if (isInteger(right)) return repeat(left, right) ?? refuse('*', left, right);
  if (isInteger(left)) return repeat(right, left) ?? refuse('*', left, right);
  return refuse('*', left, right);
}

function repeat(value: unknown, times: number | bigint | boolean): unknown {
  const size = typeof value === 'string' || Array.isArray(value) ? value.length : value instanceof Tuple ? value.items.length : 0;
  const count = Math.max(0, Number(times));
  if (typeof times === 'bigint' && BigInt.asIntN(64, times) !== times) throw valueFault("cannot fit 'int' into an index-sized integer");
  if (size * count > MAX_REPEATED_LENGTH)
    throw unsupportedFault(`repeating ${size} items ${count} times is too much`, 'repeat fewer times');
  const items = (source: readonly unknown[]): unknown[] => (source.length === 0 ? [] : Array.from({ length: count }, () => source).flat());
  if (typeof value === 'string') return value.repeat(value === '' ? 0 : count);
  if (Array.isArray(value)) return items(value);
  if (value instanceof Tuple) return new Tuple(items(value.items));
  if (value instanceof Markup) return value.with(value.text.repeat(count));
  return undefined;
}

function requireDivisor(divisor: number | bigint | boolean | Float): void {
  if (plain(divisor) === 0 || plain(divisor) === 0n) throw valueFault('division by zero');
}

export function divide(left: unknown, right: unknown): unknown {
  if (!isNumber(left) || !isNumber(right)) return refuse('/', left, right);
  requireDivisor(right);
  if (isInteger(left) && isInteger(right) && (typeof left === 'bigint' || typeof right === 'bigint')) {
    const quotient = divideIntegers(BigInt(left), BigInt(right));
    if (!Number.isFinite(quotient)) throw valueFault('integer division result too large for a float');
    return new Float(quotient);
  }
  return new Float(toFloat(left) / toFloat(right));
}

/** Quotient and remainder as Python defines them: the remainder has the sign of the divisor. */
function divideFloats(left: number, right: number): { quotient: number; remainder: number } {
  let remainder = left % right;
  let quotient = (left - remainder) / right;
  if (remainder !== 0) {
    if (right < 0 !== remainder < 0) {
      remainder += right;
      quotient -= 1;
    }
  } else {
    remainder = right < 0 ? -0 : 0;
  }
  if (quotient !== 0) {
    const floor = Math.floor(quotient);
    quotient = quotient - floor > 0.5 ? floor + 1 : floor;
  } else {
    quotient = left / right < 0 || Object.is(left / right, -0) ? -0 : 0;
  }
  return { quotient, remainder };
}

function remainderOf(left: bigint, right: bigint): bigint {
  const remainder = left % right;
  return remainder !== 0n && remainder < 0n !== right < 0n ? remainder + right : remainder;
}

function smallRemainder(left: number, right: number): number {
  const remainder = left % right;
  return remainder !== 0 && remainder < 0 !== right < 0 ? remainder + right : remainder;
}

export function floorDivide(left: unknown, right: unknown): unknown {
  if (!isNumber(left) || !isNumber(right)) return refuse('//', left, right);
  requireDivisor(right);
  if (isInteger(left) && isInteger(right)) {
    return withIntegers(
      left,
      right,
      (a, b) => (Number.isSafeInteger(a - b) ? (a - smallRemainder(a, b)) / b : NaN),
      (a, b) => (a - remainderOf(a, b)) / b,
    );
  }
  return new Float(divideFloats(toFloat(left), toFloat(right)).quotient);
}

export function modulo(left: unknown, right: unknown): unknown {
  if (typeof left === 'string') return percentFormat(left, right);
  if (left instanceof Markup) throw unsupportedFault('text marked as safe cannot be a format', 'format first, then | safe');
  if (!isNumber(left) || !isNumber(right)) return refuse('%', left, right);
  requireDivisor(right);
  if (isInteger(left) && isInteger(right)) return withIntegers(left, right, smallRemainder, remainderOf);
  return new Float(divideFloats(toFloat(left), toFloat(right)).remainder);
}

export function power(left: unknown, right: unknown): unknown {
  if (!isNumber(left) || !isNumber(right)) return refuse('** or pow()', left, right);
  if (isInteger(left) && isInteger(right) && plain(right) >= 0) {
    const base = BigInt(left);
    const bits = base === 0n || base === 1n || base === -1n ? 1 : base.toString(2).length * Number(right);
    if (bits > 100_000) throw unsupportedFault('the power is too large', 'use smaller numbers');
    return integer(base ** BigInt(right));
  }
  const base = toFloat(left);
  const exponent = toFloat(right);
  if (base === 0 && exponent < 0) throw valueFault('0 cannot be raised to a negative power');
  if (base < 0 && Number.isFinite(base) && Number.isFinite(exponent) && !Number.isInteger(exponent)) {
    throw unsupportedFault('the power is a complex number', 'use a positive base');
  }
  if (base > 0 && base !== 1 && Number.isFinite(base) && Number.isFinite(exponent) && !Number.isInteger(exponent) && exponent !== 0.5) {
    throw unsupportedFault("the last digit of this power depends on the machine's mathematical library", 'use whole powers, or ** 0.5');
  }
  // Python: 1 to any power is 1, also to nan and to infinity; JavaScript says NaN.
  const result = base === 1 || (base === -1 && !Number.isFinite(exponent) && !Number.isNaN(exponent)) ? 1 : floatPower(base, exponent);
  if (!Number.isFinite(result) && Number.isFinite(base) && Number.isFinite(exponent))
    throw valueFault('the result is too large for a float');
  return new Float(result);
}

export function negate(value: unknown): unknown {
  if (typeof value === 'bigint') return integer(-value);
  if (isInteger(value)) return 0 - Number(value);
  if (value instanceof Float) return new Float(-value.value);
  requireKnown(value, 'in a calculation');
  throw typeFault(`bad operand type for unary -: '${typeName(value)}'`);
}

export function positive(value: unknown): unknown {
  if (typeof value === 'boolean') return Number(value);
  if (isInteger(value) || value instanceof Float) return value;
  requireKnown(value, 'in a calculation');
  throw typeFault(`bad operand type for unary +: '${typeName(value)}'`);
}

/** An index as Python takes it: int or bool. */
export function indexOf(value: unknown, what: string): number {
  if (isInteger(value)) return Number(value);
  requireKnown(value, 'as an index');
  throw typeFault(`${what} must be an integer, not ${typeName(value)}`);
}

/** The indices that `[start:stop:step]` takes of something of a size, as a range. */
function sliceRange(size: number, start: unknown, stop: unknown, step: unknown): Range {
  const bound = (limit: unknown): number | null => (limit === null ? null : indexOf(limit, 'slice indices'));
  const stride = bound(step) ?? 1;
  if (stride === 0) throw valueFault('slice step cannot be zero');
  const from = bound(start);
  const to = bound(stop);
  const [low, high] = stride > 0 ? [0, size] : [-1, size - 1];
  const clamp = (limit: number): number => Math.min(Math.max(limit < 0 ? limit + size : limit, low), high);
  const [first, last] = stride > 0 ? [low, high] : [high, low];
  return new Range(from === null ? first : clamp(from), to === null ? last : clamp(to), stride);
}

/** `value[start:stop:step]`. */
export function slice(value: unknown, start: unknown, stop: unknown, step: unknown): unknown {
  if (typeof value === 'string') {
    const text = characters(value);
    return Array.from(sliceRange(text.length, start, stop, step), (index) => text[index]).join('');
  }
  if (value instanceof Markup) {
    value.requirePlain('in a slice');
    return value.with(slice(value.text, start, stop, step) as string);
  }
  if (Array.isArray(value)) return Array.from(sliceRange(value.length, start, stop, step), (index) => value[index] as unknown);
  if (value instanceof Tuple)
    return new Tuple(Array.from(sliceRange(value.items.length, start, stop, step), (index) => value.items[index]));
  if (value instanceof Range) {
    const indices = sliceRange(value.length, start, stop, step);
    return new Range(value.at(indices.start), value.at(indices.stop), value.step * indices.step);
  }
  requireKnown(value, 'in a slice');
  throw typeFault(`'${typeName(value)}' object is not subscriptable`);
}

export function isCallable(value: unknown): boolean {
  // Python's Undefined has a __call__, which fails only when it is called.
  return value instanceof Undefined || value instanceof Callable || (value instanceof TemplateObject && value.call !== undefined);
}
