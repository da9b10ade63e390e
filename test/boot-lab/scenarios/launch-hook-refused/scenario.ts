import { RPM_LOGIN, scenario } from '../../scenario';

export default scenario({
  summary: 'the role may not complete the launch hook: ready all the same, and the log says it',
  runsOn: [RPM_LOGIN],
  input: { commands: ['touch /var/lib/added'] },
  world: () => ({ faults: [{ on: 'autoscaling:*', effect: { kind: 'error', status: 403, code: 'AccessDenied' } }] }),
  verdict: 'ready',
  exempt: { 'one true verdict': 'the group is not told' },
  expect: (seen, check) => {
    check.equal(
      seen.signals.map((signal) => signal.status),
      ['SUCCESS'],
      'signals',
    );
    check.equal([seen.state, seen.result], ['ready', 'ready'], 'state tag and result file');
    check.equal(
      seen.callsOf('autoscaling').map((call) => call.status),
      [403, 403, 403, 403],
      'answers to the launch hook',
    );
    check.matches(
      seen.log('runner'),
      /launch hook cluster-node-launch of .* could not be completed \(CONTINUE\): .*AccessDenied/,
      'log of the runner',
    );
    check.that(seen.machine.has('/var/lib/added'), 'the added commands did not run');
  },
});
