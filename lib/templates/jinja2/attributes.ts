import { SecretReference } from '../value-kinds';
import { absent, bind, given } from './arguments';
import { typeFault, unsupportedFault, valueFault } from './fault';
import { equals, escapeHtml, indexOf, iterate, lessThan, truthy } from './operators';
import { print, printFloat, represent } from './printing';
import { fieldAccess, textMethods } from './text';
import {
  Callable,
  Dict,
  DictView,
  Float,
  GroupTuple,
  Markup,
  NamedArguments,
  Namespace,
  OneTimeIterator,
  Range,
  TemplateObject,
  Tuple,
  Undefined,
  requireKnown,
  typeName,
  isHashable,
} from './values';

type Method<Receiver> = (receiver: Receiver, positional: readonly unknown[], named: NamedArguments | undefined) => unknown;

/** Position of an element, with Python's negative indices; undefined when out of range. */
function position(index: unknown, size: number): number | undefined {
  const number = indexOf(index, 'indices');
  const at = number < 0 ? number + size : number;
  return at >= 0 && at < size ? at : undefined;
}

function findIn(items: readonly unknown[], what: string): Method<unknown> {
  return (_receiver, positional, named) => {
    const [wanted, start, stop] = bind('index', ['value', 'start', 'stop'], 1, positional, named);
    const limit = (value: unknown, fallback: number): number => {
      const index = indexOf(given(value, fallback), 'slice indices');
      return index < 0 ? Math.max(0, index + items.length) : index;
    };
    const end = Math.min(limit(stop, items.length), items.length);
    for (let at = limit(start, 0); at < end; at++) {
      if (equals(items[at], wanted)) return at;
    }
    throw valueFault(`${represent(wanted)} is not in the ${what}`);
  };
}

function countIn(items: readonly unknown[]): Method<unknown> {
  return (_receiver, positional, named) => {
    const [wanted] = bind('count', ['value'], 1, positional, named);
    return items.filter((item) => equals(item, wanted)).length;
  };
}

const listMethods: ReadonlyMap<string, Method<unknown[]>> = new Map<string, Method<unknown[]>>([
  [
    'append',
    (list, positional, named) => {
      list.push(bind('append', ['object'], 1, positional, named)[0]);
      return null;
    },
  ],
  [
    'clear',
    (list, positional, named) => {
      bind('clear', [], 0, positional, named);
      list.length = 0;
      return null;
    },
  ],
  [
    'copy',
    (list, positional, named) => {
      bind('copy', [], 0, positional, named);
      return list.slice();
    },
  ],
  ['count', (list, positional, named) => countIn(list)(list, positional, named)],
  [
    'extend',
    (list, positional, named) => {
      const [items] = bind('extend', ['iterable'], 1, positional, named);
      for (const item of items === list ? list.slice() : iterate(items)) list.push(item);
      return null;
    },
  ],
  ['index', (list, positional, named) => findIn(list, 'list')(list, positional, named)],
  [
    'insert',
    (list, positional, named) => {
      const [index, item] = bind('insert', ['index', 'object'], 2, positional, named);
      const at = indexOf(index, 'index');
      list.splice(at < 0 ? Math.max(0, at + list.length) : at, 0, item);
      return null;
    },
  ],
  [
    'pop',
    (list, positional, named) => {
      const [index] = bind('pop', ['index'], 0, positional, named);
      const at = position(given(index, -1), list.length);
      if (at === undefined) throw valueFault(list.length === 0 ? 'pop from empty list' : 'pop index out of range');
      return list.splice(at, 1)[0];
    },
  ],
  [
    'remove',
    (list, positional, named) => {
      const [wanted] = bind('remove', ['value'], 1, positional, named);
      const at = list.findIndex((item) => equals(item, wanted));
      if (at === -1) throw valueFault('list.remove(x): x not in list');
      list.splice(at, 1);
      return null;
    },
  ],
  [
    'reverse',
    (list, positional, named) => {
      bind('reverse', [], 0, positional, named);
      list.reverse();
      return null;
    },
  ],
  [
    'sort',
    (list, positional, named) => {
      if (positional.length > 0) throw typeFault('sort() takes no positional arguments');
      const [key, reverse] = bind('sort', ['key', 'reverse'], 0, [], named);
      if (given(key, null) !== null) throw unsupportedFault('sort(key=..) is not supported', 'use the filter | sort(attribute=..)');
      const sorted = sortItems(list, (item) => item, truthy(given(reverse, false)));
      list.splice(0, list.length, ...sorted);
      return null;
    },
  ],
]);

