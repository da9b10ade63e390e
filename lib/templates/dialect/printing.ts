import { TemplateFault, unsupportedFault } from '../fault';
import { ListValue, SingleValue, VariableReference } from '../value-kinds';
import { Dict, Macro, Markup, Refused, Tuple, Undefined, View, requireKnown, typeName } from './values';

/** `str(value)`: how Python prints a value. */
export function print(value: unknown, use = 'inside other text'): string {
  if (typeof value === 'string') return value;
  if (value instanceof Markup) return value.plain(use);
  if (!(value instanceof Refused && value.text !== undefined)) requireKnown(value, use, true);
  return value instanceof Undefined ? '' : represent(value);
}

/** A list that is printed into a script. */
export function listValue(list: readonly unknown[]): ListValue {
  const items = list.map((item) => (item instanceof Refused && item.text !== undefined ? item.text : item));
  const isSingle = (item: unknown): item is SingleValue =>
    typeof item === 'string' || typeof item === 'number' || typeof item === 'boolean' || item instanceof VariableReference;
  try {
    return new ListValue(items.every(isSingle) ? items : undefined, print(list));
  } catch (error) {
    // Words have no text as a whole.
    if (error instanceof TemplateFault && items.every(isSingle)) return new ListValue(items, error);
    throw error;
  }
}

/** `repr(value)`: how Python prints a value inside a list, tuple or dict. */
function represent(value: unknown): string {
  if (typeof value === 'string') return quote(value);
  if (typeof value === 'number') return String(value);
  if (typeof value === 'boolean') return value ? 'True' : 'False';
  if (value === null) return 'None';
  if (Array.isArray(value)) {
    const items = Array.from(value, represent).join(', ');
    return value instanceof Tuple ? `(${items}${value.length === 1 ? ',' : ''})` : `[${items}]`;
  }
  if (value instanceof Dict) return `{${Array.from(value.entries(), ([key, item]) => `${represent(key)}: ${represent(item)}`).join(', ')}}`;
  if (value instanceof Refused && value.text !== undefined) return value.text;
  requireKnown(value, 'inside a list or dictionary that is printed', true);
  if (value instanceof Undefined) return 'Undefined';
  const remedy = value instanceof View ? 'make a list of it first: | list' : value instanceof Macro ? 'call it' : 'print an attribute';
  throw unsupportedFault(`the text of a ${typeName(value)} is not part of the dialect`, remedy);
}

const escapes: Readonly<Record<string, string>> = { '\\': '\\\\', '\n': '\\n', '\r': '\\r', '\t': '\\t' };

/** A string as Python writes it in source. */
function quote(text: string): string {
  const inner = text.replace(/[\\\n\r\t]/g, (character) => escapes[character]);
  // Which characters Python writes as numbers depends on its version.
  if (/(?! )[\p{C}\p{Z}]/u.test(inner))
    throw unsupportedFault(
      'a control character in a list or dictionary that is printed is not part of the dialect',
      'print the items one by one',
    );
  if (text.includes("'") && !text.includes('"')) return `"${inner}"`;
  return `'${inner.replaceAll("'", "\\'")}'`;
}
