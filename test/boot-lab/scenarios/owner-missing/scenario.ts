import { NOT_YET_GUARDED, RPM_DESKTOP, scenario } from '../../scenario';

export default scenario({
  summary: 'a desktop whose instance has no tag for its owner: failed, the tag is the reason',
  runsOn: [RPM_DESKTOP],
  world: (world) => {
    const tags = Object.fromEntries(Object.entries(world.instance.tags).filter(([key]) => key !== 'cluster-node:SessionOwner'));
    return { instance: { ...world.instance, tags } };
  },
  verdict: 'failed',
  exempt: { 'nobody but root reaches the role': NOT_YET_GUARDED },
  expect: (seen, check) => {
    check.equal(seen.order, '', 'phases');
    check.matches(seen.reason, /cluster-node:SessionOwner/, 'reason tag');
  },
});
