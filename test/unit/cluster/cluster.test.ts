import { App, Aws, CfnParameter, Duration, Stack } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as efs from 'aws-cdk-lib/aws-efs';
import { Cluster, type ClusterOptions, MountFailureAction, SharedFileSystem } from '../../../lib';

function clusterWith(options: Partial<ClusterOptions> & { clusterId?: string }): Cluster {
  const stack = new Stack(new App(), 'Stack');
  return new Cluster(stack, 'Cluster', { clusterId: 'lab', vpc: new ec2.Vpc(stack, 'Vpc'), ...options });
}

function nfs(mountPath: string, name?: string): SharedFileSystem {
  return SharedFileSystem.nfs({ server: 'nfs.example.com', mountPath, name });
}

describe('defaults', () => {
  test('settings that are left out', () => {
    const cluster = clusterWith({});
    expect(cluster.configuration).toEqual({
      '/configuration/ClusterId': 'lab',
      '/configuration/Timezone': 'UTC',
      '/configuration/HttpProxy': null,
      '/configuration/HttpsProxy': null,
      '/configuration/NoProxy': null,
      '/configuration/FileSystems': [],
      '/configuration/AppsPath': null,
      '/configuration/WaitForStacks': [],
      '/configuration/WaitForStacksTimeoutSeconds': 1800,
      '/configuration/UserDirectory/provider': 'none',
    });
    expect(cluster.vpcSubnets).toEqual({ subnetType: ec2.SubnetType.PRIVATE_WITH_EGRESS });
  });

  test('a file system at /apps is the one for applications and logs', () => {
    expect(clusterWith({ fileSystems: [nfs('/data'), nfs('/apps')] }).configuration['/configuration/AppsPath']).toBe('/apps');
    expect(clusterWith({ fileSystems: [nfs('/data')] }).configuration['/configuration/AppsPath']).toBeNull();
  });

  test('https goes through the proxy for http unless another is given', () => {
    const one = clusterWith({ proxy: { httpProxy: 'http://proxy:3128' } }).configuration;
    expect(one['/configuration/HttpsProxy']).toBe('http://proxy:3128');
    const two = clusterWith({
      proxy: { httpProxy: 'http://proxy:3128', httpsProxy: 'http://other:3128', noProxy: ['.corp', '10.0.0.0/8'] },
    });
    expect(two.configuration['/configuration/HttpsProxy']).toBe('http://other:3128');
    expect(two.configuration['/configuration/NoProxy']).toBe('.corp,10.0.0.0/8');
  });

  test('configuration takes the place of a setting', () => {
    const { configuration } = clusterWith({ configuration: { '/configuration/Timezone': 'Asia/Tokyo', '/configuration/Mine': 1 } });
    expect(configuration).toMatchObject({ '/configuration/Timezone': 'Asia/Tokyo', '/configuration/Mine': 1 });
  });
});

test('a cluster of another stack is described by its attributes', () => {
  const stack = new Stack(new App(), 'Stack');
  const vpc = ec2.Vpc.fromVpcAttributes(stack, 'Vpc', { vpcId: 'vpc-1', availabilityZones: ['a'], privateSubnetIds: ['subnet-1'] });
  const cluster = Cluster.fromClusterAttributes(stack, 'Cluster', {
    clusterId: 'lab',
    vpc,
    waitForStacks: ['network'],
    fileSystems: [nfs('/apps')],
  });
  expect(cluster.clusterId).toBe('lab');
  expect(cluster.vpc).toBe(vpc);
  expect(cluster.waitForStacks).toEqual(['network']);
  expect(cluster.configuration['/configuration/AppsPath']).toBe('/apps');
});

