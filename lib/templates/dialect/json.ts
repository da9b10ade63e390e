import { typeFault, unsupportedFault } from '../fault';
import { less, number } from './operators';
import { Dict, Markup, Undefined, requireKnown, typeName } from './values';

/** `| tojson`: json.dumps with sorted keys, and the characters that HTML gives a meaning written as escapes. */
export function toJson(value: unknown, indentation: unknown): string {
  const isNone = indentation === undefined || indentation === null;
  const unit = isNone ? undefined : ' '.repeat(Math.max(0, number(indentation, 'as an indentation')));
  return dump(value, unit, '\n', 0).replace(/[<>&']/g, unicodeEscape);
}

function unicodeEscape(unit: string): string {
  return `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`;
}

function dump(value: unknown, unit: string | undefined, newline: string, depth: number): string {
  if (depth > 100) throw unsupportedFault('a value nested so deeply is not part of the dialect', 'look for a value that contains itself');
  if (typeof value === 'string') return JSON.stringify(value).replace(/[^ -~]/g, unicodeEscape);
  if (typeof value === 'number' || typeof value === 'boolean' || value === null) return String(value);
  if (value instanceof Markup) return value.refuse('with | tojson');
  if (!Array.isArray(value) && !(value instanceof Dict)) {
    if (!(value instanceof Undefined)) requireKnown(value, 'with the filter tojson');
    throw typeFault(`a ${typeName(value)} has no JSON`);
  }
  const inner = newline + (unit ?? '');
  const parts = Array.isArray(value)
    ? value.map((item) => dump(item, unit, inner, depth + 1))
    : Array.from(value.keys())
        .sort((left, right) => (less(left, right) ? -1 : 1))
        .map((key) => `${JSON.stringify(String(key)).replace(/[^ -~]/g, unicodeEscape)}: ${dump(value.get(key), unit, inner, depth + 1)}`);
  const [start, end] = Array.isArray(value) ? '[]' : '{}';
  if (parts.length === 0) return start + end;
  return unit === undefined ? start + parts.join(', ') + end : `${start}${inner}${parts.join(`,${inner}`)}${newline}${end}`;
}
