import {
  CloudFormationClient,
  CreateStackCommand,
  DeleteStackCommand,
  DescribeStackEventsCommand,
  DescribeStacksCommand,
  ListStacksCommand,
} from '@aws-sdk/client-cloudformation';
import { Duration, Lazy } from 'aws-cdk-lib';
import { mockClient } from 'aws-sdk-client-mock';
import { NodeOsFamily } from '../../../lib/nodes/node-os-props';
import {
  type DesktopSessionRequest,
  DesktopSessions,
  DesktopSessionState,
  DesktopSessionTemplate,
  FailedDesktop,
} from '../../../lib/sessions';
import { sessionIdOfKey } from '../../../lib/sessions/session-id';
import { FakeClock } from './fake-clock';
import {
  asTags,
  awsError,
  doesNotExist,
  failedEvents,
  INSTANCE_ID,
  instanceEvent,
  LAUNCHED_EVENTS,
  newestFirst,
  OUTPUTS,
  REQUESTED_EVENTS,
  stack,
  STACK_ID,
  STACK_NAME,
  stackEvent,
  TAGS,
  titled,
} from './stack-events';
import { anyText, textLike, textWith } from './matchers';

const cloudFormation = mockClient(CloudFormationClient);
const ID = 'k3v9w0q2m1xz';
const { READY, FAILED, REQUESTED, PROVISIONING, DELETING, DELETED } = DesktopSessionState;

let clock: FakeClock;
let sessions: DesktopSessions;

function sessionsOf(props: Partial<ConstructorParameters<typeof DesktopSessions>[0]> = {}): DesktopSessions {
  const made = new DesktopSessions({ clusterId: 'demo', region: 'eu-west-1', ...props });
  made._clock = clock;
  return made;
}

beforeEach(() => {
  cloudFormation.reset();
  // What a test does not expect must not pass for an empty answer.
  cloudFormation.onAnyCommand().rejects(new Error('this call was not expected'));
  clock = new FakeClock();
  sessions = sessionsOf();
});

const request: DesktopSessionRequest = {
  launchTemplateId: 'lt-0123456789abcdef0',
  launchTemplateVersion: '3',
  subnetId: 'subnet-0123456789abcdef0',
  owner: 'alice',
};

/** The parameters as DescribeStacks gives them: with the defaults of those that were not passed. */
const parametersOf = (values: Record<string, string>): { ParameterKey: string; ParameterValue: string }[] =>
  Object.entries({
    LaunchTemplateId: request.launchTemplateId,
    LaunchTemplateVersion: '3',
    SubnetId: request.subnetId,
    InstanceType: '',
    ClusterId: 'demo',
    SessionOwner: 'alice',
    SessionName: '',
    Project: '',
    ...values,
  }).map(([ParameterKey, ParameterValue]) => ({ ParameterKey, ParameterValue }));

const elapsed = () => clock.sleeps.reduce((sum, sleep) => sum + sleep, 0);
const created = () => cloudFormation.commandCalls(CreateStackCommand).map((call) => call.args[0].input);
const calls = () => cloudFormation.calls().map((call) => call.args[0].constructor.name);

describe('construction', () => {
  test.each([
    [{ clusterId: '' }, /clusterId must be 1 to 32 letters/],
    [{ clusterId: 'a_b' }, /clusterId must be/],
    [{ clusterId: Lazy.string({ produce: () => 'demo' }) }, /clusterId is a CDK token/],
    [{ region: 'Ireland' }, /region must be an AWS Region/],
    [{ stackNamePrefix: 'demo-desktop-a_b' }, /stackNamePrefix must be/],
    [{ stackNamePrefix: 'team-a-' }, /stackNamePrefix must begin with "demo-desktop-", but got "team-a-"/],
  ])('%p is refused', (props, text) => {
    expect(() => sessionsOf(props)).toThrow(text);
  });

  test('needs no Region, no credentials and no call', () => {
    expect(() => new DesktopSessions({ clusterId: 'demo' })).not.toThrow();
    expect(cloudFormation.calls()).toHaveLength(0);
  });
});

