import { ListValue, VariableReference } from '../value-kinds';
import { BashLexer } from './bash-lexer';
import { ASSIGN_FIRST, BashPlace } from './bash-place';
import { Piece, Problem, Script } from './script';
import { Segment, ValueSegment, joinProblem, printed } from './segments';

/**
 * Writes the values of a bash script so that the program on the node sees exactly each value and nothing of it runs.
 *
 * @internal
 */
export function escapeBash(segments: readonly Segment[]): string {
  return escaped(segments).finish();
}

/**
 * The same script in pieces, each of them text or a value.
 *
 * @internal
 */
export function escapedPieces(segments: readonly Segment[]): readonly Piece[] {
  const script = escaped(segments);
  script.finish();
  return script.piecesSince(0);
}

function escaped(segments: readonly Segment[]): Script {
  const script = new Script(segments);
  if (script.hasValues) {
    new BashLexer(script, (value, place) => writeBashValue(script, value, place)).read();
  }
  return script;
}

/**
 * Writes one value for the place where it stands.
 *
 * @internal
 */
export function writeBashValue(script: Script, segment: ValueSegment, place: BashPlace): string {
  const { value } = segment;
  const fail: Fail = (problem) => {
    throw script.valueError(segment, problem);
  };
  const isWord = place.kind === 'word' || place.kind === 'expansion word';
  const joined = joinProblem(segment, isWord ? '' : { 'double quotes': '"', 'single quotes': "'" }[place.kind as string], '\\s+');
  if (joined !== undefined) {
    fail(joined);
  }
  if (value instanceof ListValue) {
    return isWord ? writeWords(script, segment, value, place) : writeBashValue(script, script.listText(segment, value), place);
  }
  if (value instanceof VariableReference) {
    return writeReference(value, place, fail);
  }
  const text = printed(value);
  checkCharacters(text, place, fail);
  switch (place.kind) {
    case 'word':
      return isPlain(text, place, typeof value === 'number') ? text : singleQuoted(text);
    case 'expansion word':
      return singleQuoted(text);
    case 'single quotes':
      return text.replaceAll("'", `'"'"'`); // Not '\'': bash 5.2 loses count of the quotes of x=$(a=('it'\''s')).
    case 'double quotes':
    case 'quoted expansion word':
      return text.replace(/[\\$`"]/g, '\\$&'); // Not `!`: history expansion is off in scripts.
    case 'here-document':
      return text.replace(/[\\$`]/g, '\\$&');
    case 'quoted here-document':
      return text;
    case 'comment':
      return text.replace(/[\x01-\x1f\x7f]+/g, ' ');
    case 'arithmetic':
      return isInteger(text) ? text.replace(/^-.*/, '($&)') : failInArithmetic(text, fail); // Two signs would be an operator.
  }
}

/** The elements of a list, where words may stand. */
function writeWords(script: Script, segment: ValueSegment, { items }: ListValue, place: BashPlace): string {
  if (items === undefined || place.kind !== 'word' || !place.several || place.before !== '' || place.after !== '') {
    throw script.valueError(segment, ListValue.MISPLACED);
  }
  return items.map((value) => writeBashValue(script, { ...segment, value }, place)).join(' ');
}

type Fail = (problem: Problem) => never;

