import { DEB_DESKTOP, RPM_LOGIN, scenario } from '../../scenario';

export default scenario({
  summary: "the user's own phase asks for a reboot: the node reboots once and is ready after it, not before",
  runsOn: [DEB_DESKTOP, RPM_LOGIN],
  verdict: 'ready',
  expect: (seen, check, { kind }) => {
    check.matches(seen.order, /setup_user_customization@1$/, 'phases');
    check.equal(
      seen.boots.map((boot) => boot.ended),
      ['reboot', 'settled'],
      'boots',
    );
    check.equal(
      seen.signals.map((signal) => signal.boot),
      [2],
      'boot of the signal',
    );
    check.equal(
      seen.checks.map((step) => `${step.name}@${step.boot}`),
      kind === 'desktop' ? ['virtual_desktop.check@2'] : [],
      'checks of what the phases have made',
    );
  },
});
