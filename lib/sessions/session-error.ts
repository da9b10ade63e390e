import { OperationError } from '../aws/operation-error';

/** An error of the session layer. @internal */
export class SessionError extends OperationError {
  public override readonly name = 'SessionError';
}
