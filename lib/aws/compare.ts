/** For sorting, by characters and not by the rules of a language. @internal */
export function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
