import { Annotations, Stack, Token } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import { RegionInfo } from 'aws-cdk-lib/region-info';
import type { IConstruct } from 'constructs';
import { ConstructError } from '../../construct-error';
import { addressInRegion } from '../../cluster/download-source';
import { GpuDriver, type GpuDriverFile, GRID_BUCKET } from '../gpu-driver';
import type { ClusterNodeProps } from '../node-options';
import type { NodeOs } from '../node-os';
import { NodeOsFamily } from '../node-os-props';
import { DOWNLOADS, GRID_RELEASE } from './downloads';
import { familyOf, GPU_FAMILIES, type GpuFamily, releaseProblem } from './gpu-families';
import { OPEN_DRIVER_REPOSITORIES, type PackageRepository } from './gpu-repositories';
import { isAmazonLinux2, refuseUnused } from './unsupported-options';
import { checksumRule, isKnown, packageExtension, requireKnown, type Rule } from './verified-files';

/** Branch of NVIDIA's open driver on Ubuntu: long-term support until 2028. */
const OPEN_BRANCH = '580';

/**
 * What was settled about the GPU of a node.
 *
 * @internal
 */
export interface NodeGpu {
  readonly driver: GpuDriver;
  /** The file that its installer comes from. */
  readonly file?: GpuDriverFile;
  /** Whether the app chose it: then it takes the place of one that the image has. */
  readonly isChosen: boolean;
  /** Whether NVIDIA's own kernel modules are to run, without the firmware of the GPU's system processor. */
  readonly withoutFirmware: boolean;
}

/**
 * The driver that was asked for, or what fits.
 *
 * @throws when there is none for the combination
 * @internal
 */
export function nodeGpu(node: IConstruct, props: ClusterNodeProps, architecture: ec2.InstanceArchitecture): NodeGpu {
  const { gpuDriver, os } = props;
  const family = familyOf(props.instanceType);
  const gpu = family === undefined ? undefined : GPU_FAMILIES[family];
  if (gpuDriver === undefined) {
    return chosen(usualDriver(node, os, architecture, family, gpu), os, false);
  }
  const asked = withFile(node, gpuDriver, os, architecture);
  if (asked._isInstalled) {
    checkFile(node, asked);
    checkPartition(node, asked);
    const isUnused = asked.name === 'nvidia_open' && asked._release !== undefined && os.distribution !== 'ubuntu';
    refuseUnused(node, isUnused, 'branch of GpuDriver.nvidiaOpen', `on ${os.name}, whose repository has its newest alone`);
    checkInstance(node, props, asked, family, gpu);
    const problem = driverProblem(asked, os, architecture, gpu);
    if (problem !== undefined) {
      throw unsupported(node, problem);
    }
    warnOfSharing(node, props, asked, architecture);
  }
  return chosen(asked, os, true, architecture, gpu);
}

/** GRID of the library, where it has one. */
function withFile(node: IConstruct, driver: GpuDriver, os: NodeOs, architecture: ec2.InstanceArchitecture): GpuDriver {
  if (driver.name !== 'nvidia_grid' || driver._file !== undefined) return driver;
  const row = GRID_SYSTEMS.includes(`${os.distribution} ${os.version}`) ? DOWNLOADS[`nvidia-grid/windows/${architecture}`] : undefined;
  if (row?.sha256 === undefined) {
    throw unsupported(
      node,
      `release, version and sha256 with nvidia_grid on ${os.name}, for which this library has no file, got none; give GpuDriver.nvidiaGrid({ release, version, sha256${os.family === NodeOsFamily.WINDOWS ? ', url' : ''} }) with one that you have verified`,
    );
  }
  return driver._with({ version: row.version, url: row.url, sha256: row.sha256 }, GRID_RELEASE);
}

const GRID_SYSTEMS = ['windows 2022', 'windows 2025'];

function chosen(driver: GpuDriver, os: NodeOs, isChosen: boolean, architecture?: ec2.InstanceArchitecture, gpu?: GpuFamily): NodeGpu {
  const file = driver._file ?? (driver.name === 'nvidia_data_center' ? ownFile(architecture) : undefined);
  const isGrid = driver.name === 'nvidia_grid' && os.family === NodeOsFamily.LINUX;
  return { driver, file, isChosen, withoutFirmware: isGrid && gpu?.gridWithoutFirmware === true };
}

function ownFile(architecture: ec2.InstanceArchitecture | undefined): GpuDriverFile | undefined {
  const row = DOWNLOADS[`nvidia-data-center/${architecture}`];
  return row?.sha256 === undefined ? undefined : { version: row.version, url: row.url, sha256: row.sha256 };
}