describe('request', () => {
  test.each([
    [NodeOsFamily.LINUX, 'x'.repeat(32), '4711', /owner must be 1 to 32 .*, but got "4711"$/],
    [NodeOsFamily.WINDOWS, '4711', 'x'.repeat(21), /owner must be 1 to 20 .*, but got "x{21}"$/],
  ])('for %s goes by the rule of that system, in the template too', async (osFamily, good, bad, text) => {
    cloudFormation.on(CreateStackCommand).resolves({ StackId: STACK_ID });
    await expect(sessions.request({ ...request, osFamily, owner: bad })).rejects.toThrow(text);
    expect(await sessions.request({ ...request, osFamily, owner: good })).toMatchObject({ owner: good });
    expect(created().map(({ TemplateBody }) => TemplateBody)).toEqual([new DesktopSessionTemplate({ osFamily }).body]);
  });

  test('creates one stack and returns the session', async () => {
    cloudFormation.on(CreateStackCommand).resolves({ StackId: STACK_ID });
    const session = await sessions.request({
      ...request,
      instanceType: 'm7i.xlarge',
      sessionName: 'CAD 1',
      project: 'wing',
      readinessTimeout: Duration.minutes(90),
    });

    expect(session).toEqual({
      sessionId: textLike(/^[a-z][a-z0-9]{11}$/),
      clusterId: 'demo',
      state: REQUESTED,
      owner: 'alice',
      sessionName: 'CAD 1',
      project: 'wing',
      stackName: `demo-desktop-${session.sessionId}`,
      stackId: STACK_ID,
      stackStatus: 'CREATE_IN_PROGRESS',
      requestedAt: '2026-01-31T09:30:00.000Z',
    });
    expect(calls()).toEqual(['CreateStackCommand']);
    const [input] = created();
    expect(input).toEqual({
      StackName: session.stackName,
      TemplateBody: anyText,
      Parameters: expect.arrayContaining([
        { ParameterKey: 'LaunchTemplateId', ParameterValue: 'lt-0123456789abcdef0' },
        { ParameterKey: 'LaunchTemplateVersion', ParameterValue: '3' },
        { ParameterKey: 'SubnetId', ParameterValue: 'subnet-0123456789abcdef0' },
        { ParameterKey: 'InstanceType', ParameterValue: 'm7i.xlarge' },
        { ParameterKey: 'ClusterId', ParameterValue: 'demo' },
        { ParameterKey: 'SessionId', ParameterValue: session.sessionId },
        { ParameterKey: 'SessionOwner', ParameterValue: 'alice' },
        { ParameterKey: 'SessionName', ParameterValue: 'CAD 1' },
        { ParameterKey: 'Project', ParameterValue: 'wing' },
      ]) as object[],
      Tags: [
        { Key: 'cluster-node:NodeType', Value: 'dcv_node' },
        { Key: 'cluster-node:ClusterId', Value: 'demo' },
        { Key: 'cluster-node:SessionOwner', Value: 'alice' },
        { Key: 'cluster-node:SessionName', Value: 'CAD 1' },
        { Key: 'cluster-node:SessionId', Value: session.sessionId },
        { Key: 'cluster-node:Project', Value: 'wing' },
      ],
      OnFailure: 'ROLLBACK',
      TimeoutInMinutes: 105,
      EnableTerminationProtection: false,
      ClientRequestToken: textLike(/^[a-zA-Z0-9][-a-zA-Z0-9]{0,127}$/),
    });
    expect(input.Parameters).toHaveLength(9);
    const template = JSON.parse(input.TemplateBody ?? '') as { Resources: { Desktop: object } };
    expect(template.Resources.Desktop).toMatchObject({ CreationPolicy: { ResourceSignal: { Timeout: 'PT1H30M' } } });
  });

  test('keeps the instance of a desktop that fails when it is to be looked at', async () => {
    cloudFormation.on(CreateStackCommand).resolves({ StackId: STACK_ID });
    await sessions.request({ ...request, onFailure: FailedDesktop.KEEP });
    await sessions.request({ ...request, onFailure: FailedDesktop.TERMINATE });
    expect(created().map(({ OnFailure }) => OnFailure)).toEqual(['DO_NOTHING', 'ROLLBACK']);
  });

  test('what was not given is neither a parameter nor a tag', async () => {
    cloudFormation.on(CreateStackCommand).resolves({ StackId: STACK_ID });
    const session = await sessions.request(request);
    const [{ Parameters, Tags, TimeoutInMinutes }] = created();
    expect(Parameters?.map((parameter) => parameter.ParameterKey).sort()).toEqual([
      'ClusterId',
      'LaunchTemplateId',
      'LaunchTemplateVersion',
      'SessionId',
      'SessionOwner',
      'SubnetId',
    ]);
    expect(Tags).toHaveLength(4);
    expect(TimeoutInMinutes).toBe(90);
    expect(session).not.toHaveProperty('sessionName');
    expect(session).not.toHaveProperty('project');
  });

  test('all parameters exist in the template', async () => {
    cloudFormation.on(CreateStackCommand).resolves({ StackId: STACK_ID });
    await sessions.request({ ...request, instanceType: 'm7i.xlarge', sessionName: 'a', project: 'b' });
    const [{ Parameters, TemplateBody }] = created();
    const declared = Object.keys((JSON.parse(TemplateBody ?? '') as { Parameters: object }).Parameters);
    expect(Parameters?.map((parameter) => parameter.ParameterKey).sort()).toEqual(declared.sort());
  });

  test('every request is a session of its own', async () => {
    cloudFormation.on(CreateStackCommand).resolves({ StackId: STACK_ID });
    await sessions.request(request);
    await sessions.request(request);
    const [first, second] = created();
    expect(first.StackName).not.toBe(second.StackName);
    expect(first.ClientRequestToken).not.toBe(second.ClientRequestToken);
  });

  test.each<[keyof DesktopSessionRequest, unknown, RegExp]>([
    ['launchTemplateId', 'my-template', /launchTemplateId must be "lt-"/],
    ['launchTemplateVersion', '$Latest', /launchTemplateVersion must be a version number/],
    ['launchTemplateVersion', 3, /launchTemplateVersion must be .* a value of type number/],
    ['subnetId', undefined, /subnetId must be .* nothing/],
    ['subnetId', 'subnet-xyz', /subnetId must be "subnet-"/],
    ['instanceType', 'large', /instanceType must be an EC2 instance type/],
    ['owner', 'john doe', /owner must be 1 to 20/],
    ['owner', '-rf', /owner must be 1 to 20/],
    ['owner', 'root', /owner must be .*no name of the system such as root.* if the desktop runs windows, which takes it, pass osFamily/],
    ['owner', 'x'.repeat(21), /owner must be 1 to 20 .*; if the desktop runs linux, which takes it, pass osFamily \(--os-family\)/],
    ['osFamily', 'macos', /osFamily must be "linux" or "windows", but got "macos"/],
    ['owner', Lazy.string({ produce: () => 'alice' }), /owner is a CDK token/],
    ['onFailure', 'DELETE', /onFailure must be "terminate" or "keep", but got "DELETE"/],
    ['sessionName', 'a/b', /sessionName must be/],
    ['sessionName', '', /sessionName must be/],
    ['project', 'a b', /project must be/],
    ['idempotencyKey', 'a b', /idempotencyKey must be/],
    [
      'idempotencyKey',
      'ticket-4711',
      /idempotencyKey must be 22 to 128 .* that nobody can guess, such as a random UUID, but got "ticket-4711"/,
    ],
    ['readinessTimeout', Duration.minutes(4), /readinessTimeout must be .* 5 minutes to 12 hours, but got 240 seconds/],
    ['readinessTimeout', Duration.hours(13), /readinessTimeout must be/],
    ['readinessTimeout', Duration.minutes(Lazy.number({ produce: () => 10 })), /readinessTimeout is a CDK token/],
  ])('with %s %p is refused before anything is created', async (field, value, text) => {
    const message = textLike(new RegExp(`^the desktop cannot be requested: ${text.source}`));
    await expect(sessions.request({ ...request, [field]: value })).rejects.toMatchObject({ code: 'InvalidRequest', message });
    expect(cloudFormation.calls()).toHaveLength(0);
  });

  test('tells all mistakes at once', async () => {
    await expect(sessions.request({ ...request, owner: '', subnetId: '', project: '' })).rejects.toMatchObject({
      name: 'SessionError',
      code: 'InvalidRequest',
      message: textLike(/^the desktop cannot be requested: subnetId .*; owner .*; project .*$/),
    });
  });

  test('errors of AWS are passed on', async () => {
    const error = awsError('LimitExceededException', 'Limit for stack has been exceeded');
    cloudFormation.on(CreateStackCommand).rejects(error);
    await expect(sessions.request(request)).rejects.toBe(error);
  });

  test('throttling is an error, and nothing was created', async () => {
    const error = awsError('Throttling', 'Rate exceeded');
    cloudFormation.on(CreateStackCommand).rejects(error);
    await expect(sessions.request(request)).rejects.toBe(error);
    expect(calls()).toEqual(['CreateStackCommand']);
  });

  test('an answer that never came may hide a desktop: the error names its session', async () => {
    cloudFormation.on(CreateStackCommand).rejects(Object.assign(new Error('socket hang up'), { code: 'ECONNRESET' }));
    const failure = sessions.request(request);
    await expect(failure).rejects.toMatchObject({ code: 'RequestUncertain' });
    const sessionId = (created()[0].StackName ?? '').slice('demo-desktop-'.length);
    await expect(failure).rejects.toThrow(`the session ${sessionId} may or may not have been created: socket hang up`);
  });

  test('a name that is taken by something else is left alone and another is used', async () => {
    cloudFormation
      .on(CreateStackCommand)
      .rejectsOnce(awsError('AlreadyExistsException', 'Stack already exists'))
      .resolves({ StackId: STACK_ID });
    cloudFormation.on(DescribeStacksCommand).resolves({ Stacks: [stack('CREATE_COMPLETE', { Tags: [] })] });
    const session = await sessions.request(request);
    expect(created()).toHaveLength(2);
    expect(created()[0].StackName).not.toBe(created()[1].StackName);
    expect(session.stackName).toBe(created()[1].StackName);
  });

  test('when every name is taken it gives up', async () => {
    cloudFormation.on(CreateStackCommand).rejects(awsError('AlreadyExistsException', 'Stack already exists'));
    cloudFormation.on(DescribeStacksCommand).resolves({ Stacks: [stack('CREATE_COMPLETE', { Tags: [] })] });
    await expect(sessions.request(request)).rejects.toMatchObject({ code: 'ForeignStack' });
    expect(created()).toHaveLength(3);
  });

  test('a stack that this very request made is found again, not made twice', async () => {
    cloudFormation.on(CreateStackCommand).callsFake(() => Promise.reject(awsError('AlreadyExistsException', 'Stack already exists')));
    cloudFormation.on(DescribeStacksCommand).callsFake(({ StackName }: { StackName: string }) => {
      const SessionId = StackName.slice('demo-desktop-'.length);
      return {
        Stacks: [
          stack('CREATE_IN_PROGRESS', {
            StackName,
            Tags: asTags({ ...TAGS, 'cluster-node:SessionId': SessionId }),
            Parameters: parametersOf({ SessionId }),
          }),
        ],
      };
    });
    cloudFormation.on(DescribeStackEventsCommand).resolves({ StackEvents: newestFirst(...LAUNCHED_EVENTS) });
    const session = await sessions.request(request);
    expect(session).toMatchObject({ state: PROVISIONING, stackName: created()[0].StackName });
    expect(created()).toHaveLength(1);
  });
});

