import { StackStatus, type StackEvent } from '@aws-sdk/client-cloudformation';
import { DesktopSessionState } from '../../../lib/sessions/desktop-session';
import { desktopSessionState, needsEvents, possibleStates } from '../../../lib/sessions/desktop-session-state';
import { failedEvents, INSTANCE_ID, instanceEvent, LAUNCHED_EVENTS, newestFirst, REQUESTED_EVENTS, stackEvent } from './stack-events';
import { textWith } from './matchers';

const { REQUESTED, PROVISIONING, READY, FAILED, DELETING, DELETED } = DesktopSessionState;

const OTHER_INSTANCE = 'i-0fedcba9876543210';
const created = [...LAUNCHED_EVENTS, instanceEvent(9, 'CREATE_COMPLETE'), stackEvent(9, 'CREATE_COMPLETE')];
const replaced = [...created, stackEvent(60, 'UPDATE_IN_PROGRESS', 'User Initiated'), instanceEvent(61, 'UPDATE_IN_PROGRESS')];

interface Row {
  readonly status: StackStatus;
  readonly given: string;
  readonly events: StackEvent[];
  readonly state: DesktopSessionState;
  readonly instanceId?: string;
  readonly reason?: string | RegExp;
}

const table: Row[] = [
  { status: 'REVIEW_IN_PROGRESS', given: 'a change set that was not executed', events: [], state: REQUESTED },
  { status: 'CREATE_IN_PROGRESS', given: 'no event', events: [], state: REQUESTED },
  { status: 'CREATE_IN_PROGRESS', given: 'no instance yet', events: REQUESTED_EVENTS, state: REQUESTED },
  {
    status: 'CREATE_IN_PROGRESS',
    given: 'a launched instance',
    events: newestFirst(...LAUNCHED_EVENTS),
    state: PROVISIONING,
    instanceId: INSTANCE_ID,
  },
  {
    status: 'CREATE_IN_PROGRESS',
    given: 'the readiness signal, before the stack is complete',
    events: newestFirst(...LAUNCHED_EVENTS, instanceEvent(9, 'CREATE_IN_PROGRESS', `Received SUCCESS signal with UniqueId ${INSTANCE_ID}`)),
    state: PROVISIONING,
    instanceId: INSTANCE_ID,
  },
  {
    status: 'CREATE_IN_PROGRESS',
    given: 'an instance that failed before its stack did',
    events: newestFirst(
      ...LAUNCHED_EVENTS,
      instanceEvent(9, 'CREATE_FAILED', `Received FAILURE signal with UniqueId ${INSTANCE_ID} setup:12 dnf`),
    ),
    state: FAILED,
    instanceId: INSTANCE_ID,
    reason: 'setup:12 dnf',
  },
  {
    status: 'CREATE_IN_PROGRESS',
    given: 'an instance whose creation was only cancelled',
    events: newestFirst(...LAUNCHED_EVENTS, instanceEvent(9, 'CREATE_FAILED', 'Resource creation cancelled')),
    state: PROVISIONING,
    instanceId: INSTANCE_ID,
  },
  { status: 'CREATE_COMPLETE', given: 'a ready node', events: newestFirst(...created), state: READY, instanceId: INSTANCE_ID },
  { status: 'CREATE_COMPLETE', given: 'no events, they are kept for 90 days', events: [], state: READY },
  {
    status: 'CREATE_FAILED',
    given: 'rollback switched off',
    events: newestFirst(...LAUNCHED_EVENTS, instanceEvent(9, 'CREATE_FAILED', 'Some limit was exceeded')),
    state: FAILED,
    instanceId: INSTANCE_ID,
    reason: 'Some limit was exceeded; the instance may still be running and cost money: delete the session',
  },
  {
    status: 'ROLLBACK_IN_PROGRESS',
    given: 'a failed instance',
    events: failedEvents(`Received FAILURE signal with UniqueId ${INSTANCE_ID} virtual_desktop:41 dcv`).slice(2),
    state: FAILED,
    instanceId: INSTANCE_ID,
    reason: 'virtual_desktop:41 dcv',
  },
  {
    status: 'ROLLBACK_COMPLETE',
    given: 'a failed instance',
    events: failedEvents(`Received FAILURE signal with UniqueId ${INSTANCE_ID} setup:12 no package`),
    state: FAILED,
    instanceId: INSTANCE_ID,
    reason: 'setup:12 no package',
  },
  { status: 'ROLLBACK_COMPLETE', given: 'no events left', events: [], state: FAILED, reason: 'CloudFormation gives no reason' },
  {
    status: 'ROLLBACK_FAILED',
    given: 'an instance that cannot be terminated',
    events: newestFirst(
      ...LAUNCHED_EVENTS,
      instanceEvent(9, 'CREATE_FAILED', `Received FAILURE signal with UniqueId ${INSTANCE_ID} setup:12`),
      stackEvent(9, 'ROLLBACK_IN_PROGRESS', 'The following resource(s) failed to create: [Desktop]. Rollback requested by user.'),
      instanceEvent(10, 'DELETE_IN_PROGRESS'),
      instanceEvent(11, 'DELETE_FAILED', 'Termination is disabled'),
      stackEvent(11, 'ROLLBACK_FAILED', 'The following resource(s) failed to delete: [Desktop]. '),
    ),
    state: FAILED,
    instanceId: INSTANCE_ID,
    reason:
      'setup:12; removing the instance failed too: Termination is disabled; the instance may still be running and cost money: delete the session',
  },
  {
    status: 'UPDATE_IN_PROGRESS',
    given: 'a change of tags',
    events: newestFirst(...created, stackEvent(60, 'UPDATE_IN_PROGRESS', 'User Initiated')),
    state: READY,
    instanceId: INSTANCE_ID,
  },
  {
    status: 'UPDATE_IN_PROGRESS',
    given: 'a replacement of the instance',
    events: newestFirst(...replaced, instanceEvent(62, 'UPDATE_IN_PROGRESS', 'Resource creation Initiated', OTHER_INSTANCE)),
    state: PROVISIONING,
    instanceId: OTHER_INSTANCE,
  },
  { status: 'UPDATE_COMPLETE', given: 'an update', events: newestFirst(...created), state: READY, instanceId: INSTANCE_ID },
  {
    status: 'UPDATE_COMPLETE_CLEANUP_IN_PROGRESS',
    given: 'an update',
    events: newestFirst(...created),
    state: READY,
    instanceId: INSTANCE_ID,
  },
  {
    status: 'UPDATE_FAILED',
    given: 'a failure before the update too',
    events: newestFirst(
      stackEvent(-10, 'UPDATE_IN_PROGRESS', 'User Initiated'),
      instanceEvent(-9, 'UPDATE_FAILED', 'the failure of an earlier update'),
      ...replaced,
      instanceEvent(75, 'UPDATE_FAILED', `Received FAILURE signal with UniqueId ${OTHER_INSTANCE} setup:3`, OTHER_INSTANCE),
    ),
    state: FAILED,
    instanceId: OTHER_INSTANCE,
    reason: 'updating the stack failed: setup:3',
  },
  {
    status: 'UPDATE_ROLLBACK_IN_PROGRESS',
    given: 'a replacement that failed',
    events: newestFirst(...replaced, instanceEvent(75, 'UPDATE_FAILED', 'x'), stackEvent(75, 'UPDATE_ROLLBACK_IN_PROGRESS', 'x')),
    state: READY,
    instanceId: INSTANCE_ID,
  },
  { status: 'UPDATE_ROLLBACK_COMPLETE', given: 'an update', events: newestFirst(...created), state: READY, instanceId: INSTANCE_ID },
  {
    status: 'UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS',
    given: 'an update',
    events: newestFirst(...created),
    state: READY,
    instanceId: INSTANCE_ID,
  },
  {
    status: 'UPDATE_ROLLBACK_FAILED',
    given: 'an update',
    events: newestFirst(...replaced, instanceEvent(75, 'UPDATE_FAILED', 'Instance i-1 does not exist', OTHER_INSTANCE)),
    state: FAILED,
    instanceId: OTHER_INSTANCE,
    reason: 'updating the stack failed: Instance i-1 does not exist',
  },
  { status: 'IMPORT_IN_PROGRESS', given: 'a new stack', events: [stackEvent(0, 'IMPORT_IN_PROGRESS')], state: REQUESTED },
  {
    status: 'IMPORT_IN_PROGRESS',
    given: 'a stack with a desktop',
    events: newestFirst(...created, stackEvent(60, 'IMPORT_IN_PROGRESS')),
    state: READY,
    instanceId: INSTANCE_ID,
  },
  { status: 'IMPORT_COMPLETE', given: 'a stack with a desktop', events: newestFirst(...created), state: READY, instanceId: INSTANCE_ID },
  { status: 'IMPORT_ROLLBACK_IN_PROGRESS', given: 'a new stack', events: [], state: REQUESTED },
  { status: 'IMPORT_ROLLBACK_IN_PROGRESS', given: 'a desktop', events: newestFirst(...created), state: READY, instanceId: INSTANCE_ID },
  { status: 'IMPORT_ROLLBACK_COMPLETE', given: 'a desktop', events: newestFirst(...created), state: READY, instanceId: INSTANCE_ID },
  {
    status: 'IMPORT_ROLLBACK_FAILED',
    given: 'a desktop',
    events: newestFirst(...created, stackEvent(60, 'IMPORT_ROLLBACK_FAILED', 'Not importable')),
    state: FAILED,
    instanceId: INSTANCE_ID,
    reason: 'importing into the stack failed: Not importable',
  },
  { status: 'DELETE_IN_PROGRESS', given: 'a ready desktop', events: newestFirst(...created), state: DELETING, instanceId: INSTANCE_ID },
  { status: 'DELETE_IN_PROGRESS', given: 'a failed desktop', events: failedEvents('setup:1'), state: DELETING, instanceId: INSTANCE_ID },
  { status: 'DELETE_COMPLETE', given: 'a failed desktop', events: failedEvents('setup:1'), state: DELETED, instanceId: INSTANCE_ID },
  {
    status: 'DELETE_FAILED',
    given: 'two attempts',
    events: newestFirst(
      ...created,
      stackEvent(60, 'DELETE_IN_PROGRESS', 'User Initiated'),
      instanceEvent(61, 'DELETE_FAILED', 'the reason of the first attempt'),
      stackEvent(61, 'DELETE_FAILED', 'The following resource(s) failed to delete: [Desktop]. '),
      stackEvent(90, 'DELETE_IN_PROGRESS', 'User Initiated'),
      instanceEvent(91, 'DELETE_FAILED', 'the reason of the second attempt'),
      stackEvent(91, 'DELETE_FAILED', 'The following resource(s) failed to delete: [Desktop]. '),
    ),
    state: FAILED,
    instanceId: INSTANCE_ID,
    reason:
      'deleting the session failed: the reason of the second attempt; the instance may still be running and cost money: delete the session',
  },
];

