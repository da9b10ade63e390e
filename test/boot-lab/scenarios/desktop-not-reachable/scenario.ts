import { DEB_DESKTOP, RPM_DESKTOP, scenario } from '../../scenario';

export default scenario({
  summary:
    'the port of DCV takes connections and does not talk TLS, or the session has no shell of a desktop: the node fails with what it is',
  runsOn: [RPM_DESKTOP, DEB_DESKTOP],
  input: { node: () => ({ configuration: { '/system/dcv/ready_seconds': 10 } }) },
  verdict: 'failed',
  play: async ({ machine, run }) => {
    machine.write(`/var/lib/lab/desktop/${run.variant.family === 'rpm' ? 'no-tls' : 'no-shell'}`, '');
    await machine.run();
  },
  expect: (seen, check, { family }) => {
    check.matches(
      seen.reason,
      family === 'rpm'
        ? /^phase virtual_desktop: the desktop is not ready after 10 s: port 8443 does not answer with TLS$/
        : /^phase virtual_desktop: the desktop is not ready after 10 s: the desktop's shell \(gnome-shell\) does not run/,
      'reason tag',
    );
  },
});
