import { App, Stack } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as efs from 'aws-cdk-lib/aws-efs';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as s3 from 'aws-cdk-lib/aws-s3';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import {
  Cluster,
  type ClusterOptions,
  type ICluster,
  LoginMethod,
  LoginNode,
  type LoginNodeProps,
  NodeOs,
  SharedFileSystem,
  VirtualDesktopNode,
  type VirtualDesktopNodeProps,
} from '../../../lib';

/** What a team keeps in another stack than its nodes. */
interface Kept {
  readonly cluster?: Partial<ClusterOptions>;
  readonly node?: Partial<LoginNodeProps & VirtualDesktopNodeProps>;
  /** A client that is let in. */
  readonly client?: ec2.IConnectable;
}

const KEPT: { [name: string]: (stack: Stack, vpc: ec2.IVpc) => Kept } = {
  'a file system': (stack, vpc) => ({ cluster: { fileSystems: [apps(stack, vpc)] } }),
  'an NFS server that nothing leaves': (stack, vpc) => ({
    cluster: {
      fileSystems: [SharedFileSystem.nfs({ server: 'nfs.example', mountPath: '/apps', connectable: group(stack, vpc, 'Server') })],
    },
  }),
  secrets: (stack) => ({ node: { hostKeysSecret: secret(stack, 'HostKeys'), ...owned(secret(stack, 'Password')) } }),
  'secrets with keys': (stack) => ({
    node: {
      hostKeysSecret: secret(stack, 'HostKeys', new kms.Key(stack, 'HostKeysKey')),
      ...owned(secret(stack, 'Password', new kms.Key(stack, 'PasswordKey'))),
    },
  }),
  'the key of a volume': (stack) => ({ node: { rootVolume: { encryptionKey: new kms.Key(stack, 'Key') } } }),
  'a role': (stack) => ({ node: { role: role(stack) } }),
  'a security group': (stack, vpc) => ({ node: { securityGroup: new ec2.SecurityGroup(stack, 'Group', { vpc }) } }),
  'security groups that nothing leaves': (stack, vpc) => ({
    node: { securityGroup: group(stack, vpc, 'Group'), additionalSecurityGroups: [group(stack, vpc, 'Another')] },
  }),
  'a bucket for logs': (stack) => ({ node: { loadBalancer: { accessLogsBucket: new s3.Bucket(stack, 'Logs') } } }),
  'a key pair and a placement group': (stack) => ({
    node: { keyPair: new ec2.KeyPair(stack, 'KeyPair'), placementGroup: new ec2.PlacementGroup(stack, 'Placement') },
  }),
  'a client': (stack, vpc) => ({ client: group(stack, vpc, 'Client') }),
  everything: (stack, vpc) => ({
    cluster: { fileSystems: [apps(stack, vpc)], configuration: { '/configuration/Bucket': new s3.Bucket(stack, 'Bucket').bucketName } },
    node: {
      role: role(stack),
      securityGroup: group(stack, vpc, 'Group'),
      hostKeysSecret: secret(stack, 'HostKeys', new kms.Key(stack, 'HostKeysKey')),
    },
    client: group(stack, vpc, 'Client'),
  }),
};

const CLUSTERS: { [how: string]: (there: Stack, here: Stack, options: ClusterOptions) => ICluster } = {
  "the other stack's cluster": (there, _, options) => new Cluster(there, 'Cluster', { clusterId: 'lab', ...options }),
  fromClusterAttributes: (_, here, options) => Cluster.fromClusterAttributes(here, 'Cluster', { clusterId: 'lab', ...options }),
};

describe.each(Object.keys(KEPT))('%s in another stack', (name) => {
  test.each(Object.keys(CLUSTERS))('with %s', (how) => {
    const { app, there, here, vpc } = stacks();
    const { cluster: options, node, client } = KEPT[name](there, vpc);
    addNodes(here, CLUSTERS[how](there, here, { vpc, ...options }), { node, client });
    app.synth();
    expect(there.dependencies).not.toContain(here);
  });
});

describe('what the nodes bring to a group or role of another stack', () => {
  test.each<[string, (here: Stack, vpc: ec2.IVpc) => Kept]>([
    ['a file system', (here, vpc) => ({ cluster: { fileSystems: [apps(here, vpc)] } })],
    ['secrets', (here) => ({ node: { hostKeysSecret: secret(here, 'HostKeys') } })],
    ['a client', (here, vpc) => ({ client: group(here, vpc, 'Client') })],
  ])('%s', (_, keep) => {
    const { app, there, here, vpc } = stacks();
    const { cluster: options, node, client } = keep(here, vpc);
    const given = { role: role(there), securityGroup: group(there, vpc, 'Group') };
    addNodes(here, new Cluster(here, 'Cluster', { clusterId: 'lab', vpc, ...options }), { node: { ...node, ...given }, client });
    app.synth();
    expect(there.dependencies).not.toContain(here);
  });
});

