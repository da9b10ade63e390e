import { BashContext } from './bash-place';
import { BashQuoteReader } from './bash-quote-reader';
import { VALUE } from './script';
import { ValueSegment } from './segments';

const IDENTIFIER = /[A-Za-z_][A-Za-z0-9_]*(?:(?:\\\n)+[A-Za-z0-9_]+)*/y;
const PARAMETER = /[A-Za-z_][A-Za-z0-9_]*|[0-9]+|[@*#?$!-]/y;
const OPERATOR = /:[-=?+]|[-=?+]|:|##?|%%?|\/[/#%]?|\^\^?|,,?|@|\*/y;
const ORDINARY_IN_ARITHMETIC = /[^\0()[\]\\'"`$}:/\n]+/y;

/**
 * Reads the expansions of a bash script: parameters, arithmetic, substitutions.
 *
 * @internal
 */
export abstract class BashExpansionReader extends BashQuoteReader {
  /** Reads the commands of `$(..)` or `<(..)` from after the opening parenthesis, which stands at `open`. */
  protected abstract substitution(open: number, context: BashContext): void;

  /** Text that is assigned to some variables is code, whatever the quotes. */
  protected abstract checkAssigned(name: string | undefined, values: readonly ValueSegment[], context: BashContext): void;

  protected override dollar(context: BashContext, quoted: boolean): void {
    const start = this.pos;
    switch (this.peek(1)) {
      case '(':
        if (this.peek(2) === '(') {
          this.pos += 3;
          this.arithmetic('))', start, context);
        } else {
          this.pos += 2;
          this.noContinuation();
          this.substitution(start, context);
        }
        return;
      case '[':
        this.pos += 2;
        this.arithmetic(']', start, context);
        return;
      case '{':
        this.parameterExpansion(context, quoted);
        return;
      case VALUE:
        throw this.script.valueError(this.script.valueAt(start + 1), {
          code: 'ValueAfterDollar',
          problem: 'a $ right before a value would make the value a variable name or change its quoting',
          remedy: 'write \\$ for a dollar sign; write the name of a variable into the template',
        });
      case "'":
        if (!quoted) {
          this.ansiCQuotes(context);
          return;
        }
        break;
      case '"':
        if (!quoted) {
          this.pos += 1;
          this.doubleQuotes(context);
          return;
        }
        break;
    }
    this.variable(context, quoted);
  }

  /** `$name` or `$1`, or a `$` that means itself. */
  private variable(context: BashContext, quoted: boolean): void {
    const start = this.pos;
    const next = this.peek(1);
    if (next === '\\' && this.peek(2) === '\n') {
      throw this.unsupported(start, 'a line that continues after $');
    }
    if (next === '"' && context.quotedExpansion) {
      // Bash takes these quotes away before it looks at the $.
      throw this.unsupported(start, 'a $ before a quote in "${..}"');
    }
    if (next === '$' && quoted && /[({]/.test(this.peek(2))) {
      throw this.unsupported(start, '$$ before a parenthesis or brace in double quotes');
    }
    this.pos += 1;
    // As everywhere outside of single quotes, a name may go on in the next line.
    const name = this.match(IDENTIFIER)?.replaceAll('\\\n', '');
    if (name === undefined) {
      this.match(/[0-9@*#?$!-]/y);
    } else if (this.matches(/(?:\\\n)*\0/y)) {
      // `$HOME{{ value }}` must not become the variable HOMEvalue.
      this.script.copyTo(start);
      this.script.replaceTo(this.pos, `\${${name}}`);
    }
  }

  protected processSubstitution(context: BashContext): void {
    const open = this.pos;
    this.pos += 2;
    this.noContinuation();
    if (this.peek() === '(') {
      // As behind `$((` bash then counts parentheses, whatever quotes, comments and here-documents there are between.
      throw this.problem(open, {
        code: 'UnsupportedConstruct',
        problem: `"${this.source[open]}((" cannot be followed, because bash looks for its end as for that of arithmetic`,
        remedy: `write "${this.source[open]}( (" with a blank for a subshell in a process substitution`,
      });
    }
    this.substitution(open, context);
  }

  private parameterExpansion(context: BashContext, quoted: boolean): void {
    const open = this.pos;
    this.enter(open);
    this.pos += 2;
    if (/[!#]/.test(this.peek()) && this.peek(1) !== '}') {
      this.pos += 1;
    }
    this.noValueAsName('a value cannot be the name of a variable');
    const name = this.match(PARAMETER);
    if (name === undefined) {
      throw this.unsupported(open, 'this parameter expansion');
    }
    if (this.peek() === '[') {
      this.pos += 1;
      this.arithmetic(']', this.pos - 1, context);
    }
    const operator = this.match(OPERATOR) ?? '';
    if (this.at('\\\n') && /^[:#%/^,]?$/.test(operator)) {
      throw this.unsupported(open, 'an operator that continues on the next line');
    }
    if (operator === ':') {
      this.arithmetic('}', open, context);
    } else {
      this.operand(open, operator, name, context, quoted);
      this.noValueAsName('a value cannot be part of the name of a variable or of an operator');
      if (this.peek() !== '}') {
        throw this.peek() === '' ? this.unterminated(open, '${') : this.unsupported(open, 'this parameter expansion');
      }
      this.pos += 1;
    }
    this.leave();
  }

  private noValueAsName(problem: string): void {
    if (this.peek() === VALUE) {
      throw this.script.valueError(this.script.valueAt(this.pos), {
        code: 'ValueAsVariableName',
        problem,
        remedy: 'write the name of the variable into the template',
      });
    }
  }

  /** What follows the operator of `${name..}`. */
  private operand(open: number, operator: string, name: string, context: BashContext, quoted: boolean): void {
    if (operator === '') {
      return;
    }
    const inner = { ...context, quotedExpansion: context.quotedExpansion || quoted };
    if (/^:?[-=?+]$/.test(operator)) {
      const mark = this.markOfValues();
      this.expansionWord(open, quoted ? 'quoted expansion word' : 'expansion word', '}', inner);
      if (operator.endsWith('=')) {
        this.checkAssigned(name, this.valuesSince(mark, context), context);
      }
    } else if (operator === '@' || operator === '*') {
      this.match(/[A-Za-z]/y);
    } else {
      const refused = { ...inner, refused: 'in the pattern or the replacement of ${..}' };
      this.expansionWord(open, 'expansion word', operator.startsWith('/') ? '/}' : '}', refused);
      if (this.peek() === '/') {
        this.pos += 1;
        this.expansionWord(open, 'expansion word', '}', refused);
      }
    }
  }

  /** The word after the operator of `${name..}`, up to one of `closers`, which is left unread. */
  private expansionWord(open: number, kind: 'expansion word' | 'quoted expansion word', closers: string, outer: BashContext): void {
    const quoted = kind === 'quoted expansion word';
    let context = outer;
    for (let c = this.peek(); c === '' || !closers.includes(c); c = this.peek()) {
      switch (c) {
        case '':
          throw this.unterminated(open, '${');
        case VALUE:
          this.value({ kind }, context);
          break;
        case '\\':
          if (quoted) {
            this.backslashInDoubleQuotes();
          } else {
            this.backslash();
          }
          break;
        case "'":
          if (quoted) {
            this.literalSingleQuotes();
          } else {
            this.singleQuotes(context);
          }
          break;
        case '"':
          context = context.quotedExpansion ? { ...context, refused: context.refused ?? 'in or after quotes in "${..}"' } : context;
          this.doubleQuotes(context);
          break;
        case '`':
          this.backticks();
          break;
        case '$':
          this.dollar(context, quoted);
          break;
        case '<':
        case '>':
          if (this.peek(1) === '(') {
            throw this.unsupported(this.pos, 'a process substitution in ${..}');
          }
          this.pos += 1;
          this.noContinuation();
          break;
        default:
          this.pos += 1;
      }
    }
  }

  /**
   * In `"${name:-'x'}"` single quotes are ordinary characters of the word, yet bash pairs them when it looks for the
   * closing brace. Simple text between them reads the same either way; anything else does not.
   */
  private literalSingleQuotes(): void {
    const quotes = this.match(/'[^'"\\`$\0}]*'/y);
    if (quotes === undefined) {
      throw this.unsupported(this.pos, 'a single quote in the word of "${..}"');
    }
  }

  /** An arithmetic expression up to and with `close`. */
  protected arithmetic(close: '))' | ']' | '}', open: number, outer: BashContext): void {
    this.enter(open);
    const context = outer.arithmetic ? outer : { ...outer, arithmetic: true };
    const nesting: string[] = [];
    for (;;) {
      this.skip(ORDINARY_IN_ARITHMETIC);
      if (nesting.length === 0 && this.at(close)) {
        this.pos += close.length;
        break;
      }
      const c = this.peek();
      switch (c) {
        case '':
          throw this.unterminated(open, 'an arithmetic expression');
        case VALUE:
          this.arithmeticValue(context);
          break;
        case '\\':
          this.backslash();
          break;
        case "'":
          this.singleQuotes(context);
          break;
        case '"':
          this.doubleQuotes(context);
          break;
        case '`':
          this.backticks();
          break;
        case '$':
          this.dollar(context, true);
          break;
        case '(':
        case '[':
          nesting.push(c === '(' ? ')' : ']');
          this.pos += 1;
          break;
        case ')':
        case ']':
          if (nesting.pop() !== c) {
            // `((` whose parentheses do not end side by side is two nested subshells for bash.
            throw this.unsupported(open, `an arithmetic expression with "${c}" in it (for a subshell in a subshell write "( (")`);
          }
          this.pos += 1;
          break;
        default:
          if (c === '\n') {
            this.noPendingHereDocuments();
          }
          this.pos += 1;
      }
    }
    this.leave();
  }
}
