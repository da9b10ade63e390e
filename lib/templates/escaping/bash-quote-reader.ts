import { ASSIGN_FIRST, BashContext, BashPlace } from './bash-place';
import { Script, VALUE } from './script';
import { ScriptReader } from './script-reader';
import { ValueSegment } from './segments';

/** Writes a value for its place. */
export type WriteBashValue = (value: ValueSegment, place: BashPlace, context: BashContext) => string;

const ORDINARY_IN_DOUBLE_QUOTES = /[^\0"\\`$]+/y;

/**
 * Reads the quotes of a bash script, and has the values in it written.
 *
 * @internal
 */
export abstract class BashQuoteReader extends ScriptReader {
  /** The values so far, and in how many substitutions they stand. */
  private readonly valuesRead: { readonly value: ValueSegment; readonly substitutions: number }[] = [];
  /** Where a quote last stood in quotes in `"${..}"`, from where on the pass for brace expansion pairs quotes otherwise. */
  protected ambiguousQuoteAt = -1;

  protected constructor(
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
    const refused =
      context.refused ?? (this.ambiguousQuoteAt >= context.wordStart ? 'after quotes in quotes in "${..}" in the same word' : undefined);
    if (refused !== undefined) {
      throw this.refusedPlace(value, refused);
    }
    if (place.kind === 'quoted expansion word' && typeof value.value === 'string' && value.value.includes("'")) {
      if (/(?:^|[^$])\{/.test(this.source.slice(context.wordStart, this.pos))) {
        throw this.refusedPlace(value, 'with a quote in it in "${..}" after a brace in the same word');
      }
      this.ambiguousQuoteAt = this.pos;
    }
    const isArithmetic = context.arithmetic && place.kind !== 'arithmetic';
    this.valueAs(this.write(value, isArithmetic ? { kind: 'arithmetic', before: '', after: '' } : place, context), context);
  }

  /** Writes the value at the current position as `text`, and remembers it as one of the word when there is one. */
  protected valueAs(text: string, context?: BashContext): void {
    if (context !== undefined) {
      this.valuesRead.push({ value: this.script.valueAt(this.pos), substitutions: context.substitutions });
    }
    this.script.writeValue(this.pos, text);
    this.pos += 1;
  }

  protected arithmeticValue(context: BashContext): void {
    this.value({ kind: 'arithmetic', before: this.source[this.pos - 1] ?? '', after: this.peek(1) }, context);
  }

  private refusedPlace(value: ValueSegment, where: string): Error {
    return this.script.valueError(value, {
      code: 'UnsupportedPlace',
      problem: `a value ${where} is not supported, because bash or its versions read it in more than one way`,
      remedy: ASSIGN_FIRST,
    });
  }

  /** A mark to ask for the values that are read from here on. */
  protected markOfValues(): number {
    return this.valuesRead.length;
  }

  /** With those of array elements, but not those in `$(..)`. */
  protected valuesSince(mark: number, context: BashContext): ValueSegment[] {
    return mark === this.valuesRead.length
      ? []
      : this.valuesRead.slice(mark).flatMap((each) => (each.substitutions === context.substitutions ? [each.value] : []));
  }

  // ---- quotes ---------------------------------------------------------------------------------------------------

  protected backslash(): void {
    if (this.peek(1) === VALUE) {
      throw this.script.valueError(this.script.valueAt(this.pos + 1), {
        code: 'ValueAfterBackslash',
        problem: 'a backslash right before a value would quote what the value is written as',
        remedy: 'remove the backslash: values are escaped where they stand',
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

  protected ansiCQuotes(context: BashContext): void {
    const open = this.pos;
    this.pos += 2;
    for (;;) {
      const c = this.peek();
      if (c === '') {
        throw this.unterminated(open, "$'");
      } else if (c === VALUE) {
        this.value({ kind: 'single quotes' }, { ...context, refused: "in $'..'" });
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
        case VALUE:
          this.value({ kind: 'double quotes' }, context);
          break;
        case '\\':
          this.backslashInDoubleQuotes();
          break;
        case '`':
          this.backticks();
          break;
        case '$':
          this.dollar(context, true);
          break;
      }
    }
  }

  /** `"C:\{{ value }}"`: there a backslash is literal unless it meets a special character, so it is doubled to stay so. */
  protected backslashInDoubleQuotes(): void {
    if (this.peek(1) === VALUE) {
      this.pos += 1;
      this.script.copyTo(this.pos);
      this.script.replaceTo(this.pos, '\\');
    } else {
      this.pos = Math.min(this.pos + 2, this.end);
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