describe('request with an idempotency key', () => {
  const SessionId = sessionIdOfKey('demo', 'alice', '5d2a9a61-3c1e-4c8e-9f0b-2f4f6f1f7a10');
  const StackName = `demo-desktop-${SessionId}`;
  const withKey = { ...request, idempotencyKey: '5d2a9a61-3c1e-4c8e-9f0b-2f4f6f1f7a10' };
  const Tags = asTags({ ...TAGS, 'cluster-node:SessionId': SessionId });
  const existing = (status: string, parameters: Record<string, string> = {}) =>
    stack(status, { StackName, Tags, Parameters: parametersOf({ SessionId, ...parameters }) });

  test('the first time creates the session of that key', async () => {
    cloudFormation.on(CreateStackCommand).resolves({ StackId: STACK_ID });
    expect((await sessions.request(withKey)).sessionId).toBe(SessionId);
  });

  test.each([
    ['CREATE_COMPLETE', READY],
    ['ROLLBACK_COMPLETE', FAILED],
    ['DELETE_IN_PROGRESS', DELETING],
  ])('the second time returns it, %s', async (status, state) => {
    cloudFormation.on(CreateStackCommand).rejects(awsError('AlreadyExistsException', 'Stack already exists'));
    cloudFormation.on(DescribeStacksCommand, { StackName }).resolves({ Stacks: [existing(status)] });
    cloudFormation.on(DescribeStackEventsCommand).resolves({ StackEvents: failedEvents('setup:1') });
    expect(await sessions.request(withKey)).toMatchObject({ sessionId: SessionId, state });
    expect(created()).toHaveLength(1);
  });

  test.each<Record<string, string>>([
    { Project: 'other' },
    { InstanceType: 'm7i.large' },
    { LaunchTemplateVersion: '2' },
    { SubnetId: 'subnet-00000000' },
  ])('for something else it is a conflict: %p', async (parameters) => {
    cloudFormation.on(CreateStackCommand).rejects(awsError('AlreadyExistsException', 'Stack already exists'));
    cloudFormation.on(DescribeStacksCommand, { StackName }).resolves({ Stacks: [existing('CREATE_COMPLETE', parameters)] });
    await expect(sessions.request(withKey)).rejects.toMatchObject({ code: 'IdempotencyConflict' });
    expect(created()).toHaveLength(1);
  });

  test('the stack of somebody else under that name is not returned', async () => {
    cloudFormation.on(CreateStackCommand).rejects(awsError('AlreadyExistsException', 'Stack already exists'));
    cloudFormation
      .on(DescribeStacksCommand, { StackName })
      .resolves({ Stacks: [{ ...existing('CREATE_COMPLETE'), Tags: asTags({ ...TAGS, 'cluster-node:ClusterId': 'other' }) }] });
    await expect(sessions.request(withKey)).rejects.toMatchObject({ code: 'ForeignStack' });
  });

  test('a session that was deleted in between is made again', async () => {
    cloudFormation
      .on(CreateStackCommand)
      .rejectsOnce(awsError('AlreadyExistsException', 'Stack already exists'))
      .resolves({ StackId: STACK_ID });
    cloudFormation.on(DescribeStacksCommand, { StackName }).rejects(doesNotExist(StackName));
    expect(await sessions.request(withKey)).toMatchObject({ sessionId: SessionId, state: REQUESTED });
  });
});

