import { NOT_YET_GUARDED, RPM_LOGIN, scenario } from '../../scenario';

export default scenario({
  summary: 'whoever answers for S3 has a certificate of another authority: nothing is asked of it, and failed',
  runsOn: [RPM_LOGIN],
  world: () => ({ strangers: ['s3'] }),
  verdict: 'failed',
  exempt: { 'nobody but root reaches the role': NOT_YET_GUARDED },
  // Every failure of S3 is tried again for two minutes.
  withinSeconds: 200,
  waits: true,
  expect: (seen, check) => {
    check.equal(seen.order, '', 'phases');
    check.equal(seen.callsOf('s3').length, 0, 'calls to whoever it is');
    // Without an answer there is no status of HTTP.
    check.matches(seen.reason, /^bundle s3:\S+ 000 /, 'reason tag');
  },
});