/** Python's stable sort, which asks only "less than". */
export function sortItems(items: Iterable<unknown>, keyOf: (item: unknown) => unknown, reverse: boolean): unknown[] {
  const keyed = Array.from(items, (item) => ({ item, key: keyOf(item) }));
  keyed.sort((left, right) => {
    const sign = lessThan(left.key, right.key) ? -1 : lessThan(right.key, left.key) ? 1 : 0;
    return reverse ? -sign : sign;
  });
  return keyed.map(({ item }) => item);
}

const dictMethods: ReadonlyMap<string, Method<Dict>> = new Map<string, Method<Dict>>([
  [
    'clear',
    (dict, positional, named) => {
      bind('clear', [], 0, positional, named);
      dict.clear();
      return null;
    },
  ],
  [
    'copy',
    (dict, positional, named) => {
      bind('copy', [], 0, positional, named);
      return Dict.from(dict.items());
    },
  ],
  [
    'get',
    (dict, positional, named) => {
      if (named !== undefined && named.size > 0) throw typeFault('dict.get() takes no keyword arguments');
      const [key, fallback] = bind('get', ['key', 'default'], 1, positional, undefined);
      return dictGet(dict, key, fallback);
    },
  ],
  ['items', (dict, positional, named) => view(dict, 'items', positional, named)],
  ['keys', (dict, positional, named) => view(dict, 'keys', positional, named)],
  [
    'pop',
    (dict, positional, named) => {
      const [key, fallback] = bind('pop', ['key', 'default'], 1, positional, named);
      if (dict.has(key)) {
        const value = dict.get(key);
        dict.delete(key);
        return value;
      }
      if (fallback === absent) throw valueFault(`the dictionary has no key ${represent(key)}`);
      return fallback;
    },
  ],
  [
    'popitem',
    (dict, positional, named) => {
      bind('popitem', [], 0, positional, named);
      const last = Array.from(dict.items()).pop();
      if (last === undefined) throw valueFault('popitem(): dictionary is empty');
      dict.delete(last[0]);
      return new Tuple(last);
    },
  ],
  [
    'setdefault',
    (dict, positional, named) => {
      const [key, fallback] = bind('setdefault', ['key', 'default'], 1, positional, named);
      if (!dict.has(key)) dict.set(key, given(fallback, null));
      return dict.get(key);
    },
  ],
  [
    'update',
    (dict, positional, named) => {
      if (positional.length > 1) throw typeFault(`update() takes at most 1 argument, ${positional.length} given`);
      if (positional.length === 1) fillDict(dict, positional[0]);
      for (const [name, value] of named ?? []) dict.set(name, value);
      return null;
    },
  ],
  ['values', (dict, positional, named) => view(dict, 'values', positional, named)],
]);

function view(dict: Dict, kind: DictView['kind'], positional: readonly unknown[], named: NamedArguments | undefined): DictView {
  bind(kind, [], 0, positional, named);
  return new DictView(dict, kind);
}

export function dictGet(dict: Dict, key: unknown, fallback: unknown): unknown {
  const value = dict.get(key);
  if (value !== undefined) return value;
  dict.requirePresent?.(key, fallback !== absent);
  return fallback === absent ? null : fallback;
}

/** What dict() and dict.update() take: another dict, or pairs. */
export function fillDict(dict: Dict, source: unknown): void {
  if (source instanceof Dict) {
    for (const [key, value] of Array.from(source.items())) dict.set(key, value);
    return;
  }
  if (source instanceof Undefined) throw source.fault();
  for (const pair of iterate(source)) {
    const items = Array.from(iterate(pair));
    if (items.length !== 2) throw valueFault(`a pair of key and value is needed, got ${items.length} items`);
    dict.set(items[0], items[1]);
  }
}

