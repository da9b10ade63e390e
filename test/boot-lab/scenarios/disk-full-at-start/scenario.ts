import { DEB_LOGIN, NOT_YET_GUARDED, RPM_DESKTOP, scenario } from '../../scenario';

export default scenario({
  summary: 'the disk is full before the bundle comes: failed, and AWS is told all the same',
  runsOn: [DEB_LOGIN, RPM_DESKTOP],
  disk: { kind: 'small', mebibytes: 64 },
  verdict: 'failed',
  exempt: {
    'nobody but root reaches the role': NOT_YET_GUARDED,
    'one true verdict': 'a full disk has no room for the result file',
    'nothing left behind': 'a full disk keeps its links',
  },
  play: async (lab) => {
    lab.meanwhile(async () => {
      // cloud-init has the room that it needs.
      await lab.call('imds');
      lab.machine.disk.fill();
    });
    await lab.machine.run();
  },
  expect: (seen, check) => {
    check.equal(
      seen.signals.map((signal) => signal.status),
      ['FAILURE'],
      'signals',
    );
    check.equal(seen.state, 'failed', 'state tag');
    check.matches(seen.reason, /No space left|space/i, 'reason tag');
  },
});
