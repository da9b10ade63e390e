import { ArnFormat, Aws, Stack } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import type { IConstruct } from 'constructs';
import type { BootstrapBundle } from '../../bootstrap/bundle';
import type { ICluster } from '../../cluster/cluster';
import { MadeOnce } from '../../made-once';
import { NodeTags } from '../node-tags';
import { NodeType } from '../node-type';

/**
 * The role that was given, or a new one, with what the bootstrap needs.
 *
 * @internal
 */
export function nodeRole(
  scope: IConstruct,
  given: iam.IRole | undefined,
  cluster: ICluster,
  nodeType: NodeType,
  bundle: BootstrapBundle,
): iam.IRole {
  const statements = bootstrapStatements(Stack.of(scope), cluster, nodeType, bundle);
  if (given !== undefined) {
    statements.forEach((statement) => given.addToPrincipalPolicy(statement));
    return given;
  }
  // The permissions are part of a role of our own: it is never there without them.
  return new iam.Role(scope, 'Role', {
    assumedBy: new iam.ServicePrincipal('ec2.amazonaws.com'),
    inlinePolicies: { Bootstrap: new iam.PolicyDocument({ statements }) },
  });
}

function bootstrapStatements(stack: Stack, cluster: ICluster, nodeType: NodeType, bundle: BootstrapBundle): iam.PolicyStatement[] {
  const stackArn = (name: string) => arnOf(stack, 'cloudformation', 'stack', `${name}/*`);
  const allow = (actions: string[], resources: string[], conditions?: iam.Conditions) =>
    new iam.PolicyStatement({ actions, resources, conditions });
  // The names of desktops' stacks start with the cluster's, see DesktopSessions; a login node signals its own stack.
  const signalled = nodeType === NodeType.DCV_NODE ? `${cluster.clusterId}-desktop-*` : Aws.STACK_NAME;
  const statements = [
    bundle._readStatement(),
    allow(['cloudformation:SignalResource'], [stackArn(signalled)]),
    allow(['ec2:CreateTags'], [arnOf(stack, 'ec2', 'instance', '*')], {
      StringEquals: { [`aws:ResourceTag/${NodeTags.CLUSTER_ID}`]: cluster.clusterId },
      'ForAllValues:StringEquals': { 'aws:TagKeys': [NodeTags.STATE, NodeTags.STATE_REASON] },
    }),
  ];
  if (cluster.waitForStacks.length > 0) {
    statements.push(allow(['cloudformation:DescribeStacks'], cluster.waitForStacks.map(stackArn)));
  }
  if (nodeType === NodeType.DCV_NODE) {
    // On EC2 the DCV server finds its licence in this bucket ("Licensing", Amazon DCV Administrator Guide).
    statements.push(allow(['s3:GetObject'], [`arn:${Aws.PARTITION}:s3:::dcv-license.${Aws.REGION}/*`]));
  }
  return statements;
}

const madeArns = new MadeOnce<Stack, { readonly arn: string }>();

/** An ARN of the stack's account and region. Made once: each is a token, and there may be hundreds of nodes. */
function arnOf(stack: Stack, service: string, resource: string, resourceName: string): string {
  const { arn } = madeArns.get(stack, `${service}:${resource}/${resourceName}`, () => ({
    arn: stack.formatArn({ service, resource, resourceName, arnFormat: ArnFormat.SLASH_RESOURCE_NAME }),
  }));
  return arn;
}
