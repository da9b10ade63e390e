import { SignalAuthentication } from '../../../../lib';
import { DEB_LOGIN, NOT_YET_GUARDED, scenario } from '../../scenario';

export default scenario({
  summary: 'the bundle is not there, and stage 0 signs the signal with the credentials of the role',
  runsOn: [DEB_LOGIN],
  input: { node: () => ({ signalWith: SignalAuthentication.ROLE }) },
  world: () => ({ objects: [] }),
  verdict: 'failed',
  withinSeconds: 300,
  waits: true,
  exempt: {
    'nobody but root reaches the role': NOT_YET_GUARDED,
    'no refused call': 'the bundle',
    'no call twice': 'the bundle is tried again',
  },
  expect: (seen, check) => {
    check.matches(seen.signals[0]?.uniqueId, /^i-0123456789abcdef0 bundle s3:/, 'unique id of the signal');
  },
});
