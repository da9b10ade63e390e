import { typeFault, unsupportedFault, valueFault } from './fault';
import { decompose, magnitude, printInteger, toFloatNumber } from './numbers';
import { print, represent } from './printing';
import { Dict, Float, Markup, Range, Tuple, Undefined, requireKnown, textLength, typeName } from './values';

/** Widest field and longest fraction a format may ask for. */
const MAX_WIDTH = 1_000_000;

/** value * 10^digits, rounded half to even, exactly as Python's correctly rounded formatting does. */
function scaledInteger(value: number, digits: number): bigint {
  const { mantissa, exponent } = decompose(value);
  let numerator = mantissa;
  let denominator = 1n;
  if (exponent > 0) numerator <<= BigInt(exponent);
  else denominator <<= BigInt(-exponent);
  if (digits >= 0) numerator *= 10n ** BigInt(digits);
  else denominator *= 10n ** BigInt(-digits);
  const quotient = numerator / denominator;
  const twice = (numerator % denominator) * 2n;
  return twice > denominator || (twice === denominator && quotient % 2n === 1n) ? quotient + 1n : quotient;
}

/**
 * Whether value * 10^digits may lie in the middle of two integers: JavaScript rounds that up, Python to the even one.
 * The doubled product of a true tie is exact as long as a float holds it.
 */
function mayBeTie(value: number, digits: number): boolean {
  const twice = digits > 22 ? Infinity : value * 2 * 10 ** digits;
  return twice > Number.MAX_SAFE_INTEGER || twice % 2 === 1;
}

/** A positive number with a fixed count of digits after the point. */
export function fixed(value: number, digits: number): string {
  if (!Number.isFinite(value)) return Number.isNaN(value) ? 'nan' : 'inf';
  if (digits <= 20 && value < 1e20 && !mayBeTie(value, digits)) return value.toFixed(digits);
  const text = scaledInteger(value, digits)
    .toString()
    .padStart(digits + 1, '0');
  return digits === 0 ? text : `${text.slice(0, -digits)}.${text.slice(-digits)}`;
}

function scientificParts(value: number, digits: number): { figures: string; exponent: number } {
  if (value === 0) return { figures: '0'.repeat(digits + 1), exponent: 0 };
  let exponent = Number(value.toExponential().split('e')[1]);
  if (digits <= 20 && digits >= exponent && !mayBeTie(value, digits - exponent)) {
    const [figures, rounded] = value.toExponential(digits).split('e');
    return { figures: figures.replace('.', ''), exponent: Number(rounded) };
  }
  // The shortest text, whose exponent this is, may be rounded up to a power of ten, and so may these figures be.
  for (exponent -= 1; ; exponent++) {
    const figures = scaledInteger(value, digits - exponent).toString();
    if (figures.length <= digits + 1) return { figures, exponent };
  }
}

function scientific(figures: string, exponent: number, alternate: boolean): string {
  const digits = figures.length > 1 || alternate ? `${figures[0]}.${figures.slice(1)}` : figures[0];
  return `${digits}e${exponent < 0 ? '-' : '+'}${String(Math.abs(exponent)).padStart(2, '0')}`;
}

function general(value: number, precision: number, alternate: boolean): string {
  const digits = precision === 0 ? 1 : precision;
  const { figures, exponent } = scientificParts(value, digits - 1);
  const strip = (text: string): string => (alternate || !text.includes('.') ? text : text.replace(/\.?0+$/, ''));
  if (exponent < -4 || exponent >= digits) {
    const kept = alternate ? figures : figures.replace(/0+$/, '') || '0';
    return scientific(kept.length === 0 ? '0' : kept, exponent, alternate);
  }
  return strip(fixed(value, digits - 1 - exponent)) + (alternate && digits - 1 - exponent === 0 ? '.' : '');
}

/** A positive float in one of the notations of format specifications. */
function floatDigits(value: number, type: string, precision: number, alternate: boolean): string {
  if (Number.isNaN(value)) return 'nan';
  if (!Number.isFinite(value)) return 'inf';
  switch (type.toLowerCase()) {
    case 'f':
      return fixed(value, precision) + (alternate && precision === 0 ? '.' : '');
    case 'e': {
      const { figures, exponent } = scientificParts(value, precision);
      return scientific(figures, exponent, alternate);
    }
    default:
      return general(value, precision, alternate);
  }
}

function isInteger(value: unknown): value is number | bigint | boolean {
  return typeof value === 'number' || typeof value === 'bigint' || typeof value === 'boolean';
}

