import { CfnParameter, Fn, type Stack } from 'aws-cdk-lib';
import { Annotations, Match, Template } from 'aws-cdk-lib/assertions';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as s3 from 'aws-cdk-lib/aws-s3';
import {
  ClusterNode,
  DcvSessionType,
  GpuDriver,
  LoginMethod,
  NodeOs,
  NodeOsFamily,
  NodeType,
  NodeUserData,
  VirtualDesktopNode,
} from '../../../lib';
import { driverProblem } from '../../../lib/nodes/private/gpu-checks';
import { GPU_FAMILIES, releaseProblem } from '../../../lib/nodes/private/gpu-families';
import { OPEN_DRIVER_REPOSITORIES } from '../../../lib/nodes/private/gpu-repositories';
import { bootstrapStatements, FixedImage, sampleCluster } from '../../sample-cluster';

const HASH = 'a'.repeat(64);
const GRID = GpuDriver.nvidiaGrid({ release: '19.4', version: '580.126.09', sha256: HASH });
const AMD = GpuDriver.amd({ file: { version: '6.2.3', url: 'https://example.com/amdgpu-install', sha256: HASH } });

interface Wanted {
  readonly os?: NodeOs;
  readonly type?: string;
  readonly architecture?: ec2.InstanceArchitecture;
  readonly gpuDriver?: GpuDriver;
  readonly sessionType?: DcvSessionType;
}

function desktopWith({ os = NodeOs.UBUNTU_24_04, type, architecture, gpuDriver, sessionType }: Wanted) {
  const { stack, cluster } = sampleCluster();
  const node = new VirtualDesktopNode(stack, 'Desktop', {
    cluster,
    os,
    gpuDriver,
    sessionType,
    architecture,
    instanceType: type === undefined ? undefined : new ec2.InstanceType(type),
    machineImage: os.family === NodeOsFamily.WINDOWS ? undefined : new FixedImage(),
    loginWith: LoginMethod.unmanaged(),
  });
  return { stack, node, files: node.bundle.files };
}

const warnings = (stack: Parameters<typeof Annotations.fromStack>[0]) =>
  Annotations.fromStack(stack)
    .findWarning('*', Match.anyValue())
    .map(({ entry }) => entry.data as string);
/** Of the error that it throws. */
function codeAndMessage(make: () => unknown): [string, string] {
  try {
    make();
  } catch (error) {
    const { code, message } = error as { readonly code: string; readonly message: string };
    return [code, message];
  }
  return ['none', ''];
}

const driverOf = (files: { readonly [name: string]: string }) => files['setup_post_reboot.install.sh'] ?? '';

