import { DEB_DESKTOP, RPM_LOGIN, scenario } from '../../scenario';

export default scenario({
  summary: "the user's own phase takes the metadata guard out of force: failed, as users reach the role",
  runsOn: [DEB_DESKTOP, RPM_LOGIN],
  verdict: 'failed',
  exempt: { 'nobody but root reaches the role': 'the guard is what the phase has destroyed' },
  expect: (seen, check) => {
    check.matches(seen.order, /setup_user_customization@1$/, 'phases');
    check.matches(
      seen.reason,
      /metadata guard: user 65534 reaches the instance metadata service at 169\.254\.169\.254 fd00:ec2::254/,
      'reason tag',
    );
  },
});
