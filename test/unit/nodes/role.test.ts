import { App, Aws, Stack } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import {
  Cluster,
  ClusterNode,
  LoginNode,
  type NodeOptions,
  NodeOs,
  NodeType,
  SignalAuthentication,
  VirtualDesktopNode,
} from '../../../lib';

const ENV = { account: '111111111111', region: 'eu-west-1' };
const KINDS = {
  desktop: (stack: Stack, props: NodeOptions) => new VirtualDesktopNode(stack, 'Node', props),
  'login nodes': (stack: Stack, props: NodeOptions) => new LoginNode(stack, 'Node', props),
  'compute node': (stack: Stack, props: NodeOptions) => new ClusterNode(stack, 'Node', { ...props, nodeType: NodeType.COMPUTE_NODE }),
};
const KIND_NAMES = Object.keys(KINDS) as (keyof typeof KINDS)[];

function nodeIn(stack: Stack, kind: keyof typeof KINDS, props: Partial<NodeOptions> = {}): ClusterNode {
  const cluster = new Cluster(stack, 'Cluster', { clusterId: 'lab', vpc: new ec2.Vpc(stack, 'Vpc', { maxAzs: 2 }) });
  return KINDS[kind](stack, { cluster, os: NodeOs.UBUNTU_24_04, ...props });
}

function newRole(stack: Stack): iam.Role {
  return new iam.Role(stack, 'Given', { assumedBy: new iam.ServicePrincipal('ec2.amazonaws.com') });
}

interface Statement {
  readonly Action: string | string[];
  readonly Resource: unknown;
  readonly Condition?: unknown;
}

/** All statements of all policies of roles in a template. */
function statementsOf(stack: Stack): Statement[] {
  const template = Template.fromStack(stack);
  type Document = { PolicyDocument: { Statement: Statement[] } };
  const roles = Object.values(template.findResources('AWS::IAM::Role')) as { Properties: { Policies?: Document[] } }[];
  const policies = Object.values(template.findResources('AWS::IAM::Policy')) as { Properties: Document }[];
  const documents = [...roles.flatMap(({ Properties }) => Properties.Policies ?? []), ...policies.map(({ Properties }) => Properties)];
  return documents.flatMap(({ PolicyDocument }) => PolicyDocument.Statement);
}

function actions(stack: Stack): string[] {
  return statementsOf(stack).flatMap(({ Action }) => Action);
}

/** What the validation of a stack says. */
function errorsOf(stack: Stack): string[] {
  return stack.node.findAll().flatMap((construct) => construct.node.validate());
}

