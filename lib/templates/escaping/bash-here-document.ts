import { Script } from './script';
import { ValueSegment } from './segments';

/** A here-document, from its operator on. */
export interface HereDocument {
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

/** Where the line that ends the document begins, and where it ends; undefined when there is none up to `to`. */
export function endOfHereDocument(document: HereDocument, source: string, from: number, to: number): Line | undefined {
  for (const line of comparedLines(document, source, from, to)) {
    if (line.text === document.delimiter) {
      return line;
    }
  }
  return undefined;
}

/**
 * With its values written, no line of the body may be the delimiter, and `<<-` may not strip a tab of a value. Returns
 * whether the text of the template has a line that bash 5.2 may take for the end.
 */
export function checkHereDocument(document: HereDocument, script: Script, mark: number): boolean {
  const pieces = script.piecesSince(mark);
  const body = pieces.map((piece) => piece.text).join('');
  const endings = endingLines(document, body);
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
      throw strippedTab(script, value);
    }
    // Values and lines both stand in the order of the text.
    while (ending < endings.length && endings[ending].end < start) {
      ending += 1;
    }
    if (ending < endings.length && endings[ending].start <= offset) {
      throw endOfDocument(script, value, document.delimiter);
    }
  }
  return endings.length > 0;
}

function strippedTab(script: Script, value: ValueSegment): Error {
  return script.valueError(value, {
    code: 'TabStrippedFromValue',
    problem: 'the value has a tab at the start of a line, which <<- removes',
    remedy: 'begin the here-document with << instead of <<-',
  });
}

function endOfDocument(script: Script, value: ValueSegment, delimiter: string): Error {
  return script.valueError(value, {
    code: 'ValueEndsHereDocument',
    problem: `the value makes a line that bash takes for the delimiter ${delimiter} and would end the here-document`,
    remedy: 'choose a delimiter that the value cannot contain',
  });
}

/** The lines of the body that would end the document. */
function endingLines(document: HereDocument, body: string): Line[] {
  const endings: Line[] = [];
  for (const line of comparedLines(document, body, 0, body.length)) {
    // In a command substitution bash 5.2 also takes `EOF)`, and any line that begins and goes on like this.
    const mayEnd = document.substitutions > 0 && line.text.startsWith(document.delimiter) && line.text.includes(')');
    if (line.text === document.delimiter || mayEnd) {
      endings.push(line);
    }
  }
  return endings;
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