/**
 * Where nothing is asked for: NVIDIA's open driver where the system's own signed repositories have it. No repository of somebody
 * else is added unasked.
 */
function usualDriver(
  node: IConstruct,
  os: NodeOs,
  architecture: ec2.InstanceArchitecture,
  family: string | undefined,
  gpu: GpuFamily | undefined,
): GpuDriver {
  if (gpu === undefined) {
    return GpuDriver.ofImage();
  }
  const open = GpuDriver.nvidiaOpen();
  const problem = gpu.vendor === 'amd' ? 'no driver of AMD is installed unasked' : driverProblem(open, os, architecture, gpu);
  if (problem === undefined && OPEN_DRIVER_REPOSITORIES[os.version] === undefined) {
    return open;
  }
  Annotations.of(node).addWarningV2(
    'cdk-cluster-nodes:gpuDriver',
    `${family} has a GPU (${gpu.model}), and without a driver in the image everything is drawn in software; give gpuDriver, or GpuDriver.ofImage() for an image that has one`,
  );
  return GpuDriver.ofImage();
}

/**
 * Why a GPU, system and architecture have no such driver, and what to do; undefined where they have.
 *
 * @internal
 */
export function driverProblem(
  driver: GpuDriver,
  os: NodeOs,
  architecture: ec2.InstanceArchitecture,
  gpu: GpuFamily | undefined,
): string | undefined {
  if (isAmazonLinux2(os)) {
    return `another system than ${os.name}, which is out of support and gets no GPU driver, with ${driver.name}; move to amazonlinux2023, or use GpuDriver.ofImage()`;
  }
  if (gpu !== undefined && gpu.vendor !== driver._vendor) {
    return `a driver for a GPU of ${gpu.vendor} (${gpu.model}), got ${driver.name}; use ${gpu.vendor === 'amd' ? 'GpuDriver.amd(..)' : 'one of NVIDIA'}, or another instance type`;
  }
  if (os.family === NodeOsFamily.WINDOWS && ['nvidia_data_center', 'nvidia_open'].includes(driver.name)) {
    return `a driver that draws on ${os.name}, got ${driver.name}; use GpuDriver.nvidiaGrid(), or GpuDriver.ofImage() with an image that has one`;
  }
  switch (driver.name) {
    case 'nvidia_grid':
      return gridProblem(driver, architecture, gpu) ?? gridFileProblem(driver, os);
    case 'nvidia_data_center':
      return dataCenterProblem(driver, architecture, gpu);
    case 'nvidia_open':
      return openProblem(driver, os, architecture, gpu);
    default:
      return amdProblem(driver, os, architecture);
  }
}

const OTHERS = 'another GpuDriver, or GpuDriver.ofImage() with an image that has one';

function gridProblem(driver: GpuDriver, architecture: ec2.InstanceArchitecture, gpu: GpuFamily | undefined): string | undefined {
  if (architecture !== ec2.InstanceArchitecture.X86_64) {
    return `x86_64 with nvidia_grid, which AWS has for no other architecture, got ${architecture}; use GpuDriver.nvidiaDataCenter()`;
  }
  if (gpu !== undefined && gpu.grid === undefined) {
    return `a GPU that AWS names releases of GRID for, got one of ${gpu.model}; use ${OTHERS}`;
  }
  const bound = releaseProblem(driver._release ?? '', gpu?.grid);
  return bound === undefined ? undefined : `GRID ${bound} for ${gpu?.model}, got ${driver._release}; take a release out of these`;
}

/** An address with tokens may not show what it is of. */
function gridFileProblem({ _file: file }: GpuDriver, { name, family }: NodeOs): string | undefined {
  return family === NodeOsFamily.WINDOWS && (file === undefined || isOfBucket(file.url, GRID_BUCKET))
    ? `an address of the file of nvidia_grid on ${name}, whose names differ from release to release, got none; give url, such as s3://${WINDOWS_GRID_BUCKET}/grid-18.6/..exe`
    : undefined;
}

function dataCenterProblem(driver: GpuDriver, architecture: ec2.InstanceArchitecture, gpu: GpuFamily | undefined): string | undefined {
  if (gpu?.fractional === true) {
    return `the GRID driver for a part of a GPU (${gpu.model}), got ${driver.name}; use GpuDriver.nvidiaGrid(..)`;
  }
  const version = (driver._file ?? ownFile(architecture))?.version ?? '';
  const bound = releaseProblem(version, gpu?.branches);
  return bound === undefined
    ? undefined
    : `version ${bound} of NVIDIA's driver for ${gpu?.model}, got ${version}; give GpuDriver.nvidiaDataCenter({ file: { version, url, sha256 } }) with one that you have verified`;
}

