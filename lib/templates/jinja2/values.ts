import { SecretReference, VariableReference } from '../value-kinds';
import { TemplateFault, referenceFault, secretFault, typeFault, unsupportedFault } from './fault';

// Python values in JavaScript: str is string, int is number (a safe integer) or bigint, bool is boolean, None is null,
// list is Array. What JavaScript has no match for is a class of this file.

/** A Python float. JavaScript's 1 and 1.0 are the same number, Python's print differently. */
export class Float {
  public constructor(public readonly value: number) {}
}

/** A Python tuple. */
export class Tuple {
  public constructor(public readonly items: readonly unknown[]) {}
}

/** One group of the groupby filter: a tuple with names. */
export class GroupTuple extends Tuple {
  public constructor(
    public readonly grouper: unknown,
    public readonly list: unknown[],
  ) {
    super([grouper, list]);
  }
}

/** Knows the marks that stand in rendered text for values, which are escaped only when the whole script is known. */
export interface ValueMarks {
  /** The text without space at its ends, be it its own or that of values. */
  trim(text: string): string;
}

/** Text that printing leaves as it is: what `| safe` gives, and what a template itself has rendered. */
export class Markup {
  public constructor(
    public readonly text: string,
    /** Those in the text; undefined when there are none. */
    public readonly marks?: ValueMarks,
    /** Whether values are escaped for the script: then no text may get into this one without being escaped. */
    public readonly isScript = false,
    /** Whether a template has rendered it, which to Jinja2 is a str like any other and no Markup. */
    public readonly isRendered = false,
  ) {}

  public get holdsValues(): boolean {
    return this.marks !== undefined;
  }

  /** The same kind of text with other characters, all of which come from this one. */
  public with(text: string): Markup {
    return new Markup(text, this.marks, this.isScript, this.isRendered);
  }

  /** The same text as what Jinja2's `| safe` gives. */
  public asSafe(): Markup {
    return this.isRendered ? new Markup(this.text, this.marks, this.isScript) : this;
  }

  /**
   * Fails where an operation would look at, or cut, text in which marks stand for values.
   *
   * @param use for the message, such as `with | upper`
   */
  public requirePlain(use: string): void {
    if (this.marks === undefined) return;
    throw unsupportedFault(
      `rendered text that holds inserted values cannot be used ${use}`,
      'print it as it is: the values in it are escaped for the place where they end up',
    );
  }

  /** Fails where an operation would put other text into a script without escaping it. */
  public requireNoMixing(use: string): void {
    if (!this.isScript) return;
    throw unsupportedFault(`other text cannot be put into text marked as safe ${use}`, 'join them with ~, which escapes the other text');
  }
}

/** Text that holds an unresolved CDK token. Nothing but `| safe` can do anything with it. */
export class TokenText {
  public constructor(
    public readonly text: string,
    public readonly key: string,
  ) {}
}

/** Jinja2's Undefined: a name, attribute or element that does not exist. */
export class Undefined {
  public constructor(
    public readonly message: string,
    /** True where a value that does not exist is an error as soon as it is used at all. */
    public readonly strict: boolean,
  ) {}

  public fault(): TemplateFault {
    return new TemplateFault('UndefinedValue', this.message, 'define it, or use | default(...) or a test "is defined"');
  }

  /** Fails where strict; otherwise lets the caller treat it as empty, as Jinja2 does. */
  public requireLenient(): void {
    if (this.strict) throw this.fault();
  }
}

/** Python's range(): printed as such, never expanded without need. */
export class Range implements Iterable<number> {
  public readonly length: number;

  public constructor(
    public readonly start: number,
    public readonly stop: number,
    public readonly step: number,
  ) {
    this.length = Math.max(0, Math.ceil((stop - start) / step));
  }

  public at(index: number): number {
    return this.start + index * this.step;
  }

  public *[Symbol.iterator](): Iterator<number> {
    for (let index = 0; index < this.length; index++) yield this.at(index);
  }
}

/** A Python generator or iterator: can be walked once. */
export class OneTimeIterator implements Iterable<unknown>, Iterator<unknown> {
  public constructor(
    private readonly source: Iterator<unknown>,
    /** What Python calls it, for error texts. */
    public readonly kind: string = 'generator',
  ) {}

  public next(): IteratorResult<unknown> {
    return this.source.next();
  }

  public [Symbol.iterator](): this {
    return this;
  }
}

export type NamedArguments = ReadonlyMap<string, unknown>;

/** Anything a template can call. */
export class Callable {
  public constructor(
    public readonly name: string,
    public readonly call: (positional: readonly unknown[], named: NamedArguments | undefined) => unknown,
  ) {}
}

