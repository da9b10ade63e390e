import { TemplateFault, referenceFault, secretFault, unsupportedFault } from '../fault';
import type { Output } from '../marks';
import { SecretReference, VariableReference } from '../value-kinds';

// Python's values: str, int (safe integers), bool, None and list are JavaScript's string, number, boolean, null and array.

/** A Python tuple. */
export class Tuple extends Array<unknown> {}

/** A Python dict whose keys are text, booleans or None. */
export class Dict extends Map<unknown, unknown> {
  /** Called for a key that is not there, before Python's None or Undefined stands for it. */
  public requirePresent?(key: unknown, hasDefault: boolean): void;

  /** The value as a key. */
  public key(value: unknown): unknown {
    if (typeof value === 'string' || typeof value === 'boolean' || value === null) return value;
    if (value instanceof Markup) return value.plain('as a dictionary key');
    requireKnown(value, 'as a dictionary key', true);
    if (value instanceof Undefined) return value;
    throw unsupportedFault(`a ${typeName(value)} as the key of a dictionary is not part of the dialect`, 'use text as the key');
  }
}

/** What range() and the views of a dict give: to be looped over, and not printed. Those that are keys know their dict. */
export class View {
  public constructor(
    public readonly items: readonly unknown[],
    public readonly dict?: Dict,
  ) {}
}

/** Text that printing leaves as it is: what `| safe` gives, and what a template itself has rendered. */
export class Markup {
  public constructor(
    public readonly text: string,
    /** Those in the text; undefined when there are none. */
    public readonly marks?: Output,
  ) {}

  /** The text, where it is only looked at. Fails where marks stand in it for values. */
  public plain(use: string): string {
    if (this.marks === undefined) return this.text;
    const remedy = 'print it as it is: the values in it are escaped for the place where they end up';
    throw unsupportedFault(`rendered text that holds inserted values cannot be used ${use}`, remedy);
  }

  /** Fails: other text made of it would be a value, or would get into the script without being escaped. */
  public refuse(use: string): never {
    this.plain(use);
    throw unsupportedFault(
      `rendered or safe text cannot be used ${use}`,
      'change the text first and use | safe last, or join texts with ~',
    );
  }
}

/** A value of the app that no operation may look into, and why. */
export class Refused {
  public constructor(
    public readonly fault: (use: string) => TemplateFault,
    /** What `| safe` writes, or undefined. */
    public readonly safeText?: string,
    /** What printing writes, or undefined. */
    public readonly text?: string,
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
}

/** `namespace()`, whose attributes `{% set ns.x = .. %}` assigns, and `ns`, whose attributes it does not. */
export class Namespace {
  public constructor(
    public readonly attributes: Map<string, unknown>,
    public readonly isFixed = false,
  ) {}
}

export class Macro {
  public constructor(public readonly call: (positional: readonly unknown[], named: ReadonlyMap<string, unknown>) => unknown) {}
}

/** The name Python gives the type of a value. */
export function typeName(value: unknown): string {
  if (value === null) return 'NoneType';
  const simple = { string: 'str', number: 'int', boolean: 'bool' }[typeof value as string];
  if (simple !== undefined) return simple;
  if (Array.isArray(value)) return value instanceof Tuple ? 'tuple' : 'list';
  if (value instanceof Dict) return 'dict';
  return (value as object).constructor.name;
}

/**
 * Fails when the value is one that no operation may look into (a reference, a secret, a token, rendered text) or that does not
 * exist.
 * Every operation calls this before it says that the type does not fit. Jinja2's Undefined may pass where it is empty.
 */
export function requireKnown(value: unknown, use: string, takesUndefined = false): void {
  if (typeof value !== 'object' || value === null) return;
  if (value instanceof VariableReference) throw referenceFault(value, use);
  if (value instanceof SecretReference) throw secretFault(value.key, use);
  if (value instanceof Refused) throw value.fault(use);
  if (value instanceof Markup) value.refuse(use);
  if (value instanceof Undefined && (value.strict || !takesUndefined)) throw value.fault();
}

/** The characters as Python sees them: code points. */
export function characters(text: string): string | string[] {
  return /[\ud800-\udfff]/.test(text) ? Array.from(text) : text;
}
