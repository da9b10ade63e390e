import { editDistance } from '../nearest-names';
import { DOUBLE_QUOTES, PowerShellPlace, SINGLE_QUOTES, TOKEN_BOUNDARY } from './powershell-place';
import { StatementReader } from './powershell-statement';
import { Script, VALUE } from './script';
import { ScriptReader } from './script-reader';
import { ValueSegment } from './segments';

const BARE_TEXT = new RegExp(`[^${SINGLE_QUOTES}${DOUBLE_QUOTES}\\0\\t\\n\\v\\f\\r\\u0085\\p{Z}(){};,|&\`$#@<]+`, 'uy');
const TEXT_IN_EXPANDABLE = new RegExp(`[^${DOUBLE_QUOTES}\\0\`$\\r\\n]+`, 'y');
const TEXT_IN_LITERAL = new RegExp(`[^${SINGLE_QUOTES}\\0\\r\\n]+`, 'y');
const QUOTE = new RegExp(`[${SINGLE_QUOTES}${DOUBLE_QUOTES}]`);
const BLANKS = /[\t\v\f\u0085\p{Z}]+/uy;
const NEWLINE = /\r\n|\r|\n/y;
const LINE = /[^\r\n]*/y;
const TEXT_WITHOUT_PARENTHESES = /[^()]+/y;
// .NET looks at UTF-16 units, so what is beyond U+FFFF is no letter.
const VARIABLE_NAME = /[$?^]|(?::(?!:)|(?![\u{10000}-\u{10ffff}])[\p{L}\p{Nd}_?])+/uy;
const BRACED_VARIABLE = /\$\{(?:`[^]|[^`}])*\}/y;
/** What a line may hold after a `#` that may or may not begin a comment: nothing that quotes, nests or is a value. */
const HARMLESS_LINE = new RegExp(`#[^${SINGLE_QUOTES}${DOUBLE_QUOTES}\\0\`(){}<\\r\\n]*(?=[\\r\\n]|$)`, 'y');

const STRING_WITHOUT_PARENTHESES = /'[^'()]*'|"[^"()`$]*"/g;
const HIDES_PARENTHESES = new RegExp(`[${SINGLE_QUOTES}${DOUBLE_QUOTES}\`#]`);

/** Writes a value for its place. */
export type WritePowerShellValue = (value: ValueSegment, place: PowerShellPlace) => string;

/**
 * Reads a PowerShell script from left to right and calls `write` for each value with the place where it stands.
 *
 * It follows the tokenizer of Windows PowerShell 5.1 where that does not depend on the parser's mode (a command's
 * arguments or an expression); where it does, and the difference could matter to a value, the script is an error.
 *
 * @internal
 */
export class PowerShellLexer extends ScriptReader {
  private tokenStart = 0;
  private readonly statement: StatementReader;

  public constructor(
    script: Script,
    private readonly write: WritePowerShellValue,
  ) {
    super(script, 0);
    this.statement = new StatementReader(script.source, (value, problem) => script.valueError(value, problem));
  }

  public read(): void {
    while (this.pos < this.end) {
      this.code();
    }
    this.statement.word(this.tokenStart, this.end);
    this.statement.end();
  }

  private code(): void {
    this.skip(BARE_TEXT);
    const c = this.peek();
    const atTokenStart = this.pos === this.tokenStart;
    if (c === VALUE) {
      this.value({ kind: 'bare', prefix: this.source.slice(this.tokenStart, this.pos), next: this.peek(1) });
    } else if (TOKEN_BOUNDARY.test(c)) {
      this.statement.word(this.tokenStart, this.pos);
      this.statement.boundary(c);
      this.pos += 1;
      this.tokenStart = this.pos;
    } else if (c === '#' || this.at('<#')) {
      this.commentInCode(atTokenStart);
      this.tokenStart = this.pos;
    } else if (c === '@' && QUOTE.test(this.peek(1))) {
      if (!atTokenStart) {
        throw this.unsupported(this.pos, 'a here-string in the middle of a token');
      }
      this.hereString();
    } else if (QUOTE.test(c)) {
      this.string();
    } else if (c === '`') {
      this.backtick();
      this.tokenStart = atTokenStart && /\s/.test(this.source[this.pos - 1]) ? this.pos : this.tokenStart;
    } else if (c === '$') {
      this.dollarInCode(atTokenStart);
    } else {
      this.pos += 1;
    }
  }

