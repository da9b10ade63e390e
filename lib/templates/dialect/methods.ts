import { typeFault, unsupportedFault, valueFault } from '../fault';
import { SPACE, withoutTrailingSpace } from './lexer';
import { equals, iterate, number } from './operators';
import { print } from './printing';
import { Dict, Markup, Sequence, Tuple, Undefined, characters, requireKnown, typeName } from './values';

/** How many arguments a method takes at least and at most, and what it does. */
type Method<Subject> = readonly [least: number, most: number, call: (subject: Subject, ...values: unknown[]) => unknown];
type Methods<Subject> = Readonly<Record<string, Method<Subject>>>;

export const LINE_BREAK = /\r\n|[\n\r\v\f\x1c-\x1e\x85\u2028\u2029]/;
const leadingSpace = new RegExp(`^[${SPACE}]+`);

/** Text that is an argument. */
function text(value: unknown, use: string): string {
  if (typeof value === 'string') return value;
  if (value instanceof Markup) return value.refuse(use);
  requireKnown(value, use);
  throw typeFault(`text is needed ${use}, not ${typeName(value)}`);
}

/** `str.strip` and its kin: white space, or the characters that are wanted. */
export function strip(subject: string, wanted: unknown, left: boolean, right: boolean): string {
  if (wanted === undefined || wanted === null) {
    const rest = right ? withoutTrailingSpace(subject) : subject;
    return left ? rest.replace(leadingSpace, '') : rest;
  }
  const set = new Set(text(wanted, 'as the characters to strip'));
  const all = Array.from(subject);
  let [start, end] = [0, all.length];
  while (left && start < end && set.has(all[start])) start++;
  while (right && end > start && set.has(all[end - 1])) end--;
  return all.slice(start, end).join('');
}

export function replace(subject: string, old: unknown, by: unknown, count?: unknown): string {
  const [from, to] = [text(old, 'with replace'), text(by, 'with replace')];
  if (from === '') throw unsupportedFault('replacing an empty text is not part of the dialect', 'name the text to replace');
  const most = count === undefined || count === null ? -1 : number(count, 'as a count');
  let left = most < 0 ? Infinity : most;
  return subject.replaceAll(from, () => (left-- > 0 ? to : from));
}

function split(subject: string, separator: unknown, count: unknown): string[] {
  if (separator === undefined || separator === null) {
    if (count !== undefined) throw unsupportedFault('a count of words to split is not part of the dialect', 'give split a separator');
    return subject.split(new RegExp(`[${SPACE}]+`)).filter((word) => word !== '');
  }
  const mark = text(separator, 'as a separator');
  if (mark === '') throw valueFault('empty separator');
  const parts = subject.split(mark);
  const most = count === undefined ? -1 : number(count, 'as a count');
  return most < 0 || most >= parts.length ? parts : [...parts.slice(0, most), parts.slice(most).join(mark)];
}

/** What makes a format more than text with {}; undefined when nothing does. */
export function unknownReplacement(format: string): string | undefined {
  return /\{[^}]*\}?|\}/.exec(format.replace(/\{\{|\}\}|\{\}/g, ''))?.[0];
}

function format(subject: string, ...values: unknown[]): string {
  const unknown = unknownReplacement(subject);
  if (unknown !== undefined) throw unsupportedFault(`'${unknown}' in a format is not part of the dialect`, 'use {}, {{ and }}');
  let used = 0;
  return subject.replace(/\{\{|\}\}|\{\}/g, (mark) => {
    if (mark !== '{}') return mark[0];
    if (used >= values.length) throw valueFault('not enough arguments for .format()');
    const value = values[used++];
    return value instanceof Markup ? value.refuse('in a format') : print(value, 'in a format');
  });
}

function affix(subject: string, wanted: unknown, use: 'startsWith' | 'endsWith'): boolean {
  const parts = (wanted instanceof Tuple ? Array.from(wanted) : [wanted]).map((part) => text(part, `with ${use.toLowerCase()}`));
  return parts.some((part) => subject[use](part));
}

/** What a character is comes from Unicode tables that differ: only of ASCII is it the same everywhere. */
function isDigits(subject: string): boolean {
  if (/^[\0-\x7f]*$/.test(subject)) return /^[0-9]+$/.test(subject);
  throw unsupportedFault('isdigit() of other characters than ASCII is not part of the dialect', 'compare the text');
}

function indexOf(subject: string, part: unknown): number {
  const index = subject.indexOf(text(part, 'with find'));
  return index < 0 ? index : characters(subject.slice(0, index)).length;
}

export function joined(items: unknown, separator: string): string {
  const texts = iterate(items, 'with join').map((item) => text(item, 'with join'));
  return texts.join(separator);
}

