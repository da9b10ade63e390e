import { Annotations, Stack } from 'aws-cdk-lib';
import type * as ec2 from 'aws-cdk-lib/aws-ec2';
import type { IConstruct } from 'constructs';
import { isOfType, isOwn } from '../../cluster/subnet-selection';
import { MadeOnce } from '../../made-once';
import type { ClusterNodeProps } from '../node-options';
import { NodeType } from '../node-type';
import { logGroupOf } from './log-group';
import { subnetsOf } from './subnet-checks';

/**
 * A node in an isolated subnet without these services' endpoints does not boot, or cannot say so. A check at synth, since endpoints
 * may be added after the node; of a VPC that the app makes, since those of another are not known.
 *
 * @internal
 */
export function warnOfMissingEndpoints(node: IConstruct, props: ClusterNodeProps, selection: ec2.SubnetSelection): void {
  const { vpc, configuration } = props.cluster;
  const proxy = { ...configuration, ...props.configuration }['/configuration/HttpsProxy'];
  if (typeof proxy === 'string' || !isOwn(vpc) || vpc.vpnGatewayId !== undefined) return;
  const isolated = subnetsOf(vpc, selection).filter((subnet) => vpc.isolatedSubnets.includes(subnet) && !hasRoute(subnet));
  if (isolated.length === 0) return;
  const existing = endpointsOf(vpc);
  const missing = servicesOf(props).filter((service) => !existing.includes(service));
  if (missing.length > 0 && !existing.includes(UNKNOWN)) {
    Annotations.of(node).addWarningV2(
      'cdk-cluster-nodes:missingEndpoints',
      `nodes in isolated subnets reach AWS through endpoints alone, and the VPC has none of ${missing.join(', ')}; add them, give the cluster a proxy, or pass vpcSubnets with a way out (docs/networks.md)`,
    );
  }
}

function servicesOf(props: ClusterNodeProps): string[] {
  const { _desktop: desktop, _login: login } = props;
  const secrets = [login?.hostKeysSecretArn, desktop?.loginMethod._secret, desktop?.dcv?.certificateSecret];
  return [
    's3',
    'ec2',
    'cloudformation',
    ...(props.nodeType === NodeType.LOGIN_NODE ? ['autoscaling'] : []),
    ...(desktop?.loginMethod._isGenerated === true ? ['ssm', 'ssmmessages'] : []),
    ...(secrets.some((secret) => secret !== undefined) ? ['secretsmanager'] : []),
    ...(logGroupOf(props) === undefined ? [] : ['logs']),
    ...(props.cloudWatchAgent?._gpuMetrics === true ? ['monitoring'] : []),
  ];
}

function hasRoute(subnet: ec2.ISubnet): boolean {
  return subnet.node.findAll().some((child) => isOfType(child, 'AWS::EC2::Route'));
}

/** Asked for every node of a VPC, when nothing changes any more. */
const answers = new MadeOnce<ec2.IVpc, string[]>();

/** Of an endpoint whose service is a parameter. */
const UNKNOWN = '';

/** The last part of the name of each service: `com.amazonaws.eu-west-1.s3`. */
function endpointsOf(vpc: ec2.IVpc): string[] {
  return answers.get(vpc, 'services', () =>
    vpc.node.root.node
      .findAll()
      .filter((child) => isOfType(child, 'AWS::EC2::VPCEndpoint'))
      .map((child) => child as ec2.CfnVPCEndpoint)
      .filter(({ vpcId }) => vpcId === vpc.vpcId)
      .map((endpoint) => {
        const name = JSON.stringify(Stack.of(endpoint).resolve(endpoint.serviceName ?? null));
        return /\.([a-z0-9-]+)"[\]}]*$/.exec(name)?.[1] ?? UNKNOWN;
      }),
  );
}
