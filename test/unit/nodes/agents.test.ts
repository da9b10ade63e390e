import { App, Aws, Stack, Token } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as efs from 'aws-cdk-lib/aws-efs';
import * as logs from 'aws-cdk-lib/aws-logs';
import {
  AwsCli,
  CloudWatchAgent,
  Cluster,
  ClusterNode,
  type ClusterNodeProps,
  GpuDriver,
  NodeOs,
  NodeType,
  NodeUserData,
  SharedFileSystem,
  VirtualDesktopNode,
  type VirtualDesktopNodeProps,
} from '../../../lib';
import { bootstrapStatements, FixedImage, sampleCluster } from '../../sample-cluster';

type Props = Partial<ClusterNodeProps>;
const KEY = {
  fingerprint: 'AB'.repeat(20),
  publicKey: '-----BEGIN PGP PUBLIC KEY BLOCK-----\n\nbmV3\n-----END PGP PUBLIC KEY BLOCK-----\n',
};

function nodeWith(props: Props = {}) {
  const { stack, cluster } = sampleCluster();
  const node = new ClusterNode(stack, 'Node', {
    cluster,
    nodeType: NodeType.COMPUTE_NODE,
    os: NodeOs.ROCKY_9,
    machineImage: new FixedImage(),
    ...props,
  });
  return { stack: Stack.of(node), node, install: node.bundle.files['setup.install.sh'], userData: NodeUserData.fromNode(node).userData };
}

describe('AWS CLI', () => {
  const file = { version: '2.99.1', url: 'https://files.example.com/awscli.zip', sha256: 'AB'.repeat(32) };

  test.each<[string, NodeOs, AwsCli | undefined, RegExp]>([
    ['by itself', NodeOs.ROCKY_9, undefined, /https:\/\/awscli\.amazonaws\.com\/awscli-exe-linux-x86_64-2\.36\.7\.zip/],
    ['by itself', NodeOs.AMAZON_LINUX_2023, undefined, /install_packages "awscli-2"/],
    [
      'in another version',
      NodeOs.UBUNTU_24_04,
      AwsCli.signed({ version: '2.99.1' }),
      /awscli-exe-linux-x86_64-2\.99\.1\.zip[^]*FB5DB77FD5C118B80511ADA8A6310ACC4672475C/,
    ],
    ['in another version', NodeOs.AMAZON_LINUX_2023, AwsCli.signed({ version: '2.99.1', signingKey: KEY }), /-2\.99\.1\.zip[^]*(AB){20}/],
    ['from elsewhere', NodeOs.AMAZON_LINUX_2023, AwsCli.fromFile(file), /(ab){32}/],
  ])('is installed %s on %s', (_, os, awsCli, text) => {
    expect(nodeWith({ os, awsCli }).install).toMatch(text);
  });

  test.each<[string, NodeOs, AwsCli | undefined]>([
    ['where nobody wants it', NodeOs.ROCKY_9, AwsCli.none()],
    ['on Amazon Linux 2', NodeOs.AMAZON_LINUX_2, undefined],
  ])('is not installed %s', (_, os, awsCli) => {
    expect(nodeWith({ os, awsCli }).install).not.toMatch(/install_aws_cli|awscli/);
  });

  test('another mirror makes it no other install', () => {
    const from = (url: string) => nodeWith({ awsCli: AwsCli.fromFile({ ...file, url }) });
    const [one, other] = [from(file.url), from('https://mirror.example.com/x.zip')];
    expect(one.install).toBe(other.install);
    expect(one.userData).toContain(`VALUE_SYSTEM_AWS_CLI_URL=${Buffer.from(file.url).toString('base64')}\n`);
  });

  test.each<[string, Props, string, RegExp]>([
    [
      'an address without TLS',
      { awsCli: AwsCli.fromFile({ ...file, url: 'http://x/a.zip' }) },
      'InvalidVerifiedFile',
      /https address that ends with .zip/,
    ],
    [
      'an address that is a token',
      { awsCli: AwsCli.fromFile({ ...file, url: Aws.REGION }) },
      'InvalidVerifiedFile',
      /awsCli an https address .*, got a token; pass what is known at synth/,
    ],
    [
      'no checksum',
      { awsCli: AwsCli.fromFile({ ...file, sha256: '' }) },
      'InvalidVerifiedFile',
      /64 hexadecimal digits in sha256, got ''; pass what sha256sum prints/,
    ],
    [
      'a package of another system',
      { os: NodeOs.UBUNTU_24_04, efsUtils: { ...file, url: 'https://x/a.rpm' } },
      'InvalidVerifiedFile',
      /efsUtils an https address that ends with \.deb, got 'https:\/\/x\/a\.rpm'; name the file for the system/,
    ],
    [
      'an agent of another system',
      { os: NodeOs.UBUNTU_24_04, cloudWatchAgent: CloudWatchAgent.fromFile({ ...file, url: 'https://x/a.rpm' }) },
      'InvalidVerifiedFile',
      /cloudWatchAgent an https address that ends with \.deb/,
    ],
    ['an agent and no log group', { cloudWatchAgent: CloudWatchAgent.signed() }, 'UnusedOption', /no cloudWatchAgent .*; pass logGroup/],
    [
      'efsUtils for nothing',
      { efsUtils: { ...file, url: 'https://x/a.rpm' } },
      'UnusedOption',
      /no efsUtils .* no file system .* tls or iam .*; leave it out/,
    ],
    [
      'a version that moves',
      { awsCli: AwsCli.signed({ version: 'latest' }) },
      'InvalidVerifiedFile',
      /a version such as 2.36.7.*got 'latest'/,
    ],
    ['version 1', { awsCli: AwsCli.signed({ version: '1.33.0' }) }, 'InvalidVerifiedFile', /got '1.33.0'/],
    [
      'a key by its last digits',
      { awsCli: AwsCli.signed({ version: '2.36.7', signingKey: { ...KEY, fingerprint: '4672475C' } }) },
      'InvalidSigningKey',
      /awsCli\.signingKey a whole fingerprint .*got '4672475C'; pass all/,
    ],
    ['a system that gets none', { os: NodeOs.AMAZON_LINUX_2, awsCli: AwsCli.standard() }, 'UnsupportedOnOs', /no awsCli on amazonlinux2/],
  ])('is refused with %s', (_, props, code, message) => {
    expect(() => nodeWith(props)).toThrow(expect.objectContaining({ code, message: expect.stringMatching(message) as string }) as Error);
  });
});

