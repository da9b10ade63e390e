import { Duration, Stack, Token } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import type { IConstruct } from 'constructs';
import { ConstructError } from '../../construct-error';
import { hasForm, isLookedUpLater } from '../../values/value-rule';
import { type ClusterNodeProps, NodeTenancy } from '../node-options';
import type { NodeOs } from '../node-os';
import { NodeOsFamily } from '../node-os-props';
import { NodeType } from '../node-type';

/**
 * The architecture that instance type, property and operating system agree on.
 *
 * @internal
 */
export function nodeArchitecture(
  node: IConstruct,
  props: Pick<ClusterNodeProps, 'os' | 'instanceType' | 'architecture'>,
): ec2.InstanceArchitecture {
  const { os, instanceType: type } = props;
  checkForm(node, type);
  const known = architectureOf(type);
  if (known !== undefined && props.architecture !== undefined && known !== props.architecture) {
    throw new ConstructError(
      'ArchitectureMismatch',
      `expected an instance type of architecture ${props.architecture}, got ${String(type)}, which is ${known}; leave architecture out or change the type`,
      node,
    );
  }
  if (type !== undefined && known === undefined && props.architecture === undefined && !isLookedUpLater(String(type))) {
    const what = Token.isUnresolved(String(type)) ? 'that is a token' : String(type);
    throw new ConstructError(
      'ArchitectureRequired',
      `expected an architecture, since instance type ${what} does not tell; pass architecture`,
      node,
    );
  }
  const architecture = known ?? props.architecture ?? os.architectures[0];
  os._requireArchitecture(architecture, node);
  return architecture;
}

/** EC2 refuses another only at the launch. */
function checkForm(node: IConstruct, type: ec2.InstanceType | undefined): void {
  const name = String(type);
  if (type !== undefined && !Token.isUnresolved(name) && !hasForm(name, /^[a-z][a-z0-9-]*\.[a-z0-9-]+$/)) {
    throw new ConstructError(
      'InvalidInstanceType',
      `expected an instance type of the form family.size, such as m7i.xlarge, got '${name}'`,
      node,
    );
  }
}

/** CDK cannot read tokens and some names, such as u-6tb1.metal and p6-b200.48xlarge. */
function architectureOf(type: ec2.InstanceType | undefined): ec2.InstanceArchitecture | undefined {
  try {
    return Token.isUnresolved(String(type)) ? undefined : type?.architecture;
  } catch {
    return undefined;
  }
}

/**
 * What can be told from the properties alone.
 *
 * @internal
 */
export function checkNode(node: IConstruct, props: ClusterNodeProps): void {
  checkNodeType(node, props);
  checkKeyPair(node, props);
  checkInteger(node, 'maxReboots', props.maxReboots, 0, 20);
  checkPlacement(node, props);
  checkPackages(node, props.os, props.packages);
}

/**
 * An integer within bounds that must be known at synth.
 *
 * @internal
 */
export function checkInteger(place: IConstruct | string, name: string, value: number | undefined, least: number, most: number): void {
  if (value !== undefined && (Token.isUnresolved(value) || !Number.isInteger(value) || value < least || value > most)) {
    throw new ConstructError(
      'OutOfRange',
      `expected ${name} to be an integer from ${least} to ${most}, got ${Token.isUnresolved(value) ? 'a token; pass a number known at synth' : value}`,
      place,
    );
  }
}

function checkIntegerOrToken(node: IConstruct, name: string, value: number | undefined, least: number, most: number): void {
  if (!Token.isUnresolved(value)) {
    checkInteger(node, name, value, least, most);
  }
}

/**
 * A desktop without a DCV server to install is of no use. Configuration may name one.
 *
 * @internal
 */
export function checkDcvServer(node: IConstruct, props: ClusterNodeProps, values: { readonly [key: string]: unknown }): void {
  if (props._desktop !== undefined && (values['/system/dcv/url'] === undefined || values['/system/dcv/sha256'] === undefined)) {
    throw new ConstructError(
      'NoDcvServer',
      `expected an operating system with a DCV server, got ${props.os.name}; set dcvFamily in NodeOs.custom, or configure /system/dcv/url and /system/dcv/sha256`,
      node,
    );
  }
}

function checkNodeType(node: IConstruct, props: ClusterNodeProps): void {
  const { os, nodeType } = props;
  if (nodeType === NodeType.DCV_NODE && props._desktop === undefined) {
    throw new ConstructError(
      'IncompleteNode',
      'expected a node with the settings of its type, got a ClusterNode of type dcv_node; use VirtualDesktopNode',
      node,
    );
  }
  if (os.family === NodeOsFamily.WINDOWS && nodeType !== NodeType.DCV_NODE) {
    throw new ConstructError(
      'UnsupportedNodeType',
      `expected node type ${NodeType.DCV_NODE} on ${os.name}, got ${nodeType}; use a Linux system for it`,
      node,
    );
  }
}

/** The image writes the keys before file systems are mounted. */
function checkKeyPair(node: IConstruct, { os, cluster, keyPair }: ClusterNodeProps): void {
  const hiding = cluster.fileSystems.find(({ mountPath }) => `/home/${os.defaultUser}/`.startsWith(`${mountPath}/`));
  if (keyPair !== undefined && os.family === NodeOsFamily.LINUX && hiding !== undefined) {
    throw new ConstructError(
      'InvalidMountPath',
      `expected no key pair on a node that mounts ${hiding.mountPath}, which hides the keys of ${os.defaultUser}; leave keyPair out, or mount the file system elsewhere`,
      node,
    );
  }
}

/** How much longer than a node's own time others wait for its verdict, so that a node that gives up is heard. */
const HEARD_MINUTES = 15;

