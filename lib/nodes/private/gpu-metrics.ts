import { Token } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import type { IConstruct } from 'constructs';
import { ConstructError } from '../../construct-error';
import type { NodeOptions } from '../node-options';
import { NodeOsFamily } from '../node-os-props';
import type { NodeGpu } from './gpu-checks';
import { familyOf, GPU_FAMILIES } from './gpu-families';

/** The agent's own by default, where AWS Compute Optimizer looks for them. */
const NAMESPACE = 'CWAgent';

/**
 * Metrics come from a GPU whose driver brings nvidia-smi.
 *
 * @internal
 */
export function checkGpuMetrics(node: IConstruct, props: NodeOptions, gpu: NodeGpu): void {
  if (props.cloudWatchAgent?._gpuMetrics !== true) return;
  const problem = gpuProblem(props, gpu);
  if (problem !== undefined) {
    throw new ConstructError('GpuMetricsUnavailable', `expected for gpuMetrics ${problem}, or leave gpuMetrics out`, node);
  }
}

function gpuProblem({ instanceType }: NodeOptions, { driver }: NodeGpu): string | undefined {
  if (driver.name === 'none' || driver._vendor === 'amd') {
    return `a driver of NVIDIA, got ${driver.name}; change gpuDriver`;
  }
  const isToken = Token.isUnresolved(String(instanceType));
  if (isToken || driver._vendor === 'nvidia' || GPU_FAMILIES[familyOf(instanceType) ?? '']?.vendor === 'nvidia') return undefined;
  return `an instance type with a GPU of NVIDIA, got ${instanceType === undefined ? 'none' : String(instanceType)}; change instanceType`;
}

/**
 * Whether the node sends them by itself: on Windows the agent knows no GPUs.
 *
 * @see https://github.com/aws/amazon-cloudwatch-agent, translator/translate/metrics/metrics_collect/gpu
 * @internal
 */
export function measuresGpus({ os, cloudWatchAgent }: Pick<NodeOptions, 'os' | 'cloudWatchAgent'>): boolean {
  return os.family === NodeOsFamily.WINDOWS && cloudWatchAgent?._gpuMetrics === true;
}

/**
 * The namespace that the agent sends to; null where it sends no metrics.
 *
 * @internal
 */
export function metricsNamespace({ cloudWatchAgent }: Pick<NodeOptions, 'cloudWatchAgent'>): string | null {
  return cloudWatchAgent?._gpuMetrics === true ? NAMESPACE : null;
}

/**
 * PutMetricData knows no resource.
 *
 * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/iam-cw-condition-keys-namespace.html
 * @internal
 */
export function metricStatements(props: NodeOptions): iam.PolicyStatement[] {
  const namespace = metricsNamespace(props);
  if (namespace === null) return [];
  const conditions = { StringEquals: { 'cloudwatch:namespace': namespace } };
  return [new iam.PolicyStatement({ actions: ['cloudwatch:PutMetricData'], resources: ['*'], conditions })];
}
