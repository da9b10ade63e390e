import { ListValue, VariableReference } from '../value-kinds';
import { VALUE } from './script';
import { ValueSegment, printed } from './segments';

/** A word, as far as the grammar around it needs to know. */
export interface Word {
  /** Its text when it has no quotes, expansions or values, else undefined: only such a word can be a reserved word. */
  readonly bare: string | undefined;
  /** Its text without quotes when it has no expansions or values, else undefined: what the command sees. */
  readonly text: string | undefined;
  /** Its text in the script. */
  readonly raw: string;
  readonly assignment: boolean;
  /** An assignment of `(..)`. */
  readonly isArray: boolean;
  readonly start: number;
  /** With those of array elements, but not those in `$(..)`. */
  readonly values: readonly ValueSegment[];
}

/** Most words: nothing in them means anything. */
const PLAIN = /^[\w./:=@%+,-]+$/;
const ASSIGNMENT = /^[A-Za-z_]\w*(?:\[.*\])?\+?=/s;
/** The name that a word declares or assigns, once it has no quotes. */
const ASSIGNED_NAME = /^([A-Za-z_\0][\w\0]*)(?:\[|\+?=|$)/;

export function wordOf(source: string, start: number, end: number, values: readonly ValueSegment[]): Word {
  const raw = source.slice(start, end);
  if (PLAIN.test(raw)) {
    return { bare: raw, text: raw, raw, assignment: ASSIGNMENT.test(raw), isArray: false, start, values };
  }
  const joined = raw.replaceAll('\\\n', '');
  const unquoted = /\$'.*\\/s.test(joined) ? undefined : joined.replace(/\$?["']|\\/g, '');
  const assignment = ASSIGNMENT.test(joined);
  return {
    bare: /[\0\\'"`$(]/.test(joined) ? undefined : joined,
    text: unquoted === undefined || /[\0`$(]/.test(unquoted) ? undefined : unquoted,
    raw,
    assignment,
    isArray: assignment && joined.endsWith(')'),
    start,
    values,
  };
}

/** The name that a word declares or assigns, with the values that are part of it. */
export function assignedName(word: Word): string | undefined {
  const name = ASSIGNED_NAME.exec(word.raw.replace(/["']|\\\n?/g, ''))?.[1];
  let index = 0;
  return name?.replaceAll(VALUE, () => {
    const { value } = word.values[index++];
    return value instanceof VariableReference || value instanceof ListValue ? ' ' : printed(value);
  });
}

/** How many words it is on the node: those of a list are known. */
export function wordCount(word: Word): number {
  const value = word.raw === VALUE ? word.values[0].value : undefined;
  return value instanceof ListValue ? value.items!.length : 1;
}