describe('what is asked for', () => {
  test.each<[string, Wanted, RegExp]>([
    [
      'no GPU',
      { type: 'm7i.large', gpuDriver: GRID },
      /expected an instance type with a GPU for nvidia_grid, got m7i\.large; change instanceType/,
    ],
    ['no type', { gpuDriver: GpuDriver.nvidiaOpen() }, /got none, and the usual ones have no GPU/],
    ['GRID on arm64', { type: 'g5g.xlarge', gpuDriver: GRID }, /expected x86_64 with nvidia_grid, .* use GpuDriver\.nvidiaDataCenter\(\)/],
    ['GRID on data centre GPUs', { type: 'p4d.24xlarge', gpuDriver: GRID }, /a GPU that AWS names releases of GRID for, got one of A100/],
    [
      'an older GRID',
      { type: 'g6e.xlarge', gpuDriver: GpuDriver.nvidiaGrid({ release: '17.1', version: '550.54.14', sha256: HASH }) },
      /expected GRID 17\.4 or later for L40S, got 17\.1/,
    ],
    [
      'a later GRID than a part of a GPU takes',
      { type: 'g6f.xlarge', gpuDriver: GpuDriver.nvidiaGrid({ release: '20.2', version: '595.91.07', sha256: HASH }) },
      /expected GRID 19 or earlier for L4, got 20\.2/,
    ],
    [
      'open on Volta',
      { type: 'p3.2xlarge', gpuDriver: GpuDriver.nvidiaOpen() },
      /Turing generation or later .* got V100; use GpuDriver\.nvidiaDataCenter\(\)/,
    ],
    ['open on a part of a GPU', { type: 'gr6f.4xlarge', gpuDriver: GpuDriver.nvidiaOpen() }, /use GpuDriver\.nvidiaGrid\(\.\.\)/],
    ['data centre on a part', { type: 'g6f.xlarge', gpuDriver: GpuDriver.nvidiaDataCenter() }, /use GpuDriver\.nvidiaGrid/],
    [
      'a branch too early',
      { type: 'g7.2xlarge', gpuDriver: GpuDriver.nvidiaOpen() },
      /branch 595 or later .* got 580; give GpuDriver\.nvidiaOpen\(\{ branch \}\)/,
    ],
    [
      'Kepler',
      { type: 'p2.xlarge', gpuDriver: GpuDriver.nvidiaDataCenter() },
      /version 470 or earlier .* K80, got 580\.173\.02; give .* file/,
    ],
    [
      'open on arm64',
      { type: 'g5g.xlarge', gpuDriver: GpuDriver.nvidiaOpen() },
      /got ubuntu2404 on arm64; use GpuDriver\.nvidiaDataCenter/,
    ],
    ['AMD on NVIDIA', { type: 'g5.xlarge', gpuDriver: AMD }, /a driver for a GPU of nvidia \(A10G\), got amd/],
    [
      'NVIDIA on AMD',
      { type: 'g4ad.xlarge', gpuDriver: GRID },
      /a driver for a GPU of amd \(Radeon Pro V520\), got nvidia_grid; use GpuDriver\.amd/,
    ],
    [
      'AMD on Amazon Linux',
      { os: NodeOs.AMAZON_LINUX_2023, type: 'g4ad.xlarge', gpuDriver: AMD },
      /RHEL, Rocky Linux, Ubuntu\), got amazonlinux2023/,
    ],
    ['Amazon Linux 2', { os: NodeOs.AMAZON_LINUX_2, type: 'g5.xlarge', gpuDriver: GRID }, /amazonlinux2, which is out of support/],
    [
      'GRID on Windows without an address',
      { os: NodeOs.WINDOWS_2022, type: 'g5.xlarge', gpuDriver: GRID },
      /an address of the file of nvidia_grid on windows2022, .*; give url/,
    ],
    [
      "the library's GRID on 2019",
      { os: NodeOs.WINDOWS_2019, type: 'g5.xlarge', gpuDriver: GpuDriver.nvidiaGrid() },
      /release, version and sha256 with nvidia_grid on windows2019, .* give GpuDriver\.nvidiaGrid\(\{ release, version, sha256, url \}\)/,
    ],
    [
      'GRID of nobody on Linux',
      { type: 'g5.xlarge', gpuDriver: GpuDriver.nvidiaGrid() },
      /on ubuntu2404, .* got none; give GpuDriver\.nvidiaGrid\(\{ release, version, sha256 \}\)/,
    ],
    [
      "the library's GRID on a part of a GPU",
      { os: NodeOs.WINDOWS_2022, type: 'g6f.xlarge', gpuDriver: GpuDriver.nvidiaGrid() },
      /expected GRID 19 or earlier for L4, got 20\.2/,
    ],
    [
      'a driver that does not draw on Windows',
      { os: NodeOs.WINDOWS_2022, type: 'g5.xlarge', gpuDriver: GpuDriver.nvidiaDataCenter() },
      /a driver that draws on windows2022, got nvidia_data_center; use GpuDriver\.nvidiaGrid\(\)/,
    ],
    ['AMD on 2025', { os: NodeOs.WINDOWS_2025, type: 'g4ad.xlarge', gpuDriver: AMD }, /Windows Server 2019 and 2022\), got windows2025/],
    [
      'a package of AMD on Windows',
      {
        os: NodeOs.WINDOWS_2022,
        type: 'g4ad.xlarge',
        gpuDriver: GpuDriver.amd({ file: { version: '6.2.3', url: 'https://example.com/amdgpu-install.deb', sha256: HASH } }),
      },
      /a driver of AMD that ends with \.zip on windows2022, got another/,
    ],
  ])('%s is an error that says the way out', (_, wanted, message) => {
    expect(codeAndMessage(() => desktopWith(wanted))).toEqual(['UnsupportedGpuDriver', expect.stringMatching(message)]);
  });

  test.each<[string, GpuDriver, RegExp]>([
    ['release', GpuDriver.nvidiaGrid({ release: 'latest', version: '1', sha256: HASH }), /a release or branch such as 19\.4/],
    ['version', GpuDriver.nvidiaGrid({ release: '19.4', version: 'x', sha256: HASH }), /a version of digits and dots, got 'x'/],
    ['sha256', GpuDriver.nvidiaGrid({ release: '19.4', version: '1', sha256: '' }), /64 hexadecimal digits in sha256, got ''/],
    ['plain http', GpuDriver.nvidiaGrid({ release: '19.4', version: '1', sha256: HASH, url: 'http://a/b' }), /of the form https/],
    ['pattern', GpuDriver.nvidiaGrid({ release: '19.4', version: '1', sha256: HASH, url: 's3://bucket/*' }), /of the form https/],
    [
      'Region that is a token',
      GpuDriver.nvidiaGrid({ release: '19.4', version: '1', sha256: HASH, url: 's3://b/k', bucketRegion: Fn.ref('R') }),
      /a token; pass what is known/,
    ],
    ['region', GpuDriver.nvidiaGrid({ release: '19.4', version: '1', sha256: HASH, url: 's3://b/k', bucketRegion: 'here' }), /a Region/],
  ])('a file with a bad %s is one', (_, gpuDriver, message) => {
    expect(codeAndMessage(() => desktopWith({ type: 'g5.xlarge', gpuDriver }))).toEqual([
      'InvalidGpuDriver',
      expect.stringMatching(message),
    ]);
  });

  test.each(['us-gov-west-1', 'cn-north-1'])('the bucket of GRID, in %s, whose partition has none', (region) => {
    const { stack, cluster } = sampleCluster({ stackProps: { env: { account: '111122223333', region } } });
    const instanceType = new ec2.InstanceType('g4dn.xlarge');
    const props = { cluster, os: NodeOs.UBUNTU_24_04, nodeType: NodeType.COMPUTE_NODE, instanceType, machineImage: new FixedImage() };
    const error = codeAndMessage(() => new ClusterNode(stack, 'Node', { ...props, gpuDriver: GRID }));
    expect(error).toEqual(['UnsupportedGpuDriver', expect.stringMatching(new RegExp(`in ${region}, .*; give url`))]);
    const copy = GpuDriver.nvidiaGrid({ release: '19.4', version: '580.126.09', sha256: HASH, url: 's3://copies/nvidia.run' });
    expect(() => new ClusterNode(stack, 'Copy', { ...props, gpuDriver: copy })).not.toThrow();
  });

  test.each([NodeOs.ROCKY_9, NodeOs.RHEL_8])('a package of another format than that of %s is one', (os) => {
    const gpuDriver = GpuDriver.amd({ file: { version: '6.2.3', url: 'https://example.com/amdgpu-install.deb', sha256: HASH } });
    expect(codeAndMessage(() => desktopWith({ os, type: 'g4ad.xlarge', gpuDriver }))).toEqual([
      'UnsupportedGpuDriver',
      expect.stringMatching(/a package of AMD that ends with \.rpm on \w+, got another; name the one for/),
    ]);
  });

  describe('on Windows', () => {
    const readable = (stack: Stack) =>
      bootstrapStatements(Template.fromStack(stack)).filter((each) => /drivers/.test(JSON.stringify(each)));

    test('what the image has is installed by nobody, and without a word of the app that is a warning', () => {
      const told = desktopWith({ os: NodeOs.WINDOWS_2022, type: 'g5.xlarge', gpuDriver: GpuDriver.ofImage() });
      const untold = desktopWith({ os: NodeOs.WINDOWS_2022, type: 'g5.xlarge' });
      expect([told, untold].map(({ stack }) => warnings(stack).join())).toEqual([
        '',
        expect.stringMatching(/^g5 has a GPU .* give gpuDriver/),
      ]);
      for (const { stack, files } of [told, untold]) {
        expect(files['setup_post_reboot.install.ps1']).toBeUndefined();
        expect(readable(stack)).toEqual([]);
      }
    });

    test.each([NodeOs.WINDOWS_2022, NodeOs.WINDOWS_2025])("the library's GRID is the one file that a node of %s may read", (os) => {
      const { stack, files } = desktopWith({ os, type: 'g5.xlarge', gpuDriver: GpuDriver.nvidiaGrid() });
      expect(files['setup_post_reboot.install.ps1']).toContain('e847099942f9e17e859fc151e725aeab9d23639c54d976a651732691b5fca6a1');
      expect(readable(stack)).toEqual([
        {
          Action: 's3:GetObject',
          Effect: 'Allow',
          Resource: {
            'Fn::Join': [
              '',
              ['arn:', { Ref: 'AWS::Partition' }, expect.stringMatching(/:s3:::ec2-windows-nvidia-drivers\/grid-20\.2\/596\.86_.*\.exe$/)],
            ],
          },
        },
      ]);
    });

    test.each<[string, NodeOs, string, GpuDriver, string]>([
      [
        'GRID',
        NodeOs.WINDOWS_2019,
        'g4dn.xlarge',
        GpuDriver.nvidiaGrid({ release: '18.6', version: '573.96', sha256: HASH, url: 's3://ec2-windows-nvidia-drivers/grid-18.6/a.exe' }),
        's3://ec2-windows-nvidia-drivers/grid-18.6/a.exe?region=us-east-1',
      ],
      [
        'AMD',
        NodeOs.WINDOWS_2022,
        'g4ad.xlarge',
        GpuDriver.amd({ file: { version: '25.1', sha256: HASH, url: 's3://ec2-amd-windows-drivers/latest/AMD_GPU_WINDOWS_2K22/a.zip' } }),
        's3://ec2-amd-windows-drivers/latest/AMD_GPU_WINDOWS_2K22/a.zip?region=us-east-1',
      ],
      [
        'GRID',
        NodeOs.WINDOWS_2022,
        'g4dn.xlarge',
        GpuDriver.nvidiaGrid({ release: '20.2', version: '596.86', sha256: HASH, url: 's3://copies/a.exe', bucketRegion: 'eu-west-3' }),
        's3://copies/a.exe?region=eu-west-3',
      ],
    ])('a file of your own of %s on %s', (_, os, type, gpuDriver, address) => {
      const { node, files } = desktopWith({ os, type, gpuDriver });
      expect(files['setup_post_reboot.install.ps1']).toContain(HASH);
      expect(NodeUserData.fromNode(node).userData).toContain(`VALUE_SYSTEM_GPU_URL=${Buffer.from(address).toString('base64')}`);
    });
  });

  test('a branch where the repository has one alone is one', () => {
    const wanted = { os: NodeOs.AMAZON_LINUX_2023, type: 'g5.xlarge', gpuDriver: GpuDriver.nvidiaOpen({ branch: '580' }) };
    expect(codeAndMessage(() => desktopWith(wanted))).toEqual(['UnusedOption', expect.stringMatching(/no branch .* on amazonlinux2023/)]);
  });

  test('a new family is taken at its word', () => {
    const gpuDriver = GpuDriver.nvidiaOpen({ families: ['g9'] });
    expect(driverOf(desktopWith({ type: 'g9.xlarge', architecture: ec2.InstanceArchitecture.X86_64, gpuDriver }).files)).toContain(
      'linux-modules-nvidia-580-server-open-aws',
    );
  });

  test('an instance type that is a token is too', () => {
    const { stack, cluster } = sampleCluster();
    const type = new CfnParameter(stack, 'Type').valueAsString;
    const props = { cluster, os: NodeOs.UBUNTU_24_04, nodeType: NodeType.COMPUTE_NODE, architecture: ec2.InstanceArchitecture.X86_64 };
    const node = new ClusterNode(stack, 'Node', { ...props, instanceType: new ec2.InstanceType(type), gpuDriver: GRID });
    expect(driverOf(node.bundle.files)).toContain(HASH);
  });

  test('a virtual session does not share a GPU of AMD, nor one on arm64: a warning', () => {
    const amd = desktopWith({ type: 'g4ad.xlarge', gpuDriver: AMD });
    const arm = desktopWith({ type: 'g5g.xlarge', gpuDriver: GpuDriver.nvidiaDataCenter() });
    const console = desktopWith({ type: 'g5g.xlarge', gpuDriver: GpuDriver.nvidiaDataCenter(), sessionType: DcvSessionType.CONSOLE });
    expect(warnings(amd.stack).join()).toMatch(/NVIDIA on x86_64 only/);
    expect(warnings(arm.stack).join()).toMatch(/NVIDIA on x86_64 only/);
    expect(warnings(console.stack)).toEqual([]);
  });
});

