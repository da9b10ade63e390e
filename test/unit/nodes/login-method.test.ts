import { Aws, CfnParameter, Lazy, Stack } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import {
  Cluster,
  LoginMethod,
  LoginNode,
  NodeOs,
  NodeOsFamily,
  NodeTags,
  NodeUserData,
  PackageManager,
  type SigningKey,
  VirtualDesktopNode,
  type VirtualDesktopNodeProps,
} from '../../../lib';
import { bootstrapStatements, FixedImage, sampleCluster } from '../../sample-cluster';

type Props = Partial<VirtualDesktopNodeProps>;
const KEY = {
  publicKey: '-----BEGIN PGP PUBLIC KEY BLOCK-----\n\nbmV3\n-----END PGP PUBLIC KEY BLOCK-----',
  fingerprint: 'abcd '.repeat(10),
};
const AGENT = { version: '3.3.1611.0', url: 'https://mirror.example.com/amazon-ssm-agent.rpm', sha256: 'ab'.repeat(32) };
const RHEL = { os: NodeOs.RHEL_9, machineImage: new FixedImage() };
const MINT = {
  name: 'mint',
  family: NodeOsFamily.LINUX,
  distribution: 'ubuntu',
  version: '24.04',
  dcvFamily: 'ubuntu2404',
  rootDeviceName: '/dev/sda1',
  defaultUser: 'mint',
};
const DIRECTORY = { configuration: { '/configuration/UserDirectory/provider': 'activedirectory' } };

function desktopWith(props: Props | ((stack: Stack) => Props) = {}, clusterOptions: Parameters<typeof sampleCluster>[0] = {}) {
  const { app, stack, cluster } = sampleCluster(clusterOptions);
  const given = typeof props === 'function' ? props(stack) : props;
  const node = new VirtualDesktopNode(stack, 'Desktop', { cluster, os: NodeOs.UBUNTU_24_04, ...given });
  return { app, stack, cluster, node };
}

const secretOf = (stack: Stack) => new secretsmanager.Secret(stack, 'Password');
const owned = (stack: Stack): Props => ({ sessionOwner: 'alice', loginWith: LoginMethod.secret(secretOf(stack)) });
const actionsOf = (stack: Stack) => bootstrapStatements(Template.fromStack(stack)).flatMap(({ Action }) => Action);

