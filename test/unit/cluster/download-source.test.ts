import { App, CfnParameter, PhysicalName, Stack } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as s3 from 'aws-cdk-lib/aws-s3';
import { Cluster, DownloadSource, LoginNode, NodeOs, VirtualDesktopNode, type VirtualDesktopNodeProps } from '../../../lib';
import { bootstrapStatements, sampleCluster } from '../../sample-cluster';

const FILE = 'nice-dcv-2025.0-20103-ubuntu2404-x86_64.tgz';
type Source = (stack: Stack) => DownloadSource;

function desktopWith(source: Source, props: Partial<VirtualDesktopNodeProps> = {}, region?: string) {
  const app = new App();
  const stack = new Stack(app, 'Stack', region === undefined ? undefined : { env: { account: '111122223333', region } });
  const vpc = ec2.Vpc.fromVpcAttributes(stack, 'Vpc', {
    vpcId: 'vpc-1',
    availabilityZones: ['a'],
    privateSubnetIds: ['s'],
    privateSubnetRouteTableIds: ['r'],
  });
  const cluster = new Cluster(stack, 'Cluster', { clusterId: 'lab', vpc });
  const node = new VirtualDesktopNode(stack, 'Desktop', { cluster, os: NodeOs.UBUNTU_24_04, dcvSource: source(stack), ...props });
  return { stack, cluster, node };
}

/** The address that the node is told, with references in angle brackets. */
function addressOf(stack: Stack, value = 'DCV_URL'): string {
  const userData = JSON.stringify(Object.values(Template.fromStack(stack).findResources('AWS::EC2::LaunchTemplate'))[0]);
  const [, encoded] = new RegExp(`VALUE_SYSTEM_${value}=([A-Za-z0-9+/=]+)`).exec(userData) ?? [];
  return encoded === undefined ? userData : Buffer.from(encoded, 'base64').toString('utf8');
}

const byName: Source = (stack) => DownloadSource.s3(s3.Bucket.fromBucketName(stack, 'Mirror', 'mirror-of-lab'), 'files/dcv');
const mirrorStatements = (stack: Stack) =>
  bootstrapStatements(Template.fromStack(stack)).filter(
    ({ Resource }) => JSON.stringify(Resource).includes('irror') || JSON.stringify(Resource).includes('Key'),
  );

