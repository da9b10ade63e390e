import { typeFault, valueFault } from './fault';
import { printInteger } from './numbers';
import { printFloat } from './printing';
import { indexOf } from './operators';
import { Dict, Float, Markup, Tuple, Undefined, integer, requireKnown, typeName } from './values';

/** `| tojson`: json.dumps with sorted keys, and the characters that HTML gives a meaning written as escapes. */
export function htmlSafeJson(value: unknown, indentation: unknown): string {
  const unit =
    indentation === null ? null : typeof indentation === 'string' ? indentation : ' '.repeat(Math.max(0, indexOf(indentation, 'indent')));
  return dump(value, unit, '\n', new Set()).replace(/[<>&']/g, (character) => `\\u00${character.charCodeAt(0).toString(16)}`);
}

function dump(value: unknown, unit: string | null, newline: string, open: Set<unknown>): string {
  switch (typeof value) {
    case 'string':
      return dumpText(value);
    case 'number':
    case 'bigint':
      return printInteger(value);
    case 'boolean':
      return String(value);
    default:
  }
  if (value === null) return 'null';
  if (value instanceof Float) return dumpFloat(value.value);
  if (value instanceof Markup) {
    value.requirePlain('with | tojson');
    return dumpText(value.text);
  }
  if (Array.isArray(value) || value instanceof Tuple || value instanceof Dict) {
    if (open.has(value)) throw valueFault('a value that contains itself has no JSON');
    open.add(value);
    const inner = unit === null ? '' : newline + unit;
    const parts =
      value instanceof Dict
        ? sortedPairs(value).map(([key, item]) => `${dumpText(key)}: ${dump(item, unit, inner, open)}`)
        : Array.from(Array.isArray(value) ? (value as unknown[]) : value.items, (item) => dump(item, unit, inner, open));
    open.delete(value);
    const [start, end] = value instanceof Dict ? '{}' : '[]';
    if (parts.length === 0) return start + end;
    return unit === null ? start + parts.join(', ') + end : `${start}${inner}${parts.join(`,${inner}`)}${newline}${end}`;
  }
  if (!(value instanceof Undefined)) requireKnown(value, 'with the filter tojson');
  throw typeFault(`a ${typeName(value)} has no JSON`);
}

function dumpFloat(value: number): string {
  if (Number.isFinite(value)) return printFloat(value);
  return Number.isNaN(value) ? 'NaN' : value < 0 ? '-Infinity' : 'Infinity';
}

/** json.dumps sorts the keys before it turns them into text, so keys of different types cannot be sorted. */
function sortedPairs(dict: Dict): [string, unknown][] {
  const pairs = Array.from(dict.items(), ([key, value]): [unknown, unknown] => [key instanceof Markup ? key.text : key, value]);
  const isText = pairs.every(([key]) => typeof key === 'string');
  const isNumber = pairs.every(
    ([key]) => typeof key === 'number' || typeof key === 'bigint' || typeof key === 'boolean' || key instanceof Float,
  );
  if (!isText && !isNumber && pairs.length > 1) throw typeFault('the keys of a dictionary must be of one type to be sorted');
  const number = (key: unknown): number | bigint =>
    key instanceof Float ? key.value : typeof key === 'boolean' ? Number(key) : (key as number | bigint);
  if (isText) pairs.sort(([left], [right]) => compareCodePoints(left as string, right as string));
  else if (isNumber) pairs.sort(([left], [right]) => (number(left) < number(right) ? -1 : 1));
  return pairs.map(([key, value]) => [keyText(key), value]);
}

function compareCodePoints(left: string, right: string): number {
  return Buffer.compare(Buffer.from(left, 'utf8'), Buffer.from(right, 'utf8'));
}

function keyText(key: unknown): string {
  if (typeof key === 'string') return key;
  if (key === null || typeof key === 'boolean') return String(key);
  if (typeof key === 'number' || typeof key === 'bigint') return printInteger(key);
  if (key instanceof Float) return dumpFloat(key.value);
  throw typeFault(`keys must be str, int, float, bool or None, not ${typeName(key)}`);
}

function dumpText(text: string): string {
  return `"${text.replace(/["\\]|[^ -~]/g, (unit) => {
    switch (unit) {
      case '"':
        return '\\"';
      case '\\':
        return '\\\\';
      case '\n':
        return '\\n';
      case '\r':
        return '\\r';
      case '\t':
        return '\\t';
      case '\f':
        return '\\f';
      case '\b':
        return '\\b';
      default:
        return `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`;
    }
  })}"`;
}

/** JSON text could not be read: what, and on which line. */
export class JsonSyntaxError extends Error {
  public constructor(
    problem: string,
    public readonly line: number,
  ) {
    super(`line ${line}: ${problem}`);
    this.name = 'JsonSyntaxError';
  }
}

/**
 * Reads JSON as Python's json module does: 1.0 stays a float and prints as 1.0, integers of any size stay exact, objects
 * keep the order of their keys whatever the keys look like.
 *
 * @internal
 */
export function parseJson(source: string): unknown {
  return new JsonReader(source.replace(/^\ufeff/, '')).read();
}

const number = /-?(?:0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?/y;
const constants: readonly [string, unknown][] = [
  ['true', true],
  ['false', false],
  ['null', null],
  ['NaN', new Float(NaN)],
  ['Infinity', new Float(Infinity)],
  ['-Infinity', new Float(-Infinity)],
];
const MAX_DEPTH = 500;

class JsonReader {
  private at = 0;

  public constructor(private readonly source: string) {}

  public read(): unknown {
    const value = this.value(0);
    this.skipSpace();
    if (this.at < this.source.length) this.fail('unexpected text after the value');
    return value;
  }

  private value(depth: number): unknown {
    if (depth > MAX_DEPTH) this.fail('the values are nested too deeply');
    this.skipSpace();
    const character = this.source[this.at];
    if (character === '{') return this.object(depth);
    if (character === '[') return this.array(depth);
    if (character === '"') return this.text();
    for (const [name, value] of constants) {
      if (this.source.startsWith(name, this.at)) {
        this.at += name.length;
        return value;
      }
    }
    number.lastIndex = this.at;
    const match = number.exec(this.source);
    if (!match) this.fail(this.at >= this.source.length ? 'unexpected end' : `unexpected character ${JSON.stringify(character)}`);
    this.at = number.lastIndex;
    return match[1] === undefined && match[2] === undefined ? integer(BigInt(match[0])) : new Float(Number(match[0]));
  }

  private object(depth: number): Dict {
    const dict = new Dict();
    this.at++;
    this.skipSpace();
    if (this.take('}')) return dict;
    do {
      this.skipSpace();
      if (this.source[this.at] !== '"') this.fail('a key in double quotes is expected');
      const key = this.text();
      this.skipSpace();
      if (!this.take(':')) this.fail("':' is expected after a key");
      dict.set(key, this.value(depth + 1));
      this.skipSpace();
    } while (this.take(','));
    if (!this.take('}')) this.fail("',' or '}' is expected");
    return dict;
  }

  private array(depth: number): unknown[] {
    const items: unknown[] = [];
    this.at++;
    this.skipSpace();
    if (this.take(']')) return items;
    do {
      items.push(this.value(depth + 1));
      this.skipSpace();
    } while (this.take(','));
    if (!this.take(']')) this.fail("',' or ']' is expected");
    return items;
  }

  private text(): string {
    const start = this.at;
    for (this.at++; this.at < this.source.length; this.at++) {
      if (this.source[this.at] === '\\') this.at++;
      else if (this.source[this.at] === '"') {
        this.at++;
        try {
          return JSON.parse(this.source.slice(start, this.at)) as string;
        } catch {
          this.fail('an invalid escape or a control character in a string');
        }
      }
    }
    return this.fail('a string is not closed');
  }

  private take(character: string): boolean {
    if (this.source[this.at] !== character) return false;
    this.at++;
    return true;
  }

  private skipSpace(): void {
    while (this.at < this.source.length && ' \t\n\r'.includes(this.source[this.at])) this.at++;
  }

  private fail(problem: string): never {
    throw new JsonSyntaxError(problem, this.source.slice(0, this.at).split('\n').length);
  }
}
