import { DOUBLE_QUOTES, Enclosing, SINGLE_QUOTES, isQuote } from './powershell-place';
import { PowerShellStringReader, VARIABLE_NAME } from './powershell-string-reader';
import { VALUE } from './script';

/** After one of these a token begins, and each of them ends a token in every mode of the tokenizer. */
const TOKEN_BOUNDARY = /[\t\n\v\f\r\u0085\p{Z}(){};,|&]/u;
const BARE_TEXT = new RegExp(`[^${SINGLE_QUOTES}${DOUBLE_QUOTES}\\0\\t\\n\\v\\f\\r\\u0085\\p{Z}(){};,|&\`$#@<-]+`, 'uy');
/** `-Name:`, after which a new token begins. */
const PARAMETER = /^[-\u2013-\u2015][\p{L}_?][\p{L}\p{Nd}_?=-]*:/u;
const STOP_PARSING = /--%(?=[\t\n\v\f\r\u0085\p{Z}(){};,|&]|$)/uy;
/** What a line may hold after a `#` that may or may not begin a comment: nothing that quotes, nests or is a value. */
const HARMLESS_LINE = new RegExp(`#[^${SINGLE_QUOTES}${DOUBLE_QUOTES}\\0\`(){}<\\r\\n]*(?=[\\r\\n]|$)`, 'y');
/** A longer word before a value would be read again for each of its values. */
const MAX_WORD = 1_000;

/** Code while it is read. */
interface CodeSoFar {
  parentheses: number;
  tokenStart: number;
  /** End of a string that is a token by itself. */
  stringEnd: number;
}

/**
 * Reads a PowerShell script from left to right and calls `write` for each value with the place where it stands.
 *
 * It follows the tokenizer of Windows PowerShell 5.1 where that does not depend on the parser's mode (a command's
 * arguments or an expression); where it does, and the difference could matter to a value, the script is an error.
 *
 * @internal
 */
export class PowerShellLexer extends PowerShellStringReader {
  public read(): void {
    this.code(undefined, 'nothing');
  }

  /** Code up to the end of the script, or of the sub-expression that began at `open`. */
  protected override code(open: number | undefined, enclosing: Enclosing): void {
    const so: CodeSoFar = { parentheses: 0, tokenStart: this.pos, stringEnd: -1 };
    do {
      this.skip(BARE_TEXT);
    } while (this.part(open, so, enclosing));
  }

  /** What is not ordinary text. Returns whether the code goes on. */
  private part(open: number | undefined, so: CodeSoFar, enclosing: Enclosing): boolean {
    const c = this.peek();
    const atTokenStart = this.pos === so.tokenStart;
    if (c === '') {
      if (open !== undefined) {
        throw this.unterminated(open, 'a sub-expression $(');
      }
      return false;
    } else if (c === VALUE) {
      this.bareValue(so.tokenStart, enclosing);
    } else if (TOKEN_BOUNDARY.test(c)) {
      this.pos += 1;
      so.tokenStart = this.pos;
      if (c === ')' && so.parentheses === 0 && open !== undefined) {
        return false;
      }
      so.parentheses += c === '(' ? 1 : c === ')' ? -1 : 0;
    } else if (c === '#' || (c === '<' && this.peek(1) === '#')) {
      this.commentInCode(atTokenStart, so.stringEnd, enclosing);
      so.tokenStart = this.pos;
    } else if (c === '@' && isQuote(this.peek(1))) {
      if (!atTokenStart) {
        throw this.unsupported(this.pos, 'a here-string in the middle of a token');
      }
      this.hereString(enclosing);
    } else if (isQuote(c)) {
      this.string(so.tokenStart, enclosing);
      so.stringEnd = atTokenStart ? this.pos : -1;
    } else if (c === '`') {
      this.backtick(enclosing);
      so.tokenStart = atTokenStart && /\s/.test(this.source[this.pos - 1]) ? this.pos : so.tokenStart;
    } else if (c === '-' && atTokenStart && this.matches(STOP_PARSING)) {
      this.verbatimArguments(enclosing);
      so.tokenStart = this.pos;
    } else if (c === '$') {
      this.dollarInCode(atTokenStart, enclosing);
    } else {
      this.pos += 1;
    }
    return true;
  }

  private bareValue(tokenStart: number, enclosing: Enclosing): void {
    if (this.pos - tokenStart > MAX_WORD) {
      throw this.unsupported(this.pos, `a word of more than ${MAX_WORD} characters before a value`);
    }
    const prefix = this.source.slice(tokenStart, this.pos).replace(PARAMETER, '');
    this.value({ kind: 'bare', prefix, next: this.peek(1) }, enclosing);
    if (/^\0*$/.test(prefix) && this.peek() !== VALUE) {
      this.noStopParsing(this.script.mark() - prefix.length - 1);
    }
  }

  private commentInCode(atTokenStart: boolean, stringEnd: number, enclosing: Enclosing): void {
    if (this.peek() === '<') {
      if (!atTokenStart) {
        throw this.unsupported(this.pos, 'a comment <# #> in the middle of a token');
      }
      this.blockComment(enclosing);
    } else if (atTokenStart || this.pos === stringEnd) {
      this.lineComment(enclosing);
    } else if (!this.match(HARMLESS_LINE)) {
      throw this.unsupported(this.pos, 'a # in the middle of a token, which begins a comment in an expression but not in an argument');
    }
  }

  private dollarInCode(atTokenStart: boolean, enclosing: Enclosing): void {
    const start = this.pos;
    const next = this.peek(1);
    if (next === '(' && atTokenStart) {
      // Read as any parenthesis: here the tokenizer does not look for its end beforehand.
      this.pos += 1;
    } else if (next === '(') {
      this.subExpression('string', enclosing);
    } else if (next === '{') {
      this.bracedVariable(enclosing);
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

  /** After `--%` the rest of the command goes to the program as it is; nothing can be quoted there. */
  private verbatimArguments(enclosing: Enclosing): void {
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
      this.noParenthesis(c, enclosing);
      this.pos += 1;
    }
  }
}
