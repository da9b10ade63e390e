import { absent, bind, given } from './arguments';
import { findAttribute, getItem, sortItems } from './attributes';
import { typeFault, unsupportedFault, valueFault } from './fault';
import { fixed, percentFormat, roundFloat, roundInteger } from './formatting';
import { htmlSafeJson } from './json';
import { parseInteger, requireNumber, toFloatNumber, toInteger } from './numbers';
import {
  add,
  divide,
  equals,
  escapeHtml,
  greaterThan,
  indexOf,
  iterate,
  length,
  lessThan,
  multiply,
  power,
  slice,
  subtract,
  truthy,
} from './operators';
import { print } from './printing';
import { SPACE, capitalize, center, replaceText, splitFromRight, splitLines, stripText } from './text';
import {
  Dict,
  DictView,
  Float,
  GroupTuple,
  Markup,
  NamedArguments,
  OneTimeIterator,
  Range,
  Tuple,
  Undefined,
  integer,
  requireKnown,
  textLength,
  typeName,
} from './values';

/** What a filter or test may ask of the renderer that runs it. */
export interface Environment {
  /** True where a value that does not exist is an error. */
  readonly strict: boolean;
  /** True where values are escaped for the script around them: no filter but safe may get them past that. */
  readonly contextual: boolean;
  filter(name: string): Filter;
  test(name: string): Test;
}

export type Filter = (
  environment: Environment,
  value: unknown,
  positional: readonly unknown[],
  named: NamedArguments | undefined,
) => unknown;
export type Test = (environment: Environment, value: unknown, positional: readonly unknown[], named: NamedArguments | undefined) => boolean;

/** A filter with named parameters, of which the first few are required. */
function filter(
  name: string,
  parameters: readonly string[],
  required: number,
  apply: (value: unknown, bound: readonly unknown[], environment: Environment) => unknown,
): [string, Filter] {
  return [name, (environment, value, positional, named) => apply(value, bind(name, parameters, required, positional, named), environment)];
}

/** The text of a value, as the text filters see it. */
function textOf(value: unknown, name: string): string {
  if (typeof value === 'string') return value;
  if (value instanceof Markup) {
    value.requirePlain(`with | ${name}`);
    return value.text;
  }
  if (!(value instanceof Undefined)) requireKnown(value, `with the filter ${name}`);
  return print(value);
}

/** A filter from text to text; text marked as safe stays so. */
function textFilter(name: string, convert: (text: string) => string): [string, Filter] {
  return filter(name, [], 0, (value) => keepMarkup(value, convert(textOf(value, name))));
}

function keepMarkup(value: unknown, text: string): string | Markup {
  return value instanceof Markup ? value.with(text) : text;
}

/** Parts of an attribute path such as "address.city" or "0.name". */
function attributeParts(attribute: unknown): unknown[] {
  if (attribute === null) return [];
  const path = attributePath(attribute);
  if (typeof path !== 'string') return [path];
  return path.split('.').map((part) => {
    if (/[^\x00-\x7f]/.test(part) && /^[\p{Nd}\p{No}]+$/u.test(part))
      throw unsupportedFault('digits outside of ASCII are not supported in attributes', 'write the number with 0 to 9');
    return /^\d+$/.test(part) ? integer(BigInt(part)) : part;
  });
}

function attributePath(attribute: unknown): unknown {
  return attribute instanceof Markup ? textOf(attribute, 'map') : attribute;
}

function attributeGetter(
  attribute: unknown,
  environment: Environment,
  fallback: unknown = null,
  ignoreCase = false,
): (item: unknown) => unknown {
  const parts = attributeParts(attribute);
  return (item) => {
    for (const part of parts) {
      item = getItem(item, part, environment.strict);
      if (fallback !== null && item instanceof Undefined) item = fallback;
    }
    return ignoreCase ? lowerCase(item) : item;
  };
}

function lowerCase(value: unknown): unknown {
  if (typeof value === 'string') return value.toLowerCase();
  if (!(value instanceof Markup)) return value;
  value.requirePlain('in a comparison or calculation');
  return value.text.toLowerCase();
}

function sortKey(attribute: unknown, environment: Environment, ignoreCase: boolean): (item: unknown) => unknown {
  const path = attributePath(attribute);
  const paths = typeof path === 'string' ? path.split(',') : [path];
  const getters = paths.map((path) => attributeGetter(path, environment, null, ignoreCase));
  return (item) => getters.map((getter) => getter(item));
}

