import { DEB_DESKTOP, RPM_LOGIN, scenario } from '../../scenario';

export default scenario({
  summary: 'the tags name a stack that the instance does not belong to: it takes no signal, which is no failure of the node',
  runsOn: [DEB_DESKTOP, RPM_LOGIN],
  world: (world) => ({ instance: { ...world.instance, stack: 'another' } }),
  verdict: 'ready',
  exempt: { 'one true verdict': 'nobody takes the signal', 'no refused call': 'the signal', 'no call twice': 'the signal' },
  expect: (seen, check) => {
    check.equal([seen.state, seen.result], ['ready', 'ready'], 'state tag and result file');
    check.equal(seen.signals.length, 0, 'signals that were taken');
    check.matches(
      seen.log('runner'),
      /no signal: .* does not wait for this instance: .*Instance i-0123456789abcdef0 is not allowed to call SignalResource/,
      'log of the runner',
    );
  },
});
