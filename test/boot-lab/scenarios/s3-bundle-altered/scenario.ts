import { DEB_DESKTOP, NOT_YET_GUARDED, RPM_LOGIN, scenario } from '../../scenario';
import { isOfAws } from '../../services/world';

export default scenario({
  summary: 'the bundle in S3 is not the one that was synthesized: failed with its checksum as the reason, nothing of it runs',
  runsOn: [DEB_DESKTOP, RPM_LOGIN],
  smoke: [RPM_LOGIN],
  // In a comment: it would be unpacked, and would run, as if nothing had happened.
  world: () => ({ faults: [{ on: 's3:GetObject', effect: { kind: 'replace', pattern: '# First phase', text: '# Other phase' } }] }),
  verdict: 'failed',
  exempt: { 'nobody but root reaches the role': NOT_YET_GUARDED, 'no call twice': 'a wrong bundle may be fetched once more' },
  expect: (seen, check, { kind }) => {
    check.equal(seen.order, '', 'phases');
    check.matches(seen.reason, /sha256/, 'reason tag');
    check.that(seen.callsOf('s3').length <= 3, 'the wrong bundle was fetched again and again');
    // A group ends its node when that has said why.
    const last = seen.calls.filter(isOfAws).at(-1)?.operation;
    check.equal(last, kind === 'login' ? 'CompleteLifecycleAction' : 'SignalResource', 'the last call');
  },
});
