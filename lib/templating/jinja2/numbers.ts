import { Float, Markup, integer, requireKnown, typeName } from './values';
import { typeFault, unsupportedFault, valueFault } from './fault';

const digits = /^[+-]?\d+(?:_\d+)*$/;

function asciiDigits(text: string): string {
  if (/[^\x00-\x7f]/.test(text) && /\p{Nd}/u.test(text.replace(/[\x00-\x7f]/g, ''))) {
    throw unsupportedFault('digits outside of ASCII are not supported in numbers', 'write the number with 0 to 9');
  }
  return text;
}

/** int(text, base); undefined where Python raises ValueError. */
export function parseInteger(text: string, base: number): number | bigint | undefined {
  const trimmed = asciiDigits(text).trim();
  if (base === 10) {
    if (!digits.test(trimmed)) return undefined;
    return integer(BigInt(trimmed.replace(/^\+/, '').replaceAll('_', '')));
  }
  if (base !== 0 && (base < 2 || base > 36)) return undefined;
  const match = /^([+-]?)(0[xXoObB]_?)?([0-9a-zA-Z]+(?:_[0-9a-zA-Z]+)*)$/.exec(trimmed);
  if (!match) return undefined;
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
  if (base === 0 && prefix === '' && /^0+[1-9]/.test(body.replaceAll('_', ''))) return undefined;
  let value = 0n;
  for (const character of body.replaceAll('_', '').toLowerCase()) {
    const digit = parseInt(character, 36);
    if (digit >= actual) return undefined;
    value = value * BigInt(actual) + BigInt(digit);
  }
  return integer(sign === '-' ? -value : value);
}

/** float(text); undefined where Python raises ValueError. */
export function parseFloatText(text: string): number | undefined {
  const trimmed = asciiDigits(text).trim();
  if (/^[+-]?(?:inf|infinity)$/i.test(trimmed)) return trimmed.startsWith('-') ? -Infinity : Infinity;
  if (/^[+-]?nan$/i.test(trimmed)) return NaN;
  if (!/^[+-]?(?:\d+(?:_\d+)*(?:\.(?:\d+(?:_\d+)*)?)?|\.\d+(?:_\d+)*)(?:[eE][+-]?\d+(?:_\d+)*)?$/.test(trimmed)) return undefined;
  return Number(trimmed.replaceAll('_', ''));
}

/** int(value); undefined where Python raises ValueError or TypeError. */
export function toInteger(value: unknown): number | bigint | undefined {
  if (typeof value === 'number' || typeof value === 'bigint') return value;
  if (typeof value === 'boolean') return Number(value);
  if (value instanceof Float) {
    if (Number.isNaN(value.value)) return undefined;
    if (!Number.isFinite(value.value)) throw valueFault('cannot convert float infinity to integer');
    return integer(BigInt(Math.trunc(value.value)));
  }
  if (typeof value === 'string') return parseInteger(value, 10);
  if (value instanceof Markup) return parseInteger(value.text, 10);
  requireKnown(value, 'as a number');
  return undefined;
}

/** float(value); undefined where Python raises ValueError or TypeError. */
export function toFloatNumber(value: unknown): number | undefined {
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
  return undefined;
}

/** A value that has to be a number already. */
export function requireNumber(value: unknown, callee: string): number | bigint | Float {
  if (typeof value === 'number' || typeof value === 'bigint' || value instanceof Float) return value;
  if (typeof value === 'boolean') return Number(value);
  requireKnown(value, `in ${callee}`);
  throw typeFault(`${callee} wants a number, not ${typeName(value)}`);
}
