import { BashContext, refusing } from './bash-place';
import { BashQuoteReader } from './bash-quote-reader';
import { VALUE } from './script';

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

  protected override dollar(context: BashContext, quoted: boolean): void {
    const start = this.pos;
    const next = this.peek(1);
    if (this.at('$((')) {
      this.pos += 3;
      this.arithmetic('))', start, context);
    } else if (next === '(') {
      this.pos += 2;
      this.noContinuation();
      this.substitution(start, context);
    } else if (next === '[') {
      this.pos += 2;
      this.arithmetic(']', start, context);
    } else if (next === '{') {
      this.parameterExpansion(context, quoted);
    } else if (next === "'" && !quoted) {
      this.ansiCQuotes(context);
    } else if (next === '"' && !quoted) {
      this.pos += 1;
      this.doubleQuotes(context);
    } else {
      this.variable(context, quoted);
    }
  }

  /** `$name` or `$1`, or a `$` that means itself. */
  private variable(context: BashContext, quoted: boolean): void {
    const start = this.pos;
    const next = this.peek(1);
    if (next === '"' && context.quotedExpansion) {
      // Bash takes these quotes away before it looks at the $.
      throw this.unsupported(start, 'a $ before a quote in "${..}"');
    }
    if (next === '$' && quoted && /[({]/.test(this.peek(2))) {
      throw this.unsupported(start, '$$ before a parenthesis or brace in double quotes');
    }
    this.pos += 1;
    const isName = this.match(/[A-Za-z_]\w*/y) !== undefined;
    if (this.matches(isName ? /(?:\\\n)+\w/y : /\\\n/y)) {
      throw this.unsupported(start, 'a name that continues on the next line');
    }
    if (isName || this.peek() === VALUE) {
      this.noValueAfterDollar();
    } else {
      this.match(/[0-9@*#?$!-]/y);
    }
  }

  private noValueAfterDollar(): void {
    if (this.matches(/(?:\\\n)*\0/y)) {
      throw this.script.valueError(this.script.valueAt(this.script.nextValueOffset), {
        code: 'ValueAfterDollar',
        problem: 'a value right behind a $ or the name of a variable would be a part of the name',
        remedy: 'write \\$ for a dollar sign, ${name} for a variable that a value follows, and names into the template',
      });
    }
  }

  protected processSubstitution(context: BashContext): void {
    const open = this.pos;
    this.pos += 2;
    this.noContinuation();
    if (this.peek() === '(') {
      // As behind `$((` bash then counts parentheses, whatever quotes, comments and here-documents there are between.
      throw this.unsupported(open, `"${this.source[open]}((" (for a subshell write "${this.source[open]}( (")`);
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
    this.noValueAsName();
    if (this.match(PARAMETER) === undefined) {
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
      this.operand(open, operator, context, quoted);
      this.noValueAsName();
      if (this.peek() !== '}') {
        throw this.peek() === '' ? this.unterminated(open, '${') : this.unsupported(open, 'this parameter expansion');
      }
      this.pos += 1;
    }
    this.leave();
  }

  private noValueAsName(): void {
    if (this.peek() === VALUE) {
      throw this.script.valueError(this.script.valueAt(this.pos), {
        code: 'ValueAsVariableName',
        problem: 'a value cannot be the name of a variable or a part of an operator',
        remedy: 'write the name of the variable into the template',
      });
    }
  }

  /** What follows the operator of `${name..}`. */
  private operand(open: number, operator: string, context: BashContext, quoted: boolean): void {
    if (operator === '') {
      return;
    }
    const inner = { ...context, quotedExpansion: context.quotedExpansion || quoted };
    if (/^:?[-?+]$/.test(operator)) {
      this.expansionWord(open, quoted, '}', inner);
    } else if (operator === '@' || operator === '*') {
      this.match(/[A-Za-z]/y);
    } else if (operator.endsWith('=')) {
      this.expansionWord(open, quoted, '}', refusing(inner, 'in ${..=..}'));
    } else {
      const refused = refusing(inner, 'in the pattern or the replacement of ${..}');
      this.expansionWord(open, false, operator.startsWith('/') ? '/}' : '}', refused);
      if (this.peek() === '/') {
        this.pos += 1;
        this.expansionWord(open, false, '}', refused);
      }
    }
  }

  /** The word after the operator of `${name..}`, up to one of `closers`, which is left unread. */
  private expansionWord(open: number, quoted: boolean, closers: string, outer: BashContext): void {
    let context = outer;
    for (let c = this.peek(); c === '' || !closers.includes(c); c = this.peek()) {
      switch (c) {
        case '':
          throw this.unterminated(open, '${');
        case VALUE:
        case '\\':
        case '`':
        case '$':
          this.expansion({ kind: quoted ? 'quoted expansion word' : 'expansion word' }, context, quoted);
          break;
        case "'":
          if (quoted) {
            this.literalSingleQuotes();
          } else {
            this.singleQuotes(context);
          }
          break;
        case '"':
          context = context.quotedExpansion ? refusing(context, 'in or after quotes in "${..}"') : context;
          this.doubleQuotes(context);
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

  /** An arithmetic expression up to and with `close`. A value can stand in the outermost `((..))` alone. */
  protected arithmetic(close: '))' | ']' | '}', open: number, outer: BashContext): void {
    this.enter(open);
    const refused = refusing(outer, 'in a subscript, an offset, or in quotes, brackets or an expansion in arithmetic');
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
        case VALUE: {
          const isSimple = close === '))' && !nesting.includes(']') && this.source[this.pos - 1] !== '#';
          this.value({ kind: 'arithmetic' }, isSimple ? outer : refused);
          break;
        }
        case '\\':
        case '`':
        case '$':
          this.expansion({ kind: 'arithmetic' }, refused, true);
          break;
        case "'":
          this.singleQuotes(refused);
          break;
        case '"':
          this.doubleQuotes(refused);
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
