import { createHash, randomInt } from 'node:crypto';

const LETTERS = 'abcdefghijklmnopqrstuvwxyz';
const LETTERS_AND_DIGITS = `${LETTERS}0123456789`;
const LENGTH = 12;

/** A new session id: a letter and 11 letters and digits, 61 bits of chance. @internal */
export function randomSessionId(): string {
  return assemble((choices) => randomInt(choices));
}

/** The session id that belongs to an idempotency key of an owner: always the same one. @internal */
export function sessionIdOfKey(clusterId: string, owner: string, idempotencyKey: string): string {
  // None of the parts can hold a line break, so no two triples give the same text.
  const digest = createHash('sha256').update([clusterId, owner, idempotencyKey].join('\n')).digest();
  let rest = BigInt(`0x${digest.toString('hex')}`);
  return assemble((choices) => {
    const choice = Number(rest % BigInt(choices));
    rest /= BigInt(choices);
    return choice;
  });
}

/** The first character is a letter, so that an id can be used where a digit may not begin a name. */
function assemble(choose: (choices: number) => number): string {
  let id = LETTERS[choose(LETTERS.length)];
  while (id.length < LENGTH) id += LETTERS_AND_DIGITS[choose(LETTERS_AND_DIGITS.length)];
  return id;
}
