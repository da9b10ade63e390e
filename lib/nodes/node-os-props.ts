import type { Size } from 'aws-cdk-lib';
import type * as ec2 from 'aws-cdk-lib/aws-ec2';

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
   * @see https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_Image.html
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
   * Size of the root volume in the image. A node's root volume is never smaller.
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
   * Whether the image has the SSM agent, through which desktops are asked for passwords that they have made.
   *
   * @see https://docs.aws.amazon.com/systems-manager/latest/userguide/ami-preinstalled-agent.html
   * @default false
   */
  readonly ssmAgentInImage?: boolean;

  /**
   * Architectures on which AWS lists hibernation as supported. An empty list means that it is not.
   *
   * @see https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/hibernating-prerequisites.html
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
