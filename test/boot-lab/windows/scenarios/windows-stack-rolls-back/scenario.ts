import { windowsScenario } from '../../scenario';

export default windowsScenario({
  summary: 'a stack that the node waits for rolls back: failed at once, with stack and status as the reason',
  verdict: 'failed',
  input: { cluster: () => ({ waitForStacks: ['directory'] }) },
  world: () => ({ stacks: { directory: { statuses: ['ROLLBACK_IN_PROGRESS'], reason: 'a resource failed' } } }),
  expect: (seen, check) => {
    check.equal(seen.order, 'setup@1!1', 'steps');
    check.matches(seen.reason, /stack directory.*ROLLBACK_IN_PROGRESS/, 'reason tag');
  },
});
