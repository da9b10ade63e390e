import { isDeepStrictEqual } from 'node:util';

/** What the machine did leaves a scenario no way to go on. */
export class Misbehaviour extends Error {}

/** Collects what does not hold, so that one run shows everything that is wrong. */
export class Check {
  public readonly failures: string[] = [];

  public that(condition: boolean, message: string): void {
    if (!condition) this.failures.push(message);
  }

  public equal(actual: unknown, expected: unknown, what: string): void {
    if (!isDeepStrictEqual(actual, expected)) this.failures.push(`${what}: expected ${show(expected)}, got ${show(actual)}`);
  }

  public matches(actual: string | undefined, expected: RegExp, what: string): void {
    if (actual === undefined || !expected.test(actual)) this.failures.push(`${what}: expected ${String(expected)}, got ${show(actual)}`);
  }
}

function show(value: unknown): string {
  const text = value === undefined ? 'nothing' : JSON.stringify(value);
  return text.length > 700 ? `${text.slice(0, 700)}...` : text;
}
