import { DOUBLE_QUOTES, Enclosing, PowerShellPlace, SINGLE_QUOTES } from './powershell-place';
import { resemblesSignature } from './powershell-signature';
import { Script, VALUE } from './script';
import { ScriptReader } from './script-reader';
import { ValueSegment } from './segments';

const BLANKS = /[\t\v\f\u0085\p{Z}]+/uy;
const NEWLINE = /\r\n|\r|\n/y;
const TEXT_IN_EXPANDABLE = new RegExp(`[^${DOUBLE_QUOTES}\\0\`$\\r\\n()]+`, 'y');
// .NET looks at UTF-16 units, so what is beyond U+FFFF is no letter.
export const VARIABLE_NAME = /[$?^]|(?::(?!:)|(?![\u{10000}-\u{10ffff}])[\p{L}\p{Nd}_?])+/uy;
const NOT_IN_STOP_PARSING = new RegExp(`[\`\\r\\n${SINGLE_QUOTES}${DOUBLE_QUOTES}]`, 'g');

/** Writes a value for its place. */
export type WritePowerShellValue = (value: ValueSegment, place: PowerShellPlace, enclosing: Enclosing) => string;

/**
 * Reads the strings and comments of a PowerShell script, and has the values in it written.
 *
 * @internal
 */
export abstract class PowerShellStringReader extends ScriptReader {
  public constructor(
    script: Script,
    private readonly write: WritePowerShellValue,
  ) {
    super(script, 100);
  }

  /** Reads code up to the end of the script, or of the sub-expression that began at `open`. */
  protected abstract code(open: number | undefined, enclosing: Enclosing): void;

  // ---- comments -------------------------------------------------------------------------------------------------

