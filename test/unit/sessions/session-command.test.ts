import {
  CloudFormationClient,
  CreateStackCommand,
  DeleteStackCommand,
  DescribeStackEventsCommand,
  DescribeStacksCommand,
  ListStacksCommand,
} from '@aws-sdk/client-cloudformation';
import * as fs from 'fs';
import * as os from 'os';
import * as path from 'path';
import { mockClient } from 'aws-sdk-client-mock';
import { sessionCommand } from '../../../bin/commands/session';
import { type DesktopConnection, DesktopSessions } from '../../../lib/sessions';
import { SessionError } from '../../../lib/sessions/session-error';
import { sessionIdOfKey } from '../../../lib/sessions/session-id';
import { examplesOf, runCommandLine } from '../run-command-line';
import { textWith } from './matchers';
import {
  asTags,
  awsError,
  doesNotExist,
  failedEvents,
  INSTANCE_ID,
  LAUNCHED_EVENTS,
  newestFirst,
  REQUESTED_EVENTS,
  stack,
  STACK_ID,
  STACK_NAME,
  stackEvent,
  TAGS,
} from './stack-events';

const cloudFormation = mockClient(CloudFormationClient);
const ID = 'k3v9w0q2m1xz';
const CLUSTER = ['--cluster-id', 'demo', '--region', 'eu-west-1'];
const REQUEST = [
  ...['request', ...CLUSTER, '--launch-template-id', 'lt-0123456789abcdef0', '--launch-template-version', '3'],
  ...['--subnet-id', 'subnet-0123456789abcdef0', '--owner', 'alice'],
];

const run = (...args: string[]) => runCommandLine(sessionCommand, args);

beforeEach(() => {
  cloudFormation.reset();
  cloudFormation.onAnyCommand().rejects(new Error('this call was not expected'));
});