describe('a folder of a bucket', () => {
  test('is read with the role, and nothing but it', () => {
    const { stack } = desktopWith(byName, {}, 'eu-central-1');
    expect(addressOf(stack)).toBe(`s3://mirror-of-lab/files/dcv/${FILE}`);
    expect(mirrorStatements(stack)).toEqual([
      {
        Action: 's3:GetObject',
        Effect: 'Allow',
        Resource: { 'Fn::Join': ['', ['arn:', { Ref: 'AWS::Partition' }, ':s3:::mirror-of-lab/files/dcv/*']] },
      },
    ]);
  });

  test('of another Region has it behind the address', () => {
    const source: Source = (stack) =>
      DownloadSource.s3(s3.Bucket.fromBucketAttributes(stack, 'Mirror', { bucketName: 'mirror-of-lab', region: 'us-east-1' }), 'dcv/');
    expect(addressOf(desktopWith(source, {}, 'eu-central-1').stack)).toBe(`s3://mirror-of-lab/dcv/${FILE}?region=us-east-1`);
    expect(addressOf(desktopWith(source).stack)).toBe(`s3://mirror-of-lab/dcv/${FILE}?region=us-east-1`);
  });

  test('of the app: its name, the whole bucket without a prefix, and its key', () => {
    const { stack } = desktopWith((scope) =>
      DownloadSource.s3(new s3.Bucket(scope, 'Mirror', { encryptionKey: new kms.Key(scope, 'Key') })),
    );
    expect(addressOf(stack)).toMatch(/"Ref":"Mirror\w+"/);
    const statements = mirrorStatements(stack);
    expect(statements.map(({ Action }) => Action)).toEqual(['s3:GetObject', 'kms:Decrypt']);
    expect(JSON.stringify(statements[0].Resource)).toMatch(/^\{"Fn::Join":\["",\[\{"Fn::GetAtt":\["Mirror\w+","Arn"\]\},"\/\*"\]\]\}$/);
    expect(statements[1].Condition).toEqual({
      StringLike: { 'kms:ViaService': { 'Fn::Join': ['', ['s3.', { Ref: 'AWS::Region' }, '.amazonaws.com*']] } },
    });
  });

  const keyOf = (alias: (stack: Stack) => kms.IKey) =>
    bootstrapStatements(
      Template.fromStack(
        desktopWith((stack) =>
          DownloadSource.s3(s3.Bucket.fromBucketAttributes(stack, 'Mirror', { bucketName: 'mirror-of-lab', encryptionKey: alias(stack) })),
        ).stack,
      ),
    ).find(({ Action }) => Action === 'kms:Decrypt')!;

  test('with an alias of a key of the app: the key, since IAM knows none by an alias', () => {
    const { Resource } = keyOf((stack) => new kms.Alias(stack, 'Alias', { aliasName: 'mirror', targetKey: new kms.Key(stack, 'Key') }));
    expect(Resource).toEqual({ 'Fn::GetAtt': [expect.stringMatching(/^Key/) as string, 'Arn'] });
  });

  test('with an alias by its name: the keys that have it', () => {
    const { Resource, Condition } = keyOf((stack) => kms.Alias.fromAliasName(stack, 'Alias', 'alias/mirror-key'));
    expect(JSON.stringify(Resource)).toMatch(/":key\/\*"/);
    expect(Condition).toMatchObject({
      StringLike: { 'kms:ViaService': expect.anything() as object },
      'ForAnyValue:StringEquals': { 'kms:ResourceAliases': 'alias/mirror-key' },
    });
  });

  test('of another account lets in the role by bucket.grantRead', () => {
    const app = new App();
    const of = (account: string) => ({ env: { account, region: 'eu-central-1' } });
    const there = new Stack(app, 'There', of('444455556666'));
    const here = new Stack(app, 'Here', of('111122223333'));
    const bucketName = PhysicalName.GENERATE_IF_NEEDED;
    const bucket = new s3.Bucket(there, 'Mirror', { bucketName, encryptionKey: new kms.Key(there, 'Key', { alias: 'mirror' }) });
    const assumedBy = new iam.ServicePrincipal('ec2.amazonaws.com');
    const role = new iam.Role(here, 'Role', { assumedBy, roleName: PhysicalName.GENERATE_IF_NEEDED });
    const vpc = new ec2.Vpc(here, 'Vpc');
    const cluster = new Cluster(here, 'Cluster', { clusterId: 'lab', vpc, dcvSource: DownloadSource.s3(bucket, 'dcv') });
    bucket.grantRead(new VirtualDesktopNode(here, 'Desktop', { cluster, os: NodeOs.UBUNTU_24_04, role }));
    Template.fromStack(there).hasResourceProperties('AWS::S3::BucketPolicy', {
      PolicyDocument: { Statement: Match.arrayWith([Match.objectLike({ Principal: { AWS: Match.anyValue() } })]) },
    });
  });

  test.each(['/dcv', 'a*', 'a//b', 'a b', 'a?b', 'a\nb', '../é'])('%j is no prefix', (prefix) => {
    expect(() => desktopWith((stack) => DownloadSource.s3(s3.Bucket.fromBucketName(stack, 'M', 'mirror'), prefix))).toThrow(
      expect.objectContaining({ code: 'InvalidDownloadSource' }) as Error,
    );
  });

  test('nor is a token', () => {
    expect(() =>
      desktopWith((stack) => DownloadSource.s3(s3.Bucket.fromBucketName(stack, 'M', 'mirror'), new CfnParameter(stack, 'P').valueAsString)),
    ).toThrow(/got a token/);
  });
});

describe('a web server', () => {
  test.each(['https://mirror.example.com', 'https://mirror.example.com:8443/', 'https://mirror.example.com/a/b'])('%s', (url) => {
    const { stack } = desktopWith(() => DownloadSource.https(url));
    expect(addressOf(stack)).toBe(`${url.replace(/\/$/, '')}/${FILE}`);
    expect(bootstrapStatements(Template.fromStack(stack)).filter(({ Action }) => Action === 's3:GetObject')).toHaveLength(2);
  });

  test('may be a token', () => {
    const { stack } = desktopWith((scope) => DownloadSource.https(new CfnParameter(scope, 'Mirror').valueAsString));
    expect(addressOf(stack)).toMatch(/"Ref":"Mirror"/);
  });

  test.each([
    'http://mirror.example.com',
    's3://bucket/dcv',
    'https://user:password@mirror.example.com',
    'https://m.example.com/?a=b',
    'https://',
    '',
  ])('%j is none', (url) => {
    expect(() => DownloadSource.https(url)).toThrow(expect.objectContaining({ code: 'InvalidDownloadSource' }) as Error);
  });
});