  private dollarInCode(atTokenStart: boolean): void {
    if (this.at('$(') && !atTokenStart) {
      this.subExpressionInWord();
    } else if (this.at('${')) {
      this.bracedVariable();
    } else {
      this.pos += 1;
      if (this.peek() !== VALUE) {
        this.match(VARIABLE_NAME);
      } else if (typeof this.script.valueAt(this.pos).value !== 'boolean') {
        throw this.valueAfterDollar(this.pos);
      }
    }
  }

  /** In an argument it is read as in a string, in an expression (`$x=$(..)`) as any parenthesis. */
  private subExpressionInWord(): void {
    const open = this.pos;
    this.subExpression();
    if (HIDES_PARENTHESES.test(this.source.slice(open, this.pos).replace(STRING_WITHOUT_PARENTHESES, ''))) {
      throw this.unsupported(open, '$(..) in the middle of a word, with what may be a parenthesis in quotes or in a comment,');
    }
  }

  // ---- comments -------------------------------------------------------------------------------------------------

  private commentInCode(atTokenStart: boolean): void {
    if (this.peek() === '<') {
      if (!atTokenStart) {
        throw this.unsupported(this.pos, 'a comment <# #> in the middle of a token');
      }
      this.blockComment();
    } else if (atTokenStart) {
      this.lineComment();
    } else if (this.match(HARMLESS_LINE) === undefined) {
      throw this.unsupported(this.pos, 'a # in the middle of a token, which begins a comment in an expression but not in an argument');
    }
  }

  private lineComment(): void {
    this.script.copyTo(this.pos);
    const mark = this.script.mark();
    this.skip(LINE);
    const end = this.pos;
    while (this.script.nextValueOffset < end) {
      this.pos = this.script.nextValueOffset;
      this.value({ kind: 'line comment', previous: this.source[this.pos - 1] });
    }
    this.pos = end;
    this.script.copyTo(end);
    const pieces = this.script.piecesSince(mark);
    const value = pieces.find((piece) => piece.value !== undefined)?.value;
    if (value !== undefined) {
      this.checkLineComment(pieces.map((piece) => piece.text).join(''), value);
    }
  }

  /** With its values written, a comment must be no more than a comment. */
  private checkLineComment(text: string, value: ValueSegment): void {
    if (/^#requires/i.test(text)) {
      throw this.script.valueError(value, {
        code: 'ValueInRequires',
        problem: 'a value cannot be part of #requires, which PowerShell evaluates before the script runs',
        remedy: 'write the requirement into the template',
      });
    }
    // PowerShell compares like this: case and blanks do not matter, and fewer than ten edits make the two equal.
    const compared = text
      .slice(1)
      .replace(/[\s\u0085]/g, '')
      .toLowerCase();
    if (editDistance(compared, 'sig#beginsignatureblock', 10) < 10) {
      throw this.script.valueError(value, {
        code: 'ValueInSignature',
        problem: 'with the value the comment resembles "# SIG # Begin signature block", after which PowerShell allows no code',
        remedy: 'write the comment without the value, or with more text around it',
      });
    }
  }

  private blockComment(): void {
    const open = this.pos;
    const end = this.source.indexOf('#>', open + 2);
    if (end === -1) {
      throw this.unterminated(open, 'a comment <#');
    }
    while (this.script.nextValueOffset < end) {
      this.pos = this.script.nextValueOffset;
      this.value({ kind: 'block comment' });
    }
    this.pos = end + 2;
  }

  // ---- strings --------------------------------------------------------------------------------------------------

  private string(): void {
    const open = this.pos;
    const expandable = DOUBLE_QUOTES.includes(this.peek());
    const quotes = expandable ? DOUBLE_QUOTES : SINGLE_QUOTES;
    this.pos += 1;
    for (;;) {
      this.skip(expandable ? TEXT_IN_EXPANDABLE : TEXT_IN_LITERAL);
      const c = this.peek();
      if (c === '') {
        throw this.unterminated(open, expandable ? 'a double quote' : 'a single quote');
      } else if (quotes.includes(c)) {
        this.pos += 1;
        if (!quotes.includes(this.peek() || VALUE)) {
          return;
        }
        this.pos += 1;
      } else {
        this.inString({ kind: expandable ? 'expandable string' : 'literal string' }, expandable);
      }
    }
  }

