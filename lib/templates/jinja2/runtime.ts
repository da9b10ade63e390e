import { TemplateError } from '../template-error';
import { VariableReference } from '../value-kinds';
import { bind, given, absent } from './arguments';
import { dictGet, fillDict, findMethod, getAttribute, getItem } from './attributes';
import { TemplateFault, asFault, typeFault, unsupportedFault, valueFault } from './fault';
import type { Environment, Filter } from './filters';
import { contains, equals, indexOf, iterate, length, truthy } from './operators';
import { print, quote } from './printing';
import {
  Callable,
  Dict,
  Markup,
  NamedArguments,
  Namespace,
  OneTimeIterator,
  Range,
  TemplateObject,
  TokenText,
  Tuple,
  Undefined,
  ValueMarks,
  requireKnown,
  typeName,
} from './values';

type Body = (runtime: Runtime, context: RenderContext) => string;

/** What the compiler makes of a template. */
export interface CompiledTemplate {
  readonly name: string;
  readonly root: Body;
  readonly blocks: readonly (readonly [string, Body])[];
}

type NamedValues = readonly (readonly [string, unknown])[];

/** What a template saw at one moment: what was assigned, the variables of scopes around it, and what it saw itself. */
interface Snapshot {
  readonly vars: ReadonlyMap<string, unknown> | undefined;
  readonly locals: NamedValues | null | undefined;
  readonly outer: Snapshot | ReadonlyMap<string, unknown>;
}

/** The variables a template sees, what it assigns at its top level, and the blocks of its inheritance. */
export class RenderContext {
  private vars: Map<string, unknown> | undefined;
  private varsAreShared = false;
  private exports: Set<string> | undefined;
  private readonly outer: Snapshot | ReadonlyMap<string, unknown>;

  public constructor(
    /** The template that is rendered, included or imported; those it extends run in the same context. */
    public readonly template: string,
    outer: RenderContext | ReadonlyMap<string, unknown>,
    /** The bodies of each block, the most derived first. */
    public readonly blocks: Map<string, Body[]>,
    private readonly locals?: NamedValues | null,
  ) {
    // As in Jinja2 what is assigned later stays unseen: macros of an imported template are called after it.
    this.outer = outer instanceof RenderContext ? outer.snapshot() : outer;
  }

  /** The value of a name; undefined when there is none. */
  public resolve(name: string): unknown {
    let value = ownValue(this.vars, this.locals, name);
    let { outer } = this;
    while (value === undefined) {
      if (outer instanceof Map) return outer.get(name);
      const { vars, locals, outer: next } = outer as Snapshot;
      value = ownValue(vars, locals, name);
      outer = next;
    }
    return value;
  }

  public assign(name: string, value: unknown, exported: boolean): void {
    if (this.vars === undefined || this.varsAreShared) {
      this.vars = new Map(this.vars);
      this.varsAreShared = false;
    }
    this.vars.set(name, value);
    if (exported) (this.exports ??= new Set()).add(name);
    else this.exports?.delete(name);
  }

  public exported(name: string): unknown {
    return this.exports?.has(name) ? this.vars?.get(name) : undefined;
  }

  public derived(locals: NamedValues | null): RenderContext {
    return new RenderContext(this.template, this, new Map(Array.from(this.blocks, ([name, bodies]) => [name, bodies.slice()])), locals);
  }

  /** Nothing is copied until something is assigned. */
  private snapshot(): Snapshot | ReadonlyMap<string, unknown> {
    const { vars, locals, outer } = this;
    if (vars === undefined && !locals) return outer;
    this.varsAreShared = vars !== undefined;
    return { vars, locals, outer };
  }
}

function ownValue(vars: ReadonlyMap<string, unknown> | undefined, locals: NamedValues | null | undefined, name: string): unknown {
  const value = vars?.get(name);
  if (value !== undefined || !locals) return value;
  return locals.find(([local, localValue]) => local === name && localValue !== undefined)?.[1];
}

/** The special variable `loop`. */
class LoopContext extends TemplateObject {
  public readonly typeName = 'LoopContext';
  public override readonly isIterable = true;
  public item: unknown;
  private index0 = -1;
  private iterator: Iterator<unknown>;
  private peeked: { readonly value: unknown } | null | undefined;
  private previous: unknown;
  private size: number | undefined;
  private lastChanged: readonly unknown[] | undefined;

