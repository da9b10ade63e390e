import { oneLine } from '../aws/one-line';

/**
 * The part of a CloudFormation stack event that says what happened. The names are those of the API.
 *
 * @internal
 */
export interface StackEventRecord {
  readonly Timestamp?: Date;
  readonly ResourceType?: string;
  readonly LogicalResourceId?: string;
  readonly PhysicalResourceId?: string;
  readonly ResourceStatus?: string;
  readonly ResourceStatusReason?: string;
}

/** @internal */
export const INSTANCE_TYPE_NAME = 'AWS::EC2::Instance';

const MAX_REASON_LENGTH = 1024;

/**
 * Events from the oldest to the newest. CloudFormation gives the newest first, and events of one moment keep that order
 * among themselves.
 *
 * @internal
 */
export function chronological<T extends StackEventRecord>(events: readonly T[]): T[] {
  return [...events].reverse().sort((a, b) => (a.Timestamp?.getTime() ?? 0) - (b.Timestamp?.getTime() ?? 0));
}

/** Whether this event of the instance says that it will not come up. */
function isInstanceFailure(event: StackEventRecord, statuses: readonly string[]): boolean {
  return event.ResourceType === INSTANCE_TYPE_NAME && statuses.includes(event.ResourceStatus ?? '') && isCause(event.ResourceStatusReason);
}

/** A reason that is one, and not the echo of a failure elsewhere. */
function isCause(reason: string | undefined): reason is string {
  return reason !== undefined && reason.trim() !== '' && !/^Resource (creation|update|deletion) cancelled/i.test(reason);
}

/**
 * The text of a stack that only repeats which resources failed. "Rollback requested by user" is said of every rollback that
 * follows from the options of the stack, so it is no reason either.
 */
function isSummary(reason: string): boolean {
  return /^The following resource\(s\) failed to \w+: \[[^\]]*\]\.?\s*((Rollback|Delete) requested by user\.?)?\s*$/i.test(reason);
}

/**
 * Why the instance did not come up, from the first of the events, in their order, that says so; undefined when none does.
 *
 * @internal
 */
export function instanceFailureReason(ordered: readonly StackEventRecord[], statuses: readonly string[]): string | undefined {
  const failure = ordered.find((event) => isInstanceFailure(event, statuses));
  if (failure?.ResourceStatusReason === undefined) return undefined;
  return explain(failure.ResourceStatusReason, minutesSinceLaunch(ordered, failure));
}

/**
 * What the stack itself says about its failure; undefined when it only repeats which resource failed.
 *
 * @internal
 */
export function stackFailureReason(
  ordered: readonly StackEventRecord[],
  statuses: readonly string[],
  statusReason: string | undefined,
): string | undefined {
  const reasons = ordered
    .filter((event) => event.ResourceType === 'AWS::CloudFormation::Stack' && statuses.includes(event.ResourceStatus ?? ''))
    .map((event) => event.ResourceStatusReason);
  const reason = [...reasons, statusReason].find((text): text is string => isCause(text) && !isSummary(text));
  return reason === undefined ? undefined : explain(reason, undefined);
}

function minutesSinceLaunch(ordered: readonly StackEventRecord[], failure: StackEventRecord): number | undefined {
  const launch = ordered.find(
    (event) => event.PhysicalResourceId !== undefined && event.PhysicalResourceId === failure.PhysicalResourceId && event.Timestamp,
  );
  if (launch?.Timestamp === undefined || failure.Timestamp === undefined || !isInstanceId(launch.PhysicalResourceId)) return undefined;
  const minutes = Math.round((failure.Timestamp.getTime() - launch.Timestamp.getTime()) / 60_000);
  return minutes >= 1 ? minutes : undefined;
}

/** @internal */
export function isInstanceId(physicalId: string | undefined): physicalId is string {
  return physicalId !== undefined && /^i-[0-9a-f]+$/.test(physicalId);
}

const SIGNAL = /^Received FAILURE signal with UniqueId\s+((?:(i-[0-9a-f]+)(?:\s+|$))?(.*))$/i;

/** So many characters of what a node says with its signal reach CloudFormation. */
const UNIQUE_ID_LENGTH = 64;

/**
 * The instance whose signal had more to say than CloudFormation took, and what it took.
 *
 * @internal
 */
export function cutSignal({
  ResourceStatusReason: text = '',
}: StackEventRecord): { readonly instanceId: string; readonly reason: string } | undefined {
  const [, uniqueId, instanceId, reason] = SIGNAL.exec(text) ?? [];
  return instanceId === undefined || uniqueId.length !== UNIQUE_ID_LENGTH ? undefined : { instanceId, reason };
}

/** CloudFormation's text of a failure in words that say what happened to the desktop. */
function explain(raw: string, minutes: number | undefined): string {
  const text = plain(raw);

  const signal = SIGNAL.exec(text);
  if (signal) {
    const reason = signal[3].trim() + (signal[1].length === UNIQUE_ID_LENGTH ? '...' : '');
    return reason === '' ? 'the node reported that its bootstrap failed, without a reason' : reason;
  }
  if (/^Received \d+ FAILURE signal/i.test(text)) return 'the node reported that its bootstrap failed, without a reason';

  if (/^Failed to receive \d+ resource signal\(s\)/i.test(text)) {
    const time = minutes === undefined ? 'in the time it was given' : `within ${minutes} minute${minutes === 1 ? '' : 's'}`;
    return `the node did not report ready ${time}: its bootstrap hung or took too long, or it could not reach CloudFormation`;
  }
  if (/^Stack creation time exceeded the specified timeout/i.test(text)) {
    return 'the stack was not complete in the time it was given';
  }
  if (/InsufficientInstanceCapacity|InsufficientCapacity|do not have sufficient .*capacity/i.test(text)) {
    return `EC2 has no capacity for this instance type in the Availability Zone of the subnet at the moment (${text})`;
  }
  return text;
}

/** Without the wrapping that CloudFormation's resource handlers put around a message of the service; parts come from a node. */
function plain(raw: string): string {
  const line = oneLine(raw);
  const wrapped = /^Resource handler returned message: "(.*)" \(RequestToken: [^()]*\)$/.exec(line);
  const text = wrapped ? wrapped[1] : line;
  return text.length > MAX_REASON_LENGTH ? `${text.slice(0, MAX_REASON_LENGTH - 3)}...` : text;
}
