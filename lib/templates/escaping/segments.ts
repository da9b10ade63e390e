import { ListValue, SingleValue } from '../value-kinds';

/**
 * Script text that a template wrote itself: trusted, copied as it is, and read to know the quoting state.
 *
 * @internal
 */
export interface TextSegment {
  readonly kind: 'text';
  readonly text: string;
}

/**
 * A value that a template inserts: untrusted, written so that the script sees exactly this value.
 *
 * @internal
 */
export interface ValueSegment {
  readonly kind: 'value';
  readonly value: SingleValue | ListValue;
  /** Name of the template that inserts the value, for errors. */
  readonly template: string;
  /** Line of that template, counted from 1. */
  readonly line?: number;
  /** Context key of the value, such as `/dcv/SessionName`. */
  readonly key?: string;
  /** What the elements of a list were joined with to make this text. */
  readonly separator?: string;
}

/** A value as Python prints it. @internal */
export function printed(value: string | number | boolean): string {
  return typeof value === 'boolean' ? (value ? 'True' : 'False') : String(value);
}

/** @internal */
export type Segment = TextSegment | ValueSegment;

/**
 * What is wrong with a list that was joined to be words, by what separates words or with quotes as those around it: it is one.
 *
 * @internal
 */
export function joinProblem({ separator }: ValueSegment, quote: string | undefined, between: string) {
  if (separator === undefined || quote === undefined || !new RegExp(`^${quote}${between}${quote}$`).test(separator)) return undefined;
  return {
    code: 'JoinedWords',
    problem: `a list joined with ${JSON.stringify(separator)} is one word here, since a value is never taken apart`,
    remedy: 'print the list itself outside of quotes, {{ list }}: its elements are words; or put a text with blanks in it into quotes',
  };
}
