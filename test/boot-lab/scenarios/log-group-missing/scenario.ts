import * as logs from 'aws-cdk-lib/aws-logs';
import { CloudWatchAgent } from '../../../../lib';
import { DEB_DESKTOP, scenario } from '../../scenario';

export default scenario({
  summary: 'the log group is gone: the node is ready, and its own log says what became of the logs',
  runsOn: [DEB_DESKTOP],
  input: {
    node: (stack) => ({ logGroup: logs.LogGroup.fromLogGroupName(stack, 'Logs', '/lab/nodes'), cloudWatchAgent: CloudWatchAgent.none() }),
  },
  verdict: 'ready',
  exempt: { 'no refused call': 'there is no such log group' },
  expect: (seen, check) => {
    check.equal(
      seen.callsOf('logs').map((call) => [call.operation, call.status]),
      [['CreateLogStream', 400]],
      'calls of CloudWatch Logs',
    );
    check.matches(seen.log('runner'), /logs could not be sent to \/lab\/nodes: .*ResourceNotFoundException/, 'log of the runner');
  },
});
