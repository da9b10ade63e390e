import { unsupportedFault } from '../fault';
import { Dict, Macro, Markup, Refused, Sequence, Tuple, Undefined, requireKnown, typeName } from './values';

/** `str(value)`: how Python prints a value. */
export function print(value: unknown, use = 'inside other text'): string {
  if (typeof value === 'string') return value;
  if (value instanceof Markup) return value.plain(use);
  if (value instanceof Undefined) {
    value.requireLenient();
    return '';
  }
  if (!(value instanceof Refused && value.text !== undefined)) requireKnown(value, use);
  return represent(value);
}

/** `repr(value)`: how Python prints a value inside a list, tuple or dict. */
export function represent(value: unknown, open: readonly unknown[] = []): string {
  if (typeof value === 'string') return quote(value);
  if (typeof value === 'number') return String(value + 0);
  if (typeof value === 'boolean') return value ? 'True' : 'False';
  if (value === null) return 'None';
  if (value instanceof Undefined) {
    value.requireLenient();
    return 'Undefined';
  }
  const isTuple = value instanceof Tuple;
  const inner = (items: readonly unknown[]): string => items.map((item) => represent(item, [...open, value])).join(', ');
  if (Array.isArray(value)) {
    if (open.includes(value)) return isTuple ? '(...)' : '[...]';
    return isTuple ? `(${inner(Array.from(value))}${value.length === 1 ? ',' : ''})` : `[${inner(value)}]`;
  }
  if (value instanceof Dict) {
    if (open.includes(value)) return '{...}';
    return `{${Array.from(value.entries(), ([key, item]) => `${represent(key)}: ${represent(item, [...open, value])}`).join(', ')}}`;
  }
  if (value instanceof Sequence && value.kind !== 'generator') return value.text ?? `${value.kind}([${inner(value.items())}])`;
  if (value instanceof Refused && value.text !== undefined) return value.text;
  requireKnown(value, 'inside a list or dictionary that is printed');
  if (value instanceof Markup) return value.refuse('inside a list or dictionary that is printed');
  if (value instanceof Sequence) throw unsupportedFault('a generator object has no text of its own', 'make a list of it first: | list');
  throw unsupportedFault(`a ${typeName(value)} cannot be printed`, value instanceof Macro ? 'call it' : 'print one of its attributes');
}

// What Python's str.isprintable() is false for, but for the space.
const unprintable = /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Cn}\p{Zl}\p{Zp}\p{Zs}]/u;
const escaped = new RegExp(`${unprintable.source}|\\\\`, 'gu');
const shortEscapes: Readonly<Record<string, string>> = { ' ': ' ', '\\': '\\\\', '\n': '\\n', '\r': '\\r', '\t': '\\t' };

/** A string as Python writes it in source. */
export function quote(text: string): string {
  if (/^[ !#-&(-[\]-~]*$/.test(text)) return `'${text}'`;
  const mark = text.includes("'") && !text.includes('"') ? '"' : "'";
  const inner = text.replace(escaped, (character) => {
    const code = (character.codePointAt(0) ?? 0).toString(16);
    const long = code.length <= 2 ? `\\x${code.padStart(2, '0')}` : code.length <= 4 ? `\\u${code.padStart(4, '0')}` : undefined;
    return shortEscapes[character] ?? long ?? `\\U${code.padStart(8, '0')}`;
  });
  return mark + (mark === "'" ? inner.replaceAll("'", "\\'") : inner) + mark;
}