describe('what is refused', () => {
  test.each(['UTC', 'Etc/GMT+1', 'US/Pacific', 'America/Port-au-Prince', 'America/Argentina/Buenos_Aires', 'Asia/Kolkata', 'GB'])(
    'time zone %s',
    (timezone) => {
      expect(clusterWith({ timezone }).configuration['/configuration/Timezone']).toBe(timezone);
    },
  );

  test.each(['desktop', 'desktops', 'my-desktops', 'desktop-lab'])('clusterId %s', (clusterId) => {
    expect(clusterWith({ clusterId }).clusterId).toBe(clusterId);
  });

  test.each<[string, Partial<ClusterOptions> & { clusterId?: string }, RegExp]>([
    ['clusterId with a blank', { clusterId: 'a b' }, /clusterId of 1 to 32 letters, digits and hyphens.*got 'a b' \(at Stack\/Cluster\)/],
    ['clusterId that starts with a digit', { clusterId: '1a' }, /got '1a'/],
    ['clusterId of 33 characters', { clusterId: 'a'.repeat(33) }, /1 to 32/],
    // The permissions of cluster lab are those of stacks lab-desktop-*.
    ['clusterId that is that of desktops', { clusterId: 'lab-desktop' }, /without -desktop- in it.*got 'lab-desktop'/],
    ['clusterId with that of desktops', { clusterId: 'lab-desktop-2' }, /got 'lab-desktop-2'/],
    ['clusterId that is a token', { clusterId: Aws.STACK_NAME }, /got a token; pass a plain string/],
    ['two file systems with one path', { fileSystems: [nfs('/data', 'a'), nfs('/data', 'b')] }, /own mountPath, got '\/data' twice/],
    ['two file systems with one name', { fileSystems: [nfs('/a', 'x'), nfs('/b', 'x')] }, /own name, got 'x' twice/],
    [
      'appsPath that nothing is mounted at',
      { appsPath: '/apps', fileSystems: [nfs('/data')] },
      /mount path of a shared file system \(\/data\), got '\/apps'/,
    ],
    ['a time zone with a blank', { timezone: 'Europe/New York' }, /time zone by its IANA name.*got 'Europe\/New York'/],
    ['a time zone that does not exist', { timezone: 'Europe/Berln' }, /got 'Europe\/Berln'/],
    ['a time zone in lower case, which no file of the node has', { timezone: 'europe/berlin' }, /got 'europe\/berlin'/],
    ['a time zone that is an offset', { timezone: '+01:00' }, /got '\+01:00'/],
    ['a time zone that is a token', { timezone: Aws.REGION }, /time zone/],
    ['a proxy with a password', { proxy: { httpProxy: 'http://u:p@proxy:3128' } }, /without a user or password/],
    ['a proxy that is a token', { proxy: { httpsProxy: `http://${Aws.REGION}` } }, /httpsProxy to be known at synth/],
    ['noProxy with a blank', { proxy: { noProxy: ['a b'] } }, /noProxy, got 'a b'/],
    ['no time to wait for stacks', { waitForStacksTimeout: Duration.seconds(0) }, /waitForStacksTimeout of at least one second/],
    ['the name of a stack with a slash', { waitForStacks: ['a/b'] }, /waitForStacks, got 'a\/b'/],
  ])('%s', (_, options, message) => {
    expect(() => clusterWith(options)).toThrow(message);
  });
});

describe('shared file systems', () => {
  const stack = new Stack(new App(), 'Stack');
  const vpc = new ec2.Vpc(stack, 'Vpc');

  test('EFS is mounted from its own DNS name with the recommended options', () => {
    const fileSystem = new efs.FileSystem(stack, 'Efs', { vpc });
    const context = SharedFileSystem.efs({
      fileSystem,
      mountPath: '/home',
      timeout: Duration.minutes(2),
      onFailure: MountFailureAction.IGNORE,
    })._context();
    expect(stack.resolve(context)).toMatchObject({
      name: 'home',
      provider: 'efs',
      mount_path: '/home',
      export_path: '/',
      mount_options: expect.stringContaining('nfsvers=4.1') as string,
      on_failure: 'ignore',
      timeout_seconds: 120,
      mount_target: {
        'Fn::Join': [
          '',
          [
            { Ref: stack.getLogicalId(fileSystem.node.defaultChild as efs.CfnFileSystem) },
            '.efs.',
            { Ref: 'AWS::Region' },
            '.',
            { Ref: 'AWS::URLSuffix' },
          ],
        ],
      },
    });
  });

  test('NFS from any server, also one that a token names', () => {
    const server = new CfnParameter(stack, 'Server').valueAsString;
    expect(SharedFileSystem.nfs({ server, exportPath: '/export/x', mountPath: '/proj/x', mountOptions: 'ro' })._context()).toMatchObject({
      name: 'proj-x',
      provider: 'nfs',
      mount_target: server,
      export_path: '/export/x',
      mount_options: 'ro',
      on_failure: 'fail',
      timeout_seconds: 600,
    });
  });

  test.each<[string, object, RegExp]>([
    ['a relative mount path', { mountPath: 'data' }, /mount path known at synth.*got 'data'/],
    ['a mount path with ..', { mountPath: '/a/../b' }, /mount path/],
    ['a mount path with a blank', { mountPath: '/a b' }, /mount path/],
    ['the root as mount path', { mountPath: '/' }, /mount path/],
    ['a mount path that is a token', { mountPath: `/${Aws.REGION}` }, /mount path .*, got a token;/],
    ['a name with a slash', { mountPath: '/a', name: 'a/b' }, /name of letters.*got 'a\/b'/],
    ['options with a blank', { mountPath: '/a', mountOptions: 'ro, hard' }, /mount options/],
    ['options with a comment sign', { mountPath: '/a', mountOptions: 'ro#' }, /mount options/],
    ['an export path with a blank', { mountPath: '/a', exportPath: '/a b' }, /export path/],
    ['a server with a blank', { mountPath: '/a', server: 'a b' }, /NFS server, got 'a b'/],
    ['a timeout of zero', { mountPath: '/a', timeout: Duration.seconds(0) }, /timeout of at least one second/],
  ])('%s is refused', (_, options, message) => {
    expect(() => SharedFileSystem.nfs({ server: 'nfs', mountPath: '/x', ...options })).toThrow(message);
  });
});
