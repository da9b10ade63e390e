import { TemplateFault, asFault, typeFault, unsupportedFault, valueFault } from '../fault';
import type { Output } from '../marks';
import { TemplateError } from '../template-error';
import { SecretReference, VariableReference } from '../value-kinds';
import type { CompiledTemplate, DialectEnvironment } from './environment';
import { filters } from './filters';
import { Loop } from './loop';
import { callMethod, dictGet } from './methods';
import { calculate, comparisons, iterate, number, slice, truthy } from './operators';
import { listValue, print } from './printing';
import { tests } from './tests';
import { Dict, Macro, Markup, Namespace, Tuple, Undefined, View, characters, requireKnown, typeName } from './values';

/** Variables; those of the scopes around are seen. */
export class Scope {
  private readonly variables = new Map<string, unknown>();

  public constructor(private readonly outer: Scope | null) {}

  public get(name: string): unknown {
    const value = this.variables.get(name);
    return value !== undefined || this.outer === null ? value : this.outer.get(name);
  }

  public set(name: string, value: unknown): void {
    this.variables.set(name, value);
  }
}

const MAX_RANGE = 1_000_000;
/** Functions that templates can call besides macros. */
export const FUNCTIONS = ['range', 'namespace'];

/** One rendering: what compiled templates call. */
export class Runtime {
  public readonly Scope = Scope;
  public readonly Loop = Loop;
  public readonly Tuple = Tuple;
  public readonly operations = { filters, tests, comparisons, truthy, calculate, slice };
  /** What an inline `if` without `else` gives: empty, also where other missing values are errors. */
  public readonly nothing = new Undefined('the inline if-expression evaluated to false and no else section was defined', false);
  /** How many captures are open: their text may be looked at, so no borders of templates are marked in it. */
  private captures = 0;
  /** Texts that are joined lists, and what with. Known by what they are: texts are passed on and kept as any other. */
  private readonly separators = new Map<string, string>();

  public constructor(
    private readonly environment: DialectEnvironment,
    private readonly output: Output,
  ) {}

  /** Adds the place to what went wrong, once. */
  public locate(error: unknown, template: string, line: number): unknown {
    const fault = asFault(error);
    if (!(fault instanceof TemplateFault)) return fault;
    const { code, problem, key, remedy } = fault;
    return new TemplateError({ code, template, line, problem, key, remedy }, { cause: error });
  }

  public missing(message: string): Undefined {
    return new Undefined(message, this.environment.options.strict);
  }

  // --- output

  public emit(value: unknown, template: string, line: number, key?: string): string {
    if (typeof value === 'string')
      return this.environment.options.contextual ? this.output.value(value, template, line, key, this.separators.get(value)) : value;
    if (Array.isArray(value) && this.environment.options.contextual) return this.output.value(listValue(value), template, line, key);
    if (value instanceof Markup) return this.textAt(value.text, template, line, true);
    if (value instanceof VariableReference) return this.output.value(value, template, line, value.key);
    const text = print(value, 'in the text of a script');
    if (!this.environment.options.contextual || value instanceof Undefined) return text;
    return this.output.value(typeof value === 'number' || typeof value === 'boolean' ? value : text, template, line, key);
  }

  /** Text of a template, or rendered text that an expression prints. Captured text gets its place when it is printed. */
  public textAt(text: string, template: string, line: number, isPrinted = false): string {
    return this.captures > 0 || !this.output.text ? text : this.output.text(text, { template, line, isPrinted });
  }

  /** The text of a body, in which values keep their marks. */
  public capture(outer: Scope, body: (scope: Scope) => string): unknown {
    this.captures++;
    const text = body(new Scope(outer));
    this.captures--;
    return this.captured(text);
  }

  private captured(text: string): unknown {
    if (this.output.holdsMarks(text)) return new Markup(text, this.output);
    return this.environment.options.contextual ? new Markup(text) : text;
  }

  /** `a ~ b`: text, unless a part is safe or rendered text, which then keeps its values apart. */
  public join(parts: readonly unknown[], template: string, line: number): unknown {
    for (const part of parts) if (!(part instanceof Undefined || part instanceof Markup)) requireKnown(part, 'with ~');
    const staysMarkup = parts.some((part) => part instanceof Markup && (this.environment.options.contextual || part.marks));
    if (!staysMarkup) return parts.map((part) => print(part, 'with ~')).join('');
    return this.captured(parts.map((part) => this.emit(part, template, line)).join(''));
  }

  // --- values

  public named(value: unknown, name: string): unknown {
    return value === undefined ? this.missing(`'${name}' is undefined`) : value;
  }

  public dict(pairs: readonly [unknown, unknown][]): Dict {
    const dict = new Dict();
    for (const [key, value] of pairs) dict.set(dict.key(key), value);
    return dict;
  }

  public get(object: unknown, key: unknown, ...fallback: unknown[]): unknown {
    return object instanceof Dict ? dictGet(object, key, fallback[0]) : callMethod(object, 'get', [key, ...fallback]);
  }

  /** `a.b` */
  public attribute(object: unknown, name: string): unknown {
    if (object instanceof Namespace) {
      const value = object.attributes.get(name);
      return value === undefined ? this.missing(`the namespace has no attribute '${name}'`) : value;
    }
    if (object instanceof SecretReference) {
      if (name === 'arn') return object.arn;
      throw unsupportedFault(`a secret has no attribute '${name}'`, 'use .arn');
    }
    return this.item(object, name);
  }