describe('get', () => {
  test('a ready session', async () => {
    const Tags = asTags({ ...TAGS, 'cluster-node:SessionName': 'CAD 1', 'cluster-node:Project': 'wing' });
    cloudFormation.on(DescribeStacksCommand, { StackName: STACK_NAME }).resolves({ Stacks: [stack('CREATE_COMPLETE', { Tags })] });
    expect(await sessions.get(ID)).toEqual({
      sessionId: ID,
      clusterId: 'demo',
      state: READY,
      owner: 'alice',
      sessionName: 'CAD 1',
      project: 'wing',
      stackName: STACK_NAME,
      stackId: STACK_ID,
      stackStatus: 'CREATE_COMPLETE',
      instanceId: INSTANCE_ID,
      privateIp: '10.0.1.23',
      privateDnsName: 'ip-10-0-1-23.eu-west-1.compute.internal',
      requestedAt: '2026-01-31T09:30:00.000Z',
    });
    expect(calls()).toEqual(['DescribeStacksCommand']);
  });

  test('a failed session, with a reason from the second page of its events', async () => {
    const events = failedEvents(`Received FAILURE signal with UniqueId ${INSTANCE_ID} setup:12 no package`);
    cloudFormation.on(DescribeStacksCommand).resolves({ Stacks: [stack('ROLLBACK_COMPLETE')] });
    cloudFormation
      .on(DescribeStackEventsCommand, { StackName: STACK_ID, NextToken: undefined })
      .resolves({ StackEvents: events.slice(0, 3), NextToken: 'page2' });
    cloudFormation.on(DescribeStackEventsCommand, { StackName: STACK_ID, NextToken: 'page2' }).resolves({ StackEvents: events.slice(3) });
    expect(await sessions.get(ID)).toMatchObject({ state: FAILED, reason: 'setup:12 no package', instanceId: INSTANCE_ID });
  });

  test('a session that waits for capacity, and one whose node is at work', async () => {
    cloudFormation.on(DescribeStacksCommand).resolves({ Stacks: [stack('CREATE_IN_PROGRESS')] });
    cloudFormation
      .on(DescribeStackEventsCommand)
      .resolvesOnce({ StackEvents: newestFirst(...REQUESTED_EVENTS) })
      .resolves({ StackEvents: newestFirst(...LAUNCHED_EVENTS) });
    expect((await sessions.get(ID)).state).toBe(REQUESTED);
    expect(await sessions.get(ID)).toMatchObject({ state: PROVISIONING, instanceId: INSTANCE_ID });
  });

  test('the stack name prefix is used', async () => {
    cloudFormation
      .on(DescribeStacksCommand, { StackName: `demo-desktop-team-a-${ID}` })
      .resolves({ Stacks: [stack('CREATE_COMPLETE', { StackName: `demo-desktop-team-a-${ID}` })] });
    expect((await sessionsOf({ stackNamePrefix: 'demo-desktop-team-a-' }).get(ID)).stackName).toBe(`demo-desktop-team-a-${ID}`);
  });

  test('a deleted session is found among the deleted stacks: the last of that name, whatever the page', async () => {
    cloudFormation.on(DescribeStacksCommand, { StackName: STACK_NAME }).rejects(doesNotExist(STACK_NAME));
    const StackStatus = 'DELETE_COMPLETE';
    const summary = (StackName: string, StackId: string, day: number) => ({
      StackName,
      StackId,
      StackStatus: StackStatus,
      CreationTime: new Date(0),
      DeletionTime: new Date(Date.UTC(2026, 0, day)),
    });
    cloudFormation.on(ListStacksCommand, { StackStatusFilter: ['DELETE_COMPLETE'], NextToken: undefined }).resolves({
      StackSummaries: [summary('other', 'arn:other', 9), summary(STACK_NAME, 'arn:older', 1)] as never,
      NextToken: 'page2',
    });
    cloudFormation.on(ListStacksCommand, { NextToken: 'page2' }).resolves({ StackSummaries: [summary(STACK_NAME, STACK_ID, 5)] as never });
    cloudFormation.on(DescribeStacksCommand, { StackName: STACK_ID }).resolves({ Stacks: [stack('DELETE_COMPLETE')] });
    const session = await sessions.get(ID);
    expect(session).toMatchObject({ sessionId: ID, state: DELETED, owner: 'alice', stackId: STACK_ID });
    expect(session).not.toHaveProperty('instanceId');
  });

  test('a deleted stack without tags is known by its parameters', async () => {
    cloudFormation.on(DescribeStacksCommand, { StackName: STACK_NAME }).rejects(doesNotExist(STACK_NAME));
    cloudFormation.on(ListStacksCommand).resolves({ StackSummaries: [{ StackName: STACK_NAME, StackId: STACK_ID }] as never });
    cloudFormation
      .on(DescribeStacksCommand, { StackName: STACK_ID })
      .resolves({ Stacks: [stack('DELETE_COMPLETE', { Tags: [], Parameters: parametersOf({ SessionId: ID, Project: 'wing' }) })] });
    const session = await sessions.get(ID);
    expect(session).toMatchObject({ sessionId: ID, state: DELETED, owner: 'alice', project: 'wing' });
    expect(session).not.toHaveProperty('sessionName');
  });

  test('parameters do not make a living stack without tags a session', async () => {
    cloudFormation
      .on(DescribeStacksCommand, { StackName: STACK_NAME })
      .resolves({ Stacks: [stack('CREATE_COMPLETE', { Tags: [], Parameters: parametersOf({ SessionId: ID }) })] });
    await expect(sessions.get(ID)).rejects.toMatchObject({ code: 'ForeignStack' });
  });

  test('an id that never was a session is an error', async () => {
    cloudFormation.on(DescribeStacksCommand).rejects(doesNotExist(STACK_NAME));
    cloudFormation.on(ListStacksCommand).resolves({ StackSummaries: [] });
    await expect(sessions.get(ID)).rejects.toMatchObject({
      code: 'SessionNotFound',
      message: textWith(`there is no session ${ID} in the cluster demo`),
    });
  });

  test.each(
    titled(
      awsError('Throttling', 'Rate exceeded'),
      awsError('AccessDenied', `User is not authorized to perform cloudformation:DescribeStacks on ${STACK_NAME}`, 403),
      awsError('ValidationError', 'Stack name is not valid'),
      awsError('ValidationError', 'Stack with id other-stack does not exist'),
      awsError('OtherError', `Stack with id ${STACK_NAME} does not exist`),
      awsError('ServiceUnavailable', 'try later', 503),
    ),
  )('an error that is not about absence is passed on: %s', async (_, error) => {
    cloudFormation.on(DescribeStacksCommand).rejects(error);
    await expect(sessions.get(ID)).rejects.toBe(error);
    expect(calls()).toEqual(['DescribeStacksCommand']);
  });

  test('an empty answer is not absence either', async () => {
    cloudFormation.on(DescribeStacksCommand).resolves({ Stacks: [] });
    await expect(sessions.get(ID)).rejects.toThrow('empty answer');
  });

  test.each(['', 'A', '-b', 'a_b', '../x', 'x'.repeat(49)])('the id %p is refused', async (id) => {
    await expect(sessions.get(id)).rejects.toMatchObject({ code: 'InvalidRequest' });
    expect(cloudFormation.calls()).toHaveLength(0);
  });
});

