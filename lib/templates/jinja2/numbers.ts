import { Float, Markup, integer, requireKnown, typeName } from './values';
import { typeFault, unsupportedFault, valueFault } from './fault';

const digits = /^[+-]?\d+(?:_\d+)*$/;

function asciiDigits(text: string): string {
  if (/[^\x00-\x7f]/.test(text) && /\p{Nd}/u.test(text.replace(/[\x00-\x7f]/g, ''))) {
    throw unsupportedFault('digits outside of ASCII are not supported in numbers', 'write the number with 0 to 9');
  }
  return text;
}

/** Without the space around it: Python takes U+0085 for space, and U+FEFF not. No number has a U+FEFF in it. */
function bare(text: string): string {
  return text.includes('\ufeff') ? text : asciiDigits(text).replaceAll('\x85', ' ').trim();
}

/** Python refuses to convert integers that take long, but for those whose base is a power of two. */
const MAX_DIGITS = 4300;

/** int(text, base); undefined where Python raises ValueError. */
export function parseInteger(text: string, base: number): number | bigint | undefined {
  const trimmed = bare(text);
  if (base === 10) {
    const plain = trimmed.replace(/^\+/, '').replaceAll('_', '');
    return digits.test(trimmed) && plain.replace('-', '').length <= MAX_DIGITS ? integer(BigInt(plain)) : undefined;
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
  const trimmed = bare(text);
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

/** str(value) of an integer. */
export function printInteger(value: number | bigint): string {
  const text = String(value);
  if (text.length > MAX_DIGITS && text.replace('-', '').length > MAX_DIGITS)
    throw valueFault('an integer of more than 4,300 digits cannot be printed');
  return text;
}

/** A value that has to be a number already. */
export function requireNumber(value: unknown, callee: string): number | bigint | Float {
  if (typeof value === 'number' || typeof value === 'bigint' || value instanceof Float) return value;
  if (typeof value === 'boolean') return Number(value);
  requireKnown(value, `in ${callee}`);
  throw typeFault(`${callee} wants a number, not ${typeName(value)}`);
}

const view = new DataView(new ArrayBuffer(8));

/** A positive finite double as mantissa * 2^exponent. */
export function decompose(value: number): { mantissa: bigint; exponent: number } {
  view.setFloat64(0, value);
  const bits = view.getBigUint64(0);
  const biased = Number((bits >> 52n) & 0x7ffn);
  const fraction = bits & 0xfffffffffffffn;
  return biased === 0 ? { mantissa: fraction, exponent: -1074 } : { mantissa: fraction | 0x10000000000000n, exponent: biased - 1075 };
}

export function magnitude(value: bigint): bigint {
  return value < 0n ? -value : value;
}

function bitLength(value: bigint): number {
  return magnitude(value).toString(2).length;
}

/** The float nearest to the quotient of two integers of any size; infinite where no float is large enough. */
export function divideIntegers(left: bigint, right: bigint): number {
  // 66 bits of quotient are more than a float holds; whatever is cut off leaves its trace in the last of them. No float
  // has bits below 2^-1074.
  const shift = Math.min(1076, Math.max(0, bitLength(right) - bitLength(left) + 66));
  const scaled = magnitude(left) << BigInt(shift);
  const quotient = (scaled / magnitude(right)) | (scaled % magnitude(right) === 0n ? 0n : 1n);
  const result = Number(quotient) / 2 ** Math.min(shift, 1000) / 2 ** Math.max(0, shift - 1000);
  return left < 0n !== right < 0n ? -result : result;
}

/** base ** exponent. Math.pow() is often off in the last digit, C's pow() hardly ever. */
export function floatPower(base: number, exponent: number): number {
  if (exponent === 0.5 && base > 0) return Math.sqrt(base);
  const rough = Math.pow(base, exponent);
  const isOrdinary = Number.isInteger(exponent) && Number.isFinite(base) && base !== 0;
  if (!isOrdinary || Math.abs(Math.log2(Math.abs(base)) * exponent) > 1100) return rough;
  const size = wholePower(Math.abs(base), Math.abs(exponent));
  const [above, below] = size.exponent < 0 ? [size.mantissa, 1n << BigInt(-size.exponent)] : [size.mantissa << BigInt(size.exponent), 1n];
  const result = exponent < 0 ? divideIntegers(below, above) : divideIntegers(above, below);
  return rough < 0 ? -result : result;
}

/** A power with more bits than matter for the float nearest to it. */
function wholePower(base: number, power: number): { mantissa: bigint; exponent: number } {
  const factor = decompose(base);
  let mantissa = 1n;
  let exponent = 0;
  for (const bit of power.toString(2)) {
    mantissa *= bit === '1' ? mantissa * factor.mantissa : mantissa;
    exponent = exponent * 2 + (bit === '1' ? factor.exponent : 0);
    const excess = Math.max(0, bitLength(mantissa) - 256);
    mantissa >>= BigInt(excess);
    exponent += excess;
  }
  return { mantissa, exponent };
}
