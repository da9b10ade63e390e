import { unsupportedFault } from './fault';
import { printInteger } from './numbers';
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
  if (value instanceof Markup) {
    value.requirePlain('inside other text');
    return value.text;
  }
  if (value instanceof Undefined) {
    value.requireLenient();
    return '';
  }
  if (value instanceof TemplateObject) return value.print(represent);
  return represent(value);
}

/** `repr(value)`: how Python prints a value inside a list, tuple or dict. */
export function represent(value: unknown): string {
  return representInside(value, []);
}

function representInside(value: unknown, open: unknown[]): string {
  switch (typeof value) {
    case 'string':
      return quote(value);
    case 'number':
      return value === 0 ? '0' : String(value);
    case 'bigint':
      return printInteger(value);
    case 'boolean':
      return value ? 'True' : 'False';
    default:
  }
  if (value === null) return 'None';
  if (value instanceof Float) return printFloat(value.value);
  if (Array.isArray(value)) return open.includes(value) ? '[...]' : `[${representItems(value, value, open)}]`;
  if (value instanceof Tuple) {
    if (open.includes(value)) return '(...)';
    return value.items.length === 1 ? `(${representItems(value, value.items, open)},)` : `(${representItems(value, value.items, open)})`;
  }
  if (value instanceof Dict) return open.includes(value) ? '{...}' : representDict(value, open);
  if (value instanceof DictView) return open.includes(value) ? '...' : `dict_${value.kind}([${representItems(value, value, open)}])`;
  if (value instanceof Markup) {
    value.requirePlain('inside a list or dictionary that is printed');
    return value.isRendered ? quote(value.text) : `Markup(${quote(value.text)})`;
  }
  if (value instanceof Range) {
    return value.step === 1 ? `range(${value.start}, ${value.stop})` : `range(${value.start}, ${value.stop}, ${value.step})`;
  }
  if (value instanceof Undefined) {
    value.requireLenient();
    return 'Undefined';
  }
  if (value instanceof TemplateObject && value.represent) return value.represent((part) => representInside(part, open));
  requireKnown(value, 'inside a list or dictionary that is printed');
  if (value instanceof OneTimeIterator)
    throw unsupportedFault(`a ${value.kind} object has no text of its own`, 'make a list of it first: | list');
  throw unsupportedFault(`a ${typeName(value)} cannot be printed`, 'call it, or print something else');
}

function representItems(container: unknown, items: Iterable<unknown>, open: unknown[]): string {
  open.push(container);
  let text = '';
  let isFirst = true;
  for (const item of items) {
    text += isFirst ? representInside(item, open) : `, ${representInside(item, open)}`;
    isFirst = false;
  }
  open.pop();
  return text;
}

function representDict(dict: Dict, open: unknown[]): string {
  open.push(dict);
  let text = '{';
  for (const [key, value] of dict.items()) {
    text += `${text.length === 1 ? '' : ', '}${representInside(key, open)}: ${representInside(value, open)}`;
  }
  open.pop();
  return `${text}}`;
}

// What Python's str.isprintable() is false for, but for the space.
const unprintable = /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Cn}\p{Zl}\p{Zp}\p{Zs}]/u;
const everyUnprintable = new RegExp(`${unprintable.source}|\\\\`, 'gu');

// Nothing to escape: what nearly all text is.
const plain = /^[ !#-&(-[\]-~]*$/;

/** A string as Python writes it in source. */
export function quote(text: string): string {
  if (plain.test(text)) return `'${text}'`;
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
  const size = Math.abs(value);
  if (size >= 1e-4 && size < 1e16) {
    const text = String(value);
    return Number.isInteger(value) ? `${text}.0` : text;
  }
  const [digits, exponentText] = size.toExponential().split('e');
  const exponent = Number(exponentText);
  return `${value < 0 ? '-' : ''}${digits}e${exponent < 0 ? '-' : '+'}${String(Math.abs(exponent)).padStart(2, '0')}`;
}