describe('show', () => {
  test('a ready session, for people', async () => {
    const Tags = asTags({ ...TAGS, 'cluster-node:SessionName': 'CAD 1' });
    cloudFormation.on(DescribeStacksCommand).resolves({ Stacks: [stack('CREATE_COMPLETE', { Tags })] });
    expect(await run('show', ID, ...CLUSTER)).toEqual({
      status: 0,
      err: '',
      out: [
        `Session:      ${ID}`,
        'State:        ready',
        'Owner:        alice',
        'Name:         CAD 1',
        'Cluster:      demo',
        `Instance:     ${INSTANCE_ID}`,
        'Address:      10.0.1.23',
        'Host:         ip-10-0-1-23.eu-west-1.compute.internal',
        'Requested:    2026-01-31T09:30:00.000Z',
        `Stack:        ${STACK_NAME}`,
        'Stack status: CREATE_COMPLETE',
        '',
      ].join('\n'),
    });
  });

  test('a failed session, as JSON: the question was answered', async () => {
    cloudFormation.on(DescribeStacksCommand).resolves({ Stacks: [stack('ROLLBACK_COMPLETE')] });
    cloudFormation.on(DescribeStackEventsCommand).resolves({ StackEvents: failedEvents('no space') });
    const { out, err, status } = await run('show', ID, ...CLUSTER, '--json');
    expect(JSON.parse(out)).toMatchObject({ sessionId: ID, state: 'failed', reason: 'no space' });
    expect([status, err]).toEqual([0, '']);
  });

  test('an unknown session', async () => {
    cloudFormation.on(DescribeStacksCommand).rejects(doesNotExist(STACK_NAME));
    cloudFormation.on(ListStacksCommand).resolves({ StackSummaries: [] });
    expect(await run('show', ID, ...CLUSTER)).toEqual({
      status: 3,
      out: '',
      err: `cluster-nodes: there is no session ${ID} in the cluster demo, nor was one deleted in the last 90 days; check the id, the cluster id and the Region; one that was requested a moment ago can be asked for in a minute\n`,
    });
  });

  test('values that others put into tags do not reach the terminal as control characters', async () => {
    const Tags = asTags({ ...TAGS, 'cluster-node:SessionName': 'a\u001b[2Jb\nc' });
    cloudFormation.on(DescribeStacksCommand).resolves({ Stacks: [stack('CREATE_COMPLETE', { Tags })] });
    expect((await run('show', ID, ...CLUSTER)).out).toContain('Name:         a [2Jb c\n');
    const table = (await run('list', ...CLUSTER)).out;
    expect(table).toContain('  a [2Jb c  ');
    expect(table.match(/\n/g)).toHaveLength(2);
  });

  test('the stack name prefix is used', async () => {
    const StackName = `demo-desktop-team-a-${ID}`;
    cloudFormation.on(DescribeStacksCommand, { StackName }).resolves({ Stacks: [stack('CREATE_COMPLETE', { StackName })] });
    expect((await run('show', ID, ...CLUSTER, '--stack-name-prefix', 'demo-desktop-team-a-')).status).toBe(0);
  });

  const html = (status: number): Error =>
    Object.assign(new Error('XML parse error: mismatched tags.\n  Deserialization error: to see the raw response, inspect'), {
      $metadata: { httpStatusCode: status },
    });
  const noAnswer = (status: number): string => `HTTP status ${status}, in an answer that is not one of AWS: a proxy may have given it`;

  test.each<[Error, string, number]>([
    [html(502), noAnswer(502), 5],
    [awsError('Unknown', 'Unknown', 407), noAnswer(407), 5],
    [
      Object.assign(new Error('connect ECONNREFUSED 10.0.0.1:3128'), { code: 'ECONNREFUSED' }),
      'AWS could not be reached (connect ECONNREFUSED 10.0.0.1:3128); check the Region and the network',
      5,
    ],
    [
      awsError('AccessDenied', 'User: x is not authorized\n to perform: y', 403),
      'AccessDenied: User: x is not authorized  to perform: y',
      5,
    ],
    [new Error('Region is missing'), 'no AWS Region is set; pass --region or set AWS_REGION', 2],
    [
      awsError('CredentialsProviderError', 'Could not load credentials from any providers'),
      'no AWS credentials were found (Could not load credentials from any providers); sign in or set AWS_PROFILE',
      5,
    ],
    [Object.assign(new Error('a bad certificate'), { code: 'ERR_TLS_CERT_ALTNAME_INVALID' }), 'a bad certificate', 5],
    [new Error('something else'), 'something else', 1],
  ])('an error of AWS is one line: %#', async (error, text, exitStatus) => {
    cloudFormation.on(DescribeStacksCommand).rejects(error);
    const { out, err, status } = await run('show', ID, ...CLUSTER);
    expect([out, status]).toEqual(['', exitStatus]);
    expect(err.replace(/ +/g, ' ')).toBe(`cluster-nodes: ${text.replace(/ +/g, ' ')}\n`);
    expect(err.match(/\n/g)).toHaveLength(1);
  });

  describe('with a profile', () => {
    const before = { ...process.env };
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'profile-'));
    beforeEach(() => {
      fs.writeFileSync(path.join(folder, 'config'), '[default]\nregion = eu-west-1\n\n[profile "team a"]\nregion = eu-west-1\n');
      fs.writeFileSync(path.join(folder, 'credentials'), '[lab]\n');
      Object.assign(process.env, {
        AWS_CONFIG_FILE: path.join(folder, 'config'),
        AWS_SHARED_CREDENTIALS_FILE: path.join(folder, 'credentials'),
      });
    });
    afterEach(() => {
      process.env = { ...before };
    });
    afterAll(() => fs.rmSync(folder, { recursive: true }));

    test.each([awsError('CredentialsProviderError', 'Could not load'), new Error('Region is missing')])(
      'that no file has, it is named: %#',
      async (error) => {
        process.env.AWS_PROFILE = 'nope';
        cloudFormation.on(DescribeStacksCommand).rejects(error);
        expect(await run('show', ID, ...CLUSTER)).toEqual({
          status: 2,
          out: '',
          err: `cluster-nodes: the AWS profile nope (AWS_PROFILE) is neither in ${path.join(folder, 'config')} nor in ${path.join(folder, 'credentials')}\n`,
        });
      },
    );

    test.each(['default', 'team a', 'lab'])('that is there, the credentials are: %s', async (name) => {
      process.env.AWS_PROFILE = name;
      cloudFormation.on(DescribeStacksCommand).rejects(awsError('CredentialsProviderError', 'expired'));
      expect(await run('show', ID, ...CLUSTER)).toMatchObject({ status: 5, err: textWith('no AWS credentials were found (expired)') });
    });
  });
});

