import { ArnFormat, Aws, Resource, Stack, Tags } from 'aws-cdk-lib';
import type * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as iam from 'aws-cdk-lib/aws-iam';
import type * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import type { IConstruct } from 'constructs';
import type { BootstrapBundle } from '../../bootstrap/bundle';
import type { ICluster } from '../../cluster/cluster';
import { libraryVersion } from '../../library-version';
import { MadeOnce } from '../../made-once';
import { tagKey } from '../../values/launch-time-values';
import { NodeTags } from '../node-tags';
import { NodeType } from '../node-type';
import { ssmAgentStatements } from './connect-permissions';

/**
 * The role that was given, or a new one, with what the bootstrap needs.
 *
 * @param connects whether the node hands out a password that it has made
 * @internal
 */
export function nodeRole(
  scope: IConstruct,
  given: iam.IRole | undefined,
  cluster: ICluster,
  nodeType: NodeType,
  bundle: BootstrapBundle,
  connects: boolean,
): iam.IRole {
  const stack = Stack.of(scope);
  const statements = [...bootstrapStatements(stack, cluster, nodeType, bundle), ...(connects ? ssmAgentStatements(stack) : [])];
  if (given !== undefined) {
    addToRole(scope, given, statements);
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

/**
 * Lets a node read a secret and use its key. The policy of a key of another stack would name the role, so that its stack
 * would depend on the node's, and that of an imported key is not changed at all: then the role alone gets the permission.
 *
 * @internal
 */
export function grantSecret(scope: IConstruct, role: iam.IRole, secret: secretsmanager.ISecret | undefined): void {
  if (secret === undefined) return;
  const key = secret.encryptionKey;
  const isHere = (resource: IConstruct) => Stack.of(resource) === Stack.of(scope);
  const statements: iam.PolicyStatement[] = [];
  if (isHere(role) && (key === undefined || (isHere(key) && Resource.isOwnedResource(key)))) {
    secret.grantRead(role);
  } else {
    const arn = secret.secretFullArn ?? `${secret.secretArn}-??????`;
    statements.push(new iam.PolicyStatement({ actions: ['secretsmanager:GetSecretValue'], resources: [arn] }));
  }
  if (key !== undefined) {
    // Of a service in China the name is said to end with .cn; the CDK writes the other into the policy of its own keys.
    const viaService = `secretsmanager.${secret.env.region}.amazonaws.com*`;
    const conditions = { StringLike: { 'kms:ViaService': viaService } };
    statements.push(new iam.PolicyStatement({ actions: ['kms:Decrypt'], resources: [key.keyArn], conditions }));
  }
  addToRole(scope, role, statements);
}

/**
 * Lets a peer connect to security groups that a node has, or that are in front of it. The rules of groups of another stack
 * stand in that of the peer: theirs would depend on it, and mostly it depends on theirs.
 *
 * @internal
 */
export function letIn(scope: IConstruct, groups: ec2.IConnectable, peer: ec2.IConnectable, port: ec2.Port, description: string): void {
  if (groups.connections.securityGroups.some((group) => Stack.of(group) !== Stack.of(scope))) {
    peer.connections.allowTo(groups, port, description);
  } else {
    groups.connections.allowFrom(peer, port, description);
  }
}

/** A role of another stack gets a policy of the node's stack: its own would depend on what the statements name. */
function addToRole(scope: IConstruct, role: iam.IRole, statements: iam.PolicyStatement[]): void {
  const known = scope.node.tryFindChild('RolePolicy') as iam.Policy | undefined;
  if (Stack.of(role) === Stack.of(scope)) {
    statements.forEach((statement) => role.addToPrincipalPolicy(statement));
  } else if (known !== undefined) {
    known.addStatements(...statements);
  } else {
    const policy = new iam.Policy(scope, 'RolePolicy', { statements });
    role.attachInlinePolicy(policy);
    // Nothing is launched before its role may do what it has to.
    scope.node.addDependency(policy);
  }
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
  if (nodeType === NodeType.LOGIN_NODE) {
    // The group cannot be named: it depends on the role.
    const groups = arnOf(stack, 'autoscaling', 'autoScalingGroup:*:autoScalingGroupName', '*');
    const conditions = { StringEquals: { [`aws:ResourceTag/${NodeTags.CLUSTER_ID}`]: cluster.clusterId } };
    statements.push(allow(['autoscaling:CompleteLifecycleAction'], [groups], conditions));
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
