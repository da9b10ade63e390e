import { Size } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import type { IConstruct } from 'constructs';
import { ConstructError } from '../construct-error';
import { NodeOsFamily, type NodeOsProps, type PackageManager } from './node-os-props';
import { SYSTEMS, WINDOWS_LOG_PATHS } from './private/systems';

const X86 = ec2.InstanceArchitecture.X86_64;
const ARM = ec2.InstanceArchitecture.ARM_64;

/**
 * The operating system of a node, with its data. There is one constant for each supported system; `custom()` describes
 * another one, or the same with other data.
 */
export class NodeOs {
  /** Amazon Linux 2. Its support by AWS has ended on 2026-06-30; use it only to move away from it. */
  public static readonly AMAZON_LINUX_2 = new NodeOs(SYSTEMS.AMAZON_LINUX_2);

  /** Amazon Linux 2023. */
  public static readonly AMAZON_LINUX_2023 = new NodeOs(SYSTEMS.AMAZON_LINUX_2023);

  /** Red Hat Enterprise Linux 8. There is no public SSM parameter for its images: pass `machineImage`. */
  public static readonly RHEL_8 = new NodeOs(SYSTEMS.RHEL_8);

  /** Red Hat Enterprise Linux 9. There is no public SSM parameter for its images: pass `machineImage`. */
  public static readonly RHEL_9 = new NodeOs(SYSTEMS.RHEL_9);

  /** Rocky Linux 8. There is no public SSM parameter for its images: pass `machineImage`. */
  public static readonly ROCKY_8 = new NodeOs(SYSTEMS.ROCKY_8);

  /** Rocky Linux 9. There is no public SSM parameter for its images: pass `machineImage`. */
  public static readonly ROCKY_9 = new NodeOs(SYSTEMS.ROCKY_9);

  /** Ubuntu 22.04 LTS. */
  public static readonly UBUNTU_22_04 = new NodeOs(SYSTEMS.UBUNTU_22_04);

  /** Ubuntu 24.04 LTS. */
  public static readonly UBUNTU_24_04 = new NodeOs(SYSTEMS.UBUNTU_24_04);

  /** Windows Server 2019. */
  public static readonly WINDOWS_2019 = new NodeOs(SYSTEMS.WINDOWS_2019);

  /** Windows Server 2022. */
  public static readonly WINDOWS_2022 = new NodeOs(SYSTEMS.WINDOWS_2022);

  /** Windows Server 2025. */
  public static readonly WINDOWS_2025 = new NodeOs(SYSTEMS.WINDOWS_2025);

  /**
   * Describe an operating system that has no constant, or one of them with other data.
   *
   * @param props what is to know of it
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
  /** Family of Amazon DCV packages, absent when there are none. */
  public readonly dcvFamily?: string;
  /** Device name of the root volume in the image. */
  public readonly rootDeviceName: string;
  /** Architectures with images and DCV packages. */
  public readonly architectures: ec2.InstanceArchitecture[];
  /** The user that the image creates for the first login. */
  public readonly defaultUser: string;
  /** Size of the root volume in the image. */
  public readonly minimumRootVolumeSize: Size;
  /** Whether the image has the SSM agent. */
  public readonly ssmAgentInImage: boolean;
  /** Architectures on which hibernation is supported, absent when not known. */
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
    this.ssmAgentInImage = props.ssmAgentInImage ?? false;
    this.hibernationArchitectures = props.hibernationArchitectures;
    this.logPaths =
      props.logPaths ??
      (windows ? WINDOWS_LOG_PATHS : ['/var/log/cloud-init.log', '/var/log/cloud-init-output.log', '/var/log/cluster-node/']);
    this.imageParameters = { [X86]: props.imageParameterX86, [ARM]: props.imageParameterArm };
  }

  /**
   * The newest image that AWS or the vendor publishes, read from a public SSM parameter when the stack is deployed. No
   * look-up happens at synth.
   *
   * @param architecture of the image, one of `architectures`
   * @throws when no such parameter exists (RHEL, Rocky Linux); the message says what to pass instead
   */
  public machineImage(architecture: ec2.InstanceArchitecture): ec2.IMachineImage {
    this._requireArchitecture(architecture);
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
   * Public SSM parameter with the id of the newest image.
   *
   * @internal
   */
  public _imageParameter(architecture: ec2.InstanceArchitecture): string | undefined {
    return this.imageParameters[architecture];
  }

  /** The identifier. */
  public toString(): string {
    return this.name;
  }

  /**
   * @throws when the system does not have the architecture
   * @internal
   */
  public _requireArchitecture(architecture: ec2.InstanceArchitecture, place?: IConstruct): void {
    // EC2 has no Windows for arm64.
    const architectures = this.family === NodeOsFamily.WINDOWS ? [X86] : this.architectures;
    if (!architectures.includes(architecture)) {
      throw new ConstructError(
        'UnsupportedArchitecture',
        `expected an architecture of ${this.name} (${architectures.join(', ')}), got ${architecture}; use another instance type or operating system`,
        place,
      );
    }
  }
}