function* lazily(items: () => Iterable<unknown>): Generator {
  yield* items();
}

/** Python's generators run when they are asked for items, and only once. */
function generator(items: () => Iterable<unknown>): OneTimeIterator {
  return new OneTimeIterator(lazily(items));
}

function extreme(name: string, better: (candidate: unknown, best: unknown) => boolean): [string, Filter] {
  return filter(name, ['case_sensitive', 'attribute'], 0, (value, [caseSensitive, attribute], environment) => {
    const items = Array.from(iterate(value));
    if (items.length === 0) return new Undefined('No aggregated item, sequence was empty.', environment.strict);
    const getter = attributeGetter(given(attribute, null), environment, null, !truthy(given(caseSensitive, false)));
    return items
      .map((item) => ({ item, key: getter(item) }))
      .reduce((best, candidate) => (better(candidate.key, best.key) ? candidate : best)).item;
  });
}

function selection(name: string, keep: boolean, byAttribute: boolean): [string, Filter] {
  return [
    name,
    (environment, value, positional, named) =>
      generator(function* () {
        if (!truthy(value)) return;
        const [attribute, ...rest] = byAttribute ? positional : [null, ...positional];
        if (byAttribute && positional.length === 0) throw typeFault(`${name} wants the name of an attribute`);
        const getter = byAttribute ? attributeGetter(attribute, environment) : (item: unknown): unknown => item;
        const [testName, ...testArguments] = rest;
        const accept =
          rest.length === 0
            ? truthy
            : (item: unknown): boolean => environment.test(requireText(testName, name))(environment, item, testArguments, named);
        for (const item of iterate(value)) {
          if (accept(getter(item)) === keep) yield item;
        }
      }),
  ];
}

function requireText(value: unknown, what: string): string {
  if (typeof value === 'string') return value;
  if (!(value instanceof Markup)) throw typeFault(`${what} wants text, not ${typeName(value)}`);
  value.requirePlain(`with | ${what}`);
  return value.text;
}

function joinItems(value: unknown, bound: readonly unknown[], environment: Environment): unknown {
  const separator = textOf(given(bound[0], ''), 'join');
  const attribute = given(bound[1], null);
  const items = Array.from(iterate(value), attribute === null ? (item) => item : attributeGetter(attribute, environment));
  return items.map((item) => textOf(item, 'join')).join(separator);
}

function round(value: unknown, bound: readonly unknown[]): unknown {
  const method = given(bound[1], 'common');
  if (method !== 'common' && method !== 'ceil' && method !== 'floor') throw typeFault('method must be common, ceil or floor');
  const number = requireNumber(value, 'round');
  if (bound[0] === null && method === 'common') return roundToInteger(number);
  const precision = indexOf(given(bound[0], 0), 'precision');
  if (method === 'common')
    return number instanceof Float ? new Float(roundFloat(number.value, precision)) : integer(roundInteger(BigInt(number), precision));
  const scale = power(10, precision);
  const scaled = multiply(number, scale);
  if (!(scaled instanceof Float)) return divide(scaled, scale);
  if (!Number.isFinite(scaled.value)) throw valueFault('infinity and NaN cannot be rounded to an integer');
  return divide(integer(BigInt(Math[method](scaled.value))), scale);
}

/** round(number, None) */
function roundToInteger(number: number | bigint | Float): number | bigint {
  if (!(number instanceof Float)) return number;
  const whole = toInteger(new Float(roundFloat(number.value, 0)));
  if (whole === undefined) throw valueFault('cannot convert float NaN to integer');
  return whole;
}

function fileSize(value: unknown, bound: readonly unknown[]): string {
  const binary = truthy(given(bound[0], false));
  const bytes = toNumberOrFail(plain(value, 'filesizeformat'));
  const base = binary ? 1024 : 1000;
  if (bytes === 1) return '1 Byte';
  if (bytes === -Infinity) throw valueFault('cannot convert float infinity or NaN to integer');
  if (bytes < base) return `${BigInt(Math.trunc(bytes))} Bytes`;
  const prefixes = ['k', 'M', 'G', 'T', 'P', 'E', 'Z', 'Y'];
  const unit = (at: number): bigint => BigInt(base) ** BigInt(at + 2);
  let index = prefixes.findIndex((_prefix, at) => bytes < unit(at));
  if (index === -1) index = prefixes.length - 1;
  const prefix = binary && index === 0 ? 'K' : prefixes[index];
  return `${fixed((base * bytes) / Number(unit(index)), 1)} ${prefix}${binary ? 'iB' : 'B'}`;
}

