import { Size } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import { ConstructError } from '../construct-error';
import { DCV_PACKAGES } from './dcv-packages';

/** Which scripts run on an operating system: bash or Windows PowerShell. */
export enum NodeOsFamily {
  /** bash, cloud-init and systemd. */
  LINUX = 'linux',
  /** Windows PowerShell 5.1 and EC2Launch. */
  WINDOWS = 'windows',
}

/** The tool that installs packages. */
export enum PackageManager {
  /** `apt-get` and deb packages. */
  APT = 'apt',
  /** `dnf` and rpm packages. */
  DNF = 'dnf',
  /** `yum` and rpm packages. */
  YUM = 'yum',
  /** None that the bootstrap uses (Windows). */
  NONE = 'none',
}

/** What is known of an operating system. Everything a node does that differs between systems starts from here. */
export interface NodeOsProps {
  /**
   * Identifier, the value of `/job/BaseOS` in templates: lower-case letters and digits, starting with a letter.
   */
  readonly name: string;

  /** Which scripts run on it. */
  readonly family: NodeOsFamily;

  /**
   * Distribution as templates compare it (`/system/os/distribution`): `amazonlinux`, `rhel`, `rocky`, `ubuntu` or
   * `windows`. A rebuild behaves like the one it is built from: give `rhel` for AlmaLinux.
   */
  readonly distribution: string;

  /** Version as templates compare it (`/system/os/version`): `2023`, `9`, `24.04`, `2022`. */
  readonly version: string;

  /** The tool that installs packages. */
  readonly packageManager: PackageManager;

  /**
   * Family of Amazon DCV packages: `al2`, `al2023`, `el8`, `el9`, `ubuntu2204`, `ubuntu2404` or `windows`.
   *
   * @default - none: the system cannot be a virtual desktop unless the cluster configures `/system/dcv/url` and
   * `/system/dcv/sha256`
   */
  readonly dcvFamily?: string;

  /**
   * Device name of the root volume in the image: `/dev/xvda` or `/dev/sda1`.
   *
   * Source: `RootDeviceName` of EC2 DescribeImages.
   */
  readonly rootDeviceName: string;

  /**
   * Architectures with images and DCV packages.
   *
   * @default - x86_64 only
   */
  readonly architectures?: ec2.InstanceArchitecture[];

  /** The user that the image creates for the first login. */
  readonly defaultUser: string;

  /**
   * Size of the root volume in the image; a node's root volume is never smaller.
   *
   * @default - 8 GiB on Linux, 30 GiB on Windows
   */
  readonly minimumRootVolumeSize?: Size;

  /**
   * Public SSM parameter that holds the newest image, for x86_64.
   *
   * @default - none: a node of this system needs `machineImage`
   */
  readonly imageParameterX86?: string;

  /**
   * Public SSM parameter that holds the newest image, for arm64.
   *
   * @default - none: a node of this system needs `machineImage`
   */
  readonly imageParameterArm?: string;

  /**
   * Architectures on which AWS lists hibernation as supported; an empty list means that it is not.
   *
   * Source: "Prerequisites for EC2 instance hibernation" in the EC2 User Guide.
   *
   * @default - not known: hibernation gives a warning
   */
  readonly hibernationArchitectures?: ec2.InstanceArchitecture[];

  /**
   * Files on the node to look at when it does not become ready, first one first.
   *
   * @default - the cloud-init or EC2Launch log and the logs of the bootstrap
   */
  readonly logPaths?: string[];
}

const WINDOWS_BOOTSTRAP_LOGS = 'C:\\ProgramData\\ClusterNode\\logs\\';
const X86 = ec2.InstanceArchitecture.X86_64;
const ARM = ec2.InstanceArchitecture.ARM_64;

/**
 * The operating system of a node, with its data. There is one constant for each supported system; `custom()` describes
 * another one, or the same with other data.
 */
export class NodeOs {
  /** Amazon Linux 2. Its support by AWS has ended on 2026-06-30; use it only to move away from it. */
  public static readonly AMAZON_LINUX_2 = new NodeOs({
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
  });

