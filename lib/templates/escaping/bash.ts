import { VariableReference } from '../value-kinds';
import { BashLexer } from './bash-lexer';
import { BashPlace, BashSurroundings } from './bash-place';
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
    new BashLexer(script, (value, place, surroundings) => writeBashValue(script, value, place, surroundings)).read();
  }
  return script.finish();
}

/**
 * Writes one value for the place where it stands.
 *
 * @internal
 */
export function writeBashValue(script: Script, segment: ValueSegment, place: BashPlace, surroundings: BashSurroundings): string {
  const { value } = segment;
  const fail: Fail = (problem) => {
    throw script.valueError(segment, problem);
  };
  if (value instanceof VariableReference) {
    return writeReference(value, place, fail);
  }
  const text = String(value);
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
  if (surroundings.nested && place.kind !== 'comment' && text.search(MARKS) !== -1) {
    fail({
      code: 'UnrepresentableCharacter',
      problem: 'the value contains U+0001 or U+007F, which bash may change in an array, a here-document, $(..) or the word of "${..}"',
      remedy: 'assign the value to a variable in a line of its own and use the variable here',
    });
  }
  if (surroundings.ambiguousQuotes && /[{},]|\.\./.test(text)) {
    fail({
      code: 'AmbiguousQuotes',
      problem: 'bash may expand the braces or commas of the value, because quotes in quotes in "${..}" stand before it in the same word',
      remedy: 'assign the text before the value to a variable first',
    });
  }
  switch (place.kind) {
    case 'word':
      if (place.inSequence) {
        return isSequenceEnd(text) ? text : failInSequence(fail);
      }
      return isPlain(text, place, typeof value !== 'string') ? text : singleQuoted(text, surroundings, fail);
    case 'expansion word':
      return singleQuoted(withoutBraces(text, surroundings, fail), surroundings, fail);
    case 'quoted pattern':
      // Without a mark of an empty value the next character could lengthen the operator.
      return text === '' ? '""' : text.replace(/[^\p{L}\p{N}\n]/gu, '\\$&');
    case 'single quotes':
      return insideSingleQuotes(withoutBraces(text, surroundings, fail), surroundings, fail);
    case 'double quotes':
      return insideDoubleQuotes(withoutBraces(text, surroundings, fail));
    case 'quoted expansion word':
      return insideQuotedExpansionWord(text);
    case 'here-document':
      return insideHereDocument(text);
    case 'ANSI-C quotes':
      return surroundings.arrayInSubstitution || surroundings.expansion || surroundings.patternGroup
        ? fail({
            code: 'ValueInNestedQuotes',
            problem: "bash may read what is in $'..' again in ${..}, in the parentheses of a pattern, and in an array in $(..)",
            remedy: 'use double quotes, or no quotes around the value',
          })
        : insideAnsiCQuotes(text);
    case 'quoted here-document':
      return surroundings.hereDocument && /\\(?:\n|$)/.test(text)
        ? fail({
            code: 'ValueInNestedHereDocument',
            problem: 'the here-document around this one takes away each backslash at the end of a line',
            remedy: 'assign the value to a variable before the here-documents',
          })
        : text;
    case 'comment':
      return insideComment(text, surroundings);
    case 'replacement':
      return /^[\w.:@%+=,-]*$/.test(place.quoted ? text.replaceAll(' ', '') : text)
        ? text
        : fail({
            code: 'ValueInReplacement',
            problem: 'the versions of bash disagree about quotes and & in the replacement of ${name/pattern/replacement}',
            remedy: 'use another way to build the text, such as ${name%%pattern*}value${name#*pattern}',
          });
    case 'arithmetic': {
      const where = place.variable === undefined ? 'in arithmetic' : `that is assigned to ${place.variable}, an integer variable,`;
      if (!isInteger(text) || (text.startsWith('-') && place.before === '#')) {
        fail({
          code: 'ValueInArithmetic',
          problem: `bash evaluates text ${where} as code, so only an integer can stand here, not ${describe(text)}`,
          remedy: `give a whole number without leading zeros, or ${place.variable === undefined ? 'assign the value to a variable and check it first' : 'use a variable that is no integer anywhere in the script'}`,
        });
      }
      // Two signs would be an operator; alone in a subscript the parentheses would be part of an associative key.
      return text.startsWith('-') && !(place.before === '[' && place.after === ']') ? `(${text})` : text;
    }
  }
}

type Fail = (problem: Problem) => never;

/** Bash marks quoted text with these two characters inside, and at some places takes those of a value for its own. */
const MARKS = /[\x01\x7f]/g;