  public constructor(
    private readonly runtime: Runtime,
    private readonly items: unknown,
    private readonly recurse: ((items: unknown, depth: number) => unknown) | null,
    private readonly depth0: number,
  ) {
    super();
    this.iterator = iterate(items)[Symbol.iterator]();
  }

  public advance(): boolean {
    const next = this.peek();
    if (next === null) return false;
    this.peeked = undefined;
    this.index0++;
    this.previous = this.item;
    this.item = next.value;
    return true;
  }

  private peek(): { readonly value: unknown } | null {
    if (this.peeked === undefined) {
      const next = this.iterator.next();
      this.peeked = next.done ? null : { value: next.value };
    }
    return this.peeked;
  }

  public override length(): number {
    if (this.size === undefined) {
      if (this.items instanceof OneTimeIterator) {
        const ahead = this.peeked === undefined || this.peeked === null ? 0 : 1;
        const rest = Array.from({ [Symbol.iterator]: () => this.iterator });
        this.iterator = rest[Symbol.iterator]();
        this.size = rest.length + this.index0 + 1 + ahead;
      } else this.size = length(this.items);
    }
    return this.size;
  }

  private get nextItem(): unknown {
    const next = this.peek();
    return next === null ? this.runtime.missing('there is no next item') : next.value;
  }

  public attribute(name: string): unknown {
    switch (name) {
      case 'index':
        return this.index0 + 1;
      case 'index0':
        return this.index0;
      case 'revindex':
        return this.length() - this.index0;
      case 'revindex0':
        return this.length() - this.index0 - 1;
      case 'first':
        return this.index0 === 0;
      case 'last':
        return this.peek() === null;
      case 'length':
        return this.length();
      case 'depth':
        return this.depth0 + 1;
      case 'depth0':
        return this.depth0;
      case 'previtem':
        return this.index0 === 0 ? this.runtime.missing('there is no previous item') : this.previous;
      case 'nextitem':
        return this.nextItem;
      case 'cycle':
        return new Callable('cycle', (items) => {
          if (items.length === 0) throw typeFault('no items for cycling given');
          return items[this.index0 % items.length];
        });
      case 'changed':
        return new Callable('changed', (values) => {
          const before = this.lastChanged;
          this.lastChanged = values;
          return before === undefined || !equals(new Tuple(before), new Tuple(values));
        });
      default:
        if (name.startsWith('_'))
          throw unsupportedFault(`the attribute '${name}' of loop is not supported`, 'use the documented attributes of loop');
        return undefined;
    }
  }

  public override call(positional: readonly unknown[], named: NamedArguments | undefined): unknown {
    const [items] = bind('loop', ['iterable'], 1, positional, named);
    if (this.recurse === null) throw typeFault("the loop must have the 'recursive' marker to be called recursively");
    return this.recurse(items, this.depth0 + 1);
  }

  public override represent(): string {
    return `<LoopContext ${this.index0 + 1}/${this.length()}>`;
  }
}

type MacroBody = (...parameters: unknown[]) => unknown;

class Macro extends TemplateObject {
  public readonly typeName = 'Macro';

  public constructor(
    private readonly runtime: Runtime,
    private readonly name: string | null,
    private readonly parameters: readonly string[],
    private readonly takesNamed: boolean,
    private readonly takesMore: boolean,
    private readonly takesCaller: boolean,
    private readonly scope: { readonly hasEnded: boolean } | null,
    private readonly body: MacroBody,
  ) {
    super();
  }

  public attribute(name: string): unknown {
    switch (name) {
      case 'name':
        return this.name;
      case 'arguments':
        return new Tuple(this.parameters);
      case 'catch_kwargs':
        return this.takesNamed;
      case 'catch_varargs':
        return this.takesMore;
      case 'caller':
        return this.takesCaller;
      default:
        if (name.startsWith('_') || name === 'explicit_caller')
          throw unsupportedFault(`the attribute '${name}' of a macro is not supported`, 'use name or arguments');
        return undefined;
    }
  }

