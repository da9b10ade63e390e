/** jest's matchers for text, with the type of what they stand for. */
export const anyText = expect.any(String) as string;
export const textLike = (pattern: RegExp): string => expect.stringMatching(pattern) as string;
export const textWith = (part: string): string => expect.stringContaining(part) as string;