describe('list', () => {
  const named = (sessionId: string, tags: Record<string, string>, status = 'CREATE_COMPLETE', minute = 0) =>
    stack(status, {
      StackName: `demo-desktop-${sessionId}`,
      StackId: `arn:${sessionId}`,
      CreationTime: new Date(Date.UTC(2026, 0, 31, 10, minute)),
      Tags: asTags({ ...TAGS, 'cluster-node:SessionId': sessionId, ...tags }),
    });

  const pages = [
    [
      named('a2', {}, 'CREATE_COMPLETE', 5),
      named('a1', { 'cluster-node:SessionOwner': 'bob' }, 'ROLLBACK_COMPLETE', 1),
      // Not sessions of this cluster: other tags, another cluster, a name that is not that of the session, another node type.
      stack('CREATE_COMPLETE', { StackName: 'demo-desktop-zz', Tags: [] }),
      named('b1', { 'cluster-node:ClusterId': 'other' }),
      { ...named('b2', {}), StackName: 'demo-desktop-desktop-b2' },
      named('b3', { 'cluster-node:NodeType': 'login_node' }),
      { ...named('b4', {}), StackName: 'b4' },
    ],
    [],
    [named('a3', { 'cluster-node:Project': 'wing' }, 'CREATE_IN_PROGRESS', 3), named('a0', {}, 'DELETE_IN_PROGRESS', 5)],
  ];

  beforeEach(() => {
    pages.forEach((Stacks, page) => {
      const NextToken = page === 0 ? undefined : `page${page}`;
      cloudFormation
        .on(DescribeStacksCommand, { NextToken, StackName: undefined })
        .resolves({ Stacks, NextToken: page + 1 < pages.length ? `page${page + 1}` : undefined });
    });
    cloudFormation.on(DescribeStackEventsCommand, { StackName: 'arn:a1' }).resolves({ StackEvents: failedEvents('no space') });
    cloudFormation.on(DescribeStackEventsCommand, { StackName: 'arn:a3' }).resolves({ StackEvents: newestFirst(...LAUNCHED_EVENTS) });
  });

  test('finds the sessions of the cluster on every page, oldest first', async () => {
    const found = await sessions.list();
    expect(found.map((session) => [session.sessionId, session.state, session.reason])).toEqual([
      ['a1', FAILED, 'no space'],
      ['a3', PROVISIONING, undefined],
      ['a0', DELETING, undefined],
      ['a2', READY, undefined],
    ]);
    expect(cloudFormation.commandCalls(DescribeStacksCommand)).toHaveLength(3);
    // Events are only read where the state depends on them.
    expect(cloudFormation.commandCalls(DescribeStackEventsCommand)).toHaveLength(2);
  });

  test.each([
    [{ owner: 'bob' }, ['a1']],
    [{ project: 'wing' }, ['a3']],
    [{ owner: 'bob', project: 'wing' }, []],
    [{ states: [READY, DELETING] }, ['a0', 'a2']],
    [{ owner: 'alice', states: [READY] }, ['a2']],
    [{ states: [] }, []],
  ])('with %p', async (filter, ids) => {
    expect((await sessions.list(filter)).map((session) => session.sessionId)).toEqual(ids);
  });

  test.each(['x'.repeat(32), '4711'])('an owner that only one system takes can be asked for: %s', async (owner) => {
    expect(await sessions.list({ owner })).toEqual([]);
  });

  test.each([
    [{ owner: 'a b' }, /owner must be/],
    [{ project: '' }, /project must be/],
    [{ states: ['gone' as DesktopSessionState] }, /states must be of requested, provisioning/],
  ])('with %p is refused', async (filter, text) => {
    await expect(sessions.list(filter)).rejects.toThrow(text);
    expect(cloudFormation.calls()).toHaveLength(0);
  });

  test('the page of a proxy that is read as no list at all is an error, not an empty list', async () => {
    cloudFormation.on(DescribeStacksCommand).resolves({});
    await expect(sessions.list()).rejects.toThrow('CloudFormation gave an empty answer, or a proxy gave one in its place');
  });

  test('throttling on any page is an error, not a shorter list', async () => {
    const error = awsError('Throttling', 'Rate exceeded');
    cloudFormation.on(DescribeStacksCommand, { NextToken: 'page2' }).rejects(error);
    await expect(sessions.list()).rejects.toBe(error);
  });

  test('throttling while events are read is an error, not another state', async () => {
    const error = awsError('Throttling', 'Rate exceeded');
    cloudFormation.on(DescribeStackEventsCommand).rejects(error);
    await expect(sessions.list()).rejects.toBe(error);
  });

  test.each([
    [[READY], []],
    [[DELETING], []],
    [[PROVISIONING], ['arn:a3']],
    [[REQUESTED, READY], ['arn:a3']],
    [[FAILED], ['arn:a1', 'arn:a3']],
  ])('of %p reads no events of what cannot be one', async (states, read) => {
    await sessions.list({ states });
    const asked = cloudFormation.commandCalls(DescribeStackEventsCommand).map((call) => call.args[0].input.StackName);
    expect(asked.sort()).toEqual(read);
  });

  test('reads the events of a few stacks at a time', async () => {
    const many = Array.from({ length: 10 }, (_, index) => named(`c${index}`, {}, 'ROLLBACK_COMPLETE', index));
    cloudFormation.on(DescribeStacksCommand).resolves({ Stacks: many });
    let running = 0;
    let most = 0;
    cloudFormation.on(DescribeStackEventsCommand).callsFake(async () => {
      most = Math.max(most, ++running);
      await new Promise((resolve) => setImmediate(resolve));
      running--;
      return { StackEvents: failedEvents('x') };
    });
    expect(await sessions.list()).toHaveLength(10);
    expect(most).toBe(4);
  });
});

