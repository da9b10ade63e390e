import { Float, Markup, integer, requireKnown, typeName } from './values';
import { typeFault, unsupportedFault, valueFault } from './fault';

/** Thrown where Python raises ValueError, which the int and float filters answer with their default. */
export class NotANumber extends Error {}

const digits = /^[+-]?\d+(?:_\d+)*$/;

function asciiDigits(text: string): string {
  if (/[^\x00-\x7f]/.test(text) && /\p{Nd}/u.test(text.replace(/[\x00-\x7f]/g, ''))) {
    throw unsupportedFault('digits outside of ASCII are not supported in numbers', 'write the number with 0 to 9');
  }
  return text;
}

/** int(text, base). */
export function parseInteger(text: string, base: number): number | bigint {
  const trimmed = asciiDigits(text).trim();
  if (base === 10) {
    if (!digits.test(trimmed)) throw new NotANumber();
    return integer(BigInt(trimmed.replace(/^\+/, '').replaceAll('_', '')));
  }
  if (base !== 0 && (base < 2 || base > 36)) throw new NotANumber();
  const match = /^([+-]?)(0[xXoObB]_?)?([0-9a-zA-Z]+(?:_[0-9a-zA-Z]+)*)$/.exec(trimmed);
  if (!match) throw new NotANumber();
  const prefixes: Record<string, number> = { x: 16, o: 8, b: 2 };
  const sign = match[1];
  let prefix = (match[2] as string | undefined) ?? '';
  let body = match[3];
  const prefixBase = prefixes[prefix.slice(1, 2).toLowerCase()] ?? 10;
  if (prefix !== '' && base !== 0 && base !== prefixBase) {
    body = prefix.replaceAll('_', '') + body;
    prefix = '';
  }
  const actual = base === 0 ? prefixBase : base;
  if (base === 0 && prefix === '' && /^0+[1-9]/.test(body.replaceAll('_', ''))) throw new NotANumber();
  let value = 0n;
  for (const character of body.replaceAll('_', '').toLowerCase()) {
    const digit = parseInt(character, 36);
    if (digit >= actual) throw new NotANumber();
    value = value * BigInt(actual) + BigInt(digit);
  }
  return integer(sign === '-' ? -value : value);
}

/** float(text). */
export function parseFloatText(text: string): number {
  const trimmed = asciiDigits(text).trim();
  if (/^[+-]?(?:inf|infinity)$/i.test(trimmed)) return trimmed.startsWith('-') ? -Infinity : Infinity;
  if (/^[+-]?nan$/i.test(trimmed)) return NaN;
  if (!/^[+-]?(?:\d+(?:_\d+)*(?:\.(?:\d+(?:_\d+)*)?)?|\.\d+(?:_\d+)*)(?:[eE][+-]?\d+(?:_\d+)*)?$/.test(trimmed)) throw new NotANumber();
  return Number(trimmed.replaceAll('_', ''));
}

/** int(value). */
export function toInteger(value: unknown): number | bigint {
  if (typeof value === 'number' || typeof value === 'bigint') return value;
  if (typeof value === 'boolean') return Number(value);
  if (value instanceof Float) {
    if (Number.isNaN(value.value)) throw new NotANumber();
    if (!Number.isFinite(value.value)) throw valueFault('cannot convert float infinity to integer');
    return integer(BigInt(Math.trunc(value.value)));
  }
  if (typeof value === 'string') return parseInteger(value, 10);
  if (value instanceof Markup) return parseInteger(value.text, 10);
  requireKnown(value, 'as a number');
  throw new NotANumber();
}

/** float(value). */
export function toFloatNumber(value: unknown): number {
  if (typeof value === 'number' || typeof value === 'boolean') return Number(value);
  if (typeof value === 'bigint') {
    const number = Number(value);
    if (!Number.isFinite(number)) throw valueFault('int too large to convert to float');
    return number;
  }
  if (value instanceof Float) return value.value;
  if (typeof value === 'string') return parseFloatText(value);
  if (value instanceof Markup) return parseFloatText(value.text);
  requireKnown(value, 'as a number');
  throw new NotANumber();
}

/** A value that has to be a number already. */
export function requireNumber(value: unknown, callee: string): number | bigint | Float {
  if (typeof value === 'number' || typeof value === 'bigint' || value instanceof Float) return value;
  if (typeof value === 'boolean') return Number(value);
  requireKnown(value, `in ${callee}`);
  throw typeFault(`${callee} wants a number, not ${typeName(value)}`);
}
