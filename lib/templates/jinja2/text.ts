import { typeFault, unsupportedFault, valueFault } from './fault';
import { FormatArguments, braceFormat } from './formatting';
import { absent, bind, given } from './arguments';
import { indexOf, iterate, truthy } from './operators';
import { Dict, Markup, NamedArguments, Tuple, characters, requireKnown, textLength, typeName } from './values';

// str.isspace() and the characters that strip() and split() take; JavaScript's \s differs (U+0085, U+FEFF, U+001C to U+001F).
export const SPACE = '\\t-\\r\\x1c-\\x20\\x85\\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000';
const leadingSpace = new RegExp(`^[${SPACE}]+`);
const spaceCharacter = new RegExp(`[${SPACE}]`);
const lineBreak = /\r\n|[\n\r\v\f\x1c-\x1e\x85\u2028\u2029]/g;

type TextMethod = (text: string, positional: readonly unknown[], named: NamedArguments | undefined) => unknown;

function text(value: unknown, what: string): string {
  if (typeof value === 'string') return value;
  if (value instanceof Markup) {
    value.requirePlain(`in ${what}`);
    return value.text;
  }
  requireKnown(value, `in ${what}`);
  throw typeFault(`${what} wants text, not ${typeName(value)}`);
}

/** The arguments of a method that Python has written in C: its parameters have no names. */
function bindUnnamed(
  name: string,
  parameters: readonly string[],
  required: number,
  positional: readonly unknown[],
  named: NamedArguments | undefined,
): readonly unknown[] {
  if (named !== undefined && named.size > 0) throw typeFault(`${name}() takes no keyword arguments`);
  return bind(name, parameters, required, positional, undefined);
}

function noArguments(name: string, convert: (subject: string) => unknown): TextMethod {
  return (subject, positional, named) => {
    bind(name, [], 0, positional, named);
    return convert(subject);
  };
}

/** The part of the text that start and end name, and where it begins; Python allows negative numbers and None. */
function window(subject: string, start: unknown, end: unknown): { part: string[] | string; offset: number; valid: boolean } {
  const all = characters(subject);
  const limit = (value: unknown, fallback: number): number => {
    const argument = given(value, null);
    if (argument === null) return fallback;
    const index = indexOf(argument, 'slice indices');
    return index < 0 ? Math.max(0, index + all.length) : index;
  };
  const offset = limit(start, 0);
  const stop = Math.min(limit(end, all.length), all.length);
  return { part: all.slice(offset, Math.max(offset, stop)), offset, valid: offset <= all.length && offset <= stop };
}

function joined(part: string[] | string): string {
  return typeof part === 'string' ? part : part.join('');
}

function find(name: string, last: boolean, orFail: boolean): TextMethod {
  return (subject, positional, named) => {
    const [wanted, start, end] = bindUnnamed(name, ['sub', 'start', 'end'], 1, positional, named);
    const { part, offset, valid } = window(subject, start, end);
    const searched = joined(part);
    const needle = text(wanted, name);
    const at = valid ? (last ? searched.lastIndexOf(needle) : searched.indexOf(needle)) : -1;
    if (at === -1) {
      if (orFail) throw valueFault('substring not found');
      return -1;
    }
    return offset + textLength(searched.slice(0, at));
  };
}

function affix(name: string, matches: (subject: string, part: string) => boolean): TextMethod {
  return (subject, positional, named) => {
    const [prefix] = positional;
    if (positional.length === 1 && typeof prefix === 'string' && named === undefined) return matches(subject, prefix);
    const [wanted, start, end] = bindUnnamed(name, ['prefix', 'start', 'end'], 1, positional, named);
    const { part, valid } = window(subject, start, end);
    const candidates = wanted instanceof Tuple ? wanted.items : [wanted];
    return candidates.some((candidate) => {
      const wantedPart = text(candidate, name);
      return valid && matches(joined(part), wantedPart);
    });
  };
}

function strip(name: string, left: boolean, right: boolean): TextMethod {
  return (subject, positional, named) => {
    const [argument] = bindUnnamed(name, ['chars'], 0, positional, named);
    return stripText(subject, given(argument, null), left, right);
  };
}

