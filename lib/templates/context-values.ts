import { TemplateFault, unsupportedFault } from './fault';
import { Dict, Refused } from './dialect/values';
import { nearestNames } from './nearest-names';
import { SecretReference, VariableReference } from './value-kinds';

/** Number tokens of the CDK are all smaller than any number that is meant. */
const LARGEST_NUMBER_TOKEN = -1e288;

/**
 * The `context` of templates: a dict whose keys are declared. Asking for one that is not, or that has no value here, is
 * an error, unless missing keys are to be None as in Jinja2.
 *
 * @internal
 */
export class ContextValues extends Dict {
  /** Keys whose values are still the caller's own objects. */
  private readonly late = new Set<string>();

  public constructor(
    values: { readonly [key: string]: unknown } | Dict,
    private readonly options: {
      readonly missingKeys: 'error' | 'none';
      /** Keys that exist, with or without a value; undefined when nobody said which do. */
      readonly declared: ReadonlySet<string> | undefined;
    },
  ) {
    super(values instanceof Dict ? values.entries() : undefined);
    // A dict is Python values already.
    if (values instanceof Dict) return;
    for (const [key, value] of Object.entries(values)) {
      if (value === undefined) continue;
      // Lists and dicts are copied when they are asked for: most renderings ask for few.
      const isLate = typeof value === 'object' && value !== null;
      super.set(key, isLate ? value : toPythonValue(value, key));
      if (isLate) this.late.add(key);
    }
  }

  public override get(key: unknown): unknown {
    if (typeof key === 'string' && this.late.delete(key)) super.set(key, toPythonValue(super.get(key), key));
    return super.get(key);
  }

  public override set(key: unknown, value: unknown): this {
    // Called by the constructor of Map as well, before there are fields.
    if (typeof key === 'string') (this.late as Set<string> | undefined)?.delete(key);
    return super.set(key, value);
  }

  public override clear(): void {
    this.late.clear();
    super.clear();
  }

  public override values(): MapIterator<unknown> {
    this.convertAll();
    return super.values();
  }

  public override entries(): MapIterator<[unknown, unknown]> {
    this.convertAll();
    return super.entries();
  }

  private convertAll(): void {
    for (const key of Array.from(this.late)) this.get(key);
  }

  public override requirePresent(key: unknown, hasDefault: boolean): void {
    if (this.options.missingKeys === 'none') return;
    const { declared } = this.options;
    const name = typeof key === 'string' ? key : undefined;
    if (name !== undefined && declared?.has(name)) {
      if (hasDefault) return;
      throw new TemplateFault('NoValue', 'the key has no value here', 'give the key a value, or give get() a default', name);
    }
    if (hasDefault && declared === undefined) return;
    const known = [...(declared ?? []), ...Array.from(this.keys()).filter((other) => typeof other === 'string')];
    const nearest = name === undefined ? [] : nearestNames(name, new Set(known));
    const suggestion =
      nearest.length > 0 ? `did you mean ${nearest.join(' or ')}?` : 'use a key of the context, or give the context this key';
    throw new TemplateFault(
      'UnknownKey',
      name === undefined ? 'the keys of the context are text' : 'nobody declared this key',
      suggestion,
      name,
    );
  }
}

/** Text that holds an unresolved CDK token. */
function tokenText(text: string, key: string): Refused {
  const remedy = 'pass the value as a deploy-time value of its own, so that the script refers to a variable';
  return new Refused(
    (use) => new TemplateFault('UnresolvedToken', `text that holds an unresolved CDK token cannot be used ${use}`, remedy, key),
    text,
  );
}

/** A number that is no safe integer, as it is spelled. It can be printed where Python spells it in the same way, and nothing else. */
export function oddNumber(spelled: string, key?: string): Refused {
  const isCanonical = /^-?(0|[1-9]\d*)$|^-?(0|[1-9]\d{0,8})\.(\d{0,3}[1-9]|0)$/.test(spelled) && !/^-0/.test(spelled);
  const fault = (use: string): TemplateFault =>
    new TemplateFault('NotSupported', `${spelled} cannot be used ${use}: the numbers of the dialect are integers`, 'pass it as text', key);
  return new Refused(fault, undefined, isCanonical ? spelled : undefined);
}

/** A value of the app as the Python value that templates see. Nothing of the app's own objects is shared. */
export function toPythonValue(value: unknown, key: string): unknown {
  switch (typeof value) {
    case 'string':
      return /\$\{Token\[|#\{Token\[/.test(value) ? tokenText(value, key) : value;
    case 'boolean':
      return value;
    case 'bigint':
      return oddNumber(String(value), key);
    case 'number':
      if (value < LARGEST_NUMBER_TOKEN && Number.isFinite(value)) {
        throw unsupportedFault(`${key} is a number with an unresolved CDK token`, 'pass it as a deploy-time value');
      }
      return Number.isSafeInteger(value) ? value + 0 : oddNumber(Number.isInteger(value) ? value.toExponential() : String(value), key);
    default:
  }
  if (value === null || value === undefined) return null;
  if (value instanceof VariableReference || value instanceof SecretReference || value instanceof Refused) return value;
  if (Array.isArray(value)) return value.map((item) => toPythonValue(item, key));
  if (value instanceof Map) return new Dict(Array.from(value.entries(), ([name, item]) => [name, toPythonValue(item, key)]));
  const prototype: unknown = typeof value === 'object' ? Object.getPrototypeOf(value) : undefined;
  if (prototype === null || prototype === Object.prototype) {
    return new Dict(Object.entries(value).map(([name, item]) => [name, toPythonValue(item, key)]));
  }
  const kind = typeof value === 'function' ? 'a function' : `an object of class ${value.constructor.name}`;
  throw unsupportedFault(`${key} is ${kind}`, 'pass text, numbers, booleans, lists and plain objects');
}