describe('list', () => {
  const stacks = [
    stack('CREATE_COMPLETE'),
    stack('ROLLBACK_COMPLETE', {
      StackName: 'demo-desktop-a1',
      CreationTime: new Date(Date.UTC(2026, 0, 30)),
      Tags: asTags({ ...TAGS, 'cluster-node:SessionId': 'a1', 'cluster-node:Project': 'wing', 'cluster-node:SessionOwner': 'bob' }),
    }),
  ];

  beforeEach(() => {
    cloudFormation.on(DescribeStacksCommand).resolves({ Stacks: stacks });
    cloudFormation.on(DescribeStackEventsCommand).resolves({ StackEvents: failedEvents('no space') });
  });

  test('a table', async () => {
    expect(await run('list', ...CLUSTER)).toEqual({
      status: 0,
      err: '',
      out: [
        'SESSION       STATE   OWNER  NAME  PROJECT  INSTANCE             ADDRESS    REQUESTED             REASON',
        'a1            failed  bob    -     wing     i-0123456789abcdef0  -          2026-01-30T00:00:00Z  no space',
        'k3v9w0q2m1xz  ready   alice  -     -        i-0123456789abcdef0  10.0.1.23  2026-01-31T09:30:00Z',
        '',
      ].join('\n'),
    });
  });

  test('JSON', async () => {
    const { out } = await run('list', ...CLUSTER, '--json');
    expect((JSON.parse(out) as { sessionId: string }[]).map((session) => session.sessionId)).toEqual(['a1', ID]);
  });

  test.each([
    [['--owner', 'bob'], ['a1']],
    [['--project', 'wing'], ['a1']],
    [
      ['--state', 'ready', 'failed'],
      ['a1', ID],
    ],
    [['--state', 'ready', '--owner', 'alice'], [ID]],
    [['--state', 'deleting'], []],
  ])('%p', async (options, ids) => {
    const { out } = await run('list', ...CLUSTER, '--json', ...options);
    expect((JSON.parse(out) as { sessionId: string }[]).map((session) => session.sessionId)).toEqual(ids);
  });

  test('nothing to list', async () => {
    cloudFormation.on(DescribeStacksCommand).resolves({ Stacks: [] });
    expect(await run('list', ...CLUSTER)).toEqual({ status: 0, out: 'no sessions\n', err: '' });
    expect(await run('list', ...CLUSTER, '--json')).toEqual({ status: 0, out: '[]\n', err: '' });
  });

  test('throttling is a failure', async () => {
    cloudFormation.on(DescribeStacksCommand).rejects(awsError('Throttling', 'Rate exceeded'));
    expect(await run('list', ...CLUSTER)).toEqual({ status: 5, out: '', err: 'cluster-nodes: Throttling: Rate exceeded\n' });
  });
});