describe('what is not asked for', () => {
  test.each([
    ['ubuntu', NodeOs.UBUNTU_22_04],
    ['amazonlinux', NodeOs.AMAZON_LINUX_2023],
  ])("NVIDIA's open driver from the signed repositories of %s", (_, os) => {
    const { files, stack } = desktopWith({ os, type: 'g5.xlarge' });
    expect(driverOf(files)).toMatch(/nvidia-open|nvidia-driver-580-server-open/);
    expect(warnings(stack)).toEqual([]);
  });

  test.each<[string, Wanted]>([
    ['a repository of somebody else', { os: NodeOs.ROCKY_9, type: 'g5.xlarge' }],
    ['a part of a GPU', { type: 'g6f.xlarge' }],
    ['AMD', { type: 'g4ad.xlarge' }],
    ['arm64', { type: 'g5g.xlarge' }],
    ['an old GPU', { type: 'p3.2xlarge' }],
    ['Amazon Linux 2', { os: NodeOs.AMAZON_LINUX_2, type: 'g5.xlarge' }],
  ])('%s: nothing is installed, and a warning says so', (_, wanted) => {
    const { files, stack } = desktopWith(wanted);
    expect(driverOf(files)).toBe('');
    expect(warnings(stack).join()).toMatch(/without a driver in the image everything is drawn in software; give gpuDriver/);
  });

  test('no GPU: nothing is installed, and nothing is said', () => {
    const { files, stack } = desktopWith({ type: 'm7i.large' });
    expect(driverOf(files)).toBe('');
    expect(warnings(stack)).toEqual([]);
  });

  test('nor with ofImage and none, on any instance', () => {
    for (const gpuDriver of [GpuDriver.ofImage(), GpuDriver.none()]) {
      const { files, stack } = desktopWith({ type: 'g5.xlarge', gpuDriver });
      expect(driverOf(files)).toBe('');
      expect(warnings(stack)).toEqual([]);
    }
  });
});

