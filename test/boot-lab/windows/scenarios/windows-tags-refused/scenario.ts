import { windowsScenario } from '../../scenario';

export default windowsScenario({
  summary: 'EC2 refuses the tags of the verdict: the signal is sent all the same',
  verdict: 'ready',
  world: () => ({ faults: [{ on: 'ec2:CreateTags', effect: { kind: 'error', status: 403, code: 'UnauthorizedOperation' } }] }),
  exempt: { 'one true verdict': 'no tag is taken here' },
  expect: (seen, check) => {
    check.equal(
      seen.signals.map((signal) => signal.status),
      ['SUCCESS'],
      'signals',
    );
    check.equal(seen.result, 'ready', 'result');
    check.matches(seen.log('runner'), /tags/, 'log of the runner');
  },
});
