import { RPM_DESKTOP, DEB_LOGIN, scenario } from '../../scenario';

export default scenario({
  summary: 'a stack that the node waits for rolls back: failed at once, with stack and status as the reason',
  runsOn: [RPM_DESKTOP, DEB_LOGIN],
  input: { cluster: () => ({ waitForStacks: ['directory'] }) },
  world: () => ({ stacks: { directory: { statuses: ['ROLLBACK_IN_PROGRESS'], reason: 'a resource failed' } } }),
  verdict: 'failed',
  withinSeconds: 40,
  expect: (seen, check) => {
    check.equal(seen.order, 'setup@1!113', 'phases');
    check.matches(seen.reason, /stack directory.*ROLLBACK_IN_PROGRESS/, 'reason tag');
  },
});
