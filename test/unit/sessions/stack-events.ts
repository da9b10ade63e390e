import type { Stack, StackEvent } from '@aws-sdk/client-cloudformation';

export const STACK_NAME = 'demo-desktop-k3v9w0q2m1xz';
export const STACK_ID = `arn:aws:cloudformation:eu-west-1:111122223333:stack/${STACK_NAME}/0b1c2d3e-0000-11f0-8000-0a1b2c3d4e5f`;
export const INSTANCE_ID = 'i-0123456789abcdef0';

const START = Date.UTC(2026, 0, 31, 9, 30, 0);

/** An event some minutes after the request. */
function event(
  minute: number,
  ResourceType: string,
  ResourceStatus: string,
  ResourceStatusReason?: string,
  physicalId?: string,
): StackEvent {
  const ofStack = ResourceType === 'AWS::CloudFormation::Stack';
  return {
    StackId: STACK_ID,
    StackName: STACK_NAME,
    EventId: `${ResourceType}-${ResourceStatus}-${minute}`,
    LogicalResourceId: ofStack ? STACK_NAME : 'Desktop',
    PhysicalResourceId: ofStack ? STACK_ID : (physicalId ?? ''),
    ResourceType,
    ResourceStatus: ResourceStatus as StackEvent['ResourceStatus'],
    ResourceStatusReason,
    Timestamp: new Date(START + minute * 60_000),
  };
}

export const stackEvent = (minute: number, status: string, reason?: string): StackEvent =>
  event(minute, 'AWS::CloudFormation::Stack', status, reason);

export const instanceEvent = (minute: number, status: string, reason?: string, physicalId: string = INSTANCE_ID): StackEvent =>
  event(minute, 'AWS::EC2::Instance', status, reason, physicalId);

/** Newest first, as CloudFormation gives them. */
export const newestFirst = (...events: StackEvent[]): StackEvent[] => [...events].reverse();

export const REQUESTED_EVENTS = [
  stackEvent(0, 'CREATE_IN_PROGRESS', 'User Initiated'),
  instanceEvent(0, 'CREATE_IN_PROGRESS', undefined, ''),
];
export const LAUNCHED_EVENTS = [...REQUESTED_EVENTS, instanceEvent(1, 'CREATE_IN_PROGRESS', 'Resource creation Initiated')];

export const failedEvents = (reason: string, minute = 13): StackEvent[] =>
  newestFirst(
    ...LAUNCHED_EVENTS,
    instanceEvent(minute, 'CREATE_FAILED', reason),
    stackEvent(minute, 'ROLLBACK_IN_PROGRESS', 'The following resource(s) failed to create: [Desktop]. Rollback requested by user.'),
    instanceEvent(minute + 1, 'DELETE_IN_PROGRESS'),
    instanceEvent(minute + 2, 'DELETE_COMPLETE'),
    stackEvent(minute + 2, 'ROLLBACK_COMPLETE'),
  );

export const TAGS = {
  'cluster-node:NodeType': 'dcv_node',
  'cluster-node:ClusterId': 'demo',
  'cluster-node:SessionId': 'k3v9w0q2m1xz',
  'cluster-node:SessionOwner': 'alice',
} as const;

export const asTags = (tags: Record<string, string>): { Key: string; Value: string }[] =>
  Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));

/** A stack of a session as DescribeStacks gives it. */
export function stack(StackStatus: string, more: Partial<Stack> = {}): Stack {
  return {
    StackName: STACK_NAME,
    StackId: STACK_ID,
    StackStatus: StackStatus as Stack['StackStatus'],
    CreationTime: new Date(START),
    Tags: asTags(TAGS),
    ...(StackStatus === 'CREATE_COMPLETE' || StackStatus.startsWith('UPDATE') ? { Outputs: OUTPUTS } : {}),
    ...more,
  };
}

export const OUTPUTS = [
  { OutputKey: 'InstanceId', OutputValue: INSTANCE_ID },
  { OutputKey: 'PrivateIp', OutputValue: '10.0.1.23' },
  { OutputKey: 'PrivateDnsName', OutputValue: 'ip-10-0-1-23.eu-west-1.compute.internal' },
];

/** An error as the SDK throws it. */
export function awsError(name: string, message: string, httpStatusCode = 400): Error {
  return Object.assign(new Error(message), { name, $fault: 'client', $metadata: { httpStatusCode } });
}

export const doesNotExist = (nameOrId: string): Error => awsError('ValidationError', `Stack with id ${nameOrId} does not exist`);

/** Rows of a table of errors whose first column can stand in a title: a whole error would bring its stack trace. */
export const titled = (...errors: Error[]): [string, Error][] => errors.map((error) => [`${error.name}: ${error.message}`, error]);