/** str.strip(), lstrip() and rstrip(). */
export function stripText(subject: string, set: unknown, left: boolean, right: boolean): string {
  if (set === null) {
    if (left) subject = subject.replace(leadingSpace, '');
    return right ? subject.slice(0, endWhere(subject, subject.length, true)) : subject;
  }
  const drop = new Set(text(set, 'strip'));
  const all = Array.from(subject);
  let from = 0;
  let to = all.length;
  while (left && from < to && drop.has(all[from])) from++;
  while (right && to > from && drop.has(all[to - 1])) to--;
  return all.slice(from, to).join('');
}

/** Where a run of space, or of anything else, begins that ends at an index. A regular expression would try every start. */
function endWhere(subject: string, end: number, space: boolean): number {
  while (end > 0 && spaceCharacter.test(subject[end - 1]) === space) end--;
  return end;
}

function justify(name: string, place: (missing: number, width: number) => number): TextMethod {
  return (subject, positional, named) => {
    const [widthArgument, fillArgument] = bindUnnamed(name, ['width', 'fillchar'], 1, positional, named);
    const width = indexOf(widthArgument, 'width');
    const fill = text(given(fillArgument, ' '), name);
    if (textLength(fill) !== 1) throw typeFault('the fill character must be exactly one character long');
    const missing = width - textLength(subject);
    if (missing <= 0) return subject;
    const left = place(missing, width);
    return fill.repeat(left) + subject + fill.repeat(missing - left);
  };
}

/** str.center(). */
export function center(subject: string, width: number): string {
  const missing = width - textLength(subject);
  if (missing <= 0) return subject;
  const left = centerLeft(missing, width);
  return ' '.repeat(left) + subject + ' '.repeat(missing - left);
}

const centerLeft = (missing: number, width: number): number => Math.floor(missing / 2) + (missing & width & 1);

function split(subject: string, separator: unknown, limit: number): string[] {
  const most = limit < 0 ? Infinity : limit;
  const parts: string[] = [];
  if (separator === null) {
    const word = new RegExp(`[^${SPACE}]+`, 'g');
    let match: RegExpExecArray | null;
    while ((match = word.exec(subject))) {
      if (parts.length >= most) {
        parts.push(subject.slice(match.index));
        return parts;
      }
      parts.push(match[0]);
    }
    return parts;
  }
  const mark = text(separator, 'split');
  if (mark === '') throw valueFault('empty separator');
  let from = 0;
  for (let at; parts.length < most && (at = subject.indexOf(mark, from)) !== -1; from = at + mark.length)
    parts.push(subject.slice(from, at));
  parts.push(subject.slice(from));
  return parts;
}

/** str.rsplit(). */
export function splitFromRight(subject: string, separator: unknown, limit: number): string[] {
  if (limit < 0) return split(subject, separator, limit);
  const parts: string[] = [];
  if (separator === null) {
    let end = endWhere(subject, subject.length, true);
    while (parts.length < limit && end > 0) {
      const start = endWhere(subject, end, false);
      parts.push(subject.slice(start, end));
      end = endWhere(subject, start, true);
    }
    if (end > 0) parts.push(subject.slice(0, end));
    return parts.reverse();
  }
  const mark = text(separator, 'rsplit');
  if (mark === '') throw valueFault('empty separator');
  let to = subject.length;
  while (parts.length < limit) {
    const at = to - mark.length < 0 ? -1 : subject.lastIndexOf(mark, to - mark.length);
    if (at === -1) break;
    parts.push(subject.slice(at + mark.length, to));
    to = at;
  }
  parts.push(subject.slice(0, to));
  return parts.reverse();
}

/** str.splitlines(). */
export function splitLines(subject: string, keepEnds = false): string[] {
  const lines: string[] = [];
  let from = 0;
  for (const match of subject.matchAll(lineBreak)) {
    lines.push(subject.slice(from, keepEnds ? match.index + match[0].length : match.index));
    from = match.index + match[0].length;
  }
  if (from < subject.length) lines.push(subject.slice(from));
  return lines;
}

