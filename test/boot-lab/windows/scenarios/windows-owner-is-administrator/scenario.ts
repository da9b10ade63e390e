import { windowsScenario, withTags } from '../../scenario';

export default windowsScenario({
  summary: 'the session owner is the Administrator of Windows: failed',
  verdict: 'failed',
  world: (world) => withTags(world, { 'cluster-node:SessionOwner': 'administrator' }),
  expect: (seen, check) => {
    check.matches(seen.reason, /session owner/, 'reason tag');
  },
});
