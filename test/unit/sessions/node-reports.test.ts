import {
  CloudFormationClient,
  DeleteStackCommand,
  DescribeStackEventsCommand,
  DescribeStacksCommand,
} from '@aws-sdk/client-cloudformation';
import { mockClient } from 'aws-sdk-client-mock';
import { DesktopSessions } from '../../../lib/sessions';
import { failedEvents, INSTANCE_ID, LAUNCHED_EVENTS, newestFirst, stack } from './stack-events';

const mockAnswer = jest.fn();
let mockIsInstalled: boolean;

jest.mock(
  '@aws-sdk/client-ec2',
  () => {
    if (!mockIsInstalled) {
      throw Object.assign(new Error("Cannot find module '@aws-sdk/client-ec2'"), { code: 'MODULE_NOT_FOUND' });
    }
    return {
      EC2Client: class {
        public constructor(private readonly options: object) {}
        public send = ({ input }: { input: object }): unknown => mockAnswer(this.options, input);
      },
      DescribeTagsCommand: class {
        public constructor(public readonly input: object) {}
      },
    };
  },
  { virtual: true },
);

const WHOLE = 'setup:12 dnf install failed: no package nice-dcv-server-2024.0 in the repositories';
const CUT = `${INSTANCE_ID} ${WHOLE}`.slice(0, 64);
const WITH_DOTS = `${CUT.slice(INSTANCE_ID.length + 1)}...`;

const cloudFormation = mockClient(CloudFormationClient);
const sessions = new DesktopSessions({ clusterId: 'demo', region: 'eu-west-1' });
const reason = async (): Promise<string | undefined> => (await sessions.get('k3v9w0q2m1xz')).reason;
const tag = (Key: string, Value: string, ResourceId = INSTANCE_ID): object => ({ ResourceId, Key: `cluster-node:${Key}`, Value });
const SECONDS = 'total=73 setup.install=12 setup=3';
const BY_STEP = { total: 73, 'setup.install': 12, setup: 3 };

function ready(): void {
  const Outputs = [{ OutputKey: 'InstanceId', OutputValue: INSTANCE_ID }];
  cloudFormation.on(DescribeStacksCommand).resolves({ Stacks: [{ ...stack('CREATE_COMPLETE'), Outputs }] });
}

function signalled(uniqueId: string): void {
  const StackEvents = failedEvents(`Received FAILURE signal with UniqueId ${uniqueId}`);
  cloudFormation.on(DescribeStackEventsCommand).resolves({ StackEvents });
}

beforeEach(() => {
  cloudFormation.reset();
  cloudFormation.on(DescribeStacksCommand).resolves({ Stacks: [stack('ROLLBACK_COMPLETE')] });
  signalled(CUT);
  mockAnswer.mockReset();
  mockIsInstalled = true;
});

// The first: what was loaded once stays.
test('a reason longer than CloudFormation takes ends with dots where the SDK for EC2 is not installed', async () => {
  mockIsInstalled = false;
  expect(await reason()).toBe(WITH_DOTS);
});

test('it is that of the tag of the instance, and so are the seconds, with one question', async () => {
  mockAnswer.mockResolvedValue({ Tags: [tag('PhaseSeconds', SECONDS), tag('StateReason', WHOLE)] });
  expect(await sessions.get('k3v9w0q2m1xz')).toMatchObject({ state: 'failed', reason: WHOLE, phaseSeconds: BY_STEP });
  const Filters = [
    { Name: 'resource-id', Values: [INSTANCE_ID] },
    { Name: 'key', Values: ['cluster-node:StateReason', 'cluster-node:PhaseSeconds'] },
  ];
  expect(mockAnswer.mock.calls).toEqual([[{ region: 'eu-west-1' }, { Filters }]]);
});

test.each([
  ['the tag is gone with the instance', () => ({ Tags: [] })],
  ['the answer is empty', () => ({})],
  ['the tag is of another failure', () => ({ Tags: [tag('StateReason', 'setup:13 something else')] })],
  ['the tag is of another instance', () => ({ Tags: [tag('StateReason', WHOLE, 'i-0aaaaaaaaaaaaaaaa')] })],
  ['it may not be read', () => Promise.reject(new Error('not authorized'))],
])('it ends with dots when %s', async (_, answer) => {
  mockAnswer.mockImplementation(answer);
  expect(await reason()).toBe(WITH_DOTS);
});

test('a list asks for no tags', async () => {
  expect(await sessions.list()).toMatchObject([{ reason: WITH_DOTS }]);
  expect(mockAnswer).not.toHaveBeenCalled();
});

test('a reason that CloudFormation has in full stays', async () => {
  signalled(`${INSTANCE_ID} setup:12 no package`);
  mockAnswer.mockResolvedValue({ Tags: [tag('StateReason', 'setup:12 no package of this boot')] });
  expect(await reason()).toBe('setup:12 no package');
});

test('a desktop that is ready has the seconds of its tag, without the events of its stack', async () => {
  ready();
  mockAnswer.mockResolvedValue({ Tags: [tag('PhaseSeconds', SECONDS)] });
  expect((await sessions.get('k3v9w0q2m1xz')).phaseSeconds).toEqual(BY_STEP);
  expect((await sessions.wait('k3v9w0q2m1xz')).phaseSeconds).toEqual(BY_STEP);
  expect(cloudFormation.commandCalls(DescribeStackEventsCommand)).toHaveLength(0);
  expect(mockAnswer).toHaveBeenCalledTimes(2);
});

test.each([
  ['with what no node writes among them', 'total=73 setup=-1 =5 a b=c setup=1e9 $x=1 virtual_desktop=9', { total: 73, virtual_desktop: 9 }],
  ['that are none', 'soon', undefined],
  ['that name what every object has', '__proto__=1', JSON.parse('{"__proto__":1}')],
])('seconds %s', async (_, text, expected) => {
  ready();
  mockAnswer.mockResolvedValue({ Tags: [tag('PhaseSeconds', text)] });
  const session = await sessions.get('k3v9w0q2m1xz');
  expect(session.phaseSeconds).toEqual(expected);
  expect('phaseSeconds' in session).toBe(expected !== undefined);
});

test('without the permission, or a tag, a desktop that is ready has no seconds', async () => {
  ready();
  for (const answer of [Promise.reject(new Error('not authorized')), Promise.resolve({ Tags: [] })]) {
    mockAnswer.mockReturnValueOnce(answer);
    const session = await sessions.get('k3v9w0q2m1xz');
    expect([session.state, 'phaseSeconds' in session]).toEqual(['ready', false]);
  }
});

test('no tags are read of a session without a verdict, nor by who lists or deletes', async () => {
  ready();
  cloudFormation.on(DeleteStackCommand).resolves({});
  await sessions.list();
  await sessions.delete('k3v9w0q2m1xz');
  cloudFormation.on(DescribeStacksCommand).resolves({ Stacks: [stack('CREATE_IN_PROGRESS')] });
  cloudFormation.on(DescribeStackEventsCommand).resolves({ StackEvents: newestFirst(...LAUNCHED_EVENTS) });
  expect((await sessions.get('k3v9w0q2m1xz')).state).not.toBe('failed');
  expect(mockAnswer).not.toHaveBeenCalled();
});
