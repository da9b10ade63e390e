import { VariableReference } from '../value-kinds';
import { BashPlace, BashSurroundings } from './bash-place';
import { Script, VALUE } from './script';
import { ScriptReader } from './script-reader';
import { ValueSegment } from './segments';

/** What is around an expansion: no quotes, or double quotes or a here-document, which are the same to it. */
type Quoting = 'none' | 'double';

/** What a word looked like, as far as the grammar around it needs to know. */
export interface Word {
  /** Its text when it has no quotes, expansions or values, else undefined: only such a word can be a reserved word. */
  readonly bare: string | undefined;
  /** Its text without quotes when it has no expansions or values, else undefined: what the command sees. */
  readonly text: string | undefined;
  readonly assignment: boolean;
  /** An assignment of `(..)`. */
  readonly isArray: boolean;
  /** It has a brace outside of quotes. */
  readonly hasBrace: boolean;
  readonly start: number;
  /** With those of array elements, but not those in `$(..)`. */
  readonly values: readonly ValueSegment[];
}

type ExpansionWord = 'quoted expansion word' | 'quoted pattern' | 'expansion word' | 'replacement';
type WordKind = 'argument' | 'assignable' | 'array element' | 'conditional' | 'conditional pattern' | 'regular expression';

const IDENTIFIER = /[A-Za-z_][A-Za-z0-9_]*(?:(?:\\\n)+[A-Za-z0-9_]+)*/y;
const PARAMETER = /[A-Za-z_][A-Za-z0-9_]*|[0-9]+|[@*#?$!-]/y;
const ASSIGNMENT = /^[A-Za-z_][A-Za-z0-9_]*(?:\[.*\])?\+?=/s;
const NAME_WITH_VALUES = /(?:[A-Za-z_]\w*)?\0[\w\0]*(?:\+?=|\[)/y;
const ORDINARY_IN_WORD = /[^\0 \t\n;&|<>()\\'"`$[\]{~]+/y;
const ORDINARY_IN_DOUBLE_QUOTES = /[^\0"\\`$]+/y;
const ORDINARY_IN_ARITHMETIC = /[^\0()[\]\\'"`$}:/\n]+/y;
/** An escape sequence that the first character of a value could lengthen. */
const UNFINISHED_ESCAPE = /\\(?:[0-7]{1,2}|x[0-9A-Fa-f]?|x\{[0-9A-Fa-f]*|u[0-9A-Fa-f]{0,3}|U[0-9A-Fa-f]{0,7}|c)\0/y;

/**
 * Reads the words of a bash script with all that they are made of: quotes, expansions, arithmetic, arrays, and the
 * values in them. What commands are made of is the business of {@link BashLexer}.
 *
 * @internal
 */
export abstract class BashWordReader extends ScriptReader {
  /** In an expression that bash evaluates as arithmetic, whatever quotes there are within it. */
  protected inArithmetic = false;
  /** In the body of a here-document whose delimiter is not quoted, at any depth. */
  protected inHereDocument = false;
  protected inArray = false;
  protected inSubstitution = false;
  protected inExpansion = false;
  protected inQuotedExpansion = false;
  protected inReplacement: 'quoted' | 'unquoted' | undefined;
  /** In `[..]` of a regular expression. */
  protected inBracketExpression = false;
  /** In the parentheses of an extended pattern or a regular expression. */
  protected inPatternGroup = false;
  /** Earlier in the same word a brace was opened. */
  private hasBrace = false;
  /** Earlier in the same word a quote stands in quotes in `"${..}"`. */
  protected hasAmbiguousQuotes = false;
  protected wordValues: ValueSegment[] = [];
  /** Variables whose assignments are arithmetic: those of bash, and those that the script has declared with `-i` so far. */
  protected readonly integerVariables = new Set(['RANDOM', 'SRANDOM', 'SECONDS', 'LINENO', 'OPTIND', 'HISTCMD', 'BASHPID']);
  /** Variables that the script has declared with `-n` so far. */
  protected readonly references = new Set<string>();

  protected constructor(
    script: Script,
    protected readonly write: (value: ValueSegment, place: BashPlace, surroundings: BashSurroundings) => string,
  ) {
    super(script, 200);
  }

  /** Reads the commands of `$(..)` or `<(..)` from after the opening parenthesis, which stands at `open`. */
  protected abstract substitution(open: number): void;

  /** Reads a newline that is a token, and the here-documents that begin there. */
  protected abstract newline(): void;

  /** Here-documents that wait for their line cannot begin inside of a word. */
  protected abstract noPendingHereDocuments(): void;

  // ---- words ----------------------------------------------------------------------------------------------------

  protected word(kind: WordKind): Word {
    const start = this.pos;
    this.noComment();
    const outerValues = this.wordValues;
    const outer = {
      ambiguousQuotes: this.hasAmbiguousQuotes,
      brace: this.hasBrace,
      bracketExpression: this.inBracketExpression,
      patternGroup: this.inPatternGroup,
    };
    this.wordValues = [];
    this.hasBrace = this.inBracketExpression = this.inPatternGroup = false;
    let bare: string | undefined = '';
    let text: string | undefined = '';
    let literal = false;
    let subscript = false;
    let assignment = false;
    let mayBeAssignment = true;
    let isArray = false;
    /** Open parentheses of an extended pattern or a regular expression: within them blanks belong to the word. */
    const parentheses: number[] = [];
    const outerArithmetic = this.inArithmetic;
    if (kind === 'assignable' && this.matches(NAME_WITH_VALUES)) {
      bare = this.nameWithValues();
      text = undefined;
    }

    reading: for (;;) {
      const runStart = this.pos;
      this.inPatternGroup = parentheses.length > 0;
      this.skip(ORDINARY_IN_WORD);
      const run = this.source.slice(runStart, this.pos);
      text = text === undefined ? undefined : text + run;
      if (bare !== undefined) {
        bare += run;
        if (mayBeAssignment && !subscript && run.includes('=')) {
          mayBeAssignment = false;
          assignment = ASSIGNMENT.test(bare);
        }
      }
      const c = this.peek();
      switch (c) {
        case '':
          break reading;
        case VALUE:
          bare = text = undefined;
          if (subscript || this.inArithmetic) {
            this.arithmeticValue();
          } else {
            const regularExpression = kind === 'regular expression';
            const inSequence = this.hasBrace && this.isInSequence(start);
            this.value({ kind: 'word', before: this.before(start), after: this.after(), literal, regularExpression, inSequence });
          }
          continue;
        case '\\':
          if (this.peek(1) === '\n') {
            this.pos += 2;
            continue;
          }
          if (kind === 'array element' && this.surroundings().arrayInSubstitution) {
            // x=$(a=(\$y)) expands y in bash 5.2.
            throw this.unsupported(this.pos, 'a backslash outside of quotes in an array in $(..)');
          }
          bare = undefined;
          this.backslash();
          text = text === undefined ? undefined : text + this.source[this.pos - 1];
          continue;
        case "'":
        case '"': {
          bare = undefined;
          const open = this.pos;
          if (c === '"') {
            this.doubleQuotes();
          } else {
            this.singleQuotes();
          }
          text = this.withQuoted(text, c, open + 1);
          continue;
        }
        case '`':
          bare = text = undefined;
          this.backticks();
          continue;
        case '$': {
          const open = this.pos;
          const quote = this.peek(1);
          if (bare !== undefined && !assignment) {
            bare = undefined;
          }
          this.dollar('none');
          text = quote === "'" || quote === '"' ? this.withQuoted(text, quote, open + 2) : undefined;
          continue;
        }
        case '[': {
          if (kind === 'regular expression') {
            // A bracket that closes at once is one of the characters, and so is one in [: :].
            const opening = this.match(this.inBracketExpression ? /\[(?:[:.=][^\0\]\s]{1,20}?[:.=]\])?/y : /\[\^?\]?/y) ?? '';
            this.inBracketExpression = true;
            bare = bare === undefined ? undefined : bare + opening;
            continue;
          }
          const isName = bare !== undefined && !literal && isIdentifier(bare);
          literal = true;
          if ((kind === 'assignable' && isName) || (kind === 'array element' && this.pos === start)) {
            // As bash does, up to the matching bracket whatever blanks there are: `a[ $i + 1 ]=x`.
            this.pos += 1;
            this.arithmetic(']', this.pos - 1);
            bare = kind === 'assignable' ? `${bare}[]` : undefined;
            text = undefined;
            continue;
          }
          subscript ||= isName;
          this.inArithmetic ||= subscript;
          break;
        }
        case ']':
          this.inBracketExpression = false;
          subscript = false;
          this.inArithmetic = outerArithmetic;
          break;
        case '{':
          if (this.hasAmbiguousQuotes) {
            throw this.problem(this.pos, {
              code: 'AmbiguousQuotes',
              problem: 'bash may or may not expand a brace after quotes in quotes in "${..}" in the same word',
              remedy: 'assign the text before it to a variable first',
            });
          }
          literal = true;
          this.hasBrace = true;
          break;
        case '~':
          literal = true;
          break;
        case '<':
        case '>':
          if (this.peek(1) === '(') {
            bare = text = undefined;
            this.processSubstitution();
            continue;
          }
          if (parentheses.length === 0) {
            break reading;
          }
          break;
        case '(':
          if (assignment && bare !== undefined && /=$/.test(bare) && !kind.startsWith('conditional')) {
            this.arrayElements();
            isArray = true;
            break reading;
          }
          if (
            kind === 'regular expression' ||
            (kind === 'conditional pattern' && /[?*+@!]/.test(this.source[this.pos - 1] ?? '') && this.pos > start)
          ) {
            parentheses.push(this.pos);
            bare = undefined;
            break;
          }
          if (parentheses.length > 0) {
            parentheses.push(this.pos);
            break;
          }
          break reading;
        case ')':
          if (parentheses.length === 0) {
            break reading;
          }
          parentheses.pop();
          break;
        case '|':
          if (parentheses.length === 0 && kind !== 'regular expression') {
            break reading;
          }
          break;
        default:
          // Blanks, newlines, `;` and `&`.
          if (parentheses.length === 0) {
            break reading;
          }
          if (c === '\n') {
            this.noPendingHereDocuments();
          }
      }
      bare = bare === undefined ? undefined : bare + c;
      text = text === undefined ? undefined : text + c;
      this.pos += 1;
    }

    if (parentheses.length > 0) {
      throw this.unterminated(parentheses[0], 'a parenthesis in a pattern');
    }
    if (this.pos === start) {
      if (this.peek() === '(') {
        throw this.unexpectedParenthesis();
      }
      throw this.unexpected(start, this.peek() === '' ? 'the end of the script' : JSON.stringify(this.peek()));
    }
    const { wordValues: values, hasBrace } = this;
    this.wordValues = outerValues;
    this.hasAmbiguousQuotes = outer.ambiguousQuotes;
    this.hasBrace = outer.brace;
    this.inBracketExpression = outer.bracketExpression;
    this.inPatternGroup = outer.patternGroup;
    this.inArithmetic = outerArithmetic;
    return { bare, text, assignment, isArray, hasBrace, start, values };
  }

  /** The text of a word with quoted text that ends here, if that means what it says. */
  private withQuoted(text: string | undefined, quote: string, start: number): string | undefined {
    let quoted = this.source.slice(start, this.pos - 1);
    if (quote === '"' || this.inHereDocument) {
      quoted = quoted.replaceAll('\\\n', '');
    }
    return text === undefined || /[\0$`\\]/.test(quoted) ? undefined : text + quoted;
  }

  /** `FOO_{{ value }}=1`: in quotes it would be a command and no assignment, so the value must be part of a name. */
  private nameWithValues(): string {
    let name = '';
    for (;;) {
      name += this.match(/\w*/y) ?? '';
      if (this.peek() !== VALUE) {
        return name;
      }
      const value = this.script.valueAt(this.pos);
      const text = value.value instanceof VariableReference ? ' ' : String(value.value);
      name += text;
      if (!isIdentifier(name)) {
        throw this.script.valueError(value, {
          code: 'ValueAsVariableName',
          problem: 'the value is part of the name of a variable that is assigned, and cannot be part of a name',
          remedy: 'give letters, digits and underscores, or write the name of the variable into the template',
        });
      }
      this.wordValues.push(value);
      this.script.writeValue(this.pos, text);
      this.pos += 1;
    }
  }

  /** `{1..{{ value }}}` counts, unless a part of it is quoted. */
  private isInSequence(wordStart: number): boolean {
    const before = /\{([\w.+\0-]*)$/.exec(this.source.slice(Math.max(wordStart, this.pos - 40), this.pos));
    const after = /^([\w.+\0-]*)\}/.exec(this.source.slice(this.pos, this.pos + 40));
    return before !== null && after !== null && `${before[1]}${after[1]}`.includes('..');
  }

  protected unexpectedParenthesis(): Error {
    return /[?*+@!]/.test(this.source[this.pos - 1] ?? '')
      ? this.problem(this.pos - 1, {
          code: 'UnsupportedConstruct',
          problem:
            'an extended pattern cannot be followed outside of [[ ]], where it depends on extglob, which is off unless the script sets it',
          remedy: 'write [[ name == @(a|b) ]], several patterns such as a|b) in case, or the file names one by one',
        })
      : this.unexpected(this.pos, 'an opening parenthesis');
  }

  private arrayElements(): void {
    const open = this.pos;
    this.enter(open);
    const outerArray = this.inArray;
    this.noPendingHereDocuments();
    this.inArray = true;
    this.pos += 1;
    for (this.blanksAndNewlines(); this.peek() !== ')'; this.blanksAndNewlines()) {
      if (this.peek() === '') {
        throw this.unterminated(open, 'an array');
      }
      // One by one: they may be more than a call takes arguments.
      for (const value of this.word('array element').values) {
        this.wordValues.push(value);
      }
    }
    this.pos += 1;
    if (!/[ \t\n;&|<>)]/.test(this.peek() || ' ')) {
      // The word goes on, so that a # begins no comment, and is no array any more.
      throw this.unsupported(this.pos, 'text right after the ) of an array');
    }
    this.inArray = outerArray;
    this.leave();
  }

  /** The character of the same word before the value, '' when the value begins it. A tilde counts with its sign. */
  private before(wordStart: number): string {
    const before = this.source.slice(Math.max(wordStart, this.pos - 2), this.pos);
    return /~[+-]$/.test(before) ? '~' : before.slice(-1);
  }

  /** The character that follows the value, '' when a blank or an operator that cannot change its meaning does. */
  private after(): string {
    const next = this.peek(1);
    return next === '' || /[ \t\n;&|)]/.test(next) ? '' : next;
  }

  private backslash(): void {
    if (this.peek(1) === VALUE) {
      throw this.script.valueError(this.script.valueAt(this.pos + 1), {
        code: 'ValueAfterBackslash',
        problem: 'a backslash right before a value would quote what the value is written as',
        remedy: 'remove the backslash: values are escaped where they stand',
      });
    }
    this.pos = Math.min(this.pos + 2, this.end);
  }

  private singleQuotes(): void {
    const open = this.pos;
    this.pos += 1;
    for (;;) {
      const close = this.find("'", this.pos);
      if (this.script.nextValueOffset < close) {
        this.pos = this.script.nextValueOffset;
        this.value({ kind: 'single quotes' });
        continue;
      }
      if (close === this.end) {
        throw this.unterminated(open, 'a single quote');
      }
      this.pos = close;
      this.noteQuoteInNestedQuotes('"', open);
      this.pos += 1;
      return;
    }
  }

  /** `"${name:-"it's"}{a,b}"`: the pass that expands braces does not know the nesting and pairs these quotes otherwise. */
  private noteQuoteInNestedQuotes(quote: string, start: number): void {
    this.hasAmbiguousQuotes ||= this.inQuotedExpansion && this.source.slice(start, this.pos).includes(quote);
  }

  private ansiCQuotes(): void {
    const open = this.pos;
    this.pos += 2;
    for (;;) {
      const c = this.peek();
      if (c === '') {
        throw this.unterminated(open, "$'");
      } else if (c === VALUE) {
        this.value({ kind: 'ANSI-C quotes' });
      } else if (c === '\\') {
        if (this.matches(UNFINISHED_ESCAPE)) {
          throw this.unsupported(this.pos, 'a value inside of an escape sequence');
        }
        if (this.inHereDocument && this.peek(1) === '\n') {
          throw this.unsupported(this.pos, "a line that continues in $'..' in a here-document");
        }
        this.backslash();
      } else {
        this.pos += 1;
        if (c === "'") {
          return;
        }
      }
    }
  }

  private doubleQuotes(): void {
    const open = this.pos;
    this.enter(open);
    this.pos += 1;
    for (;;) {
      const start = this.pos;
      this.skip(ORDINARY_IN_DOUBLE_QUOTES);
      this.noteQuoteInNestedQuotes("'", start);
      switch (this.peek()) {
        case '':
          throw this.unterminated(open, 'a double quote');
        case '"':
          this.pos += 1;
          this.leave();
          return;
        case VALUE:
          this.value({ kind: 'double quotes' });
          break;
        case '\\':
          this.backslashInDoubleQuotes();
          break;
        case '`':
          this.backticks();
          break;
        case '$':
          this.dollar('double');
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

  // ---- expansions -----------------------------------------------------------------------------------------------

  protected dollar(quoting: Quoting): void {
    const start = this.pos;
    const next = this.peek(1);
    switch (next) {
      case '(':
        if (this.peek(2) === '(') {
          this.pos += 3;
          this.arithmetic('))', start);
        } else {
          this.pos += 2;
          this.noContinuation();
          this.substitution(start);
        }
        return;
      case '[':
        this.pos += 2;
        this.arithmetic(']', start);
        return;
      case '{':
        this.parameterExpansion(quoting);
        return;
      case VALUE:
        throw this.script.valueError(this.script.valueAt(start + 1), {
          code: 'ValueAfterDollar',
          problem: 'a $ right before a value would make the value a variable name or change its quoting',
          remedy: 'write \\$ for a dollar sign; write the name of a variable into the template',
        });
      case '\\':
        if (this.peek(2) === '\n') {
          throw this.unsupported(start, 'a line that continues after $');
        }
        break;
      case "'":
        if (quoting === 'none') {
          this.ansiCQuotes();
          return;
        }
        break;
      case '"':
        if (quoting === 'none') {
          this.pos += 1;
          this.doubleQuotes();
          return;
        }
        if (this.inQuotedExpansion) {
          // Bash takes these quotes away before it looks at the $.
          throw this.unsupported(start, 'a $ before a quote in "${..}"');
        }
        break;
      case '$':
        if (quoting === 'double' && /[({]/.test(this.peek(2))) {
          throw this.unsupported(start, '$$ before a parenthesis or brace in double quotes');
        }
        break;
    }
    this.pos += 1;
    // As everywhere outside of single quotes, a name may go on in the next line.
    const name = this.match(IDENTIFIER)?.replaceAll('\\\n', '');
    if (name === undefined) {
      if (/[0-9@*#?$!-]/.test(next)) {
        this.pos += 1;
      }
    } else if (this.matches(this.inQuotedExpansion ? /(?:["']|\\\n)*\0/y : /(?:\\\n)*\0/y)) {
      // `$HOME{{ value }}` must not become the variable HOMEvalue. In "${..}" bash takes inner quotes away first.
      this.script.copyTo(start);
      this.script.replaceTo(this.pos, `\${${name}}`);
    }
  }

  private processSubstitution(): void {
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
    this.substitution(open);
  }

  private parameterExpansion(quoting: Quoting): void {
    const open = this.pos;
    this.enter(open);
    this.pos += 2;
    const prefix = this.peek();
    if ((prefix === '!' || prefix === '#') && this.peek(1) !== '}') {
      this.pos += 1;
    }
    if (this.peek() === VALUE) {
      throw this.script.valueError(this.script.valueAt(this.pos), {
        code: 'ValueAsVariableName',
        problem: 'a value cannot be the name of a variable',
        remedy: 'write the name of the variable into the template',
      });
    }
    const name = this.match(PARAMETER);
    if (name === undefined) {
      throw this.unsupported(open, 'this parameter expansion');
    }
    if (this.peek() === '[') {
      this.pos += 1;
      this.arithmetic(']', this.pos - 1);
    }
    const operator = this.match(/:[-=?+]|[-=?+]|:|##?|%%?|\/[/#%]?|\^\^?|,,?|@|\*/y) ?? '';
    if (this.at('\\\n') && /^[:#%/^,]?$/.test(operator)) {
      throw this.unsupported(open, 'an operator that continues on the next line');
    }
    switch (operator[0]) {
      case undefined:
        break;
      case ':':
        if (operator.length === 1) {
          this.arithmetic('}', open);
          this.leave();
          return;
        }
        this.defaultWord(open, operator, name, quoting);
        break;
      case '-':
      case '=':
      case '?':
      case '+':
        this.defaultWord(open, operator, name, quoting);
        break;
      case '/':
        if (this.peek() === VALUE && /[#%]/.test(this.peek(1))) {
          throw this.unsupported(open, 'a # or % behind a value, which is another operator when the value is empty');
        }
        this.expansionWord(open, quoting === 'double' ? 'quoted pattern' : 'expansion word', '/}');
        if (this.peek() === '/') {
          this.pos += 1;
          this.expansionWord(open, 'replacement', '}', quoting);
        }
        break;
      case '@':
      case '*':
        this.match(/[A-Za-z]/y);
        break;
      default:
        this.expansionWord(open, quoting === 'double' ? 'quoted pattern' : 'expansion word', '}');
    }
    if (this.peek() !== '}') {
      if (this.peek() === VALUE) {
        throw this.script.valueError(this.script.valueAt(this.pos), {
          code: 'ValueAsVariableName',
          problem: 'a value cannot be part of the name of a variable or of an operator',
          remedy: 'write the name of the variable into the template',
        });
      }
      throw this.peek() === '' ? this.unterminated(open, '${') : this.unsupported(open, 'this parameter expansion');
    }
    this.pos += 1;
    this.leave();
  }

  /** The word of `${name:-word}` and its like. */
  private defaultWord(open: number, operator: string, name: string, quoting: Quoting): void {
    const before = this.wordValues.length;
    this.expansionWord(open, quoting === 'double' ? 'quoted expansion word' : 'expansion word', '}');
    if (operator.endsWith('=')) {
      this.checkAssigned(name, this.wordValues.slice(before));
    }
  }

  /** The word after the operator of `${name..}`, up to one of `closers`, which is left unread. */
  private expansionWord(open: number, kind: ExpansionWord, closers: string, quoting: Quoting = 'none'): void {
    const outerQuotedExpansion = this.inQuotedExpansion;
    const outerExpansion = this.inExpansion;
    const outerReplacement = this.inReplacement;
    this.inExpansion = true;
    if (kind === 'replacement') {
      this.inReplacement = quoting === 'double' ? 'quoted' : 'unquoted';
    }
    this.inQuotedExpansion ||= kind === 'quoted expansion word' || kind === 'quoted pattern';
    for (;;) {
      const c = this.peek();
      if (c === '') {
        throw this.unterminated(open, '${');
      }
      if (closers.includes(c)) {
        this.inQuotedExpansion = outerQuotedExpansion;
        this.inExpansion = outerExpansion;
        this.inReplacement = outerReplacement;
        return;
      }
      switch (c) {
        case VALUE:
          this.value(kind === 'replacement' ? { kind, quoted: quoting === 'double' } : { kind });
          break;
        case '\\':
          if (kind === 'quoted expansion word') {
            this.backslashInDoubleQuotes();
          } else {
            this.backslash();
          }
          break;
        case "'":
          if (kind === 'quoted expansion word') {
            this.literalSingleQuotes();
          } else {
            this.singleQuotes();
          }
          break;
        case '"':
          this.doubleQuotes();
          break;
        case '`':
          this.backticks();
          break;
        case '$':
          this.dollar(kind === 'quoted expansion word' ? 'double' : 'none');
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
  protected arithmetic(close: '))' | ']' | '}', open: number): void {
    this.enter(open);
    const outerArithmetic = this.inArithmetic;
    this.inArithmetic = true;
    const nesting: string[] = [];
    for (;;) {
      this.skip(ORDINARY_IN_ARITHMETIC);
      const c = this.peek();
      if (nesting.length === 0 && (close === '))' ? this.at('))') : c === close)) {
        this.pos += close.length;
        break;
      }
      switch (c) {
        case '':
          throw this.unterminated(open, 'an arithmetic expression');
        case VALUE:
          this.arithmeticValue();
          break;
        case '\\':
          this.backslash();
          break;
        case "'":
          this.singleQuotes();
          break;
        case '"':
          this.doubleQuotes();
          break;
        case '`':
          this.backticks();
          break;
        case '$':
          this.dollar('double');
          break;
        case '\n':
          this.noPendingHereDocuments();
          this.pos += 1;
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
          this.pos += 1;
      }
    }
    this.inArithmetic = outerArithmetic;
    this.leave();
  }

  // ---- comments, blanks, values ---------------------------------------------------------------------------------

  /** Where bash needs a word, and would find a comment. */
  protected noComment(): void {
    if (this.peek() === '#') {
      throw this.unexpected(this.pos, 'a comment');
    }
  }

  protected comment(): void {
    const start = this.pos;
    const lineEnd = this.find('\n', start);
    while (this.script.nextValueOffset < lineEnd) {
      this.pos = this.script.nextValueOffset;
      this.value({ kind: 'comment' });
    }
    if (this.inHereDocument) {
      this.noContinuedLines(start, lineEnd, 'a comment');
    }
    this.pos = lineEnd;
  }

  /**
   * Of a here-document bash joins the lines that end in a backslash before it reads what is in them, also where a
   * backslash is a character like any other. A value may be empty or begin with a newline.
   */
  protected noContinuedLines(from: number, to: number, what: string): void {
    let continued = this.source.slice(from, to).includes(`\\${VALUE}`);
    for (let end = this.find('\n', from); end <= to && !continued; end = this.find('\n', end + 1)) {
      continued = endsWithOddBackslashes(this.source, from, end);
      if (end === this.end) {
        break;
      }
    }
    if (continued) {
      throw this.problem(from, {
        code: 'UnsupportedConstruct',
        problem: `${what} in $(..) in a here-document has a line that ends in a backslash, which bash joins with the next one`,
        remedy: 'remove the backslash, or assign what $(..) prints to a variable before the here-document',
      });
    }
  }

  protected blanks(): void {
    for (;;) {
      const c = this.peek();
      if (c === ' ' || c === '\t') {
        this.pos += 1;
      } else if (c === '\\' && this.peek(1) === '\n') {
        this.pos += 2;
      } else {
        return;
      }
    }
  }

  protected blanksAndNewlines(): void {
    for (;;) {
      this.blanks();
      const c = this.peek();
      if (c === '\n') {
        this.newline();
      } else if (c === '#') {
        this.comment();
      } else {
        return;
      }
    }
  }

  protected surroundings(): BashSurroundings {
    const { inHereDocument: hereDocument, inQuotedExpansion: quotedExpansion, hasAmbiguousQuotes: ambiguousQuotes } = this;
    const arrayInSubstitution = this.inArray && this.inSubstitution;
    const nested = hereDocument || quotedExpansion || this.inArray || this.inSubstitution;
    const { inExpansion: expansion, inPatternGroup: patternGroup } = this;
    return { hereDocument, quotedExpansion, expansion, patternGroup, ambiguousQuotes, arrayInSubstitution, nested };
  }

  /** Text that is assigned to some variables is code, whatever the quotes. */
  protected checkAssigned(name: string | undefined, values: readonly ValueSegment[]): void {
    const [value] = values;
    if (name === undefined || value === undefined) {
      return;
    }
    if (this.references.has(name)) {
      throw this.script.valueError(value, {
        code: 'ValueAsCode',
        problem: `the script declares ${name} with -n, and bash may take what is assigned to it for a variable with a subscript, which may run code`,
        remedy: 'assign the value to a variable that is declared without -n',
      });
    }
    if (this.integerVariables.has(name)) {
      this.mustBeIntegers(values, name);
    }
  }

  protected mustBeIntegers(values: readonly ValueSegment[], variable?: string): void {
    for (const value of values) {
      // Called for its errors: some words are arithmetic, quoted or not.
      this.write(value, { kind: 'arithmetic', before: '', after: '', variable }, this.surroundings());
    }
  }

  private arithmeticValue(): void {
    this.value({ kind: 'arithmetic', before: this.source[this.pos - 1] ?? '', after: this.peek(1) });
  }

  /** Writes the value at the current position. */
  protected value(place: BashPlace): void {
    const value = this.script.valueAt(this.pos);
    this.wordValues.push(value);
    this.script.writeValue(this.pos, this.write(value, this.effective(place, value), this.surroundings()));
    if (place.kind === 'quoted expansion word' && typeof value.value === 'string' && value.value.includes("'")) {
      this.hasAmbiguousQuotes = true;
      if (this.hasBrace) {
        throw this.script.valueError(value, {
          code: 'AmbiguousQuotes',
          problem: 'bash may or may not expand the brace before "${..}", because the value has quotes',
          remedy: 'assign the value to a variable first, without braces',
        });
      }
    }
    this.pos += 1;
  }

  /** Some places are what they are whatever quotes there are within them. */
  private effective(place: BashPlace, value: ValueSegment): BashPlace {
    if (place.kind === 'comment') {
      return place;
    }
    if (this.inArithmetic) {
      return place.kind === 'arithmetic' ? place : { kind: 'arithmetic', before: '', after: '' };
    }
    if (this.inBracketExpression) {
      throw this.script.valueError(value, {
        code: 'ValueInBracketExpression',
        problem: 'a value in a bracket expression of a regular expression is not read literally',
        remedy: 'put the value outside of the brackets',
      });
    }
    return this.inReplacement === undefined ? place : { kind: 'replacement', quoted: this.inReplacement === 'quoted' };
  }

  /** An operator that a backslash-newline cuts in two would be read as two operators here. */
  protected noContinuation(): void {
    if (this.peek() === '\\' && this.peek(1) === '\n' && /[;&<>(|-]/.test(this.peek(2))) {
      throw this.unsupported(this.pos, 'an operator that continues on the next line');
    }
  }
}

export function endsWithOddBackslashes(source: string, start: number, end: number): boolean {
  let first = end;
  while (first > start && source[first - 1] === '\\') {
    first -= 1;
  }
  return (end - first) % 2 === 1;
}

export function isIdentifier(text: string): boolean {
  return /^[A-Za-z_][A-Za-z0-9_]*$/.test(text);
}
