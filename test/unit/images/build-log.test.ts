import { CloudWatchLogsClient, GetLogEventsCommand } from '@aws-sdk/client-cloudwatch-logs';
import { mockClient } from 'aws-sdk-client-mock';
import { BuildLogApi, logOf } from '../../../lib/images/build-log';
import { awsError } from '../sessions/stack-events';
import { failedBuild } from './image-builds';

const logs = mockClient(CloudWatchLogsClient);
const PLACE = { group: '/aws/imagebuilder/Lab-Recipe', stream: '1.0.0/1' };
const end = () => new BuildLogApi('eu-west-1').end(PLACE);
const events = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, index) => ({ message: `line ${from + index}` }));

beforeEach(() => {
  logs.reset();
});

test('the log is in the group of the recipe, whose name the ARN has in small letters', () => {
  expect(logOf(failedBuild('1.0.0/1'))).toEqual(PLACE);
});

test('or in the group that the pipeline names', () => {
  expect(logOf(failedBuild('1.0.0/1', { loggingConfiguration: { logGroupName: '/lab/images' } })).group).toBe('/lab/images');
});

test('its last 20 lines are asked for from its end', async () => {
  logs.on(GetLogEventsCommand).resolves({ events: events(1, 30), nextBackwardToken: 'b' });
  expect(await end()).toEqual(events(11, 30).map(({ message }) => message));
  expect(logs.commandCalls(GetLogEventsCommand).map(({ args }) => args[0].input)).toEqual([
    { logGroupName: PLACE.group, logStreamName: PLACE.stream, startFromHead: false, limit: 20, nextToken: undefined },
  ]);
});

test('pages at the end of the log can be empty', async () => {
  logs
    .on(GetLogEventsCommand)
    .resolvesOnce({ events: [], nextBackwardToken: 'b1' })
    .resolvesOnce({ events: [], nextBackwardToken: 'b2' })
    .resolvesOnce({ events: events(3, 4), nextBackwardToken: 'b3' })
    .resolvesOnce({ events: events(1, 2), nextBackwardToken: 'b4' })
    .resolves({ events: [], nextBackwardToken: 'b4' });
  expect(await end()).toEqual(['line 1', 'line 2', 'line 3', 'line 4']);
  expect(logs.calls()).toHaveLength(5);
});

test('of a log without an end, some pages are read', async () => {
  let page = 0;
  logs.on(GetLogEventsCommand).callsFake(() => ({ events: [], nextBackwardToken: `b${++page}` }));
  expect(await end()).toEqual(['the log is empty']);
  expect(page).toBe(20);
});

test('a long line is cut', async () => {
  logs.on(GetLogEventsCommand).resolves({ events: [{ message: 'x'.repeat(2000) }] });
  expect(await end()).toEqual(['x'.repeat(500)]);
});

test.each([
  [awsError('ResourceNotFoundException', 'no such group'), /^there is no log: the build may have failed before/],
  [awsError('AccessDeniedException', 'not authorized', 403), /^the log cannot be read: AccessDeniedException: not authorized$/],
])('a log that cannot be read is no failure: %#', async (error, line) => {
  logs.on(GetLogEventsCommand).rejects(error);
  const lines = await end();
  expect(lines).toHaveLength(1);
  expect(lines[0]).toMatch(line);
});