  public override call(positional: readonly unknown[], named: NamedArguments | undefined): unknown {
    const title = this.name === null ? 'the call block' : `macro '${this.name}'`;
    if (this.scope?.hasEnded)
      throw unsupportedFault(
        `${title} reads names of the loop, with or block around it, which has ended`,
        'define the macro outside of it and pass what it needs as arguments',
      );
    const rest = new Map(named);
    const values: unknown[] = positional.slice(0, this.parameters.length);
    let foundCaller = values.length === this.parameters.length && this.parameters.includes('caller');
    for (const name of this.parameters.slice(values.length)) {
      values.push(rest.get(name));
      rest.delete(name);
      if (name === 'caller') foundCaller = true;
    }
    if (this.takesCaller && !foundCaller) {
      values.push(rest.get('caller') ?? this.runtime.missing('No caller defined'));
      rest.delete('caller');
    }
    if (this.takesNamed) values.push(Dict.from(rest));
    else if (rest.size > 0) throw typeFault(`${title} takes no keyword argument '${Array.from(rest.keys())[0]}'`);
    if (this.takesMore) values.push(new Tuple(positional.slice(this.parameters.length)));
    else if (positional.length > this.parameters.length)
      throw typeFault(`${title} takes not more than ${this.parameters.length} argument(s)`);
    return this.body(...values);
  }

  public override represent(): string {
    return `<Macro ${this.name === null ? 'anonymous' : `'${this.name}'`}>`;
  }
}

/** `super` and `self.block`: a block that can be called. */
class BlockReference extends TemplateObject {
  public readonly typeName = 'BlockReference';

  public constructor(
    private readonly runtime: Runtime,
    private readonly name: string,
    private readonly context: RenderContext,
    private readonly bodies: readonly Body[],
    private readonly depth: number,
  ) {
    super();
  }

  public attribute(name: string): unknown {
    if (name === 'super') {
      if (this.depth + 1 >= this.bodies.length) return this.runtime.missing(`there is no parent block called '${this.name}'`);
      return new BlockReference(this.runtime, this.name, this.context, this.bodies, this.depth + 1);
    }
    if (name === 'name') return this.name;
    return undefined;
  }

  public override call(positional: readonly unknown[], named: NamedArguments | undefined): unknown {
    bind(this.name, [], 0, positional, named);
    return this.runtime.capturing(() => this.bodies[this.depth](this.runtime, this.context));
  }
}

class SelfReference extends TemplateObject {
  public readonly typeName = 'TemplateReference';

  public constructor(
    private readonly runtime: Runtime,
    private readonly context: RenderContext,
  ) {
    super();
  }

  public attribute(name: string): unknown {
    const bodies = this.context.blocks.get(name);
    return bodies && new BlockReference(this.runtime, name, this.context, bodies, 0);
  }

  public override represent(): string {
    return `<TemplateReference ${quote(this.context.template)}>`;
  }
}

/** An imported template. */
class TemplateModule extends TemplateObject {
  public readonly typeName = 'TemplateModule';

  public constructor(
    private readonly runtime: Runtime,
    private readonly template: string,
    private readonly context: RenderContext,
    public readonly body: unknown,
  ) {
    super();
  }

  public attribute(name: string): unknown {
    if (name.startsWith('_'))
      throw unsupportedFault(`the attribute '${name}' of an imported template is not supported`, 'import the name you need');
    return this.context.exported(name);
  }

  public imported(name: string): unknown {
    const value = this.attribute(name);
    return value !== undefined
      ? value
      : this.runtime.missing(`the template '${this.template}' does not export the requested name '${name}'`);
  }

  public override represent(): string {
    return `<TemplateModule ${quote(this.template)}>`;
  }

  public override print(): string {
    if (this.body instanceof Markup) this.body.requirePlain('as text of its module');
    return print(this.body);
  }
}

class Cycler extends TemplateObject {
  public readonly typeName = 'Cycler';
  private at = 0;

  public constructor(private readonly items: readonly unknown[]) {
    super();
    if (items.length === 0) throw typeFault('at least one item has to be provided');
  }

