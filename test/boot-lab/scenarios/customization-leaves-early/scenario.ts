import { RPM_LOGIN, scenario } from '../../scenario';

export default scenario({
  summary: "the user's own phase leaves early with status 0: ready",
  runsOn: [RPM_LOGIN],
  verdict: 'ready',
  expect: (seen, check) => {
    check.matches(seen.order, /setup_user_customization@1$/, 'phases');
  },
});
