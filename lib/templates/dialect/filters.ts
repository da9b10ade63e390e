import { unsupportedFault } from '../fault';
import { replace, strip } from './methods';
import { iterate, length, number, truthy } from './operators';
import { print } from './printing';
import type { Runtime } from './runtime';
import { Markup, Refused, Undefined, requireKnown, typeName } from './values';

/** How many arguments a filter takes at least and at most, and what it does. Those that are not given are undefined. */
export type Filter = readonly [least: number, most: number, call: (runtime: Runtime, value: unknown, ...given: unknown[]) => unknown];

const onText = (name: string, least: number, most: number, call: (text: string, ...given: unknown[]) => unknown): Filter => [
  least,
  most,
  (_, value, ...given) => call(textOf(value, `with | ${name}`), ...given),
];

/** `str(value)`, where it becomes other text. */
function textOf(value: unknown, use: string): string {
  return value instanceof Markup ? value.refuse(use) : print(value, use);
}

function toInteger(value: unknown, fallback: unknown = 0): unknown {
  if (typeof value === 'number' || typeof value === 'boolean') return Number(value);
  if (value === null) return fallback;
  if (value instanceof Refused && value.text !== undefined) return number(Math.trunc(Number(value.text)));
  requireKnown(value, 'with | int');
  if (typeof value !== 'string') throw unsupportedFault(`| int of a ${typeName(value)} is not part of the dialect`, 'give it text');
  const text = strip(value, true, true);
  if (/^[-+]?[0-9]+$/.test(text)) return number(Number(text));
  if (!/\p{Nd}/u.test(text)) return fallback;
  throw unsupportedFault(`| int of '${text}' is not part of the dialect`, 'give it the digits of an integer, or no digit at all');
}

function indent(text: string, width: unknown = 4): string {
  const space = ' '.repeat(Math.max(0, number(width, 'with | indent')));
  const lines = text.split(/\r\n|[\r\n\v\f\x1c-\x1e\x85\u2028\u2029]/);
  return lines.map((line, index) => (index > 0 && line !== '' ? space + line : line)).join('\n');
}

function join(runtime: Runtime, value: unknown, given: unknown = ''): string {
  const texts = iterate(value, 'with | join').map((item) => textOf(item, 'with | join'));
  const separator = textOf(given, 'with | join');
  return runtime.joined(texts.join(separator), separator);
}

function orElse(_: Runtime, value: unknown, fallback: unknown = '', alsoFalse: unknown = false): unknown {
  if (value instanceof Undefined) return fallback;
  if (!(value instanceof Markup)) requireKnown(value, 'with | default');
  return truthy(alsoFalse) && !truthy(value) ? fallback : value;
}

function safe(_: Runtime, value: unknown): Markup {
  if (value instanceof Markup) return value;
  return new Markup(value instanceof Refused && value.safeText !== undefined ? value.safeText : print(value, 'with the filter safe'));
}

function trim(_: Runtime, value: unknown): unknown {
  if (value instanceof Markup) return new Markup(value.marks ? value.marks.trim(value.text) : strip(value.text, true, true), value.marks);
  return strip(print(value, 'with | trim'), true, true);
}

function end(index: 0 | -1, use: string): Filter {
  const item = (runtime: Runtime, value: unknown): unknown => {
    const items = iterate(value, use);
    return items.length === 0 ? runtime.missing('the sequence is empty') : items.at(index);
  };
  return [0, 0, item];
}

const counted: Filter = [0, 0, (_, value) => length(value)];
const defaulted: Filter = [0, 2, orElse];

/** Jinja2's filters that are part of the dialect. */
export const filters: Readonly<Record<string, Filter>> = {
  count: counted,
  d: defaulted,
  default: defaulted,
  first: end(0, 'with | first'),
  indent: onText('indent', 0, 1, indent),
  int: [0, 1, (_, value, fallback) => toInteger(value, fallback)],
  join: [0, 1, join],
  last: end(-1, 'with | last'),
  length: counted,
  list: [0, 0, (_, value) => Array.from(iterate(value, 'with | list'))],
  lower: onText('lower', 0, 0, (text) => text.toLowerCase()),
  replace: onText('replace', 2, 2, (text, old, by) => replace(text, textOf(old, 'with | replace'), textOf(by, 'with | replace'))),
  safe: [0, 0, safe],
  string: [0, 0, (_, value) => (value instanceof Markup && !value.marks ? value : print(value, 'with | string'))],
  trim: [0, 0, trim],
  upper: onText('upper', 0, 0, (text) => text.toUpperCase()),
};
