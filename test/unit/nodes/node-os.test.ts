import { App, Size, Stack } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import { NodeOs, NodeOsFamily, type NodeOsProps, PackageManager } from '../../../lib';
import { dcvServer } from '../../../lib/nodes/private/dcv-packages';

const { X86_64, ARM_64 } = ec2.InstanceArchitecture;

test('the eleven systems', () => {
  expect(NodeOs.all().map(String)).toEqual([
    'amazonlinux2',
    'amazonlinux2023',
    'rhel8',
    'rhel9',
    'rocky8',
    'rocky9',
    'ubuntu2204',
    'ubuntu2404',
    'windows2019',
    'windows2022',
    'windows2025',
  ]);
});

describe.each(NodeOs.all().map((os) => [os.name, os] as const))('%s', (_, os) => {
  test('is found by its name', () => expect(NodeOs.fromName(os.name)).toBe(os));

  test('has its data', () => {
    // The CDK's own classes have other fields in other versions.
    expect({ ...os, minimumRootVolumeSize: os.minimumRootVolumeSize.toGibibytes() }).toMatchSnapshot();
  });

  test.each(os.architectures)('has a DCV server for %s', (architecture) => {
    const dcv = dcvServer(os.dcvFamily, architecture);
    expect(dcv['/system/dcv/url']).toMatch(new RegExp(`^https://.+${String(dcv['/system/dcv/version'])}.*\\.(tgz|msi)$`));
    expect(dcv['/system/dcv/url']).toContain(os.family === NodeOsFamily.WINDOWS ? 'x64' : architecture.replace('arm64', 'aarch64'));
    expect(dcv['/system/dcv/sha256']).toMatch(/^[0-9a-f]{64}$/);
  });

  test.each(os.architectures)('has an image for %s, or says what to pass', (architecture) => {
    const stack = new Stack(new App(), 'Stack');
    if (['rhel', 'rocky'].includes(os.distribution)) {
      expect(() => os.machineImage(architecture)).toThrow(/expected a machineImage for .*pass machineImage, for example/);
      return;
    }
    const image = os.machineImage(architecture).getImage(stack);
    expect(image.osType).toBe(os.family === NodeOsFamily.WINDOWS ? ec2.OperatingSystemType.WINDOWS : ec2.OperatingSystemType.LINUX);
    const parameters = stack.node.findAll().filter((child) => (child as { type?: string }).type?.startsWith('AWS::SSM::Parameter::Value'));
    expect((parameters[0] as unknown as { default: string }).default).toMatch(
      architecture === ARM_64 ? /arm64/ : /x86_64|amd64|Windows_Server/,
    );
  });
});

test('an architecture that a system does not have is refused', () => {
  expect(() => NodeOs.WINDOWS_2022.machineImage(ARM_64)).toThrow(/architecture of windows2022 \(x86_64\), got arm64/);
});

test('an unknown name is refused with the names there are', () => {
  expect(() => NodeOs.fromName('ubuntu')).toThrow(/out of amazonlinux2, .*windows2025, got 'ubuntu'/);
});

describe('custom', () => {
  const props: NodeOsProps = {
    name: 'alma9',
    family: NodeOsFamily.LINUX,
    distribution: 'rhel',
    version: '9',
    packageManager: PackageManager.DNF,
    dcvFamily: 'el9',
    rootDeviceName: '/dev/sda1',
    defaultUser: 'ec2-user',
  };

  test('has defaults for what is left out', () => {
    const os = NodeOs.custom(props);
    expect(os.architectures).toEqual([X86_64]);
    expect(os.minimumRootVolumeSize.toGibibytes()).toBe(8);
    expect(os.hibernationArchitectures).toBeUndefined();
    expect(os.logPaths).toContain('/var/log/cluster-node/');
    expect(dcvServer(os.dcvFamily, X86_64)['/system/dcv/family']).toBe('el9');
    expect(NodeOs.custom({ ...props, family: NodeOsFamily.WINDOWS }).minimumRootVolumeSize.toGibibytes()).toBe(30);
  });

  test('keeps what is given', () => {
    const os = NodeOs.custom({
      ...props,
      architectures: [ARM_64],
      minimumRootVolumeSize: Size.gibibytes(12),
      imageParameterArm: '/my/image',
      logPaths: ['/x'],
    });
    expect(os.minimumRootVolumeSize.toGibibytes()).toBe(12);
    expect(os.logPaths).toEqual(['/x']);
    expect(() => os.machineImage(ARM_64)).not.toThrow();
  });

  test.each<[string, Partial<NodeOsProps>, RegExp]>([
    ['a name with a capital', { name: 'Alma' }, /lower-case letters and digits.*got 'Alma'/],
    ['a root device that is none', { rootDeviceName: 'a b' }, /root device name/],
    ['no architecture at all', { architectures: [] }, /at least one architecture/],
  ])('%s is refused', (_, change, message) => {
    expect(() => NodeOs.custom({ ...props, ...change })).toThrow(message);
  });
});
