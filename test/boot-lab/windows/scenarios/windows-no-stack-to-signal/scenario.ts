import { windowsScenario, withTags } from '../../scenario';

export default windowsScenario({
  summary: 'an instance that no stack waits for: no signal, and the tag says it is ready',
  verdict: 'ready',
  world: (world) => withTags(world, { 'cluster-node:SignalStack': undefined, 'cluster-node:SignalResource': undefined }),
  exempt: { 'one true verdict': 'nobody waits for a signal here' },
  expect: (seen, check) => {
    check.equal(seen.callsOf('cloudformation').length, 0, 'CloudFormation calls');
    check.equal([seen.state, seen.result], ['ready', 'ready'], 'state tag and result');
  },
});
