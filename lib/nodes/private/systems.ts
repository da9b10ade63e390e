import { Size } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import { NodeOsFamily, type NodeOsProps, PackageManager } from '../node-os-props';

const X86 = ec2.InstanceArchitecture.X86_64;
const ARM = ec2.InstanceArchitecture.ARM_64;

export const WINDOWS_BOOTSTRAP_LOGS = 'C:\\ProgramData\\ClusterNode\\logs\\';

/**
 * The data of the systems that `NodeOs` has constants for.
 *
 * @internal
 */
export const SYSTEMS = {
  AMAZON_LINUX_2: {
    name: 'amazonlinux2',
    family: NodeOsFamily.LINUX,
    distribution: 'amazonlinux',
    version: '2',
    packageManager: PackageManager.YUM,
    dcvFamily: 'al2',
    rootDeviceName: '/dev/xvda',
    architectures: [X86, ARM],
    defaultUser: 'ec2-user',
    imageParameterX86: '/aws/service/ami-amazon-linux-latest/amzn2-ami-kernel-5.10-hvm-x86_64-gp2',
    imageParameterArm: '/aws/service/ami-amazon-linux-latest/amzn2-ami-kernel-5.10-hvm-arm64-gp2',
    hibernationArchitectures: [X86, ARM],
  },
  AMAZON_LINUX_2023: {
    name: 'amazonlinux2023',
    family: NodeOsFamily.LINUX,
    distribution: 'amazonlinux',
    version: '2023',
    packageManager: PackageManager.DNF,
    dcvFamily: 'al2023',
    rootDeviceName: '/dev/xvda',
    architectures: [X86, ARM],
    defaultUser: 'ec2-user',
    imageParameterX86: '/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-x86_64',
    imageParameterArm: '/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-arm64',
    hibernationArchitectures: [X86, ARM],
  },
  RHEL_8: {
    name: 'rhel8',
    family: NodeOsFamily.LINUX,
    distribution: 'rhel',
    version: '8',
    packageManager: PackageManager.DNF,
    dcvFamily: 'el8',
    rootDeviceName: '/dev/sda1',
    architectures: [X86, ARM],
    defaultUser: 'ec2-user',
    minimumRootVolumeSize: Size.gibibytes(10),
    hibernationArchitectures: [X86],
  },
  RHEL_9: {
    name: 'rhel9',
    family: NodeOsFamily.LINUX,
    distribution: 'rhel',
    version: '9',
    packageManager: PackageManager.DNF,
    dcvFamily: 'el9',
    rootDeviceName: '/dev/sda1',
    architectures: [X86, ARM],
    defaultUser: 'ec2-user',
    minimumRootVolumeSize: Size.gibibytes(10),
    hibernationArchitectures: [X86],
  },
  ROCKY_8: {
    name: 'rocky8',
    family: NodeOsFamily.LINUX,
    distribution: 'rocky',
    version: '8',
    packageManager: PackageManager.DNF,
    dcvFamily: 'el8',
    rootDeviceName: '/dev/sda1',
    architectures: [X86, ARM],
    defaultUser: 'rocky',
    minimumRootVolumeSize: Size.gibibytes(10),
    hibernationArchitectures: [],
  },
  ROCKY_9: {
    name: 'rocky9',
    family: NodeOsFamily.LINUX,
    distribution: 'rocky',
    version: '9',
    packageManager: PackageManager.DNF,
    dcvFamily: 'el9',
    rootDeviceName: '/dev/sda1',
    architectures: [X86, ARM],
    defaultUser: 'rocky',
    minimumRootVolumeSize: Size.gibibytes(10),
    hibernationArchitectures: [],
  },
  UBUNTU_22_04: {
    name: 'ubuntu2204',
    family: NodeOsFamily.LINUX,
    distribution: 'ubuntu',
    version: '22.04',
    packageManager: PackageManager.APT,
    dcvFamily: 'ubuntu2204',
    rootDeviceName: '/dev/sda1',
    architectures: [X86, ARM],
    defaultUser: 'ubuntu',
    imageParameterX86: '/aws/service/canonical/ubuntu/server/22.04/stable/current/amd64/hvm/ebs-gp2/ami-id',
    imageParameterArm: '/aws/service/canonical/ubuntu/server/22.04/stable/current/arm64/hvm/ebs-gp2/ami-id',
    hibernationArchitectures: [X86, ARM],
  },
  UBUNTU_24_04: {
    name: 'ubuntu2404',
    family: NodeOsFamily.LINUX,
    distribution: 'ubuntu',
    version: '24.04',
    packageManager: PackageManager.APT,
    dcvFamily: 'ubuntu2404',
    rootDeviceName: '/dev/sda1',
    architectures: [X86, ARM],
    defaultUser: 'ubuntu',
    imageParameterX86: '/aws/service/canonical/ubuntu/server/24.04/stable/current/amd64/hvm/ebs-gp3/ami-id',
    imageParameterArm: '/aws/service/canonical/ubuntu/server/24.04/stable/current/arm64/hvm/ebs-gp3/ami-id',
  },
  WINDOWS_2019: windowsServer('2019', [X86]),
  WINDOWS_2022: windowsServer('2022', [X86]),
  WINDOWS_2025: windowsServer('2025'),
} satisfies { [constant: string]: NodeOsProps };

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
    imageParameterX86: `/aws/service/ami-windows-latest/Windows_Server-${year}-English-Full-Base`,
    hibernationArchitectures,
    // 2019 images carry EC2Launch v1, the later ones EC2Launch v2.
    logPaths:
      year === '2019'
        ? ['C:\\ProgramData\\Amazon\\EC2-Windows\\Launch\\Log\\UserdataExecution.log', WINDOWS_BOOTSTRAP_LOGS]
        : ['C:\\ProgramData\\Amazon\\EC2Launch\\log\\agent.log', WINDOWS_BOOTSTRAP_LOGS],
  };
}
