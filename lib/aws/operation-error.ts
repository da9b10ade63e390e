import type { ErrorCode } from '../error-code';

/**
 * An error of what the library does at run time. The first line of the message reads `problem; remedy`, details follow. Errors
 * of AWS itself are passed on as they are.
 *
 * @internal
 */
export class OperationError extends Error {
  public readonly code: `${ErrorCode}`;
  /** The message without its details. */
  public readonly summary: string;
  public readonly details: readonly string[];

  public constructor(
    code: `${ErrorCode}`,
    problem: string,
    remedy?: string,
    { details = [], ...options }: ErrorOptions & { readonly details?: readonly string[] } = {},
  ) {
    const summary = remedy === undefined ? problem : `${problem}; ${remedy}`;
    super([summary, ...details].join('\n'), options);
    this.name = 'OperationError';
    this.code = code;
    this.summary = summary;
    this.details = details;
  }
}
