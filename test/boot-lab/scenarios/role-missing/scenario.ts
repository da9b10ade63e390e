import { NOT_YET_GUARDED, RPM_DESKTOP, scenario } from '../../scenario';

export default scenario({
  summary: 'the instance has no role: nothing can be fetched, and stage 0 tells it with the identity document of the instance',
  runsOn: [RPM_DESKTOP],
  world: () => ({
    faults: [{ on: 'imds:/latest/meta-data/iam/*', effect: { kind: 'error', status: 404, code: 'Not Found' } }],
  }),
  verdict: 'failed',
  withinSeconds: 600,
  waits: true,
  exempt: {
    'nobody but root reaches the role': NOT_YET_GUARDED,
    'one true verdict': 'tags and launch hook need the role',
    'no refused call': 'calls that nobody signed',
    'no call twice': 'calls that nobody signed are tried again',
  },
  expect: (seen, check) => {
    check.equal(
      seen.signals.map(({ status, stack }) => [status, stack === seen.world.instance.stack]),
      [['FAILURE', true]],
      'signals',
    );
    check.matches(seen.signals[0]?.uniqueId, /^i-0123456789abcdef0 bundle s3:/, 'unique id of the signal');
    check.equal(seen.order, '', 'phases');
    check.matches(seen.result, /^failed bundle s3:/, 'result file');
  },
});