/** str.replace(). */
export function replaceText(subject: string, old: string, replacement: string, limit: number): string {
  if (limit < 0) return old === '' ? interleave(subject, replacement, Infinity) : subject.replaceAll(old, () => replacement);
  if (old === '') return interleave(subject, replacement, limit);
  const parts = split(subject, old, limit);
  return parts.join(replacement);
}

function interleave(subject: string, inserted: string, limit: number): string {
  let result = '';
  let count = 0;
  for (const character of subject) result += (count++ < limit ? inserted : '') + character;
  return result + (count < limit ? inserted : '');
}

/** Title case of one character, where it is not simply its upper case. */
const titleCase: Record<string, string> = {
  Ǆ: 'ǅ',
  ǅ: 'ǅ',
  ǆ: 'ǅ',
  Ǉ: 'ǈ',
  ǈ: 'ǈ',
  ǉ: 'ǈ',
  Ǌ: 'ǋ',
  ǋ: 'ǋ',
  ǌ: 'ǋ',
  Ǳ: 'ǲ',
  ǲ: 'ǲ',
  ǳ: 'ǲ',
  ß: 'Ss',
  ŉ: 'ʼN',
};

function toTitle(character: string): string {
  const known = titleCase[character];
  // Georgian letters have capitals, but no title case.
  if (/[\u10d0-\u10fa\u10fd-\u10ff]/.test(character)) return character;
  if (known !== undefined) return known;
  const upper = character.toUpperCase();
  // Greek letters with a iota below them keep it there.
  if (/^[\u1f80-\u1ffc]$/.test(character) && /.\u0399$/.test(upper)) {
    const below = upper.replace(/\u0399$/, '\u0345');
    return below.length === 2 ? below.normalize('NFC') : below;
  }
  const [first, ...rest] = upper;
  return rest.length === 0 ? upper : first + rest.join('').toLowerCase();
}

/** str.capitalize(). */
export function capitalize(subject: string): string {
  const [first = ''] = subject;
  return toTitle(first) + lowerAfter(subject, first.length);
}

/** Lower case of the text from an index on; what stands before it matters for a final sigma. */
function lowerAfter(subject: string, from: number): string {
  const head = subject.slice(0, from);
  return subject.toLowerCase().slice(head.toLowerCase().length);
}

const cased = /[\p{Lu}\p{Ll}\p{Lt}\p{Uppercase}\p{Lowercase}]/u;

/** Each character converted; also given its lower case, which for a final sigma depends on the text around it. */
function convertEach(subject: string, convert: (character: string, lower: string) => string): string {
  const lowered = subject.toLowerCase();
  let result = '';
  let at = 0;
  for (const character of subject) {
    const lower = lowered.slice(at, at + character.toLowerCase().length);
    at += lower.length;
    result += convert(character, lower);
  }
  return result;
}

function title(subject: string): string {
  let previous = false;
  return convertEach(subject, (character, lower) => {
    const converted = previous ? lower : toTitle(character);
    previous = cased.test(character);
    return converted;
  });
}

function swapCase(subject: string): string {
  return convertEach(subject, (character, lower) => {
    if (/\p{Uppercase}/u.test(character)) return lower;
    return /\p{Lowercase}/u.test(character) ? character.toUpperCase() : character;
  });
}

/** str.isupper() and str.islower(). */
export function isCase(subject: string, upper: boolean): boolean {
  const wrong = upper ? /[\p{Lowercase}\p{Lt}]/u : /[\p{Uppercase}\p{Lt}]/u;
  return (upper ? /\p{Uppercase}/u : /\p{Lowercase}/u).test(subject) && !wrong.test(subject);
}

function isTitle(subject: string): boolean {
  let seen = false;
  let previous = false;
  for (const character of subject) {
    if (/[\p{Uppercase}\p{Lt}]/u.test(character)) {
      if (previous) return false;
      previous = seen = true;
    } else if (/\p{Lowercase}/u.test(character)) {
      if (!previous) return false;
      seen = true;
    } else previous = false;
  }
  return seen;
}