test.each(table)('$status with $given is $state', ({ status, events, state, instanceId, reason }) => {
  expect(desktopSessionState({ StackStatus: status }, events)).toEqual({ state, instanceId, reason });
});

test('every stack status of CloudFormation is in the table', () => {
  expect(new Set(table.map((row) => row.status))).toEqual(new Set(Object.values(StackStatus)));
});

test.each(table.filter((row) => !needsEvents(row.status)))('$status with $given needs no events', ({ status, events, state, reason }) => {
  expect(reason).toBeUndefined();
  expect(desktopSessionState({ StackStatus: status }, []).state).toBe(state);
  expect(desktopSessionState({ StackStatus: status }, events).state).toBe(state);
});

test.each(table)('$status with $given is a state that is possible for it', ({ status, state }) => {
  expect(possibleStates(status)).toContain(state);
});

test('a status that depends on events asks for them', () => {
  for (const status of Object.values(StackStatus)) {
    const states = new Set(table.filter((row) => row.status === status).map((row) => row.state));
    if (states.size > 1 || states.has(FAILED)) expect([status, needsEvents(status)]).toEqual([status, true]);
  }
});

test('a status that does not exist yet is not taken for failure while something goes on', () => {
  expect(desktopSessionState({ StackStatus: 'MOVE_IN_PROGRESS' }, []).state).toBe(PROVISIONING);
  expect(desktopSessionState({ StackStatus: 'MOVE_FAILED' }, [])).toMatchObject({
    state: FAILED,
    reason: textWith('MOVE_FAILED'),
  });
  expect(desktopSessionState({}, [])).toMatchObject({ state: FAILED, reason: textWith('(none)') });
});

