import { CommandReader } from './bash-command-reader';
import { BashHereDocumentReader } from './bash-here-document-reader';
import { BashContext, TOP_LEVEL, refusing } from './bash-place';
import { Word, assignedName, wordCount } from './bash-word';
import { VALUE } from './script';

type ListEnd = 'end of script' | ')' | 'case item';
/** What comes of an operator or a reserved word: another command begins, the present one goes on, or the list has ended. */
type Step = 'new command' | 'same command' | 'end of list' | 'esac';

const FUNCTION_PARENTHESES = /\([ \t]*\)/y;
const ARITHMETIC_COMPARISONS = new Set(['-eq', '-ne', '-lt', '-le', '-gt', '-ge']);
/** After these words a command begins, so a further reserved word is recognized. */
const COMMAND_FOLLOWS = new Set(['if', 'then', 'elif', 'else', 'while', 'until', 'do', '!', '{', 'time', '}', 'fi', 'done']);

/** A simple command while it is read. */
class CommandSoFar {
  public position: 'command' | 'assignments' | 'arguments' = 'command';
  public words = 0;
  public hasValues = false;
  /** Of `for` and `select`: each of the words is assigned to it. */
  public loopVariable: string | undefined;
  public readonly reader = new CommandReader();

  public redirected(): void {
    this.position = this.position === 'command' ? 'assignments' : this.position;
  }
}

/**
 * Reads a bash script from left to right and calls `write` for each value with the place where it stands.
 *
 * It knows as much of bash's grammar as is needed to know the quoting state everywhere, and no more: for instance it
 * must follow `case .. esac`, whose patterns close a parenthesis that was never opened, but not `if .. fi`. What it
 * cannot follow is an error, never a guess. Written against bash 4.2 to 5.2 with `extglob` off.
 *
 * @internal
 */
export class BashLexer extends BashHereDocumentReader {
  public read(): void {
    this.shebang();
    this.list('end of script', 0, TOP_LEVEL);
  }

  private shebang(): void {
    const isShebang = this.source.startsWith('#!');
    const lineEnd = this.find('\n', 0);
    const value = this.script.nextValueOffset;
    if ((isShebang && value < lineEnd) || this.source.startsWith(`#${VALUE}`)) {
      throw this.script.valueError(this.script.valueAt(value), {
        code: 'ValueInShebang',
        problem: 'a value cannot be part of the #! line, which decides what runs the script, nor make one',
        remedy: 'write the interpreter into the template, and a blank after the # of a comment',
      });
    }
    this.pos = isShebang ? lineEnd : 0;
  }

  // ---- lists of commands ----------------------------------------------------------------------------------------

  protected override substitution(open: number, context: BashContext): void {
    const substitutions = context.substitutions + 1;
    const outer = context.hereDocument ? refusing(context, 'in $(..) in a here-document') : context;
    const mark = this.valuesRead.length;
    this.list(')', open, { ...outer, substitutions, quotedExpansion: false, wordStart: Infinity });
    this.valuesRead.length = mark;
    this.noPendingHereDocuments(substitutions);
  }

  /** A list of commands up to and with its end. */
  private list(until: ListEnd, start: number, context: BashContext): Step {
    this.enter(start);
    let command = new CommandSoFar();
    for (;;) {
      this.blanks();
      const step = this.operator(command, until, start, context) ?? this.commandWord(command, until, context);
      if (step === 'new command') {
        command = new CommandSoFar();
      } else if (step !== 'same command') {
        this.leave();
        return step;
      }
    }
  }

  /** Reads what stands between words; undefined when a word follows. */
  private operator(command: CommandSoFar, until: ListEnd, start: number, context: BashContext): Step | undefined {
    const c = this.peek();
    switch (c) {
      case '':
        if (until !== 'end of script') {
          throw this.unterminated(start, until === ')' ? 'a parenthesis' : 'a case command');
        }
        this.noPendingHereDocuments();
        return 'end of list';
      case '\n':
        this.newline(context);
        return 'new command';
      case '#':
        this.comment(context);
        return 'same command';
      case ';':
      case '&':
      case '|':
        return this.separator(command, until, context);
      case '(':
        return this.openingCommand(command, context);
      case ')':
        if (until !== ')') {
          throw this.unsupported(this.pos, 'a closing parenthesis here');
        }
        this.pos += 1;
        return 'end of list';
      case '<':
      case '>':
        if (this.peek(1) === '(') {
          return undefined;
        }
        this.redirection(context);
        command.redirected();
        return 'same command';
    }
    return undefined;
  }

