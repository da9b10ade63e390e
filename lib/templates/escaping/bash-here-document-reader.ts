import { BashContext, refusing } from './bash-place';
import { BashWordReader } from './bash-word-reader';
import { Script } from './script';
import { ValueSegment } from './segments';

const ORDINARY_IN_HERE_DOCUMENT = /[^\0\\`$]+/y;

/** A here-document, from its operator on. */
interface HereDocument {
  readonly delimiter: string;
  readonly quoted: boolean;
  readonly stripTabs: boolean;
  readonly offset: number;
  /** In so many `$(..)`. */
  readonly substitutions: number;
}

interface Line {
  readonly text: string;
  readonly start: number;
  readonly end: number;
}

/**
 * Reads the here-documents of a bash script: their operators, and their bodies from the next newline on.
 *
 * @internal
 */
export abstract class BashHereDocumentReader extends BashWordReader {
  /** Those whose bodies come at the next newline. */
  private pending: HereDocument[] = [];

  protected hereDocumentStart(context: BashContext): void {
    const offset = this.pos;
    if (context.hereDocument) {
      throw this.unsupported(offset, 'a here-document in a here-document');
    }
    this.pos += 2;
    this.noContinuation();
    const stripTabs = this.match(/-/y) !== undefined;
    this.blanks();
    const { delimiter, quoted } = this.delimiter(offset);
    this.pending.push({ delimiter, quoted, stripTabs, offset, substitutions: context.substitutions });
  }

  /** A word of safe characters, as it is, in quotes, or behind a backslash. */
  private delimiter(offset: number): { readonly delimiter: string; readonly quoted: boolean } {
    const text = this.match(/\\?[\w.!%+,:@-]+|'[\w.!%+,:@ -]+'|"[\w.!%+,:@ -]+"/y);
    if (text === undefined || !/^(?:[ \t\n;&|<>()]|$)/.test(this.peek())) {
      throw this.unsupported(offset, 'a delimiter of a here-document that is not one word of letters, digits and _');
    }
    const delimiter = text.replace(/[\\'"]/g, '');
    return { delimiter, quoted: delimiter !== text };
  }

  /** A newline that is a token, not one in quotes: here the bodies of here-documents begin, in the order of their operators. */
  protected override newline(context: BashContext): void {
    const { pending } = this;
    if (pending.some((document) => document.substitutions < context.substitutions)) {
      // Bash versions disagree about here-documents that are still open where a command substitution begins or ends.
      throw this.unsupported(this.pos, 'a newline in a command inside of a line that begins a here-document');
    }
    this.pos += 1;
    this.pending = [];
    for (const document of pending) {
      this.body(document, context);
    }
  }

  protected override noPendingHereDocuments(substitutions = 0): void {
    const pending = this.pending.find((document) => document.substitutions >= substitutions);
    if (pending !== undefined) {
      throw this.unterminated(pending.offset, `the here-document ${pending.delimiter}`);
    }
  }

  private body(document: HereDocument, outer: BashContext): void {
    const last = endOfHereDocument(document, this.source, this.pos, this.end);
    if (last === undefined) {
      throw this.unterminated(document.offset, `the here-document ${document.delimiter}`);
    }
    if (last.text !== document.delimiter) {
      throw this.unsupported(document.offset, 'a here-document in $(..) with a line that begins with its delimiter');
    }
    const context = document.substitutions > 0 ? refusing(outer, 'in a here-document in $(..)') : outer;
    const outerEnd = this.end;
    this.script.copyTo(this.pos);
    const mark = this.script.mark();
    this.end = last.start;
    if (document.quoted) {
      while (this.script.nextValueOffset < last.start) {
        this.pos = this.script.nextValueOffset;
        this.value({ kind: 'quoted here-document' }, context);
      }
    } else {
      for (this.skip(ORDINARY_IN_HERE_DOCUMENT); this.pos < this.end; this.skip(ORDINARY_IN_HERE_DOCUMENT)) {
        this.expansion({ kind: 'here-document' }, { ...context, hereDocument: true }, true);
      }
    }
    this.end = outerEnd;
    this.script.copyTo(last.start);
    checkHereDocument(document, this.script, mark);
    this.pos = Math.min(last.end + 1, this.end);
  }
}

/**
 * The line that ends the document, and where it stands; undefined when there is none up to `to`. In `$(..)` bash 5.2 also
 * takes some lines for it that begin with the delimiter and go on.
 */
function endOfHereDocument(document: HereDocument, source: string, from: number, to: number): Line | undefined {
  for (const line of comparedLines(document, source, from, to)) {
    if (line.text === document.delimiter || (document.substitutions > 0 && line.text.startsWith(document.delimiter))) {
      return line;
    }
  }
  return undefined;
}

/** With its values written, no line of the body may be the delimiter, and `<<-` may not strip a tab of a value. */
function checkHereDocument(document: HereDocument, script: Script, mark: number): void {
  const pieces = script.piecesSince(mark);
  const body = pieces.map((piece) => piece.text).join('');
  const ending = endOfHereDocument(document, body, 0, body.length);
  let end = 0;
  for (const { text, value } of pieces) {
    const start = end;
    end += text.length;
    // With the text behind it: an empty value or a newline at its end puts a tab of the text at the start of a line.
    if (value !== undefined && document.stripTabs && /(?:^|\n)\t/.test(text + body.slice(end, end + 1))) {
      throw valueError(script, value, 'the value has, or puts, a tab at the start of a line, which <<- removes');
    }
    if (value !== undefined && ending !== undefined && start <= ending.end && ending.start <= end) {
      throw valueError(script, value, `the value makes a line that is the delimiter ${document.delimiter}`);
    }
  }
}

function valueError(script: Script, value: ValueSegment, problem: string): Error {
  return script.valueError(value, {
    code: 'ValueInHereDocument',
    problem,
    remedy: 'begin the here-document with << instead of <<-, and choose a delimiter that the value cannot contain',
  });
}

/**
 * The lines of a here-document as bash compares them with its delimiter, and where they stand in the text. A loop and no
 * regular expression: a value may be so long that an expression with a choice in it would run out of stack.
 */
function* comparedLines(document: HereDocument, source: string, from: number, to: number): Generator<Line> {
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

function endsWithOddBackslashes(source: string, start: number, end: number): boolean {
  let first = end;
  while (first > start && source[first - 1] === '\\') {
    first -= 1;
  }
  return (end - first) % 2 === 1;
}
