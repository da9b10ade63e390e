import { DEB_LOGIN, RPM_DESKTOP, scenario } from '../../scenario';

export default scenario({
  summary: "the user's own phase reboots the node whenever it runs: failed when the allowed reboots are used up",
  runsOn: [DEB_LOGIN, RPM_DESKTOP],
  input: { node: () => ({ maxReboots: 2 }) },
  verdict: 'failed',
  withinSeconds: 120,
  expect: (seen, check) => {
    // The first boot, the two reboots that are allowed, and the one that is too many.
    check.equal(
      seen.boots.map((boot) => boot.ended),
      ['reboot', 'reboot', 'reboot', 'settled'],
      'boots',
    );
    check.matches(seen.reason, /rebooted 3 times without finishing, last in phase setup_user_customization; the limit is 2/, 'reason tag');
  },
});