  private hereString(): void {
    const open = this.pos;
    const expandable = DOUBLE_QUOTES.includes(this.peek(1));
    const quotes = expandable ? DOUBLE_QUOTES : SINGLE_QUOTES;
    const footer = new RegExp(`[${quotes}]@`, 'y');
    this.pos += 2;
    this.match(BLANKS);
    if (this.match(NEWLINE) === undefined) {
      throw this.unsupported(this.pos, 'text after the beginning of a here-string');
    }
    this.script.copyTo(this.pos);
    const mark = this.script.mark();
    for (let atLineStart = true; !(atLineStart && this.matches(footer));) {
      if (this.peek() === '') {
        throw this.unterminated(open, 'a here-string');
      }
      atLineStart = this.match(NEWLINE) !== undefined;
      if (!atLineStart) {
        const previous = this.source[this.pos - 1];
        this.inString(expandable ? { kind: 'expandable here-string', previous } : { kind: 'literal here-string' }, expandable);
      }
    }
    this.script.copyTo(this.pos);
    this.checkHereStringLines(mark, quotes);
    this.pos += 2;
  }

  /** With its values written, no line of a here-string may begin with its end. */
  private checkHereStringLines(mark: number, quotes: string): void {
    const pieces = this.script.piecesSince(mark);
    const found = new RegExp(`(?<=^|[\\r\\n])[${quotes}]@`).exec(pieces.map((piece) => piece.text).join(''));
    if (found === null) {
      return;
    }
    let end = 0;
    const touching = pieces.find((piece) => {
      end += piece.text.length;
      return piece.value !== undefined && end >= found.index;
    });
    throw this.script.valueError(touching!.value!, {
      code: 'ValueEndsHereString',
      problem: `the value makes a line that begins with ${found[0]} and would end the here-string`,
      remedy: 'use an expandable string in double quotes, where the value can be escaped',
    });
  }

  /** One part of a string that is not its end. */
  private inString(place: PowerShellPlace, expandable: boolean): void {
    const c = this.peek();
    if (c === VALUE) {
      this.value(place);
    } else if (expandable && c === '`') {
      this.backtick();
    } else if (expandable && c === '$') {
      this.dollarInString();
    } else {
      this.pos += 1;
    }
  }

  private dollarInString(): void {
    if (this.at('$(')) {
      return this.subExpression();
    }
    if (this.at('${')) {
      return this.bracedVariable();
    }
    this.pos += 1;
    const name = this.match(VARIABLE_NAME) ?? '';
    if (this.peek() === VALUE && !/^[$?^]$/.test(name)) {
      throw this.valueAfterDollar(this.pos);
    }
  }

  /** `$(..)` in a string or word ends where its parentheses balance, whatever quotes or comments they stand in. */
  private subExpression(): void {
    const open = this.pos;
    let depth = 0;
    do {
      this.skip(TEXT_WITHOUT_PARENTHESES);
      if (this.peek() === '') {
        throw this.unterminated(open, 'a sub-expression $( in a string or word, where parentheses in quotes count,');
      }
      depth += this.peek() === '(' ? 1 : -1;
      this.pos += 1;
    } while (depth > 0);
    if (this.script.nextValueOffset < this.pos) {
      throw this.script.valueError(this.script.valueAt(this.script.nextValueOffset), {
        code: 'ValueInNestedString',
        problem: 'in $(..) in a string or word PowerShell reads quotes in another way, so a value cannot be escaped there',
        remedy: 'assign the value to a variable first',
      });
    }
  }

  private bracedVariable(): void {
    const open = this.pos;
    if (this.match(BRACED_VARIABLE) === undefined) {
      throw this.unterminated(open, '${');
    }
    if (this.script.nextValueOffset < this.pos) {
      throw this.valueAfterDollar(this.script.nextValueOffset);
    }
  }

  private backtick(): void {
    if (this.peek(1) === VALUE) {
      throw this.script.valueError(this.script.valueAt(this.pos + 1), {
        code: 'ValueAfterBacktick',
        problem: 'a backtick right before a value would escape what the value is written as',
        remedy: 'remove the backtick: values are escaped where they stand',
      });
    }
    this.pos = Math.min(this.pos + 2, this.end);
  }

  private valueAfterDollar(offset: number): Error {
    return this.script.valueError(this.script.valueAt(offset), {
      code: 'ValueAfterDollar',
      problem: 'a value right after $ or $name or in ${..} would be the name of a variable or a part of it',
      remedy: 'write `$ for a dollar sign, ${name} for a variable that a value follows, and names into the template',
    });
  }

  private value(place: PowerShellPlace): void {
    if (place.kind !== 'line comment' && place.kind !== 'block comment') {
      this.statement.value(this.script.valueAt(this.pos), this.pos);
    }
    this.script.writeValue(this.pos, this.write(this.script.valueAt(this.pos), place));
    this.pos += 1;
  }
}