describe('wait', () => {
  const describe1 = () => cloudFormation.on(DescribeStacksCommand);
  const inProgress = { Stacks: [stack('CREATE_IN_PROGRESS')] };

  beforeEach(() => {
    cloudFormation.on(DescribeStackEventsCommand).resolves({ StackEvents: newestFirst(...LAUNCHED_EVENTS) });
  });

  test('returns the ready session, without a pause when it is ready already', async () => {
    describe1().resolves({ Stacks: [stack('CREATE_COMPLETE')] });
    expect(await sessions.wait(ID)).toMatchObject({ state: READY, privateIp: '10.0.1.23' });
    expect(clock.sleeps).toEqual([]);
  });

  test('looks again, more and more slowly, and by the id of the stack', async () => {
    describe1()
      .resolvesOnce(inProgress)
      .resolvesOnce(inProgress)
      .resolvesOnce(inProgress)
      .resolves({ Stacks: [stack('CREATE_COMPLETE')] });
    expect((await sessions.wait(ID)).state).toBe(READY);
    expect(clock.sleeps).toEqual([5000, 7500, 11250]);
    expect(cloudFormation.commandCalls(DescribeStacksCommand).map((call) => call.args[0].input.StackName)).toEqual([
      STACK_NAME,
      STACK_ID,
      STACK_ID,
      STACK_ID,
    ]);
  });

  test('tells of every new state once', async () => {
    describe1()
      .resolvesOnce(inProgress)
      .resolvesOnce(inProgress)
      .resolvesOnce(inProgress)
      .resolves({ Stacks: [stack('CREATE_COMPLETE')] });
    cloudFormation
      .on(DescribeStackEventsCommand)
      .resolvesOnce({ StackEvents: newestFirst(...REQUESTED_EVENTS) })
      .resolves({ StackEvents: newestFirst(...LAUNCHED_EVENTS) });
    const states: DesktopSessionState[] = [];
    await sessions._wait(ID, {}, (session) => states.push(session.state));
    expect(states).toEqual([REQUESTED, PROVISIONING, READY]);
  });

  test('ends with the reason when the session fails', async () => {
    describe1()
      .resolvesOnce(inProgress)
      .resolves({ Stacks: [stack('ROLLBACK_IN_PROGRESS')] });
    cloudFormation
      .on(DescribeStackEventsCommand)
      .resolvesOnce({ StackEvents: newestFirst(...LAUNCHED_EVENTS) })
      .resolves({ StackEvents: failedEvents(`Received FAILURE signal with UniqueId ${INSTANCE_ID} setup:12 no package`) });
    await expect(sessions.wait(ID)).rejects.toMatchObject({
      code: 'SessionFailed',
      message: `the session ${ID} failed: setup:12 no package`,
    });
    expect(clock.sleeps).toHaveLength(1);
  });

  test.each(['DELETE_IN_PROGRESS', 'DELETE_COMPLETE'])('ends when the session is deleted meanwhile: %s', async (status) => {
    describe1()
      .resolvesOnce(inProgress)
      .resolves({ Stacks: [stack(status)] });
    await expect(sessions.wait(ID)).rejects.toMatchObject({ code: 'SessionDeleted' });
  });

  test('ends when the stack has vanished', async () => {
    describe1().resolvesOnce(inProgress).rejects(doesNotExist(STACK_ID));
    await expect(sessions.wait(ID)).rejects.toMatchObject({ code: 'SessionDeleted' });
  });

  test('ends after a minute when there is no such session', async () => {
    describe1().rejects(doesNotExist(STACK_NAME));
    cloudFormation.on(ListStacksCommand).resolves({ StackSummaries: [] });
    await expect(sessions.wait(ID)).rejects.toMatchObject({ code: 'SessionNotFound' });
    expect(elapsed()).toBeGreaterThanOrEqual(60_000);
    expect(elapsed()).toBeLessThan(90_000);
  });

  test.each(
    titled(
      awsError('Throttling', 'Rate exceeded'),
      awsError('ThrottlingException', 'Rate exceeded'),
      awsError('RequestLimitExceeded', 'Request limit exceeded'),
      awsError('Unknown', 'Too many', 429),
      awsError('InternalFailure', 'internal', 500),
      awsError('ServiceUnavailable', 'try later', 503),
      Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' }),
      Object.assign(new Error('getaddrinfo EAI_AGAIN'), { code: 'EAI_AGAIN' }),
      Object.assign(new Error('timed out'), { name: 'TimeoutError' }),
    ),
  )('survives %s, also at the first look, and backs off', async (_, error) => {
    describe1()
      .rejectsOnce(error)
      .rejectsOnce(error)
      .resolvesOnce(inProgress)
      .rejectsOnce(error)
      .resolves({ Stacks: [stack('CREATE_COMPLETE')] });
    expect((await sessions.wait(ID)).state).toBe(READY);
    expect(clock.sleeps).toEqual([10000, 30000, 11250, 33750]);
  });

  test('survives throttling of the events', async () => {
    describe1()
      .resolvesOnce(inProgress)
      .resolves({ Stacks: [stack('CREATE_COMPLETE')] });
    cloudFormation.on(DescribeStackEventsCommand).rejects(awsError('Throttling', 'Rate exceeded'));
    expect((await sessions.wait(ID)).state).toBe(READY);
  });

  test.each(titled(awsError('AccessDenied', 'no', 403), awsError('ExpiredToken', 'expired', 403), new TypeError('a mistake')))(
    'does not wait out %s',
    async (_, error) => {
      describe1().resolvesOnce(inProgress).rejects(error);
      await expect(sessions.wait(ID)).rejects.toBe(error);
      expect(clock.sleeps).toHaveLength(1);
    },
  );

  test('ends with the time, after a last look at its very end', async () => {
    describe1().resolves(inProgress);
    const start = clock.now();
    await expect(sessions.wait(ID, { timeout: Duration.minutes(2) })).rejects.toMatchObject({
      code: 'WaitTimeout',
      message: `the session ${ID} is not ready after 120 seconds: it is still provisioning (CREATE_IN_PROGRESS); it goes on without being waited for`,
    });
    expect(clock.now() - start).toBe(120_000);
    expect(cloudFormation.commandCalls(DescribeStacksCommand)).toHaveLength(clock.sleeps.length + 1);
  });

  test('by default that is 90 minutes', async () => {
    describe1().resolves(inProgress);
    const start = clock.now();
    await expect(sessions.wait(ID)).rejects.toMatchObject({ code: 'WaitTimeout' });
    expect(clock.now() - start).toBe(90 * 60_000);
  });

  test('the end of the time tells of the last error', async () => {
    describe1().rejects(awsError('Throttling', 'Rate exceeded'));
    await expect(sessions.wait(ID, { timeout: Duration.seconds(30) })).rejects.toThrow(
      'its state could not be read; the last look failed: Throttling: Rate exceeded',
    );
  });

  test.each([
    [{ until: FAILED }, /until must be READY or DELETED, but got failed/],
    [{ timeout: Duration.seconds(0) }, /timeout must be/],
    [{ timeout: Duration.days(2) }, /timeout must be/],
  ])('%p is refused', async (options, text) => {
    await expect(sessions.wait(ID, options)).rejects.toThrow(text);
    expect(cloudFormation.calls()).toHaveLength(0);
  });

  describe('for the deletion', () => {
    const until = DELETED;

    test.each([
      [
        'says so',
        () =>
          describe1()
            .resolvesOnce({ Stacks: [stack('DELETE_IN_PROGRESS')] })
            .resolves({ Stacks: [stack('DELETE_COMPLETE')] }),
      ],
      [
        'forgot it',
        () =>
          describe1()
            .resolvesOnce({ Stacks: [stack('DELETE_IN_PROGRESS')] })
            .rejects(doesNotExist(STACK_ID)),
      ],
    ])('returns when CloudFormation %s', async (_, arrange) => {
      arrange();
      const session = await sessions.wait(ID, { until });
      expect(session).toMatchObject({ sessionId: ID, state: DELETED, stackStatus: 'DELETE_COMPLETE', owner: 'alice' });
    });

    test('a failed session is waited for all the same', async () => {
      describe1()
        .resolvesOnce({ Stacks: [stack('ROLLBACK_COMPLETE')] })
        .resolves({ Stacks: [stack('DELETE_COMPLETE', { Tags: [] })] });
      const session = await sessions.wait(ID, { until });
      expect(session).toMatchObject({ state: DELETED, owner: 'alice' });
      expect(session).not.toHaveProperty('reason');
    });

    test('a deletion that failed before does not count, one that fails does', async () => {
      const deleteFailed = { Stacks: [stack('DELETE_FAILED')] };
      const deleting = { Stacks: [stack('DELETE_IN_PROGRESS')] };
      cloudFormation
        .on(DescribeStackEventsCommand)
        .resolves({ StackEvents: [instanceEvent(60, 'DELETE_FAILED', 'Termination is disabled'), stackEvent(59, 'DELETE_IN_PROGRESS')] });
      describe1().resolvesOnce(deleteFailed).resolvesOnce(deleting).resolvesOnce(deleteFailed).resolves(deleteFailed);
      await expect(sessions.wait(ID, { until })).rejects.toMatchObject({
        code: 'SessionFailed',
        message: textWith('deleting the session failed: Termination is disabled'),
      });
      expect(clock.sleeps).toHaveLength(3);
    });
  });
});

