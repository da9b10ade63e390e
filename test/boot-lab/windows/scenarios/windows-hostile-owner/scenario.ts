import { windowsScenario, withTags } from '../../scenario';

export default windowsScenario({
  summary: 'a session owner with signs of a shell in the name: failed before anything is installed, and nothing of it runs',
  verdict: 'failed',
  world: (world) => withTags(world, { 'cluster-node:SessionOwner': "ada' & calc; $(calc)" }),
  expect: (seen, check) => {
    check.equal(seen.order, 'setup@1!1', 'steps');
    check.matches(seen.reason, /session owner/, 'reason tag');
    check.equal(
      seen.users.map((user) => user.Name),
      ['Administrator'],
      'users',
    );
  },
});