function asFloat(value: unknown): number {
  if (value instanceof Float) return value.value;
  if (isInteger(value)) return toFloatNumber(value) ?? NaN;
  requireKnown(value, 'in a format');
  throw typeFault(`must be real number, not ${typeName(value)}`);
}

function pad(text: string, width: number, align: string, fill: string): string {
  const missing = width - textLength(text);
  if (missing <= 0) return text;
  if (align === '<') return text + fill.repeat(missing);
  if (align === '^') return fill.repeat(Math.floor(missing / 2)) + text + fill.repeat(missing - Math.floor(missing / 2));
  return fill.repeat(missing) + text;
}

// --- the % operator

const percentPattern = /%(?:\(((?:[^()]|\([^()]*\))*)\))?([-+ #0]*)(\*|\d+)?(?:\.(\*|\d*))?[hlL]?([\s\S]?)/gu;

/** `format % values`. */
export function percentFormat(format: string, values: unknown): string {
  requireKnownOrMissing(values);
  const positional = values instanceof Tuple ? values.items : [values];
  let next = 0;
  const take = (): unknown => {
    if (next >= positional.length) throw typeFault('not enough arguments for format string');
    return positional[next++];
  };
  const size = (text: string | undefined): number | undefined => {
    if (text === undefined) return undefined;
    if (text !== '*') return checkWidth(Number(text));
    const value = take();
    if (!isInteger(value)) throw typeFault('* wants int');
    return checkWidth(Number(value));
  };
  const text = format.replace(percentPattern, (whole, name: string | undefined, flags: string, widthText, precisionText, type: string) => {
    if (whole === '%%') return '%';
    if (type === '(') throw unsupportedFault('nested parentheses in a format are not supported', 'use a simple name');
    let width = size(widthText as string | undefined);
    let precision = size(precisionText as string | undefined);
    let value: unknown;
    if (name !== undefined) {
      if (!(values instanceof Dict)) throw typeFault('format requires a mapping');
      if (!values.has(name)) throw valueFault(`the format names '${name}', which the dictionary does not have`);
      value = values.get(name);
      next = positional.length;
    } else value = take();
    let left = flags.includes('-');
    if (width !== undefined && width < 0) {
      left = true;
      width = -width;
    }
    if (precision !== undefined && precision < 0) precision = 0;
    const { body, sign } = percentItem(value, type, flags, precision);
    const total = width ?? 0;
    if (flags.includes('0') && !left && /[diouxXeEfFgG]/.test(type)) {
      const prefix = /^0[xXo]/.exec(body)?.[0] ?? '';
      return sign + prefix + body.slice(prefix.length).padStart(total - sign.length - prefix.length, '0');
    }
    return pad(sign + body, total, left ? '<' : '>', ' ');
  });
  // What has items by key or index may have more than the format takes.
  const hasItems = values instanceof Dict || Array.isArray(values) || values instanceof Range || values instanceof Undefined;
  if (next < positional.length && !hasItems) throw typeFault('not all arguments converted during string formatting');
  return text;
}

function percentItem(value: unknown, type: string, flags: string, precision: number | undefined): { body: string; sign: string } {
  requireKnownOrMissing(value);
  const signed = (negative: boolean): string => (negative ? '-' : flags.includes('+') ? '+' : flags.includes(' ') ? ' ' : '');
  switch (type) {
    case 's':
    case 'r':
    case 'a': {
      if (type === 'a') throw unsupportedFault("the format '%a' is not supported", "use '%r'");
      const text = type === 's' ? print(value) : represent(value);
      return { body: precision === undefined ? text : Array.from(text).slice(0, precision).join(''), sign: '' };
    }
    case 'c': {
      if (typeof value === 'string' && textLength(value) === 1) return { body: value, sign: '' };
      if ((typeof value === 'number' && value >= 0 && value <= 0x10ffff) || typeof value === 'boolean')
        return { body: String.fromCodePoint(Number(value)), sign: '' };
      throw typeFault('%c requires int or char');
    }
    case 'd':
    case 'i':
    case 'u': {
      if (!isInteger(value) && !(value instanceof Float))
        throw typeFault(`%${type} format: a real number is required, not ${typeName(value)}`);
      const whole = wholeNumber(value);
      return {
        body: printInteger(magnitude(whole)).padStart(precision ?? 1, '0'),
        sign: signed(whole < 0n),
      };
    }
    case 'x':
    case 'X':
    case 'o': {
      if (!isInteger(value)) throw typeFault(`%${type} format: an integer is required, not ${typeName(value)}`);
      const whole = wholeNumber(value);
      const digits = magnitude(whole)
        .toString(type === 'o' ? 8 : 16)
        .padStart(precision ?? 1, '0');
      const body = (flags.includes('#') ? (type === 'o' ? '0o' : '0x') : '') + digits;
      return { body: type === 'X' ? body.toUpperCase() : body, sign: signed(whole < 0n) };
    }
    case 'e':
    case 'E':
    case 'f':
    case 'F':
    case 'g':
    case 'G': {
      const number = asFloat(value);
      const digits = floatDigits(Math.abs(number), type, precision ?? 6, flags.includes('#'));
      return { body: /[EFG]/.test(type) ? digits.toUpperCase() : digits, sign: signed(number < 0 || Object.is(number, -0)) };
    }
    case '':
      throw valueFault('incomplete format');
    default:
      throw valueFault(`unsupported format character '${type}'`);
  }
}

/** Undefined prints as nothing where Jinja2 is lenient; everything else without a known text is an error. */
function requireKnownOrMissing(value: unknown): void {
  if (value instanceof Undefined) value.requireLenient();
  else requireKnown(value, 'in a format');
}

function wholeNumber(value: number | bigint | boolean | Float): bigint {
  if (!(value instanceof Float)) return BigInt(value);
  if (!Number.isFinite(value.value)) throw valueFault('cannot convert float infinity or NaN to integer');
  return BigInt(Math.trunc(value.value));
}

function checkWidth(width: number): number {
  if (Math.abs(width) > MAX_WIDTH) throw unsupportedFault(`a width or precision of ${width} is too large`, `use at most ${MAX_WIDTH}`);
  return width;
}

// --- str.format()

export interface FormatArguments {
  readonly positional: readonly unknown[];
  readonly named: (name: string) => unknown;
  readonly attribute: (value: unknown, name: string) => unknown;
  readonly item: (value: unknown, key: unknown) => unknown;
}

/** `template.format(...)`. */
export function braceFormat(template: string, given: FormatArguments): string {
  const counter = { next: 0, manual: false };
  return formatFields(template, given, counter, 2);
}

function formatFields(template: string, given: FormatArguments, counter: { next: number; manual: boolean }, depth: number): string {
  if (depth < 0) throw valueFault('max string recursion exceeded');
  let result = '';
  let at = 0;
  while (at < template.length) {
    const character = template[at];
    if (character === '{' || character === '}') {
      if (template[at + 1] === character) {
        result += character;
        at += 2;
        continue;
      }
      if (character === '}') throw valueFault("single '}' encountered in format string");
      const end = fieldEnd(template, at);
      result += formatField(template.slice(at + 1, end), given, counter, depth);
      at = end + 1;
    } else {
      const stop = template.slice(at).search(/[{}]/);
      const next = stop === -1 ? template.length : at + stop;
      result += template.slice(at, next);
      at = next;
    }
  }
  return result;
}

function fieldEnd(template: string, start: number): number {
  let open = 0;
  let bracket = false;
  for (let at = start; at < template.length; at++) {
    const character = template[at];
    if (bracket) {
      if (character === ']') bracket = false;
    } else if (character === '[' && open === 1) bracket = true;
    else if (character === '{') open++;
    else if (character === '}' && --open === 0) return at;
  }
  throw valueFault("expected '}' before end of string");
}

function formatField(field: string, given: FormatArguments, counter: { next: number; manual: boolean }, depth: number): string {
  if (field === '' && !counter.manual && counter.next < given.positional.length) {
    const item = given.positional[counter.next++];
    requireKnownOrMissing(item);
    return print(item);
  }
  const split = /^((?:[^:![\]]|\[[^\]]*\])*)(?:!([^:]*))?(?::([\s\S]*))?$/u.exec(field);
  if (!split) throw unsupportedFault(`the replacement field {${field}} is not supported`, 'use a simpler field');
  const [, name, conversion, rawSpecification = ''] = split as unknown as [string, string, string | undefined, string | undefined];
  let value = fieldValue(name, given, counter);
  const specification = rawSpecification.includes('{') ? formatFields(rawSpecification, given, counter, depth - 1) : rawSpecification;
  requireKnownOrMissing(value);
  if (conversion === 'r') value = represent(value);
  else if (conversion === 's') value = print(value);
  else if (conversion !== undefined) throw unsupportedFault(`the conversion !${conversion} is not supported`, 'use !r or !s');
  return formatValue(value, specification);
}

function fieldValue(name: string, given: FormatArguments, counter: { next: number; manual: boolean }): unknown {
  const parts = /^([^.[]*)((?:\.[^.[]+|\[[^\]]+\])*)$/u.exec(name);
  if (!parts) throw valueFault(`invalid replacement field {${name}}`);
  const [, first, path] = parts;
  let value: unknown;
  if (first === '' || /^\d+$/.test(first)) {
    if (first === '' && counter.manual) throw valueFault('cannot switch from manual field specification to automatic field numbering');
    if (first !== '' && counter.next > 0) throw valueFault('cannot switch from automatic field numbering to manual field specification');
    if (first !== '') counter.manual = true;
    const index = first === '' ? counter.next++ : Number(first);
    if (index >= given.positional.length) throw valueFault(`replacement index ${index} out of range for positional args tuple`);
    value = given.positional[index];
  } else value = given.named(first);
  if (path === '') return value;
  for (const [step] of path.matchAll(/\.[^.[]+|\[[^\]]+\]/gu)) {
    if (step.startsWith('.')) value = given.attribute(value, step.slice(1));
    else {
      const key = step.slice(1, -1);
      value = given.item(value, /^\d+$/.test(key) ? Number(key) : key);
    }
  }
  return value;
}

const specificationPattern = /^(?:(.)?([<>=^]))?([-+ ])?(z)?(#)?(0)?(\d+)?([,_])?(?:\.(\d+))?([bcdeEfFgGnosxX%])?$/su;

/** `format(value, specification)`. */
export function formatValue(value: unknown, specification: string): string {
  requireKnownOrMissing(value);
  if (specification === '') return print(value);
  const isText = typeof value === 'string' || value instanceof Markup;
  if (!isText && !isInteger(value) && !(value instanceof Float)) {
    throw typeFault(`unsupported format string passed to ${typeName(value)}.__format__`);
  }
  const parsed = specificationPattern.exec(specification);
  if (!parsed) throw valueFault(`invalid format specifier '${specification}'`);
  const [, fillText, alignText, sign = '-', z, alternate, zero, widthText, grouping = '', precisionText, type] = parsed as unknown as (
    string | undefined
  )[];
  if (type === 'n') throw unsupportedFault(`the format specifier '${specification}' is not supported`, 'use d, f, g or e');
  const width = checkWidth(Number(widthText ?? 0));
  const precision = precisionText === undefined ? undefined : checkWidth(Number(precisionText));
  const fill = fillText ?? (zero === undefined ? ' ' : '0');
  if (isText) {
    const text = print(value);
    if (type !== undefined && type !== 's') throw valueFault(`unknown format code '${type}' for object of type 'str'`);
    if (parsed[3] !== undefined || z !== undefined || alternate !== undefined || grouping !== '' || alignText === '=') {
      throw valueFault(`the format specifier '${specification}' does not fit text`);
    }
    return pad(precision === undefined ? text : Array.from(text).slice(0, precision).join(''), width, alignText ?? '<', fill);
  }
  if (type === 'c' && parsed[3] !== undefined) throw valueFault("a sign is not allowed with the format code 'c'");
  if (type === 's') throw valueFault(`unknown format code 's' for object of type '${typeName(value)}'`);
  const digits = numberDigits(value, type, precision, alternate !== undefined, grouping, z !== undefined);
  const mark = digits.negative ? '-' : sign === '-' ? '' : sign;
  const align = alignText ?? (zero === undefined ? '>' : '=');
  const { whole, rest, groupSize } = digits;
  if (align !== '=') return pad(mark + digits.prefix + group(whole, grouping, groupSize) + rest, width, align, fill);
  const room = width - mark.length - digits.prefix.length;
  const zeros = fill === '0' && whole !== '' ? groupedDigits(room - rest.length, grouping, groupSize) : 0;
  const body = group(whole.padStart(zeros, '0'), grouping, groupSize) + rest;
  return mark + digits.prefix + fill.repeat(Math.max(0, room - textLength(body))) + body;
}

function splitWhole(digits: string): [string, string] {
  const end = digits.search(/[.eE%]/);
  return end === -1 ? [digits, ''] : [digits.slice(0, end), digits.slice(end)];
}

function group(digits: string, separator: string, size: number): string {
  if (separator === '' || digits.length <= size) return digits;
  const groups = [digits.slice(0, digits.length % size)];
  for (let at = groups[0].length; at < digits.length; at += size) groups.push(digits.slice(at, at + size));
  return groups.slice(groups[0] === '' ? 1 : 0).join(separator);
}

/** How many digits fill a width together with their separators. No separator comes first, so it may take one more. */
function groupedDigits(width: number, separator: string, size: number): number {
  if (separator === '') return width;
  return Math.floor(width / (size + 1)) * size + Math.max(1, width % (size + 1));
}

function numberDigits(
  value: number | bigint | boolean | Float,
  type: string | undefined,
  precision: number | undefined,
  alternate: boolean,
  grouping: string,
  zeroIsPositive: boolean,
): { negative: boolean; prefix: string; whole: string; rest: string; groupSize: number } {
  if (typeof value === 'boolean' && type === undefined) value = Number(value);
  if (!(value instanceof Float) && (type === undefined || /[bcdoxX]/.test(type))) {
    if (precision !== undefined) throw valueFault('precision not allowed in integer format specifier');
    if (zeroIsPositive) throw valueFault("'z' not allowed in integer format specifier");
    if (type === 'c') {
      if (grouping !== '' || alternate) throw valueFault("the format code 'c' takes no other options");
      return { negative: false, prefix: '', whole: '', rest: String.fromCodePoint(Number(value)), groupSize: 3 };
    }
    const base = type === 'b' ? 2 : type === 'o' ? 8 : type === 'x' || type === 'X' ? 16 : 10;
    if (grouping === ',' && base !== 10) throw valueFault(`cannot specify ',' with '${type}'`);
    const whole = BigInt(value);
    const prefix = alternate && base !== 10 ? `0${type}` : '';
    const text = base === 10 ? printInteger(magnitude(whole)) : magnitude(whole).toString(base);
    return {
      negative: whole < 0n,
      prefix,
      whole: type === 'X' ? text.toUpperCase() : text,
      rest: '',
      groupSize: base === 10 ? 3 : 4,
    };
  }
  if (type !== undefined && /[bcdoxX]/.test(type)) throw valueFault(`unknown format code '${type}' for object of type 'float'`);
  const number = asFloat(value);
  const positive = Math.abs(number);
  let text: string;
  if (type === undefined) text = precision === undefined ? print(new Float(positive)) : shortGeneral(positive, precision, alternate);
  else if (type === '%') text = `${floatDigits(positive * 100, 'f', precision ?? 6, alternate)}%`;
  else text = floatDigits(positive, type, precision ?? 6, alternate);
  if (type !== undefined && /[EFG]/.test(type)) text = text.toUpperCase();
  const [whole, rest] = /^\d/.test(text) ? splitWhole(text) : ['', text];
  const isZero = /^[0.]+(?:[eE%]|$)/.test(text);
  const negative = (number < 0 || Object.is(number, -0)) && !(zeroIsPositive && isZero);
  return { negative, prefix: '', whole, rest, groupSize: 3 };
}

/** A float with a precision and no type: like 'g', but with at least one digit after the point. */
function shortGeneral(value: number, precision: number, alternate: boolean): string {
  if (!Number.isFinite(value)) return floatDigits(value, 'g', precision, alternate);
  const digits = precision === 0 ? 1 : precision;
  const { figures, exponent } = scientificParts(value, digits - 1);
  if (exponent < -4 || exponent >= digits - 1) {
    const kept = alternate ? figures : figures.replace(/0+$/, '') || '0';
    return scientific(kept, exponent, alternate);
  }
  const text = fixed(value, digits - 1 - exponent);
  if (!text.includes('.')) return `${text}.0`;
  if (alternate) return text;
  return text.replace(/(\.\d+?)0+$/, '$1');
}

/** Python's round(value, digits) of a float. */
export function roundFloat(value: number, digits: number): number {
  if (!Number.isFinite(value) || value === 0) return value;
  if (digits > 323) return value;
  if (digits < -308) return value < 0 ? -0 : 0;
  const scaled = scaledInteger(Math.abs(value), digits);
  const rounded = Number(`${scaled}e${-digits}`);
  return value < 0 ? -rounded : rounded;
}

/** Python's round(value, digits) of an int with negative digits. */
export function roundInteger(value: bigint, digits: number): bigint {
  if (digits >= 0) return value;
  const unit = 10n ** BigInt(-digits);
  const size = magnitude(value);
  const quotient = size / unit;
  const twice = (size % unit) * 2n;
  const rounded = (twice > unit || (twice === unit && quotient % 2n === 1n) ? quotient + 1n : quotient) * unit;
  return value < 0n ? -rounded : rounded;
}
