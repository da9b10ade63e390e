import type { StackEvent } from '@aws-sdk/client-cloudformation';
import { NodeTags } from '../nodes/node-tags';
import { loadSdk } from '../aws/aws-sdk';
import { type DesktopSession, DesktopSessionState } from './desktop-session';
import { desktopSessionState, type StackRecord } from './desktop-session-state';
import { cutSignal } from './failure-reason';

/** What is used of `@aws-sdk/client-ec2`, which is much larger than all else here and needed for this alone. */
interface Sdk {
  readonly EC2Client: new (options: object) => { send(command: object): Promise<{ readonly Tags?: readonly InstanceTag[] }> };
  readonly DescribeTagsCommand: new (input: object) => object;
}

interface InstanceTag {
  readonly ResourceId?: string;
  readonly Key?: string;
  readonly Value?: string;
}

/**
 * A session that has its verdict, with what the node wrote into the tags of its instance: the reason in full, of which CloudFormation has
 * the first 44 characters, and the seconds, for which a signal that all is well has no room, since its id has to be that of the instance.
 * EC2 shows them for as long as it shows the instance. Without `@aws-sdk/client-ec2`, or the permission, the session stays as it is: that
 * is better than an error in its place.
 *
 * @internal
 */
export async function withReport(
  session: DesktopSession,
  stack: StackRecord,
  events: readonly StackEvent[],
  region: string | undefined,
): Promise<DesktopSession> {
  if (session.state !== DesktopSessionState.READY && session.state !== DesktopSessionState.FAILED) return session;
  const ids = [session.instanceId, ...events.map((event) => cutSignal(event)?.instanceId)].filter((id) => id !== undefined);
  const tags = ids.length === 0 ? [] : await describeTags([...new Set(ids)], region).catch(() => []);
  const tag = (instanceId: string | undefined, key: string): string | undefined =>
    tags.find(({ ResourceId, Key }) => ResourceId === instanceId && Key === key)?.Value;
  const { reason } = desktopSessionState(
    stack,
    events.map((event) => inFull(event, tag)),
  );
  const phaseSeconds = secondsOf(tag(session.instanceId, NodeTags.PHASE_SECONDS));
  return { ...session, ...(reason && { reason }), ...(phaseSeconds && { phaseSeconds }) };
}

function inFull(event: StackEvent, tag: (instanceId: string, key: string) => string | undefined): StackEvent {
  const cut = cutSignal(event);
  const whole = cut && tag(cut.instanceId, NodeTags.STATE_REASON);
  // Another boot of the instance may have another reason.
  return whole?.startsWith(cut!.reason) === true
    ? { ...event, ResourceStatusReason: event.ResourceStatusReason!.replace(cut!.reason, () => whole) }
    : event;
}

/** What is not as a node writes it is left out. */
function secondsOf(text = ''): { readonly [step: string]: number } | undefined {
  const items = [...text.matchAll(/(?<=^| )([a-z0-9_.]{1,64})=(\d{1,7})(?= |$)/g)];
  return items.length === 0 ? undefined : Object.fromEntries(items.map(([, step, seconds]) => [step, Number(seconds)]));
}

async function describeTags(Values: string[], region: string | undefined): Promise<readonly InstanceTag[]> {
  const { EC2Client, DescribeTagsCommand } = loadSdk(
    'desktop sessions',
    '@aws-sdk/client-ec2',
    // eslint-disable-next-line @typescript-eslint/no-require-imports -- an import would load it with the library
    () => require('@aws-sdk/client-ec2') as Sdk,
  );
  const Filters = [
    { Name: 'resource-id', Values },
    { Name: 'key', Values: [NodeTags.STATE_REASON, NodeTags.PHASE_SECONDS] },
  ];
  return (await new EC2Client({ region }).send(new DescribeTagsCommand({ Filters }))).Tags ?? [];
}