describe('request', () => {
  beforeEach(() => {
    cloudFormation.on(CreateStackCommand).resolves({ StackId: STACK_ID });
  });

  const created = () => cloudFormation.commandCalls(CreateStackCommand)[0].args[0].input;

  test('takes the longer names of the system that it is told', async () => {
    const owner = 'x'.repeat(32);
    const { out, status } = await run(...REQUEST.slice(0, -1), owner, '--os-family', 'linux', '--json');
    expect([status, JSON.parse(out)]).toMatchObject([0, { owner }]);
  });

  test('keeps the instance of a desktop that fails when it is told to', async () => {
    expect((await run(...REQUEST, '--on-failure', 'keep')).status).toBe(0);
    expect(created().OnFailure).toBe('DO_NOTHING');
  });

  test('passes on what it was given', async () => {
    const options = [
      '--instance-type',
      'm7i.xlarge',
      '--name',
      'CAD 1',
      '--project',
      'wing',
      '--timeout-minutes',
      '30',
      '--idempotency-key',
      '5d2a9a61-3c1e-4c8e-9f0b-2f4f6f1f7a10',
    ];
    const { out, err, status } = await run(...REQUEST, ...options, '--json');
    expect([status, err]).toEqual([0, '']);
    const sessionId = sessionIdOfKey('demo', 'alice', '5d2a9a61-3c1e-4c8e-9f0b-2f4f6f1f7a10');
    expect(JSON.parse(out)).toMatchObject({ sessionId, state: 'requested', owner: 'alice', sessionName: 'CAD 1', project: 'wing' });
    expect(created()).toMatchObject({ StackName: `demo-desktop-${sessionId}`, TimeoutInMinutes: 45 });
    expect(created().TemplateBody).toContain('PT30M');
    expect(Object.fromEntries(created().Parameters?.map((parameter) => [parameter.ParameterKey, parameter.ParameterValue]) ?? [])).toEqual({
      LaunchTemplateId: 'lt-0123456789abcdef0',
      LaunchTemplateVersion: '3',
      SubnetId: 'subnet-0123456789abcdef0',
      InstanceType: 'm7i.xlarge',
      ClusterId: 'demo',
      SessionId: sessionId,
      SessionOwner: 'alice',
      SessionName: 'CAD 1',
      Project: 'wing',
    });
  });

  test('with --wait says on stderr what happens and then prints the session', async () => {
    cloudFormation
      .on(DescribeStacksCommand, { StackName: STACK_ID })
      .resolvesOnce({ Stacks: [stack('CREATE_IN_PROGRESS')] })
      .resolvesOnce({ Stacks: [stack('CREATE_IN_PROGRESS')] })
      .resolves({ Stacks: [stack('CREATE_COMPLETE')] });
    cloudFormation
      .on(DescribeStackEventsCommand)
      .resolvesOnce({ StackEvents: newestFirst(...REQUESTED_EVENTS) })
      .resolves({ StackEvents: newestFirst(...LAUNCHED_EVENTS) });
    const { out, err, status } = await run(...REQUEST, '--wait', '--json');
    const session = JSON.parse(out) as { sessionId: string };
    expect(session).toMatchObject({ state: 'ready', privateIp: '10.0.1.23' });
    expect(err).toBe(
      ['requested', 'provisioning', 'ready', ''].map((state) => state && `session ${session.sessionId}: ${state}`).join('\n'),
    );
    expect(status).toBe(0);
  });

  test('with --wait a desktop that fails is a failure, and its id and reason are known', async () => {
    cloudFormation.on(DescribeStacksCommand, { StackName: STACK_ID }).resolves({ Stacks: [stack('ROLLBACK_IN_PROGRESS')] });
    cloudFormation
      .on(DescribeStackEventsCommand)
      .resolves({ StackEvents: failedEvents(`Received FAILURE signal with UniqueId ${INSTANCE_ID} setup:12 no package`) });
    const { out, err, status } = await run(...REQUEST, '--wait');
    expect([status, out]).toEqual([1, '']);
    expect(err).toMatch(/^session (\w+): requested\nsession \1: failed\ncluster-nodes: the session \1 failed: setup:12 no package\n$/);
  });

  test('with --wait a desktop has the time it was given and a quarter of an hour', async () => {
    cloudFormation.on(DescribeStacksCommand).resolves({ Stacks: [stack('CREATE_IN_PROGRESS')] });
    cloudFormation.on(DescribeStackEventsCommand).resolves({ StackEvents: [] });
    expect((await run(...REQUEST, '--wait', '--timeout-minutes', '10')).err).toContain('is not ready after 1500 seconds');
    expect((await run(...REQUEST, '--wait')).err).toContain('is not ready after 5400 seconds');
  });

  test('what cannot be requested is wrong usage, and nothing is created', async () => {
    const { out, err, status } = await run(...REQUEST, '--project', 'a b');
    expect([status, out]).toEqual([2, '']);
    expect(err).toMatch(/^cluster-nodes: the desktop cannot be requested: project must be .*, but got "a b"\n$/);
    expect(cloudFormation.calls()).toHaveLength(0);
  });
});

