import type { StackEvent } from '@aws-sdk/client-cloudformation';
import { NodeTags } from '../nodes/node-tags';
import { loadSdk } from '../aws/aws-sdk';
import { cutSignal } from './failure-reason';

/** What is used of `@aws-sdk/client-ec2`, which is much larger than all else here and needed for this alone. */
interface Sdk {
  readonly EC2Client: new (options: object) => {
    send(command: object): Promise<{ readonly Tags?: readonly { readonly Value?: string }[] }>;
  };
  readonly DescribeTagsCommand: new (input: object) => object;
}

/**
 * The events of a stack, with the reason of a node in full. CloudFormation has its first 44 characters, a tag of the instance
 * 256, for as long as EC2 shows the instance. Without `@aws-sdk/client-ec2`, or the permission, the events stay as they are:
 * a reason that is cut is better than an error in its place.
 *
 * @internal
 */
export async function withWholeReasons(events: readonly StackEvent[], region: string | undefined): Promise<StackEvent[]> {
  return Promise.all(
    events.map(async (event) => {
      const cut = cutSignal(event);
      const whole = cut && (await stateReason(cut.instanceId, region).catch(() => undefined));
      // Another boot of the instance may have another reason.
      return whole?.startsWith(cut!.reason) === true
        ? { ...event, ResourceStatusReason: event.ResourceStatusReason!.replace(cut!.reason, () => whole) }
        : event;
    }),
  );
}

async function stateReason(instanceId: string, region: string | undefined): Promise<string | undefined> {
  // eslint-disable-next-line @typescript-eslint/no-require-imports -- an import would load it with the library
  const sdk = loadSdk('desktop sessions', '@aws-sdk/client-ec2', () => require('@aws-sdk/client-ec2') as Sdk);
  const Filters = [
    { Name: 'resource-id', Values: [instanceId] },
    { Name: 'key', Values: [NodeTags.STATE_REASON] },
  ];
  return (await new sdk.EC2Client({ region }).send(new sdk.DescribeTagsCommand({ Filters }))).Tags?.[0]?.Value;
}
