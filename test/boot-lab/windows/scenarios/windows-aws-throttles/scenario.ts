import { windowsScenario } from '../../scenario';

export default windowsScenario({
  summary: 'every AWS API throttles: tried again, each thing done once, to ready',
  verdict: 'ready',
  input: { cluster: () => ({ waitForStacks: ['network'] }) },
  world: () => ({
    stacks: { network: { statuses: ['CREATE_COMPLETE'] } },
    faults: [
      { on: 's3:GetObject', times: 1, effect: { kind: 'throttle' } },
      { on: 'cloudformation:DescribeStacks', times: 1, effect: { kind: 'throttle' } },
      { on: 'cloudformation:SignalResource', times: 2, effect: { kind: 'throttle' } },
      { on: 'ec2:CreateTags', times: 2, effect: { kind: 'throttle' } },
    ],
  }),
  expect: (seen, check) => {
    check.equal(
      seen.callsOf('s3').map((call) => call.status),
      [503, 200],
      'answers of S3',
    );
    check.equal(
      seen.callsOf('cloudformation', 'SignalResource').map((call) => call.status),
      [400, 400, 200],
      'answers to the signal',
    );
    check.equal(
      seen.callsOf('ec2', 'CreateTags').map((call) => call.status),
      [503, 503, 200],
      'answers to the tags',
    );
  },
});
