import { DEB_LOGIN, RPM_DESKTOP, scenario } from '../../scenario';

export default scenario({
  summary: 'the first install brings what needs a reboot: one reboot, and the phases go on after it',
  smoke: [RPM_DESKTOP, DEB_LOGIN],
  input: { node: () => ({ packages: ['linux-firmware'] }) },
  verdict: 'ready',
  expect: (seen, check, { kind }) => {
    const extra = kind === 'desktop' ? 'virtual_desktop' : 'login_node';
    check.equal(seen.order, `setup@2 setup_post_reboot@2 ${extra}@2 setup_user_customization@2`, 'phases');
    check.equal(seen.installs, `setup@1 ${extra}@2`, 'installs');
    const { total, ...steps } = seen.phaseSeconds;
    check.that('setup.install' in steps && `${extra}.install` in steps, 'seconds of an install of each boot are not told');
    const sum = Object.values(steps).reduce((all, seconds) => all + seconds, 0);
    check.that(sum <= total, `expected a total of at least ${sum} s, got ${total} s`);
    check.equal(
      seen.boots.map((boot) => boot.ended),
      ['reboot', 'settled'],
      'boots',
    );
    check.equal(seen.callsOf('s3').length, 1, 'downloads of the bundle');
    check.equal(
      seen.boots.map((boot) => seen.callsOf('imds', 'token').filter((call) => call.boot === boot.number).length),
      [1, 1],
      'metadata tokens by boot',
    );
    check.equal(new Set(seen.installed).size, seen.installed.length, 'packages that were installed more than once');
    check.equal(
      seen.signals.map((signal) => signal.boot),
      [2],
      'boot of the signal',
    );
  },
});
