import { DEB_DESKTOP, scenario } from '../../scenario';

export default scenario({
  summary:
    'the tag of the session owner holds a command: failed with the owner as the reason before the desktop is installed, nothing of it runs',
  runsOn: [DEB_DESKTOP],
  world: (world) => ({
    instance: { ...world.instance, tags: { ...world.instance.tags, 'cluster-node:SessionOwner': '$(touch /pwned);`touch /pwned`&é' } },
  }),
  verdict: 'failed',
  expect: (seen, check) => {
    check.matches(seen.order, /^setup@1!113$/, 'phases');
    check.matches(seen.reason, /session owner: expected 1 to 32/, 'reason tag');
    check.that(seen.machine.read('/pwned') === undefined, 'a value was executed');
  },
});
