/**
 * What went wrong, for callers that branch on it.
 *
 * @internal
 */
export type SessionErrorCode =
  /** An argument cannot be right, whatever the account holds. Nothing was sent to AWS. */
  | 'InvalidRequest'
  /** No such session, and none of that id was deleted in the last 90 days. */
  | 'SessionNotFound'
  /** A stack of that name exists and is not a session of this cluster. */
  | 'ForeignStack'
  /** CloudFormation did not answer, so that it is not known whether the session was created. */
  | 'RequestUncertain'
  /** The idempotency key was used before for something else. */
  | 'IdempotencyConflict'
  /** The session failed while it was waited for. */
  | 'SessionFailed'
  /** The session was deleted while it was waited for. */
  | 'SessionDeleted'
  /** The session did not get there in time. */
  | 'WaitTimeout'
  /** The optional dependency is not installed. */
  | 'SdkMissing';

/**
 * An error of the session layer. The message reads `problem; remedy`. Errors of AWS itself are passed on as they are.
 *
 * @internal
 */
export class SessionError extends Error {
  public readonly code: SessionErrorCode;

  public constructor(code: SessionErrorCode, problem: string, remedy?: string, options?: ErrorOptions) {
    super(remedy === undefined ? problem : `${problem}; ${remedy}`, options);
    this.name = 'SessionError';
    this.code = code;
  }
}
