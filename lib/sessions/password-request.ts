import { constants, generateKeyPair, type KeyObject, privateDecrypt } from 'node:crypto';
import { promisify } from 'node:util';
import { SessionError } from './session-error';

/** What a desktop says of its owner. @internal */
export interface OwnerAnswer {
  readonly owner: string;
  readonly password: string;
  readonly fingerprint: string;
}

const FORM = {
  owner: /^[A-Za-z0-9_.-]{1,32}$/,
  // One block of RSA with 3,072 bits.
  password: /^[A-Za-z0-9+/]{512}$/,
  fingerprint: /^([0-9A-F]{2}:){31}[0-9A-F]{2}$/,
};

/**
 * A question for a password, with a key that was made for it alone: what SSM keeps of the answer is of no use to anybody else.
 *
 * @internal
 */
export class PasswordRequest {
  public static async make(): Promise<PasswordRequest> {
    const { publicKey, privateKey } = await promisify(generateKeyPair)('rsa', { modulusLength: 3072, publicExponent: 0x10001 });
    return new PasswordRequest(publicKey.export({ type: 'spki', format: 'der' }).toString('base64'), privateKey);
  }

  private constructor(
    /** SubjectPublicKeyInfo in base64. */
    public readonly publicKey: string,
    private readonly privateKey: KeyObject,
  ) {}

  /**
   * Reads what a desktop has printed: the answer is the last line.
   *
   * @returns undefined when there is none
   * @throws when it is not well-formed, or not for this question
   */
  public answerIn(output: string): OwnerAnswer | undefined {
    const line = lines(output).at(-1) ?? '';
    if (!line.startsWith('{')) return undefined;
    const answer = parsed(line);
    const wrong = (Object.keys(FORM) as (keyof typeof FORM)[]).find((name) => {
      const value = answer?.[name];
      return typeof value !== 'string' || !FORM[name].test(value);
    });
    if (answer === undefined || wrong !== undefined) {
      throw invalid(answer === undefined ? 'the line is no JSON object' : `its ${wrong} is not of the form that it has to be`);
    }
    return { owner: answer.owner as string, fingerprint: answer.fingerprint as string, password: this.decrypt(answer.password as string) };
  }

  private decrypt(password: string): string {
    const padding = { padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: 'sha256' };
    let text: string;
    try {
      text = new TextDecoder('utf-8', { fatal: true }).decode(
        privateDecrypt({ key: this.privateKey, ...padding }, Buffer.from(password, 'base64')),
      );
    } catch (error) {
      throw invalid('its password was not encrypted to the key of this question', error);
    }
    // Printed on somebody's terminal, as a word among others.
    if (!/^(?!\s)[^\u0000-\u001f\u007f-\u009f]+(?<!\s)$/.test(text)) {
      throw invalid('its password is empty, has control characters or blanks around it');
    }
    return text;
  }
}

/** The lines of a text that have something in them, without what is around it. @internal */
export function lines(text: string): string[] {
  return text
    .split(/\r?\n/)
    .map((line) => line.trim())
    .filter((line) => line !== '');
}

function parsed(line: string): { readonly [name: string]: unknown } | undefined {
  try {
    return JSON.parse(line) as { readonly [name: string]: unknown };
  } catch {
    return undefined;
  }
}

/** Without the answer itself: it may hold what nobody else is to read. */
function invalid(why: string, cause?: unknown): SessionError {
  return new SessionError(
    'InvalidAnswer',
    `the answer of the desktop cannot be used: ${why}`,
    'the library on the node and the one that asks may be of different releases',
    { cause },
  );
}
