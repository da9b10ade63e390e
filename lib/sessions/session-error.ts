import type { ErrorCode } from '../error-code';

/**
 * An error of the session layer. The message reads `problem; remedy`. Errors of AWS itself are passed on as they are.
 *
 * @internal
 */
export class SessionError extends Error {
  public readonly code: `${ErrorCode}`;

  public constructor(code: `${ErrorCode}`, problem: string, remedy?: string, options?: ErrorOptions) {
    super(remedy === undefined ? problem : `${problem}; ${remedy}`, options);
    this.name = 'SessionError';
    this.code = code;
  }
}
