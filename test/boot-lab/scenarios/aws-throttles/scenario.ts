import { DEB_LOGIN, RPM_DESKTOP, scenario } from '../../scenario';

export default scenario({
  summary: 'every AWS API throttles: tried again, each thing done once, to ready',
  runsOn: [RPM_DESKTOP, DEB_LOGIN],
  input: { cluster: () => ({ waitForStacks: ['network'] }) },
  world: () => ({
    stacks: { network: { statuses: ['CREATE_COMPLETE'] } },
    faults: [
      { on: 's3:GetObject', times: 1, effect: { kind: 'throttle' } },
      { on: 'cloudformation:DescribeStacks', times: 1, effect: { kind: 'throttle' } },
      { on: 'cloudformation:SignalResource', times: 2, effect: { kind: 'throttle' } },
      { on: 'ec2:CreateTags', times: 2, effect: { kind: 'throttle' } },
      { on: 'autoscaling:CompleteLifecycleAction', times: 1, effect: { kind: 'throttle' } },
      { on: 'secretsmanager:GetSecretValue', times: 1, effect: { kind: 'throttle' } },
    ],
  }),
  verdict: 'ready',
  expect: (seen, check, { kind }) => {
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
    check.equal(
      seen.callsOf('secretsmanager').map((call) => call.status),
      kind === 'login' ? [400, 200] : [],
      'answers to the secret',
    );
    check.equal(
      seen.callsOf('autoscaling').map((call) => call.status),
      kind === 'login' ? [400, 200] : [],
      'answers to the launch hook',
    );
  },
});