describe('a cluster', () => {
  test('has one for all its desktops, and a desktop may have another', () => {
    const { stack, cluster } = sampleCluster({ dcvSource: DownloadSource.https('https://one.example.com') });
    new VirtualDesktopNode(stack, 'Desktop', { cluster, os: NodeOs.UBUNTU_24_04 });
    expect(addressOf(stack)).toBe(`https://one.example.com/${FILE}`);
    const other = sampleCluster({ dcvSource: DownloadSource.https('https://one.example.com') });
    new VirtualDesktopNode(other.stack, 'Desktop', {
      cluster: other.cluster,
      os: NodeOs.UBUNTU_24_04,
      dcvSource: DownloadSource.https('https://two.example.com'),
    });
    expect(addressOf(other.stack)).toBe(`https://two.example.com/${FILE}`);
  });

  test.each<[string, Source, Partial<VirtualDesktopNodeProps>]>([
    ['of Amazon Linux 2', () => DownloadSource.https('https://m.example.com/irror'), { os: NodeOs.AMAZON_LINUX_2 }],
    ['with an address of their own', byName, { configuration: { '/system/dcv/url': 'https://own.example.com/dcv.tgz' } }],
  ])('has one that desktops %s pass over', (_, source, props) => {
    const { stack } = sampleCluster();
    const cluster = new Cluster(stack, 'Other', { clusterId: 'other', vpc: new ec2.Vpc(stack, 'Net'), dcvSource: source(stack) });
    new VirtualDesktopNode(stack, 'Desktop', { cluster, os: NodeOs.UBUNTU_24_04, ...props });
    expect(addressOf(stack)).toMatch(/^https:\/\/(own\.example\.com|d1uj6qtbmh3dt5\.cloudfront\.net)\//);
    expect(mirrorStatements(stack)).toEqual([]);
  });

  test('with both a source and an address is a contradiction', () => {
    const configuration = { '/system/dcv/url': 'https://m.example.com/dcv.tgz' };
    const { stack, cluster } = sampleCluster({ configuration, dcvSource: DownloadSource.https('https://one.example.com') });
    expect(() => new VirtualDesktopNode(stack, 'Desktop', { cluster, os: NodeOs.UBUNTU_24_04 })).toThrow(
      expect.objectContaining({ code: 'InvalidDownloadSource' }) as Error,
    );
  });

  test('its login nodes have no use for it', () => {
    const { stack, cluster } = sampleCluster({ dcvSource: DownloadSource.https('https://one.example.com') });
    new LoginNode(stack, 'Login', { cluster, os: NodeOs.AMAZON_LINUX_2 });
    expect(addressOf(stack)).not.toContain('one.example.com');
  });
});

test('another source is not another install', () => {
  const one = desktopWith(() => DownloadSource.https('https://one.example.com')).node;
  const two = desktopWith(byName).node;
  expect(one.bundle.files).toEqual(two.bundle.files);
});

describe('an error', () => {
  test.each([
    ['on Amazon Linux 2', () => DownloadSource.https('https://m.example.com'), { os: NodeOs.AMAZON_LINUX_2 }, 'UnsupportedOnOs'],
    ['beside an address', byName, { configuration: { '/system/dcv/url': 'https://m.example.com/dcv.tgz' } }, 'InvalidDownloadSource'],
  ])('%s', (_, source, props, code) => {
    expect(() => desktopWith(source, props)).toThrow(expect.objectContaining({ code }) as Error);
  });
});

describe('a desktop of Windows reads the package and what it needs', () => {
  test.each<[string, Source, string]>([
    ['from a bucket', byName, 's3://mirror-of-lab/files/dcv'],
    ['from a web server', () => DownloadSource.https('https://m.example.com/w'), 'https://m.example.com/w'],
  ])('%s', (_, source, folder) => {
    const { stack } = desktopWith(source, { os: NodeOs.WINDOWS_2022 });
    expect(addressOf(stack)).toBe(`${folder}/nice-dcv-server-x64-Release-2025.0-20103.msi`);
    expect(addressOf(stack, 'DCV_RUNTIME_URL')).toBe(`${folder}/vc_redist.x64.exe`);
  });
});
