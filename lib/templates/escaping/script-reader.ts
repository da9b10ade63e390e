import { Script } from './script';

/**
 * What the lexers of all languages share: a position in a script, ways to move it, and the errors about the script's
 * own text. A lexer reads from left to right, once, so that its time grows with the length of the script only.
 *
 * @internal
 */
export abstract class ScriptReader {
  protected readonly source: string;
  protected pos = 0;
  /** End of the region that is read: of the script, or of a part of it that stands by itself. */
  protected end: number;
  private depth = 0;

  protected constructor(
    protected readonly script: Script,
    private readonly maxDepth: number,
  ) {
    this.source = script.source;
    this.end = script.source.length;
  }

  /** The character at the position, '' at the end. */
  protected peek(ahead = 0): string {
    const at = this.pos + ahead;
    return at < this.end ? this.source[at] : '';
  }

  /** Whether the text at the position begins with this. */
  protected at(text: string): boolean {
    return this.pos + text.length <= this.end && this.source.startsWith(text, this.pos);
  }

  /** Offset of the next `text`, or the end of the region. */
  protected find(text: string, from: number): number {
    const found = this.source.indexOf(text, from);
    return found === -1 || found > this.end ? this.end : found;
  }

  /** Reads what a sticky expression matches at the position. */
  protected match(expression: RegExp): string | undefined {
    expression.lastIndex = this.pos;
    const text = expression.exec(this.source)?.[0];
    if (text === undefined || this.pos + text.length > this.end) {
      return undefined;
    }
    this.pos += text.length;
    return text;
  }

  protected matches(expression: RegExp): boolean {
    expression.lastIndex = this.pos;
    return expression.test(this.source);
  }

  /** Moves over what a sticky expression matches. */
  protected skip(expression: RegExp): void {
    if (this.matches(expression)) {
      this.pos = Math.min(expression.lastIndex, this.end);
    }
  }

  /** Begins a nested construct; no script that a person wrote nests so deeply that recursion reaches the end of the stack. */
  protected enter(offset: number): void {
    this.depth += 1;
    if (this.depth > this.maxDepth) {
      throw this.unsupported(offset, `nesting deeper than ${this.maxDepth} levels`);
    }
  }

  protected leave(): void {
    this.depth -= 1;
  }

  protected unterminated(offset: number, what: string): Error {
    return this.script.errorAt(offset, {
      code: 'UnterminatedScript',
      problem: `${what} is never closed`,
      remedy: 'close it, or the script does not mean what it says',
    });
  }

  protected unsupported(offset: number, what: string): Error {
    return this.script.errorAt(offset, {
      code: 'UnsupportedConstruct',
      problem: `${what} cannot be followed, so values after it could not be escaped`,
      remedy: 'write it in another way',
    });
  }
}