/**
 * The time for the whole bootstrap in seconds. A rolling update of login nodes waits one hour at most, the creation of a
 * resource twelve.
 *
 * @see https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-attribute-updatepolicy.html
 * @internal
 */
export function bootstrapSeconds(node: IConstruct, nodeType: NodeType, given?: Duration): number {
  const [most, usual] = nodeType === NodeType.LOGIN_NODE ? [60 - HEARD_MINUTES, 45] : [720 - HEARD_MINUTES, 60];
  const timeout = given ?? Duration.minutes(usual);
  const seconds = timeout.isUnresolved() ? NaN : timeout.toSeconds({ integral: false });
  if (!(Number.isInteger(seconds) && seconds >= 300 && seconds <= most * 60)) {
    throw new ConstructError(
      'InvalidTimeout',
      `expected a bootstrapTimeout of a ${nodeType} from 5 to ${most} minutes in whole seconds, known at synth, got ${timeout.toString()}; CloudFormation waits ${HEARD_MINUTES} minutes longer, and not more than ${most + HEARD_MINUTES}`,
      node,
    );
  }
  return seconds;
}

/**
 * How long to wait for the verdict of a node.
 *
 * @internal
 */
export function readinessTimeout(node: IConstruct, nodeType: NodeType, given?: Duration): Duration {
  return Duration.seconds(bootstrapSeconds(node, nodeType, given) + HEARD_MINUTES * 60);
}

/**
 * A wait that is as long as the whole bootstrap never ends by itself, and its reason is not told.
 *
 * @internal
 */
export function checkWaits(node: IConstruct, { cluster, os }: ClusterNodeProps, seconds: number): void {
  const waits: [string, number][] = os.family === NodeOsFamily.LINUX ? cluster.fileSystems.map((fs) => [fs.name, fs._timeoutSeconds]) : [];
  if (cluster.waitForStacks.length > 0) {
    waits.push(['waitForStacks', cluster.waitForStacksTimeout.toSeconds()]);
  }
  const [what, wait] = waits.find(([, limit]) => limit >= seconds) ?? [];
  if (what !== undefined) {
    throw new ConstructError(
      'InvalidTimeout',
      `expected a timeout of ${what} below the bootstrapTimeout of the node, ${seconds} seconds, got ${wait}; change one of the two`,
      node,
    );
  }
}

/**
 * A stack is complete when its nodes are ready: a node that waits for its own waits for ever.
 *
 * @internal
 */
export function checkOwnStack(node: IConstruct, stacks: readonly string[]): void {
  const stack = Stack.of(node);
  const own = stacks.find((name) => name === stack.stackName || JSON.stringify(stack.resolve(name)) === '{"Ref":"AWS::StackName"}');
  if (own !== undefined) {
    throw new ConstructError(
      'InvalidStackName',
      `expected waitForStacks without the stack of the login nodes, which is complete when they are ready, got '${stack.stackName}'; take it out`,
      node,
    );
  }
}

function checkPackages(node: IConstruct, os: NodeOs, packages: string[] = []): void {
  if (packages.length > 0 && os.family === NodeOsFamily.WINDOWS) {
    throw new ConstructError(
      'UnsupportedPackages',
      `expected no packages on ${os.name}, which has no package manager that the bootstrap uses, got ${packages.join(', ')}; install them in setup_user_customization`,
      node,
    );
  }
  const bad = packages.find((name) => Token.isUnresolved(name) || !hasForm(name, /^[A-Za-z0-9@][A-Za-z0-9.+_:@=~-]*$/));
  if (bad !== undefined) {
    const got = Token.isUnresolved(bad) ? 'a token' : `'${bad}'`;
    throw new ConstructError(
      'InvalidPackage',
      `expected names of packages known at synth, of letters, digits and .+_:@=~-, beginning with a letter, a digit or @, got ${got}`,
      node,
    );
  }
}

function checkPlacement(node: IConstruct, props: ClusterNodeProps): void {
  if (props.hostId !== undefined && props.tenancy !== NodeTenancy.HOST) {
    throw new ConstructError(
      'HostWithoutTenancy',
      `expected NodeTenancy.HOST with hostId, got ${props.tenancy ?? 'no tenancy'}; set tenancy to NodeTenancy.HOST`,
      node,
    );
  }
  const reservation = props.capacityReservation;
  if (
    reservation !== undefined &&
    (reservation.capacityReservationId === undefined) === (reservation.capacityReservationResourceGroupArn === undefined)
  ) {
    throw new ConstructError(
      'CapacityReservationTarget',
      'expected exactly one of capacityReservationId and capacityReservationResourceGroupArn in capacityReservation',
      node,
    );
  }
  checkIntegerOrToken(node, 'cpuOptions.coreCount', props.cpuOptions?.coreCount, 1, 1024);
  checkIntegerOrToken(node, 'cpuOptions.threadsPerCore', props.cpuOptions?.threadsPerCore, 1, 2);
}

/** @internal */
export function checkImageOs(node: IConstruct, os: NodeOs, type: ec2.OperatingSystemType | undefined): void {
  const expected = os.family === NodeOsFamily.WINDOWS ? ec2.OperatingSystemType.WINDOWS : ec2.OperatingSystemType.LINUX;
  if (type !== undefined && type !== ec2.OperatingSystemType.UNKNOWN && type !== expected) {
    throw new ConstructError(
      'ImageOsMismatch',
      `expected a machineImage for ${os.name}, got one for ${type === ec2.OperatingSystemType.WINDOWS ? 'Windows' : 'Linux'}; change os or machineImage (images from SSM parameters take an os option)`,
      node,
    );
  }
}
