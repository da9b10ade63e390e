import { typeFault, unsupportedFault, valueFault } from '../fault';
import { SPACE, withoutTrailingSpace } from './lexer';
import { iterate } from './operators';
import { Dict, Tuple, View, requireKnown, typeName } from './values';

/** Whose method it is, how many arguments it takes at least and at most, and what it does. */
type Method<Subject = never> = readonly [type: string, least: number, most: number, call: Call<Subject>];
type Call<Subject> = (subject: Subject, ...values: unknown[]) => unknown;

const leadingSpace = new RegExp(`^[${SPACE}]+`);
const space = new RegExp(`[${SPACE}]+`);

/** Text that is an argument. */
function text(value: unknown, use: string): string {
  if (typeof value === 'string') return value;
  requireKnown(value, use);
  throw typeFault(`text is needed ${use}, not ${typeName(value)}`);
}

/** The text without white space at its ends. */
export function strip(subject: string, left: boolean, right: boolean): string {
  const rest = right ? withoutTrailingSpace(subject) : subject;
  return left ? rest.replace(leadingSpace, '') : rest;
}

export function replace(subject: string, old: unknown, by: unknown): string {
  const [from, to] = [text(old, 'with replace'), text(by, 'with replace')];
  if (from === '') throw unsupportedFault('replacing an empty text is not part of the dialect', 'name the text to replace');
  return subject.replaceAll(from, () => to);
}

function split(subject: string, separator: unknown): string[] {
  if (separator === undefined || separator === null) return subject.split(space).filter((word) => word !== '');
  const mark = text(separator, 'as a separator');
  if (mark === '') throw valueFault('empty separator');
  return subject.split(mark);
}

function join(separator: string, items: unknown): string {
  const texts = iterate(items, 'with join').map((item) => text(item, 'with join'));
  return texts.join(separator);
}

export function dictGet(dict: Dict, key: unknown, fallback: unknown): unknown {
  const name = dict.key(key);
  const value = dict.get(name);
  if (value !== undefined) return value;
  dict.requirePresent?.(name, fallback !== undefined);
  return fallback === undefined ? null : fallback;
}

function append(list: unknown[], item: unknown): null {
  list.push(item);
  return null;
}

const ofText = (least: number, most: number, call: Call<string>): Method<string> => ['str', least, most, call];
const ofDict = (least: number, most: number, call: Call<Dict>): Method<Dict> => ['dict', least, most, call];

/** Python's methods that are part of the dialect. */
export const methods: Readonly<Record<string, Method>> = {
  upper: ofText(0, 0, (subject) => subject.toUpperCase()),
  lower: ofText(0, 0, (subject) => subject.toLowerCase()),
  strip: ofText(0, 0, (subject) => strip(subject, true, true)),
  startswith: ofText(1, 1, (subject, part) => subject.startsWith(text(part, 'with startswith'))),
  endswith: ofText(1, 1, (subject, part) => subject.endsWith(text(part, 'with endswith'))),
  replace: ofText(2, 2, replace),
  split: ofText(0, 1, split),
  join: ofText(1, 1, join),
  append: ['list', 1, 1, append],
  get: ofDict(1, 2, dictGet),
  keys: ofDict(0, 0, (dict) => new View(Array.from(dict.keys()), dict)),
  values: ofDict(0, 0, (dict) => new View(Array.from(dict.values()))),
  items: ofDict(0, 0, (dict) => new View(Array.from(dict.entries(), ([key, value]) => Tuple.of(key, value)))),
};

/** Calls a method of a text, list or dict. */
export function callMethod(subject: unknown, name: string, values: readonly unknown[]): unknown {
  const [type, , , call] = methods[name];
  if (typeName(subject) === type) return call(subject as never, ...values);
  requireKnown(subject, `with .${name}()`);
  throw unsupportedFault(`the method '${name}' of a ${typeName(subject)} is not part of the dialect`, 'check the type of the value');
}
