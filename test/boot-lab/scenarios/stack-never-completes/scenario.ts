import { Duration } from 'aws-cdk-lib';
import { DEB_LOGIN, scenario } from '../../scenario';

export default scenario({
  summary: 'a stack that the node waits for stays in progress: failed when its time is up',
  runsOn: [DEB_LOGIN],
  input: { cluster: () => ({ waitForStacks: ['directory'], waitForStacksTimeout: Duration.seconds(5) }) },
  world: () => ({ stacks: { directory: { statuses: ['CREATE_IN_PROGRESS'] } } }),
  verdict: 'failed',
  withinSeconds: 60,
  expect: (seen, check) => {
    check.matches(seen.reason, /stack directory.*not complete after 5 s/, 'reason tag');
  },
});