export function dictGet(dict: Dict, key: unknown, fallback: unknown): unknown {
  const name = typeof key === 'string' ? key : dict.key(key);
  const value = dict.get(name);
  if (value !== undefined) return value;
  dict.requirePresent?.(name, fallback !== undefined);
  return fallback === undefined ? null : fallback;
}

function update(dict: Dict, other: unknown): void {
  if (!(other instanceof Dict)) {
    requireKnown(other, 'with update');
    throw unsupportedFault(`update() with a ${typeName(other)} is not part of the dialect`, 'give it a dictionary');
  }
  for (const [key, value] of Array.from(other.entries())) dict.set(dict.key(key), value);
}

const view = (kind: Sequence['kind'], items: (dict: Dict) => unknown[]): Method<Dict> => [
  0,
  0,
  (dict) => new Sequence(kind, () => items(dict)),
];
/** What a method gives that only changes its subject. */
const nothing = (done: unknown): null => (done === null ? done : null);

const textMethods: Methods<string> = {
  upper: [0, 0, (subject) => subject.toUpperCase()],
  lower: [0, 0, (subject) => subject.toLowerCase()],
  strip: [0, 1, (subject, set) => strip(subject, set, true, true)],
  lstrip: [0, 1, (subject, set) => strip(subject, set, true, false)],
  rstrip: [0, 1, (subject, set) => strip(subject, set, false, true)],
  startswith: [1, 1, (subject, part) => affix(subject, part, 'startsWith')],
  endswith: [1, 1, (subject, part) => affix(subject, part, 'endsWith')],
  removeprefix: [
    1,
    1,
    (subject, part) => (affix(subject, text(part, 'as a prefix'), 'startsWith') ? subject.slice(String(part).length) : subject),
  ],
  removesuffix: [
    1,
    1,
    (subject, part) =>
      affix(subject, text(part, 'as a suffix'), 'endsWith') ? subject.slice(0, subject.length - String(part).length) : subject,
  ],
  replace: [2, 3, replace],
  split: [0, 2, split],
  splitlines: [0, 0, (subject) => (subject === '' ? [] : subject.replace(new RegExp(`(${LINE_BREAK.source})$`), '').split(LINE_BREAK))],
  join: [1, 1, (subject, items) => joined(items, subject)],
  find: [1, 1, indexOf],
  format: [0, Infinity, format],
  isdigit: [0, 0, isDigits],
};
const listMethods: Methods<unknown[]> = {
  append: [1, 1, (list, item) => nothing(list.push(item))],
  extend: [1, 1, (list, items) => nothing(list.push(...iterate(items)))],
};
const tupleMethods: Methods<unknown[]> = {
  count: [1, 1, (list, item) => list.filter((other) => equals(other, item)).length],
};
const dictMethods: Methods<Dict> = {
  get: [1, 2, dictGet],
  keys: view('dict_keys', (dict) => Array.from(dict.keys())),
  values: view('dict_values', (dict) => Array.from(dict.values())),
  items: view('dict_items', (dict) => Array.from(dict.entries(), ([key, value]) => Tuple.holding(key, value))),
  update: [1, 1, (dict, other) => nothing(update(dict, other))],
};

/** Names of all methods, and of loop's: others are refused when a template is compiled. */
export const METHODS = [textMethods, listMethods, tupleMethods, dictMethods].flatMap((table) => Object.keys(table)).concat('cycle');
/** What Python's dict has, so that `d.items` is no look-up of a key. */
export const DICT_ATTRIBUTES = [...Object.keys(dictMethods), 'clear', 'copy', 'fromkeys', 'pop', 'popitem', 'setdefault'];

const methodsOf: Readonly<Record<string, Methods<never> | undefined>> = {
  str: textMethods,
  list: { ...listMethods, ...tupleMethods },
  tuple: tupleMethods,
  dict: dictMethods,
};

/** Calls a method of a text, list, tuple or dict. */
export function callMethod(subject: unknown, name: string, values: readonly unknown[]): unknown {
  if (subject instanceof Markup) subject.refuse(`with .${name}()`);
  if (subject instanceof Undefined) throw subject.fault();
  const table = (methodsOf[typeName(subject)] ?? {}) as Methods<unknown>;
  if (!Object.hasOwn(table, name)) {
    requireKnown(subject, `with .${name}()`);
    throw unsupportedFault(`the method '${name}' of a ${typeName(subject)} is not part of the dialect`, 'check the type of the value');
  }
  const [least, most, call] = table[name];
  if (values.length < least || values.length > most) throw typeFault(`${name}() takes ${least} to ${most} arguments, not ${values.length}`);
  return call(subject, ...values);
}