  private separator(command: CommandSoFar, until: ListEnd, context: BashContext): Step {
    if (this.match(/&>>?/y) !== undefined) {
      this.redirectionTarget(context);
      command.redirected();
      return 'same command';
    }
    if (this.at(';;') || this.at(';&')) {
      if (until !== 'case item') {
        throw this.unsupported(this.pos, 'the end of a case item here');
      }
      this.pos += this.at(';;&') ? 3 : 2;
      return 'end of list';
    }
    const isPipe = this.peek() === '|';
    this.pos += 1;
    if (!isPipe) {
      this.noContinuation();
    }
    return 'new command';
  }

  /** A parenthesis where no word has begun: of a function, an arithmetic command or a subshell. */
  private openingCommand(command: CommandSoFar, context: BashContext): Step {
    if (command.position === 'arguments') {
      if (command.words !== 1 || command.hasValues || this.match(FUNCTION_PARENTHESES) === undefined) {
        throw this.unsupported(this.pos, 'a parenthesis here, as of an extended pattern outside of [[ ]],');
      }
    } else if (this.peek(1) === '(') {
      this.arithmeticCommand(context);
    } else {
      const open = this.pos;
      this.pos += 1;
      this.noContinuation();
      this.list(')', open, context);
    }
    return 'new command';
  }

  // ---- words of commands ----------------------------------------------------------------------------------------

  private commandWord(command: CommandSoFar, until: ListEnd, context: BashContext): Step {
    const isArgument = command.position === 'arguments';
    const word = this.word(isArgument ? 'argument' : 'assignable', context);
    if ((this.peek() === '<' || this.peek() === '>') && word.bare !== undefined && /^(?:\d+|\{\w+\})$/.test(word.bare)) {
      // `2>file` and `{fd}>file`: no word of the command.
      return 'same command';
    }
    const words = wordCount(word);
    if (words === 0) {
      return 'same command';
    }
    command.words += words;
    command.hasValues ||= word.values.length > 0;
    for (let read = 0; read < words; read += 1) {
      this.checkWord(word, command.reader.read(word, !isArgument));
    }
    this.declareVariables(word, command.reader.attributes);
    if (command.loopVariable !== undefined) {
      this.checkAssigned(command.loopVariable, word.values);
    }
    const step = command.position === 'command' ? this.reservedWord(word, command, until, context) : undefined;
    if (step === undefined) {
      command.position = word.assignment && !isArgument ? 'assignments' : 'arguments';
    }
    return step ?? 'same command';
  }

  private reservedWord(word: Word, command: CommandSoFar, until: ListEnd, context: BashContext): Step | undefined {
    switch (word.bare) {
      case undefined:
        return undefined;
      case 'case':
        this.caseCommand(word.start, context);
        return 'new command';
      case '[[':
        this.conditionalCommand(word.start, context);
        return 'new command';
      case 'for':
      case 'select':
        return this.forCommand(command, context);
      case 'function':
        this.blanks();
        this.word('single word', context);
        return 'new command';
      case 'coproc':
        throw this.unsupported(word.start, 'coproc');
      case 'esac':
        if (until !== 'case item') {
          throw this.unsupported(word.start, 'esac here');
        }
        return 'esac';
      case 'time':
        this.blanks();
        this.match(/-p(?=[ \t\n;&|()]|$)[ \t]*/y);
        this.match(/--(?=[ \t\n;&|()]|$)/y);
        return 'new command';
    }
    return COMMAND_FOLLOWS.has(word.bare) ? 'new command' : undefined;
  }

  // ---- compound commands ----------------------------------------------------------------------------------------