function openProblem(
  driver: GpuDriver,
  os: NodeOs,
  architecture: ec2.InstanceArchitecture,
  gpu: GpuFamily | undefined,
): string | undefined {
  if (gpu !== undefined && gpu.open !== true) {
    const other = gpu.fractional === true ? 'GpuDriver.nvidiaGrid(..)' : 'GpuDriver.nvidiaDataCenter()';
    return `a GPU of the Turing generation or later with nvidia_open, got ${gpu.model}${gpu.fractional === true ? ', of which an instance has a part' : ''}; use ${other}`;
  }
  const place = `${os.distribution} ${os.version}`;
  if (architecture !== ec2.InstanceArchitecture.X86_64 || !OPEN_DRIVER_SYSTEMS.includes(place)) {
    return `a system whose packages of NVIDIA's open driver are known (x86_64; ${OPEN_DRIVER_SYSTEMS.join(', ')}), got ${os.name} on ${architecture}; use GpuDriver.nvidiaDataCenter()`;
  }
  const bound = os.distribution === 'ubuntu' ? releaseProblem(driver._release ?? OPEN_BRANCH, gpu?.branches) : undefined;
  return bound === undefined
    ? undefined
    : `branch ${bound} of NVIDIA's driver for ${gpu?.model}, got ${driver._release ?? OPEN_BRANCH}; give GpuDriver.nvidiaOpen({ branch })`;
}

const OPEN_DRIVER_SYSTEMS = ['amazonlinux 2023', 'rhel 8', 'rhel 9', 'rocky 8', 'rocky 9', 'ubuntu 22.04', 'ubuntu 24.04'];

function amdProblem({ _file: file }: GpuDriver, os: NodeOs, architecture: ec2.InstanceArchitecture): string | undefined {
  if (os.family === NodeOsFamily.WINDOWS) return amdWindowsProblem(file, os);
  if (!['rhel', 'rocky', 'ubuntu'].includes(os.distribution) || architecture !== ec2.InstanceArchitecture.X86_64) {
    return `a system that AMD has packages for (x86_64; RHEL, Rocky Linux, Ubuntu), got ${os.name} on ${architecture}; use GpuDriver.ofImage() with an image that has a driver`;
  }
  const own = packageExtension(os);
  // An address with tokens may not show its end.
  const isOther = file?.url.endsWith(own === 'deb' ? '.rpm' : '.deb') === true;
  return isOther ? `a package of AMD that ends with .${own} on ${os.name}, got another; name the one for this system` : undefined;
}

/** "AMD drivers for your EC2 instance", Amazon EC2 documentation: 2016, 2019 and 2022. */
function amdWindowsProblem(file: GpuDriverFile | undefined, { name, version }: NodeOs): string | undefined {
  if (version === '2025') {
    return `a system that AWS has drivers of AMD for (Windows Server 2019 and 2022), got ${name}; use GpuDriver.ofImage() with an image that has a driver`;
  }
  const isOther = /\.(deb|rpm|exe|msi)$/.test(file?.url ?? '');
  return isOther ? `a driver of AMD that ends with .zip on ${name}, got another; name the archive that AWS has for this system` : undefined;
}

function checkInstance(
  node: IConstruct,
  { instanceType }: ClusterNodeProps,
  driver: GpuDriver,
  family: string | undefined,
  gpu: GpuFamily | undefined,
): void {
  const isToken = instanceType !== undefined && family === undefined;
  if (!isToken && gpu === undefined && !driver._families.includes(family ?? '')) {
    throw unsupported(
      node,
      `an instance type with a GPU for ${driver.name}, got ${instanceType === undefined ? 'none, and the usual ones have no GPU' : String(instanceType)}; change instanceType, leave gpuDriver out, or name a new family in its 'families'`,
    );
  }
}

/** Amazon DCV Administrator Guide, "Prerequisites": sharing takes nice-dcv-gl, which is for NVIDIA and x86_64. */
function warnOfSharing(node: IConstruct, { _desktop }: ClusterNodeProps, driver: GpuDriver, architecture: ec2.InstanceArchitecture): void {
  const shares = driver._vendor === 'nvidia' && architecture === ec2.InstanceArchitecture.X86_64;
  if (_desktop?.sessionType === 'virtual' && !shares) {
    Annotations.of(node).addWarningV2(
      'cdk-cluster-nodes:gpuNotShared',
      `DCV shares a GPU with virtual sessions with NVIDIA on x86_64 only: this desktop is drawn in software; use DcvSessionType.CONSOLE`,
    );
  }
}

