import { Script, VALUE } from './script';
import { ScriptReader } from './script-reader';
import { ValueSegment } from './segments';

/**
 * Where in a PowerShell script a value stands. The names are those of about_Quoting_Rules.
 *
 * @internal
 */
export type PowerShellPlace =
  /** Outside of strings. `prefix` is the text of the same word before the value, `next` the character after it. */
  | { readonly kind: 'bare'; readonly prefix: string; readonly next: string }
  | { readonly kind: 'expandable string' }
  | { readonly kind: 'literal string' }
  | { readonly kind: 'expandable here-string'; readonly previous: string }
  | { readonly kind: 'literal here-string'; readonly next: string }
  | { readonly kind: 'line comment'; readonly previous: string }
  | { readonly kind: 'block comment' };

/**
 * How the string around a sub-expression restricts the text in it. PowerShell finds the end of `$(..)` in a string by
 * counting parentheses, in quotes or not, and in `".."` it also halves each pair of double quotes on the way. In the
 * middle of a bare word it reads `$(..)` as in `".."`.
 */
export type Enclosing = 'nothing' | 'here-string' | 'string';

// PowerShell takes typographic quotes for quotes (about_Quoting_Rules; CharTraits in its source).
export const SINGLE_QUOTES = "'\u2018\u2019\u201a\u201b";
export const DOUBLE_QUOTES = '"\u201c\u201d\u201e';

/** After one of these a token begins, and each of them ends a token in every mode of the tokenizer. */
const TOKEN_BOUNDARY = /[\t\n\v\f\r\u0085\p{Z}(){};,|&]/u;
const BLANKS = /[\t\v\f\u0085\p{Z}]+/uy;
const NEWLINE = /\r\n|\r|\n/y;
const BARE_TEXT = new RegExp(`[^${SINGLE_QUOTES}${DOUBLE_QUOTES}\\0\\t\\n\\v\\f\\r\\u0085\\p{Z}(){};,|&\`$#@<-]+`, 'uy');
const TEXT_IN_EXPANDABLE = new RegExp(`[^${DOUBLE_QUOTES}\\0\`$\\r\\n()]+`, 'y');
// .NET looks at UTF-16 units, so what is beyond U+FFFF is no letter.
const VARIABLE_NAME = /[$?^]|(?::(?!:)|(?![\u{10000}-\u{10ffff}])[\p{L}\p{Nd}_?])+/uy;
/** `-Name:`, after which a new token begins. */
const PARAMETER = /^[-\u2013-\u2015][\p{L}_?][\p{L}\p{Nd}_?=-]*:/u;
const STOP_PARSING = /--%(?=[\t\n\v\f\r\u0085\p{Z}(){};,|&]|$)/uy;
/** What a line may hold after a `#` that may or may not begin a comment: nothing that quotes, nests or is a value. */
const HARMLESS_LINE = new RegExp(`#[^${SINGLE_QUOTES}${DOUBLE_QUOTES}\\0\`(){}<\\r\\n]*(?=[\\r\\n]|$)`, 'y');
const NOT_IN_STOP_PARSING = new RegExp(`[\`\\r\\n${SINGLE_QUOTES}${DOUBLE_QUOTES}]`, 'g');
/** A longer word before a value would be read again for each of its values. */
const MAX_WORD = 1_000;

/**
 * Reads a PowerShell script from left to right and calls `write` for each value with the place where it stands.
 *
 * It follows the tokenizer of Windows PowerShell 5.1 where that does not depend on the parser's mode (a command's
 * arguments or an expression); where it does, and the difference could matter to a value, the script is an error.
 *
 * @internal
 */
export class PowerShellLexer extends ScriptReader {
  private enclosing: Enclosing = 'nothing';

  public constructor(
    script: Script,
    private readonly write: (value: ValueSegment, place: PowerShellPlace, enclosing: Enclosing) => string,
  ) {
    super(script, 100);
  }

  public read(): void {
    this.code(undefined);
  }

  // ---- code -----------------------------------------------------------------------------------------------------

