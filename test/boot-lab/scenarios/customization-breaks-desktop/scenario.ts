import { DEB_DESKTOP, RPM_DESKTOP, scenario } from '../../scenario';

export default scenario({
  summary: "the user's own phase asks for a reboot, after which the desktop does not come up: not ready, and why",
  runsOn: [RPM_DESKTOP, DEB_DESKTOP],
  input: { node: () => ({ configuration: { '/system/dcv/ready_seconds': 12 } }) },
  verdict: 'failed',
  expect: (seen, check) => {
    check.equal(
      seen.boots.map((boot) => boot.ended),
      ['reboot', 'settled'],
      'boots',
    );
    check.matches(
      seen.reason,
      /^phase virtual_desktop\.check: the desktop is not ready after 12 s: the desktop's shell \(gnome-shell\) does not run/,
      'reason tag',
    );
  },
});