function every(pattern: RegExp): (subject: string) => boolean {
  return (subject) => subject !== '' && pattern.test(subject);
}

/** Some characters are digits or numbers by tables of the Unicode standard that JavaScript does not have. */
function everyDigit(name: string, unknown: RegExp, digits: RegExp): TextMethod {
  return noArguments(name, (subject) => {
    if (unknown.test(subject))
      throw unsupportedFault(`${name}() of such characters is not supported`, 'compare the text with what you expect');
    return digits.test(subject);
  });
}

function zeroFill(subject: string, width: number): string {
  const sign = /^[-+]/.test(subject) ? subject[0] : '';
  const missing = width - textLength(subject);
  return missing <= 0 ? subject : sign + '0'.repeat(missing) + subject.slice(sign.length);
}

function expandTabs(subject: string, size: number): string {
  let column = 0;
  let result = '';
  for (const character of subject) {
    if (character === '\t') {
      const spaces = size > 0 ? size - (column % size) : 0;
      result += ' '.repeat(spaces);
      column += spaces;
    } else {
      result += character;
      column = character === '\n' || character === '\r' ? 0 : column + 1;
    }
  }
  return result;
}

function partition(name: string, last: boolean): TextMethod {
  return (subject, positional, named) => {
    const [argument] = bindUnnamed(name, ['sep'], 1, positional, named);
    const mark = text(argument, name);
    if (mark === '') throw valueFault('empty separator');
    const at = last ? subject.lastIndexOf(mark) : subject.indexOf(mark);
    if (at === -1) return new Tuple(last ? ['', '', subject] : [subject, '', '']);
    return new Tuple([subject.slice(0, at), mark, subject.slice(at + mark.length)]);
  };
}

/** How format fields look into values; the runtime fills it in, since it knows attributes and items. */
export const fieldAccess: { -readonly [Name in 'attribute' | 'item']: FormatArguments[Name] } = {
  attribute: () => undefined,
  item: () => undefined,
};

