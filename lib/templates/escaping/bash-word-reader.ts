import { VariableReference } from '../value-kinds';
import { BashExpansionReader } from './bash-expansion-reader';
import { BashContext, inWord } from './bash-place';
import { Word, WordKind, WordSoFar, isIdentifier } from './bash-word';
import { VALUE } from './script';
import { ValueSegment } from './segments';

const NAME_WITH_VALUES = /(?:[A-Za-z_]\w*)?\0[\w\0]*(?:\+?=|\[)/y;
const ORDINARY_IN_WORD = /[^\0 \t\n;&|<>()\\'"`$[\]{~]+/y;

/**
 * Reads the words of a bash script with all that they are made of. What commands are made of is the business of
 * {@link BashLexer}.
 *
 * @internal
 */
export abstract class BashWordReader extends BashExpansionReader {
  /** Variables whose assignments are arithmetic: those of bash, and those that the script has declared with `-i` so far. */
  protected readonly integerVariables = new Set(['RANDOM', 'SRANDOM', 'SECONDS', 'LINENO', 'OPTIND', 'HISTCMD', 'BASHPID']);
  /** Variables that the script has declared with `-n` so far. */
  protected readonly references = new Set<string>();

  /** Reads a newline that is a token, and the here-documents that begin there. */
  protected abstract newline(context: BashContext): void;

  protected word(kind: WordKind, outer: BashContext): Word {
    if (this.peek() === '#') {
      throw this.unexpected(this.pos, 'a comment');
    }
    const { pos: start } = this;
    const mark = this.markOfValues();
    const context = inWord(outer, start);
    const word = new WordSoFar(kind, start, context);
    if (kind === 'assignable' && this.matches(NAME_WITH_VALUES)) {
      word.bare = this.nameWithValues(context);
      word.text = undefined;
    }
    do {
      const from = this.pos;
      this.skip(ORDINARY_IN_WORD);
      word.add(this.source.slice(from, this.pos));
    } while (this.part(word, context));
    if (word.parentheses.length > 0) {
      throw this.unterminated(word.parentheses[0], 'a parenthesis in a pattern');
    }
    if (this.pos === start) {
      const c = this.peek();
      throw c === '(' ? this.unexpectedParenthesis() : this.unexpected(start, c === '' ? 'the end of the script' : JSON.stringify(c));
    }
    const { bare, text, assignment, isArray } = word;
    const raw = this.source.slice(start, this.pos);
    return { bare, text, raw, assignment, isArray, start, values: this.valuesSince(mark, context) };
  }

  /** What is not ordinary text. Returns whether the word goes on. */
  private part(word: WordSoFar, context: BashContext): boolean {
    const c = this.peek();
    switch (c) {
      case '':
        return false;
      case VALUE:
        this.valueInWord(word);
        return true;
      case '\\':
        this.backslashInWord(word, context);
        return true;
      case "'":
      case '"':
        this.quotesInWord(word, c);
        return true;
      case '$':
        this.dollarInWord(word);
        return true;
      case '`':
        word.addUnknown();
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
          word.addUnknown();
          this.processSubstitution(context);
          return true;
        }
        break;
      case ']':
        word.inBrackets = word.inSubscript = false;
        break;
      case '{':
        this.noAmbiguousQuotes(word);
        word.hasBrace = word.literal = true;
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
    word.add(c);
    this.pos += 1;
    return true;
  }

  private valueInWord(word: WordSoFar): void {
    word.addUnknown();
    const context = word.inner;
    if (context.arithmetic) {
      this.arithmeticValue(context);
      return;
    }
    const inSequence = word.hasBrace && this.isInSequence(word.start);
    const regularExpression = word.kind === 'regular expression';
    const { literal } = word;
    this.value({ kind: 'word', before: this.before(word.start), after: this.after(), literal, regularExpression, inSequence }, context);
  }

  private backslashInWord(word: WordSoFar, context: BashContext): void {
    if (this.peek(1) === '\n') {
      this.pos += 2;
      return;
    }
    if (context.array && context.substitutions > 0) {
      // x=$(a=(\$y)) expands y in bash 5.2.
      throw this.unsupported(this.pos, 'a backslash outside of quotes in an array in $(..)');
    }
    this.backslash();
    word.bare = undefined;
    word.add(this.source[this.pos - 1]);
  }

  private quotesInWord(word: WordSoFar, quote: string): void {
    const open = this.pos;
    const context = word.inner;
    if (quote === '"') {
      this.doubleQuotes(context);
    } else {
      this.singleQuotes(context);
    }
    word.addQuoted(this.quotedText(quote, open + 1, context));
  }

  private dollarInWord(word: WordSoFar): void {
    const open = this.pos;
    const quote = this.peek(1);
    const context = word.inner;
    this.dollar(context, false);
    if (quote === "'" || quote === '"') {
      word.addQuoted(this.quotedText(quote, open + 2, context));
    } else {
      word.addUnknown();
    }
  }

  private quotedText(quote: string, start: number, context: BashContext): string {
    const text = this.source.slice(start, this.pos - 1);
    return quote === '"' || context.hereDocument ? text.replaceAll('\\\n', '') : text;
  }

  private openingBracket(word: WordSoFar, context: BashContext): void {
    if (word.kind === 'regular expression') {
      // A bracket that closes at once is one of the characters, and so is one in [: :].
      word.add(this.match(word.inBrackets ? /\[(?:[:.=][^\0\]\s]{1,20}?[:.=]\])?/y : /\[\^?\]?/y) ?? '');
      word.inBrackets = true;
      return;
    }
    const isName = word.bare !== undefined && !word.literal && isIdentifier(word.bare);
    word.literal = true;
    if ((word.kind === 'assignable' && isName) || (word.kind === 'array element' && this.pos === word.start)) {
      // As bash does, up to the matching bracket whatever blanks there are: `a[ $i + 1 ]=x`.
      this.pos += 1;
      this.arithmetic(']', this.pos - 1, context);
      word.bare = word.kind === 'assignable' ? `${word.bare}[]` : undefined;
      word.text = undefined;
      return;
    }
    word.inSubscript ||= isName;
    word.add('[');
    this.pos += 1;
  }

  private openingParenthesis(word: WordSoFar, context: BashContext): boolean {
    if (word.assignment && word.bare?.endsWith('=') && !word.kind.startsWith('conditional')) {
      this.arrayElements(context);
      word.isArray = true;
      return false;
    }
    const opensPattern =
      word.kind === 'regular expression' ||
      (word.kind === 'conditional pattern' && this.pos > word.start && /[?*+@!]/.test(this.source[this.pos - 1]));
    if (!opensPattern && word.parentheses.length === 0) {
      return false;
    }
    word.parentheses.push(this.pos);
    word.add('(');
    word.bare = opensPattern ? undefined : word.bare;
    this.pos += 1;
    return true;
  }

  private noAmbiguousQuotes(word: WordSoFar): void {
    if (this.ambiguousQuoteAt >= word.start) {
      throw this.problem(this.pos, {
        code: 'AmbiguousQuotes',
        problem: 'bash may or may not expand a brace after quotes in quotes in "${..}" in the same word',
        remedy: 'assign the text before it to a variable first',
      });
    }
  }

  /** `FOO_{{ value }}=1`: in quotes it would be a command and no assignment, so the value must be part of a name. */
  private nameWithValues(context: BashContext): string {
    let name = this.match(/\w*/y) ?? '';
    while (this.peek() === VALUE) {
      const value = this.script.valueAt(this.pos);
      const text = value.value instanceof VariableReference ? ' ' : String(value.value);
      if (!isIdentifier(name + text)) {
        throw this.script.valueError(value, {
          code: 'ValueAsVariableName',
          problem: 'the value is part of the name of a variable that is assigned, and cannot be part of a name',
          remedy: 'give letters, digits and underscores, or write the name of the variable into the template',
        });
      }
      this.valueAs(text, context);
      name += text + (this.match(/\w*/y) ?? '');
    }
    return name;
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

  private arrayElements(outer: BashContext): void {
    const open = this.pos;
    this.enter(open);
    this.noPendingHereDocuments();
    // Bash 5.2 prints what it read in $(..) and reads it again, which loses escapes in arrays.
    const refused = outer.refused ?? (outer.substitutions > 0 ? 'in an array in $(..)' : undefined);
    const context = { ...outer, array: true, refused };
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

  // ---- comments and blanks --------------------------------------------------------------------------------------

  protected comment(context: BashContext): void {
    if (context.hereDocument) {
      // Bash would join a line that ends in a backslash with the next one.
      throw this.unsupported(this.pos, 'a comment in $(..) in a here-document');
    }
    const lineEnd = this.find('\n', this.pos);
    while (this.script.nextValueOffset < lineEnd) {
      this.pos = this.script.nextValueOffset;
      this.valueAs(this.write(this.script.valueAt(this.pos), { kind: 'comment' }, context));
    }
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

  protected override checkAssigned(name: string | undefined, values: readonly ValueSegment[], context: BashContext): void {
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
      this.mustBeIntegers(values, context, name);
    }
  }

  protected mustBeIntegers(values: readonly ValueSegment[], context: BashContext, variable?: string): void {
    for (const value of values) {
      // Called for its errors: some words are arithmetic, quoted or not.
      this.write(value, { kind: 'arithmetic', before: '', after: '', variable }, context);
    }
  }

  protected mustBeNames(word: Word, problem: string): void {
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
}
