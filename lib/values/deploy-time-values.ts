import { Fn, Token } from 'aws-cdk-lib';

/**
 * Stands for the deploy-time values while stage 0 is rendered: what it is replaced by differs from node to node.
 *
 * @internal
 */
export const DEPLOY_TIME_VALUES_MARK = '@@deploy-time-values@@';

/**
 * One line of the values file: the variable and its value in base64, so that any characters arrive intact.
 *
 * @internal
 */
export function deployTimeValueLine(variable: string, value: string): string {
  const encoded = Token.isUnresolved(value) ? Fn.base64(value) : Buffer.from(value, 'utf8').toString('base64');
  return `${variable}=${encoded}`;
}
