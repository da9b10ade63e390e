import { windowsScenario } from '../../scenario';

export default windowsScenario({
  summary: 'a customization ends itself with exit 3: failed, with the code, and not repeated',
  verdict: 'failed',
  expect: (seen, check) => {
    check.matches(seen.reason, /setup_user_customization.*exit code 3/, 'reason tag');
    check.equal(seen.steps.filter((step) => step.name === 'setup_user_customization').length, 1, 'attempts');
  },
});