const DRIVER_ADDRESS = /^(https:\/\/[!-~]+|s3:\/\/[^/*?\s]+\/[^*?\s]+)$/;

function checkFile(node: IConstruct, { _file: file, _release: release }: GpuDriver): void {
  const rules: Rule[] = [];
  if (release !== undefined) {
    const remedy = "take one of the vendor's list";
    rules.push([isKnown(release, /^[0-9]+(\.[0-9]+)?$/), 'a release or branch such as 19.4 or 580', release, remedy]);
  }
  if (file !== undefined) {
    const { version, url, sha256, bucketRegion: region } = file;
    const form = 'an address of the form https://.. or s3://bucket/key, with tokens behind the scheme alone';
    rules.push(
      [isKnown(version, /^[0-9]+(\.[0-9]+)*$/), 'a version of digits and dots', version, 'write the one that the file has'],
      [DRIVER_ADDRESS.test(url), form, url, 'name the file itself'],
    );
    if (region !== undefined) {
      rules.push([isKnown(region, /^[a-z]{2,}(-[a-z]+)+-[0-9]+$/), 'a Region in bucketRegion', region, 'write it like eu-central-1']);
    }
    rules.push(checksumRule(sha256));
  }
  requireKnown(node, 'InvalidGpuDriver', 'gpuDriver', rules);
}

const WINDOWS_GRID_BUCKET = 'ec2-windows-nvidia-drivers';
/** Of AWS, in us-east-1. */
const AWS_BUCKETS = [GRID_BUCKET, WINDOWS_GRID_BUCKET, 'ec2-amd-windows-drivers'];

function isOfBucket(url: string, ...buckets: string[]): boolean {
  return buckets.some((bucket) => url.startsWith(`s3://${bucket}/`));
}

/** AWS has these buckets in one partition, and a role reads no bucket of another. */
function checkPartition(node: IConstruct, { name, _file: file }: GpuDriver): void {
  const { region } = Stack.of(node);
  const partition = Token.isUnresolved(region) ? undefined : RegionInfo.get(region).partition;
  if (partition !== undefined && partition !== 'aws' && file !== undefined && isOfBucket(file.url, ...AWS_BUCKETS)) {
    throw unsupported(
      node,
      `a copy of the file of ${name} in ${region}, whose partition ${partition} does not reach the bucket of AWS, got ${file.url}; give url, s3://bucket/key of your own`,
    );
  }
}

function unsupported(node: IConstruct, problem: string): ConstructError {
  return new ConstructError('UnsupportedGpuDriver', `expected ${problem}`, node);
}

/**
 * What the scripts know about the GPU.
 *
 * @internal
 */
export function gpuValues({ driver, file, isChosen, withoutFirmware }: NodeGpu, os: NodeOs): { [key: string]: unknown } {
  return {
    '/system/gpu/driver': driver.name,
    '/system/gpu/is_chosen': isChosen,
    '/system/gpu/without_firmware': withoutFirmware,
    // Since 560 the open ones come first, which need the firmware.
    '/system/gpu/kernel_modules':
      withoutFirmware && releaseProblem(file?.version ?? '', { from: '560' }) === undefined ? 'proprietary' : null,
    '/system/gpu/builds_modules':
      driver._isInstalled && os.family === NodeOsFamily.LINUX && !(driver.name === 'nvidia_open' && os.distribution === 'ubuntu'),
    '/system/gpu/version': file?.version ?? null,
    '/system/gpu/url': file === undefined ? null : addressOf(file),
    '/system/gpu/sha256': file?.sha256.toLowerCase() ?? null,
    '/system/gpu/branch': driver.name === 'nvidia_open' ? (driver._release ?? OPEN_BRANCH) : null,
    '/system/gpu/repositories': repositoriesOf(driver, os).map(({ name, baseUrl, keyUrl, fingerprint, packages }) => ({
      name,
      base_url: baseUrl,
      key_url: keyUrl,
      fingerprint,
      packages: packages ?? '',
    })),
  };
}

function addressOf({ url, bucketRegion }: GpuDriverFile): string {
  return addressInRegion(url, bucketRegion ?? (isOfBucket(url, ...AWS_BUCKETS) ? 'us-east-1' : undefined));
}

/** AMD's driver is built with dkms as well. */
function repositoriesOf(driver: GpuDriver, os: NodeOs): readonly PackageRepository[] {
  const all = ['rhel', 'rocky'].includes(os.distribution) ? (OPEN_DRIVER_REPOSITORIES[os.version] ?? []) : [];
  return driver.name === 'nvidia_open' ? all : driver.name === 'amd' ? all.slice(0, 1) : [];
}
