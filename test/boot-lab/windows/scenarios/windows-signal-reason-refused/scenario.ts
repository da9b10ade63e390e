import { windowsScenario, withTags } from '../../scenario';

export default windowsScenario({
  summary: 'CloudFormation refuses a signal whose id carries the reason: sent once more with the plain id',
  verdict: 'failed',
  world: (world) => ({
    ...withTags(world, { 'cluster-node:SessionOwner': undefined }),
    faults: [
      {
        on: 'cloudformation:SignalResource',
        times: 1,
        effect: { kind: 'error', status: 400, code: 'ValidationError', message: 'UniqueId is not valid' },
      },
    ],
  }),
  expect: (seen, check) => {
    const ids = seen.callsOf('cloudformation', 'SignalResource').map((call) => call.arguments.UniqueId);
    check.matches(ids[0], /^i-0123456789abcdef0 .+/, 'first signal');
    check.equal(ids.slice(1), ['i-0123456789abcdef0'], 'second signal');
  },
});