  /** Code up to the end of the script, or of the sub-expression that began at `open`. */
  private code(open: number | undefined): void {
    let parentheses = 0;
    let tokenStart = this.pos;
    /** End of a string that is a token by itself. */
    let stringEnd = -1;
    for (;;) {
      this.skip(BARE_TEXT);
      const c = this.peek();
      const atTokenStart = this.pos === tokenStart;
      if (c === '') {
        if (open !== undefined) {
          throw this.unterminated(open, 'a sub-expression $(');
        }
        return;
      } else if (c === VALUE) {
        if (this.pos - tokenStart > MAX_WORD) {
          throw this.unsupported(this.pos, `a word of more than ${MAX_WORD} characters before a value`);
        }
        const prefix = this.source.slice(tokenStart, this.pos).replace(PARAMETER, '');
        this.value({ kind: 'bare', prefix, next: this.peek(1) });
        if (/^\0*$/.test(prefix) && this.peek() !== VALUE) {
          this.noStopParsing(this.script.mark() - prefix.length - 1);
        }
      } else if (c === '(') {
        parentheses += 1;
        this.pos += 1;
        tokenStart = this.pos;
      } else if (c === ')') {
        this.pos += 1;
        tokenStart = this.pos;
        if (parentheses === 0 && open !== undefined) {
          return;
        }
        parentheses -= 1;
      } else if (TOKEN_BOUNDARY.test(c)) {
        this.pos += 1;
        tokenStart = this.pos;
      } else if (c === '#') {
        if (atTokenStart || this.pos === stringEnd) {
          this.lineComment();
        } else if (!this.match(HARMLESS_LINE)) {
          throw this.unsupported(this.pos, 'a # in the middle of a token, which begins a comment in an expression but not in an argument');
        }
        tokenStart = this.pos;
      } else if (c === '<' && this.peek(1) === '#') {
        if (!atTokenStart) {
          throw this.unsupported(this.pos, 'a comment <# #> in the middle of a token');
        }
        this.blockComment();
        tokenStart = this.pos;
      } else if (c === '@' && isQuote(this.peek(1))) {
        if (!atTokenStart) {
          throw this.unsupported(this.pos, 'a here-string in the middle of a token');
        }
        this.hereString();
      } else if (isQuote(c)) {
        this.string(tokenStart);
        stringEnd = atTokenStart ? this.pos : -1;
      } else if (c === '`') {
        this.backtick();
        tokenStart = atTokenStart && /\s/.test(this.source[this.pos - 1]) ? this.pos : tokenStart;
      } else if (c === '-' && atTokenStart && this.matches(STOP_PARSING)) {
        this.verbatimArguments();
        tokenStart = this.pos;
      } else if (c === '$') {
        this.dollarInCode(atTokenStart);
      } else {
        this.pos += 1;
      }
    }
  }

  private dollarInCode(atTokenStart: boolean): void {
    const start = this.pos;
    const next = this.peek(1);
    if (next === '(' && atTokenStart) {
      // Read as any parenthesis: here the tokenizer does not look for its end beforehand.
      this.pos += 1;
    } else if (next === '(') {
      this.subExpression('string');
    } else if (next === '{') {
      this.bracedVariable();
    } else if (next === VALUE) {
      if (typeof this.script.valueAt(start + 1).value !== 'boolean') {
        throw this.valueAfterDollar(start + 1);
      }
      this.pos += 1;
    } else {
      this.pos += 1;
      this.match(VARIABLE_NAME);
    }
  }

  private bracedVariable(): void {
    const open = this.pos;
    this.pos += 2;
    for (;;) {
      const c = this.peek();
      if (c === '') {
        throw this.unterminated(open, '${');
      } else if (c === VALUE) {
        throw this.valueAfterDollar(this.pos);
      } else if (c === '`') {
        this.backtick();
      } else {
        this.noParenthesis(c);
        this.noCollapse(c);
        this.pos += 1;
        if (c === '}') {
          return;
        }
      }
    }
  }