  public attribute(name: string): unknown {
    switch (name) {
      case 'current':
        return this.items[this.at];
      case 'next':
        return new Callable('next', () => {
          const item = this.items[this.at];
          this.at = (this.at + 1) % this.items.length;
          return item;
        });
      case 'reset':
        return new Callable('reset', () => {
          this.at = 0;
          return null;
        });
      case 'items':
        return new Tuple(this.items);
      case 'pos':
        return this.at;
      default:
        return undefined;
    }
  }
}

class Joiner extends TemplateObject {
  public readonly typeName = 'Joiner';
  private used = false;

  public constructor(private readonly separator: unknown) {
    super();
  }

  public attribute(name: string): unknown {
    return name === 'sep' ? this.separator : name === 'used' ? this.used : undefined;
  }

  public override call(): unknown {
    if (this.used) return this.separator;
    this.used = true;
    return '';
  }
}

const MAX_RANGE = 1_000_000;

/** How deeply templates may include each other: what Python's stack allows, too. */
const MAX_INCLUDES = 400;

function makeRange(positional: readonly unknown[], named: NamedArguments | undefined): Range {
  const [first, second, third] = bind('range', ['start', 'stop', 'step'], 1, positional, named);
  const [start, stop] =
    second === absent
      ? [0, indexOf(first, 'range() arguments')]
      : [indexOf(first, 'range() arguments'), indexOf(second, 'range() arguments')];
  const step = indexOf(given(third, 1), 'range() arguments');
  if (step === 0) throw valueFault('range() arg 3 must not be zero');
  if (![start, stop, step].every(Number.isSafeInteger))
    throw unsupportedFault('a range of such large numbers is not supported', 'use numbers smaller than 2**53');
  const range = new Range(start, stop, step);
  if (range.length > MAX_RANGE) throw unsupportedFault(`a range of ${range.length} numbers is too large`, `use at most ${MAX_RANGE}`);
  return range;
}

/** Jinja2's global functions. */
export const globals: ReadonlyMap<string, unknown> = new Map<string, unknown>([
  ['range', new Callable('range', makeRange)],
  [
    'dict',
    new Callable('dict', (positional, named) => {
      if (positional.length > 1) throw typeFault(`dict() takes at most 1 argument, ${positional.length} given`);
      const dict = new Dict();
      if (positional.length === 1) fillDict(dict, positional[0]);
      for (const [name, value] of named ?? []) dict.set(name, value);
      return dict;
    }),
  ],
  [
    'namespace',
    new Callable('namespace', (positional, named) => {
      if (positional.length > 1) throw typeFault(`namespace() takes at most 1 argument, ${positional.length} given`);
      const attributes = new Dict();
      if (positional.length === 1) fillDict(attributes, positional[0]);
      const namespace = new Namespace();
      for (const [name, value] of attributes.items()) namespace.attributes.set(name, value);
      for (const [name, value] of named ?? []) namespace.attributes.set(name, value);
      return namespace;
    }),
  ],
  ['cycler', new Callable('cycler', (positional) => new Cycler(positional))],
  ['joiner', new Callable('joiner', (positional, named) => new Joiner(given(bind('joiner', ['sep'], 0, positional, named)[0], ', ')))],
  [
    'lipsum',
    new Callable('lipsum', () => {
      throw unsupportedFault('lipsum() is not supported', 'a script has to be the same at every synth');
    }),
  ],
]);

/** What the runtime asks of the renderer. */
export interface Host extends Environment {
  /** True when values are escaped for the script around them; false gives Jinja2's text as it is. */
  readonly contextual: boolean;
  /** The compiled template; undefined when there is none of this name. */
  load(name: string): CompiledTemplate | undefined;
  /** The error of a template that is not there. */
  notFound(names: readonly string[]): TemplateFault;
}

/** What a printed value becomes: the mark that stands for it in the text until it is escaped. */
export interface Output extends ValueMarks {
  value(value: string | number | boolean | VariableReference, template: string, line: number, key: string | undefined): string;
  /** Called before an included template runs. */
  enter(template: string): void;
  /** Called with its text; what it returns stands in the text of the template that includes it. */
  leave(template: string, text: string): string;
  holdsMarks(text: string): boolean;
  /** Called with each piece of text outside of captures, when templates are compiled to tell where it stands. */
  text?(text: string, place: TextPlace): string;
}

