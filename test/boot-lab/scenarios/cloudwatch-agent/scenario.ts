import * as logs from 'aws-cdk-lib/aws-logs';
import { CLOUDWATCH_AGENT_HOST } from '../../image/package-repositories';
import { DEB_LOGIN, RPM_DESKTOP, scenario } from '../../scenario';

const GROUP = '/lab/nodes';
const AGENT = '/opt/aws/amazon-cloudwatch-agent';

export default scenario({
  summary: 'the CloudWatch agent: a package or a download by its signature, with a configuration that it takes, at work',
  runsOn: [RPM_DESKTOP, DEB_LOGIN],
  input: { cluster: (stack) => ({ logGroup: logs.LogGroup.fromLogGroupName(stack, 'Logs', GROUP) }) },
  world: () => ({ logGroups: [GROUP] }),
  verdict: 'ready',
  expect: (seen, check, { family, kind }) => {
    const asked = seen.callsOf('downloads').filter((call) => call.arguments.host === CLOUDWATCH_AGENT_HOST);
    check.equal(asked.length, family === 'deb' ? 2 : 0, 'downloads of the agent and its signature');
    check.that(seen.live?.activeUnits.includes('amazon-cloudwatch-agent.service') === true, 'the agent does not run');
    const taken = JSON.parse(
      seen.machine.read(`${AGENT}/etc/amazon-cloudwatch-agent.d/file_cloudwatch-agent.json`) ?? '{}',
    ) as Configuration;
    const followed = ['/var/log/cloud-init-output.log', '/var/log/cloud-init.log', '/var/log/cluster-node/added-commands.log'];
    check.equal(
      taken.logs?.logs_collected.files.collect_list.map(({ file_path: followedFile }) => followedFile).sort(),
      [...followed, ...(kind === 'desktop' ? ['/var/log/dcv/*.log'] : [])].sort(),
      'files that it follows',
    );
    const [metrics, ...more] = seen.metrics;
    check.equal(more.length, 0, 'more lines of metrics than one');
    check.equal(
      [metrics.BaseOS, metrics.State, metrics.stale_installs, metrics.total],
      [family === 'deb' ? 'ubuntu2404' : 'amazonlinux2023', 'ready', 0, seen.phaseSeconds.total],
      'metrics',
    );
  },
});

interface Configuration {
  readonly logs?: { readonly logs_collected: { readonly files: { readonly collect_list: readonly { readonly file_path: string }[] } } };
}
