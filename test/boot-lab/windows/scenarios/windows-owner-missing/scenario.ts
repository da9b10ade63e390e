import { windowsScenario, withTags } from '../../scenario';

export default windowsScenario({
  summary: 'an instance without a tag for the owner: failed, the tag is the reason',
  verdict: 'failed',
  world: (world) => withTags(world, { 'cluster-node:SessionOwner': undefined }),
  expect: (seen, check) => {
    check.equal(seen.order, '', 'steps');
    check.matches(seen.reason, /cluster-node:SessionOwner/, 'reason tag');
  },
});
