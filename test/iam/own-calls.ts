import { NodeTags } from '../../lib';
import type { AuthorizationRequest } from '../boot-lab/services/iam';
import { type Place, Requests, tagsOf } from './place';

/** Files of a system that make a call, each with the text in it that does. */
type Callers = Readonly<Record<string, string>>;

/** A call of the scripts: what makes it, and what IAM is asked of it. */
export interface OwnCall {
  readonly linux: Callers;
  readonly windows: Callers;
  readonly requests: (requests: Requests, place: Place) => readonly AuthorizationRequest[];
}

const BOOTSTRAP = 'cluster_node_bootstrap/templates';

/**
 * Every call that the scripts make with the role of their node. The boot lab records those of the nodes that it boots; for the
 * others, all of Windows among them, this list stands. A call that is not in it fails the proof, and so does one that no
 * script makes any more.
 */
export const OWN_CALLS: Readonly<Record<string, OwnCall>> = {
  'fetch the bundle': {
    linux: { 'user_data/linux/user_data.sh.j2': 'call_aws s3 ' },
    windows: { 'user_data/windows/user_data.ps.j2': "Send-AwsRequest 's3'" },
    requests: (requests, { bucket, bundle }) => [
      requests.object('GetObject', bucket, bundle),
      // Of an earlier deployment, whose launch template is still in use.
      requests.object('GetObject', bucket, `${'0'.repeat(64)}.cluster-node-bundle`),
    ],
  },
  'say that it is ready, or why it failed': {
    linux: { 'user_data/linux/user_data.sh.j2': 'CreateTags', [`${BOOTSTRAP}/linux/runner/verdict.sh.j2`]: 'CreateTags' },
    windows: { 'user_data/windows/user_data.ps.j2': 'CreateTags', [`${BOOTSTRAP}/windows/runner/readiness.ps.j2`]: 'CreateTags' },
    requests: (requests, { instance, clusterId }) => [
      requests.tag(instance, tagsOf(clusterId), [NodeTags.STATE, NodeTags.PHASE_SECONDS]),
      requests.tag(instance, tagsOf(clusterId), [NodeTags.STATE, NodeTags.STATE_REASON, NodeTags.PHASE_SECONDS]),
    ],
  },
  'make a stream for logs on Windows': {
    linux: {},
    windows: { [`${BOOTSTRAP}/windows/runner/log_shipping.ps.j2`]: 'CreateLogStream' },
    requests: (requests, { logGroup, instance }) =>
      logGroup === undefined ? [] : [requests.logs('CreateLogStream', logGroup, `${instance}/cluster-node/setup.log`)],
  },
  'send metrics of GPUs on Windows, where the agent has none': {
    linux: {},
    windows: { 'cluster_node_bootstrap/windows_virtual_desktop/gpu_metrics.ps.j2': 'PutMetricData' },
    requests: (requests, { metrics }) =>
      metrics === undefined ? [] : [requests.of('cloudwatch:PutMetricData', '*', { 'cloudwatch:namespace': [metrics] })],
  },
  'send logs': {
    linux: { [`${BOOTSTRAP}/linux/runner/log_shipping.sh.j2`]: 'aws_change logs ' },
    windows: { [`${BOOTSTRAP}/windows/runner/log_shipping.ps.j2`]: 'PutLogEvents' },
    requests: (requests, { logGroup, instance }) =>
      logGroup === undefined
        ? []
        : [
            requests.logs('CreateLogStream', logGroup, `${instance}/cluster-node/setup.log`),
            requests.logs('PutLogEvents', logGroup, `${instance}/cluster-node/setup.log`),
          ],
  },
  'wait for stacks': {
    linux: { [`${BOOTSTRAP}/linux/stacks/wait_for_stacks.sh.j2`]: 'DescribeStacks' },
    windows: { [`${BOOTSTRAP}/windows/stacks/wait_for_stacks.ps.j2`]: 'DescribeStacks' },
    requests: (requests, { waitForStacks }) => waitForStacks.map((name) => requests.stack('DescribeStacks', name)),
  },
  'read a secret': {
    linux: { [`${BOOTSTRAP}/linux/aws.sh.j2`]: 'GetSecretValue' },
    windows: { [`${BOOTSTRAP}/windows/aws/secret.ps.j2`]: 'GetSecretValue' },
    requests: (requests, { secret, key }) => [
      ...(secret === undefined ? [] : [requests.secret('GetSecretValue', secret)]),
      // By Secrets Manager, in the name of the caller.
      ...(key === undefined ? [] : [requests.key('Decrypt', key, requests.secretsManager(key.split(':')[3]))]),
    ],
  },
  'fetch a download from S3': {
    linux: { [`${BOOTSTRAP}/linux/download.sh.j2`]: 'aws_api s3 ' },
    windows: { [`${BOOTSTRAP}/windows/download.ps.j2`]: 'Save-S3Object' },
    requests: (requests, { mirror, mirrorKey, mirrorAlias, driver }) => [
      ...(mirror === undefined
        ? []
        : [requests.object('GetObject', mirror.bucket, `${mirror.folder}/nice-dcv-2025.0-20103-el9-x86_64.tgz`)]),
      ...(mirrorKey === undefined ? [] : [requests.key('Decrypt', mirrorKey, requests.s3(mirrorKey.split(':')[3]), mirrorAlias)]),
      ...(driver === undefined ? [] : [requests.object('GetObject', driver.bucket, driver.key)]),
    ],
  },
  'complete the launch': {
    linux: {
      'user_data/linux/user_data.sh.j2': 'CompleteLifecycleAction',
      [`${BOOTSTRAP}/linux/runner/launch_hook.sh.j2`]: 'CompleteLifecycleAction',
    },
    windows: {},
    requests: (requests, { group, groupTags = {} }) =>
      group === undefined ? [] : [requests.group('CompleteLifecycleAction', group, groupTags)],
  },
  'signal its stack': {
    linux: { 'user_data/linux/user_data.sh.j2': 'SignalResource', [`${BOOTSTRAP}/linux/runner/signal.sh.j2`]: 'SignalResource' },
    windows: {
      'user_data/windows/user_data.ps.j2': "Send-AwsRequest 'cloudformation'",
      [`${BOOTSTRAP}/windows/signal/stack_signal.ps.j2`]: "Send-AwsRequest -Service 'cloudformation'",
    },
    requests: (requests, { ownStack, signalsWithRole }) => (signalsWithRole ? [requests.stack('SignalResource', ownStack)] : []),
  },
  'signal its stack with the identity document, which needs no permission': {
    linux: {},
    windows: {
      'user_data/windows/user_data.ps.j2': 'SignalResource',
      [`${BOOTSTRAP}/windows/signal/stack_signal.ps.j2`]: 'SignalResource',
    },
    requests: () => [],
  },
};