describe.each(KIND_NAMES)('a %s', (kind) => {
  test('may signal nothing with its role, and does not describe secrets', () => {
    const stack = new Stack(new App(), 'Stack');
    nodeIn(stack, kind);
    expect(actions(stack)).not.toContain('cloudformation:SignalResource');
    expect(actions(stack).filter((action) => /\*|Describe/.test(action))).toEqual([]);
  });

  test('tags its own instance alone, with three tags', () => {
    const stack = new Stack(new App(), 'Stack');
    nodeIn(stack, kind);
    expect(statementsOf(stack).filter(({ Action }) => Action === 'ec2:CreateTags')).toEqual([
      expect.objectContaining({
        Condition: {
          StringLike: { 'aws:userid': '*:${ec2:InstanceID}' },
          'ForAllValues:StringEquals': { 'aws:TagKeys': ['cluster-node:State', 'cluster-node:StateReason', 'cluster-node:PhaseSeconds'] },
          Null: { 'aws:TagKeys': 'false' },
        },
      }),
    ]);
  });

  test.each<[string, (there: Stack) => iam.IRole | undefined]>([
    ['a role of its own', () => undefined],
    ['a role of another stack', newRole],
  ])('signals with %s the stack that it is in, or those of its desktops, when told to', (_, roleOf) => {
    const app = new App();
    const [there, here] = [new Stack(app, 'There', { env: ENV }), new Stack(app, 'Here', { env: ENV })];
    nodeIn(here, kind, { signalWith: SignalAuthentication.ROLE, role: roleOf(there) });
    const [signal, ...more] = statementsOf(here).filter(({ Action }) => Action === 'cloudformation:SignalResource');
    expect(more).toEqual([]);
    if (kind === 'desktop')
      expect(JSON.stringify(signal.Resource)).toMatch(/:cloudformation:eu-west-1:111111111111:stack\/lab-desktop-\*\/\*"/);
    else expect(signal.Resource).toEqual({ Ref: 'AWS::StackId' });
    expect(actions(there)).toEqual([]);
  });
});

test('a login node completes launches of its own group alone', () => {
  const stack = new Stack(new App(), 'Stack');
  nodeIn(stack, 'login nodes');
  const [group] = Object.keys(Template.fromStack(stack).findResources('AWS::AutoScaling::AutoScalingGroup'));
  const tags = {
    'aws:ResourceTag/cluster-node:ClusterId': 'lab',
    'aws:ResourceTag/cluster-node:SignalStack': { Ref: 'AWS::StackName' },
    'aws:ResourceTag/cluster-node:SignalResource': group,
  };
  expect(statementsOf(stack)).toContainEqual(
    expect.objectContaining({
      Action: 'autoscaling:CompleteLifecycleAction',
      Resource: {
        'Fn::Join': ['', expect.arrayContaining([':autoscaling:', ':autoScalingGroup:*:autoScalingGroupName/*']) as unknown],
      },
      Condition: { StringEquals: tags },
    }),
  );
  // What the condition asks for.
  for (const [key, value] of Object.entries(tags)) {
    Template.fromStack(stack).hasResourceProperties('AWS::AutoScaling::AutoScalingGroup', {
      Tags: Match.arrayWith([Match.objectLike({ Key: key.replace('aws:ResourceTag/', ''), Value: value })]),
    });
  }
});

describe('a secret', () => {
  const withSecret = (key: (stack: Stack) => kms.IKey | undefined) => {
    const stack = new Stack(new App(), 'Stack');
    const cluster = new Cluster(stack, 'Cluster', { clusterId: 'lab', vpc: new ec2.Vpc(stack, 'Vpc') });
    const hostKeysSecret = new secretsmanager.Secret(stack, 'Keys', { encryptionKey: key(stack) });
    new LoginNode(stack, 'Node', { cluster, os: NodeOs.UBUNTU_24_04, hostKeysSecret });
    return stack;
  };

  test('is read, and no more', () => {
    const ofSecrets = actions(withSecret(() => undefined)).filter((action) => /^(secretsmanager|kms):/.test(action));
    expect(ofSecrets).toEqual(['secretsmanager:GetSecretValue']);
  });

  test('with a key: it may be used through Secrets Manager, by one statement', () => {
    const stack = withSecret((scope) => new kms.Key(scope, 'Key'));
    expect(statementsOf(stack).filter(({ Action }) => String(Action).startsWith('kms:'))).toEqual([
      expect.objectContaining({ Action: 'kms:Decrypt', Condition: { StringLike: { 'kms:ViaService': expect.anything() as unknown } } }),
    ]);
  });
});

describe('a role that the app leaves as it is', () => {
  const LEFT_ALONE: [string, (stack: Stack) => iam.IRole][] = [
    ['withoutPolicyUpdates', (stack) => newRole(stack).withoutPolicyUpdates()],
    ['imported', (stack) => iam.Role.fromRoleArn(stack, 'Given', 'arn:aws:iam::111111111111:role/theirs', { mutable: false })],
    ['by its name', (stack) => iam.Role.fromRoleName(stack, 'Given', 'theirs', { mutable: false })],
  ];

  describe.each(LEFT_ALONE)('%s', (_, roleOf) => {
    test.each(KIND_NAMES)('of a %s is an error that lists all statements, until somebody says that it has them', (kind) => {
      const errorWith = (rolePolicyDigest?: string, signalWith?: SignalAuthentication) => {
        const stack = new Stack(new App(), 'Stack', { env: ENV });
        const hostKeysSecret = secretsmanager.Secret.fromSecretNameV2(stack, 'Keys', 'keys');
        nodeIn(stack, kind, { role: roleOf(stack), rolePolicyDigest, signalWith, ...{ hostKeysSecret } });
        return errorsOf(stack);
      };
      const [error, ...others] = errorWith();
      expect(others).toEqual([]);
      const [, digest, policy] =
        /^expected a role that this app may give the permissions of the node, got Stack\/\S+, .*rolePolicyDigest: '([0-9a-f]{16})'.*?: (\{.*\}) \(at Stack\/Node\)$/.exec(
          error,
        ) ?? [];
      const listed = (JSON.parse(policy) as { Statement: Statement[] }).Statement;

      // The same that a role of the app gets.
      const stack = new Stack(new App(), 'Stack', { env: ENV });
      nodeIn(stack, kind, { role: newRole(stack), ...{ hostKeysSecret: secretsmanager.Secret.fromSecretNameV2(stack, 'Keys', 'keys') } });
      expect(listed).toEqual(statementsOf(stack));

      expect(errorWith(digest)).toEqual([]);
      // Another need is another digest.
      expect(errorWith(digest, SignalAuthentication.ROLE)).toHaveLength(1);
    });
  });

  test('is none that the app may change', () => {
    const stack = new Stack(new App(), 'Stack', { env: ENV });
    nodeIn(stack, 'desktop', { role: iam.Role.fromRoleArn(stack, 'Given', 'arn:aws:iam::111111111111:role/theirs') });
    expect(errorsOf(stack)).toEqual([]);
    Template.fromStack(stack).hasResourceProperties('AWS::IAM::Policy', { Roles: ['theirs'] });
  });

  test('is the business of the app where all roles are made elsewhere', () => {
    const app = new App();
    iam.Role.customizeRoles(app, { usePrecreatedRoles: { 'Stack/Given': 'theirs' } });
    const stack = new Stack(app, 'Stack', { env: ENV });
    nodeIn(stack, 'desktop', { role: newRole(stack) });
    expect(errorsOf(stack)).toEqual([]);
  });
});

describe('a role of another account', () => {
  test.each([{}, { mutable: false }])('is refused (%j)', (options) => {
    const stack = new Stack(new App(), 'Stack', { env: ENV });
    const role = iam.Role.fromRoleArn(stack, 'Given', 'arn:aws:iam::222222222222:role/theirs', options);
    expect(() => nodeIn(stack, 'desktop', { role })).toThrow(
      /^expected a role of the account of the node, 111111111111, got one of 222222222222, which no instance of this account can have; .* \(at Stack\/Node\)$/,
    );
  });

  test('cannot be told from one of this account while that is not known', () => {
    const stack = new Stack(new App(), 'Stack');
    for (const account of ['222222222222', Aws.ACCOUNT_ID]) {
      const role = iam.Role.fromRoleArn(stack, `Given${account.length}`, `arn:aws:iam::${account}:role/theirs`);
      expect(() => nodeIn(new Stack(new App(), 'Stack'), 'desktop', { role })).not.toThrow();
    }
  });
});