  private caseCommand(start: number, context: BashContext): void {
    this.blanksAndNewlines(context);
    this.word('single word', context);
    this.blanksAndNewlines(context);
    if (this.word('single word', context).bare !== 'in') {
      throw this.unsupported(start, 'a case command without "in"');
    }
    do {
      this.blanksAndNewlines(context);
      if (this.peek() === '') {
        throw this.unterminated(start, 'a case command');
      }
    } while (this.casePatterns(context) && this.list('case item', start, context) !== 'esac');
  }

  /** The patterns of a case item with their closing parenthesis. Returns false at the `esac` that stands in their place. */
  private casePatterns(context: BashContext): boolean {
    const parenthesized = this.match(/\(/y) !== undefined;
    for (let first = true; ; first = false) {
      this.blanks();
      const pattern = this.word('single word', context);
      this.blanks();
      if (pattern.bare === 'esac' && first && !parenthesized) {
        return false;
      }
      const next = this.match(/[|)]/y);
      if (next === ')') {
        return true;
      }
      if (next === undefined) {
        throw this.unsupported(this.pos, 'what follows a case pattern');
      }
    }
  }

  /** `for name in words; do`, `for name do`, `for ((..;..;..))`. */
  private forCommand(command: CommandSoFar, context: BashContext): Step {
    this.blanks();
    if (this.at('((')) {
      this.arithmeticCommand(context);
      return 'new command';
    }
    command.loopVariable = assignedName(this.word('single word', context));
    this.blanks();
    command.position = this.matches(/do(?![^ \t\n;&|()<>])/y) ? 'command' : 'arguments';
    command.words = 0;
    return 'same command';
  }

  private arithmeticCommand(context: BashContext): void {
    const open = this.pos;
    this.pos = open + 2;
    this.arithmetic('))', open, context);
  }

  private conditionalCommand(start: number, context: BashContext): void {
    let operator = '';
    let operand: Word | undefined;
    for (;;) {
      this.blanksAndNewlines(context);
      if (this.conditionalOperator(start, operator)) {
        operator = '';
        operand = undefined;
        continue;
      }
      const isPattern = operator === '=' || operator === '==' || operator === '!=';
      const word = this.word(operator === '=~' ? 'regular expression' : isPattern ? 'conditional pattern' : 'conditional', context);
      if (word.bare === ']]') {
        return;
      }
      if (ARITHMETIC_COMPARISONS.has(operator)) {
        this.mustBeIntegers(word.values);
      } else if (operator === '-v' || operator === '-R') {
        this.mustHaveNoValue(word);
      }
      if (word.bare !== undefined && operand !== undefined && ARITHMETIC_COMPARISONS.has(word.bare)) {
        this.mustBeIntegers(operand.values);
      }
      operator = word.bare ?? '';
      operand = word;
    }
  }

  /** Reads one character of an operator of `[[ ]]`, if one stands here. */
  private conditionalOperator(start: number, previous: string): boolean {
    const c = this.peek();
    if (c === '') {
      throw this.unterminated(start, '[[');
    }
    if (c === ';') {
      throw this.unsupported(this.pos, 'a semicolon in [[ ]]');
    }
    const isComparison = /[<>]/.test(c) && this.peek(1) !== '(';
    if (!isComparison && !/[)&|]/.test(c) && !(c === '(' && previous !== '=~')) {
      return false;
    }
    this.pos += 1;
    if (isComparison) {
      this.noContinuation();
    }
    return true;
  }

  // ---- redirections ---------------------------------------------------------------------------------------------

  private redirection(context: BashContext): void {
    if (this.match(/<<</y) !== undefined) {
      this.redirectionTarget(context);
    } else if (this.at('<<')) {
      this.hereDocumentStart(context);
    } else {
      this.pos += 1;
      this.noContinuation();
      // `<&-` is complete: after it a # begins a comment.
      if (this.match(/&-/y) === undefined) {
        this.match(/[<>&|]/y);
        this.redirectionTarget(context);
      }
    }
  }

  private redirectionTarget(context: BashContext): void {
    this.blanks();
    this.word('single word', context);
  }
}
