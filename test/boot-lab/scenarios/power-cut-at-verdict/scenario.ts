import { DEB_LOGIN, RPM_DESKTOP, scenario } from '../../scenario';
import type { Fault } from '../../services/world';

/** AWS does it, and the power goes before the node knows. */
const HELD: readonly Fault[] = ['ec2:CreateTags', 'cloudformation:SignalResource'].map((on) => ({
  on,
  times: 1,
  effect: { kind: 'hold' },
}));

export default scenario({
  summary: 'a phase fails, and the power goes after the verdict, with the tags and with the signal: it stays failed',
  runsOn: [RPM_DESKTOP, DEB_LOGIN],
  disk: { kind: 'journalled' },
  world: () => ({ faults: HELD }),
  verdict: 'failed',
  withinSeconds: 120,
  play: async (lab) => {
    await lab.cutAt('verdict', { file: '/var/lib/cluster-node/verdict' });
    // The tags may have been held in the first boot: nobody else is told before the power goes.
    await lab.services.change({ faults: HELD });
    await lab.cutAt('tags', () => lab.call('ec2', 'CreateTags'));
    await lab.services.change({ faults: HELD.slice(1) });
    await lab.cutAt('signal', () => lab.call('cloudformation', 'SignalResource'));
    await lab.machine.run();
  },
  expect: (seen, check) => {
    check.equal(seen.cuts, ['verdict', 'tags', 'signal'], 'power cuts');
    check.equal(
      seen.boots.map((boot) => boot.ended),
      ['power cut', 'power cut', 'power cut', 'settled'],
      'boots',
    );
    // When the power goes before the verdict has reached the disk, the phase runs again.
    check.matches(seen.order, /^[^2-4]*setup_user_customization@1!2( setup_user_customization@2!2)?$/, 'phases');
    const states = seen.tagsWritten.map(({ tags }) => tags['cluster-node:State']);
    check.equal([...new Set(states)], ['failed'], 'state tags');
    check.that(states.length === 3 || states.length === 4, `expected tags in the last three boots, got ${states.length} times`);
    check.equal(
      seen.signals.map((signal) => `${signal.status} in boot ${signal.boot}`),
      ['FAILURE in boot 3', 'FAILURE in boot 4'],
      'signals',
    );
    check.equal(new Set(seen.signals.map((signal) => signal.uniqueId)).size, 1, 'ids of the signals');
    check.matches(seen.result, /^failed .*setup_user_customization/, 'result file');
  },
});
