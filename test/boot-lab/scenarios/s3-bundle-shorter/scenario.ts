import { NOT_YET_GUARDED, RPM_LOGIN, scenario } from '../../scenario';

export default scenario({
  summary: 'the object in S3 is only the first half of the bundle: failed, nothing of it runs',
  runsOn: [RPM_LOGIN],
  world: () => ({ faults: [{ on: 's3:GetObject', effect: { kind: 'shorten', share: 0.5 } }] }),
  verdict: 'failed',
  exempt: { 'nobody but root reaches the role': NOT_YET_GUARDED },
  expect: (seen, check) => {
    check.equal(seen.order, '', 'phases');
    check.matches(seen.reason, /sha256/, 'reason tag');
  },
});