function toNumberOrFail(value: unknown): number {
  const number = toFloatNumber(value);
  if (number === undefined) throw typeFault(`a number is needed, not ${typeName(value)}`);
  return number;
}

function indent(value: unknown, bound: readonly unknown[]): unknown {
  const [widthArgument, first, blank] = bound;
  const width = given(widthArgument, 4);
  if (value instanceof Markup && typeof width !== 'number' && typeof width !== 'boolean') value.requireNoMixing('with | indent');
  const indentation =
    typeof width === 'string' || width instanceof Markup ? textOf(width, 'indent') : ' '.repeat(Math.max(0, indexOf(width, 'width')));
  if (typeof value !== 'string' && !(value instanceof Markup)) {
    requireKnown(value, 'with the filter indent');
    throw typeFault(`indent wants text, not ${typeName(value)}`);
  }
  const lines = splitLines(`${textOf(value, 'indent')}\n`);
  const everyLine = truthy(given(blank, false));
  const text = lines.map((line, index) => (index === 0 || (line === '' && !everyLine) ? line : indentation + line)).join('\n');
  return keepMarkup(value, truthy(given(first, false)) ? indentation + text : text);
}

/** A length that is only compared with. */
function numberOf(value: unknown, what: string): number {
  return value instanceof Float ? value.value : indexOf(value, what);
}

function truncate(value: unknown, bound: readonly unknown[]): unknown {
  const [lengthArgument, killWords, endArgument, leewayArgument] = bound;
  const wanted = given(lengthArgument, 255);
  const limit = numberOf(wanted, 'length');
  const end = textOf(given(endArgument, '...'), 'truncate');
  const leeway = given(leewayArgument, null);
  const tolerance = leeway === null ? 5 : numberOf(leeway, 'leeway');
  if (limit < textLength(end)) throw valueFault(`expected length >= ${textLength(end)}, got ${limit}`);
  if (tolerance < 0) throw valueFault(`expected leeway >= 0, got ${tolerance}`);
  if (length(plain(value, 'truncate')) <= limit + tolerance) return value;
  if (typeof value !== 'string' && !(value instanceof Markup)) throw typeFault(`truncate wants text, not ${typeName(value)}`);
  if (value instanceof Markup && escapeHtml(end) !== end) {
    throw unsupportedFault('truncate of text marked as safe with such an end is not supported', 'apply | safe last');
  }
  if (value instanceof Markup && endArgument !== absent) value.requireNoMixing('with | truncate');
  const text = print(value);
  const cut = slice(text, null, subtract(wanted, textLength(end)), null) as string;
  return keepMarkup(value, (truthy(given(killWords, false)) ? cut : splitFromRight(cut, ' ', 1)[0]) + end);
}

const wordStart = new RegExp(`([-${SPACE}({\\[<]+)`);

function titleWords(text: string): string {
  return text
    .split(wordStart)
    .map((word) => {
      const [first = ''] = word;
      return first.toUpperCase() + word.slice(first.length).toLowerCase();
    })
    .join('');
}

function urlEncode(text: string, safe: string): string {
  return Array.from(Buffer.from(text, 'utf8'), (byte) => {
    const character = String.fromCharCode(byte);
    return /[A-Za-z0-9_.~-]/.test(character) || safe.includes(character)
      ? character
      : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
  }).join('');
}

function urlEncodeValue(value: unknown): unknown {
  if (typeof value === 'string' || value instanceof Markup) return urlEncode(textOf(value, 'urlencode'), '/');
  const isIterable =
    Array.isArray(value) ||
    value instanceof Tuple ||
    value instanceof Dict ||
    value instanceof DictView ||
    value instanceof Range ||
    value instanceof OneTimeIterator;
  if (!isIterable) return urlEncode(textOf(value, 'urlencode'), '/');
  const pairs = value instanceof Dict ? new DictView(value, 'items') : iterate(value);
  const query = (item: unknown): string => urlEncode(textOf(item, 'urlencode'), '').replaceAll('%20', '+');
  return Array.from(pairs, (pair) => {
    const items = Array.from(iterate(pair));
    if (items.length !== 2) throw valueFault('urlencode wants pairs of key and value');
    return `${query(items[0])}=${query(items[1])}`;
  }).join('&');
}