/** An object with attributes that only the renderer makes: loop, an imported template, a cycler ... */
export abstract class TemplateObject {
  /** What Python calls the type, for error texts. */
  public abstract readonly typeName: string;
  /** The attribute, or undefined when there is none. */
  public abstract attribute(name: string): unknown;
  /** The result of `object(...)`; absent when it cannot be called. */
  public call?(positional: readonly unknown[], named: NamedArguments | undefined): unknown;
  /** Whether Python could loop over it; nothing here does. */
  public readonly isIterable: boolean = false;
  /** How many items a loop over it would see, for objects that have a length. */
  public length?(): number;
  /** The text of the object inside a list or dictionary, given what makes the text of its parts; absent when it has none. */
  public represent?(part: (value: unknown) => string): string;
  /** The text of `{{ object }}`. */
  public print(part: (value: unknown) => string): string {
    if (!this.represent) throw unsupportedFault(`a ${this.typeName} cannot be printed`, 'print one of its attributes');
    return this.represent(part);
  }
}

/** Python's types.SimpleNamespace, which `ns` is: attributes that templates can read, but not assign. */
export class SimpleNamespace extends TemplateObject {
  public readonly typeName = 'types.SimpleNamespace';

  public constructor(private readonly attributes: ReadonlyMap<string, unknown>) {
    super();
  }

  public attribute(name: string): unknown {
    if (/^__.*__$/.test(name))
      throw unsupportedFault(`the attribute '${name}' of a namespace is not supported`, 'read one of its own attributes');
    return this.attributes.get(name);
  }

  public override represent(part: (value: unknown) => string): string {
    return `namespace(${Array.from(this.attributes, ([name, value]) => `${name}=${part(value)}`).join(', ')})`;
  }
}

/** `namespace()`: the object whose attributes `{% set ns.x = .. %}` assigns. */
export class Namespace extends TemplateObject {
  public readonly typeName = 'Namespace';
  public readonly attributes = new Dict();

  public attribute(name: string): unknown {
    return this.attributes.get(name);
  }

  public override represent(part: (value: unknown) => string): string {
    return `<Namespace ${part(this.attributes)}>`;
  }
}

type DictKey = string | number | bigint | boolean | symbol | object | null;

/** A Python dict: insertion order, and 1, 1.0 and True are one key. */
export class Dict implements Iterable<unknown> {
  private readonly map: Map<DictKey, unknown>;
  /** The keys that are not spelled as they are hashed. */
  private spelled: Map<DictKey, unknown> | undefined;

  /** An empty dict, or another view of one that exists: what changes in one changes in both. */
  public constructor(shared?: Dict) {
    this.map = shared?.map ?? new Map<DictKey, unknown>();
    this.spelled = shared?.spelled;
  }

  public static from(pairs: Iterable<readonly [unknown, unknown]>): Dict {
    const dict = new Dict();
    for (const [key, value] of pairs) dict.set(key, value);
    return dict;
  }

  public get size(): number {
    return this.map.size;
  }

  /** Called for a key that is not there, before Python's None or Undefined stands for it. */
  public requirePresent?(key: unknown, hasDefault: boolean): void;

  public get(key: unknown): unknown {
    return this.map.get(typeof key === 'string' ? key : hashKey(key));
  }

  public has(key: unknown): boolean {
    return this.map.has(typeof key === 'string' ? key : hashKey(key));
  }

  public set(key: unknown, value: unknown): this {
    if (typeof key === 'string') {
      this.map.set(key, value);
      return this;
    }
    const hashed = hashKey(key);
    if (hashed !== key && !this.map.has(hashed)) (this.spelled ??= new Map()).set(hashed, key);
    this.map.set(hashed, value);
    return this;
  }

  public delete(key: unknown): boolean {
    const hashed = hashKey(key);
    this.spelled?.delete(hashed);
    return this.map.delete(hashed);
  }

  public clear(): void {
    this.map.clear();
    this.spelled = undefined;
  }

  public keys(): IterableIterator<unknown> {
    return this.spelled === undefined ? this.map.keys() : this.spelledKeys(this.spelled);
  }

  public values(): IterableIterator<unknown> {
    return this.map.values();
  }

  public items(): IterableIterator<[unknown, unknown]> {
    return this.spelled === undefined ? this.map.entries() : this.spelledItems(this.spelled);
  }

  public [Symbol.iterator](): Iterator<unknown> {
    return this.keys();
  }

  private *spelledKeys(spelled: ReadonlyMap<DictKey, unknown>): IterableIterator<unknown> {
    for (const hashed of this.map.keys()) yield spelled.has(hashed) ? spelled.get(hashed) : hashed;
  }

  private *spelledItems(spelled: ReadonlyMap<DictKey, unknown>): IterableIterator<[unknown, unknown]> {
    for (const [hashed, value] of this.map) yield [spelled.has(hashed) ? spelled.get(hashed) : hashed, value];
  }
}

/** `dict.keys()`, `dict.values()`, `dict.items()`: live views, as in Python. */
export class DictView implements Iterable<unknown> {
  public constructor(
    public readonly dict: Dict,
    public readonly kind: 'keys' | 'values' | 'items',
  ) {}

  public get length(): number {
    return this.dict.size;
  }

