import { oddNumber } from './context-values';
import { Dict } from './dialect/values';

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
 * Reads JSON as Python's json module does: objects keep the order of their keys whatever the keys look like. A number that
 * is no safe integer, such as 1.0, is a value that no template can use.
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
  ['NaN', oddNumber('NaN')],
  ['Infinity', oddNumber('Infinity')],
  ['-Infinity', oddNumber('-Infinity')],
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
    const isInteger = match[1] === undefined && match[2] === undefined && Number.isSafeInteger(Number(match[0]));
    return isInteger ? Number(match[0]) + 0 : oddNumber(match[0]);
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
