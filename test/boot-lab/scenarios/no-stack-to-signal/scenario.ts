import { DEB_DESKTOP, scenario } from '../../scenario';

export default scenario({
  summary: 'a desktop that was launched without a stack: no signal, and the tag says it is ready',
  runsOn: [DEB_DESKTOP],
  world: (world) => ({
    instance: {
      ...world.instance,
      tags: Object.fromEntries(Object.entries(world.instance.tags).filter(([key]) => !key.startsWith('cluster-node:Signal'))),
    },
  }),
  verdict: 'ready',
  exempt: { 'one true verdict': 'nobody waits for a signal here' },
  expect: (seen, check) => {
    check.equal(seen.callsOf('cloudformation').length, 0, 'CloudFormation calls');
    check.equal(seen.state, 'ready', 'state tag');
    check.equal(seen.result, 'ready', 'result file');
  },
});
