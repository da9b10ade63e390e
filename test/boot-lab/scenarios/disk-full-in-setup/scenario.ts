import { DEB_LOGIN, NOT_YET_GUARDED, RPM_DESKTOP, scenario } from '../../scenario';

export default scenario({
  summary: 'the disk fills up while packages are installed: failed, and AWS is told all the same',
  runsOn: [RPM_DESKTOP, DEB_LOGIN],
  disk: { kind: 'small', mebibytes: 64 },
  // The disk has to be full before the node goes on.
  world: () => ({ faults: [{ on: 'packages:*', effect: { kind: 'pause' } }] }),
  verdict: 'failed',
  exempt: {
    'nobody but root reaches the role': NOT_YET_GUARDED,
    'one true verdict': 'a full disk has no room for the result file',
    'nothing left behind': 'a full disk keeps its links',
  },
  play: async (lab) => {
    lab.meanwhile(async () => {
      await lab.call('packages');
      lab.machine.disk.fill();
      await lab.services.change({ faults: [] });
    });
    await lab.machine.run();
  },
  expect: (seen, check, { kind }) => {
    check.equal(
      seen.signals.map((signal) => signal.status),
      ['FAILURE'],
      'signals',
    );
    check.equal(seen.state, 'failed', 'state tag');
    check.equal(
      seen.callsOf('autoscaling').map((call) => `${call.arguments.LifecycleActionResult} ${call.status}`),
      kind === 'login' ? ['ABANDON 200'] : [],
      'answers to the launch hook',
    );
    check.matches(seen.reason, /no space left|disk is full|more space needed/i, 'reason tag');
  },
});
