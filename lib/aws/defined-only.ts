/** The same without what is undefined: absent is absent, in every language and in JSON. @internal */
export function definedOnly<T extends object>(value: T): T {
  return Object.fromEntries(Object.entries(value).filter(([, item]) => item !== undefined)) as T;
}