describe('log group', () => {
  function withGroup(props: Props = {}, ofCluster = true) {
    const made = (scope: Stack) => ({ logGroup: new logs.LogGroup(scope, 'Logs') });
    const { stack, cluster } = sampleCluster({}, ofCluster ? made : undefined);
    const own = ofCluster ? {} : made(stack);
    const given = { cluster, nodeType: NodeType.COMPUTE_NODE, os: NodeOs.ROCKY_9, machineImage: new FixedImage() };
    const node = new ClusterNode(stack, 'Node', { ...given, ...own, ...props });
    return { stack, node, files: node.bundle.files };
  }
  const logStatements = (stack: Stack) =>
    bootstrapStatements(Template.fromStack(stack)).filter(({ Action }) => /logs:/.test(String(Action)));

  test.each([true, false])('of the cluster (%s) or the node: three actions on it alone, its name to the runner, an agent', (ofCluster) => {
    const { stack, node, files } = withGroup({}, ofCluster);
    expect(logStatements(stack)).toEqual([
      {
        Action: ['logs:CreateLogStream', 'logs:PutLogEvents', 'logs:DescribeLogStreams'],
        Effect: 'Allow',
        Resource: { 'Fn::GetAtt': [expect.stringMatching(/^Logs/) as string, 'Arn'] },
      },
    ]);
    expect(files['runner.sh']).toContain('group="${VALUE_CONFIGURATION_LOG_GROUP}"');
    expect(NodeUserData.fromNode(node).userData).toContain('VALUE_CONFIGURATION_LOG_GROUP=');
    expect(files['setup.install.sh']).toContain('937616F3450B7D806CBD9725D58167303B789C72');
    expect(files['setup.sh']).toContain(`configure_cloudwatch_agent ''\n`);
  });

  test('without one there is no permission and no agent', () => {
    const { stack, node } = nodeWith();
    expect(logStatements(stack)).toEqual([]);
    expect(node.bundle.files['setup.sh']).not.toContain('configure_cloudwatch_agent');
    expect(node.bundle.files['runner.sh']).toContain('ship_logs() { return 0; }');
  });

  test.each<[string, Props]>([
    ['nobody wants it', { cloudWatchAgent: CloudWatchAgent.none() }],
    ['the system is out of support', { os: NodeOs.AMAZON_LINUX_2 }],
  ])('has no agent where %s, and the logs of the bootstrap all the same', (_, props) => {
    const { stack, files } = withGroup(props);
    expect(files['setup.install.sh'] + files['setup.sh']).not.toMatch(/cloudwatch_agent/);
    expect(files['runner.sh']).toContain('aws_change logs ');
    expect(logStatements(stack).map(({ Action }) => Action)).toEqual([['logs:CreateLogStream', 'logs:PutLogEvents']]);
  });

  describe('with metrics of GPUs', () => {
    const gpuMetrics = CloudWatchAgent.signed({ gpuMetrics: true });
    const type = (name: string) => new ec2.InstanceType(name);
    const package_ = { version: '1.300', url: 'https://files.example.com/agent.rpm', sha256: 'AB'.repeat(32) };
    const allowed = (stack: Stack) =>
      bootstrapStatements(Template.fromStack(stack)).filter(({ Action }) => String(Action).includes('cloudwatch:'));

    test.each<[string, Props]>([
      ['a GPU of NVIDIA', { cloudWatchAgent: gpuMetrics, instanceType: type('g4dn.xlarge') }],
      [
        'a package of its own',
        { cloudWatchAgent: CloudWatchAgent.fromFile(package_, { gpuMetrics: true }), instanceType: type('g5.xlarge') },
      ],
      [
        'a new family',
        {
          cloudWatchAgent: gpuMetrics,
          instanceType: type('g9.xlarge'),
          gpuDriver: GpuDriver.nvidiaDataCenter({ families: ['g9'] }),
        },
      ],
      [
        'a type that is a token',
        { cloudWatchAgent: gpuMetrics, instanceType: type(Token.asString({ Ref: 'Type' })), architecture: ec2.InstanceArchitecture.X86_64 },
      ],
    ])('a node with %s may send them, to one namespace, when its driver is there', (_, props) => {
      const { stack, files } = withGroup(props);
      expect(allowed(stack)).toEqual([
        {
          Action: 'cloudwatch:PutMetricData',
          Effect: 'Allow',
          Resource: '*',
          Condition: { StringEquals: { 'cloudwatch:namespace': 'CWAgent' } },
        },
      ]);
      expect(files['setup.sh']).not.toContain('nvidia_gpu');
      expect(files['setup_post_reboot.sh']).toMatch(/"namespace": "%s".*"CWAgent"[^]*"nvidia_gpu"[^]*\n {2}send_gpu_metrics\n/);
    });

    test('a node that was not told to sends none and may not', () => {
      const { stack, files } = withGroup({ instanceType: type('g4dn.xlarge') });
      expect(allowed(stack)).toEqual([]);
      expect(files['setup_post_reboot.sh']).not.toContain('cloudwatch');
    });

    test.each<[string, Props, RegExp]>([
      ['no GPU', { instanceType: type('m7i.large') }, /an instance type with a GPU of NVIDIA, got m7i.large; change instanceType/],
      ['no type at all', {}, /an instance type with a GPU of NVIDIA, got none;/],
      [
        'no driver',
        { instanceType: type('g4dn.xlarge'), gpuDriver: GpuDriver.none() },
        /a driver of NVIDIA, got none; change gpuDriver, or leave gpuMetrics out/,
      ],
      ['a GPU of AMD', { instanceType: type('g4ad.xlarge') }, /an instance type with a GPU of NVIDIA, got g4ad.xlarge;/],
    ])('%s is an error', (_, props, message) => {
      expect(() => withGroup({ cloudWatchAgent: gpuMetrics, ...props })).toThrow(
        expect.objectContaining({ code: 'GpuMetricsUnavailable', message: expect.stringMatching(message) as string }) as Error,
      );
    });

    test.each<[string, Props, string]>([
      ['no log group, and so no agent', {}, 'UnusedOption'],
      ['a system that gets no agent', { os: NodeOs.AMAZON_LINUX_2 }, 'UnsupportedOnOs'],
    ])('%s is an error', (_, props, code) => {
      const make = () => nodeWith({ cloudWatchAgent: gpuMetrics, instanceType: type('g4dn.xlarge'), ...props });
      expect(make).toThrow(expect.objectContaining({ code }) as Error);
    });
  });

  describe('on Windows', () => {
    function desktop(props: Partial<VirtualDesktopNodeProps> = {}, ofCluster = true) {
      const { stack, vpc } = sampleCluster();
      const logGroup = ofCluster ? new logs.LogGroup(stack, 'Logs') : undefined;
      const cluster = new Cluster(stack, 'Logging', { clusterId: 'lab', vpc, logGroup });
      const node = new VirtualDesktopNode(stack, 'Windows', { cluster, os: NodeOs.WINDOWS_2022, ...props });
      return { stack, files: node.bundle.files };
    }
    const package_ = { version: '1.300', url: 'https://files.example.com/agent.msi', sha256: 'AB'.repeat(32) };
    const g4dn = { instanceType: new ec2.InstanceType('g4dn.xlarge'), gpuDriver: GpuDriver.nvidiaGrid() };

    test('of the cluster: three actions on it alone, its name to the runner, an agent by its publisher', () => {
      const { stack, files } = desktop();
      expect(logStatements(stack).map(({ Action }) => Action)).toEqual([
        ['logs:CreateLogStream', 'logs:PutLogEvents', 'logs:DescribeLogStreams'],
      ]);
      expect(files['runner.ps1']).toContain('    Send-LogFile -State $State\n');
      expect(files['setup.ps1']).toContain('  Set-CloudWatchConfiguration\n');
      expect(files['setup.install.ps1']).toContain(`-Signer @("Amazon Web Services, Inc.", "Amazon.com Services LLC")`);
    });

    test('without one there is no permission and no agent, and that of an image is told so', () => {
      const { stack, files } = desktop({}, false);
      expect(logStatements(stack)).toEqual([]);
      expect(files['setup.ps1']).toContain('  Remove-CloudWatchConfiguration\n');
      expect(files['setup.install.ps1'] + files['runner.ps1']).not.toMatch(/CloudWatch|Send-LogFile/);
    });

    test('an agent of your own, or none', () => {
      const own = desktop({ cloudWatchAgent: CloudWatchAgent.fromFile(package_) });
      expect(own.files['setup.install.ps1']).toContain(`-Sha256 "${'ab'.repeat(32)}"`);
      const none = desktop({ cloudWatchAgent: CloudWatchAgent.none() });
      expect(logStatements(none.stack).map(({ Action }) => Action)).toEqual([['logs:CreateLogStream', 'logs:PutLogEvents']]);
      expect(none.files['setup.install.ps1']).not.toContain('CloudWatch');
    });

    test('metrics of GPUs come from a task of the library', () => {
      const { stack, files } = desktop({ ...g4dn, cloudWatchAgent: CloudWatchAgent.signed({ gpuMetrics: true }) });
      expect(bootstrapStatements(Template.fromStack(stack)).filter(({ Action }) => /cloudwatch:/.test(String(Action)))).toHaveLength(1);
      expect(files['gpu_metrics.ps1']).toContain(`Namespace = "CWAgent"`);
      expect(files['setup_post_reboot.ps1']).toContain('Start-GpuMetric\n');
      expect(desktop(g4dn).files['gpu_metrics.ps1']).toBeUndefined();
    });

    test.each<[string, Partial<VirtualDesktopNodeProps>, string, RegExp]>([
      [
        'a package of Linux',
        { cloudWatchAgent: CloudWatchAgent.fromFile({ ...package_, url: 'https://x/a.rpm' }) },
        'InvalidVerifiedFile',
        /ends with \.msi/,
      ],
      ['a CLI of Linux', { awsCli: AwsCli.fromFile({ ...package_, url: 'https://x/a.zip' }) }, 'InvalidVerifiedFile', /ends with \.msi/],
      [
        'a PGP key',
        { cloudWatchAgent: CloudWatchAgent.signed({ signingKey: KEY }) },
        'UnusedOption',
        /no cloudWatchAgent\.signingKey on windows2022/,
      ],
      [
        'another',
        { awsCli: AwsCli.signed({ version: '2.99.1', signingKey: KEY }) },
        'UnusedOption',
        /no awsCli\.signingKey on windows2022/,
      ],
    ])('%s is an error', (_, props, code, message) => {
      expect(() => desktop(props)).toThrow(expect.objectContaining({ code, message: expect.stringMatching(message) as string }) as Error);
    });

    test.each<[string, AwsCli | undefined, RegExp]>([
      ['by itself', undefined, /AWSCLIV2-2\.36\.7\.msi[^]*6019a077650a[^]*\nInstall-OptionalAwsCli\n/],
      ['when it is asked for', AwsCli.standard(), /6019a077650a[^]*\nInstall-AwsCli\n/],
      ['in another version', AwsCli.signed({ version: '2.99.1' }), /AWSCLIV2-2\.99\.1\.msi[^]*-Signer @\("Amazon Web/],
      ['from elsewhere', AwsCli.fromFile(package_), /(ab){32}/],
    ])('AWS CLI is installed %s', (_, awsCli, text) => {
      expect(desktop({ awsCli }, false).files['setup.install.ps1']).toMatch(text);
    });

    test('AWS CLI is not installed where nobody wants it', () => {
      expect(desktop({ awsCli: AwsCli.none() }, false).files['setup.install.ps1']).toBeUndefined();
    });
  });

  test('of another Region is refused', () => {
    const app = new App();
    const there = new Stack(app, 'There', { env: { account: '111122223333', region: 'us-east-1' } });
    const here = new Stack(app, 'Here', { env: { account: '111122223333', region: 'eu-central-1' } });
    const { cluster } = sampleCluster();
    const logGroup = logs.LogGroup.fromLogGroupName(there, 'Logs', 'x');
    const make = () => new ClusterNode(here, 'Node', { cluster, os: NodeOs.UBUNTU_24_04, nodeType: NodeType.COMPUTE_NODE, logGroup });
    expect(make).toThrow(
      expect.objectContaining({
        code: 'LogGroupElsewhere',
        message: expect.stringMatching(/of the Region of the node, eu-central-1, got one of us-east-1;/) as string,
      }) as Error,
    );
  });
});

describe('amazon-efs-utils', () => {
  const utils = { version: '3.2.0', url: 'https://files.example.com/amazon-efs-utils.rpm', sha256: 'cd'.repeat(32) };
  function mounting(mountOptions: string | undefined, props: Props) {
    const { stack, cluster } = sampleCluster({}, (scope, vpc) => ({
      fileSystems: [SharedFileSystem.efs({ fileSystem: new efs.FileSystem(scope, 'Efs', { vpc }), mountPath: '/apps', mountOptions })],
    }));
    const given = { cluster, nodeType: NodeType.COMPUTE_NODE, os: NodeOs.ROCKY_9, machineImage: new FixedImage() };
    return new ClusterNode(stack, 'Node', { ...given, ...props });
  }

  test.each(['tls', 'tls,iam', 'nfsvers=4.1,tls,noresvport'])('is asked for at synth where a file system has %s', (options) => {
    expect(() => mounting(options, {})).toThrow(
      expect.objectContaining({
        code: 'EfsUtilsRequired',
        message: expect.stringMatching(/\/apps is mounted with tls or iam and rocky9 has no package/) as string,
      }) as Error,
    );
  });

  test('is the package that is given, that of Amazon Linux, or none', () => {
    const install = (options: string | undefined, props: Props) => mounting(options, props).bundle.files['setup.install.sh'];
    expect(install('tls', { efsUtils: utils })).toContain(utils.sha256);
    expect(install('tls', { os: NodeOs.AMAZON_LINUX_2023 })).toContain('install_packages amazon-efs-utils');
    expect(install(undefined, {})).not.toContain('efs-utils');
  });
});
