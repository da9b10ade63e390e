/**
 * Where in a bash script a value stands. The names are those of the bash manual.
 *
 * @internal
 */
export type BashPlace =
  /** Outside of quotes. `before` and `after` are the neighbours in the same word, '' at its ends. */
  | {
      readonly kind: 'word';
      readonly before: string;
      readonly after: string;
      /** After a character that gives meaning to what follows: a tilde, a bracket. */
      readonly literal: boolean;
      /** Whether further words may stand beside it: as arguments, in an array. */
      readonly several: boolean;
    }
  | { readonly kind: 'double quotes' }
  | { readonly kind: 'single quotes' }
  | { readonly kind: 'here-document' }
  | { readonly kind: 'quoted here-document' }
  /** The word of `${name:-word}` outside of double quotes. */
  | { readonly kind: 'expansion word' }
  /** The word of `"${name:-word}"`. */
  | { readonly kind: 'quoted expansion word' }
  | { readonly kind: 'arithmetic' }
  | { readonly kind: 'comment' };

/**
 * What is around a place, as far as it changes what a value means there. Nothing changes a context: what reads the inside
 * of a construct hands on a copy that says more.
 *
 * @internal
 */
export interface BashContext {
  /** In so many `$(..)`, `<(..)` or `>(..)`. */
  readonly substitutions: number;
  /** In the body of a here-document whose delimiter is not quoted, at any depth: bash joins its lines before it reads what is in it. */
  readonly hereDocument: boolean;
  readonly array: boolean;
  /** In the word or pattern of `"${..}"`, where further quotes end the outer ones for the pass that expands braces. */
  readonly quotedExpansion: boolean;
  /** Where the word begins that the place is in; never, outside of words. */
  readonly wordStart: number;
  /** A place where no value can be written, at any depth, in the words of its error. */
  readonly refused: string | undefined;
}

/** @internal */
export const TOP_LEVEL: BashContext = {
  substitutions: 0,
  hereDocument: false,
  array: false,
  quotedExpansion: false,
  wordStart: Infinity,
  refused: undefined,
};

/**
 * The same, but for values, which are refused there. The outermost reason stays.
 *
 * @internal
 */
export function refusing(context: BashContext, where: string): BashContext {
  return context.refused === undefined ? { ...context, refused: where } : context;
}

/**
 * What to do about each place that is too rare to be worth a way of writing.
 *
 * @internal
 */
export const ASSIGN_FIRST = 'assign the value to a variable in a line of its own, and use the variable here';
