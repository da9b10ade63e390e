import { Problem, Script, VALUE } from './script';
import { ValueSegment } from './segments';

/**
 * Where in a bash script a value stands. The names are those of the bash manual.
 *
 * @internal
 */
export type BashPlace =
  /** Outside of quotes. `before` and `after` are the neighbours in the same word, '' at its ends. */
  | { readonly kind: 'word'; readonly before: string; readonly after: string; readonly literal: boolean }
  | { readonly kind: 'double quotes' }
  | { readonly kind: 'single quotes' }
  | { readonly kind: 'ANSI-C quotes' }
  | { readonly kind: 'here-document' }
  | { readonly kind: 'quoted here-document' }
  /** The word of `"${name:-word}"`: as in double quotes, but a `}` would end it. */
  | { readonly kind: 'quoted expansion word' }
  /** The word of `${name:-word}` or the pattern of `${name#pattern}` outside of double quotes. */
  | { readonly kind: 'expansion word' }
  /** The pattern of `"${name#pattern}"`, where quotes within are quotes again. */
  | { readonly kind: 'quoted pattern' }
  /** The second part of `${name/pattern/replacement}`. */
  | { readonly kind: 'replacement' }
  | { readonly kind: 'arithmetic' }
  | { readonly kind: 'comment' };

/**
 * What bash does to the text of a value before or after it looks at the quotes.
 *
 * @internal
 */
export interface BashSurroundings {
  /** In the body of a here-document whose delimiter is not quoted, at any depth: it is read line by line first. */
  readonly hereDocument: boolean;
  /** In the word or pattern of `"${..}"`, also in further quotes: the pass for brace expansion takes those for the end of the outer ones. */
  readonly quotedExpansion: boolean;
  /** In the word or pattern of any `${..}`: there bash replaces `$'..'` while it reads, and may forget the quotes. */
  readonly expansion: boolean;
  /** After a quote in quotes in `"${..}"`, from where on the pass for brace expansion may take quoted text for unquoted. */
  readonly ambiguousQuotes: boolean;
  /** In an array in a command substitution: bash 5.2 prints what it read and reads it again, which loses escapes. */
  readonly arrayInSubstitution: boolean;
  /** In any of these, in an array or in a command substitution: bash reads the text more than once. */
  readonly nested: boolean;
}

/** What an expansion looks like from the outside: `word` outside of quotes, `double` inside of double quotes or a here-document. */
type Quoting = 'none' | 'double';

interface HereDocument {
  readonly delimiter: string;
  readonly quoted: boolean;
  readonly stripTabs: boolean;
  readonly offset: number;
}

/** What a word looked like, as far as the grammar around it needs to know. */
interface Word {
  /** Its text when it has no quotes, expansions or values, else undefined: only such a word can be a reserved word. */
  readonly bare: string | undefined;
  readonly assignment: boolean;
  readonly start: number;
  readonly values: readonly ValueSegment[];
}

type ExpansionWord = 'quoted expansion word' | 'quoted pattern' | 'expansion word' | 'replacement';
type WordKind = 'argument' | 'assignable' | 'array element' | 'conditional' | 'regular expression';
type ListEnd = 'end of script' | ')' | 'case item';