  private backtick(): void {
    this.noCollapse('`');
    const next = this.peek(1);
    if (next === VALUE) {
      throw this.script.valueError(this.script.valueAt(this.pos + 1), {
        code: 'ValueAfterBacktick',
        problem: 'a backtick right before a value would escape what the value is written as',
        remedy: 'remove the backtick: values are escaped where they stand',
      });
    }
    this.noParenthesis(next);
    this.pos = Math.min(this.pos + 2, this.source.length);
  }

  /** After `--%` the rest of the command goes to the program as it is; nothing can be quoted there. */
  private verbatimArguments(): void {
    let inQuotes = false;
    for (;;) {
      const c = this.peek();
      if (c === VALUE) {
        throw this.script.valueError(this.script.valueAt(this.pos), {
          code: 'ValueAfterStopParsing',
          problem: 'after --% PowerShell passes the line on as it is, so a value cannot be quoted there',
          remedy: 'pass the arguments without --%, each one quoted',
        });
      }
      if (c === '' || c === '\n' || c === '\r' || (c === '|' && !inQuotes)) {
        return;
      }
      if (DOUBLE_QUOTES.includes(c)) {
        inQuotes = !inQuotes;
      }
      this.noParenthesis(c);
      this.pos += 1;
    }
  }

  // ---- comments -------------------------------------------------------------------------------------------------

  private lineComment(): void {
    this.script.copyTo(this.pos);
    const mark = this.script.mark();
    for (;;) {
      const c = this.peek();
      if (c === '' || c === '\n' || c === '\r') {
        this.checkLineComment(mark);
        return;
      }
      if (c === VALUE) {
        this.value({ kind: 'line comment', previous: this.source[this.pos - 1] });
      } else {
        this.noParenthesis(c);
        this.noCollapse(c);
        this.pos += 1;
      }
    }
  }

  /** With its values written, a comment must be no more than a comment. */
  private checkLineComment(mark: number): void {
    const { text, value } = this.writtenSince(mark);
    if (value !== undefined && /^#requires/i.test(text)) {
      throw this.script.valueError(value, {
        code: 'ValueInRequires',
        problem: 'a value cannot be part of #requires, which PowerShell evaluates before the script runs',
        remedy: 'write the requirement into the template',
      });
    }
    if (value !== undefined && resemblesSignature(text.slice(1))) {
      throw this.script.valueError(value, {
        code: 'ValueInSignature',
        problem: 'with the value the comment resembles "# SIG # Begin signature block", after which PowerShell allows no code',
        remedy: 'write the comment without the value, or with more text around it',
      });
    }
  }

  private blockComment(): void {
    const open = this.pos;
    this.pos += 2;
    for (;;) {
      const c = this.peek();
      if (c === '') {
        throw this.unterminated(open, 'a comment <#');
      } else if (c === VALUE) {
        this.value({ kind: 'block comment' });
      } else if (c === '#' && this.peek(1) === '>') {
        this.pos += 2;
        return;
      } else {
        this.noParenthesis(c);
        this.noCollapse(c);
        this.pos += 1;
      }
    }
  }

  // ---- strings --------------------------------------------------------------------------------------------------

  private string(tokenStart: number): void {
    this.script.copyTo(this.pos);
    const before = this.pos - tokenStart > 10 ? '' : this.source.slice(tokenStart, this.pos);
    const mark = this.script.mark();
    if (SINGLE_QUOTES.includes(this.peek())) {
      this.literalString();
    } else {
      this.expandableString();
    }
    this.noStopParsing(mark, before);
  }

  private literalString(): void {
    const open = this.pos;
    this.pos += 1;
    for (;;) {
      const c = this.peek();
      if (c === '') {
        throw this.unterminated(open, 'a single quote');
      } else if (c === VALUE) {
        this.value({ kind: 'literal string' });
      } else if (SINGLE_QUOTES.includes(c)) {
        this.pos += 1;
        if (this.peek() === '' || !SINGLE_QUOTES.includes(this.peek())) {
          return;
        }
        this.pos += 1;
      } else {
        this.noParenthesis(c);
        this.noCollapse(c);
        this.pos += 1;
      }
    }
  }

