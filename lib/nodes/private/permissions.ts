import { createHash } from 'node:crypto';
import { Aws, Stack, Tags, Token, TokenComparison } from 'aws-cdk-lib';
import type * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as iam from 'aws-cdk-lib/aws-iam';
import type * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import type { IConstruct } from 'constructs';
import type { BootstrapBundle } from '../../bootstrap/bundle';
import { ConstructError } from '../../construct-error';
import { decryptStatement } from '../../decrypt-statement';
import { libraryVersion } from '../../library-version';
import { tagKey } from '../../values/launch-time-values';
import { type ClusterNodeProps, SignalAuthentication } from '../node-options';
import { NodeOsFamily } from '../node-os-props';
import { NodeTags } from '../node-tags';
import { NodeType } from '../node-type';
import { arnOf } from './arn';
import { ssmAgentStatements } from './connect-permissions';
import { logStatements } from './log-group';
import type { NodeGpu } from './gpu-checks';
import { metricStatements } from './gpu-metrics';

/**
 * The role that was given, or a new one, with what the bootstrap needs.
 *
 * @internal
 */
export function nodeRole(
  scope: IConstruct,
  props: ClusterNodeProps,
  bundle: BootstrapBundle,
  { connects, gpu }: { readonly connects: boolean; readonly gpu: NodeGpu },
): iam.IRole {
  const stack = Stack.of(scope);
  const statements = [
    ...bootstrapStatements(stack, props, bundle),
    ...driverStatements(gpu),
    ...(connects ? ssmAgentStatements(stack) : []),
  ];
  if (props.role !== undefined) {
    checkAccount(scope, props.role);
    checkNoPassword(scope, props.role);
    addToRole(scope, props.role, statements);
    return props.role;
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
 * Lets a node read a secret and use its key. The policies of CDK's keys leave it to those of roles; another one has to.
 *
 * @internal
 */
export function grantSecret(scope: IConstruct, role: iam.IRole, secret: secretsmanager.ISecret | undefined): void {
  if (secret === undefined) return;
  const arn = secret.secretFullArn ?? `${secret.secretArn}-??????`;
  const statements = [new iam.PolicyStatement({ actions: ['secretsmanager:GetSecretValue'], resources: [arn] })];
  if (secret.encryptionKey !== undefined) {
    statements.push(decryptStatement(secret.encryptionKey, 'secretsmanager', secret.env.region));
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

/** What roles that the app does not change have to be given by somebody else, by node. */
const missing = new WeakMap<IConstruct, { readonly role: iam.IRole; readonly document: iam.PolicyDocument }>();

/**
 * Gives a role permissions. One of another stack gets a policy of the node's stack: its own would depend on what the
 * statements name. Of one that the app does not change they are kept for `missingPermissions`.
 *
 * @internal
 */
export function addToRole(scope: IConstruct, role: iam.IRole, statements: iam.PolicyStatement[]): void {
  const known = scope.node.tryFindChild('RolePolicy') as iam.Policy | undefined;
  if (isImmutable(role)) {
    const { document } = missing.get(scope) ?? { document: new iam.PolicyDocument() };
    document.addStatements(...statements);
    missing.set(scope, { role, document });
  } else if (Stack.of(role) === Stack.of(scope)) {
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

/** By the name that identifies the class, for it is not exported, and an app may have another copy of aws-cdk-lib. */
function isImmutable(role: iam.IRole): boolean {
  return (role.constructor as { readonly PROPERTY_INJECTION_ID?: string }).PROPERTY_INJECTION_ID === 'aws-cdk-lib.aws-iam.ImmutableRole';
}

/**
 * A check at synth, when all permissions are known: CDK does not say that it leaves a role alone, and the node would fail
 * when it boots.
 *
 * @internal
 */
export function missingPermissions(scope: IConstruct, acknowledged: string | undefined): string[] {
  const needed = missing.get(scope);
  if (needed === undefined) return [];
  const { role, document } = needed;
  const policy = JSON.stringify(Stack.of(scope).resolve(document));
  const digest = createHash('sha256').update(policy).digest('hex').slice(0, 16);
  if (digest === acknowledged) return [];
  return [
    `expected a role that this app may give the permissions of the node, got ${role.node.path}, which it leaves as it is; give the role this policy yourself, which is as a template has it, and then set rolePolicyDigest: '${digest}', or pass another role: ${policy} (at ${scope.node.path})`,
  ];
}

/** Roles of desktops of one owner, whose password they read, with the path of the desktop. */
const readers = new WeakMap<iam.IRole, string>();

/**
 * Lets a desktop of one owner read the owner's password. Its role is for no other node.
 *
 * @internal
 */
export function grantPassword(scope: IConstruct, role: iam.IRole, secret: secretsmanager.ISecret | undefined): void {
  if (secret === undefined) return;
  grantSecret(scope, role, secret);
  readers.set(role, scope.node.path);
}

function checkNoPassword(scope: IConstruct, role: iam.IRole): void {
  const owned = readers.get(role);
  if (owned !== undefined) {
    throw new ConstructError(
      'SharedPassword',
      `expected a role that reads no owner's password, got that of ${owned}, whose loginWith is a secret; leave role out, or pass one of your own`,
      scope,
    );
  }
}

/** The instance profile is made in the account of the node, and holds the role by its name. */
function checkAccount(scope: IConstruct, role: iam.IRole): void {
  const { account } = Stack.of(scope);
  if (Token.compareStrings(role.env.account, account) === TokenComparison.DIFFERENT) {
    throw new ConstructError(
      'RoleOfOtherAccount',
      `expected a role of the account of the node, ${account}, got one of ${role.env.account}, which no instance of this account can have; pass a role of ${account} that may assume it`,
      scope,
    );
  }
}

function bootstrapStatements(stack: Stack, props: ClusterNodeProps, bundle: BootstrapBundle): iam.PolicyStatement[] {
  const { cluster, nodeType } = props;
  const stackArn = (name: string) => arnOf(stack, 'cloudformation', 'stack', `${name}/*`);
  const allow = (actions: string[], resources: string[], conditions?: iam.Conditions) =>
    new iam.PolicyStatement({ actions, resources, conditions });
  const statements = [
    bundle._readStatement(),
    allow(['ec2:CreateTags'], [arnOf(stack, 'ec2', 'instance', '*')], {
      // The user id of an instance's credentials ends with the id of the instance: its own tags alone.
      StringLike: { 'aws:userid': '*:${ec2:InstanceID}' },
      'ForAllValues:StringEquals': { 'aws:TagKeys': [NodeTags.STATE, NodeTags.STATE_REASON, NodeTags.PHASE_SECONDS] },
      // Without a key there is none that could be another.
      Null: { 'aws:TagKeys': 'false' },
    }),
  ];
  if (props.signalWith === SignalAuthentication.ROLE) {
    // The names of desktops' stacks start with the cluster's, see DesktopSessions; other nodes signal the stack they are in.
    const signalled = nodeType === NodeType.DCV_NODE ? stackArn(`${cluster.clusterId}-desktop-*`) : Aws.STACK_ID;
    statements.push(allow(['cloudformation:SignalResource'], [signalled]));
  }
  if (cluster.waitForStacks.length > 0) {
    statements.push(allow(['cloudformation:DescribeStacks'], cluster.waitForStacks.map(stackArn)));
  }
  statements.push(...logStatements(props), ...metricStatements(props));
  if (props.os.family === NodeOsFamily.LINUX) {
    statements.push(...cluster.fileSystems.flatMap((fileSystem) => fileSystem._statements()));
  }
  if (nodeType === NodeType.LOGIN_NODE) {
    // By the tags that say which group it is: its name depends on the role.
    const groups = arnOf(stack, 'autoscaling', 'autoScalingGroup:*:autoScalingGroupName', '*');
    const tags = { [NodeTags.CLUSTER_ID]: cluster.clusterId, [NodeTags.SIGNAL_STACK]: Aws.STACK_NAME, ...props._login?.groupTags };
    const conditions = Object.fromEntries(Object.entries(tags).map(([key, value]) => [`aws:ResourceTag/${key}`, value]));
    statements.push(allow(['autoscaling:CompleteLifecycleAction'], [groups], { StringEquals: conditions }));
  }
  if (nodeType === NodeType.DCV_NODE) {
    statements.push(licenceStatement(), ...(props._desktop?.dcvSource?._statements() ?? []));
  }
  return statements;
}

/** On EC2 the DCV server finds its licence in this bucket ("Licensing", Amazon DCV Administrator Guide). */
function licenceStatement(): iam.PolicyStatement {
  return new iam.PolicyStatement({ actions: ['s3:GetObject'], resources: [`arn:${Aws.PARTITION}:s3:::dcv-license.${Aws.REGION}/*`] });
}

/**
 * What is read where an image of a node is made and tested: the bundle, files of the installs in buckets, and the licence.
 *
 * @internal
 */
export function imageStatements(props: ClusterNodeProps, bundle: BootstrapBundle, gpu: NodeGpu): iam.PolicyStatement[] {
  const licence = props.nodeType === NodeType.DCV_NODE ? [licenceStatement()] : [];
  return [bundle._readStatement(), ...driverStatements(gpu), ...licence, ...(props._desktop?.dcvSource?._statements() ?? [])];
}

/** The one file of a GPU driver that lies in a bucket. */
function driverStatements({ file }: NodeGpu): iam.PolicyStatement[] {
  if (file?.url.startsWith('s3://') !== true) {
    return [];
  }
  const object = file.url.slice('s3://'.length);
  return [new iam.PolicyStatement({ actions: ['s3:GetObject'], resources: [`arn:${Aws.PARTITION}:s3:::${object}`] })];
}
