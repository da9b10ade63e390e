import { windowsScenario } from '../../scenario';

export default windowsScenario({
  summary: 'a customization ends its process with [Environment]::Exit(0): no proof of a good end; repeated, and then failed',
  verdict: 'failed',
  withinSeconds: 180,
  expect: (seen, check) => {
    const attempts = seen.steps.filter((step) => step.name === 'setup_user_customization').length;
    check.that(attempts > 1 && attempts < 10, `expected some attempts, got ${attempts}`);
    check.matches(seen.reason, /setup_user_customization/, 'reason tag');
  },
});
