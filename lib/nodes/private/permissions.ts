import { ArnFormat, Aws, Stack, Tags } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import type { IConstruct } from 'constructs';
import type { BootstrapBundle } from '../../bootstrap/bundle';
import type { ICluster } from '../../cluster/cluster';
import { libraryVersion } from '../../library-version';
import { MadeOnce } from '../../made-once';
import { tagKey } from '../../values/launch-time-values';
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
  const role = new iam.Role(scope, 'Role', {
    assumedBy: new iam.ServicePrincipal('ec2.amazonaws.com'),
    inlinePolicies: { Bootstrap: new iam.PolicyDocument({ statements }) },
  });
  // Where a change of it changes no node: in a bundle, UserData or launch template each release would replace them all.
  Tags.of(role).add(tagKey('LibraryVersion'), libraryVersion());
  return role;
}

function bootstrapStatements(stack: Stack, cluster: ICluster, nodeType: NodeType, bundle: BootstrapBundle): iam.PolicyStatement[] {
  const arn = arnsOf(stack);
  const allow = (actions: string[], resources: string[], conditions?: iam.Conditions) =>
    new iam.PolicyStatement({ actions, resources, conditions });
  // The names of desktops' stacks start with the cluster's, see DesktopSessions; a login node signals its own stack.
  const signalled = nodeType === NodeType.DCV_NODE ? `${cluster.clusterId}-desktop-*` : Aws.STACK_NAME;
  const statements = [
    bundle._readStatement(),
    allow(['cloudformation:SignalResource'], [arn.stack(signalled)]),
    allow(['ec2:CreateTags'], [arn.instances], {
      StringEquals: { [`aws:ResourceTag/${NodeTags.CLUSTER_ID}`]: cluster.clusterId },
      'ForAllValues:StringEquals': { 'aws:TagKeys': [NodeTags.STATE, NodeTags.STATE_REASON] },
    }),
  ];
  if (cluster.waitForStacks.length > 0) {
    statements.push(allow(['cloudformation:DescribeStacks'], cluster.waitForStacks.map(arn.stack)));
  }
  if (nodeType === NodeType.DCV_NODE) {
    // On EC2 the DCV server finds its licence in this bucket ("Licensing", Amazon DCV Administrator Guide).
    statements.push(allow(['s3:GetObject'], [arn.dcvLicence]));
  }
  return statements;
}

interface NodeArns {
  /** ARN of a stack by its name. */
  readonly stack: (name: string) => string;
  readonly instances: string;
  readonly dcvLicence: string;
}

const nodeArns = new MadeOnce<Stack, NodeArns>();

/** ARNs of a stack's account and region. Made once: each is a token, and there may be hundreds of nodes. */
function arnsOf(stack: Stack): NodeArns {
  return nodeArns.get(stack, '', () => {
    const stacks = new Map<string, string>();
    const arn = (service: string, resource: string, resourceName: string) =>
      stack.formatArn({ service, resource, resourceName, arnFormat: ArnFormat.SLASH_RESOURCE_NAME });
    return {
      stack: (name) => {
        const known = stacks.get(name) ?? arn('cloudformation', 'stack', `${name}/*`);
        stacks.set(name, known);
        return known;
      },
      instances: arn('ec2', 'instance', '*'),
      dcvLicence: `arn:${Aws.PARTITION}:s3:::dcv-license.${Aws.REGION}/*`,
    };
  });
}