const tupleMethods: ReadonlyMap<string, Method<Tuple>> = new Map<string, Method<Tuple>>([
  ['count', (tuple, positional, named) => countIn(tuple.items)(tuple, positional, named)],
  ['index', (tuple, positional, named) => findIn(tuple.items, 'tuple')(tuple, positional, named)],
]);

const rangeMethods: ReadonlyMap<string, Method<Range>> = new Map<string, Method<Range>>([
  ['count', (range, positional, named) => countIn([...range])(range, positional, named)],
  ['index', (range, positional, named) => findIn([...range], 'range')(range, positional, named)],
]);

// Attributes that Python's types have and this renderer does not: an error, where an unknown name is Undefined as in Jinja2.
const unsupportedAttributes: Record<string, readonly string[]> = {
  str: ['encode', 'maketrans', 'translate'],
  Markup: ['encode', 'escape', 'maketrans', 'striptags', 'translate', 'unescape'],
  int: [
    'as_integer_ratio',
    'bit_count',
    'bit_length',
    'conjugate',
    'denominator',
    'from_bytes',
    'imag',
    'is_integer',
    'numerator',
    'real',
    'to_bytes',
  ],
  bool: [
    'as_integer_ratio',
    'bit_count',
    'bit_length',
    'conjugate',
    'denominator',
    'from_bytes',
    'imag',
    'is_integer',
    'numerator',
    'real',
    'to_bytes',
  ],
  float: ['as_integer_ratio', 'conjugate', 'fromhex', 'hex', 'imag', 'real'],
  dict: ['fromkeys'],
  dict_keys: ['isdisjoint', 'mapping'],
  dict_items: ['isdisjoint', 'mapping'],
  dict_values: ['mapping'],
  generator: ['close', 'gi_code', 'gi_frame', 'gi_running', 'gi_suspended', 'gi_yieldfrom', 'send', 'throw'],
};

/** The attribute of a value, or undefined when Python finds none. */
export function findAttribute(value: unknown, name: string): unknown {
  const method = findMethod(value, name);
  if (method !== undefined) return new Callable(name, (positional, named) => method(value as never, positional, named));
  if (value instanceof TemplateObject) return value.attribute(name);
  if (value instanceof GroupTuple && (name === 'grouper' || name === 'list')) return value[name];
  if (value instanceof Range && (name === 'start' || name === 'stop' || name === 'step')) return value[name];
  if (value instanceof SecretReference && name === 'arn') return value.arn;
  if (value instanceof Undefined) throw value.fault();
  if (!(value instanceof SecretReference)) requireKnown(value, `with .${name}`);
  else throw typeFault(`a secret has no attribute '${name}'`, 'use .arn and fetch the value on the node');
  if (/^__.*__$/.test(name) || unsupportedAttributes[typeName(value)]?.includes(name)) {
    throw unsupportedFault(`the attribute '${name}' of a ${typeName(value)} is not supported`, 'write it in another way');
  }
  if (value instanceof Callable) throw unsupportedFault(`attributes of functions are not supported: '${name}'`, 'call the function');
  return undefined;
}

/** The method of a value by its name; undefined when it has none. */
export function findMethod(value: unknown, name: string): Method<never> | undefined {
  if (typeof value === 'string') return textMethods.get(name);
  if (typeof value !== 'object' || value === null) return undefined;
  if (value instanceof Dict) return dictMethods.get(name);
  if (Array.isArray(value)) return listMethods.get(name);
  if (value instanceof Tuple) return tupleMethods.get(name);
  if (value instanceof Range) return rangeMethods.get(name);
  if (value instanceof Markup) return markupMethod(name);
  if (value instanceof Float && name === 'is_integer') return (float: Float) => Number.isInteger(float.value);
  return undefined;
}

