import * as logs from 'aws-cdk-lib/aws-logs';
import { CloudWatchAgent } from '../../../../lib';
import { RPM_DESKTOP, scenario } from '../../scenario';

const GROUP = '/lab/nodes';

export default scenario({
  summary: 'a desktop fails: its logs are in CloudWatch Logs, with the reason, before its stack is told',
  runsOn: [RPM_DESKTOP],
  input: {
    cluster: (stack) => ({ logGroup: logs.LogGroup.fromLogGroupName(stack, 'Logs', GROUP) }),
    node: () => ({ cloudWatchAgent: CloudWatchAgent.none() }),
  },
  world: () => ({ logGroups: [GROUP], faults: [{ on: 'downloads:*', effect: { kind: 'corrupt' } }] }),
  verdict: 'failed',
  expect: (seen, check) => {
    const calls = seen.callsOf('logs');
    check.equal([...new Set(calls.map((call) => call.status))], [200], 'answers of CloudWatch Logs');
    const texts = new Map(
      calls
        .filter((call) => call.operation === 'PutLogEvents')
        .map(({ arguments: { logGroupName, logStreamName, logEvents } }) => [
          `${logGroupName} ${logStreamName}`,
          (JSON.parse(logEvents) as { readonly message: string }[]).map(({ message }) => message).join('\n'),
        ]),
    );
    const stream = (name: string): string | undefined => texts.get(`${GROUP} i-0123456789abcdef0/${name}`);
    check.matches(stream('cluster-node/virtual_desktop.install.log'), /sha256 expected [0-9a-f]{64}, got/, 'log of the phase that failed');
    check.matches(stream('cluster-node/runner.log'), /verdict: failed phase virtual_desktop\.install: /, 'log of the runner');
    check.matches(stream('cluster-node/setup.log'), /./, 'log of an earlier phase');
    check.matches(stream('cloud-init-output.log'), /cluster-node: /, 'log of cloud-init');
    const order = seen.calls.map((call) => call.service).filter((service) => service === 'logs' || service === 'cloudformation');
    check.equal(order.lastIndexOf('logs') < order.indexOf('cloudformation'), true, 'logs before the signal');
  },
});
