import { patience } from '../../patience';
import { DEB_LOGIN, RPM_DESKTOP, scenario } from '../../scenario';

/** Enough for the phases before. */
const DEADLINE_SECONDS = 30 * patience();

export default scenario({
  summary: "the user's own phase never ends: failed when the time of the whole bootstrap is up, and nothing of it runs on",
  runsOn: [DEB_LOGIN, RPM_DESKTOP],
  input: { node: () => ({ configuration: { '/bootstrap/DeadlineSeconds': DEADLINE_SECONDS } }) },
  verdict: 'failed',
  withinSeconds: 90,
  expect: (seen, check) => {
    check.matches(seen.order, /setup_user_customization@1!/, 'phases');
    check.matches(seen.reason, /setup_user_customization.*not done in time/, 'reason tag');
    const sleeping = seen.trace(seen.boots[0]).running((args) => args.join(' ') === 'sleep 86399');
    check.equal(sleeping.length, 1, 'processes that slept');
    const seconds = Math.round(seen.phases.at(-1)?.seconds ?? 0);
    // It is first asked to end, and has some seconds for that.
    check.that(seconds <= DEADLINE_SECONDS + 25, `the phase ran ${seconds} s, and the bootstrap may take ${DEADLINE_SECONDS}`);
    check.equal(
      seen.live?.processes.filter((line) => line.includes('sleep 86399')),
      [],
      'processes that are left of the phase',
    );
  },
});
