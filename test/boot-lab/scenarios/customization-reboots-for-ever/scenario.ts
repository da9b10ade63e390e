import { DEB_LOGIN, scenario } from '../../scenario';

export default scenario({
  summary: "the user's own phase reboots the node whenever it runs: failed when the allowed reboots are used up",
  runsOn: [DEB_LOGIN],
  input: { node: () => ({ maxReboots: 2 }) },
  verdict: 'failed',
  withinSeconds: 120,
  expect: (seen, check) => {
    check.that(seen.boots.length <= 4, `the node booted ${seen.boots.length} times`);
    check.equal(seen.boots.at(-1)?.ended, 'settled', 'last boot');
    check.matches(seen.reason, /reboot/, 'reason tag');
  },
});