function groupBy(value: unknown, bound: readonly unknown[], environment: Environment): unknown {
  const [attribute, fallback, caseSensitive] = bound;
  const ignoreCase = !truthy(given(caseSensitive, false));
  const key = attributeGetter(attribute, environment, given(fallback, null), ignoreCase);
  const spelled = attributeGetter(attribute, environment, given(fallback, null));
  const groups: GroupTuple[] = [];
  let current: { readonly key: unknown; readonly items: unknown[] } | undefined;
  for (const item of sortItems(iterate(value), key, false)) {
    const itemKey = key(item);
    if (current && equals(current.key, itemKey)) current.items.push(item);
    else {
      current = { key: itemKey, items: [item] };
      groups.push(new GroupTuple(ignoreCase ? spelled(item) : itemKey, current.items));
    }
  }
  return groups;
}

function unsupported(name: string, remedy: string): [string, Filter] {
  return [
    name,
    () => {
      throw unsupportedFault(`the filter '${name}' is not supported`, remedy);
    },
  ];
}

function toInt(value: unknown, bound: readonly unknown[]): unknown {
  const [fallback, base] = bound;
  const text = value instanceof Markup ? textOf(value, 'int') : value;
  const whole = typeof text === 'string' ? parseInteger(text, indexOf(given(base, 10), 'base')) : toInteger(text);
  if (whole !== undefined) return whole;
  const number = toFloatNumber(value);
  return (number === undefined || !Number.isFinite(number) ? undefined : toInteger(new Float(number))) ?? given(fallback, 0);
}

function reverse(value: unknown): unknown {
  if (typeof value === 'string') return Array.from(value).reverse().join('');
  if (value instanceof Markup) return value.with(reverse(textOf(value, 'reverse')) as string);
  if (value instanceof OneTimeIterator) return Array.from(value).reverse();
  const kind = Array.isArray(value) ? 'list_reverseiterator' : value instanceof Range ? 'range_iterator' : 'reversed';
  const items = iterate(value);
  return new OneTimeIterator(
    lazily(() => Array.from(items).reverse()),
    kind,
  );
}

function last(value: unknown, environment: Environment): unknown {
  if (value instanceof OneTimeIterator)
    throw typeFault(`'${value.kind}' object is not reversible`, 'make a list of it first: | list | last');
  const items = Array.from(iterate(value));
  const item = items[items.length - 1];
  if (items.length > 0) return value instanceof Markup ? value.with(item as string) : item;
  return new Undefined('No last item, sequence was empty.', environment.strict);
}

/** Escapes for HTML. In Jinja2 the result is safe text; for a script it is text like any other. */
const escape = (name: string, always: boolean): [string, Filter] =>
  filter(name, [], 0, (value, _bound, environment) => {
    if (value instanceof Markup && !always) return value;
    const text = escapeHtml(textOf(value, name));
    return environment.contextual ? text : new Markup(text);
  });

