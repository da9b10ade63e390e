import { typeFault, unsupportedFault } from '../fault';
import { toJson } from './json';
import { LINE_BREAK, joined, replace, strip } from './methods';
import { iterate, length, less, number, truthy } from './operators';
import { print } from './printing';
import type { Runtime } from './runtime';
import { tests } from './tests';
import { Markup, Refused, Sequence, Undefined, requireKnown, typeName } from './values';

/** A filter: the names of its parameters, and what it does. Arguments that are not given are undefined. */
export interface Filter {
  readonly parameters: readonly string[];
  readonly call: (runtime: Runtime, value: unknown, ...given: unknown[]) => unknown;
}

const filter = (parameters: string, call: Filter['call']): Filter => ({ parameters: parameters.split(' ').filter(Boolean), call });
const onText = (name: string, parameters: string, call: (text: string, ...given: unknown[]) => unknown): Filter =>
  filter(parameters, (_, value, ...given) => call(textOf(value, `with | ${name}`), ...given));
const generator = (items: readonly unknown[]): Sequence => new Sequence('generator', () => items);

/** `str(value)`, where it becomes other text. */
function textOf(value: unknown, use: string): string {
  return value instanceof Markup ? value.refuse(use) : print(value, use);
}

function attributeOf(runtime: Runtime, item: unknown, attribute: unknown): unknown {
  if (attribute === undefined) return item;
  if (typeof attribute === 'string') return attribute.split('.').reduce((value, part) => runtime.item(value, part), item);
  requireKnown(attribute, 'as the name of an attribute');
  throw typeFault(`the name of an attribute must be text, not ${typeName(attribute)}`);
}

/** What sort and unique compare: an attribute of the item, and text without regard to its case. */
function keyOf(runtime: Runtime, item: unknown, attribute: unknown, isExact: unknown): unknown {
  const value = attributeOf(runtime, item, attribute);
  if (value instanceof Markup) value.refuse('in a comparison');
  if (value instanceof Undefined) value.requireLenient();
  else requireKnown(value, 'in a comparison');
  return typeof value === 'string' && !truthy(isExact) ? value.toLowerCase() : value;
}

function sort(runtime: Runtime, value: unknown, reverse?: unknown, isExact?: unknown, attribute?: unknown): unknown[] {
  const keyed = iterate(value, 'with | sort').map((item) => ({ item, key: keyOf(runtime, item, attribute, isExact) }));
  const sign = truthy(reverse) ? -1 : 1;
  keyed.sort((left, right) => (less(left.key, right.key) ? -sign : less(right.key, left.key) ? sign : 0));
  return keyed.map(({ item }) => item);
}

function unique(runtime: Runtime, value: unknown, isExact?: unknown, attribute?: unknown): Sequence {
  const seen = new Map<unknown, unknown>();
  for (const item of iterate(value, 'with | unique')) {
    const key = keyOf(runtime, item, attribute, isExact);
    if (typeof key === 'object' && key !== null)
      throw unsupportedFault('| unique of lists is not part of the dialect', 'use text or numbers');
    const hash = typeof key === 'boolean' ? Number(key) : key;
    if (!seen.has(hash)) seen.set(hash, item);
  }
  return generator(Array.from(seen.values()));
}