describe('delete', () => {
  const deletions = () => cloudFormation.commandCalls(DeleteStackCommand).map((call) => call.args[0].input);

  beforeEach(() => {
    cloudFormation.on(DeleteStackCommand).resolves({});
    cloudFormation.on(DescribeStackEventsCommand).resolves({ StackEvents: failedEvents('setup:1') });
  });

  test.each(['CREATE_IN_PROGRESS', 'CREATE_COMPLETE', 'ROLLBACK_COMPLETE', 'ROLLBACK_FAILED', 'DELETE_FAILED', 'UPDATE_COMPLETE'])(
    'deletes exactly the stack that was looked at: %s',
    async (status) => {
      cloudFormation.on(DescribeStacksCommand).resolves({ Stacks: [stack(status)] });
      const session = await sessions.delete(ID);
      expect(session).toMatchObject({ sessionId: ID, state: DELETING, stackStatus: 'DELETE_IN_PROGRESS' });
      expect(session).not.toHaveProperty('reason');
      expect(session).not.toHaveProperty('privateIp');
      expect(deletions()).toEqual([{ StackName: STACK_ID, ClientRequestToken: anyText }]);
      expect(calls()).not.toContain('DescribeStackEventsCommand');
    },
  );

  test.each([
    ['DELETE_IN_PROGRESS', DELETING],
    ['DELETE_COMPLETE', DELETED],
  ])('of a session that is %s changes nothing', async (status, state) => {
    cloudFormation.on(DescribeStacksCommand).resolves({ Stacks: [stack(status)] });
    expect((await sessions.delete(ID)).state).toBe(state);
    expect(deletions()).toEqual([]);
  });

  test('of a deleted session changes nothing', async () => {
    cloudFormation.on(DescribeStacksCommand, { StackName: STACK_NAME }).rejects(doesNotExist(STACK_NAME));
    cloudFormation.on(ListStacksCommand).resolves({ StackSummaries: [{ StackName: STACK_NAME, StackId: STACK_ID }] as never });
    cloudFormation.on(DescribeStacksCommand, { StackName: STACK_ID }).resolves({ Stacks: [stack('DELETE_COMPLETE')] });
    expect((await sessions.delete(ID)).state).toBe(DELETED);
    expect(deletions()).toEqual([]);
  });

  test.each([
    ['no tags', []],
    ['another cluster', asTags({ ...TAGS, 'cluster-node:ClusterId': 'other' })],
    ['another session', asTags({ ...TAGS, 'cluster-node:SessionId': 'other' })],
    ['another kind of node', asTags({ ...TAGS, 'cluster-node:NodeType': 'login_node' })],
    ['no owner', asTags(TAGS).filter((tag) => tag.Key !== 'cluster-node:SessionOwner')],
  ])('never deletes a stack with %s', async (_, Tags) => {
    cloudFormation.on(DescribeStacksCommand).resolves({ Stacks: [stack('CREATE_COMPLETE', { Tags })] });
    await expect(sessions.delete(ID)).rejects.toMatchObject({ code: 'ForeignStack' });
    expect(deletions()).toEqual([]);
  });

  test.each(titled(awsError('Throttling', 'Rate exceeded'), awsError('AccessDenied', 'no', 403)))(
    'deletes nothing on doubt: %s',
    async (_, error) => {
      cloudFormation.on(DescribeStacksCommand).rejects(error);
      await expect(sessions.delete(ID)).rejects.toBe(error);
      expect(deletions()).toEqual([]);
    },
  );

  test('an id that never was a session is an error', async () => {
    cloudFormation.on(DescribeStacksCommand).rejects(doesNotExist(STACK_NAME));
    cloudFormation.on(ListStacksCommand).resolves({ StackSummaries: [{ StackName: 'other', StackId: 'arn:other' }] as never });
    await expect(sessions.delete(ID)).rejects.toMatchObject({ code: 'SessionNotFound' });
    expect(deletions()).toEqual([]);
  });

  test('errors of AWS are passed on', async () => {
    const error = awsError('ValidationError', 'Stack cannot be deleted while in status UPDATE_ROLLBACK_IN_PROGRESS');
    cloudFormation.on(DescribeStacksCommand).resolves({ Stacks: [stack('UPDATE_ROLLBACK_IN_PROGRESS', { Outputs: OUTPUTS })] });
    cloudFormation.on(DeleteStackCommand).rejects(error);
    await expect(sessions.delete(ID)).rejects.toBe(error);
  });
});

