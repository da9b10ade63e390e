import { WordMeaning } from './bash-command-reader';
import { BashExpansionReader } from './bash-expansion-reader';
import { BashContext, refusing } from './bash-place';
import { Word, assignedName, wordOf } from './bash-word';
import { VALUE } from './script';
import { ValueSegment } from './segments';

/** `FOO_{{ value }}=1`: in quotes it would be a command and no assignment. */
const NAME_WITH_VALUES = /(?:[A-Za-z_]\w*)?\0[\w\0]*(?:\+?=|\[)/y;
/** What makes the `(` behind it the beginning of an array. */
const BEFORE_ARRAY = /^[A-Za-z_]\w*(?:\[.*\])?\+?=$/s;
/** What ends a word wherever it stands; the end of the script as well. */
const ENDS_ANY_WORD = ' \t\n;&';
const ORDINARY_IN_WORD = /[^\0 \t\n;&|<>()\\'"`$[\]{~]+/y;

/** `single word`: as an argument, but one alone, as behind a redirection. */
export type WordKind =
  'argument' | 'assignable' | 'array element' | 'single word' | 'conditional' | 'conditional pattern' | 'regular expression';
/** Where any number of words may stand. */
const SEVERAL: ReadonlySet<WordKind> = new Set(['argument', 'assignable', 'array element']);

/** A word while it is read. */
class WordSoFar {
  public hasBrace = false;
  /** After a character that gives meaning to what follows. */
  public literal = false;
  public inSubscript = false;
  /** The open ones of an extended pattern or a regular expression: within them blanks belong to the word. */
  public readonly parentheses: number[] = [];

  public constructor(
    public readonly kind: WordKind,
    public readonly start: number,
  ) {}
}

/**
 * Reads the words of a bash script with all that they are made of. What commands are made of is the business of
 * {@link BashLexer}.
 *
 * @internal
 */
export abstract class BashWordReader extends BashExpansionReader {
  /** Variables whose assignments are arithmetic: those of bash, and those that the script has declared with `-i` so far. */
  private readonly integerVariables = new Set(['RANDOM', 'SRANDOM', 'SECONDS', 'LINENO', 'OPTIND', 'HISTCMD', 'BASHPID']);
  /** Variables that the script has declared with `-n` so far. */
  private readonly references = new Set<string>();

  /** Reads a newline that is a token, and the here-documents that begin there. */
  protected abstract newline(context: BashContext): void;

  protected word(kind: WordKind, outer: BashContext): Word {
    if (this.peek() === '#') {
      throw this.unsupported(this.pos, 'a comment here');
    }
    const { pos: start } = this;
    this.skip(ORDINARY_IN_WORD);
    if (this.pos > start && ENDS_ANY_WORD.includes(this.peek())) {
      return wordOf(this.source, start, this.pos, []);
    }
    this.pos = start;
    const mark = this.valuesRead.length;
    let context: BashContext = { ...outer, wordStart: start };
    if (kind === 'regular expression') {
      context = refusing(context, 'in a regular expression');
    } else if (kind === 'assignable' && this.matches(NAME_WITH_VALUES)) {
      context = refusing(context, 'in the name of a variable');
    }
    const word = new WordSoFar(kind, start);
    do {
      this.skip(ORDINARY_IN_WORD);
    } while (this.part(word, context));
    if (word.parentheses.length > 0) {
      throw this.unterminated(word.parentheses[0], 'a parenthesis in a pattern');
    }
    if (this.pos === start) {
      const c = this.peek();
      throw this.unsupported(start, c === '' ? 'the end of the script here' : `${JSON.stringify(c)} here`);
    }
    return wordOf(this.source, start, this.pos, this.valuesRead.slice(mark));
  }

  /** What is not ordinary text. Returns whether the word goes on. */
  private part(word: WordSoFar, outer: BashContext): boolean {
    const context = word.inSubscript ? refusing(outer, 'in a subscript') : outer;
    const c = this.peek();
    switch (c) {
      case '':
        return false;
      case VALUE:
        this.valueInWord(word, context);
        return true;
      case '\\':
        this.backslashInWord(context);
        return true;
      case "'":
        this.singleQuotes(context);
        return true;
      case '"':
        this.doubleQuotes(context);
        return true;
      case '$':
        this.dollar(context, false);
        return true;
      case '`':
        this.backticks();
        return true;
      case '[':
        this.openingBracket(word, context);
        return true;
      case '(':
        return this.openingParenthesis(word, context);
      case '<':
      case '>':
        if (this.peek(1) === '(') {
          this.processSubstitution(context);
          return true;
        }
        break;
      case ']':
        word.inSubscript = false;
        break;
      case '{':
        if (this.ambiguousQuoteAt >= word.start) {
          throw this.unsupported(this.pos, 'a brace behind quotes in quotes in "${..}" in the same word');
        }
        word.hasBrace = true;
        break;
      case '~':
        word.literal = true;
        break;
    }
    if (word.parentheses.length === 0 && ' \t\n;&|<>)'.includes(c) && !(c === '|' && word.kind === 'regular expression')) {
      return false;
    }
    if (c === ')') {
      word.parentheses.pop();
    } else if (c === '\n') {
      this.noPendingHereDocuments();
    }
    this.pos += 1;
    return true;
  }

  private valueInWord(word: WordSoFar, outer: BashContext): void {
    const context = word.hasBrace ? refusing(outer, 'behind a brace that is not quoted, in the same word,') : outer;
    const before = this.pos === word.start ? '' : this.source[this.pos - 1];
    const next = this.peek(1);
    // '' also before a blank or an operator that cannot change its meaning.
    const after = /[ \t\n;&|)]/.test(next) ? '' : next;
    this.value({ kind: 'word', before, after, literal: word.literal, several: SEVERAL.has(word.kind) }, context);
  }

  private backslashInWord(context: BashContext): void {
    if (this.peek(1) === '\n') {
      this.pos += 2;
      return;
    }
    if (context.array && context.substitutions > 0) {
      // x=$(a=(\$y)) expands y in bash 5.2.
      throw this.unsupported(this.pos, 'a backslash outside of quotes in an array in $(..)');
    }
    this.backslash();
  }

  private openingBracket(word: WordSoFar, context: BashContext): void {
    const isName = !word.literal && /^[A-Za-z_]\w*$/.test(this.textSoFar(word));
    word.literal = true;
    if ((word.kind === 'assignable' && isName) || (word.kind === 'array element' && this.pos === word.start)) {
      // As bash does, up to the matching bracket whatever blanks there are: `a[ $i + 1 ]=x`.
      this.pos += 1;
      this.arithmetic(']', this.pos - 1, context);
    } else {
      word.inSubscript ||= isName;
      this.pos += 1;
    }
  }

  private textSoFar(word: WordSoFar): string {
    return this.source.slice(word.start, this.pos).replaceAll('\\\n', '');
  }

  private openingParenthesis(word: WordSoFar, context: BashContext): boolean {
    if (['argument', 'assignable', 'single word'].includes(word.kind) && BEFORE_ARRAY.test(this.textSoFar(word))) {
      this.arrayElements(context);
      return false;
    }
    const opensPattern =
      word.kind === 'regular expression' ||
      (word.kind === 'conditional pattern' && this.pos > word.start && /[?*+@!]/.test(this.source[this.pos - 1]));
    if (!opensPattern && word.parentheses.length === 0) {
      return false;
    }
    word.parentheses.push(this.pos);
    this.pos += 1;
    return true;
  }

  private arrayElements(outer: BashContext): void {
    const open = this.pos;
    this.enter(open);
    this.noPendingHereDocuments();
    // Bash 5.2 prints what it read in $(..) and reads it again, which loses escapes in arrays.
    const context = { ...(outer.substitutions > 0 ? refusing(outer, 'in an array in $(..)') : outer), array: true };
    this.pos += 1;
    for (this.blanksAndNewlines(context); this.peek() !== ')'; this.blanksAndNewlines(context)) {
      if (this.peek() === '') {
        throw this.unterminated(open, 'an array');
      }
      this.word('array element', context);
    }
    this.pos += 1;
    if (!/[ \t\n;&|<>)]/.test(this.peek() || ' ')) {
      // The word goes on, so that a # begins no comment, and is no array any more.
      throw this.unsupported(this.pos, 'text right after the ) of an array');
    }
    this.leave();
  }

  // ---- comments and blanks --------------------------------------------------------------------------------------

  protected comment(context: BashContext): void {
    if (context.hereDocument) {
      // Bash would join a line that ends in a backslash with the next one.
      throw this.unsupported(this.pos, 'a comment in $(..) in a here-document');
    }
    const lineEnd = this.find('\n', this.pos);
    const mark = this.valuesRead.length;
    while (this.script.nextValueOffset < lineEnd) {
      this.pos = this.script.nextValueOffset;
      this.value({ kind: 'comment' }, { ...context, refused: undefined });
    }
    this.valuesRead.length = mark;
    this.pos = lineEnd;
  }

  protected blanks(): void {
    for (let c = this.peek(); c === ' ' || c === '\t' || (c === '\\' && this.peek(1) === '\n'); c = this.peek()) {
      this.pos += c === '\\' ? 2 : 1;
    }
  }

  protected blanksAndNewlines(context: BashContext): void {
    for (;;) {
      this.blanks();
      const c = this.peek();
      if (c === '\n') {
        this.newline(context);
      } else if (c === '#') {
        this.comment(context);
      } else {
        return;
      }
    }
  }

  // ---- words that are more than text ----------------------------------------------------------------------------

  /** Whatever the quotes, some commands read some of their words as more than text. */
  protected checkWord(word: Word, meaning: WordMeaning): void {
    const [value] = word.values;
    if (value === undefined) {
      return;
    }
    if (meaning === 'integers') {
      this.mustBeIntegers(word.values);
    } else if (meaning === 'assignment') {
      this.checkAssigned(assignedName(word), word.values);
    } else if (meaning === 'names') {
      this.mustHaveNoValue(word);
    } else if (meaning === 'code' || (meaning === 'array' && !word.isArray)) {
      throw this.valueAsCode(value);
    }
  }

  /** Text that is assigned to some variables is code, whatever the quotes. */
  protected checkAssigned(name: string | undefined, values: readonly ValueSegment[]): void {
    const [value] = values;
    if (name === undefined || value === undefined) {
      return;
    }
    if (this.references.has(name)) {
      throw this.valueAsCode(value);
    }
    if (this.integerVariables.has(name)) {
      this.mustBeIntegers(values);
    }
  }

  private valueAsCode(value: ValueSegment): Error {
    return this.script.valueError(value, {
      code: 'ValueAsCode',
      problem: 'the command, or a declaration with -n, -a or -A, runs text that stands here as code, and with it the value',
      remedy: `pass the value as an argument of its own, as in bash -c 'echo "$1"' bash {{ value }}, or assign it in parentheses, as in declare -a name=({{ value }}), or without -n`,
    });
  }

  protected mustBeIntegers(values: readonly ValueSegment[]): void {
    for (const value of values) {
      // Called for its errors: some words are arithmetic, quoted or not.
      this.write(value, { kind: 'arithmetic' });
    }
  }

  protected mustHaveNoValue(word: Word): void {
    const [value] = word.values;
    if (value !== undefined) {
      throw this.script.valueError(value, {
        code: 'ValueAsVariableName',
        problem: 'bash takes this word for the name of a variable with a subscript, which may run code',
        remedy: 'write the name of the variable into the template',
      });
    }
  }

  /** Remembers the variables that a declaration makes integers or references to others. */
  protected declareVariables(word: Word, attributes: string): void {
    if (!/[in]/.test(attributes)) {
      return;
    }
    if (/^[^=$]*\{/.test(word.raw)) {
      throw this.unsupported(word.start, 'a declaration of integers or references with braces in their names');
    }
    const name = assignedName(word);
    if (name !== undefined) {
      (attributes.includes('i') ? this.integerVariables : this.references).add(name);
    }
  }
}