test('a client whose stack depends on that of the nodes', () => {
  const { app, there, here } = stacks();
  const vpc = new ec2.Vpc(here, 'Vpc');
  const login = new LoginNode(here, 'Login', { cluster: new Cluster(here, 'Cluster', { clusterId: 'lab', vpc }), os: NodeOs.UBUNTU_24_04 });
  group(there, vpc, 'Client').connections.allowTo(login, ec2.Port.tcp(22));
  app.synth();
  Template.fromStack(there).resourceCountIs('AWS::EC2::SecurityGroupIngress', 1);
});

describe('a secret with a key that the library does not change', () => {
  const decrypt = (key: unknown) =>
    Match.objectLike({
      Action: 'kms:Decrypt',
      Resource: key,
      Condition: { StringLike: { 'kms:ViaService': 'secretsmanager.eu-west-1.amazonaws.com*' } },
    });

  test.each<[string, (there: Stack, here: Stack) => kms.IKey, unknown]>([
    ['of another stack', (there) => new kms.Key(there, 'Key'), Match.anyValue()],
    [
      'by its ARN',
      (_, here) => kms.Key.fromKeyArn(here, 'Key', 'arn:aws:kms:eu-west-1:111111111111:key/1'),
      Match.stringLikeRegexp('key/1'),
    ],
  ])('%s', (_, makeKey, arn) => {
    const { there, here, vpc } = stacks();
    const hostKeysSecret = secretsmanager.Secret.fromSecretAttributes(here, 'HostKeys', {
      secretPartialArn: 'arn:aws:secretsmanager:eu-west-1:111111111111:secret:keys',
      encryptionKey: makeKey(there, here),
    });
    addNodes(here, new Cluster(here, 'Cluster', { clusterId: 'lab', vpc }), { node: { hostKeysSecret } });
    Template.fromStack(here).hasResourceProperties('AWS::IAM::Policy', {
      PolicyDocument: {
        Statement: Match.arrayWith([
          Match.objectLike({ Resource: 'arn:aws:secretsmanager:eu-west-1:111111111111:secret:keys-??????' }),
          decrypt(arn),
        ]),
      },
    });
  });
});

test('what a role of another stack may do is for the stack of the node', () => {
  const { app, there, here, vpc } = stacks();
  addNodes(here, new Cluster(here, 'Cluster', { clusterId: 'lab', vpc }), { node: { role: role(there) } });
  app.synth();
  expect(JSON.stringify(Template.fromStack(there).toJSON())).not.toContain('s3:GetObject');
  const template = Template.fromStack(here);
  const policies = Object.keys(template.findResources('AWS::IAM::Policy', { Properties: { Roles: [Match.anyValue()] } }));
  // No instance is launched before its role may do what the bootstrap needs.
  const waitedFor = Object.values(template.findResources('AWS::EC2::LaunchTemplate')).map(
    (each) => (each as { DependsOn: string[] }).DependsOn,
  );
  expect(waitedFor.flat().sort()).toEqual(policies.sort());
});

function stacks() {
  const app = new App();
  const env = { account: '111111111111', region: 'eu-west-1' };
  const there = new Stack(app, 'There', { env });
  return { app, there, here: new Stack(app, 'Here', { env }), vpc: new ec2.Vpc(there, 'Vpc', { maxAzs: 2 }) };
}

/** A node of each kind, with and without a load balancer. */
function addNodes(here: Stack, cluster: ICluster, { node, client }: Omit<Kept, 'cluster'>): void {
  const props = { cluster, os: NodeOs.UBUNTU_24_04, ...node };
  const login = new LoginNode(here, 'Login', { ...props, loadBalancer: { ...props.loadBalancer } });
  const desktop = new VirtualDesktopNode(here, 'Desktop', props);
  const plain = new LoginNode(here, 'PlainLogin', { ...props, loadBalancer: undefined });
  if (client !== undefined) {
    [login, plain].forEach((each) => each.allowSshFrom(client));
    desktop.allowDcvFrom(client);
  }
}

function apps(stack: Stack, vpc: ec2.IVpc): SharedFileSystem {
  return SharedFileSystem.efs({ fileSystem: new efs.FileSystem(stack, 'Apps', { vpc, allowAnonymousAccess: true }), mountPath: '/apps' });
}

function group(stack: Stack, vpc: ec2.IVpc, id: string): ec2.SecurityGroup {
  return new ec2.SecurityGroup(stack, id, { vpc, allowAllOutbound: false });
}

function role(stack: Stack): iam.Role {
  return new iam.Role(stack, 'Role', { assumedBy: new iam.ServicePrincipal('ec2.amazonaws.com') });
}

function owned(password: secretsmanager.ISecret): Partial<VirtualDesktopNodeProps> {
  return { sessionOwner: 'alice', loginWith: LoginMethod.secret(password) };
}

function secret(stack: Stack, id: string, encryptionKey?: kms.IKey): secretsmanager.Secret {
  return new secretsmanager.Secret(stack, id, { encryptionKey });
}