describe('the reason of a failure', () => {
  const reasonOf = (raw: string, minute?: number): string | undefined =>
    desktopSessionState({ StackStatus: 'ROLLBACK_COMPLETE' }, failedEvents(raw, minute)).reason;

  test.each([
    [`Received FAILURE signal with UniqueId ${INSTANCE_ID} setup:12 package dcv not found`, 'setup:12 package dcv not found'],
    [`Received FAILURE signal with UniqueId ${INSTANCE_ID}`, 'the node reported that its bootstrap failed, without a reason'],
    ['Received FAILURE signal with UniqueId stage0: no region', 'stage0: no region'],
    ['Received 1 FAILURE signal(s) out of 1.', 'the node reported that its bootstrap failed, without a reason'],
    [
      'Failed to receive 1 resource signal(s) within the specified duration',
      'the node did not report ready within 12 minutes: its bootstrap hung or took too long, or it could not reach CloudFormation',
    ],
    [
      'We currently do not have sufficient g5.xlarge capacity in the Availability Zone you requested (eu-west-1a). (Service: AmazonEC2; Error Code: InsufficientInstanceCapacity)',
      'EC2 has no capacity for this instance type in the Availability Zone of the subnet at the moment (We currently do not have sufficient g5.xlarge capacity in the Availability Zone you requested (eu-west-1a). (Service: AmazonEC2; Error Code: InsufficientInstanceCapacity))',
    ],
    [
      'Resource handler returned message: "The image id \'[ami-0]\' does not exist (Service: Ec2, Status Code: 400)" (RequestToken: 1a2b, HandlerErrorCode: NotFound)',
      "The image id '[ami-0]' does not exist (Service: Ec2, Status Code: 400)",
    ],
    ['one\r\ntwo\u001b[31m three\u2028four', 'one two [31m three four'],
  ])('%s', (raw, reason) => {
    expect(reasonOf(raw)).toBe(reason);
  });

  test('a timeout whose length cannot be told does not claim one', () => {
    const events = newestFirst(
      ...REQUESTED_EVENTS,
      instanceEvent(9, 'CREATE_FAILED', 'Failed to receive 1 resource signal(s) within the specified duration', ''),
    );
    expect(desktopSessionState({ StackStatus: 'ROLLBACK_COMPLETE' }, events).reason).toContain(
      'did not report ready in the time it was given',
    );
  });

  test('it is bounded', () => {
    expect(reasonOf('x'.repeat(5000))).toHaveLength(1024);
  });

  test('it is the first failure, whatever the order of the events', () => {
    const events = [...LAUNCHED_EVENTS, instanceEvent(5, 'CREATE_FAILED', 'the first'), instanceEvent(6, 'CREATE_FAILED', 'the second')];
    for (const order of [events, newestFirst(...events)]) {
      expect(desktopSessionState({ StackStatus: 'ROLLBACK_COMPLETE' }, order).reason).toBe('the first');
    }
  });

  test('of events of one moment the one that CloudFormation gives last came first', () => {
    const events = newestFirst(
      ...LAUNCHED_EVENTS,
      instanceEvent(5, 'CREATE_FAILED', 'the first'),
      instanceEvent(5, 'CREATE_FAILED', 'the second'),
    );
    expect(desktopSessionState({ StackStatus: 'ROLLBACK_COMPLETE' }, events).reason).toBe('the first');
  });

  test('it is never that the creation was cancelled: then the stack knows', () => {
    const events = newestFirst(
      ...LAUNCHED_EVENTS,
      stackEvent(75, 'ROLLBACK_IN_PROGRESS', 'Stack creation time exceeded the specified timeout. Rollback requested by user.'),
      instanceEvent(75, 'CREATE_FAILED', 'Resource creation cancelled'),
    );
    expect(desktopSessionState({ StackStatus: 'ROLLBACK_IN_PROGRESS' }, events).reason).toBe(
      'the stack was not complete in the time it was given',
    );
  });

  test('it is taken from the description of the stack when the events are gone', () => {
    expect(desktopSessionState({ StackStatus: 'ROLLBACK_COMPLETE', StackStatusReason: 'Quota exceeded' }, []).reason).toBe(
      'Quota exceeded',
    );
  });

  test('it is not the sentence that a resource failed', () => {
    const StackStatusReason = 'The following resource(s) failed to create: [Desktop]. Rollback requested by user.';
    expect(desktopSessionState({ StackStatus: 'ROLLBACK_COMPLETE', StackStatusReason }, []).reason).toBe('CloudFormation gives no reason');
  });
});
