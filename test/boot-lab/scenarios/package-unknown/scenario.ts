import { DEB_LOGIN, NOT_YET_GUARDED, RPM_DESKTOP, scenario } from '../../scenario';

export default scenario({
  summary: 'a package that no repository has: failed at once, with its name in the reason, and no later phase',
  runsOn: [RPM_DESKTOP, DEB_LOGIN],
  smoke: [DEB_LOGIN],
  input: { node: () => ({ packages: ['no-such-package'] }) },
  verdict: 'failed',
  exempt: { 'nobody but root reaches the role': NOT_YET_GUARDED },
  withinSeconds: 40,
  expect: (seen, check) => {
    check.equal(seen.order, 'setup.install@1!113', 'phases');
    check.matches(seen.reason, /no-such-package/, 'reason tag');
    check.matches(seen.signals[0]?.uniqueId, /^i-0123456789abcdef0 .*setup/, 'reason in the signal');
  },
});