describe('wait', () => {
  test('prints the ready session', async () => {
    cloudFormation.on(DescribeStacksCommand).resolves({ Stacks: [stack('CREATE_COMPLETE')] });
    const { out, err, status } = await run('wait', ID, ...CLUSTER);
    expect(out).toContain('State:        ready\n');
    expect([status, err]).toEqual([0, `session ${ID}: ready\n`]);
  });

  test('ends with the time it was given', async () => {
    cloudFormation.on(DescribeStacksCommand).resolves({ Stacks: [stack('CREATE_IN_PROGRESS')] });
    cloudFormation.on(DescribeStackEventsCommand).resolves({ StackEvents: newestFirst(...LAUNCHED_EVENTS) });
    const { err, status } = await run('wait', ID, ...CLUSTER, '--timeout-minutes', '2');
    expect(err).toMatch(
      /^session \w+: provisioning\ncluster-nodes: the session \w+ is not ready after 120 seconds: it is still provisioning .*\n$/,
    );
    expect(status).toBe(4);
  });
});

describe('delete', () => {
  beforeEach(() => {
    cloudFormation.on(DeleteStackCommand).resolves({});
  });

  test('starts the deletion', async () => {
    cloudFormation.on(DescribeStacksCommand).resolves({ Stacks: [stack('CREATE_COMPLETE')] });
    const { out, err, status } = await run('delete', ID, ...CLUSTER);
    expect(out).toContain('State:        deleting\n');
    expect([status, err]).toEqual([0, '']);
    expect(cloudFormation.commandCalls(DeleteStackCommand)).toHaveLength(1);
  });

  test('with --wait sees it to its end', async () => {
    cloudFormation.on(DescribeStacksCommand, { StackName: STACK_NAME }).resolves({ Stacks: [stack('CREATE_COMPLETE')] });
    cloudFormation
      .on(DescribeStacksCommand, { StackName: STACK_ID })
      .resolvesOnce({ Stacks: [stack('DELETE_IN_PROGRESS')] })
      .rejects(doesNotExist(STACK_ID));
    const { out, err, status } = await run('delete', ID, ...CLUSTER, '--wait', '--json');
    expect(JSON.parse(out)).toMatchObject({ sessionId: ID, state: 'deleted' });
    expect([status, err]).toEqual([0, `session ${ID}: deleted\n`]);
  });

  test('with --wait a deletion that fails is a failure', async () => {
    cloudFormation.on(DescribeStacksCommand, { StackName: STACK_NAME }).resolves({ Stacks: [stack('CREATE_COMPLETE')] });
    cloudFormation.on(DescribeStacksCommand, { StackName: STACK_ID }).resolves({ Stacks: [stack('DELETE_FAILED')] });
    cloudFormation.on(DescribeStackEventsCommand).resolves({ StackEvents: [stackEvent(60, 'DELETE_FAILED', 'Not allowed')] });
    const { err, status } = await run('delete', ID, ...CLUSTER, '--wait');
    expect(err).toContain(`cluster-nodes: the session ${ID}: deleting the session failed: Not allowed`);
    expect(status).toBe(1);
  });

  test('a foreign stack is refused', async () => {
    cloudFormation.on(DescribeStacksCommand).resolves({ Stacks: [stack('CREATE_COMPLETE', { Tags: [] })] });
    const { err, status } = await run('delete', ID, ...CLUSTER);
    expect(err).toMatch(/^cluster-nodes: the stack demo-desktop-\w+ is not the session .*\n$/);
    expect(status).toBe(1);
    expect(cloudFormation.commandCalls(DeleteStackCommand)).toHaveLength(0);
  });
});

