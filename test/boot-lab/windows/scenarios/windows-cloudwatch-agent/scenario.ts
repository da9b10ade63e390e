import * as logs from 'aws-cdk-lib/aws-logs';
import { CloudWatchAgent } from '../../../../../lib';
import { CLOUDWATCH_AGENT_PACKAGE, CLOUDWATCH_AGENT_VERSION, fileOf } from '../../image/downloads';
import { windowsScenario } from '../../scenario';

const GROUP = '/lab/nodes';
const FOLDER = 'C:\\ProgramData\\Amazon\\AmazonCloudWatchAgent\\Configs';

export default windowsScenario({
  summary:
    'the CloudWatch agent: installed in the version that was asked for, with a configuration that it takes, at work; the logs of the bootstrap are sent',
  verdict: 'ready',
  alsoInstalls: ['setup'],
  input: {
    cluster: (stack) => ({ logGroup: logs.LogGroup.fromLogGroupName(stack, 'Logs', GROUP) }),
    node: (_, downloads) => ({
      cloudWatchAgent: CloudWatchAgent.fromFile({ version: CLOUDWATCH_AGENT_VERSION, ...fileOf(downloads, CLOUDWATCH_AGENT_PACKAGE) }),
    }),
  },
  world: () => ({ logGroups: [GROUP] }),
  expect: (seen, check) => {
    check.equal(seen.callsTo('service AmazonCloudWatchAgent').at(-1), 'service AmazonCloudWatchAgent started', 'the agent');
    const taken = JSON.parse(seen.machine.read(`${FOLDER}\\file_cluster-node-logs.json`) ?? '{}') as Configuration;
    const followed = taken.logs?.logs_collected.files.collect_list ?? [];
    check.equal([...new Set(followed.map((file) => file.log_group_name))], [GROUP], 'log groups');
    check.that(
      followed.some((file) => /NICE\\dcv\\log/.test(file.file_path)),
      'the log of the DCV server is not followed',
    );
    const streams = seen.callsOf('logs', 'PutLogEvents').map((call) => call.arguments.logStreamName);
    check.that(
      streams.some((stream) => /setup/.test(`${stream}`)),
      'the logs of the bootstrap were not sent',
    );
    const [metrics, ...more] = seen.metrics;
    check.equal(more.length, 0, 'more lines of metrics than one');
    check.equal(
      [metrics.BaseOS, metrics.State, metrics.stale_installs, metrics.total],
      ['windows2022', 'ready', 0, seen.phaseSeconds.total],
      'metrics',
    );
  },
});

interface Configuration {
  readonly logs?: {
    readonly logs_collected: {
      readonly files: { readonly collect_list: readonly { readonly file_path: string; readonly log_group_name: string }[] };
    };
  };
}
