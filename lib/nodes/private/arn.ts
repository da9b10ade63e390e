import { ArnFormat, type Stack } from 'aws-cdk-lib';
import { MadeOnce } from '../../made-once';

const madeArns = new MadeOnce<Stack, { readonly arn: string }>();

/**
 * An ARN of the stack's account and region. Made once: each is a token, and there may be hundreds of nodes.
 *
 * @internal
 */
export function arnOf(stack: Stack, service: string, resource: string, resourceName: string): string {
  const { arn } = madeArns.get(stack, `${service}:${resource}/${resourceName}`, () => ({
    arn: stack.formatArn({ service, resource, resourceName, arnFormat: ArnFormat.SLASH_RESOURCE_NAME }),
  }));
  return arn;
}