  /** `a["b"]` */
  public item(object: unknown, key: unknown): unknown {
    if (object instanceof Dict) {
      const name = object.key(key);
      const value = object.get(name);
      if (value !== undefined) return value;
      object.requirePresent?.(name, false);
      return this.missing(`the dictionary has no key '${print(name)}'`);
    }
    requireKnown(object, 'with an attribute or index');
    requireKnown(key, 'as an index');
    if (object === null) return this.missing(`None has no attribute '${print(key)}'`);
    const items: unknown = typeof object === 'string' ? characters(object) : object;
    if ((typeof items !== 'string' && !Array.isArray(items)) || typeof key === 'string')
      throw unsupportedFault(
        `'${print(key)}' of a ${typeName(object)} is not part of the dialect`,
        'check the type of the value, and the name',
      );
    const item: unknown = items.at(number(key, 'as an index'));
    return item === undefined ? this.missing(`there is no element ${print(key)}`) : item;
  }

  public assign(target: unknown, name: string, value: unknown): void {
    if (target instanceof Namespace && !target.isFixed) target.attributes.set(name, value);
    else throw typeFault('cannot assign attribute on non-namespace object', 'make it with namespace()');
  }

  public unpack(value: unknown, count: number): readonly unknown[] {
    const items = iterate(value, 'where it has to be taken apart');
    if (items.length !== count) throw valueFault(`there are ${items.length} values to take apart, and ${count} names`);
    return items;
  }

  // --- calls

  public macro(
    name: string,
    parameters: readonly string[],
    fallbacks: readonly (((scope: Scope) => unknown) | null)[],
    outer: Scope,
    body: (scope: Scope) => string,
  ): Macro {
    return new Macro((positional, named) => {
      if (positional.length > parameters.length) throw typeFault(`macro '${name}' takes not more than ${parameters.length} argument(s)`);
      const unknown = Array.from(named.keys()).find((given) => parameters.indexOf(given) < positional.length);
      if (unknown !== undefined) throw typeFault(`macro '${name}' takes no keyword argument '${unknown}' here`);
      return this.capture(outer, (scope) => {
        const given = parameters.map((parameter, index) => (index < positional.length ? positional[index] : named.get(parameter)));
        // A default sees what the others are given, and not what has their names outside.
        given.forEach((value, index) => {
          scope.set(parameters[index], value === undefined ? this.missing(`parameter '${parameters[index]}' was not provided`) : value);
        });
        fallbacks.forEach((fallback, index) => {
          if (fallback && given[index] === undefined) scope.set(parameters[index], fallback(scope));
        });
        return body(scope);
      });
    });
  }

  public method(subject: unknown, name: string, values: readonly unknown[]): unknown {
    const result = callMethod(subject, name, values);
    return name === 'join' ? this.joined(result as string, subject as string) : result;
  }

  /** Remembers that a text is a joined list. */
  public joined(text: string, separator: string): string {
    if (separator !== '' && text.includes(separator)) this.separators.set(text, separator);
    return text;
  }

  public call(callee: unknown, name: string, positional: readonly unknown[], named: ReadonlyMap<string, unknown> = new Map()): unknown {
    if (callee instanceof Macro) return callee.call(positional, named);
    if (callee === undefined && !FUNCTIONS.includes(name)) throw this.missing(`'${name}' is undefined`).fault();
    if (callee !== undefined) {
      requireKnown(callee, 'as a function');
      throw typeFault(`'${typeName(callee)}' object is not callable`);
    }
    if (name === 'range') return range(positional.map((value) => number(value, 'in range()')));
    return new Namespace(new Map(named));
  }

  // --- other templates

  public include(wanted: unknown, scope: Scope, ignoreMissing: boolean): string {
    const template = this.find(wanted, ignoreMissing);
    if (template === undefined) return '';
    // Captured text may be looked at, so it counts for the template that captures it and holds no borders.
    const isCaptured = this.captures > 0;
    if (!isCaptured) this.output.enter(template.name);
    const text = template.run(this, new Scope(scope));
    return isCaptured ? text : this.output.leave(template.name, text);
  }

  private find(wanted: unknown, ignoreMissing: boolean): CompiledTemplate | undefined {
    const names = Array.isArray(wanted) ? (wanted as unknown[]) : [wanted];
    for (const name of names) {
      requireKnown(name, 'as the name of a template');
      if (typeof name !== 'string') throw typeFault(`the name of a template must be text, not ${typeName(name)}`);
      const template = this.environment.load(name);
      if (template !== undefined) return template;
    }
    if (ignoreMissing) return undefined;
    throw this.environment.source.notFound(names as string[]);
  }
}

function range(numbers: readonly number[]): View {
  const [start, stop] = numbers.length === 1 ? [0, numbers[0]] : numbers;
  const size = Math.max(0, stop - start);
  if (size > MAX_RANGE) throw unsupportedFault('a range of so many numbers is not part of the dialect', 'use a smaller number');
  return new View(Array.from({ length: size }, (_, index) => start + index));
}
