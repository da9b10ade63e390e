import { unsupportedFault } from './fault';
import { Dict, DictView, Float, Markup, OneTimeIterator, Range, TemplateObject, Tuple, Undefined, requireKnown, typeName } from './values';

/** `str(value)`: how Python prints a value. */
export function print(value: unknown): string {
  switch (typeof value) {
    case 'string':
      return value;
    case 'number':
      return value === 0 ? '0' : String(value);
    case 'boolean':
      return value ? 'True' : 'False';
    default:
  }
  if (value instanceof Markup) return value.text;
  if (value instanceof Undefined) {
    value.requireLenient();
    return '';
  }
  if (value instanceof TemplateObject) return value.print();
  return represent(value);
}

/** `repr(value)`: how Python prints a value inside a list, tuple or dict. */
export function represent(value: unknown): string {
  return representInside(value, new Set());
}

function representInside(value: unknown, open: Set<unknown>): string {
  switch (typeof value) {
    case 'string':
      return quote(value);
    case 'number':
      return value === 0 ? '0' : String(value);
    case 'bigint':
      return value.toString();
    case 'boolean':
      return value ? 'True' : 'False';
    default:
  }
  if (value === null) return 'None';
  if (value instanceof Float) return printFloat(value.value);
  if (value instanceof Markup) return `Markup(${quote(value.text)})`;
  if (value instanceof Range)
    return value.step === 1 ? `range(${value.start}, ${value.stop})` : `range(${value.start}, ${value.stop}, ${value.step})`;
  if (value instanceof Undefined) {
    value.requireLenient();
    return 'Undefined';
  }
  if (value instanceof TemplateObject) return value.print();
  const nested = (items: Iterable<unknown>): string => {
    open.add(value);
    const text = Array.from(items, (item) => representInside(item, open)).join(', ');
    open.delete(value);
    return text;
  };
  if (Array.isArray(value)) return open.has(value) ? '[...]' : `[${nested(value)}]`;
  if (value instanceof Tuple) {
    if (open.has(value)) return '(...)';
    return value.items.length === 1 ? `(${nested(value.items)},)` : `(${nested(value.items)})`;
  }
  if (value instanceof Dict) {
    if (open.has(value)) return '{...}';
    open.add(value);
    const pairs = Array.from(value.items(), ([key, item]) => `${representInside(key, open)}: ${representInside(item, open)}`);
    open.delete(value);
    return `{${pairs.join(', ')}}`;
  }
  if (value instanceof DictView) return open.has(value) ? '...' : `dict_${value.kind}([${nested(value)}])`;
  requireKnown(value, 'inside a list or dictionary that is printed');
  if (value instanceof OneTimeIterator)
    throw unsupportedFault(`a ${value.kind} object has no text of its own`, 'make a list of it first: | list');
  throw unsupportedFault(`a ${typeName(value)} cannot be printed`, 'call it, or print something else');
}

// What Python's str.isprintable() is false for, but for the space.
const unprintable = /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Cn}\p{Zl}\p{Zp}\p{Zs}]/u;
const everyUnprintable = new RegExp(`${unprintable.source}|\\\\`, 'gu');

/** A string as Python writes it in source. */
export function quote(text: string): string {
  const mark = text.includes("'") && !text.includes('"') ? '"' : "'";
  if (!unprintable.test(text.replaceAll(' ', '')) && !text.includes('\\') && !text.includes(mark)) return mark + text + mark;
  const escaped = text.replace(everyUnprintable, (character) => {
    switch (character) {
      case ' ':
        return ' ';
      case '\\':
        return '\\\\';
      case '\n':
        return '\\n';
      case '\r':
        return '\\r';
      case '\t':
        return '\\t';
      default: {
        const code = (character.codePointAt(0) ?? 0).toString(16);
        if (code.length <= 2) return `\\x${code.padStart(2, '0')}`;
        return code.length <= 4 ? `\\u${code.padStart(4, '0')}` : `\\U${code.padStart(8, '0')}`;
      }
    }
  });
  return mark + (mark === "'" ? escaped.replaceAll("'", "\\'") : escaped) + mark;
}

/** The shortest text that reads back as the same float, spelled as Python spells it. */
export function printFloat(value: number): string {
  if (Number.isNaN(value)) return 'nan';
  if (!Number.isFinite(value)) return value < 0 ? '-inf' : 'inf';
  if (value === 0) return Object.is(value, -0) ? '-0.0' : '0.0';
  const [digits, exponentText] = Math.abs(value).toExponential().split('e');
  const exponent = Number(exponentText);
  const sign = value < 0 ? '-' : '';
  if (exponent < -4 || exponent >= 16) return `${sign}${digits}e${exponent < 0 ? '-' : '+'}${String(Math.abs(exponent)).padStart(2, '0')}`;
  const figures = digits.replace('.', '');
  if (exponent < 0) return `${sign}0.${'0'.repeat(-exponent - 1)}${figures}`;
  const whole = figures.slice(0, exponent + 1).padEnd(exponent + 1, '0');
  return `${sign}${whole}.${figures.slice(exponent + 1) || '0'}`;
}