describe('what CloudFormation does not know yet', () => {
  const Tags = (sessionId: string) => asTags({ ...TAGS, 'cluster-node:SessionId': sessionId });
  const byId = () => cloudFormation.on(DescribeStacksCommand, { StackName: STACK_ID });
  /** A session that was accepted, and a CloudFormation that knows no stack but by the rules of the test. */
  async function requested(): Promise<string> {
    cloudFormation.on(CreateStackCommand).resolves({ StackId: STACK_ID });
    cloudFormation.on(DescribeStacksCommand).callsFake(({ StackName }: { StackName: string }) => Promise.reject(doesNotExist(StackName)));
    cloudFormation.on(ListStacksCommand).resolves({ StackSummaries: [] });
    cloudFormation.on(DescribeStackEventsCommand).resolves({ StackEvents: newestFirst(...LAUNCHED_EVENTS) });
    cloudFormation.on(DeleteStackCommand).resolves({});
    return (await sessions.request(request)).sessionId;
  }

  test('is not taken for deleted by a wait that follows the request', async () => {
    const id = await requested();
    byId()
      .rejectsOnce(doesNotExist(STACK_ID))
      .resolvesOnce({ Stacks: [stack('CREATE_IN_PROGRESS')] })
      .rejectsOnce(doesNotExist(STACK_ID))
      .rejectsOnce(doesNotExist(STACK_ID))
      .resolves({ Stacks: [stack('CREATE_COMPLETE')] });
    expect(await sessions.wait(id)).toMatchObject({ sessionId: id, state: READY });
  });

  test('nor by a wait of another program, which only has the id', async () => {
    cloudFormation
      .on(DescribeStacksCommand)
      .rejectsOnce(doesNotExist(STACK_NAME))
      .rejectsOnce(doesNotExist(STACK_NAME))
      .resolves({ Stacks: [stack('CREATE_COMPLETE')] });
    cloudFormation.on(ListStacksCommand).resolves({ StackSummaries: [] });
    expect(await sessions.wait(ID)).toMatchObject({ state: READY });
  });

  test('is deleted when it stays unknown for a minute', async () => {
    const id = await requested();
    await expect(sessions.wait(id)).rejects.toMatchObject({ code: 'SessionDeleted' });
    expect(elapsed()).toBeGreaterThanOrEqual(60_000);
    expect(elapsed()).toBeLessThan(90_000);
  });

  test('is deleted at once when its deletion was asked for', async () => {
    const id = await requested();
    await sessions.delete(id);
    expect(await sessions.wait(id, { until: DELETED })).toMatchObject({ sessionId: id, state: DELETED });
    expect(clock.sleeps).toEqual([]);
  });

  test('is deleted at once when its deletion was seen', async () => {
    cloudFormation.on(DescribeStacksCommand, { StackName: STACK_NAME }).resolves({ Stacks: [stack('DELETE_IN_PROGRESS')] });
    byId()
      .resolvesOnce({ Stacks: [stack('CREATE_COMPLETE')] })
      .rejects(doesNotExist(STACK_ID));
    expect((await sessions.wait(ID, { until: DELETED })).state).toBe(DELETED);
    expect(clock.sleeps).toHaveLength(2);
  });

  test('is found and deleted by who requested it, for a minute', async () => {
    const id = await requested();
    expect(await sessions.get(id)).toMatchObject({ sessionId: id, state: REQUESTED, stackId: STACK_ID });
    expect(await sessions.delete(id)).toMatchObject({ sessionId: id, state: DELETING });
    expect(cloudFormation.commandCalls(DeleteStackCommand)[0].args[0].input.StackName).toBe(STACK_ID);
    expect(await sessions.get(id)).toMatchObject({ state: DELETING });
    await clock.sleep(60_000);
    await expect(sessions.get(id)).rejects.toMatchObject({ code: 'SessionNotFound', message: textWith('in a minute') });
  });

  test('has no events either: the session is requested, and what failed is told with its reason', async () => {
    const noEvents = awsError('ValidationError', `Stack [${STACK_ID}] does not exist`);
    cloudFormation
      .on(DescribeStacksCommand)
      .resolvesOnce({ Stacks: [stack('CREATE_IN_PROGRESS')] })
      .resolves({ Stacks: [stack('ROLLBACK_IN_PROGRESS')] });
    cloudFormation
      .on(DescribeStackEventsCommand)
      .rejectsOnce(noEvents)
      .rejectsOnce(noEvents)
      .resolvesOnce({ StackEvents: newestFirst(...LAUNCHED_EVENTS) })
      .resolves({ StackEvents: failedEvents('no space') });
    const states: DesktopSessionState[] = [];
    await expect(sessions._wait(ID, {}, (session) => states.push(session.state))).rejects.toThrow(`the session ${ID} failed: no space`);
    expect(states).toEqual([REQUESTED, FAILED]);
  });

  test('a failure whose reason does not come ends a wait after a minute', async () => {
    cloudFormation.on(DescribeStacksCommand).resolves({ Stacks: [stack('ROLLBACK_COMPLETE')] });
    cloudFormation.on(DescribeStackEventsCommand).resolves({ StackEvents: [] });
    await expect(sessions.wait(ID)).rejects.toThrow('CloudFormation gives no reason');
    expect(elapsed()).toBeGreaterThanOrEqual(60_000);
    expect(elapsed()).toBeLessThan(90_000);
  });

  describe('and says it exists', () => {
    const exists = awsError('AlreadyExistsException', 'Stack already exists');

    test.each([undefined, '5d2a9a61-3c1e-4c8e-9f0b-2f4f6f1f7a10'])(
      'is found when it can be read, under the same name, with the key %p',
      async (idempotencyKey) => {
        cloudFormation.on(CreateStackCommand).rejects(exists);
        let looks = 0;
        cloudFormation.on(DescribeStacksCommand).callsFake(({ StackName }: { StackName: string }) => {
          if (++looks < 5) return Promise.reject(doesNotExist(StackName));
          const SessionId = StackName.slice('demo-desktop-'.length);
          const found = { StackName, Tags: Tags(SessionId), Parameters: parametersOf({ SessionId }) };
          return Promise.resolve({ Stacks: [stack('CREATE_COMPLETE', found)] });
        });
        expect(await sessions.request({ ...request, idempotencyKey })).toMatchObject({ state: READY });
        expect(new Set(created().map(({ StackName }) => StackName)).size).toBe(1);
        expect(new Set(created().map(({ ClientRequestToken }) => ClientRequestToken)).size).toBe(1);
      },
    );

    test('is a doubt after a minute, never a name to change', async () => {
      cloudFormation.on(CreateStackCommand).rejects(exists);
      cloudFormation.on(DescribeStacksCommand).callsFake(({ StackName }: { StackName: string }) => Promise.reject(doesNotExist(StackName)));
      await expect(sessions.request(request)).rejects.toMatchObject({
        code: 'RequestUncertain',
        message: textLike(
          /^CloudFormation says that the stack exists and that it does not, so the session \w+ may or may not have been created; look/,
        ),
      });
      expect(elapsed()).toBeGreaterThanOrEqual(60_000);
    });
  });
});