  /** Amazon Linux 2023. */
  public static readonly AMAZON_LINUX_2023 = new NodeOs({
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
  });

  /** Red Hat Enterprise Linux 8. There is no public SSM parameter for its images: pass `machineImage`. */
  public static readonly RHEL_8 = new NodeOs({
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
  });

  /** Red Hat Enterprise Linux 9. There is no public SSM parameter for its images: pass `machineImage`. */
  public static readonly RHEL_9 = new NodeOs({
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
  });

  /** Rocky Linux 8. There is no public SSM parameter for its images: pass `machineImage`. */
  public static readonly ROCKY_8 = new NodeOs({
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
  });

  /** Rocky Linux 9. There is no public SSM parameter for its images: pass `machineImage`. */
  public static readonly ROCKY_9 = new NodeOs({
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
  });

  /** Ubuntu 22.04 LTS. */
  public static readonly UBUNTU_22_04 = new NodeOs({
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
  });

  /** Ubuntu 24.04 LTS. */
  public static readonly UBUNTU_24_04 = new NodeOs({
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
  });

  /** Windows Server 2019. */
  public static readonly WINDOWS_2019 = NodeOs.windowsServer('2019', [X86]);

  /** Windows Server 2022. */
  public static readonly WINDOWS_2022 = NodeOs.windowsServer('2022', [X86]);

  /** Windows Server 2025. */
  public static readonly WINDOWS_2025 = NodeOs.windowsServer('2025');

  /**
   * Describe an operating system that has no constant, or one of them with other data.
   *
   * @throws when a value does not have the form that its documentation says
   */
  public static custom(props: NodeOsProps): NodeOs {
    return new NodeOs(props);
  }

  /**
   * The system with this identifier, as used on the command line and in CDK context.
   *
   * @param name one of the identifiers of `all()`, such as `ubuntu2404`
   * @throws when there is none; the message lists them
   */
  public static fromName(name: string): NodeOs {
    const found = NodeOs.all().find((os) => os.name === name);
    if (found === undefined) {
      const names = NodeOs.all().map((os) => os.name);
      throw new ConstructError('UnknownOs', `expected an operating system out of ${names.join(', ')}, got '${name}'`);
    }
    return found;
  }

  /** All systems that have a constant. */
  public static all(): NodeOs[] {
    return [
      NodeOs.AMAZON_LINUX_2,
      NodeOs.AMAZON_LINUX_2023,
      NodeOs.RHEL_8,
      NodeOs.RHEL_9,
      NodeOs.ROCKY_8,
      NodeOs.ROCKY_9,
      NodeOs.UBUNTU_22_04,
      NodeOs.UBUNTU_24_04,
      NodeOs.WINDOWS_2019,
      NodeOs.WINDOWS_2022,
      NodeOs.WINDOWS_2025,
    ];
  }

  private static windowsServer(year: string, hibernationArchitectures?: ec2.InstanceArchitecture[]): NodeOs {
    return new NodeOs({
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
    });
  }

  /** Identifier, the value of `/job/BaseOS` in templates. */
  public readonly name: string;
  /** Which scripts run on it. */
  public readonly family: NodeOsFamily;
  /** Distribution as templates compare it. */
  public readonly distribution: string;
  /** Version as templates compare it. */
  public readonly version: string;
  /** The tool that installs packages. */
  public readonly packageManager: PackageManager;
  /** Family of Amazon DCV packages; absent when there are none. */
  public readonly dcvFamily?: string;
  /** Device name of the root volume in the image. */
  public readonly rootDeviceName: string;
  /** Architectures with images and DCV packages. */
  public readonly architectures: ec2.InstanceArchitecture[];
  /** The user that the image creates for the first login. */
  public readonly defaultUser: string;
  /** Size of the root volume in the image. */
  public readonly minimumRootVolumeSize: Size;
  /** Architectures on which hibernation is supported; absent when not known. */
  public readonly hibernationArchitectures?: ec2.InstanceArchitecture[];
  /** Files on the node to look at when it does not become ready. */
  public readonly logPaths: string[];

