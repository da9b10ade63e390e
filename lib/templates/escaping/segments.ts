import { VariableReference } from '../value-kinds';

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
  readonly value: string | number | boolean | VariableReference;
  /** Name of the template that inserts the value, for errors. */
  readonly template: string;
  /** Line of that template, counted from 1. */
  readonly line?: number;
  /** Context key of the value, such as `/dcv/SessionName`. */
  readonly key?: string;
}

/** A value as Python prints it. @internal */
export function printed(value: string | number | boolean): string {
  return typeof value === 'boolean' ? (value ? 'True' : 'False') : String(value);
}

/** @internal */
export type Segment = TextSegment | ValueSegment;
