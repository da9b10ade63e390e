import { DEB_LOGIN, scenario } from '../../scenario';

export default scenario({
  summary: 'the group does not wait yet when the node is ready: asked for again, until it is in service',
  runsOn: [DEB_LOGIN],
  world: () => ({
    faults: [
      {
        on: 'autoscaling:*',
        times: 2,
        effect: { kind: 'error', status: 400, code: 'ValidationError', message: 'No active Lifecycle Action found' },
      },
    ],
  }),
  verdict: 'ready',
  expect: (seen, check) => {
    check.equal(
      seen.callsOf('autoscaling').map((call) => call.status),
      [400, 400, 200],
      'answers to the launch hook',
    );
  },
});
