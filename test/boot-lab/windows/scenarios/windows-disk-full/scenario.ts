import { setTimeout as sleep } from 'node:timers/promises';
import { windowsScenario } from '../../scenario';

export default windowsScenario({
  summary: 'the disk fills up while a phase is at work: failed, and AWS is told all the same',
  verdict: 'failed',
  diskMegabytes: 300,
  exempt: {
    'one true verdict': 'a full disk has no room for the result file',
    'nothing left behind': 'the task stays until there is a result',
  },
  play: async (lab) => {
    lab.machine.hold('setup_post_reboot');
    await lab.cutAt('the verdict', async () => {
      await lab.untilRuns('setup_post_reboot');
      lab.machine.fillDisk();
      lab.machine.letGo('setup_post_reboot');
      await lab.call('cloudformation', 'SignalResource');
      await sleep(1000);
    });
  },
  expect: (seen, check) => {
    check.equal(
      seen.signals.map((signal) => signal.status),
      ['FAILURE'],
      'signals',
    );
    check.equal(seen.state, 'failed', 'state tag');
    check.matches(seen.reason, /not enough space|no space|disk/i, 'reason tag');
  },
});
