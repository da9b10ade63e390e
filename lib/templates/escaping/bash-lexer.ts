import { VariableReference } from '../value-kinds';
import { BashPlace, BashSurroundings } from './bash-place';
import { CommandReader, WordMeaning } from './bash-command-reader';
import { Script, VALUE } from './script';
import { BashWordReader, Word, endsWithOddBackslashes, isIdentifier } from './bash-word-reader';
import { ValueSegment } from './segments';

interface HereDocument {
  readonly delimiter: string;
  readonly quoted: boolean;
  readonly stripTabs: boolean;
  readonly offset: number;
}

type ListEnd = 'end of script' | ')' | 'case item';

const ORDINARY_IN_HERE_DOCUMENT = /[^\0\\`$]+/y;
const FUNCTION_PARENTHESES = /\([ \t]*\)/y;
const ARITHMETIC_COMPARISONS = new Set(['-eq', '-ne', '-lt', '-le', '-gt', '-ge']);
/** After these words a command begins, so a further reserved word is recognized. */
const COMMAND_FOLLOWS = new Set(['if', 'then', 'elif', 'else', 'while', 'until', 'do', '!', '{', 'time', '}', 'fi', 'done']);

/** The name that a word declares or assigns, once it has no quotes. */
const ASSIGNED_NAME = /^([A-Za-z_\0][\w\0]*)(?:\[|\+?=|$)/;

/**
 * Reads a bash script from left to right and calls `write` for each value with the place where it stands.
 *
 * It knows as much of bash's grammar as is needed to know the quoting state everywhere, and no more: for instance it
 * must follow `case .. esac`, whose patterns close a parenthesis that was never opened, but not `if .. fi`. What it
 * cannot follow is an error, never a guess. Written against bash 4.2 to 5.2 with `extglob` off.
 *
 * @internal
 */
export class BashLexer extends BashWordReader {
  private pendingHereDocuments: HereDocument[] = [];
  /** In a substitution on a line that began a here-document, whose body would come at the next newline or later. */
  private newlineForbidden = false;
  /** In the body of a here-document that begins with `<<-`: of that bash removes the tabs before it reads what is in it. */
  private tabsStripped = false;

  public constructor(script: Script, write: (value: ValueSegment, place: BashPlace, surroundings: BashSurroundings) => string) {
    super(script, write);
  }

  public read(): void {
    this.shebang();
    this.commands('end of script', 0);
  }

  private shebang(): void {
    if (this.source.startsWith(`#${VALUE}`)) {
      // A comment that the value must not make a #! line.
      this.script.replaceTo(1, '# ');
    }
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
  protected override substitution(open: number): void {
    // Bash versions disagree about here-documents that are still open where a command substitution begins or ends.
    const outer = {
      pending: this.pendingHereDocuments,
      arithmetic: this.inArithmetic,
      quotedExpansion: this.inQuotedExpansion,
      expansion: this.inExpansion,
      replacement: this.inReplacement,
      ambiguousQuotes: this.hasAmbiguousQuotes,
      substitution: this.inSubstitution,
      values: this.wordValues,
    };
    this.inSubstitution = true;
    this.pendingHereDocuments = [];
    this.inArithmetic = false;
    this.inExpansion = false;
    this.inQuotedExpansion = false;
    this.inReplacement = undefined;
    const outerForbidden = this.newlineForbidden;
    this.newlineForbidden ||= outer.pending.length > 0;
    this.commands(')', open);
    this.noPendingHereDocuments();
    this.newlineForbidden = outerForbidden;
    this.pendingHereDocuments = outer.pending;
    this.inArithmetic = outer.arithmetic;
    this.inQuotedExpansion = outer.quotedExpansion;
    this.inExpansion = outer.expansion;
    this.inReplacement = outer.replacement;
    this.hasAmbiguousQuotes = outer.ambiguousQuotes;
    this.inSubstitution = outer.substitution;
    this.wordValues = outer.values;
  }

  /** A list of commands up to and with its end. Returns what ended it: `)`, `;;`, `esac` or '' for the end of the script. */
  private commands(until: ListEnd, start: number): string {
    this.enter(start);
    const ended = this.commandsUntil(until, start);
    this.leave();
    return ended;
  }

  private commandsUntil(until: ListEnd, start: number): string {
    let position = 'command' as 'command' | 'assignments' | 'arguments';
    let words = 0;
    let loopVariable: string | undefined;
    let reader = new CommandReader();
    const beginCommand = (): void => {
      position = 'command';
      words = 0;
      loopVariable = undefined;
      reader = new CommandReader();
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
          if (this.at(';;') || this.at(';&')) {
            if (until !== 'case item') {
              throw this.unexpected(this.pos, 'the end of a case item');
            }
            this.pos += this.at(';;&') ? 3 : 2;
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
          this.noContinuation();
          beginCommand();
          continue;
        case '|':
          this.pos += 1;
          beginCommand();
          continue;
        case '(':
          if (position === 'arguments') {
            if (words !== 1 || this.match(FUNCTION_PARENTHESES) === undefined) {
              throw this.unexpectedParenthesis();
            }
          } else if (this.peek(1) === '(') {
            this.arithmeticCommand();
          } else {
            const open = this.pos;
            this.pos += 1;
            this.noContinuation();
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
      const raw = this.source.slice(word.start, this.pos);
      this.checkWord(word, raw, reader.read(word, raw, position !== 'arguments'));
      this.declareVariables(word, raw, reader.attributes);
      if (loopVariable !== undefined) {
        this.checkAssigned(loopVariable, word.values);
      }
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
          ({ position, variable: loopVariable } = this.forCommand());
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
            if (word.bare === 'time') {
              this.blanks();
              this.match(/-p(?=[ \t\n;&|()]|$)[ \t]*/y);
              this.match(/--(?=[ \t\n;&|()]|$)/y);
            }
            beginCommand();
          } else {
            position = word.assignment ? 'assignments' : 'arguments';
          }
      }
    }
  }

  /** Whatever the quotes, some commands read some of their words as more than text. */
  private checkWord(word: Word, raw: string, meaning: WordMeaning): void {
    const [value] = word.values;
    if (value === undefined) {
      return;
    }
    if (meaning === 'integers') {
      this.mustBeIntegers(word.values, assignedName(word, raw));
    } else if (meaning === 'assignment') {
      this.checkAssigned(assignedName(word, raw), word.values);
    } else if (meaning === 'names') {
      this.mustBeNames(word, 'the command takes this argument for the name of a variable with a subscript, which may run code');
    } else if (meaning === 'array' && !word.isArray) {
      throw this.script.valueError(value, {
        code: 'ValueAsCode',
        problem: 'the value is assigned as text to an array, and bash runs what is in such text',
        remedy: 'put it in parentheses, as in declare -a name=({{ value }})',
      });
    } else if (meaning === 'code') {
      throw this.script.valueError(value, {
        code: 'ValueAsCode',
        problem: 'the command runs this argument as code, and with it the value',
        remedy: `pass the value as an argument of its own, as in bash -c 'echo "$1"' bash {{ value }}`,
      });
    }
  }

  /** Remembers the variables that a declaration makes integers or references to others. */
  private declareVariables(word: Word, raw: string, attributes: string): void {
    if (!/[in]/.test(attributes)) {
      return;
    }
    if (/^[^=$]*\{/.test(raw)) {
      throw this.unsupported(word.start, 'a declaration of integers or references with braces in their names');
    }
    const name = assignedName(word, raw);
    if (name !== undefined) {
      (attributes.includes('i') ? this.integerVariables : this.references).add(name);
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
          throw this.peek() === '(' ? this.unexpectedParenthesis() : this.unexpected(this.pos, 'what follows a case pattern');
        }
      }
      if (this.commands('case item', start) === 'esac') {
        return;
      }
    }
  }

  /** `for name in words; do`, `for name do`, `for ((..;..;..))`. Returns the position after what was read. */
  private forCommand(): { readonly position: 'command' | 'arguments'; readonly variable?: string } {
    this.blanks();
    if (this.at('((')) {
      this.arithmeticCommand();
      return { position: 'command' };
    }
    const name = this.word('argument');
    const variable = assignedName(name, this.source.slice(name.start, this.pos));
    this.blanks();
    return { position: this.matches(/do(?![^ \t\n;&|()<>])/y) ? 'command' : 'arguments', variable };
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
      if ((c === '(' && operator !== '=~') || ')&|'.includes(c) || ('<>'.includes(c) && this.peek(1) !== '(')) {
        this.pos += 1;
        if (c === '<' || c === '>') {
          this.noContinuation();
        }
        operator = '';
        operand = undefined;
        continue;
      }
      const isPattern = operator === '=' || operator === '==' || operator === '!=';
      const word = this.word(operator === '=~' ? 'regular expression' : isPattern ? 'conditional pattern' : 'conditional');
      if (word.bare === ']]') {
        return;
      }
      if (ARITHMETIC_COMPARISONS.has(operator)) {
        this.mustBeIntegers(word.values);
      } else if (operator === '-v' || operator === '-R') {
        this.mustBeNames(word, 'bash evaluates the operand of -v as a variable with a subscript, which may run code');
      }
      if (word.bare !== undefined && operand !== undefined && ARITHMETIC_COMPARISONS.has(word.bare)) {
        this.mustBeIntegers(operand.values);
      }
      operator = word.bare ?? '';
      operand = word;
    }
  }

  private mustBeNames(word: Word, problem: string): void {
    for (const value of word.values) {
      if (typeof value.value !== 'string' || !isIdentifier(value.value)) {
        throw this.script.valueError(value, {
          code: 'ValueAsVariableName',
          problem,
          remedy: 'write the name of the variable into the template',
        });
      }
    }
  }

  private redirection(): void {
    if (this.at('<<<')) {
      this.pos += 3;
      this.redirectionTarget();
    } else if (this.at('<<')) {
      this.hereDocumentStart();
    } else {
      this.pos += 1;
      this.noContinuation();
      // `<&-` is complete: after it a # begins a comment.
      if (this.match(/&-/y) !== undefined) {
        return;
      }
      this.match(/[<>&|]/y);
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
    const dash = this.peek() === '-';
    if (dash) {
      this.pos += 1;
    }
    const stripTabs = dash || this.tabsStripped;
    this.blanks();
    this.noComment();
    let delimiter = '';
    let quoted = false;
    for (;;) {
      const c = this.peek();
      if (c === VALUE || (c === '\\' && this.peek(1) === VALUE)) {
        throw this.script.valueError(this.script.valueAt(this.script.nextValueOffset), {
          code: 'ValueInHereDocumentDelimiter',
          problem: 'a value cannot be the delimiter of a here-document',
          remedy: 'write the delimiter into the template',
        });
      }
      if (c === '' || /[ \t\n;&|<>()]/.test(c)) {
        break;
      }
      if (c === '`' || (c === '$' && /['"({[]/.test(this.peek(1)))) {
        throw this.unsupported(offset, 'this delimiter of a here-document');
      }
      if (c === '\\' && this.peek(1) === '\n') {
        this.pos += 2;
      } else if (c === '\\') {
        quoted = true;
        delimiter += this.peek(1);
        this.pos += 2;
      } else if (c === "'" || c === '"') {
        const text = this.match(c === "'" ? /'[^'\0\n]*'/y : /"(?:[^"\\`$\0\n]|\\[^\0\n]|\$(?![({['"\\\0]))*"/y);
        if (text === undefined) {
          throw this.unsupported(offset, 'this delimiter of a here-document');
        }
        quoted = true;
        delimiter += c === "'" ? text.slice(1, -1) : text.slice(1, -1).replace(/\\([\\"$`])/g, '$1');
      } else {
        delimiter += c;
        this.pos += 1;
      }
    }
    if (delimiter === '') {
      throw this.unsupported(offset, 'a here-document that ends at the first empty line');
    }
    this.pendingHereDocuments.push({ delimiter, quoted, stripTabs, offset });
  }

  /** A newline that is a token, not one in quotes: here the bodies of here-documents begin, in the order of their operators. */
  protected override newline(): void {
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
    const bodyStart = this.pos;
    const { bodyEnd, lineEnd } = this.hereDocumentEnd(document);
    const outerEnd = this.end;
    this.script.copyTo(this.pos);
    const mark = this.script.mark();
    this.end = bodyEnd;
    if (document.quoted) {
      while (this.script.nextValueOffset < bodyEnd) {
        this.pos = this.script.nextValueOffset;
        this.value({ kind: 'quoted here-document' });
      }
      if (this.inHereDocument) {
        this.noContinuedLines(bodyStart, bodyEnd, 'a here-document with a quoted delimiter');
      }
    } else {
      const outer = { hereDocument: this.inHereDocument, tabsStripped: this.tabsStripped };
      this.inHereDocument = true;
      this.tabsStripped = document.stripTabs;
      this.hereDocumentText();
      this.inHereDocument = outer.hereDocument;
      this.tabsStripped = outer.tabsStripped;
    }
    this.pos = bodyEnd;
    this.end = outerEnd;
    this.script.copyTo(bodyEnd);
    this.checkHereDocumentLines(document, mark);
    this.pos = Math.min(lineEnd + 1, this.end);
  }

  /** Where the line that ends the document begins, and where it ends. */
  private hereDocumentEnd(document: HereDocument): { readonly bodyEnd: number; readonly lineEnd: number } {
    for (const { text, start, end } of comparedLines(document, this.source, this.pos, this.end)) {
      if (text === document.delimiter) {
        return { bodyEnd: start, lineEnd: end };
      }
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
    let ending = 0;
    let afterTabs = true;
    for (const { text, value } of pieces) {
      const start = offset;
      const isAfterTabs: boolean = afterTabs;
      offset += text.length;
      afterTabs = /(?:^|\n)\t*$/.test(text) && (isAfterTabs || text.includes('\n'));
      if (value === undefined) {
        continue;
      }
      // With the text behind it: a newline at its end puts a tab of the text at the start of a line, as no text at all does.
      const shown = text + body.slice(offset, offset + 1);
      if (document.stripTabs && (shown.includes('\n\t') || (isAfterTabs && shown.startsWith('\t')))) {
        throw this.script.valueError(value, {
          code: 'TabStrippedFromValue',
          problem: 'the value has a tab at the start of a line, which <<- removes',
          remedy: 'begin the here-document with << instead of <<-',
        });
      }
      // Values and lines both stand in the order of the text.
      while (ending < endings.length && endings[ending].end < start) {
        ending += 1;
      }
      if (ending < endings.length && endings[ending].start <= offset) {
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
  private endingLines(document: HereDocument, body: string): { start: number; end: number }[] {
    const endings: { start: number; end: number }[] = [];
    for (const { text, start, end } of comparedLines(document, body, 0, body.length)) {
      // In a command substitution bash 5.2 also takes `EOF)`, and any line that begins and goes on like this.
      if (text === document.delimiter || (this.inSubstitution && text.startsWith(document.delimiter) && text.includes(')'))) {
        endings.push({ start, end });
      }
    }
    return endings;
  }

  protected override noPendingHereDocuments(): void {
    const [pending] = this.pendingHereDocuments;
    if (pending !== undefined) {
      throw this.unterminated(pending.offset, `the here-document ${pending.delimiter}`);
    }
  }
}

/** The name that a word declares or assigns, with the values that are part of it. */
function assignedName(word: Word, raw: string): string | undefined {
  const name = ASSIGNED_NAME.exec(raw.replace(/["']|\\\n?/g, ''))?.[1];
  let index = 0;
  return name?.replaceAll(VALUE, () => {
    const { value } = word.values[index++];
    return value instanceof VariableReference ? ' ' : String(value);
  });
}

/**
 * The lines of a here-document as bash compares them with its delimiter, and where they stand in the text. A loop and no
 * regular expression: a value may be so long that an expression with a choice in it would run out of stack.
 */
function* comparedLines(
  document: HereDocument,
  source: string,
  from: number,
  to: number,
): Generator<{ text: string; start: number; end: number }> {
  const lineEnd = (start: number) => {
    const found = source.indexOf('\n', start);
    return found === -1 || found > to ? to : found;
  };
  for (let start = from; start < to;) {
    const pieces: string[] = [];
    let end = start - 1;
    let joins: boolean;
    do {
      const pieceStart = end + 1;
      end = lineEnd(pieceStart);
      // Without quotes bash joins lines before it looks for the delimiter.
      joins = !document.quoted && end < to && endsWithOddBackslashes(source, pieceStart, end);
      pieces.push(source.slice(pieceStart, joins ? end - 1 : end));
    } while (joins);
    const text = pieces.join('');
    yield { text: document.stripTabs ? text.replace(/^\t+/, '') : text, start, end };
    start = end + 1;
  }
}