/** Where text of a script comes from. */
export interface TextPlace {
  readonly template: string;
  /** Line where it begins, counted from 1. */
  readonly line: number;
  /** Whether all of it stands for this one line: rendered text that an expression prints. */
  readonly isPrinted: boolean;
}

/** One rendering: what compiled templates call. */
export class Runtime {
  /** How many captures are open: their text may be looked at, so no borders of templates are marked in it. */
  public captures = 0;
  /** What an inline `if` without `else` gives: empty, also where other missing values are errors. */
  public readonly nothing = new Undefined('the inline if-expression evaluated to false and no else section was defined', false);
  private readonly modules = new Map<string, TemplateModule>();
  private depth = 0;

  public constructor(
    private readonly host: Host,
    private readonly output: Output,
  ) {}

  public run(template: CompiledTemplate, variables: NamedValues): string {
    return template.root(this, new RenderContext(template.name, globals, blocksOf(template), variables));
  }

  // --- errors

  /** Adds the place to what went wrong, once. */
  public locate(error: unknown, template: string, line: number): unknown {
    const fault = asFault(error);
    if (!(fault instanceof TemplateFault)) return fault;
    return new TemplateError(
      { code: fault.code, template, line, problem: fault.problem, key: fault.key, remedy: fault.remedy },
      { cause: error },
    );
  }

  public missing(message: string): Undefined {
    return new Undefined(message, this.host.strict);
  }

  public missingName(name: string): Undefined {
    return this.missing(`'${name}' is undefined`);
  }

  public missingParameter(name: string): Undefined {
    return this.missing(`parameter '${name}' was not provided`);
  }

  // --- output

  public emit(value: unknown, template: string, line: number, key?: string): string {
    if (typeof value === 'string') return this.host.contextual ? this.output.value(value, template, line, key) : value;
    if (value instanceof Markup) return this.textAt(value.text, template, line, true);
    if (value instanceof VariableReference) return this.output.value(value, template, line, value.key);
    if (value instanceof Undefined) {
      value.requireLenient();
      return '';
    }
    requireKnown(value, 'in the text of a script');
    if (value instanceof TemplateModule && this.host.contextual) return print(value.body instanceof Markup ? value.body : value);
    if (!this.host.contextual) return print(value);
    return this.output.value(typeof value === 'number' || typeof value === 'boolean' ? value : print(value), template, line, key);
  }

  /** Text of a template, or rendered text that an expression prints. Captured text gets its place when it is printed. */
  public textAt(text: string, template: string, line: number, isPrinted = false): string {
    return this.captures > 0 || !this.output.text ? text : this.output.text(text, { template, line, isPrinted });
  }

  /**
   * What printing a constant expression needs, computed once: the text of lists and the like does not change.
   *
   * @param slot where it is kept for later renderings
   */
  public keep(slot: { value: unknown }, value: unknown): unknown {
    if (value instanceof Markup ? value.holdsValues : value instanceof Undefined) return value;
    slot.value = typeof value === 'object' && !(value instanceof Markup) ? print(value) : value;
    return slot.value;
  }

  /** The text of a body that was rendered into a buffer. */
  public captured(text: string): unknown {
    if (this.output.holdsMarks(text)) return new Markup(text, this.output, this.host.contextual, true);
    return this.host.contextual ? new Markup(text, undefined, true, true) : text;
  }

  public capturing(render: () => string): unknown {
    this.captures++;
    const text = render();
    this.captures--;
    return this.captured(text);
  }

  /** `a ~ b`: text, unless a part is safe or rendered text, which then keeps its values apart. */
  public join(parts: readonly unknown[], template: string, line: number): unknown {
    const texts = parts.map((part) => {
      if (!(part instanceof Undefined)) requireKnown(part, 'with ~');
      return part;
    });
    if (
      this.host.contextual ? texts.some((part) => part instanceof Markup) : texts.some((part) => part instanceof Markup && part.holdsValues)
    ) {
      return this.captured(texts.map((part) => this.emit(part, template, line)).join(''));
    }
    return texts.map(print).join('');
  }

  // --- values

  public attribute(value: unknown, name: string): unknown {
    return getAttribute(value, name, this.host.strict);
  }