/** Methods of text marked as safe: the result stays safe, and text that comes in must need no HTML escaping. */
function markupMethod(name: string): Method<Markup> | undefined {
  const method = textMethods.get(name);
  if (!method) return undefined;
  return (value, positional, named) => {
    value.requirePlain(`with .${name}()`);
    if (/^(?:is|starts|ends|r?find|r?index|count)/.test(name)) return method(value.text, positional, named);
    if (/^(?:join|replace|format|[lr]just|center)/.test(name)) value.requireNoMixing(`with .${name}()`);
    const plain = (argument: unknown): unknown => {
      if (argument instanceof Markup) {
        argument.requirePlain(`with .${name}()`);
        return argument.text;
      }
      // What Jinja2 takes for text like any other escapes nothing.
      if (value.isRendered) return argument;
      if (typeof argument === 'string' && escapeHtml(argument) !== argument) {
        throw unsupportedFault(`.${name}() of text marked as safe with characters that HTML escapes is not supported`, 'apply | safe last');
      }
      if (argument !== null && typeof argument === 'object') {
        throw unsupportedFault(`.${name}() of text marked as safe takes only text and numbers`, 'apply | safe last');
      }
      return argument;
    };
    const result = method(
      value.text,
      positional.map(plain),
      named && new Map(Array.from(named, ([key, argument]) => [key, plain(argument)])),
    );
    const mark = (item: unknown): unknown => (typeof item === 'string' ? value.with(item) : item);
    if (Array.isArray(result)) return result.map(mark);
    return result instanceof Tuple ? new Tuple(result.items.map(mark)) : mark(result);
  };
}

/** `value[key]`, or undefined when there is no such element. */
export function findItem(value: unknown, key: unknown): unknown {
  if (value instanceof Dict) {
    const item = isHashable(key) ? value.get(key) : undefined;
    if (item === undefined) value.requirePresent?.(key, false);
    return item;
  }
  const isIndex = typeof key === 'number' || typeof key === 'boolean' || typeof key === 'bigint';
  if (Array.isArray(value)) return isIndex ? at(value, key) : undefined;
  if (value instanceof Tuple) return isIndex ? at(value.items, key) : undefined;
  if (typeof value === 'string' || value instanceof Markup) {
    if (!isIndex) return undefined;
    const text = Array.from(print(value));
    const item = at(text, key);
    return value instanceof Markup && typeof item === 'string' ? value.with(item) : item;
  }
  if (value instanceof Range && isIndex) {
    const index = position(key, value.length);
    return index === undefined ? undefined : value.at(index);
  }
  return undefined;
}

function at(items: readonly unknown[], key: unknown): unknown {
  const index = position(key, items.length);
  return index === undefined ? undefined : items[index];
}

/** The value an object has under this name, as `object.name` finds it: attributes first. */
export function getAttribute(value: unknown, name: string, strict: boolean): unknown {
  const found = findAttribute(value, name);
  if (found !== undefined) return found;
  const item = value instanceof Dict ? findItem(value, name) : undefined;
  return item === undefined ? missing(value, name, strict) : item;
}

/** The value an object has under this key, as `object[key]` finds it: elements first. */
export function getItem(value: unknown, key: unknown, strict: boolean): unknown {
  if (value instanceof Undefined) throw value.fault();
  requireKnown(value, 'with [..]');
  if (key instanceof Undefined) key.requireLenient();
  else requireKnown(key, 'as an index');
  const item = findItem(value, key);
  if (item !== undefined) return item;
  if (typeof key === 'string' || key instanceof Markup) {
    const found = findAttribute(value, print(key));
    if (found !== undefined) return found;
  }
  return missing(value, key, strict);
}

function missing(value: unknown, key: unknown, strict: boolean): Undefined {
  if (value instanceof Callable && value.name === 'dict')
    throw unsupportedFault('dict with an attribute or index is not supported: Python makes a type of it', 'call it');
  if (value instanceof OneTimeIterator || value instanceof Namespace || !(value instanceof TemplateObject)) {
    const what =
      typeof key === 'string' ? `attribute '${key}'` : `element ${key instanceof Float ? printFloat(key.value) : represent(key)}`;
    return new Undefined(`'${typeName(value)} object' has no ${what}`, strict);
  }
  return new Undefined(`'${value.typeName} object' has no attribute '${print(key)}'`, strict);
}

fieldAccess.attribute = (value, name) => {
  const found = findAttribute(value, name);
  if (found === undefined) throw valueFault(`'${typeName(value)}' object has no attribute '${name}'`);
  return found;
};
fieldAccess.item = (value, key) => {
  const found = findItem(value, key);
  if (found === undefined) throw valueFault(`'${typeName(value)}' object has no element ${represent(key)}`);
  return found;
};
