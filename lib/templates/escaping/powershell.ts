import { ListValue, SingleValue, VariableReference } from '../value-kinds';
import { PowerShellLexer } from './powershell-lexer';
import { DOUBLE_QUOTES, PowerShellPlace, SINGLE_QUOTES, TOKEN_BOUNDARY } from './powershell-place';
import { Problem, Script } from './script';
import { Segment, ValueSegment, joinProblem, printed } from './segments';

/** The word `--%`, whatever it is quoted with. */
const IGNORED = `[\`\\r\\n${SINGLE_QUOTES}${DOUBLE_QUOTES}]*`;
const STOP_PARSING = new RegExp(`-${IGNORED}-${IGNORED}%(?=${IGNORED}(?:${TOKEN_BOUNDARY.source}|$))`, 'u');

/**
 * Writes the values of a PowerShell script so that the program on the node sees exactly each value and nothing of it
 * runs. Made for Windows PowerShell 5.1.
 *
 * @internal
 */
export function escapePowerShell(segments: readonly Segment[]): string {
  const script = new Script(segments);
  if (!script.hasValues) {
    return script.finish();
  }
  new PowerShellLexer(script, (value, place) => writePowerShellValue(script, value, place)).read();
  const text = script.finish();
  checkStopParsing(script, text);
  return text;
}

/** After the word `--%` PowerShell passes the rest of the line on as it is, even when the word is a value or in quotes. */
function checkStopParsing(script: Script, text: string): void {
  const found = STOP_PARSING.exec(text);
  if (found === null) {
    return;
  }
  const problem = {
    code: 'ValueStopsParsing',
    problem: 'a word that is or ends in --% makes PowerShell pass the rest of its line on as it is, so no value in it can be escaped',
    remedy: 'pass the arguments without --%, each one quoted',
  };
  let end = 0;
  for (const piece of script.piecesSince(0)) {
    const start = end;
    end += piece.text.length;
    if (piece.value !== undefined && start < found.index + found[0].length && end > found.index) {
      throw script.valueError(piece.value, problem);
    }
  }
  throw script.errorAt(Math.max(script.source.search(STOP_PARSING), 0), problem);
}

type Fail = (problem: Problem) => never;

/**
 * Writes one value for the place where it stands.
 *
 * @internal
 */