  private readonly imageParameters: { [architecture: string]: string | undefined };

  private constructor(props: NodeOsProps) {
    if (!/^[a-z][a-z0-9]{0,31}$/.test(props.name)) {
      throw new ConstructError(
        'InvalidOsName',
        `expected the name of an operating system to be 1 to 32 lower-case letters and digits starting with a letter, got '${props.name}'`,
      );
    }
    if (!/^(\/dev\/)?[a-z0-9]+$/.test(props.rootDeviceName)) {
      throw new ConstructError('InvalidRootDevice', `expected a root device name such as /dev/xvda, got '${props.rootDeviceName}'`);
    }
    if (props.architectures?.length === 0) {
      throw new ConstructError('NoArchitecture', `expected at least one architecture for ${props.name}, got an empty list`);
    }
    const windows = props.family === NodeOsFamily.WINDOWS;
    this.name = props.name;
    this.family = props.family;
    this.distribution = props.distribution;
    this.version = props.version;
    this.packageManager = props.packageManager;
    this.dcvFamily = props.dcvFamily;
    this.rootDeviceName = props.rootDeviceName;
    this.architectures = props.architectures ?? [X86];
    this.defaultUser = props.defaultUser;
    this.minimumRootVolumeSize = props.minimumRootVolumeSize ?? Size.gibibytes(windows ? 30 : 8);
    this.hibernationArchitectures = props.hibernationArchitectures;
    this.logPaths =
      props.logPaths ??
      (windows
        ? ['C:\\ProgramData\\Amazon\\EC2Launch\\log\\agent.log', WINDOWS_BOOTSTRAP_LOGS]
        : ['/var/log/cloud-init.log', '/var/log/cloud-init-output.log', '/var/log/cluster-node/']);
    this.imageParameters = { [X86]: props.imageParameterX86, [ARM]: props.imageParameterArm };
  }

  /**
   * The newest image that AWS or the vendor publishes, read from a public SSM parameter when the stack is deployed. No
   * look-up happens at synth.
   *
   * @throws when no such parameter exists (RHEL, Rocky Linux); the message says what to pass instead
   */
  public machineImage(architecture: ec2.InstanceArchitecture): ec2.IMachineImage {
    this.requireArchitecture(architecture);
    const parameter = this.imageParameters[architecture];
    if (parameter === undefined) {
      throw new ConstructError(
        'ImageRequired',
        `expected a machineImage for ${this.name} on ${architecture}, got none, and no public SSM parameter names one; ` +
          "pass machineImage, for example ec2.MachineImage.genericLinux({ 'us-east-1': 'ami-...' }) with an image of the vendor",
      );
    }
    return ec2.MachineImage.fromSsmParameter(parameter, {
      os: this.family === NodeOsFamily.WINDOWS ? ec2.OperatingSystemType.WINDOWS : ec2.OperatingSystemType.LINUX,
    });
  }

  /**
   * The Amazon DCV server for this system as context keys: `/system/dcv/version`, `/system/dcv/url`,
   * `/system/dcv/sha256`; empty when there is none.
   *
   * @internal
   */
  public _dcvContext(architecture: ec2.InstanceArchitecture): { [key: string]: string } {
    const dcv = this.dcvFamily === undefined ? undefined : DCV_PACKAGES[this.dcvFamily]?.[architecture];
    if (this.dcvFamily === undefined || dcv === undefined) {
      return {};
    }
    return {
      '/system/dcv/family': this.dcvFamily,
      '/system/dcv/version': dcv.version,
      '/system/dcv/url': dcv.url,
      '/system/dcv/sha256': dcv.sha256,
    };
  }

  /** The identifier. */
  public toString(): string {
    return this.name;
  }

  private requireArchitecture(architecture: ec2.InstanceArchitecture): void {
    if (!this.architectures.includes(architecture)) {
      throw new ConstructError(
        'UnsupportedArchitecture',
        `expected an architecture of ${this.name} (${this.architectures.join(', ')}), got ${architecture}; use another instance type or operating system`,
      );
    }
  }
}