  public *[Symbol.iterator](): Iterator<unknown> {
    const size = this.dict.size;
    const source: Iterable<unknown> =
      this.kind === 'keys' ? this.dict.keys() : this.kind === 'values' ? this.dict.values() : this.dict.items();
    for (const item of source) {
      if (this.dict.size !== size) throw typeFault('the dictionary changed its size while a loop runs over it');
      yield this.kind === 'items' ? new Tuple(item as [unknown, unknown]) : item;
    }
    if (this.dict.size !== size) throw typeFault('the dictionary changed its size while a loop runs over it');
  }
}

const undefinedKey = Symbol('undefined');

/** The same for all values that Python takes for the same dictionary key. */
function hashKey(value: unknown): DictKey {
  switch (typeof value) {
    case 'string':
    case 'bigint':
      return value;
    case 'number':
      return value === 0 ? 0 : value;
    case 'boolean':
      return value ? 1 : 0;
    default:
  }
  if (value === null) return null;
  if (value instanceof Float)
    return Number.isInteger(value.value) && !Number.isSafeInteger(value.value) ? BigInt(value.value) : value.value + 0;
  if (value instanceof Tuple) return Symbol.for(`tuple ${JSON.stringify(value.items.map((item) => describeKey(hashKey(item))))}`);
  if (value instanceof Range) {
    const { length, start, step } = value;
    return Symbol.for(`range ${length} ${length > 0 ? start : ''} ${length > 1 ? step : ''}`);
  }
  if (value instanceof Markup) {
    value.requirePlain('as a dictionary key');
    return value.text;
  }
  if (value instanceof Undefined) {
    value.requireLenient();
    return undefinedKey;
  }
  if (value instanceof VariableReference) throw referenceFault(value, 'as a dictionary key');
  if (value instanceof TokenText) throw tokenFault(value, 'as a dictionary key');
  if (value instanceof SecretReference) throw secretFault(value.key, 'as a dictionary key');
  if (!isHashable(value)) throw typeFault(`unhashable type: '${typeName(value)}'`);
  return value as object;
}

/** Whether Python takes the value as the key of a dict. */
export function isHashable(value: unknown): boolean {
  if (value instanceof Tuple) return value.items.every(isHashable);
  if (value instanceof DictView) return value.kind === 'values';
  return !(Array.isArray(value) || value instanceof Dict || value instanceof SimpleNamespace);
}

function describeKey(key: DictKey): unknown {
  if (typeof key === 'symbol') return { symbol: key.description };
  if (typeof key === 'bigint') return { int: key.toString() };
  if (typeof key === 'number' && !Number.isFinite(key)) return { float: String(key) };
  if (typeof key === 'object' && key !== null)
    throw unsupportedFault('a tuple that holds an object cannot be a dictionary key', 'use text as the key');
  return key;
}

/** Text with a CDK token anywhere but in `{{ .. | safe }}`. */
export function tokenFault(value: TokenText, use: string): TemplateFault {
  return new TemplateFault(
    'UnresolvedToken',
    `text that holds an unresolved CDK token cannot be used ${use}`,
    'pass the value as a deploy-time value of its own, so that the script refers to a variable',
    value.key,
  );
}

/** The name Python gives the type of a value. */
export function typeName(value: unknown): string {
  switch (typeof value) {
    case 'string':
      return 'str';
    case 'number':
    case 'bigint':
      return 'int';
    case 'boolean':
      return 'bool';
    default:
  }
  if (value === null) return 'NoneType';
  if (Array.isArray(value)) return 'list';
  if (value instanceof Float) return 'float';
  if (value instanceof Tuple) return 'tuple';
  if (value instanceof Dict) return 'dict';
  if (value instanceof DictView) return `dict_${value.kind}`;
  if (value instanceof Markup) return value.isRendered ? 'str' : 'Markup';
  if (value instanceof Range) return 'range';
  if (value instanceof OneTimeIterator) return value.kind;
  if (value instanceof Undefined) return 'Undefined';
  if (value instanceof Callable) return 'function';
  if (value instanceof TemplateObject) return value.typeName;
  if (value instanceof VariableReference) return `${value.kind} value`;
  if (value instanceof SecretReference) return 'secret';
  return 'object';
}

/**
 * Fails when the value is one that no operation may look into (a reference, a secret, a token) or that does not exist.
 * Every operation calls this before it says that the type does not fit.
 */
export function requireKnown(value: unknown, use: string): void {
  if (typeof value !== 'object' || value === null) return;
  if (value instanceof VariableReference) throw referenceFault(value, use);
  if (value instanceof SecretReference) throw secretFault(value.key, use);
  if (value instanceof TokenText) throw tokenFault(value, use);
  if (value instanceof Undefined) throw value.fault();
}

/** A bigint where it has to be one, a number otherwise. */
export function integer(value: bigint): number | bigint {
  return value >= Number.MIN_SAFE_INTEGER && value <= Number.MAX_SAFE_INTEGER ? Number(value) : value;
}

const surrogates = /[\ud800-\udfff]/;

/** The length as Python counts it, in code points. */
export function textLength(text: string): number {
  if (!surrogates.test(text)) return text.length;
  return Array.from(text).length;
}

/** The characters as Python sees them. */
export function characters(text: string): string | string[] {
  return surrogates.test(text) ? Array.from(text) : text;
}
