import { Size } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import { NodeOsFamily, type NodeOsProps, PackageManager } from '../node-os-props';

const X86 = ec2.InstanceArchitecture.X86_64;
const ARM = ec2.InstanceArchitecture.ARM_64;

const WINDOWS_LOGS = ['C:\\ProgramData\\ClusterNode\\logs\\', 'C:\\ProgramData\\NICE\\dcv\\log\\server.log'];
const EC2_LAUNCH_V1_LOGS = ['Ec2Launch.log', 'UserdataExecution.log'].map(
  (name) => `C:\\ProgramData\\Amazon\\EC2-Windows\\Launch\\Log\\${name}`,
);
// Its log says where the output of the user data is: in a folder of the account that ran it.
const EC2_LAUNCH_V2_LOGS = [
  'C:\\ProgramData\\Amazon\\EC2Launch\\log\\agent.log',
  ...['Output.tmp', 'Err.tmp'].map((name) => `C:\\Windows\\System32\\config\\systemprofile\\AppData\\Local\\Temp\\EC2Launch*\\${name}`),
];

/**
 * Of a system with EC2Launch v2.
 *
 * @internal
 */
export const WINDOWS_LOG_PATHS = [...EC2_LAUNCH_V2_LOGS, ...WINDOWS_LOGS];

/**
 * The data of the systems that `NodeOs` has constants for.
 *
 * @internal
 */
export const SYSTEMS = {
  AMAZON_LINUX_2: amazonLinux('2', PackageManager.YUM, (machine) => `amzn2-ami-kernel-5.10-hvm-${machine}-gp2`),
  AMAZON_LINUX_2023: amazonLinux('2023', PackageManager.DNF, (machine) => `al2023-ami-kernel-default-${machine}`),
  RHEL_8: enterpriseLinux('rhel', '8', 'ec2-user', [X86]),
  RHEL_9: enterpriseLinux('rhel', '9', 'ec2-user', [X86]),
  ROCKY_8: enterpriseLinux('rocky', '8', 'rocky', []),
  ROCKY_9: enterpriseLinux('rocky', '9', 'rocky', []),
  UBUNTU_22_04: ubuntu('22.04', 'ebs-gp2', [X86, ARM]),
  UBUNTU_24_04: ubuntu('24.04', 'ebs-gp3'),
  WINDOWS_2019: windowsServer('2019', [X86]),
  WINDOWS_2022: windowsServer('2022', [X86]),
  WINDOWS_2025: windowsServer('2025'),
} satisfies { [constant: string]: NodeOsProps };

function amazonLinux(version: string, packageManager: PackageManager, image: (machine: string) => string): NodeOsProps {
  return {
    name: `amazonlinux${version}`,
    family: NodeOsFamily.LINUX,
    distribution: 'amazonlinux',
    version,
    packageManager,
    dcvFamily: `al${version}`,
    rootDeviceName: '/dev/xvda',
    architectures: [X86, ARM],
    defaultUser: 'ec2-user',
    ssmAgentInImage: true,
    imageParameterX86: `/aws/service/ami-amazon-linux-latest/${image('x86_64')}`,
    imageParameterArm: `/aws/service/ami-amazon-linux-latest/${image('arm64')}`,
    hibernationArchitectures: [X86, ARM],
  };
}

/** No public SSM parameter names an image. */
function enterpriseLinux(
  distribution: string,
  version: string,
  defaultUser: string,
  hibernationArchitectures: ec2.InstanceArchitecture[],
): NodeOsProps {
  return {
    name: `${distribution}${version}`,
    family: NodeOsFamily.LINUX,
    distribution,
    version,
    packageManager: PackageManager.DNF,
    dcvFamily: `el${version}`,
    rootDeviceName: '/dev/sda1',
    architectures: [X86, ARM],
    defaultUser,
    minimumRootVolumeSize: Size.gibibytes(10),
    hibernationArchitectures,
  };
}

function ubuntu(version: string, volume: string, hibernationArchitectures?: ec2.InstanceArchitecture[]): NodeOsProps {
  const name = `ubuntu${version.replace('.', '')}`;
  const images = `/aws/service/canonical/ubuntu/server/${version}/stable/current`;
  return {
    name,
    family: NodeOsFamily.LINUX,
    distribution: 'ubuntu',
    version,
    packageManager: PackageManager.APT,
    dcvFamily: name,
    rootDeviceName: '/dev/sda1',
    architectures: [X86, ARM],
    defaultUser: 'ubuntu',
    ssmAgentInImage: true,
    imageParameterX86: `${images}/amd64/hvm/${volume}/ami-id`,
    imageParameterArm: `${images}/arm64/hvm/${volume}/ami-id`,
    hibernationArchitectures,
  };
}

function windowsServer(year: string, hibernationArchitectures?: ec2.InstanceArchitecture[]): NodeOsProps {
  return {
    name: `windows${year}`,
    family: NodeOsFamily.WINDOWS,
    distribution: 'windows',
    version: year,
    packageManager: PackageManager.NONE,
    dcvFamily: 'windows',
    rootDeviceName: '/dev/sda1',
    defaultUser: 'Administrator',
    ssmAgentInImage: true,
    imageParameterX86: `/aws/service/ami-windows-latest/Windows_Server-${year}-English-Full-Base`,
    hibernationArchitectures,
    // 2019 images carry EC2Launch v1, the later ones EC2Launch v2.
    logPaths: year === '2019' ? [...EC2_LAUNCH_V1_LOGS, ...WINDOWS_LOGS] : WINDOWS_LOG_PATHS,
  };
}
