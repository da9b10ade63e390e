import { DEB_LOGIN, RPM_LOGIN, scenario } from '../../scenario';

export default scenario({
  summary: 'a group launches a node long after its stack was complete: nobody waits for its signal, which is no failure',
  runsOn: [RPM_LOGIN, DEB_LOGIN],
  world: (world) => ({ stacks: { [world.instance.stack]: { statuses: ['UPDATE_COMPLETE'] } } }),
  verdict: 'ready',
  exempt: { 'one true verdict': 'nobody takes the signal', 'no refused call': 'the signal' },
  expect: (seen, check) => {
    check.equal([seen.state, seen.result], ['ready', 'ready'], 'state tag and result file');
    check.equal(
      seen.callsOf('cloudformation', 'SignalResource').map(({ status }) => status),
      [400],
      'answers to the signal',
    );
    check.equal(
      seen.launchesCompleted.map(({ result }) => result),
      ['CONTINUE'],
      'results of the launch hook',
    );
    check.matches(
      seen.log('runner'),
      /no signal: .* does not wait for this instance: .* state and cannot be signaled/,
      'log of the runner',
    );
  },
});
