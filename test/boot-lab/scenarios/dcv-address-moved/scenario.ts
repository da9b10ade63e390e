import { RPM_DESKTOP, scenario } from '../../scenario';

export default scenario({
  summary: 'the vendor no longer has the DCV archive at its address: failed at once, with what to do',
  runsOn: [RPM_DESKTOP],
  world: () => ({ faults: [{ on: 'downloads:*', effect: { kind: 'error', status: 404, code: 'Not Found' } }] }),
  verdict: 'failed',
  expect: (seen, check) => {
    check.matches(seen.reason, /HTTP 404, attempt 1; .*dcvSource/, 'reason tag');
    check.equal(seen.callsOf('downloads').length, 1, 'requests to the vendor');
  },
});