export const textMethods: ReadonlyMap<string, TextMethod> = new Map<string, TextMethod>([
  ['capitalize', noArguments('capitalize', capitalize)],
  ['casefold', noArguments('casefold', (subject) => foldCase(subject))],
  ['center', justify('center', centerLeft)],
  [
    'count',
    (subject, positional, named) => {
      const [wanted, start, end] = bindUnnamed('count', ['sub', 'start', 'end'], 1, positional, named);
      const { part, valid } = window(subject, start, end);
      const needle = text(wanted, 'count');
      if (!valid) return 0;
      return needle === '' ? textLength(joined(part)) + 1 : joined(part).split(needle).length - 1;
    },
  ],
  ['endswith', affix('endswith', (subject, part) => subject.endsWith(part))],
  [
    'expandtabs',
    (subject, positional, named) =>
      expandTabs(subject, indexOf(given(bind('expandtabs', ['tabsize'], 0, positional, named)[0], 8), 'tabsize')),
  ],
  ['find', find('find', false, false)],
  [
    'format',
    (subject, positional, named) =>
      braceFormat(subject, {
        ...fieldAccess,
        positional,
        named: (name) => {
          if (named?.has(name)) return named.get(name);
          throw valueFault(`format() is called without the argument '${name}'`);
        },
      }),
  ],
  [
    'format_map',
    (subject, positional, named) => {
      const [mapping] = bindUnnamed('format_map', ['mapping'], 1, positional, named);
      if (!(mapping instanceof Dict)) throw typeFault('format_map() wants a dictionary');
      return braceFormat(subject, {
        ...fieldAccess,
        positional: [],
        named: (name) => {
          if (mapping.has(name)) return mapping.get(name);
          throw valueFault(`the format names '${name}', which the dictionary does not have`);
        },
      });
    },
  ],
  ['index', find('index', false, true)],
  ['isalnum', noArguments('isalnum', every(/^[\p{L}\p{N}]+$/u))],
  ['isalpha', noArguments('isalpha', every(/^\p{L}+$/u))],
  ['isascii', noArguments('isascii', (subject) => !/[^\x00-\x7f]/.test(subject))],
  ['isdecimal', noArguments('isdecimal', every(/^\p{Nd}+$/u))],
  ['isdigit', everyDigit('isdigit', /\p{No}/u, /^\p{Nd}+$/u)],
  ['isidentifier', noArguments('isidentifier', every(/^[\p{ID_Start}_]\p{ID_Continue}*$/u))],
  ['islower', noArguments('islower', (subject) => isCase(subject, false))],
  ['isnumeric', everyDigit('isnumeric', /\p{Script=Han}/u, /^\p{N}+$/u)],
  [
    'isprintable',
    noArguments('isprintable', (subject) => !/[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Cn}\p{Zl}\p{Zp}\p{Zs}]/u.test(subject.replaceAll(' ', ''))),
  ],
  ['isspace', noArguments('isspace', every(new RegExp(`^[${SPACE}]+$`)))],
  ['istitle', noArguments('istitle', isTitle)],
  ['isupper', noArguments('isupper', (subject) => isCase(subject, true))],
  [
    'join',
    (subject, positional, named) => {
      const [items] = bindUnnamed('join', ['iterable'], 1, positional, named);
      return Array.from(iterate(items), (item) => text(item, 'join')).join(subject);
    },
  ],
  ['ljust', justify('ljust', () => 0)],
  ['lower', noArguments('lower', (subject) => subject.toLowerCase())],
  ['lstrip', strip('lstrip', true, false)],
  ['partition', partition('partition', false)],
  [
    'removeprefix',
    (subject, positional, named) => {
      const prefix = text(bindUnnamed('removeprefix', ['prefix'], 1, positional, named)[0], 'removeprefix');
      return subject.startsWith(prefix) ? subject.slice(prefix.length) : subject;
    },
  ],
  [
    'removesuffix',
    (subject, positional, named) => {
      const suffix = text(bindUnnamed('removesuffix', ['suffix'], 1, positional, named)[0], 'removesuffix');
      return suffix !== '' && subject.endsWith(suffix) ? subject.slice(0, -suffix.length) : subject;
    },
  ],
  [
    'replace',
    (subject, positional, named) => {
      // Since Python 3.13 count may be named.
      const [old, replacement, count] = bind('replace', ['old', 'new', 'count'], 2, positional, named);
      return replaceText(subject, text(old, 'replace'), text(replacement, 'replace'), count === absent ? -1 : indexOf(count, 'count'));
    },
  ],
  ['rfind', find('rfind', true, false)],
  ['rindex', find('rindex', true, true)],
  ['rjust', justify('rjust', (missing) => missing)],
  ['rpartition', partition('rpartition', true)],
  [
    'rsplit',
    (subject, positional, named) => {
      const [separator, limit] = bind('rsplit', ['sep', 'maxsplit'], 0, positional, named);
      return splitFromRight(subject, given(separator, null), indexOf(given(limit, -1), 'maxsplit'));
    },
  ],
  ['rstrip', strip('rstrip', false, true)],
  [
    'split',
    (subject, positional, named) => {
      const [separator, limit] = bind('split', ['sep', 'maxsplit'], 0, positional, named);
      return split(subject, given(separator, null), indexOf(given(limit, -1), 'maxsplit'));
    },
  ],
  [
    'splitlines',
    (subject, positional, named) => splitLines(subject, truthy(given(bind('splitlines', ['keepends'], 0, positional, named)[0], false))),
  ],
  ['startswith', affix('startswith', (subject, part) => subject.startsWith(part))],
  ['strip', strip('strip', true, true)],
  ['swapcase', noArguments('swapcase', swapCase)],
  ['title', noArguments('title', title)],
  ['upper', noArguments('upper', (subject) => subject.toUpperCase())],
  ['zfill', (subject, positional, named) => zeroFill(subject, indexOf(bindUnnamed('zfill', ['width'], 1, positional, named)[0], 'width'))],
]);

function foldCase(subject: string): string {
  if (/[^\x00-\x7f]/.test(subject)) throw unsupportedFault('casefold() of such characters is not supported', 'use lower()');
  return subject.toLowerCase();
}