const IDENTIFIER = /[A-Za-z_][A-Za-z0-9_]*/y;
const PARAMETER = /[A-Za-z_][A-Za-z0-9_]*|[0-9]+|[@*#?$!-]/y;
const ASSIGNMENT = /^[A-Za-z_][A-Za-z0-9_]*(?:\[.*\])?\+?=/s;
const ORDINARY_IN_WORD = /[^\0\s;&|<>()\\'"`$[\]{~]+/y;
const ORDINARY_IN_DOUBLE_QUOTES = /[^\0"\\`$]+/y;
const ORDINARY_IN_HERE_DOCUMENT = /[^\0\\`$]+/y;
const ORDINARY_IN_ARITHMETIC = /[^\0()[\]\\'"`$}:/\n]+/y;
const FUNCTION_PARENTHESES = /\([ \t]*\)/y;
const ARITHMETIC_COMPARISONS = new Set(['-eq', '-ne', '-lt', '-le', '-gt', '-ge']);
/** After these words a command begins, so a further reserved word is recognized. */
const COMMAND_FOLLOWS = new Set(['if', 'then', 'elif', 'else', 'while', 'until', 'do', '!', '{', 'time', '}', 'fi', 'done']);

/** Deeper nesting is no script that a person wrote; the limit keeps recursion away from the end of the stack. */
const MAX_DEPTH = 200;

/**
 * Reads a bash script from left to right and calls `write` for each value with the place where it stands.
 *
 * It knows as much of bash's grammar as is needed to know the quoting state everywhere, and no more: for instance it
 * must follow `case .. esac`, whose patterns close a parenthesis that was never opened, but not `if .. fi`. What it
 * cannot follow is an error, never a guess. Written against bash 4.2 to 5.2 with `extglob` off.
 *
 * @internal
 */
export class BashLexer {
  private readonly source: string;
  private pos = 0;
  /** End of the region being read: of the script, or of one here-document. */
  private end: number;
  private depth = 0;
  private pendingHereDocuments: HereDocument[] = [];
  /** In an expression that bash evaluates as arithmetic, whatever quotes there are within it. */
  private inArithmetic = false;
  /** In the body of a here-document whose delimiter is not quoted, at any depth. */
  private inHereDocument = false;
  private inExpansion = false;
  private inQuotedExpansion = false;
  /** Earlier in the same word a quote stands in quotes in `"${..}"`. */
  private hasAmbiguousQuotes = false;
  private inSubstitution = false;
  private inArray = false;
  /** In a substitution on a line that began a here-document, whose body would come at the next newline or later. */
  private newlineForbidden = false;
  private wordValues: ValueSegment[] = [];

  public constructor(
    private readonly script: Script,
    private readonly write: (value: ValueSegment, place: BashPlace, surroundings: BashSurroundings) => string,
  ) {
    this.source = script.source;
    this.end = this.source.length;
  }

  public read(): void {
    this.shebang();
    this.commands('end of script', 0);
  }

  private shebang(): void {
    if (!this.source.startsWith('#!')) {
      return;
    }
    const lineEnd = this.find('\n', 0);
    const value = this.script.nextValueOffset;
    if (value < lineEnd) {
      throw this.script.valueError(this.script.valueAt(value), {
        code: 'ValueInShebang',
        problem: 'a value cannot be part of the #! line, which decides what runs the script',
        remedy: 'write the interpreter into the template',
      });
    }
    this.pos = lineEnd;
  }

  // ---- commands -------------------------------------------------------------------------------------------------

  /** The commands of `$(..)`, `<(..)` or a subshell, from after the opening parenthesis to after the closing one. */
  private substitution(open: number): void {
    // Bash versions disagree about here-documents that are still open where a command substitution begins or ends.
    const outer = {
      pending: this.pendingHereDocuments,
      arithmetic: this.inArithmetic,
      quotedExpansion: this.inQuotedExpansion,
      expansion: this.inExpansion,
      ambiguousQuotes: this.hasAmbiguousQuotes,
      substitution: this.inSubstitution,
      values: this.wordValues,
    };
    this.inSubstitution = true;
    this.pendingHereDocuments = [];
    this.inArithmetic = false;
    this.inExpansion = false;
    this.inQuotedExpansion = false;
    const outerForbidden = this.newlineForbidden;
    this.newlineForbidden ||= outer.pending.length > 0;
    this.commands(')', open);
    this.noPendingHereDocuments();
    this.newlineForbidden = outerForbidden;
    this.pendingHereDocuments = outer.pending;
    this.inArithmetic = outer.arithmetic;
    this.inQuotedExpansion = outer.quotedExpansion;
    this.inExpansion = outer.expansion;
    this.hasAmbiguousQuotes = outer.ambiguousQuotes;
    this.inSubstitution = outer.substitution;
    this.wordValues = outer.values;
  }

  /** A list of commands up to and with its end. Returns what ended it: `)`, `;;`, `esac` or '' for the end of the script. */
  private commands(until: ListEnd, start: number): string {
    this.enter(start);
    const ended = this.commandsUntil(until, start);
    this.depth -= 1;
    return ended;
  }

  private commandsUntil(until: ListEnd, start: number): string {
    let position = 'command' as 'command' | 'assignments' | 'arguments';
    let words = 0;
    const beginCommand = (): void => {
      position = 'command';
      words = 0;
    };
    for (;;) {
      this.blanks();
      const c = this.peek();
      switch (c) {
        case '':
          if (until !== 'end of script') {
            throw this.unterminated(start, until === ')' ? 'a parenthesis' : 'a case command');
          }
          this.noPendingHereDocuments();
          return '';
        case '\n':
          this.newline();
          beginCommand();
          continue;
        case '#':
          this.comment();
          continue;
        case ';':
          if (this.source.startsWith(';;', this.pos) || this.source.startsWith(';&', this.pos)) {
            if (until !== 'case item') {
              throw this.unexpected(this.pos, 'the end of a case item');
            }
            this.pos += this.source.startsWith(';;&', this.pos) ? 3 : 2;
            return ';;';
          }
          this.pos += 1;
          this.noContinuation();
          beginCommand();
          continue;
        case '&':
          if (this.peek(1) === '>') {
            this.pos += this.peek(2) === '>' ? 3 : 2;
            this.redirectionTarget();
            position = position === 'command' ? 'assignments' : position;
            continue;
          }
          this.pos += 1;
          beginCommand();
          continue;
        case '|':
          this.pos += 1;
          beginCommand();
          continue;
        case '(':
          if (position === 'arguments') {
            if (words !== 1 || this.match(FUNCTION_PARENTHESES) === undefined) {
              throw this.unexpected(this.pos, 'an opening parenthesis');
            }
          } else if (this.peek(1) === '(') {
            this.arithmeticCommand();
          } else {
            const open = this.pos;
            this.pos += 1;
            this.commands(')', open);
          }
          beginCommand();
          continue;
        case ')':
          if (until !== ')') {
            throw this.unexpected(this.pos, 'a closing parenthesis');
          }
          this.pos += 1;
          return ')';
        case '<':
        case '>':
          if (this.peek(1) !== '(') {
            this.redirection();
            position = position === 'command' ? 'assignments' : position;
            continue;
          }
      }

      const word = this.word(position === 'arguments' ? 'argument' : 'assignable');
      if (this.isRedirectionPrefix(word)) {
        continue;
      }
      words += 1;
      if (position !== 'command' || word.bare === undefined) {
        position = word.assignment && position !== 'arguments' ? 'assignments' : 'arguments';
        continue;
      }
      switch (word.bare) {
        case 'case':
          this.caseCommand(word.start);
          beginCommand();
          break;
        case '[[':
          this.conditionalCommand(word.start);
          beginCommand();
          break;
        case 'for':
        case 'select':
          position = this.forCommand();
          words = 0;
          break;
        case 'function':
          this.blanks();
          this.word('argument');
          beginCommand();
          break;
        case 'coproc':
          throw this.unsupported(word.start, 'coproc');
        case 'esac':
          if (until !== 'case item') {
            throw this.unexpected(word.start, 'esac');
          }
          return 'esac';
        default:
          if (COMMAND_FOLLOWS.has(word.bare)) {
            beginCommand();
          } else {
            position = word.assignment ? 'assignments' : 'arguments';
          }
      }
    }
  }

  /** `2>file` and `{fd}>file`: the digits are not a word of the command. */
  private isRedirectionPrefix(word: Word): boolean {
    return word.bare !== undefined && /^(?:\d+|\{\w+\})$/.test(word.bare) && /[<>]/.test(this.peek());
  }

  private caseCommand(start: number): void {
    this.blanksAndNewlines();
    this.word('argument');
    this.blanksAndNewlines();
    if (this.word('argument').bare !== 'in') {
      throw this.unexpected(start, 'a case command without "in"');
    }
    for (;;) {
      this.blanksAndNewlines();
      const parenthesized = this.peek() === '(';
      if (parenthesized) {
        this.pos += 1;
      } else if (this.peek() === '') {
        throw this.unterminated(start, 'a case command');
      }
      for (let first = true; ; first = false) {
        this.blanks();
        const pattern = this.word('argument');
        this.blanks();
        if (pattern.bare === 'esac' && first && !parenthesized) {
          return;
        }
        if (this.peek() === '|') {
          this.pos += 1;
        } else if (this.peek() === ')') {
          this.pos += 1;
          break;
        } else {
          throw this.unexpected(this.pos, 'what follows a case pattern');
        }
      }
      if (this.commands('case item', start) === 'esac') {
        return;
      }
    }
  }

  /** `for name in words; do`, `for name do`, `for ((..;..;..))`. Returns the position after what was read. */
  private forCommand(): 'command' | 'arguments' {
    this.blanks();
    if (this.source.startsWith('((', this.pos)) {
      this.arithmeticCommand();
      return 'command';
    }
    this.word('argument');
    this.blanks();
    if (this.matches(/do(?![^\s;&|()<>])/y)) {
      return 'command';
    }
    return 'arguments';
  }

  private arithmeticCommand(): void {
    const open = this.pos;
    this.pos = open + 2;
    this.arithmetic('))', open);
  }

  private conditionalCommand(start: number): void {
    let operator = '';
    let operand: Word | undefined;
    for (;;) {
      this.blanksAndNewlines();
      const c = this.peek();
      if (c === '') {
        throw this.unterminated(start, '[[');
      }
      if (c === ';') {
        throw this.unexpected(this.pos, 'a semicolon in [[ ]]');
      }
      if ('()&|'.includes(c) || ('<>'.includes(c) && this.peek(1) !== '(')) {
        this.pos += 1;
        operator = '';
        operand = undefined;
        continue;
      }
      const word = this.word(operator === '=~' ? 'regular expression' : 'conditional');
      if (word.bare === ']]') {
        return;
      }
      if (ARITHMETIC_COMPARISONS.has(operator)) {
        this.mustBeIntegers(word);
      } else if (operator === '-v' || operator === '-R') {
        this.mustBeNames(word);
      }
      if (word.bare !== undefined && operand !== undefined && ARITHMETIC_COMPARISONS.has(word.bare)) {
        this.mustBeIntegers(operand);
      }
      operator = word.bare ?? '';
      operand = word;
    }
  }

  private mustBeIntegers(word: Word): void {
    for (const value of word.values) {
      // Called for its errors: the operands of -eq and its like are arithmetic, quoted or not.
      this.write(value, { kind: 'arithmetic' }, this.surroundings());
    }
  }

  private mustBeNames(word: Word): void {
    for (const value of word.values) {
      if (typeof value.value !== 'string' || !/^[A-Za-z_][A-Za-z0-9_]*$/.test(value.value)) {
        throw this.script.valueError(value, {
          code: 'ValueAsVariableName',
          problem: 'bash evaluates the operand of -v as a variable with a subscript, which may run code',
          remedy: 'write the name of the variable into the template',
        });
      }
    }
  }

  private redirection(): void {
    const start = this.pos;
    if (this.source.startsWith('<<<', start)) {
      this.pos += 3;
      this.redirectionTarget();
    } else if (this.source.startsWith('<<', start)) {
      this.hereDocumentStart();
    } else {
      this.pos += 1;
      this.noContinuation();
      if ('<>&|'.includes(this.peek()) && this.peek() !== '') {
        this.pos += 1;
      }
      this.redirectionTarget();
    }
  }

  private redirectionTarget(): void {
    this.blanks();
    this.word('argument');
  }

  // ---- here-documents -------------------------------------------------------------------------------------------

  private hereDocumentStart(): void {
    const offset = this.pos;
    this.pos += 2;
    this.noContinuation();
    const stripTabs = this.peek() === '-';
    if (stripTabs) {
      this.pos += 1;
    }
    this.blanks();
    let delimiter = '';
    let quoted = false;
    for (;;) {
      const c = this.peek();
      if (c === VALUE) {
        throw this.script.valueError(this.script.valueAt(this.pos), {
          code: 'ValueInHereDocumentDelimiter',
          problem: 'a value cannot be the delimiter of a here-document',
          remedy: 'write the delimiter into the template',
        });
      }
      if (c === '' || /[\s;&|<>()]/.test(c)) {
        break;
      }
      if (c === '`' || (c === '$' && /['"({[]/.test(this.peek(1)))) {
        throw this.unsupported(offset, 'this delimiter of a here-document');
      }
      if (c === '\\') {
        quoted = true;
        delimiter += this.peek(1);
        this.pos += 2;
      } else if (c === "'" || c === '"') {
        const close = this.find(c, this.pos + 1);
        const text = this.source.slice(this.pos + 1, close);
        if (close === this.end || /[\0\n\\`$]/.test(text)) {
          throw this.unsupported(offset, 'this delimiter of a here-document');
        }
        quoted = true;
        delimiter += text;
        this.pos = close + 1;
      } else {
        delimiter += c;
        this.pos += 1;
      }
    }
    this.pendingHereDocuments.push({ delimiter, quoted, stripTabs, offset });
  }

  /** A newline that is a token, not one in quotes: here the bodies of here-documents begin, in the order of their operators. */
  private newline(): void {
    if (this.newlineForbidden) {
      throw this.unsupported(this.pos, 'a newline in a command inside of a line that begins a here-document');
    }
    this.pos += 1;
    const pending = this.pendingHereDocuments;
    this.pendingHereDocuments = [];
    for (const document of pending) {
      this.hereDocumentBody(document);
    }
  }

  private hereDocumentBody(document: HereDocument): void {
    const bodyEnd = this.hereDocumentEnd(document);
    const outerEnd = this.end;
    this.script.copyTo(this.pos);
    const mark = this.script.mark();
    this.end = bodyEnd;
    if (document.quoted) {
      while (this.script.nextValueOffset < bodyEnd) {
        this.pos = this.script.nextValueOffset;
        this.value({ kind: 'quoted here-document' });
      }
    } else {
      const outerHereDocument = this.inHereDocument;
      this.inHereDocument = true;
      this.hereDocumentText();
      this.inHereDocument = outerHereDocument;
    }
    this.pos = bodyEnd;
    this.end = outerEnd;
    this.script.copyTo(bodyEnd);
    this.checkHereDocumentLines(document, mark);
    const lineEnd = this.find('\n', bodyEnd);
    this.pos = Math.min(lineEnd + 1, this.end);
  }

  /** The offset of the line that ends the document. */
  private hereDocumentEnd(document: HereDocument): number {
    for (let lineStart = this.pos; lineStart < this.end;) {
      let lineEnd = this.find('\n', lineStart);
      let line = this.source.slice(lineStart, lineEnd);
      // Without quotes bash joins lines before it looks for the delimiter.
      while (!document.quoted && lineEnd < this.end && endsWithOddBackslashes(line)) {
        const nextEnd = this.find('\n', lineEnd + 1);
        line = line.slice(0, -1) + this.source.slice(lineEnd + 1, nextEnd);
        lineEnd = nextEnd;
      }
      if ((document.stripTabs ? line.replace(/^\t+/, '') : line) === document.delimiter) {
        return lineStart;
      }
      lineStart = lineEnd + 1;
    }
    throw this.unterminated(document.offset, `the here-document ${document.delimiter}`);
  }

  private hereDocumentText(): void {
    while (this.pos < this.end) {
      this.skip(ORDINARY_IN_HERE_DOCUMENT);
      switch (this.peek()) {
        case VALUE:
          this.value({ kind: 'here-document' });
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

  /** With its values written, no line of the body may be the delimiter, and `<<-` may not strip a tab of a value. */
  private checkHereDocumentLines(document: HereDocument, mark: number): void {
    const pieces = this.script.piecesSince(mark);
    const body = pieces.map((piece) => piece.text).join('');
    const endings = this.endingLines(document, body);
    let offset = 0;
    for (const { text, value } of pieces) {
      const start = offset;
      offset += text.length;
      if (value === undefined) {
        continue;
      }
      if (document.stripTabs && (text.includes('\n\t') || (text.startsWith('\t') && /(?:^|\n)\t*$/.test(body.slice(0, start))))) {
        throw this.script.valueError(value, {
          code: 'TabStrippedFromValue',
          problem: 'the value has a tab at the start of a line, which <<- removes',
          remedy: 'begin the here-document with << instead of <<-',
        });
      }
      if (endings.some((line) => line.end >= start && line.start <= offset)) {
        throw this.script.valueError(value, {
          code: 'ValueEndsHereDocument',
          problem: `the value makes a line that bash takes for the delimiter ${document.delimiter} and would end the here-document`,
          remedy: 'choose a delimiter that the value cannot contain',
        });
      }
    }
    if (endings.length > 0) {
      throw this.unsupported(document.offset, `a here-document in $(..) with a line that begins with its delimiter`);
    }
  }

  /** The lines of the body that would end the document. */
  private endingLines({ delimiter, quoted, stripTabs }: HereDocument, body: string): { start: number; end: number }[] {
    const endings: { start: number; end: number }[] = [];
    // Without quotes bash joins lines that end in a backslash before it looks for the delimiter.
    for (const match of body.matchAll(quoted ? /[^\n]+/g : /(?:[^\\\n]|\\[^])+/g)) {
      const joined = quoted ? match[0] : match[0].replaceAll('\\\n', '');
      const line = stripTabs ? joined.replace(/^\t+/, '') : joined;
      // In a command substitution bash 5.2 also takes `EOF)`, and any line that begins and goes on like this.
      if (line === delimiter || (this.inSubstitution && line.startsWith(delimiter) && line.includes(')'))) {
        endings.push({ start: match.index, end: match.index + match[0].length });
      }
    }
    return endings;
  }

  private noPendingHereDocuments(): void {
    const [pending] = this.pendingHereDocuments;
    if (pending !== undefined) {
      throw this.unterminated(pending.offset, `the here-document ${pending.delimiter}`);
    }
  }

  // ---- words ----------------------------------------------------------------------------------------------------

  private word(kind: WordKind): Word {
    const start = this.pos;
    const outerValues = this.wordValues;
    const outerAmbiguousQuotes = this.hasAmbiguousQuotes;
    this.wordValues = [];
    this.hasAmbiguousQuotes = false;
    let bare: string | undefined = '';
    let literal = false;
    let subscript = false;
    let assignment = false;
    let inBracket = false;
    /** Open parentheses of an extended pattern or a regular expression: within them blanks belong to the word. */
    const parentheses: number[] = [];
    const outerArithmetic = this.inArithmetic;

    reading: for (;;) {
      const runStart = this.pos;
      this.skip(ORDINARY_IN_WORD);
      if (bare !== undefined) {
        bare += this.source.slice(runStart, this.pos);
        assignment ||= ASSIGNMENT.test(bare);
      }
      const c = this.peek();
      switch (c) {
        case '':
          break reading;
        case VALUE:
          bare = undefined;
          if (subscript || this.inArithmetic) {
            this.value({ kind: 'arithmetic' });
          } else {
            if (kind === 'regular expression' && inBracket) {
              throw this.script.valueError(this.script.valueAt(this.pos), {
                code: 'ValueInBracketExpression',
                problem: 'a value in a bracket expression of a regular expression is not read literally',
                remedy: 'put the value outside of the brackets',
              });
            }
            this.value({ kind: 'word', before: this.before(start), after: this.after(), literal });
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
          continue;
        case "'":
          bare = undefined;
          this.singleQuotes();
          continue;
        case '"':
          bare = undefined;
          this.doubleQuotes();
          continue;
        case '`':
          bare = undefined;
          this.backticks();
          continue;
        case '$':
          if (bare !== undefined && !assignment) {
            bare = undefined;
          }
          this.dollar('none');
          continue;
        case '[':
          literal = true;
          inBracket = true;
          if ((kind === 'assignable' && bare !== undefined && isIdentifier(bare)) || (kind === 'array element' && this.pos === start)) {
            // As bash does, up to the matching bracket whatever blanks there are: `a[ $i + 1 ]=x`.
            this.pos += 1;
            this.arithmetic(']', this.pos - 1);
            bare = kind === 'assignable' ? `${bare}[]` : undefined;
            continue;
          }
          subscript ||= bare !== undefined && isIdentifier(bare);
          this.inArithmetic ||= subscript;
          break;
        case ']':
          inBracket = false;
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
          break;
        case '~':
          literal = true;
          break;
        case '<':
        case '>':
          if (this.peek(1) === '(') {
            bare = undefined;
            const open = this.pos;
            this.pos += 2;
            this.substitution(open);
            continue;
          }
          if (parentheses.length === 0) {
            break reading;
          }
          break;
        case '(':
          if (assignment && bare !== undefined && /=$/.test(bare) && kind !== 'conditional') {
            this.arrayElements();
            break reading;
          }
          if (
            kind === 'regular expression' ||
            (kind === 'conditional' && /[?*+@!]/.test(this.source[this.pos - 1] ?? '') && this.pos > start)
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
            throw this.unexpected(this.pos, 'a newline in a pattern');
          }
      }
      bare = bare === undefined ? undefined : bare + c;
      this.pos += 1;
    }

    if (parentheses.length > 0) {
      throw this.unterminated(parentheses[0], 'a parenthesis in a pattern');
    }
    if (this.pos === start) {
      throw this.unexpected(start, this.peek() === '' ? 'the end of the script' : JSON.stringify(this.peek()));
    }
    const values = this.wordValues;
    this.wordValues = outerValues;
    this.hasAmbiguousQuotes = outerAmbiguousQuotes;
    this.inArithmetic = outerArithmetic;
    return { bare, assignment, start, values };
  }

  private arrayElements(): void {
    const open = this.pos;
    const outerArray = this.inArray;
    this.noPendingHereDocuments();
    this.inArray = true;
    this.pos += 1;
    for (this.blanksAndNewlines(); this.peek() !== ')'; this.blanksAndNewlines()) {
      if (this.peek() === '') {
        throw this.unterminated(open, 'an array');
      }
      this.word('array element');
    }
    this.pos += 1;
    this.inArray = outerArray;
  }

  /** The character of the same word before the value, '' when the value begins it. */
  private before(wordStart: number): string {
    return this.pos > wordStart ? this.source[this.pos - 1] : '';
  }

  /** The character that follows the value, '' when a blank or an operator that cannot change its meaning does. */
  private after(): string {
    const next = this.peek(1);
    return next === '' || /[\s;&|)]/.test(next) ? '' : next;
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
          this.depth -= 1;
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
  private backslashInDoubleQuotes(): void {
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
  private backticks(): void {
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

  private dollar(quoting: Quoting): void {
    const start = this.pos;
    const next = this.peek(1);
    switch (next) {
      case '(':
        if (this.peek(2) === '(') {
          this.pos += 3;
          this.arithmetic('))', start);
        } else {
          this.pos += 2;
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
        break;
    }
    this.pos += 1;
    const name = this.match(IDENTIFIER);
    if (name === undefined) {
      if (/[0-9@*#?$!-]/.test(next)) {
        this.pos += 1;
      }
    } else if (this.peek() === VALUE && name !== '') {
      // `$HOME{{ value }}` must not become the variable HOMEvalue.
      this.script.copyTo(start);
      this.script.replaceTo(this.pos, `\${${name}}`);
    }
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
    if (this.match(PARAMETER) === undefined) {
      throw this.unsupported(open, 'this parameter expansion');
    }
    if (this.peek() === '[') {
      this.pos += 1;
      this.arithmetic(']', this.pos - 1);
    }
    const operator = this.match(/:[-=?+]|[-=?+]|:|##?|%%?|\/[/#%]?|\^\^?|,,?|@|\*/y) ?? '';
    switch (operator[0]) {
      case undefined:
        break;
      case ':':
        if (operator.length === 1) {
          this.arithmetic('}', open);
          this.depth -= 1;
          return;
        }
        this.expansionWord(open, quoting === 'double' ? 'quoted expansion word' : 'expansion word', '}');
        break;
      case '-':
      case '=':
      case '?':
      case '+':
        this.expansionWord(open, quoting === 'double' ? 'quoted expansion word' : 'expansion word', '}');
        break;
      case '/':
        this.expansionWord(open, quoting === 'double' ? 'quoted pattern' : 'expansion word', '/}');
        if (this.peek() === '/') {
          this.pos += 1;
          this.expansionWord(open, 'replacement', '}');
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
    this.depth -= 1;
  }

  /** The word after the operator of `${name..}`, up to one of `closers`, which is left unread. */
  private expansionWord(open: number, kind: ExpansionWord, closers: string): void {
    const outerQuotedExpansion = this.inQuotedExpansion;
    const outerExpansion = this.inExpansion;
    this.inExpansion = true;
    this.inQuotedExpansion ||= kind === 'quoted expansion word' || kind === 'quoted pattern';
    for (;;) {
      const c = this.peek();
      if (c === '') {
        throw this.unterminated(open, '${');
      }
      if (closers.includes(c)) {
        this.inQuotedExpansion = outerQuotedExpansion;
        this.inExpansion = outerExpansion;
        return;
      }
      switch (c) {
        case VALUE:
          this.value({ kind });
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
  private arithmetic(close: '))' | ']' | '}', open: number): void {
    this.enter(open);
    const outerArithmetic = this.inArithmetic;
    this.inArithmetic = true;
    const nesting: string[] = [];
    for (;;) {
      this.skip(ORDINARY_IN_ARITHMETIC);
      const c = this.peek();
      if (nesting.length === 0 && (close === '))' ? this.source.startsWith('))', this.pos) && this.pos + 1 < this.end : c === close)) {
        this.pos += close.length;
        break;
      }
      switch (c) {
        case '':
          throw this.unterminated(open, 'an arithmetic expression');
        case VALUE:
          this.value({ kind: 'arithmetic' });
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
    this.depth -= 1;
  }

  // ---- comments, blanks, values ---------------------------------------------------------------------------------

  private comment(): void {
    const lineEnd = this.find('\n', this.pos);
    while (this.script.nextValueOffset < lineEnd) {
      this.pos = this.script.nextValueOffset;
      this.value({ kind: 'comment' });
    }
    this.pos = lineEnd;
  }

  private blanks(): void {
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

  private blanksAndNewlines(): void {
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

  private surroundings(): BashSurroundings {
    const { inHereDocument: hereDocument, inQuotedExpansion: quotedExpansion, hasAmbiguousQuotes: ambiguousQuotes } = this;
    const arrayInSubstitution = this.inArray && this.inSubstitution;
    const nested = hereDocument || quotedExpansion || this.inArray || this.inSubstitution;
    return { hereDocument, quotedExpansion, expansion: this.inExpansion, ambiguousQuotes, arrayInSubstitution, nested };
  }

  /** Writes the value at the current position. */
  private value(place: BashPlace): void {
    const value = this.script.valueAt(this.pos);
    this.wordValues.push(value);
    const effective: BashPlace = this.inArithmetic && place.kind !== 'comment' ? { kind: 'arithmetic' } : place;
    this.script.writeValue(this.pos, this.write(value, effective, this.surroundings()));
    if (place.kind === 'quoted expansion word' && typeof value.value === 'string' && value.value.includes("'")) {
      this.hasAmbiguousQuotes = true;
    }
    this.pos += 1;
  }

  // ---- reading --------------------------------------------------------------------------------------------------

  private peek(ahead = 0): string {
    const at = this.pos + ahead;
    return at < this.end ? this.source[at] : '';
  }

  /** Offset of the next `text`, or the end of the region. */
  private find(text: string, from: number): number {
    const found = this.source.indexOf(text, from);
    return found === -1 || found > this.end ? this.end : found;
  }

  /** Reads what the sticky expression matches here. */
  private match(expression: RegExp): string | undefined {
    expression.lastIndex = this.pos;
    const text = expression.exec(this.source)?.[0];
    if (text === undefined || this.pos + text.length > this.end) {
      return undefined;
    }
    this.pos += text.length;
    return text;
  }

  private matches(expression: RegExp): boolean {
    expression.lastIndex = this.pos;
    return expression.test(this.source);
  }

  private skip(expression: RegExp): void {
    expression.lastIndex = this.pos;
    if (expression.test(this.source)) {
      this.pos = Math.min(expression.lastIndex, this.end);
    }
  }

  private enter(offset: number): void {
    this.depth += 1;
    if (this.depth > MAX_DEPTH) {
      throw this.unsupported(offset, `nesting deeper than ${MAX_DEPTH} levels`);
    }
  }

  /** An operator that a backslash-newline cuts in two would be read as two operators here. */
  private noContinuation(): void {
    if (this.peek() === '\\' && this.peek(1) === '\n' && /[;&<>(|-]/.test(this.peek(2))) {
      throw this.unsupported(this.pos, 'an operator that continues on the next line');
    }
  }

  private unterminated(offset: number, what: string): Error {
    return this.problem(offset, {
      code: 'UnterminatedScript',
      problem: `${what} is never closed`,
      remedy: 'close it, or the script does not mean what it says',
    });
  }

  private unexpected(offset: number, what: string): Error {
    return this.problem(offset, {
      code: 'UnexpectedToken',
      problem: `${what} is not expected here`,
      remedy: 'correct the script; `bash -n` may tell more',
    });
  }

  private unsupported(offset: number, what: string): Error {
    return this.problem(offset, {
      code: 'UnsupportedConstruct',
      problem: `${what} cannot be followed, so values after it could not be escaped`,
      remedy: 'write it in another way',
    });
  }

  private problem(offset: number, problem: Problem): Error {
    return this.script.errorAt(offset, problem);
  }
}

/** An escape sequence that the first character of a value could lengthen. */
const UNFINISHED_ESCAPE = /\\(?:[0-7]{1,2}|x[0-9A-Fa-f]?|u[0-9A-Fa-f]{0,3}|U[0-9A-Fa-f]{0,7}|c)\0/y;

function isIdentifier(text: string): boolean {
  return /^[A-Za-z_][A-Za-z0-9_]*$/.test(text);
}

function endsWithOddBackslashes(line: string): boolean {
  return /(?<!\\)(?:\\\\)*\\$/.test(line);
}