  public item(value: unknown, key: unknown): unknown {
    return getItem(value, key, this.host.strict);
  }

  public get(object: unknown, key: unknown, fallback: unknown = absent): unknown {
    if (object instanceof Dict) return dictGet(object, key, fallback);
    return this.callMethod(object, 'get', fallback === absent ? [key] : [key, fallback]);
  }

  public callMethod(object: unknown, name: string, positional: readonly unknown[], named?: NamedArguments): unknown {
    const method = findMethod(object, name);
    return method ? method(object as never, positional, named) : this.call(this.attribute(object, name), positional, named);
  }

  public call(callee: unknown, positional: readonly unknown[], named?: NamedArguments): unknown {
    if (callee instanceof TemplateObject && callee.call) return callee.call(positional, named);
    if (callee instanceof Callable) return callee.call(positional, named);
    requireKnown(callee, 'as a function');
    throw typeFault(`'${typeName(callee)}' object is not callable`);
  }

  public named(pairs: readonly (readonly [string, unknown])[], more?: unknown): NamedArguments {
    const named = new Map(pairs);
    if (more !== undefined) {
      if (!(more instanceof Dict)) {
        requireKnown(more, 'as keyword arguments');
        throw typeFault(`the argument after ** must be a mapping, not ${typeName(more)}`);
      }
      for (const [name, value] of more.items()) {
        if (typeof name !== 'string') throw typeFault('keywords must be strings');
        if (named.has(name)) throw typeFault(`got multiple values for keyword argument '${name}'`);
        named.set(name, value);
      }
    }
    return named;
  }

  public filterValue(name: string, value: unknown, positional: readonly unknown[], named?: NamedArguments): unknown {
    return this.host.filter(name)(this.host, value, positional, named);
  }

  public testValue(name: string, value: unknown, positional: readonly unknown[], named?: NamedArguments): boolean {
    return this.host.test(name)(this.host, value, positional, named);
  }

  public isIn(item: unknown, container: unknown): boolean {
    return contains(container, item);
  }

  public setAttribute(target: unknown, name: string, value: unknown): void {
    if (!(target instanceof Namespace)) throw typeFault('cannot assign attribute on non-namespace object', 'make it with namespace()');
    target.attributes.set(name, value);
  }

  public unpack(value: unknown, count: number): readonly unknown[] {
    requireKnown(value, 'where it has to be taken apart');
    const items = value instanceof Tuple ? value.items : Array.isArray(value) ? (value as unknown[]) : Array.from(iterate(value));
    if (items.length !== count) {
      const what =
        items.length < count
          ? `not enough values to unpack (expected ${count}, got ${items.length})`
          : `too many values to unpack (expected ${count})`;
      throw valueFault(what);
    }
    return items;
  }

  public generator(source: Iterator<unknown>): OneTimeIterator {
    return new OneTimeIterator(source);
  }

  public loop(items: unknown, recurse: ((items: unknown, depth: number) => unknown) | null, depth: number): LoopContext {
    return new LoopContext(this, items, recurse, depth);
  }

  public macro(
    name: string | null,
    parameters: readonly string[],
    takesNamed: boolean,
    takesMore: boolean,
    takesCaller: boolean,
    scope: { readonly hasEnded: boolean } | null,
    body: MacroBody,
  ): Macro {
    return new Macro(this, name, parameters, takesNamed, takesMore, takesCaller, scope, body);
  }

  // --- other templates

  public include(wanted: unknown, context: RenderContext | null, locals: NamedValues | null, ignoreMissing: boolean): string {
    const template = this.find(wanted, ignoreMissing);
    if (template === undefined) return '';
    if (context === null) return this.emit(this.defaultModule(template).body, template.name, 1);
    return this.nested(template, new RenderContext(template.name, context, blocksOf(template), locals));
  }

  private nested(template: CompiledTemplate, context: RenderContext): string {
    if (++this.depth > MAX_INCLUDES) {
      throw new TemplateFault(
        'TooDeep',
        'templates are included too deeply',
        `look for a template that includes itself, such as ${template.name}`,
      );
    }
    // Captured text may be looked at, so it counts for the template that captures it and holds no borders.
    const isCaptured = this.captures > 0;
    if (!isCaptured) this.output.enter(template.name);
    const text = template.root(this, context);
    this.depth--;
    return isCaptured ? text : this.output.leave(template.name, text);
  }

