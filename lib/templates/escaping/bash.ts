import { VariableReference } from '../value-kinds';
import { BashLexer } from './bash-lexer';
import { ASSIGN_FIRST, BashContext, BashPlace } from './bash-place';
import { Problem, Script } from './script';
import { Segment, ValueSegment } from './segments';

/**
 * Writes the values of a bash script so that the program on the node sees exactly each value and nothing of it runs.
 *
 * @internal
 */
export function escapeBash(segments: readonly Segment[]): string {
  const script = new Script(segments);
  if (script.hasValues) {
    new BashLexer(script, (value, place, context) => writeBashValue(script, value, place, context)).read();
  }
  return script.finish();
}

/**
 * Writes one value for the place where it stands.
 *
 * @internal
 */
export function writeBashValue(script: Script, segment: ValueSegment, place: BashPlace, context: BashContext): string {
  const { value } = segment;
  const fail: Fail = (problem) => {
    throw script.valueError(segment, problem);
  };
  if (value instanceof VariableReference) {
    return writeReference(value, place, fail);
  }
  const text = String(value);
  checkCharacters(text, place, context, fail);
  switch (place.kind) {
    case 'word':
      if (place.inSequence) {
        return /^(?:-?\d+|[A-Za-z])$/.test(text) ? text : failInSequence(fail);
      }
      return isPlain(text, place, typeof value !== 'string') ? text : singleQuoted(text, context, fail);
    case 'expansion word':
      return singleQuoted(text, context, fail);
    case 'single quotes':
      if (context.hereDocument && text.endsWith('\\')) {
        failInHereDocument(fail);
      }
      return insideSingleQuotes(text, context, fail);
    case 'double quotes':
      return insideDoubleQuotes(text);
    case 'quoted expansion word':
      return insideQuotedExpansionWord(text);
    case 'here-document':
      return text.replace(/[\\$`]/g, '\\$&');
    case 'quoted here-document':
      return text;
    case 'comment':
      return text.replace(/[\x01-\x1f\x7f]+/g, ' ');
    case 'arithmetic':
      return writeInteger(text, place, fail);
  }
}

type Fail = (problem: Problem) => never;

/** Bash marks quoted text with these two characters inside, and at some places takes those of a value for its own. */
const MARKS = /[\x01\x7f]/g;

function checkCharacters(text: string, place: BashPlace, context: BashContext, fail: Fail): void {
  if (text.includes('\0')) {
    fail({
      code: 'UnrepresentableCharacter',
      problem: 'the value contains a NUL character, which bash cannot hold',
      remedy: 'encode the value, for instance in base64, and decode it into a file',
    });
  }
  if (/\p{Cs}/u.test(text)) {
    fail({
      code: 'UnrepresentableCharacter',
      problem: 'the value contains half of a surrogate pair, which is no character in UTF-8',
      remedy: 'correct the value',
    });
  }
  const isReadAgain = context.hereDocument || context.quotedExpansion || context.array || context.substitutions > 0;
  if ((isReadAgain || place.kind === 'here-document') && place.kind !== 'comment' && text.search(MARKS) !== -1) {
    fail({
      code: 'UnrepresentableCharacter',
      problem: 'the value contains U+0001 or U+007F, which bash may change in an array, a here-document, $(..) or the word of "${..}"',
      remedy: ASSIGN_FIRST,
    });
  }
}

function writeInteger(text: string, place: BashPlace & { kind: 'arithmetic' }, fail: Fail): string {
  const { before, after, variable } = place;
  if (!isInteger(text) || (text.startsWith('-') && before === '#')) {
    const where = variable === undefined ? 'in arithmetic' : `that is assigned to ${variable}, an integer variable,`;
    fail({
      code: 'ValueInArithmetic',
      problem: `bash evaluates text ${where} as code, so only an integer can stand here, not ${describe(text)}`,
      remedy: `give a whole number without leading zeros, or ${variable === undefined ? 'assign the value to a variable and check it first' : 'use a variable that is no integer anywhere in the script'}`,
    });
  }
  // Two signs would be an operator; alone in a subscript the parentheses would be part of an associative key.
  return text.startsWith('-') && !(before === '[' && after === ']') ? `(${text})` : text;
}

function writeReference(value: VariableReference, place: BashPlace, fail: Fail): string {
  const expansion = `\${${value.variable}}`;
  switch (place.kind) {
    case 'word':
      return place.inSequence ? failInSequence(fail) : `"${expansion}"`;
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
        problem: `bash would evaluate the text of a ${value.kind} value as code in arithmetic`,
        remedy:
          place.variable === undefined
            ? 'compare with [ .. -eq .. ], or check that the value is a number and assign it to a variable first'
            : `assign it to another variable than ${place.variable}, one that is no integer anywhere in the script`,
      });
  }
}

/** Words that bash gives a meaning where a command begins, so that as data they need quotes. */
const RESERVED_WORDS = new Set('if then elif else fi time for in until while do done case esac coproc select function'.split(' '));

/** Whether text outside of quotes reads as itself without quotes, whatever stands next to it. */
function isPlain(text: string, place: BashPlace & { kind: 'word' }, isNumber: boolean): boolean {
  // A number before < or > would become a file descriptor, and a name before ( a pattern.
  if (/[<>\\]/.test(place.after)) {
    return false;
  }
  if (place.regularExpression) {
    return /^\w+$/.test(text);
  }
  if (isNumber) {
    return place.before !== '~' && /^[\w.+-]+$/.test(text);
  }
  // `~` and braces give meaning to the text that follows, and two parts could join to a reserved word.
  return (
    !place.literal &&
    /^[A-Za-z0-9_./][A-Za-z0-9_./:@%+-]*$/.test(text) &&
    !RESERVED_WORDS.has(text) &&
    /^[=/:,._+%@-]?$/.test(place.before) &&
    (/^[=/:,._+%@-]?$/.test(place.after) || (place.after === '(' && /^\w+$/.test(text)))
  );
}

function singleQuoted(text: string, context: BashContext, fail: Fail): string {
  if (text === '') {
    return "''";
  }
  // No empty quotes beside the others: bash keeps a mark of theirs in the pattern ${name:-word}.
  return text.replace(/[^']+|'+/g, (part) => (part.startsWith("'") ? `"${part}"` : `'${insideSingleQuotes(part, context, fail)}'`));
}

function insideSingleQuotes(text: string, context: BashContext, fail: Fail): string {
  if (context.hereDocument && text.includes('\\\n')) {
    failInHereDocument(fail);
  }
  // Not '\'': bash 5.2 loses count of the quotes of x=$(a=('it'\''s')).
  return text.replaceAll("'", `'"'"'`);
}

function failInHereDocument(fail: Fail): never {
  return fail({
    code: 'ValueInNestedHereDocument',
    problem: 'the value has a backslash at the end of a line, which bash takes away in $(..) in a here-document, in single quotes, too',
    remedy: ASSIGN_FIRST,
  });
}

function insideDoubleQuotes(text: string): string {
  // `!` needs nothing: history expansion is off in scripts.
  return text.replace(/[\\$`"]/g, '\\$&').replace(MARKS, (c) => `"$'\\x${c.charCodeAt(0).toString(16).padStart(2, '0')}'"`);
}

/** Looking for the closing brace, bash pairs single quotes there and reads `<(..)`, so these need quotes of their own. */
function insideQuotedExpansionWord(text: string): string {
  return insideDoubleQuotes(text).replaceAll('}', '\\}').replace(/[<>]/g, '$&""').replace(/^\(/, '""(').replaceAll("'", `"'"`);
}

/** An integer that bash reads as the same number: no leading zero (octal), within 64 bits. */
function isInteger(text: string): boolean {
  return /^(?:0|-?[1-9]\d{0,18})$/.test(text) && BigInt.asIntN(64, BigInt(text)) === BigInt(text);
}

function failInSequence(fail: Fail): never {
  return fail({
    code: 'ValueInSequence',
    problem: 'bash counts in {1..3} only when the ends are numbers or letters, and does not expand variables there',
    remedy: 'give a whole number, or use seq or for ((..)) instead',
  });
}

function describe(text: string): string {
  const shown = JSON.stringify(text.slice(0, 40));
  return text.length > 40 ? `${shown}..` : shown;
}
