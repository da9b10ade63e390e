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
  | { readonly kind: 'literal here-string'; readonly next: string }
  | { readonly kind: 'line comment'; readonly previous: string }
  | { readonly kind: 'block comment' };

/**
 * How the string around a sub-expression restricts the text in it. PowerShell finds the end of `$(..)` in a string by
 * counting parentheses, in quotes or not, and in `".."` it also halves each pair of double quotes on the way. In the
 * middle of a bare word it reads `$(..)` as in `".."`.
 */
export type Enclosing = 'nothing' | 'here-string' | 'string';

// PowerShell takes typographic quotes for quotes (about_Quoting_Rules; CharTraits in its source).
export const SINGLE_QUOTES = "'\u2018\u2019\u201a\u201b";
export const DOUBLE_QUOTES = '"\u201c\u201d\u201e';

export function isQuote(c: string): boolean {
  return c !== '' && (SINGLE_QUOTES.includes(c) || DOUBLE_QUOTES.includes(c));
}
