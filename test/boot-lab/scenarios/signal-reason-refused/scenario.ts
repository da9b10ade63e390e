import { NOT_YET_GUARDED, RPM_LOGIN, scenario } from '../../scenario';

export default scenario({
  summary: 'CloudFormation refuses a signal whose id carries the reason: sent once more with the plain id',
  runsOn: [RPM_LOGIN],
  input: { node: () => ({ packages: ['no-such-package'] }) },
  world: () => ({
    faults: [
      {
        on: 'cloudformation:SignalResource',
        times: 1,
        effect: { kind: 'error', status: 400, code: 'ValidationError', message: 'UniqueId is not valid' },
      },
    ],
  }),
  verdict: 'failed',
  exempt: { 'nobody but root reaches the role': NOT_YET_GUARDED },
  expect: (seen, check) => {
    const ids = seen.callsOf('cloudformation', 'SignalResource').map((call) => call.arguments.UniqueId);
    check.matches(ids[0], /^i-0123456789abcdef0 .+/, 'first signal');
    check.equal(ids.slice(1), ['i-0123456789abcdef0'], 'second signal');
  },
});
