/**
 * Where in a PowerShell script a value stands. The names are those of about_Quoting_Rules.
 *
 * @internal
 */
export type PowerShellPlace =
  /** Outside of strings. `prefix` is the text of the same word before the value, `next` the character after it. */
  | { readonly kind: 'bare'; readonly prefix: string; readonly next: string }
  | { readonly kind: 'expandable string' }
  | { readonly kind: 'literal string' }
  | { readonly kind: 'expandable here-string'; readonly previous: string }
  | { readonly kind: 'literal here-string' }
  | { readonly kind: 'line comment'; readonly previous: string }
  | { readonly kind: 'block comment' };

// PowerShell takes typographic quotes for quotes (about_Quoting_Rules; CharTraits in its source).
export const SINGLE_QUOTES = "'\u2018\u2019\u201a\u201b";
export const DOUBLE_QUOTES = '"\u201c\u201d\u201e';

/** Ends a token in every mode of the tokenizer; after it a token begins. */
export const TOKEN_BOUNDARY = /[\t\n\v\f\r\u0085\p{Z}(){};,|&]/u;
