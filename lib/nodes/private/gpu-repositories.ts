/**
 * A repository of packages that is not the system's own, and the key that signs them.
 *
 * @internal
 */
export interface PackageRepository {
  /** Name of its file and section. */
  readonly name: string;
  readonly baseUrl: string;
  readonly keyUrl: string;
  /** Whole fingerprint of the key: 40 hexadecimal digits, upper case. */
  readonly fingerprint: string;
  /** The only packages that it is there for; absent: all. */
  readonly packages?: string;
  /** Where address and fingerprint are stated. */
  readonly source: string;
  /** The day on which somebody looked there: YYYY-MM-DD. */
  readonly checked: string;
}

const CUDA = 'https://developer.download.nvidia.com/compute/cuda/repos';
const EPEL = 'https://dl.fedoraproject.org/pub/epel';

/**
 * Where RHEL and Rocky Linux, by their version, have NVIDIA's open driver from; it is built with dkms, which is in EPEL.
 *
 * @internal
 */
export const OPEN_DRIVER_REPOSITORIES: { readonly [version: string]: readonly PackageRepository[] } = {
  '8': [epel('8', '94E279EB8D8F25B21810ADF121EA45AB2F86D6A1'), cuda('8')],
  '9': [epel('9', 'FF8AD1344597106ECE813B918A3872BF3228467C'), cuda('9')],
};

function cuda(version: string): PackageRepository {
  return {
    name: 'cluster-node-cuda',
    baseUrl: `${CUDA}/rhel${version}/x86_64`,
    keyUrl: `${CUDA}/rhel${version}/x86_64/D42D0685.pub`,
    // The same key for both: cuda-rhel8.repo and cuda-rhel9.repo name D42D0685.
    fingerprint: '610C7B14E068A878070DA4E99CD0A493D42D0685',
    source: 'https://docs.nvidia.com/datacenter/tesla/driver-installation-guide/; the fingerprint in four unrelated public build scripts',
    checked: '2026-11-29',
  };
}

function epel(version: string, fingerprint: string): PackageRepository {
  return {
    name: 'cluster-node-epel',
    baseUrl: `${EPEL}/${version}/Everything/x86_64`,
    keyUrl: `${EPEL}/RPM-GPG-KEY-EPEL-${version}`,
    fingerprint,
    packages: 'dkms',
    source: 'https://getfedora.org/security/; the fingerprint in the official images of Percona Server and MariaDB',
    checked: '2026-11-29',
  };
}
