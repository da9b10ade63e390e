import { DEB_LOGIN, scenario } from '../../scenario';

export default scenario({
  summary: "the user's own phase never ends: failed when the time of the whole bootstrap is up, and nothing of it runs on",
  runsOn: [DEB_LOGIN],
  input: { node: () => ({ configuration: { '/bootstrap/DeadlineSeconds': 20 } }) },
  verdict: 'failed',
  withinSeconds: 60,
  expect: (seen, check) => {
    check.matches(seen.order, /setup_user_customization@1!/, 'phases');
    check.matches(seen.reason, /setup_user_customization/, 'reason tag');
    check.equal(
      seen.live?.processes.filter((line) => line.includes('sleep 86399')),
      [],
      'processes that are left of the phase',
    );
  },
});