describe('the Region of a bucket', () => {
  const grid = { release: '19.4', version: '580.126.09', sha256: HASH };
  test.each<[string, GpuDriver, string]>([
    ['of AWS', GRID, 's3://ec2-linux-nvidia-drivers/grid-19.4/NVIDIA-Linux-x86_64-580.126.09-grid-aws.run?region=us-east-1'],
    ['of a copy', GpuDriver.nvidiaGrid({ ...grid, url: 's3://b/k', bucketRegion: 'eu-west-1' }), 's3://b/k?region=eu-west-1'],
    ["of a copy in the node's", GpuDriver.nvidiaGrid({ ...grid, url: 's3://b/k' }), 's3://b/k'],
    ['beside a web address', GpuDriver.nvidiaGrid({ ...grid, url: 'https://h/k', bucketRegion: 'eu-west-1' }), 'https://h/k'],
  ])('%s', (_name, gpuDriver, address) => {
    const { stack } = desktopWith({ type: 'g5.xlarge', gpuDriver });
    const launchTemplates = JSON.stringify(Template.fromStack(stack).findResources('AWS::EC2::LaunchTemplate'));
    const [, encoded] = /VALUE_SYSTEM_GPU_URL=([A-Za-z0-9+/=]+)/.exec(launchTemplates) ?? [];
    expect(Buffer.from(encoded ?? '', 'base64').toString('utf8')).toBe(address);
  });
});

