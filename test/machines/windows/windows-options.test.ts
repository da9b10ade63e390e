import * as path from 'path';
import { App, SecretValue, Stack } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as logs from 'aws-cdk-lib/aws-logs';
import * as s3 from 'aws-cdk-lib/aws-s3';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import {
  AwsCli,
  CloudWatchAgent,
  Cluster,
  type ClusterOptions,
  ConsoleLogin,
  DcvAccess,
  DownloadSource,
  GpuDriver,
  LoginMethod,
  NodeOs,
  NodeUserData,
  SignalAuthentication,
  VirtualDesktopNode,
  type VirtualDesktopNodeProps,
} from '../../../lib';
import { ConstructError } from '../../../lib/construct-error';
import { describePowerShell, POWERSHELL_FOLDER, runPowerShell } from '../../powershell';
import { writeFiles } from '../../write-files';

interface Given {
  readonly cluster?: Partial<ClusterOptions>;
  readonly node?: Partial<VirtualDesktopNodeProps>;
  readonly commands?: readonly string[];
}

const SHA256 = '5'.repeat(64);
const secretOf = (stack: Stack, id: string): secretsmanager.ISecret =>
  new secretsmanager.Secret(stack, id, { secretStringValue: SecretValue.unsafePlainText('of a test') });
const gridFor = (os: NodeOs): GpuDriver =>
  os === NodeOs.WINDOWS_2019
    ? GpuDriver.nvidiaGrid({ release: '18.4', version: '573.48', sha256: SHA256, url: 'https://files.example.com/grid-2019.exe' })
    : GpuDriver.nvidiaGrid();

/** Everything that scripts of a Windows desktop go by. */
const OPTIONS: { readonly [name: string]: (stack: Stack, os: NodeOs) => Given } = {
  proxy: () => ({ cluster: { proxy: { httpsProxy: 'http://proxy.example.com:3129', noProxy: ['.example.com'] } } }),
  stacks: () => ({ cluster: { waitForStacks: ['network', 'licences'] } }),
  'time zone': () => ({ cluster: { timezone: 'Europe/Paris' } }),
  'log group': (stack) => ({ cluster: { logGroup: new logs.LogGroup(stack, 'Logs') } }),
  owner: () => ({ node: { sessionOwner: 'alice' } }),
  'password from a secret': (stack) => ({ node: { sessionOwner: 'alice', loginWith: LoginMethod.secret(secretOf(stack, 'Password')) } }),
  'nobody sets a password': () => ({ node: { loginWith: LoginMethod.unmanaged() } }),
  'no guard': () => ({ node: { metadataGuard: false } }),
  'signals of the role': () => ({ node: { signalWith: SignalAuthentication.ROLE } }),
  'no AWS CLI': () => ({ node: { awsCli: AwsCli.none() } }),
  'AWS CLI by signature': () => ({ node: { awsCli: AwsCli.signed({ version: '2.37.8' }) } }),
  'CloudWatch agent': (stack) => ({
    node: { logGroup: new logs.LogGroup(stack, 'AgentLogs'), cloudWatchAgent: CloudWatchAgent.signed() },
  }),
  'driver of NVIDIA and its metrics': (stack, os) => ({
    node: {
      instanceType: new ec2.InstanceType('g5.xlarge'),
      gpuDriver: gridFor(os),
      logGroup: new logs.LogGroup(stack, 'GpuLogs'),
      cloudWatchAgent: CloudWatchAgent.signed({ gpuMetrics: true }),
    },
  }),
  'driver of AMD': () => ({
    node: {
      instanceType: new ec2.InstanceType('g4ad.xlarge'),
      gpuDriver: GpuDriver.amd({ file: { version: '24.20', url: 'https://files.example.com/amd.zip', sha256: SHA256 } }),
    },
  }),
  'automatic logon': () => ({ node: { consoleLogin: ConsoleLogin.AUTOMATIC } }),
  'no lock': () => ({ node: { lockOnDisconnect: false } }),
  'options of DCV': () => ({
    node: {
      dcv: {
        quic: false,
        permissions: { clipboardCopy: false, fileDownload: false, printer: true },
        collaborators: [{ user: 'bob', access: DcvAccess.VIEW }],
        webClientMaxResolution: { width: 1920, height: 1080 },
        maxConcurrentClients: 2,
        sessionStorage: 'transfer',
      },
    },
  }),
  certificate: (stack) => ({ node: { dcv: { certificateSecret: secretOf(stack, 'Certificate') } } }),
  'packages of DCV in S3': (stack) => ({
    node: { dcvSource: DownloadSource.s3(s3.Bucket.fromBucketName(stack, 'Packages', 'packages-of-a-test'), 'dcv') },
  }),
  'name of the computer': () => ({ node: { platform: { hostname: 'desk' } } }),
  'owner as administrator': () => ({ node: { ownerIsAdministrator: true } }),
  'added commands': () => ({ commands: ['Write-Output here'] }),
};

