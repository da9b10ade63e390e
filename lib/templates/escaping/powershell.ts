import { VariableReference } from '../value-kinds';
import { PowerShellLexer } from './powershell-lexer';
import { DOUBLE_QUOTES, Enclosing, PowerShellPlace, SINGLE_QUOTES, isQuote } from './powershell-place';
import { Problem, Script, VALUE } from './script';
import { Segment, ValueSegment } from './segments';

/**
 * Writes the values of a PowerShell script so that the program on the node sees exactly each value and nothing of it
 * runs. Made for Windows PowerShell 5.1.
 *
 * @internal
 */
export function escapePowerShell(segments: readonly Segment[]): string {
  const script = new Script(segments);
  if (script.hasValues) {
    new PowerShellLexer(script, (value, place, enclosing) => writePowerShellValue(script, value, place, enclosing)).read();
  }
  return script.finish();
}

type Fail = (problem: Problem) => never;

/**
 * Writes one value for the place where it stands.
 *
 * @internal
 */
export function writePowerShellValue(script: Script, segment: ValueSegment, place: PowerShellPlace, enclosing: Enclosing): string {
  const { value } = segment;
  const fail: Fail = (problem) => {
    throw script.valueError(segment, problem);
  };
  if (value instanceof VariableReference) {
    return writeReference(value, place, fail);
  }
  const text = typeof value === 'boolean' ? (value ? 'True' : 'False') : String(value);
  if (text.includes('\0')) {
    fail({
      code: 'UnrepresentableCharacter',
      problem: 'the value contains a NUL character, which no script can hold',
      remedy: 'encode the value, for instance in base64, and decode it on the node',
    });
  }
  if (/\p{Cs}/u.test(text)) {
    fail({
      code: 'UnrepresentableCharacter',
      problem: 'the value contains half of a surrogate pair, which is no character in UTF-8',
      remedy: 'correct the value',
    });
  }
  switch (place.kind) {
    case 'bare':
      return writeBare(value, text, place, enclosing, fail);
    case 'expandable string':
      return insideExpandable(text, enclosing);
    case 'expandable here-string':
      return (
        (place.previous !== '' && DOUBLE_QUOTES.includes(place.previous) && text.startsWith('@') ? '`' : '') +
        insideExpandable(text, enclosing)
      );
    case 'literal string':
      return insideLiteral(noRestrictedText(text, enclosing, fail));
    case 'literal here-string':
      // The value behind it may be empty, and a line end follow.
      if (text.endsWith('\r') && (place.next === '\n' || place.next === VALUE)) {
        fail({
          code: 'CarriageReturnInHereString',
          problem: 'the value ends in a carriage return, which would be part of the line end after it',
          remedy: 'use an expandable string in double quotes, where the value can be escaped',
        });
      }
      return noRestrictedText(text, enclosing, fail);
    case 'line comment':
      return (place.previous === '#' ? ' ' : '') + insideComment(noRestrictedText(text, enclosing, fail));
    case 'block comment':
      return insideComment(noRestrictedText(text, enclosing, fail)).replace(/[#>]/g, ' ') || ' ';
  }
}

function writeReference(value: VariableReference, place: PowerShellPlace, fail: Fail): string {
  switch (place.kind) {
    case 'bare':
      if (place.prefix.endsWith(VALUE) || place.next === VALUE) {
        return fail(gluedValue());
      }
      checkToken(place, fail);
      return /[\p{L}\p{Nd}_:?]/u.test(place.next) ? `\${${value.variable}}` : `$${value.variable}`;
    case 'expandable string':
    case 'expandable here-string':
      return `\${${value.variable}}`;
    case 'line comment':
      return `${place.previous === '#' ? ' ' : ''}$${value.variable}`;
    case 'block comment':
      return `$${value.variable}`;
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

function writeBare(
  value: string | number | boolean,
  text: string,
  place: PowerShellPlace & { kind: 'bare' },
  enclosing: Enclosing,
  fail: Fail,
): string {
  if (typeof value === 'boolean') {
    if (place.prefix === '$' && boundaryFollows(place.next)) {
      return text.toLowerCase();
    }
    const isWord = place.prefix.endsWith(':') || place.prefix.endsWith('=');
    if (OWN_TOKEN_AFTER.test(place.prefix) || (isWord && !PARAMETER_BEFORE.test(place.prefix))) {
      return boundaryFollows(place.next) ? `$${text.toLowerCase()}` : fail(gluedValue());
    }
  }
  const joinBefore = place.prefix.endsWith(VALUE);
  const joinAfter = place.next === VALUE;
  if (typeof value === 'number' && Number.isFinite(value) && !joinBefore && !joinAfter) {
    return writeBareNumber(text, place, fail);
  }
  checkToken(place, fail);
  if (enclosing !== 'nothing' && RESTRICTED.test(text)) {
    if (/[^\0]/.test(place.prefix) || joinBefore || joinAfter) {
      return fail(restrictedText());
    }
    const parts = text.split(/([()`"\u201c\u201d\u201e])/).filter((part) => part !== '');
    return `(''${parts.map((part) => (RESTRICTED.test(part) ? `+[char]${part.charCodeAt(0)}` : `+'${insideLiteral(part)}'`)).join('')})`;
  }
  if (/[{}]/.test(text) && /[^\0]/.test(place.prefix)) {
    // In a word that has variables as well, PowerShell takes braces in single quotes for places of its format string.
    return joinBefore || joinAfter ? fail(gluedValue()) : `"${insideExpandable(text, enclosing)}"`;
  }
  // Two literals side by side would read as one with a quote in it, so neighbouring values share one.
  return `${joinBefore ? '' : "'"}${insideLiteral(text)}${joinAfter ? '' : "'"}`;
}

function writeBareNumber(text: string, place: PowerShellPlace & { kind: 'bare' }, fail: Fail): string {
  if (/(?:\$[\p{L}\p{Nd}_:?^]*|[$@`}])$/u.test(place.prefix) || isQuote(place.prefix.at(-1) ?? '') || isQuote(place.next)) {
    return fail(gluedValue());
  }
  if (PARAMETER_BEFORE.test(place.prefix) && !/^\d+$/.test(text)) {
    return fail(gluedValue());
  }
  if (text.startsWith('-') && !/(?:^|[=[:]|\.\.|^\[[\p{L}\p{Nd}_.]+\])$/u.test(place.prefix)) {
    return fail(gluedValue());
  }
  // 5>file would redirect stream 5.
  return place.next === '>' ? `(${text})` : text;
}

/**
 * A quoted value is a token of its own, or a part of a longer bare word, in which quotes are taken away
 * (`C:\x\'my dir'` is one argument). Where PowerShell would read two tokens, or where that depends on the mode of its
 * tokenizer, it is an error.
 */
function checkToken(place: PowerShellPlace & { kind: 'bare' }, fail: Fail): void {
  const prefix = place.prefix.replace(/\0+$/, '');
  const next = place.next === VALUE ? '' : place.next;
  const isToken = OWN_TOKEN_AFTER.test(prefix);
  const goesOn = !isToken && WORD_CHARACTER.test(next) && !(next === '.' && OPERATOR_BEFORE.test(prefix));
  if (!(isToken || WORD_BEFORE.test(prefix)) || !(boundaryFollows(next) || goesOn)) {
    fail(gluedValue());
  }
}

const STRING = `(?:'[^${SINGLE_QUOTES}\\0]*'|"[^${DOUBLE_QUOTES}\`(\\0]*")`;
const VARIABLE = `\\$[\\p{L}\\p{Nd}_:?.]+(?:\\[(?:\\d+|${STRING}|\\$[\\p{L}\\p{Nd}_]+)\\])*`;
const TYPE = '\\[[\\p{L}\\p{Nd}_.[\\]]+\\]';
/**
 * Nothing, `=`, `$name=` `$name['key']+=`, `[type]$name=`, `'key'=`, `$name[`, `$name+` `'text'+`, a cast, `.` and `::`, a
 * redirection, `!`: after these a value is a token of its own in both modes of the tokenizer, or part of a word with the
 * same text.
 */
const OWN_TOKEN_AFTER = new RegExp(
  `^(?:|(?:(?:${TYPE})?${VARIABLE})?[-+*/%]?=|${STRING}=|(?:(?:${VARIABLE}|${STRING})\\+)+|\\$[\\p{L}\\p{Nd}_:?.]+\\[|${TYPE}|\\.|!|[1-6*]?>>?` +
    '|(?:\\$[\\p{L}\\p{Nd}_:?]+|\\[[\\p{L}\\p{Nd}_.]+\\])(?:\\.|::))$',
  'u',
);
const WORD_BEFORE = /^(?:[\p{L}\p{Nd}_.\\/~%*]|--\p{L}|\$(?:[\p{L}\p{Nd}_:?]+|\{[^}`\0]+\})\\)[\p{L}\p{Nd}_.\\/~%*:=+\0[\]?^-]*$/u;
/** `-Name..` is one token in which a $ is no variable, and which ends before a dot. */
const PARAMETER_BEFORE = /^[-\u2013-\u2015][\p{L}_?]/u;
/** In an expression, a `.` after the value would be an access to its members. */
const OPERATOR_BEFORE = /(?:[=+*%^-]|\.\.|^(?:[\p{L}\p{Nd}_]+=)?[\d.+*%/-]*\/)$/u;
const WORD_CHARACTER = /[\p{L}\p{Nd}_.\\/~%*:=+-]/u;

function boundaryFollows(next: string): boolean {
  return next === '' || /[\t\n\v\f\r\u0085\p{Z}(){};,|&\]]/u.test(next);
}

function gluedValue(): Problem {
  return {
    code: 'GluedValue',
    problem: 'a value next to other text outside of quotes is read as a word of its own or as something else',
    remedy:
      'write a blank before the value, or, where it is a part of the word, put the whole word in double quotes, as in "C:\\folder\\{{ value }}"',
  };
}

/** What a sub-expression in a string cannot hold as it is. */
const RESTRICTED = new RegExp(`[()\`${DOUBLE_QUOTES}]`);

function noRestrictedText(text: string, enclosing: Enclosing, fail: Fail): string {
  return enclosing !== 'nothing' && RESTRICTED.test(text) ? fail(restrictedText()) : text;
}

function restrictedText(): Problem {
  return {
    code: 'ValueInNestedString',
    problem: 'the value has parentheses, double quotes or backticks, which end or change $(..) in a string even in quotes',
    remedy: 'compute the sub-expression into a variable before the string, or insert the value as a word of its own',
  };
}

function insideLiteral(text: string): string {
  return text.replace(new RegExp(`[${SINGLE_QUOTES}]`, 'g'), '$&$&');
}

function insideExpandable(text: string, enclosing: Enclosing): string {
  if (enclosing !== 'nothing') {
    // Two quotes side by side would become one.
    return text === '' ? '$()' : text.replace(new RegExp(`[()\`$${DOUBLE_QUOTES}\\r\\n]`, 'g'), (c) => `$([char]${c.charCodeAt(0)})`);
  }
  return text
    .replace(new RegExp(`[\`$${DOUBLE_QUOTES}]`, 'g'), '`$&')
    .replaceAll('\n', '`n')
    .replaceAll('\r', '`r');
}

function insideComment(text: string): string {
  return text.replace(/[\x01-\x1f\x7f]+/g, ' ');
}
