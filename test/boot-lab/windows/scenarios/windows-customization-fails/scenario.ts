import { windowsScenario } from '../../scenario';

export default windowsScenario({
  summary: 'a customization throws: failed, with file, line and reason',
  verdict: 'failed',
  expect: (seen, check) => {
    check.equal(Object.keys(seen.phaseSeconds).at(-1), 'setup_user_customization', 'the last step whose seconds are told');
    check.matches(seen.reason, /setup_user_customization\.ps1:\d+: no licence/, 'reason tag');
  },
});
