import { windowsScenario } from '../../scenario';

export default windowsScenario({
  summary: 'a customization asks for a restart each time: failed when there were too many',
  verdict: 'failed',
  withinSeconds: 400,
  expect: (seen, check) => {
    check.matches(seen.reason, /restart number \d+ is one more than allowed/, 'reason tag');
    check.that(seen.boots.length > 3 && seen.boots.length < 12, `expected some boots, got ${seen.boots.length}`);
  },
});
