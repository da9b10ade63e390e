import { NOT_YET_GUARDED, RPM_LOGIN, scenario } from '../../scenario';

export default scenario({
  summary: 'as before, and the bundle is not there: stage 0 asks twice, not for minutes, and tells the group',
  runsOn: [RPM_LOGIN],
  world: (world) => ({ stacks: { [world.instance.stack]: { statuses: ['UPDATE_COMPLETE'] } }, objects: [] }),
  verdict: 'failed',
  withinSeconds: 300,
  waits: true,
  exempt: {
    'nobody but root reaches the role': NOT_YET_GUARDED,
    'one true verdict': 'nobody takes the signal',
    'no refused call': 'bundle and signal',
    'no call twice': 'the bundle is tried again',
  },
  expect: (seen, check) => {
    check.equal(
      seen.callsOf('cloudformation', 'SignalResource').map(({ status }) => status),
      [400, 400],
      'answers to the signal',
    );
    check.equal(
      seen.launchesCompleted.map(({ result }) => result),
      ['ABANDON'],
      'results of the launch hook',
    );
  },
});