export function writePowerShellValue(script: Script, segment: ValueSegment, place: PowerShellPlace): string {
  const { value } = segment;
  const fail: Fail = (problem) => {
    throw script.valueError(segment, problem);
  };
  if (place.kind === 'bare') {
    checkToken(value, place, fail);
  }
  const quote = { bare: '', 'expandable string': '"', 'literal string': "'" }[place.kind as string];
  const joined = joinProblem(segment, quote, '[\\s,]+');
  if (joined !== undefined) {
    fail(joined);
  }
  if (value instanceof ListValue) {
    return place.kind === 'bare'
      ? writeArray(script, segment, value, place)
      : writePowerShellValue(script, script.listText(segment, value), place);
  }
  if (value instanceof VariableReference) {
    return writeReference(value, place, fail);
  }
  const text = printed(value);
  if (/\0|\p{Cs}/u.test(text)) {
    fail({
      code: 'UnrepresentableCharacter',
      problem: 'the value contains a NUL character or half of a surrogate pair, which no script can hold',
      remedy: 'correct the value, or encode it, for instance in base64, and decode it on the node',
    });
  }
  switch (place.kind) {
    case 'bare':
      return writeBare(value, text, place.prefix);
    case 'expandable string':
      return insideExpandable(text);
    case 'expandable here-string':
      return (DOUBLE_QUOTES.includes(place.previous) && text.startsWith('@') ? '`' : '') + insideExpandable(text);
    case 'literal string':
      return insideLiteral(text);
    case 'literal here-string':
      if (text.endsWith('\r')) {
        fail({
          code: 'CarriageReturnInHereString',
          problem: 'the value ends in a carriage return, which would be part of a line end after it',
          remedy: 'use an expandable string in double quotes, where the value can be escaped',
        });
      }
      return text;
    case 'line comment':
      return (place.previous === '#' ? ' ' : '') + insideComment(text);
    case 'block comment':
      return insideComment(text).replace(/[#>]/g, ' ') || ' ';
  }
}

/** An array of the elements: arguments or an operand, however many they are. */
function writeArray(script: Script, segment: ValueSegment, { items }: ListValue, place: PowerShellPlace & { kind: 'bare' }): string {
  if (items === undefined || place.prefix !== '') {
    throw script.valueError(segment, ListValue.MISPLACED);
  }
  const values = items.map((value) => writePowerShellValue(script, { ...segment, value }, { ...place, next: '' }));
  return `@(${values.join(', ')})`;
}

function writeReference(value: VariableReference, place: PowerShellPlace, fail: Fail): string {
  switch (place.kind) {
    case 'bare':
    case 'block comment':
      return `$${value.variable}`;
    case 'expandable string':
    case 'expandable here-string':
      return `\${${value.variable}}`;
    case 'line comment':
      return `${place.previous === '#' ? ' ' : ''}$${value.variable}`;
    case 'literal string':
      return fail({
        code: 'VariableInLiteralString',
        problem: `a ${value.kind} value is a variable, which a literal string does not expand`,
        remedy: 'use double quotes',
      });
    case 'literal here-string':
      return fail({
        code: 'VariableInLiteralHereString',
        problem: `a ${value.kind} value is a variable, which a literal here-string does not expand`,
        remedy: 'use @" "@ and escape the $ and ` of the text with a backtick',
      });
  }
}

/**
 * Nothing, `[type]`, `=`, `$name=` and `name=`, `-Name:`: after these a value is a token of its own in both modes of the
 * tokenizer, or part of a word with the same text.
 */
const OWN_TOKEN_AFTER =
  /^(?:\[[\p{L}\p{Nd}_.]+\]|(?:(?:\[[\p{L}\p{Nd}_.]+\])?\$?[\p{L}\p{Nd}_:]+)?\+?=|[-\u2013-\u2015][\p{L}_?][\p{L}\p{Nd}_?-]*:)?$/u;

function checkToken(value: ValueSegment['value'], place: PowerShellPlace & { kind: 'bare' }, fail: Fail): void {
  const isOwnToken = OWN_TOKEN_AFTER.test(place.prefix) || (typeof value === 'boolean' && place.prefix === '$');
  if (!isOwnToken || !(place.next === '' || TOKEN_BOUNDARY.test(place.next))) {
    fail({
      code: 'GluedValue',
      problem: 'a value next to other text outside of quotes is read as a word of its own or as something else',
      remedy: 'set it off with blanks or parentheses, or put the whole word in double quotes, as in "C:\\folder\\{{ value }}"',
    });
  }
}

function writeBare(value: SingleValue, text: string, prefix: string): string {
  if (typeof value === 'boolean') {
    return `${prefix === '$' ? '' : '$'}${text.toLowerCase()}`;
  }
  if (typeof value === 'number' && Number.isFinite(value)) {
    return text;
  }
  // In a word that has variables as well, PowerShell takes braces in single quotes for places of its format string.
  return /[=\]]$/.test(prefix) && /[{}]/.test(text) ? `"${insideExpandable(text)}"` : `'${insideLiteral(text)}'`;
}

function insideLiteral(text: string): string {
  return text.replace(new RegExp(`[${SINGLE_QUOTES}]`, 'g'), '$&$&');
}

function insideExpandable(text: string): string {
  return text
    .replace(new RegExp(`[\`$${DOUBLE_QUOTES}]`, 'g'), '`$&')
    .replaceAll('\n', '`n')
    .replaceAll('\r', '`r');
}

function insideComment(text: string): string {
  return text.replace(/[\x01-\x1f\x7f]+/g, ' ');
}
