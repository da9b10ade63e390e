import { DEB_LOGIN, RPM_DESKTOP, scenario } from '../../scenario';

const TAGS = 'ec2:CreateTags';
const SIGNAL = 'cloudformation:SignalResource';

export default scenario({
  summary: 'a phase fails once, and the power goes after the verdict, with the tags and with the signal: it stays failed',
  runsOn: [RPM_DESKTOP, DEB_LOGIN],
  disk: { kind: 'journalled' },
  world: () => ({
    // AWS has done it, and the power goes before the node knows.
    faults: [
      { on: TAGS, times: 1, effect: { kind: 'hold' } },
      { on: SIGNAL, times: 1, effect: { kind: 'hold' } },
    ],
  }),
  verdict: 'failed',
  withinSeconds: 120,
  exempt: { 'one true verdict': 'what the node cannot know to be done it does again: the same tags, the same signal' },
  play: async (lab) => {
    await lab.cutAt('verdict', { file: '/var/lib/cluster-node/verdict' });
    await lab.cutAt('tags', () => lab.call('ec2', 'CreateTags'));
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
    check.matches(seen.order, /^[^2-4]*setup_user_customization@1!2$/, 'phases');
    check.equal(
      seen.tagsWritten.map((tags) => tags['cluster-node:State']),
      ['failed', 'failed', 'failed'],
      'state tags',
    );
    check.equal(
      seen.signals.map((signal) => `${signal.status} in boot ${signal.boot}`),
      ['FAILURE in boot 3', 'FAILURE in boot 4'],
      'signals',
    );
    check.equal(new Set(seen.signals.map((signal) => signal.uniqueId)).size, 1, 'ids of the signals');
    check.matches(seen.result, /^failed .*setup_user_customization/, 'result file');
  },
});