  public module(wanted: unknown, context: RenderContext | null, locals: NamedValues | null): TemplateModule {
    const template = this.find(wanted, false);
    if (template === undefined) throw this.host.notFound([print(wanted)]);
    if (context === null) return this.defaultModule(template);
    const inner = new RenderContext(template.name, context, blocksOf(template), locals);
    return new TemplateModule(
      this,
      template.name,
      inner,
      this.capturing(() => this.nested(template, inner)),
    );
  }

  private defaultModule(template: CompiledTemplate): TemplateModule {
    let module = this.modules.get(template.name);
    if (!module) {
      const context = new RenderContext(template.name, globals, blocksOf(template));
      module = new TemplateModule(
        this,
        template.name,
        context,
        this.capturing(() => this.nested(template, context)),
      );
      this.modules.set(template.name, module);
    }
    return module;
  }

  public parent(wanted: unknown, context: RenderContext): CompiledTemplate {
    const template = this.find(wanted, false);
    if (template === undefined) throw this.host.notFound([print(wanted)]);
    for (const [name, body] of template.blocks) {
      const bodies = context.blocks.get(name);
      if (bodies) bodies.push(body);
      else context.blocks.set(name, [body]);
    }
    return template;
  }

  public extendsTwice(): never {
    throw valueFault('the template extends two templates', 'keep one {% extends %}');
  }

  private find(wanted: unknown, ignoreMissing: boolean): CompiledTemplate | undefined {
    const isName = typeof wanted === 'string' || wanted instanceof Markup;
    if (!isName) requireKnown(wanted, 'as the name of a template');
    // Jinja2 takes whatever is false for an empty list of names.
    const candidates = isName ? [wanted] : truthy(wanted) ? Array.from(iterate(wanted)) : [];
    const isList = Array.isArray(wanted) || wanted instanceof Tuple;
    for (const candidate of candidates) {
      if (candidate instanceof Undefined) {
        candidate.requireLenient();
        continue;
      }
      requireKnown(candidate, 'as the name of a template');
      if (candidate instanceof Markup) candidate.requirePlain('as the name of a template');
      const name = typeof candidate === 'string' ? candidate : candidate instanceof Markup ? candidate.text : undefined;
      if (name === undefined) throw typeFault(`the name of a template must be text, not ${typeName(candidate)}`);
      const template = this.host.load(name);
      if (template !== undefined) return template;
    }
    // Jinja2 wants the last of the names for its message, which not all collections can tell.
    if (ignoreMissing && (isName || isList || candidates.length === 0)) return undefined;
    throw this.host.notFound(candidates.map(print));
  }

  public block(name: string, context: RenderContext, required: boolean): string {
    const bodies = context.blocks.get(name) ?? [];
    if (required && bodies.length <= 1)
      throw valueFault(`the required block '${name}' is not defined`, 'define it in the template that extends this one');
    return bodies[0](this, context);
  }

  public superBlock(context: RenderContext, name: string, current: Body): unknown {
    const bodies = context.blocks.get(name) ?? [];
    const depth = bodies.indexOf(current) + 1;
    return depth < bodies.length && depth > 0
      ? new BlockReference(this, name, context, bodies, depth)
      : this.missing(`there is no parent block called '${name}'`);
  }

  public self(context: RenderContext): unknown {
    return new SelfReference(this, context);
  }
}

function blocksOf(template: CompiledTemplate): Map<string, Body[]> {
  if (template.blocks.length === 0) return new Map();
  return new Map(template.blocks.map(([name, body]) => [name, [body]]));
}

/** What `| safe` makes of a value. */
export const safe: Filter = (environment, value, positional, named) => {
  bind('safe', [], 0, positional, named);
  if (value instanceof Markup) return value.asSafe();
  if (value instanceof TokenText) return new Markup(value.text, undefined, environment.contextual);
  if (!(value instanceof Undefined)) requireKnown(value, 'with the filter safe');
  return new Markup(print(value), undefined, environment.contextual);
};