describe('a generated password', () => {
  test.each([NodeOs.UBUNTU_24_04, NodeOs.AMAZON_LINUX_2, NodeOs.WINDOWS_2022])('is what a desktop of %s has by itself', (os) => {
    const { node, stack } = desktopWith({ os });
    expect(Object.keys(node.bundle.files)).toContain(os === NodeOs.WINDOWS_2022 ? 'connect.ps1' : 'connect.sh');
    expect(actionsOf(stack)).toEqual(expect.arrayContaining(['ssmmessages:OpenControlChannel']));
  });

  test('brings the agent three permissions, and no parameter or shell', () => {
    const statements = bootstrapStatements(Template.fromStack(desktopWith().stack)).filter(({ Action }) =>
      /ssm|ec2messages/.test(String(Action)),
    );
    expect(statements).toEqual([
      {
        Action: 'ssm:UpdateInstanceInformation',
        Effect: 'Allow',
        Resource: { 'Fn::Join': ['', expect.arrayContaining([':ec2:', ':instance/*'])] },
      },
      { Action: ['ssmmessages:CreateControlChannel', 'ssmmessages:OpenControlChannel'], Effect: 'Allow', Resource: '*' },
    ]);
  });

  test.each<[string, Props | ((stack: Stack) => Props), Parameters<typeof sampleCluster>[0]]>([
    ['a secret', owned, {}],
    ['other means', { loginWith: LoginMethod.unmanaged() }, {}],
    ['a user directory of the cluster', {}, DIRECTORY],
    ['a user directory of the node', DIRECTORY, {}],
  ])('is nothing where owners get in by %s', (_, props, options) => {
    const { node, stack } = desktopWith(props, options);
    expect(Object.keys(node.bundle.files)).not.toContain('connect.sh');
    expect(actionsOf(stack).filter((action) => /ssm/.test(String(action)))).toEqual([]);
    Template.fromStack(stack).resourceCountIs('AWS::SSM::Document', 0);
  });

  test('has the package of the agent that was given', () => {
    const { node } = desktopWith({ ...RHEL, loginWith: LoginMethod.generatedPassword({ ssmAgent: AGENT }) });
    const install = node.bundle.files['extra/virtual_desktop.install.sh'];
    expect(install).toContain(AGENT.sha256);
    // Another mirror makes it no other install.
    expect(install).not.toContain('mirror.example.com');
    expect(NodeUserData.fromNode(node).userData).toContain(`VALUE_SYSTEM_SSM_AGENT_URL=${Buffer.from(AGENT.url).toString('base64')}\n`);
  });

  test.each([NodeOs.RHEL_8, NodeOs.RHEL_9, NodeOs.ROCKY_8, NodeOs.ROCKY_9])('has the signed package of AWS on %s', (os) => {
    const install = desktopWith({ os, machineImage: new FixedImage() }).node.bundle.files['extra/virtual_desktop.install.sh'];
    expect(install).toContain('https://s3.{region}.{domain}/amazon-ssm-{region}/latest/linux_amd64/amazon-ssm-agent.rpm');
    expect(install).toContain('1C5B395CBE5E74E2F1CA21592784DBF388D19D46');
    expect(install).toContain('-----BEGIN PGP PUBLIC KEY BLOCK-----');
  });

  test('can have the key by which AWS will sign one day', () => {
    const { publicKey, fingerprint } = KEY;
    const key = (ssmAgentSigningKey: SigningKey) => ({ ...RHEL, loginWith: LoginMethod.generatedPassword({ ssmAgentSigningKey }) });
    const install = desktopWith(key({ fingerprint, publicKey })).node.bundle.files['extra/virtual_desktop.install.sh'];
    expect(install).toContain('ABCD'.repeat(10));
    expect(install).toContain(publicKey);
    expect(() => desktopWith(key({ fingerprint: 'DBF388D19D46', publicKey }))).toThrow(/whole fingerprint of 40.*got 'DBF388D19D46'/);
    expect(() => desktopWith(key({ fingerprint, publicKey: 'https://example.com/key.asc' }))).toThrow(/the text of a public key/);
  });

  test.each<[string, Props]>([
    ['the image has the agent', { os: NodeOs.UBUNTU_24_04 }],
    ['a package is given', { ...RHEL, loginWith: LoginMethod.generatedPassword({ ssmAgent: AGENT, ssmAgentSigningKey: KEY }) }],
  ])('has no use for a key where %s', (_, props) => {
    const loginWith = LoginMethod.generatedPassword({ ssmAgentSigningKey: KEY });
    expect(() => desktopWith({ loginWith, ...props })).toThrow(
      expect.objectContaining({
        code: 'UnusedOption',
        message: expect.stringMatching(/no loginWith\.ssmAgentSigningKey/) as string,
      }) as Error,
    );
  });

  test('needs a package of the agent where AWS publishes none', () => {
    const os = NodeOs.custom({ ...MINT, packageManager: PackageManager.APT });
    expect(() => desktopWith({ os, machineImage: new FixedImage() })).toThrow(
      expect.objectContaining({
        code: 'SsmAgentRequired',
        message: expect.stringMatching(
          /LoginMethod\.generatedPassword\(\{ ssmAgent: .* or another LoginMethod;.*\(at Stack\/Desktop\)$/,
        ) as string,
      }) as Error,
    );
  });

  test.each<[string, Props, RegExp]>([
    ['a version that is none', agent({ version: 'latest' }), /loginWith\.ssmAgent a version such as 2\.36\.7, got 'latest'; /],
    ['an address that is a token', agent({ url: Aws.REGION }), /an https address that ends with \.rpm, got/],
    ['an address without TLS', agent({ url: 'http://mirror/agent.rpm' }), /an https address that ends with \.rpm, got/],
    [
      'an address of another kind',
      agent({ url: 'https://mirror/agent.exe' }),
      /an https address that ends with .rpm, got 'https:\/\/mirror\/agent.exe'/,
    ],
    ['a hash that is short', agent({ sha256: 'ab' }), /64 hexadecimal digits in sha256, got 'ab'/],
    ['Windows', { ...agent({}), os: NodeOs.WINDOWS_2022 }, /no package on windows2022/],
  ])('refuses a package of the agent with %s', (_, props, message) => {
    expect(() => desktopWith(props)).toThrow(
      expect.objectContaining({ code: 'InvalidSsmAgent', message: expect.stringMatching(message) as string }) as Error,
    );
  });
});

function agent(more: Partial<typeof AGENT>): Props {
  return { ...RHEL, loginWith: LoginMethod.generatedPassword({ ssmAgent: { ...AGENT, ...more } }) };
}

describe('a secret', () => {
  test.each<[string, (stack: Stack) => Props]>([
    ['loginWith', owned],
    ['its older spelling', (stack) => ({ sessionOwner: 'alice', ownerPasswordSecret: secretOf(stack) })],
    ['an owner that is a token', (stack) => ({ ...owned(stack), sessionOwner: new CfnParameter(stack, 'Owner').valueAsString })],
  ])('is taken with one owner: %s', (_, props) => {
    expect(NodeUserData.fromNode(desktopWith(props).node).userData).toContain('VALUE_DCV_OWNER_PASSWORD_SECRET=');
  });

  test.each<[string, (stack: Stack) => Props, RegExp]>([
    ['without an owner', (stack) => ({ ownerPasswordSecret: secretOf(stack) }), /got no sessionOwner/],
    [
      'with a role that is given',
      (stack) => ({ ...owned(stack), role: new iam.Role(stack, 'Role', { assumedBy: new iam.AnyPrincipal() }) }),
      /got a role that other/,
    ],
  ])('is refused %s, with the ways that are left', (_, props, got) => {
    expect(() => desktopWith(props)).toThrow(
      expect.objectContaining({
        code: 'SharedPassword',
        message: expect.stringMatching(
          new RegExp(`${got.source}.*generatedPassword\\(\\).*a node for each owner.*unmanaged\\(\\)`),
        ) as string,
      }) as Error,
    );
  });

  test('is not for another node, which would have the role that reads it', () => {
    const { node, stack, cluster } = desktopWith(owned);
    const other = (role: iam.IRole) =>
      new VirtualDesktopNode(stack, `Other${stack.node.children.length}`, { cluster, os: NodeOs.UBUNTU_24_04, role });
    expect(() => other(node.role)).toThrow(
      expect.objectContaining({ code: 'SharedPassword', message: expect.stringMatching(/got that of Stack\/Desktop,/) as string }) as Error,
    );
    expect(() => other(desktopWith().node.role)).not.toThrow();
  });

  test('takes no other owner, not even later', () => {
    const { node } = desktopWith(owned);
    expect(() => node.setLaunchTimeValue(NodeTags.SESSION_OWNER, 'bob')).toThrow(
      /^expected no other owner than the sessionOwner.*got 'bob'/,
    );
    expect(() => node.setLaunchTimeValue(NodeTags.SESSION_OWNER, 'alice')).not.toThrow();
    expect(() => node.setLaunchTimeValue(NodeTags.PROJECT, 'wing')).not.toThrow();
    expect(() => desktopWith({ sessionOwner: 'alice' }).node.setLaunchTimeValue(NodeTags.SESSION_OWNER, 'bob')).not.toThrow();
  });

  test('and another way are an error', () => {
    const both = (stack: Stack) => ({
      ...owned(stack),
      ownerPasswordSecret: secretsmanager.Secret.fromSecretNameV2(stack, 'Other', 'other'),
    });
    expect(() => desktopWith(both)).toThrow(/loginWith or ownerPasswordSecret, got both/);
  });

  test.each(['secret', 'generated_password'])('of another kind than the user directory has is an error: %s', (name) => {
    const props = (stack: Stack) => (name === 'secret' ? owned(stack) : { loginWith: LoginMethod.generatedPassword() });
    expect(() => desktopWith(props, DIRECTORY)).toThrow(
      new RegExp(`unmanaged\\(\\) with a user directory, which has the passwords, got ${name}`),
    );
  });

  test('of another Region has its key used by the service of that Region', () => {
    const { stack } = desktopWith(
      (here) => ({
        sessionOwner: 'alice',
        loginWith: LoginMethod.secret(
          secretsmanager.Secret.fromSecretAttributes(here, 'Password', {
            secretCompleteArn: 'arn:aws:secretsmanager:us-east-1:111111111111:secret:alice-abcdef',
            encryptionKey: kms.Key.fromKeyArn(here, 'Key', 'arn:aws:kms:us-east-1:111111111111:key/1'),
          }),
        ),
      }),
      { stackProps: { env: { account: '111111111111', region: 'eu-west-1' } } },
    );
    Template.fromStack(stack).hasResourceProperties('AWS::IAM::Policy', {
      PolicyDocument: {
        Statement: Match.arrayWith([
          Match.objectLike({
            Action: 'kms:Decrypt',
            Condition: { StringLike: { 'kms:ViaService': 'secretsmanager.us-east-1.amazonaws.com*' } },
          }),
        ]),
      },
    });
  });
});

describe('the documents', () => {
  const documents = (stack: Stack) => Object.values(Template.fromStack(stack).findResources('AWS::SSM::Document'));

  test('are two for a cluster, however many desktops it has', () => {
    const { stack, cluster } = desktopWith();
    new VirtualDesktopNode(stack, 'Other', { cluster, os: NodeOs.WINDOWS_2022 });
    cluster.addConnectDocuments();
    expect(documents(stack).map(({ Properties }) => (Properties as { Name: string }).Name)).toEqual([
      'lab-desktop-connect',
      'lab-desktop-reset-password',
    ]);
  });

  test('are made for desktops of other apps when asked, and not for other nodes', () => {
    const { stack, cluster } = sampleCluster();
    new LoginNode(stack, 'Login', { cluster, os: NodeOs.AMAZON_LINUX_2023 });
    expect(documents(stack)).toEqual([]);
    const asked = sampleCluster();
    asked.cluster.addConnectDocuments();
    expect(documents(asked.stack)).toHaveLength(2);
  });

  test('are not made again by who imports the cluster', () => {
    const { stack, vpc } = sampleCluster();
    const cluster = Cluster.fromClusterAttributes(stack, 'Imported', { clusterId: 'lab', vpc });
    new VirtualDesktopNode(stack, 'Desktop', { cluster, os: NodeOs.UBUNTU_24_04 });
    (cluster as Cluster).addConnectDocuments();
    expect(documents(stack)).toEqual([]);
  });

  test('take one public key, of one length and form', () => {
    const [{ Properties }] = documents(desktopWith().stack) as {
      Properties: { Content: { parameters: { PublicKey: { allowedPattern: string } } } };
    }[];
    const { parameters } = Properties.Content;
    expect(Object.keys(parameters)).toEqual(['PublicKey']);
    const pattern = new RegExp(parameters.PublicKey.allowedPattern);
    const key = `MIIBojANBgkqhkiG9w0BAQEFAAOCAY8AMIIBigKCAYEA${'A'.repeat(512)}AgMBAAE=`;
    expect(pattern.test(key)).toBe(true);
    for (const other of ["A'", 'A"', 'A$', 'A`', 'A;', 'A ', 'A\n', 'A{', 'A\\', '']) {
      expect(pattern.test(key.replace('AA', other))).toBe(false);
    }
    expect([`${key} `, ` ${key}`, `${key}'`, key.slice(1), `x\n${key}`, `${key}\nx`].filter((other) => pattern.test(other))).toEqual([]);
  });

  test.each(['aws-lab', 'Amazon1', 'amzn'])('need another id of the cluster than %s', (clusterId) => {
    const { stack, vpc } = sampleCluster();
    const cluster = new Cluster(stack, 'Reserved', { clusterId, vpc });
    expect(() => new VirtualDesktopNode(stack, 'Desktop', { cluster, os: NodeOs.UBUNTU_24_04 })).toThrow(
      /does not begin with aws, amazon or amzn/,
    );
  });
});

describe('grantConnect', () => {
  const ENV = { account: '111122223333', region: 'eu-west-1' };
  const TAGS = (prefix: string, owner: unknown) => ({
    StringEquals: { [`${prefix}/cluster-node:ClusterId`]: 'lab', [`${prefix}/cluster-node:SessionOwner`]: owner },
  });
  const statementsFor = (owner: unknown) => [
    { Action: 'ssm:SendCommand', Effect: 'Allow', Resource: arn('ssm:eu-west-1:111122223333:document/lab-desktop-connect') },
    {
      Action: 'ssm:SendCommand',
      Condition: TAGS('ssm:resourceTag', owner),
      Effect: 'Allow',
      Resource: arn('ec2:eu-west-1:111122223333:instance/*'),
    },
    { Action: 'ssm:GetCommandInvocation', Effect: 'Allow', Resource: '*' },
    {
      Action: 'cloudformation:DescribeStacks',
      Condition: TAGS('aws:ResourceTag', owner),
      Effect: 'Allow',
      Resource: arn('cloudformation:eu-west-1:111122223333:stack/lab-desktop-*/*'),
    },
  ];
  const arn = (rest: string) => ({ 'Fn::Join': ['', ['arn:', { Ref: 'AWS::Partition' }, `:${rest}`]] });
  const role = (stack: Stack) => new iam.Role(stack, 'Alice', { assumedBy: new iam.AccountRootPrincipal() });
  const expectStatements = (stack: Stack, owner: unknown) =>
    Template.fromStack(stack).hasResourceProperties('AWS::IAM::Policy', {
      PolicyDocument: { Statement: statementsFor(owner) },
      Roles: [{ Ref: Match.stringLikeRegexp('^Alice') }],
    });

  test.each(['alice', '${aws:username}', '${aws:PrincipalTag/login}'])(
    'allows the document, the desktops of %s, and nothing else',
    (owner) => {
      const { node, stack } = desktopWith({}, { stackProps: { env: ENV } });
      expect(node.grantConnect(role(stack), owner).success).toBe(true);
      expectStatements(stack, owner);
    },
  );

  test('takes an owner that is known at deployment', () => {
    const { node, stack } = desktopWith({}, { stackProps: { env: ENV } });
    node.grantConnect(role(stack), new CfnParameter(stack, 'Owner').valueAsString);
    expectStatements(stack, { Ref: 'Owner' });
  });

  test('is the same for an imported desktop, and for a grantee of another stack', () => {
    const { app, node } = desktopWith({}, { stackProps: { env: ENV } });
    const other = new Stack(app, 'Other', { env: ENV });
    const grantee = role(other);
    VirtualDesktopNode.fromVirtualDesktopNodeAttributes(other, 'Imported', {
      clusterId: 'lab',
      launchTemplateId: 'lt-1',
      launchTemplateVersion: '1',
      role: iam.Role.fromRoleName(other, 'Role', 'node'),
      securityGroups: node.connections.securityGroups,
    }).grantConnect(grantee, 'alice');
    node.grantConnect(grantee, 'alice');
    expectStatements(other, 'alice');
  });

  test.each<[string, (stack: Stack) => Props]>([
    ['secret', owned],
    ['unmanaged', () => ({ loginWith: LoginMethod.unmanaged() })],
    ['unmanaged', () => DIRECTORY],
  ])('is an error of a desktop that makes no password: %s', (name, props) => {
    const { node, stack } = desktopWith(props);
    expect(() => node.grantConnect(role(stack), 'alice')).toThrow(
      expect.objectContaining({
        code: 'NoGeneratedPassword',
        message: expect.stringContaining(`got one with ${name};`) as string,
      }) as Error,
    );
  });

  test('tells of a grantee that takes no policy', () => {
    const { node, stack } = desktopWith();
    const fixed = iam.Role.fromRoleArn(stack, 'Fixed', 'arn:aws:iam::111122223333:role/alice', { mutable: false });
    const grant = node.grantConnect(new iam.AccountPrincipal('111122223333'), 'alice');
    expect(grant.success).toBe(false);
    expect(() => grant.assertSuccess()).toThrow(/could not be added/);
    // CDK counts one that is immutable as served.
    expect(() => node.grantConnect(fixed, 'alice')).not.toThrow();
    Template.fromStack(stack).resourceCountIs('AWS::IAM::Policy', 0);
  });

  test.each(['', 'a b', '*', 'root', '${aws:userid}', '${aws:username}*', '${aws:PrincipalTag/a}${aws:username}', 'a'.repeat(33)])(
    'refuses the owner %p',
    (owner) => {
      const { node, stack } = desktopWith();
      expect(() => node.grantConnect(role(stack), owner)).toThrow(/^expected an owner of 1 to 32 letters/);
    },
  );

  test('an imported desktop takes what any system takes', () => {
    const { stack, node } = desktopWith();
    const imported = VirtualDesktopNode.fromVirtualDesktopNodeAttributes(stack, 'Imported', {
      clusterId: 'lab',
      launchTemplateId: 'lt-1',
      launchTemplateVersion: '1',
      role: node.role,
      securityGroups: node.connections.securityGroups,
    });
    const grantee = role(stack);
    expect(() => imported.grantConnect(grantee, 'a'.repeat(32))).not.toThrow();
    expect(() => imported.grantConnect(grantee, '1000')).not.toThrow();
    expect(() => imported.grantConnect(grantee, 'a b')).toThrow(/got 'a b'/);
    expect(() => imported.grantConnect(grantee, Lazy.string({ produce: () => 'alice' }))).not.toThrow();
  });
});