function checkCharacters(text: string, place: BashPlace, fail: Fail): void {
  // Bash marks quoted text with U+0001 and U+007F inside, and at some places takes those of a value for its own.
  const character = /\p{Cs}|\0/u.exec(text) ?? (place.kind === 'comment' ? null : /[\x01\x7f]/.exec(text));
  if (character !== null) {
    const code = character[0].charCodeAt(0).toString(16).toUpperCase().padStart(4, '0');
    fail({
      code: 'UnrepresentableCharacter',
      problem: `the value contains U+${code}, which a script cannot hold or bash may change`,
      remedy: 'encode the value, for instance in base64, and decode it into a file',
    });
  }
  if (place.kind === 'quoted expansion word' && /['(<>}]/.test(text)) {
    fail({
      code: 'UnsupportedPlace',
      problem: `a value with a quote, brace, parenthesis, < or > in "\${..}" is not supported, because bash reads it there in more than one way`,
      remedy: ASSIGN_FIRST,
    });
  }
}

function failInArithmetic(text: string, fail: Fail): never {
  const shown = JSON.stringify(text.slice(0, 40));
  return fail({
    code: 'ValueInArithmetic',
    problem: `bash evaluates text as code in arithmetic and where it is assigned to an integer variable, so only an integer can stand here, not ${shown}`,
    remedy: 'give a whole number without leading zeros, or assign the value to a variable that is no integer and check it first',
  });
}

function writeReference(value: VariableReference, place: BashPlace, fail: Fail): string {
  const expansion = `\${${value.variable}}`;
  switch (place.kind) {
    case 'word':
    case 'expansion word':
      return `"${expansion}"`;
    case 'double quotes':
    case 'here-document':
    case 'quoted expansion word':
    case 'comment':
      return expansion;
    case 'single quotes':
      return fail({
        code: 'VariableInSingleQuotes',
        problem: `a ${value.kind} value is a shell variable, which single quotes do not expand`,
        remedy: 'use double quotes',
      });
    case 'quoted here-document':
      return fail({
        code: 'VariableInQuotedHereDocument',
        problem: `a ${value.kind} value is a shell variable, which a here-document with a quoted delimiter does not expand`,
        remedy: 'remove the quotes of the delimiter and escape the $ and ` of the text with a backslash',
      });
    case 'arithmetic':
      return fail({
        code: 'VariableInArithmetic',
        problem: `bash evaluates the text of a ${value.kind} value as code in arithmetic and where it is assigned to an integer variable`,
        remedy: 'compare with [ .. -eq .. ], or assign it to a variable that is no integer and check it first',
      });
  }
}

/** Words that bash gives a meaning where a command begins, so that as data they need quotes. */
const RESERVED_WORDS = new Set('if then elif else fi time for in until while do done case esac coproc select function'.split(' '));

/** A pattern that repeats needs a stack as long as its text. */
const LONGEST_PLAIN = 4096;

/** Whether text outside of quotes reads as itself without quotes, whatever stands next to it. */
function isPlain(text: string, place: BashPlace & { kind: 'word' }, isNumber: boolean): boolean {
  // A number before < or > would become a file descriptor.
  if (/[<>\\]/.test(place.after)) {
    return false;
  }
  if (isNumber) {
    return !(place.literal && /[~+-]/.test(place.before)) && /^[\w.+-]+$/.test(text);
  }
  // `~` and brackets give meaning to the text that follows, and two parts could join to a reserved word.
  return (
    !place.literal &&
    text.length <= LONGEST_PLAIN &&
    /^[A-Za-z0-9_./][A-Za-z0-9_./:@%+-]*$/.test(text) &&
    !RESERVED_WORDS.has(text) &&
    /^[=/:,._+%@-]?$/.test(place.before) &&
    /^[=/:,._+%@-]?$/.test(place.after)
  );
}

function singleQuoted(text: string): string {
  if (text === '') {
    return "''";
  }
  // No empty quotes beside the others: bash keeps a mark of theirs in the pattern ${name:-word}. No pattern that repeats,
  // which needs a stack as long as the text.
  const parts: string[] = [];
  for (let start = 0, end = 0; start < text.length; start = end) {
    const isQuote = text[start] === "'";
    do end++;
    while (end < text.length && (text[end] === "'") === isQuote);
    const part = text.slice(start, end);
    parts.push(isQuote ? `"${part}"` : `'${part}'`);
  }
  return parts.join('');
}

/** An integer that bash reads as the same number: no leading zero (octal), within 64 bits. */
function isInteger(text: string): boolean {
  return /^(?:0|-?[1-9]\d{0,18})$/.test(text) && BigInt.asIntN(64, BigInt(text)) === BigInt(text);
}