describe('wrong usage ends with status 2, one line on stderr and no call', () => {
  test.each([
    [['show', ID], /required option '--cluster-id <id>' not specified/],
    [['show', ...CLUSTER], /missing required argument 'session-id'/],
    [['show', 'Not-An-Id', ...CLUSTER], /sessionId must be/],
    [['show', ID, 'another', ...CLUSTER], /too many arguments/],
    [['show', ID, ...CLUSTER, '--colour'], /unknown option '--colour'/],
    [['show', ID, '--cluster-id', 'a_b'], /clusterId must be/],
    [['show', ID, '--cluster-id', 'demo', '--region', 'Ireland'], /region must be/],
    [['list', ...CLUSTER, '--state', 'gone'], /Allowed choices are requested, provisioning, ready, failed, deleting, deleted/],
    [['list', ...CLUSTER, '--owner', 'a b'], /owner must be/],
    [['request', ...CLUSTER], /required option '--launch-template-id <id>' not specified/],
    [[...REQUEST.slice(0, -1), 'root'], /owner must be .* no name of the system/],
    [[...REQUEST.slice(0, -1), 'x'.repeat(21), '--os-family', 'windows'], /owner must be 1 to 20/],
    [[...REQUEST, '--os-family', 'macos'], /Allowed choices are linux, windows/],
    [[...REQUEST, '--on-failure', 'delete'], /Allowed choices are terminate, keep/],
    [[...REQUEST, '--timeout-minutes', '0'], /whole number of minutes/],
    [[...REQUEST, '--timeout-minutes', '1.5'], /whole number of minutes/],
    [[...REQUEST, '--timeout-minutes', '4'], /readinessTimeout must be/],
    [['wait', ID, ...CLUSTER, '--timeout-minutes', '1h'], /whole number of minutes/],
    [['wait', ID, ...CLUSTER, '--timeout-minutes', '9999'], /timeout must be/],
    [['remove', ID], /unknown command 'remove'/],
  ])('%p', async (args, text) => {
    const { out, err, status } = await run(...args);
    expect(err).toMatch(text);
    expect(err).toMatch(/^cluster-nodes: [^\n]*\n$/);
    expect([status, out]).toEqual([2, '']);
    expect(cloudFormation.calls()).toHaveLength(0);
  });

  test('no subcommand at all prints the help there', async () => {
    const { out, err, status } = await run();
    expect(err).toContain('Usage: cluster-nodes session');
    expect([status, out]).toEqual([2, '']);
  });
});

describe('connect', () => {
  const CONNECTION: DesktopConnection = {
    sessionId: ID,
    owner: 'alice',
    password: '  p4ss',
    privateIp: '10.0.1.23',
    url: 'https://10.0.1.23:8443',
    certificateFingerprint: 'AB:CD',
  };
  const connect = jest.spyOn(DesktopSessions.prototype, 'connect');

  afterAll(() => connect.mockRestore());

  test('prints what the owner types in', async () => {
    connect.mockResolvedValueOnce({ ...CONNECTION, password: 'p4ss' });
    const { out, err, status } = await run('connect', ID, ...CLUSTER);
    expect(out).toBe(
      'Address:      10.0.1.23\nURL:          https://10.0.1.23:8443\nOwner:        alice\nPassword:     p4ss\nCertificate:  SHA-256 AB:CD\n',
    );
    expect([status, err]).toEqual([0, '']);
    expect(connect).toHaveBeenLastCalledWith(ID, { reset: undefined });
  });

  test('prints JSON, and resets when asked', async () => {
    connect.mockResolvedValueOnce(CONNECTION);
    const { out } = await run('connect', ID, ...CLUSTER, '--json', '--reset');
    expect(JSON.parse(out)).toEqual(CONNECTION);
    expect(connect).toHaveBeenLastCalledWith(ID, { reset: true });
  });

  test.each([
    ['ConnectRefused', 1],
    ['SessionNotReady', 1],
    ['SessionNotFound', 3],
    ['WaitTimeout', 4],
  ] as const)('ends with its own status: %s', async (code, expected) => {
    connect.mockRejectedValueOnce(new SessionError(code, 'why'));
    expect(await run('connect', ID, ...CLUSTER)).toEqual({ out: '', err: 'cluster-nodes: why\n', status: expected });
  });
});

describe('help', () => {
  test('of session names the subcommands and the exit status', async () => {
    const { out, err, status } = await run('--help');
    for (const text of ['request', 'list', 'show', 'wait', 'connect', 'delete', 'Exit status:', '5    AWS refused'])
      expect(out).toContain(text);
    expect([status, err]).toEqual([0, '']);
  });

  test.each(['request', 'list', 'show', 'wait', 'connect', 'delete'])('of %s has an example that can be run', async (name) => {
    cloudFormation.onAnyCommand().rejects(new Error('reached AWS'));
    const examples = await examplesOf(run, 'session', name);
    expect(examples.length).toBeGreaterThan(0);
    for (const [example, result] of examples) {
      expect([example, result]).toEqual([example, { out: '', err: 'cluster-nodes: reached AWS\n', status: 1 }]);
    }
  });
});
