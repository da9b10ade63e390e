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
      /** After a character that gives meaning to what follows: a tilde, a brace, a bracket. */
      readonly literal: boolean;
      readonly regularExpression: boolean;
      /** In `{1..3}`. */
      readonly inSequence: boolean;
    }
  | { readonly kind: 'double quotes' }
  | { readonly kind: 'single quotes' }
  | { readonly kind: 'ANSI-C quotes' }
  | { readonly kind: 'here-document' }
  | { readonly kind: 'quoted here-document' }
  /** The word of `"${name:-word}"`: as in double quotes, but a `}` would end it. */
  | { readonly kind: 'quoted expansion word' }
  /** The word of `${name:-word}` or the pattern of `${name#pattern}` outside of double quotes. */
  | { readonly kind: 'expansion word' }
  /** The pattern of `"${name#pattern}"`, where quotes within are quotes again. */
  | { readonly kind: 'quoted pattern' }
  /** The second part of `${name/pattern/replacement}`. */
  | { readonly kind: 'replacement'; readonly quoted: boolean }
  /** `variable` when it is arithmetic because of the variable that it is assigned to. */
  | { readonly kind: 'arithmetic'; readonly before: string; readonly after: string; readonly variable?: string }
  | { readonly kind: 'comment' };

/**
 * What bash does to the text of a value before or after it looks at the quotes.
 *
 * @internal
 */
export interface BashSurroundings {
  /** In the body of a here-document whose delimiter is not quoted, at any depth: it is read line by line first. */
  readonly hereDocument: boolean;
  /** In the word or pattern of `"${..}"`, also in further quotes: the pass for brace expansion takes those for the end of the outer ones. */
  readonly quotedExpansion: boolean;
  /** In the word or pattern of any `${..}`: there bash replaces `$'..'` while it reads, and may forget the quotes. */
  readonly expansion: boolean;
  /** In the parentheses of a regular expression or an extended pattern, where bash replaces `$'..'` as well. */
  readonly patternGroup: boolean;
  /** After a quote in quotes in `"${..}"`, from where on the pass for brace expansion may take quoted text for unquoted. */
  readonly ambiguousQuotes: boolean;
  /** In an array in a command substitution: bash 5.2 prints what it read and reads it again, which loses escapes. */
  readonly arrayInSubstitution: boolean;
  /** In any of these, in an array or in a command substitution: bash reads the text more than once. */
  readonly nested: boolean;
}