/** Texts of the scripts of a node that has the options, by their names. */
function scriptsOf(os: NodeOs, names: readonly string[]): { [name: string]: string } {
  const stack = new Stack(new App(), 'Stack');
  const vpc = ec2.Vpc.fromVpcAttributes(stack, 'Vpc', {
    vpcId: 'vpc-11111111',
    availabilityZones: ['a'],
    privateSubnetIds: ['subnet-11111111'],
  });
  const given = names.map((name) => OPTIONS[name](stack, os));
  const cluster = new Cluster(stack, 'Cluster', Object.assign({ clusterId: 'lab', vpc }, ...given.map((each) => each.cluster)) as never);
  const node = new VirtualDesktopNode(stack, 'Node', Object.assign({ cluster, os }, ...given.map((each) => each.node)) as never);
  given.forEach(({ commands }) => node.userData.addCommands(...(commands ?? [])));
  const { userData, files } = NodeUserData.fromNode(node);
  return { ...files, 'user_data.ps1': userData.replace(/^<powershell>\n/, '').replace(/\n<\/powershell>[^]*$/, '\n') };
}

const names = Object.keys(OPTIONS);
const pairs = names.flatMap((first, index) => names.slice(index + 1).map((second) => [first, second]));

describePowerShell('scripts of a Windows desktop with each option, and with each two', () => {
  test('are understood by PowerShell, and obey the rules', () => {
    const texts = new Map<string, string>();
    const refused: string[] = [];
    const add = (os: NodeOs, options: readonly string[]): void => {
      try {
        for (const [name, text] of Object.entries(scriptsOf(os, options))) {
          // What is the same in two nodes is looked at once.
          texts.set(text, texts.get(text) ?? `${[os.name, ...options].join('-').replaceAll(' ', '_')}/${name}`);
        }
      } catch (error) {
        if (!(error instanceof ConstructError)) throw error;
        refused.push(`${os.name}: ${options.join(', ')}: ${error.code}`);
      }
    };
    for (const os of [NodeOs.WINDOWS_2019, NodeOs.WINDOWS_2022, NodeOs.WINDOWS_2025]) {
      add(os, []);
      names.forEach((name) => add(os, [name]));
    }
    pairs.forEach((pair) => add(NodeOs.WINDOWS_2022, pair));

    const output = runPowerShell(
      `$files = (Get-ChildItem -Recurse -Filter *.ps1).FullName | Resolve-Path -Relative
      & '${POWERSHELL_FOLDER}/check-windows-powershell.ps1' $files
      & '${path.join(__dirname, 'house-rules.ps1')}' $files`,
      writeFiles(Object.fromEntries([...texts].map(([text, name]) => [name, text]))),
    );
    expect(output.split('\n').filter((line) => line !== '')).toEqual([]);
    expect(texts.size).toBeGreaterThan(100);
    expect(refused).toMatchInlineSnapshot(`
     [
       "windows2025: driver of AMD: UnsupportedGpuDriver",
       "windows2022: nobody sets a password, automatic logon: LoginMethodConflict",
       "windows2022: driver of NVIDIA and its metrics, driver of AMD: GpuMetricsUnavailable",
     ]
    `);
  }, 300_000);
});