describe('permissions', () => {
  const statements = (gpuDriver?: GpuDriver) => {
    const { stack } = desktopWith({ type: 'g5.xlarge', gpuDriver });
    return JSON.stringify(bootstrapStatements(Template.fromStack(stack)));
  };

  test('a node reads the one file of its GRID driver, and others none of the bucket', () => {
    expect(statements(GRID)).toContain(':s3:::ec2-linux-nvidia-drivers/grid-19.4/NVIDIA-Linux-x86_64-580.126.09-grid-aws.run');
    for (const other of [undefined, GpuDriver.nvidiaOpen(), GpuDriver.nvidiaDataCenter(), GpuDriver.ofImage()]) {
      expect(statements(other)).not.toContain('ec2-linux-nvidia-drivers');
    }
  });

  test('a bucket of the app, by a token', () => {
    const url = `s3://${Fn.importValue('Bucket')}/nvidia.run`;
    const gpuDriver = GpuDriver.nvidiaDataCenter({ file: { version: '580.1', url, sha256: HASH } });
    expect(statements(gpuDriver)).toMatch(/"Fn::ImportValue":"Bucket"\},"\/nvidia\.run"/);
  });

  test('the key of a bucket of the app, by grantRead', () => {
    const { stack, cluster } = sampleCluster();
    const bucket = new s3.Bucket(stack, 'Copies', { encryptionKey: new kms.Key(stack, 'Key') });
    const file = { version: '580.1', url: bucket.s3UrlForObject('nvidia.run'), sha256: HASH };
    const instanceType = new ec2.InstanceType('g5.xlarge');
    const props = { cluster, os: NodeOs.UBUNTU_24_04, nodeType: NodeType.COMPUTE_NODE, instanceType };
    bucket.grantRead(new ClusterNode(stack, 'Node', { ...props, gpuDriver: GpuDriver.nvidiaDataCenter({ file }) }));
    expect(JSON.stringify(Template.fromStack(stack).findResources('AWS::IAM::Policy'))).toMatch(/"kms:Decrypt"/);
  });

  test('a compute node has nothing to do with the licence of DCV', () => {
    const { stack, cluster } = sampleCluster();
    const instanceType = new ec2.InstanceType('g5.xlarge');
    new ClusterNode(stack, 'Node', { cluster, os: NodeOs.UBUNTU_24_04, nodeType: NodeType.COMPUTE_NODE, instanceType, gpuDriver: GRID });
    const all = JSON.stringify(bootstrapStatements(Template.fromStack(stack)));
    expect(all).toContain('ec2-linux-nvidia-drivers');
    expect(all).not.toContain('dcv-license');
  });
});