function toInteger(value: unknown, fallback: unknown = 0): unknown {
  if (typeof value === 'number' || typeof value === 'boolean') return Number(value);
  const source = value instanceof Refused ? value.text : value;
  if (source === undefined || value instanceof Undefined) requireKnown(value, 'with | int');
  const text = typeof source === 'string' ? strip(source, null, true, true) : '';
  if (typeof source === 'object' && source !== null)
    return value instanceof Markup ? value.refuse('with | int') : (requireKnown(value, 'with | int'), fallback);
  if (/[^\0-\x7f]/.test(text) && /\p{Nd}/u.test(text))
    throw unsupportedFault(`the number ${text} is not part of the dialect`, 'use the digits 0 to 9');
  const digits = text.replace(/(?<=\d)_(?=\d)/g, '');
  const result = Math.trunc(Number(digits));
  return /^[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?$/i.test(digits) && Number.isFinite(result) ? number(result) : fallback;
}

function indent(text: string, width: unknown = 4, first: unknown = false, blank: unknown = false): string {
  const space = typeof width === 'string' ? width : ' '.repeat(Math.max(0, number(width, 'with | indent')));
  const isIndented = (line: string, index: number): boolean => (index === 0 ? truthy(first) : line !== '' || truthy(blank));
  return text
    .split(LINE_BREAK)
    .map((line, index) => (isIndented(line, index) ? space + line : line))
    .join('\n');
}

/** A filter or test by its name. */
function named<Kind>(kind: string, table: Readonly<Record<string, Kind>>, name: unknown): Kind {
  if (typeof name === 'string' && Object.hasOwn(table, name)) return table[name];
  if (name instanceof Markup) name.refuse(`as the name of a ${kind}`);
  requireKnown(name, `as the name of a ${kind}`);
  throw unsupportedFault(`the ${kind} ${print(name)} is not part of the dialect`, `there are ${Object.keys(table).join(', ')}`);
}

/** select, reject and their kin: those items of which a test holds, or none of those. */
const selecting = (isWanted: boolean): Filter['call'] => {
  return (runtime, value, attribute, name, argument) => {
    const [, test] = name === undefined ? [0, truthy] : named('test', tests, name);
    return generator(iterate(value).filter((item) => test(attributeOf(runtime, item, attribute), argument) === isWanted));
  };
};

function map(runtime: Runtime, value: unknown, name: unknown, attribute: unknown, fallback: unknown): Sequence {
  if (name === undefined && attribute === undefined) throw typeFault('map requires a filter or an attribute');
  const apply = (item: unknown): unknown => {
    if (name !== undefined) return named('filter', filters, name).call(runtime, item);
    const found = attributeOf(runtime, item, attribute);
    return found instanceof Undefined && fallback !== undefined ? fallback : found;
  };
  return generator(iterate(value).map(apply));
}

function orElse(_: Runtime, value: unknown, fallback: unknown = '', alsoFalse: unknown = false): unknown {
  if (value instanceof Undefined) return fallback;
  requireKnown(value, 'with | default');
  return truthy(alsoFalse) && !truthy(value) ? fallback : value;
}

function safe(_: Runtime, value: unknown): Markup {
  if (value instanceof Markup) return value;
  return new Markup(value instanceof Refused && value.safeText !== undefined ? value.safeText : print(value, 'with the filter safe'));
}

function trim(_: Runtime, value: unknown, set: unknown): unknown {
  if (!(value instanceof Markup)) return strip(textOf(value, 'with | trim'), set, true, true);
  if (value.marks && set === undefined) return new Markup(value.marks.trim(value.text), value.marks);
  return new Markup(strip(value.plain('with | trim of other characters than white space'), set, true, true));
}

function end(index: 0 | -1, use: string): Filter {
  return filter('', (runtime, value) => {
    if (value instanceof Sequence && value.kind === 'generator' && index < 0) throw typeFault("'generator' object is not reversible");
    const item = iterate(value, use).at(index);
    return item === undefined ? runtime.missing('the sequence is empty') : item;
  });
}

const counted = filter('', (_, value) => length(value));
const defaulted = filter('default_value boolean', orElse);
const [selected, rejected] = [selecting(true), selecting(false)];

/** Jinja2's filters that are part of the dialect. */
export const filters: Readonly<Record<string, Filter>> = {
  count: counted,
  d: defaulted,
  default: defaulted,
  first: end(0, 'with | first'),
  indent: onText('indent', 'width first blank', indent),
  int: filter('default', (_, value, fallback) => toInteger(value, fallback)),
  join: filter('d', (_, value, separator = '') => {
    const texts = iterate(value, 'with | join').map((item) => textOf(item, 'with | join'));
    return joined(texts, textOf(separator, 'with | join'));
  }),
  last: end(-1, 'with | last'),
  length: counted,
  list: filter('', (_, value) => Array.from(iterate(value, 'with | list'))),
  lower: onText('lower', '', (text) => text.toLowerCase()),
  map: filter('name attribute default', map),
  reject: filter('test argument', (runtime, value, ...test) => rejected(runtime, value, undefined, ...test)),
  rejectattr: filter('attribute test argument', rejected),
  replace: onText('replace', 's new', (text, old, by) => replace(text, textOf(old, 'with | replace'), textOf(by, 'with | replace'))),
  safe: filter('', safe),
  select: filter('test argument', (runtime, value, ...test) => selected(runtime, value, undefined, ...test)),
  selectattr: filter('attribute test argument', selected),
  sort: filter('reverse case_sensitive attribute', sort),
  string: filter('', (_, value) => (value instanceof Markup && !value.marks ? value : print(value, 'with | string'))),
  tojson: filter('indent', (runtime, value, indentation) => runtime.json(toJson(value, indentation))),
  trim: filter('chars', trim),
  unique: filter('case_sensitive attribute', unique),
  upper: onText('upper', '', (text) => text.toUpperCase()),
};