  private expandableString(): void {
    const open = this.pos;
    this.enter(open);
    this.noCollapse(this.peek());
    this.pos += 1;
    for (;;) {
      this.skip(TEXT_IN_EXPANDABLE);
      const c = this.peek();
      if (c === '') {
        throw this.unterminated(open, 'a double quote');
      } else if (c === VALUE) {
        this.value({ kind: 'expandable string' });
      } else if (c === '`') {
        this.backtick();
      } else if (c === '$') {
        this.dollarInString('string');
      } else if (DOUBLE_QUOTES.includes(c)) {
        this.noCollapse(c);
        this.pos += 1;
        if (this.peek() === '' || !DOUBLE_QUOTES.includes(this.peek())) {
          this.leave();
          return;
        }
        this.pos += 1;
      } else {
        this.noParenthesis(c);
        this.pos += 1;
      }
    }
  }

  private dollarInString(kind: 'string' | 'here-string'): void {
    const start = this.pos;
    const next = this.peek(1);
    if (next === VALUE) {
      throw this.valueAfterDollar(start + 1);
    } else if (next === '(') {
      this.subExpression(kind);
    } else if (next === '{') {
      this.bracedVariable();
    } else {
      this.pos += 1;
      const name = this.match(VARIABLE_NAME);
      if (name !== undefined && this.peek() === VALUE && !/^[$?^]$/.test(name)) {
        if (name.endsWith(':')) {
          throw this.script.valueError(this.script.valueAt(this.pos), {
            code: 'ValueAfterDollar',
            problem: `a value right after $${name} would become part of the variable's name`,
            remedy: `write \${${name.slice(0, -1)}}:`,
          });
        }
        // `$name{{ value }}` must not become the variable `namevalue`.
        this.script.copyTo(start);
        this.script.replaceTo(this.pos, `\${${name}}`);
      }
    }
  }

  private subExpression(kind: 'string' | 'here-string'): void {
    const start = this.pos;
    const outer = this.enclosing;
    this.enclosing = kind === 'string' || outer === 'string' ? 'string' : 'here-string';
    this.pos += 2;
    this.enter(start);
    this.code(start);
    this.leave();
    this.enclosing = outer;
  }

  private hereString(): void {
    const open = this.pos;
    const expandable = DOUBLE_QUOTES.includes(this.peek(1));
    const footer = new RegExp(`[${expandable ? DOUBLE_QUOTES : SINGLE_QUOTES}]@`, 'y');
    this.enter(open);
    this.pos += 2;
    this.match(BLANKS);
    if (this.match(NEWLINE) === undefined) {
      throw this.unexpected(this.pos, 'text after the beginning of a here-string');
    }
    this.script.copyTo(this.pos);
    const mark = this.script.mark();
    let atLineStart = true;
    for (;;) {
      const c = this.peek();
      if (c === '') {
        throw this.unterminated(open, 'a here-string');
      }
      if (atLineStart && this.matches(footer)) {
        break;
      }
      atLineStart = false;
      if (c === VALUE) {
        this.value(
          expandable
            ? { kind: 'expandable here-string', previous: this.source[this.pos - 1] }
            : { kind: 'literal here-string', next: this.peek(1) },
        );
      } else if (c === '\n' || c === '\r') {
        this.match(NEWLINE);
        atLineStart = true;
      } else if (expandable && c === '`') {
        this.backtick();
      } else if (expandable && c === '$') {
        this.dollarInString('here-string');
      } else {
        this.noParenthesis(c);
        this.noCollapse(c);
        this.pos += 1;
      }
    }
    this.script.copyTo(this.pos);
    this.checkHereStringLines(mark, expandable ? DOUBLE_QUOTES : SINGLE_QUOTES);
    this.noStopParsing(mark);
    this.pos += 2;
    this.leave();
  }

