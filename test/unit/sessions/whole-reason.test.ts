import { CloudFormationClient, DescribeStackEventsCommand, DescribeStacksCommand } from '@aws-sdk/client-cloudformation';
import { mockClient } from 'aws-sdk-client-mock';
import { DesktopSessions } from '../../../lib/sessions';
import { failedEvents, INSTANCE_ID, stack } from './stack-events';

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

test('it is that of the tag of the instance', async () => {
  mockAnswer.mockResolvedValue({ Tags: [{ Value: WHOLE }] });
  expect(await reason()).toBe(WHOLE);
  const Filters = [
    { Name: 'resource-id', Values: [INSTANCE_ID] },
    { Name: 'key', Values: ['cluster-node:StateReason'] },
  ];
  expect(mockAnswer.mock.calls).toEqual([[{ region: 'eu-west-1' }, { Filters }]]);
});

test.each([
  ['the tag is gone with the instance', () => ({ Tags: [] })],
  ['the answer is empty', () => ({})],
  ['the tag is of another failure', () => ({ Tags: [{ Value: 'setup:13 something else' }] })],
  ['it may not be read', () => Promise.reject(new Error('not authorized'))],
])('it ends with dots when %s', async (_, answer) => {
  mockAnswer.mockImplementation(answer);
  expect(await reason()).toBe(WITH_DOTS);
});

test('a list asks for no tags', async () => {
  expect(await sessions.list()).toMatchObject([{ reason: WITH_DOTS }]);
  expect(mockAnswer).not.toHaveBeenCalled();
});

test('nor does a reason that CloudFormation has in full', async () => {
  signalled(`${INSTANCE_ID} setup:12 no package`);
  expect(await reason()).toBe('setup:12 no package');
  expect(mockAnswer).not.toHaveBeenCalled();
});
