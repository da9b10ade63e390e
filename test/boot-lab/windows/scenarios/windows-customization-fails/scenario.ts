import { windowsScenario } from '../../scenario';

export default windowsScenario({
  summary: 'a customization throws: failed, with file, line and reason',
  verdict: 'failed',
  expect: (seen, check) => {
    check.matches(seen.reason, /setup_user_customization\.ps1:\d+: no licence/, 'reason tag');
  },
});