  protected lineComment(enclosing: Enclosing): void {
    this.script.copyTo(this.pos);
    const mark = this.script.mark();
    for (;;) {
      const c = this.peek();
      if (c === '' || c === '\n' || c === '\r') {
        this.checkLineComment(mark);
        return;
      }
      if (c === VALUE) {
        this.value({ kind: 'line comment', previous: this.source[this.pos - 1] }, enclosing);
      } else {
        this.noParenthesis(c, enclosing);
        this.noCollapse(c, enclosing);
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

  protected blockComment(enclosing: Enclosing): void {
    const open = this.pos;
    this.pos += 2;
    for (;;) {
      const c = this.peek();
      if (c === '') {
        throw this.unterminated(open, 'a comment <#');
      } else if (c === VALUE) {
        this.value({ kind: 'block comment' }, enclosing);
      } else if (c === '#' && this.peek(1) === '>') {
        this.pos += 2;
        return;
      } else {
        this.noParenthesis(c, enclosing);
        this.noCollapse(c, enclosing);
        this.pos += 1;
      }
    }
  }

  // ---- strings --------------------------------------------------------------------------------------------------

  protected string(tokenStart: number, enclosing: Enclosing): void {
    this.script.copyTo(this.pos);
    const before = this.pos - tokenStart > 10 ? '' : this.source.slice(tokenStart, this.pos);
    const mark = this.script.mark();
    if (SINGLE_QUOTES.includes(this.peek())) {
      this.literalString(enclosing);
    } else {
      this.expandableString(enclosing);
    }
    this.noStopParsing(mark, before);
  }

  private literalString(enclosing: Enclosing): void {
    const open = this.pos;
    this.pos += 1;
    for (;;) {
      const c = this.peek();
      if (c === '') {
        throw this.unterminated(open, 'a single quote');
      } else if (c === VALUE) {
        this.value({ kind: 'literal string' }, enclosing);
      } else if (SINGLE_QUOTES.includes(c)) {
        this.pos += 1;
        if (this.peek() === '' || !SINGLE_QUOTES.includes(this.peek())) {
          return;
        }
        this.pos += 1;
      } else {
        this.noParenthesis(c, enclosing);
        this.noCollapse(c, enclosing);
        this.pos += 1;
      }
    }
  }

  private expandableString(enclosing: Enclosing): void {
    const open = this.pos;
    this.enter(open);
    this.noCollapse(this.peek(), enclosing);
    this.pos += 1;
    for (;;) {
      this.skip(TEXT_IN_EXPANDABLE);
      const c = this.peek();
      if (c === '') {
        throw this.unterminated(open, 'a double quote');
      } else if (c === VALUE) {
        this.value({ kind: 'expandable string' }, enclosing);
      } else if (c === '`') {
        this.backtick(enclosing);
      } else if (c === '$') {
        this.dollarInString('string', enclosing);
      } else if (DOUBLE_QUOTES.includes(c)) {
        this.noCollapse(c, enclosing);
        this.pos += 1;
        if (this.peek() === '' || !DOUBLE_QUOTES.includes(this.peek())) {
          this.leave();
          return;
        }
        this.pos += 1;
      } else {
        this.noParenthesis(c, enclosing);
        this.pos += 1;
      }
    }
  }

  private dollarInString(kind: 'string' | 'here-string', enclosing: Enclosing): void {
    const start = this.pos;
    const next = this.peek(1);
    if (next === VALUE) {
      throw this.valueAfterDollar(start + 1);
    } else if (next === '(') {
      this.subExpression(kind, enclosing);
    } else if (next === '{') {
      this.bracedVariable(enclosing);
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

  protected subExpression(kind: 'string' | 'here-string', outer: Enclosing): void {
    const start = this.pos;
    this.pos += 2;
    this.enter(start);
    this.code(start, kind === 'string' || outer === 'string' ? 'string' : 'here-string');
    this.leave();
  }

  protected hereString(enclosing: Enclosing): void {
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
          enclosing,
        );
      } else if (c === '\n' || c === '\r') {
        this.match(NEWLINE);
        atLineStart = true;
      } else if (expandable && c === '`') {
        this.backtick(enclosing);
      } else if (expandable && c === '$') {
        this.dollarInString('here-string', enclosing);
      } else {
        this.noParenthesis(c, enclosing);
        this.noCollapse(c, enclosing);
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
  protected noParenthesis(c: string, enclosing: Enclosing): void {
    if (enclosing !== 'nothing' && (c === '(' || c === ')')) {
      throw this.unsupported(this.pos, 'a parenthesis in quotes or a comment in $(..) in a string or word');
    }
  }

  /** In a sub-expression of `".."` two double quotes, or a backtick and one, become one before the code is read. */
  protected noCollapse(c: string, enclosing: Enclosing): void {
    if (enclosing === 'string' && (c === '`' || DOUBLE_QUOTES.includes(c)) && DOUBLE_QUOTES.includes(this.peek(1) || '-')) {
      throw this.unsupported(this.pos, 'two double quotes, or a backtick and one, in $(..) in a string or word');
    }
  }

  /** A string that reads `--%` works as `--%` without quotes does when a parameter comes after it. */
  protected noStopParsing(mark: number, before = ''): void {
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

  protected value(place: PowerShellPlace, enclosing: Enclosing): void {
    this.script.writeValue(this.pos, this.write(this.script.valueAt(this.pos), place, enclosing));
    this.pos += 1;
  }

  protected valueAfterDollar(offset: number): Error {
    return this.script.valueError(this.script.valueAt(offset), {
      code: 'ValueAfterDollar',
      problem: 'a value right after $ or in ${..} would be the name of a variable',
      remedy: 'write `$ for a dollar sign; write the name of a variable into the template',
    });
  }

  protected bracedVariable(enclosing: Enclosing): void {
    const open = this.pos;
    this.pos += 2;
    for (;;) {
      const c = this.peek();
      if (c === '') {
        throw this.unterminated(open, '${');
      } else if (c === VALUE) {
        throw this.valueAfterDollar(this.pos);
      } else if (c === '`') {
        this.backtick(enclosing);
      } else {
        this.noParenthesis(c, enclosing);
        this.noCollapse(c, enclosing);
        this.pos += 1;
        if (c === '}') {
          return;
        }
      }
    }
  }

  protected backtick(enclosing: Enclosing): void {
    this.noCollapse('`', enclosing);
    const next = this.peek(1);
    if (next === VALUE) {
      throw this.script.valueError(this.script.valueAt(this.pos + 1), {
        code: 'ValueAfterBacktick',
        problem: 'a backtick right before a value would escape what the value is written as',
        remedy: 'remove the backtick: values are escaped where they stand',
      });
    }
    this.noParenthesis(next, enclosing);
    this.pos = Math.min(this.pos + 2, this.source.length);
  }
}
