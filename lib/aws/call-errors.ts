import { OperationError } from './operation-error';

const THROTTLING = new Set(['Throttling', 'ThrottlingException', 'ThrottledException', 'RequestLimitExceeded', 'TooManyRequestsException']);
const CONNECTION = new Set(['ECONNRESET', 'ECONNREFUSED', 'EPIPE', 'ETIMEDOUT', 'EAI_AGAIN', 'ENETUNREACH', 'EHOSTUNREACH']);

/** Whether AWS refused the call because there were too many; nothing happened then. @internal */
export function isThrottling(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  return THROTTLING.has(error.name) || httpStatus(error) === 429;
}

/**
 * Whether the same call may well succeed a little later: throttling, an error of the service, or of the way to it.
 *
 * @internal
 */
export function isTransient(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const { code } = error as NodeJS.ErrnoException;
  return isThrottling(error) || httpStatus(error) >= 500 || error.name === 'TimeoutError' || (code !== undefined && CONNECTION.has(code));
}

/** What an error says, in one sentence. The SDK's own words for an answer that is not of AWS are about XML. @internal */
export function errorText(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (httpStatus(error) > 0 && (error.name === 'Unknown' || /Deserialization error/.test(error.message))) {
    return `HTTP status ${httpStatus(error)}, in an answer that is not one of AWS: a proxy may have given it`;
  }
  const isOurs = error.name === 'Error' || error instanceof OperationError;
  return isOurs ? error.message : `${error.name}: ${error.message}`;
}

function httpStatus(error: Error): number {
  return (error as { $metadata?: { httpStatusCode?: number } }).$metadata?.httpStatusCode ?? 0;
}