function writeReference(value: VariableReference, place: BashPlace, fail: Fail): string {
  const expansion = `\${${value.variable}}`;
  switch (place.kind) {
    case 'word':
      if (place.inSequence) {
        return failInSequence(fail);
      }
      return `"${expansion}"`;
    case 'expansion word':
    case 'quoted pattern':
      return `"${expansion}"`;
    case 'double quotes':
    case 'here-document':
    case 'quoted expansion word':
    case 'comment':
      return expansion;
    case 'single quotes':
    case 'ANSI-C quotes':
      return fail({
        code: 'VariableInSingleQuotes',
        problem: `a ${value.kind} value is a shell variable, which ${place.kind} do not expand`,
        remedy: 'use double quotes',
      });
    case 'quoted here-document':
      return fail({
        code: 'VariableInQuotedHereDocument',
        problem: `a ${value.kind} value is a shell variable, which a here-document with a quoted delimiter does not expand`,
        remedy: 'remove the quotes of the delimiter and escape the $ and ` of the text with a backslash',
      });
    case 'replacement':
      return fail({
        code: 'ValueInReplacement',
        problem: 'the versions of bash disagree about quotes and & in the replacement of ${name/pattern/replacement}',
        remedy: 'use another way to build the text, such as ${name%%pattern*}value${name#*pattern}',
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

function singleQuoted(text: string, surroundings: BashSurroundings, fail: Fail): string {
  if (text === '') {
    return "''";
  }
  // No empty quotes beside the others: bash keeps a mark of theirs in the pattern ${name:-word}.
  return text.replace(/[^']+|'+/g, (part) => (part.startsWith("'") ? `"${part}"` : `'${insideSingleQuotes(part, surroundings, fail)}'`));
}

function insideSingleQuotes(text: string, surroundings: BashSurroundings, fail: Fail): string {
  // Not '\'': bash 5.2 loses count of the quotes of x=$(a=('it'\''s')).
  const escaped = text.replaceAll("'", `'"'"'`);
  if (!surroundings.hereDocument) {
    return escaped;
  }
  if ((surroundings.arrayInSubstitution || surroundings.expansion) && text.includes('\n')) {
    return fail({
      code: 'ValueInNestedHereDocument',
      problem: 'the value has several lines, which bash cannot keep in ${..} or in an array in $(..) in a here-document',
      remedy: 'assign the value to a variable before the here-document',
    });
  }
  // While bash collects a here-document it removes each backslash-newline and may find the delimiter, in quotes too.
  return escaped.replaceAll('\n', () => `'$'\\n''`).replace(/\\$/, `'"\\\\"'`);
}

/** Quotes in `"${..}"` end the outer ones for the pass that expands braces. */
function withoutBraces(text: string, surroundings: BashSurroundings, fail: Fail): string {
  return surroundings.quotedExpansion && /["'{},<>]|\.\./.test(text)
    ? fail({
        code: 'ValueInNestedQuotes',
        problem: 'bash may expand braces in quotes in "${..}", and the value contains braces, commas, quotes, < or >',
        remedy: 'remove the inner quotes, as in "${name:-{{ value }}}" or "${name#{{ value }}}"',
      })
    : text;
}

function insideDoubleQuotes(text: string): string {
  // `!` needs nothing: history expansion is off in scripts.
  return text.replace(/[\\$`"]/g, '\\$&').replace(MARKS, (c) => `"$'${escapeSequence(c)}'"`);
}

/** Looking for the closing brace, bash pairs single quotes there and reads `<(..)`, so these need quotes of their own. */
function insideQuotedExpansionWord(text: string): string {
  return insideDoubleQuotes(text).replaceAll('}', '\\}').replace(/[<>]/g, '$&""').replace(/^\(/, '""(').replaceAll("'", `"'"`);
}

function insideHereDocument(text: string): string {
  return text.replace(/[\\$`]/g, '\\$&');
}

function insideAnsiCQuotes(text: string): string {
  return text.replace(/[^\w ./:@%+=\u0080-\uffff-]/g, escapeSequence);
}

function escapeSequence(c: string): string {
  return `\\x${c.charCodeAt(0).toString(16).padStart(2, '0')}`;
}

function insideComment(text: string, surroundings: BashSurroundings): string {
  return text.replace(surroundings.hereDocument ? /[\x01-\x1f\x7f\\]+/g : /[\x01-\x1f\x7f]+/g, ' ');
}

/** An integer that bash reads as the same number: no leading zero (octal), within 64 bits. */
function isInteger(text: string): boolean {
  return /^(?:0|-?[1-9]\d{0,18})$/.test(text) && BigInt.asIntN(64, BigInt(text)) === BigInt(text);
}

function isSequenceEnd(text: string): boolean {
  return /^(?:-?\d+|[A-Za-z])$/.test(text);
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
