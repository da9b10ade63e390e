import { DEB_DESKTOP, RPM_LOGIN, scenario } from '../../scenario';

export default scenario({
  summary: "a command of the user's own phase fails: failed, with file, line and command as the reason",
  runsOn: [DEB_DESKTOP, RPM_LOGIN],
  smoke: [DEB_DESKTOP],
  verdict: 'failed',
  expect: (seen, check) => {
    check.equal(Object.keys(seen.phaseSeconds).at(-1), 'setup_user_customization', 'the last step whose seconds are told');
    check.matches(seen.order, /setup_user_customization@1!2$/, 'phases');
    check.matches(seen.reason, /setup_user_customization\.sh:\d+: status 2: ls \/no\/such\/folder/, 'reason tag');
    check.matches(seen.log('setup_user_customization'), /before the fault/, 'log of the phase');
    check.that(!seen.log('setup_user_customization').includes('after the fault'), 'the phase went on after a failed command');
  },
});
