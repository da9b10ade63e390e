import { ASSIGN_FIRST, BashContext, BashPlace, refusing } from './bash-place';
import { Script, VALUE } from './script';
import { ScriptReader } from './script-reader';
import { ValueSegment } from './segments';

/** Writes a value for its place. */
export type WriteBashValue = (value: ValueSegment, place: BashPlace) => string;

const ORDINARY_IN_DOUBLE_QUOTES = /[^\0"\\`$]+/y;

/**
 * Reads the quotes of a bash script, and has the values in it written.
 *
 * @internal
 */
export abstract class BashQuoteReader extends ScriptReader {
  /** The values so far, without those of the substitutions that have ended. */
  protected readonly valuesRead: ValueSegment[] = [];
  /** Where a quote last stood in quotes in `"${..}"`, from where on the pass for brace expansion pairs quotes otherwise. */
  protected ambiguousQuoteAt = -1;

  public constructor(
    script: Script,
    protected readonly write: WriteBashValue,
  ) {
    super(script, 200);
  }

  /** What begins with `$`. `quoted` in double quotes and in here-documents, which are the same to it. */
  protected abstract dollar(context: BashContext, quoted: boolean): void;

  /** Here-documents that wait for their line cannot begin inside of a word. */
  protected abstract noPendingHereDocuments(): void;

  // ---- values ---------------------------------------------------------------------------------------------------

  /** Writes the value at the current position. */
  protected value(place: BashPlace, context: BashContext): void {
    const value = this.script.valueAt(this.pos);
    const refused = this.ambiguousQuoteAt >= context.wordStart ? 'behind quotes in quotes in "${..}" in the same word' : context.refused;
    if (refused !== undefined) {
      throw this.script.valueError(value, {
        code: 'UnsupportedPlace',
        problem: `a value ${refused} is not supported, because bash or its versions read it in more than one way`,
        remedy: ASSIGN_FIRST,
      });
    }
    this.valuesRead.push(value);
    this.script.writeValue(this.pos, this.write(value, place));
    this.pos += 1;
  }

  // ---- quotes ---------------------------------------------------------------------------------------------------

  protected backslash(): void {
    if (this.peek(1) === VALUE) {
      throw this.script.valueError(this.script.valueAt(this.pos + 1), {
        code: 'ValueAfterBackslash',
        problem: 'a backslash right before a value would quote what the value is written as',
        remedy: 'remove it, because values are escaped where they stand, or write two for one that is part of the text',
      });
    }
    this.pos = Math.min(this.pos + 2, this.end);
  }

  protected singleQuotes(context: BashContext): void {
    const open = this.pos;
    this.pos += 1;
    for (;;) {
      const close = this.find("'", this.pos);
      if (this.script.nextValueOffset < close) {
        this.pos = this.script.nextValueOffset;
        this.value({ kind: 'single quotes' }, context);
        continue;
      }
      if (close === this.end) {
        throw this.unterminated(open, 'a single quote');
      }
      this.pos = close;
      this.noteQuote('"', open, context);
      this.pos += 1;
      return;
    }
  }

  /** `"${name:-"it's"}{a,b}"`: the pass that expands braces does not know the nesting and pairs these quotes otherwise. */
  private noteQuote(quote: string, start: number, context: BashContext): void {
    if (context.quotedExpansion && this.source.slice(start, this.pos).includes(quote)) {
      this.ambiguousQuoteAt = start;
    }
  }

  protected ansiCQuotes(outer: BashContext): void {
    const open = this.pos;
    const context = refusing(outer, "in $'..'");
    this.pos += 2;
    for (;;) {
      const c = this.peek();
      if (c === '') {
        throw this.unterminated(open, "$'");
      } else if (c === VALUE) {
        this.value({ kind: 'single quotes' }, context);
      } else if (c === '\\' && this.peek(1) !== VALUE) {
        this.backslash();
      } else {
        this.pos += 1;
        if (c === "'") {
          return;
        }
      }
    }
  }

  protected doubleQuotes(context: BashContext): void {
    const open = this.pos;
    this.enter(open);
    this.pos += 1;
    for (;;) {
      const start = this.pos;
      this.skip(ORDINARY_IN_DOUBLE_QUOTES);
      this.noteQuote("'", start, context);
      switch (this.peek()) {
        case '':
          throw this.unterminated(open, 'a double quote');
        case '"':
          this.pos += 1;
          this.leave();
          return;
        default:
          this.expansion({ kind: 'double quotes' }, context, true);
      }
    }
  }

  /** A value, or what means more than itself in double quotes and in many other places, too. */
  protected expansion(place: BashPlace, context: BashContext, quoted: boolean): void {
    switch (this.peek()) {
      case VALUE:
        this.value(place, context);
        break;
      case '\\':
        this.backslash();
        break;
      case '`':
        this.backticks();
        break;
      case '$':
        this.dollar(context, quoted);
        break;
    }
  }

  /**
   * Bash takes one level of backslashes away from the text between backticks before it reads it, also from quoted
   * text, and what counts differs inside of double quotes. `$(..)` exists for that reason; a value here is an error.
   */
  protected backticks(): void {
    const open = this.pos;
    this.pos += 1;
    for (;;) {
      const c = this.peek();
      if (c === '') {
        throw this.unterminated(open, 'a backtick');
      } else if (c === VALUE) {
        throw this.script.valueError(this.script.valueAt(this.pos), {
          code: 'ValueInBackticks',
          problem: 'a value cannot stand between backticks, where bash removes backslashes before it reads the command',
          remedy: 'write $(..) instead of `..`',
        });
      } else if (c === '\n') {
        this.noPendingHereDocuments();
        this.pos += 1;
      } else if (c === '\\' && this.peek(1) !== VALUE) {
        this.pos = Math.min(this.pos + 2, this.end);
      } else {
        this.pos += 1;
        if (c === '`') {
          return;
        }
      }
    }
  }

  /** An operator that a backslash-newline cuts in two would be read as two operators here. */
  protected noContinuation(): void {
    if (this.peek() === '\\' && this.peek(1) === '\n' && /[;&<>(|-]/.test(this.peek(2))) {
      throw this.unsupported(this.pos, 'an operator that continues on the next line');
    }
  }
}