test('releases are compared by as many numbers as a bound has', () => {
  expect(releaseProblem('18.4', { from: '18.4', to: '19' })).toBeUndefined();
  expect(releaseProblem('19.10', { from: '18.4', to: '19' })).toBeUndefined();
  expect(releaseProblem('18.3', { from: '18.4', to: '19' })).toBe('18.4 or later');
  expect(releaseProblem('20.0', { from: '18.4', to: '19' })).toBe('19 or earlier');
  expect(releaseProblem('9.9', { from: '18.4' })).toBe('18.4 or later');
});

test('each repository of somebody else has a whole fingerprint and its source', () => {
  for (const repository of Object.values(OPEN_DRIVER_REPOSITORIES).flat()) {
    expect(repository.fingerprint).toMatch(/^[0-9A-F]{40}$/);
    expect(repository.baseUrl).toMatch(/^https:\/\//);
    expect(repository.keyUrl).toMatch(/^https:\/\//);
    expect(repository.source).not.toBe('');
    expect(repository.checked).toMatch(/^20\d\d-\d\d-\d\d$/);
  }
});

const X86 = ec2.InstanceArchitecture.X86_64;
const ARM = ec2.InstanceArchitecture.ARM_64;
const ON_ARM = ['g5g', 'p6e-gb200'];
const DRIVERS = [
  GpuDriver.nvidiaGrid({ release: '19.4', version: '580.126.09', sha256: HASH }),
  GpuDriver.nvidiaDataCenter(),
  GpuDriver.nvidiaOpen(),
  AMD,
];
const LINUX = NodeOs.all().filter((os) => os.family === NodeOsFamily.LINUX);

/** Every family, system and driver. What is allowed renders to scripts that are linted: test/machines/linux-phases. */
const table = LINUX.flatMap((os) =>
  Object.entries(GPU_FAMILIES).flatMap(([family, gpu]) =>
    DRIVERS.map((driver) => {
      const architecture = ON_ARM.includes(family) ? ARM : X86;
      return { os, family, gpu, driver, architecture, problem: driverProblem(driver, os, architecture, gpu) };
    }),
  ),
);

test('the table: what cannot work says the way out', () => {
  const { cluster } = sampleCluster();
  const problems = table.filter(({ problem }) => problem !== undefined);
  expect(problems.length).toBeGreaterThan(300);
  for (const [index, { os, family, architecture, driver, problem }] of problems.entries()) {
    expect(problem).toMatch(/got .*; (use|take|give|move)|; move to/);
    // A few of them through a node.
    if (index % 40 !== 0) continue;
    const props = { cluster, os, architecture, nodeType: NodeType.COMPUTE_NODE, machineImage: new FixedImage(), gpuDriver: driver };
    expect(() => new ClusterNode(cluster, `Node${index}`, { ...props, instanceType: new ec2.InstanceType(`${family}.xlarge`) })).toThrow(
      problem,
    );
  }
});

test('each family has a driver on a current system', () => {
  const families = table.filter(({ problem }) => problem === undefined).map(({ family }) => family);
  // Those alone need another version than the library's, which whoever has one gives.
  expect(Object.keys(GPU_FAMILIES).filter((family) => !families.includes(family))).toEqual(['g2', 'p2']);
});