/** Jinja2's filters. `safe` belongs to the runtime, which knows what safe text is. */
export const filters: ReadonlyMap<string, Filter> = new Map<string, Filter>([
  filter('abs', [], 0, (value) => {
    const number = requireNumber(value, 'abs');
    if (number instanceof Float) return new Float(Math.abs(number.value));
    return number < 0 ? integer(-BigInt(number)) : number;
  }),
  filter('attr', ['name'], 1, (value, [name], environment) => {
    if (value instanceof Undefined) throw value.fault();
    const found = findAttribute(value, requireText(name, 'attr'));
    return found === undefined ? new Undefined(`'${typeName(value)} object' has no attribute '${print(name)}'`, environment.strict) : found;
  }),
  filter('batch', ['linecount', 'fill_with'], 1, (value, [count, fill]) =>
    generator(function* () {
      let batch: unknown[] = [];
      for (const item of iterate(value)) {
        if (equals(batch.length, count)) {
          yield batch;
          batch = [];
        }
        batch.push(item);
      }
      if (batch.length === 0) return;
      const filler = given(fill, null);
      if (filler !== null && lessThan(batch.length, count)) {
        const missing = indexOf(subtract(count, batch.length), 'linecount');
        for (let added = 0; added < missing; added++) batch.push(filler);
      }
      yield batch;
    }),
  ),
  textFilter('capitalize', capitalize),
  filter('center', ['width'], 0, (value, [width]) =>
    keepMarkup(value, center(textOf(value, 'center'), indexOf(given(width, 80), 'width'))),
  ),
  filter('count', [], 0, (value) => length(plain(value, 'count'))),
  filter('d', ['default_value', 'boolean'], 0, defaultValue),
  filter('default', ['default_value', 'boolean'], 0, defaultValue),
  filter('dictsort', ['case_sensitive', 'by', 'reverse'], 0, (value, [caseSensitive, by, reversed]) => {
    const index = ['key', 'value'].indexOf(given(by, 'key') as string);
    if (index === -1) throw typeFault('dictsort sorts by either "key" or "value"');
    if (!(value instanceof Dict)) {
      requireKnown(value, 'with the filter dictsort');
      throw typeFault(`'${typeName(value)}' object has no attribute 'items'`);
    }
    const ignoreCase = !truthy(given(caseSensitive, false));
    const key = (item: unknown): unknown => (ignoreCase ? lowerCase((item as Tuple).items[index]) : (item as Tuple).items[index]);
    return sortItems(new DictView(value, 'items'), key, truthy(given(reversed, false)));
  }),
  escape('e', false),
  escape('escape', false),
  filter('filesizeformat', ['binary'], 0, fileSize),
  filter('first', [], 0, (value, _bound, environment) => {
    for (const item of iterate(plain(value, 'first'))) return item;
    return new Undefined('No first item, sequence was empty.', environment.strict);
  }),
  filter('float', ['default'], 0, (value, [fallback]) => {
    const number = toFloatNumber(plain(value, 'float'));
    return number === undefined ? given(fallback, new Float(0)) : new Float(number);
  }),
  escape('forceescape', true),
  [
    'format',
    (_environment, value, positional, named) => {
      if (positional.length > 0 && named !== undefined && named.size > 0)
        throw typeFault("format can't take positional and keyword arguments together");
      if (value instanceof Markup) throw unsupportedFault('format of text marked as safe is not supported', 'apply | safe last');
      return percentFormat(textOf(value, 'format'), named !== undefined && named.size > 0 ? Dict.from(named) : new Tuple(positional));
    },
  ],
  filter('groupby', ['attribute', 'default', 'case_sensitive'], 1, groupBy),
  filter('indent', ['width', 'first', 'blank'], 0, indent),
  filter('int', ['default', 'base'], 0, toInt),
  filter('items', [], 0, (value) =>
    generator(function* () {
      if (value instanceof Undefined) return;
      if (!(value instanceof Dict)) throw typeFault('items wants a dictionary');
      yield* new DictView(value, 'items');
    }),
  ),
  filter('join', ['d', 'attribute'], 0, joinItems),
  filter('last', [], 0, (value, _bound, environment) => last(plain(value, 'last'), environment)),
  filter('length', [], 0, (value) => length(plain(value, 'length'))),
  filter('list', [], 0, (value) => Array.from(iterate(plain(value, 'list')))),
  textFilter('lower', (text) => text.toLowerCase()),
  [
    'map',
    (environment, value, positional, named) =>
      generator(function* () {
        if (!truthy(value)) return;
        let convert: (item: unknown) => unknown;
        if (positional.length === 0 && named?.has('attribute')) {
          const rest = new Map(named);
          rest.delete('attribute');
          rest.delete('default');
          for (const name of rest.keys()) throw typeFault(`map has no parameter '${name}'`);
          convert = attributeGetter(named.get('attribute'), environment, named.get('default') ?? null);
        } else {
          if (positional.length === 0) throw typeFault('map wants the name of a filter, or attribute=..');
          const [name, ...rest] = positional;
          convert = (item) => environment.filter(requireText(name, 'map'))(environment, item, rest, named);
        }
        for (const item of iterate(value)) yield convert(item);
      }),
  ],
  extreme('max', greaterThan),
  extreme('min', lessThan),
  unsupported('pprint', 'use | tojson'),
  unsupported('random', 'a script has to be the same at every synth: choose one value'),
  selection('reject', false, false),
  selection('rejectattr', false, true),
  filter('replace', ['old', 'new', 'count'], 2, (value, [old, replacement, count]) => {
    const limit = given(count, null);
    return replaceText(
      textOf(value, 'replace'),
      textOf(old, 'replace'),
      textOf(replacement, 'replace'),
      limit === null ? -1 : indexOf(limit, 'count'),
    );
  }),
  filter('reverse', [], 0, reverse),
  filter('round', ['precision', 'method'], 0, round),
  selection('select', true, false),
  selection('selectattr', true, true),
  filter('slice', ['slices', 'fill_with'], 1, (value, [count, fill]) =>
    generator(function* () {
      const items = Array.from(iterate(value));
      const slices = indexOf(count, 'slices');
      if (slices === 0) throw valueFault('integer division or modulo by zero');
      const size = Math.floor(items.length / slices);
      const larger = slices < 0 ? 0 : items.length % slices;
      const filler = given(fill, null);
      let offset = 0;
      for (let index = 0; index < slices; index++) {
        const start = offset + index * size;
        if (index < larger) offset += 1;
        const part = items.slice(start, offset + (index + 1) * size);
        if (filler !== null && index >= larger) part.push(filler);
        yield part;
      }
    }),
  ),
  filter('sort', ['reverse', 'case_sensitive', 'attribute'], 0, (value, [reversed, caseSensitive, attribute], environment) =>
    sortItems(
      iterate(value),
      sortKey(given(attribute, null), environment, !truthy(given(caseSensitive, false))),
      truthy(given(reversed, false)),
    ),
  ),
  filter('string', [], 0, (value) => (value instanceof Markup ? value : textOf(value, 'string'))),
  unsupported('striptags', 'keep HTML out of scripts'),
  filter('sum', ['attribute', 'start'], 0, (value, [attribute, start], environment) => {
    const path = given(attribute, null);
    const items = Array.from(iterate(value), path === null ? (item) => item : attributeGetter(path, environment));
    const first = given(start, 0);
    if (typeof first === 'string') throw typeFault("sum() can't sum strings [use ''.join(seq) instead]");
    return items.reduce((total, item) => add(total, item), first);
  }),
  filter('title', [], 0, (value) => {
    const text = titleWords(textOf(value, 'title'));
    return value instanceof Markup && value.isRendered ? value.with(text) : text;
  }),
  filter('tojson', ['indent'], 0, (value, [indentation], environment) => {
    const text = htmlSafeJson(value, given(indentation, null));
    return environment.contextual ? text : new Markup(text);
  }),
  filter('trim', ['chars'], 0, (value, [set]) => {
    if (value instanceof Markup && value.marks && given(set, null) === null) return value.with(value.marks.trim(value.text));
    return keepMarkup(value, stripText(textOf(value, 'trim'), given(set, null), true, true));
  }),
  filter('truncate', ['length', 'killwords', 'end', 'leeway'], 0, truncate),
  filter('unique', ['case_sensitive', 'attribute'], 0, (value, [caseSensitive, attribute], environment) =>
    generator(function* () {
      const getter = attributeGetter(given(attribute, null), environment, null, !truthy(given(caseSensitive, false)));
      const seen = new Dict();
      for (const item of iterate(value)) {
        const key = getter(item);
        if (seen.has(key)) continue;
        seen.set(key, true);
        yield item;
      }
    }),
  ),
  textFilter('upper', (text) => text.toUpperCase()),
  filter('urlencode', [], 0, urlEncodeValue),
  unsupported('urlize', 'keep HTML out of scripts'),
  filter('wordcount', [], 0, (value) => textOf(value, 'wordcount').match(/[\p{L}\p{N}_]+/gu)?.length ?? 0),
  unsupported('wordwrap', 'break the lines in the template'),
  unsupported('xmlattr', 'keep HTML out of scripts'),
]);

function plain(value: unknown, name: string): unknown {
  if (value instanceof Markup) value.requirePlain(`with | ${name}`);
  return value;
}

function defaultValue(value: unknown, bound: readonly unknown[]): unknown {
  const [fallback, boolean] = bound;
  const byTruth = truthy(given(boolean, false));
  if (!(value instanceof Undefined)) requireKnown(value, 'with the filter default');
  return value instanceof Undefined || (byTruth && !truthy(value)) ? given(fallback, '') : value;
}