  /** With its values written, no line of a here-string may begin with its end. */
  private checkHereStringLines(mark: number, quotes: string): void {
    const pieces = this.script.piecesSince(mark);
    const body = pieces.map((piece) => piece.text).join('');
    const footer = new RegExp(`(?<=^|[\\r\\n])[${quotes}]@`, 'g');
    const found = footer.exec(body);
    if (found === null) {
      return;
    }
    let offset = 0;
    const values = pieces.flatMap((piece) => {
      const start = offset;
      offset += piece.text.length;
      return piece.value === undefined ? [] : [{ value: piece.value, start, end: offset }];
    });
    const touching = values.find((each) => each.start <= found.index + 2 && each.end >= found.index) ?? values[0];
    throw this.script.valueError(touching.value, {
      code: 'ValueEndsHereString',
      problem: `the value makes a line that begins with ${found[0]} and would end the here-string`,
      remedy: 'use an expandable string in double quotes, where the value can be escaped',
    });
  }

  // ---- reading --------------------------------------------------------------------------------------------------

  /** In a sub-expression of a string PowerShell counts every parenthesis; one in quotes or a comment would end it early. */
  private noParenthesis(c: string): void {
    if (this.enclosing !== 'nothing' && (c === '(' || c === ')')) {
      throw this.unsupported(this.pos, 'a parenthesis in quotes or a comment in $(..) in a string or word');
    }
  }

  /** In a sub-expression of `".."` two double quotes, or a backtick and one, become one before the code is read. */
  private noCollapse(c: string): void {
    if (this.enclosing === 'string' && (c === '`' || DOUBLE_QUOTES.includes(c)) && DOUBLE_QUOTES.includes(this.peek(1) || '-')) {
      throw this.unsupported(this.pos, 'two double quotes, or a backtick and one, in $(..) in a string or word');
    }
  }

  /** A string that reads `--%` works as `--%` without quotes does when a parameter comes after it. */
  private noStopParsing(mark: number, before = ''): void {
    const { text, value } = this.writtenSince(mark);
    if ((before + text).replace(NOT_IN_STOP_PARSING, '') !== '--%') {
      return;
    }
    throw value === undefined
      ? this.unsupported(this.pos, '--% in quotes')
      : this.script.valueError(value, {
          code: 'ValueStopsParsing',
          problem: 'the value makes a string that is exactly --%, after which PowerShell passes the line on as it is',
          remedy: 'insert the value together with other text',
        });
  }

  /** What is written from `mark` to the position, and the first value in it. */
  private writtenSince(mark: number): { text: string; value?: ValueSegment } {
    this.script.copyTo(this.pos);
    const pieces = this.script.piecesSince(mark);
    return { text: pieces.map((piece) => piece.text).join(''), value: pieces.find((piece) => piece.value !== undefined)?.value };
  }

  private value(place: PowerShellPlace): void {
    this.script.writeValue(this.pos, this.write(this.script.valueAt(this.pos), place, this.enclosing));
    this.pos += 1;
  }

  private valueAfterDollar(offset: number): Error {
    return this.script.valueError(this.script.valueAt(offset), {
      code: 'ValueAfterDollar',
      problem: 'a value right after $ or in ${..} would be the name of a variable',
      remedy: 'write `$ for a dollar sign; write the name of a variable into the template',
    });
  }
}

function isQuote(c: string): boolean {
  return c !== '' && (SINGLE_QUOTES.includes(c) || DOUBLE_QUOTES.includes(c));
}

/** PowerShell compares like this: case and blanks do not matter, and fewer than ten edits make the two equal. */
function resemblesSignature(comment: string): boolean {
  const signature = 'sig#beginsignatureblock';
  const text = comment.replace(/[\s\u0085]/g, '').toLowerCase();
  if (Math.abs(text.length - signature.length) >= 10) {
    return false;
  }
  let distances = Array.from({ length: signature.length + 1 }, (_, column) => column);
  for (let row = 1; row <= text.length; row += 1) {
    const next = [row];
    for (let column = 1; column <= signature.length; column += 1) {
      next.push(
        text[row - 1] === signature[column - 1]
          ? distances[column - 1]
          : 1 + Math.min(distances[column], next[column - 1], distances[column - 1]),
      );
    }
    distances = next;
  }
  return distances[signature.length] < 10;
}
