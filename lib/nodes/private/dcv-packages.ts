/**
 * One Amazon DCV server package. Versions and checksums of everything that a desktop downloads stand in this file.
 *
 * @internal
 */
export interface DcvPackage {
  readonly version: string;
  readonly url: string;
  /** SHA-256 of the file, hexadecimal. */
  readonly sha256: string;
}

const DOWNLOAD = 'https://d1uj6qtbmh3dt5.cloudfront.net';
const VERSION = '2025.0-20103';

function archive(family: string, machine: 'x86_64' | 'aarch64', sha256: string, version = VERSION): DcvPackage {
  const release = version.split('-')[0];
  return { version, url: `${DOWNLOAD}/${release}/Servers/nice-dcv-${version}-${family}-${machine}.tgz`, sha256 };
}

/**
 * The DCV server by family and by architecture as EC2 spells it. Source of addresses and checksums: the default
 * configuration of Scale-Out Computing on AWS 26.4.0.
 *
 * @internal
 */
export const DCV_PACKAGES: { readonly [family: string]: { readonly [architecture: string]: DcvPackage } } = {
  al2: {
    // 2024.0 is the last release for Amazon Linux 2.
    x86_64: archive('el7-only-al2', 'x86_64', '0dc68b98a27e245697e56e4d27c0eb4d648613a60290e7976f31a9b1aaca7e67', '2024.0-17979'),
    arm64: archive('el7-only-al2', 'aarch64', '59011a340e903c058013c8c8f2aa346e864eb3a4168f6d74779e21f9ea8e8e86', '2024.0-17979'),
  },
  al2023: {
    x86_64: archive('amzn2023', 'x86_64', 'd98eb986f3b547af22a7732ca26cb6541c3842b9ed57218f503c9acc3b29e7e2'),
    arm64: archive('amzn2023', 'aarch64', '8c9d29b41ee5f9fdfced4ae257c8e6444298a61da62beb2a38add1783c2e3858'),
  },
  el8: {
    x86_64: archive('el8', 'x86_64', 'a3038cb0119c9e287c08afb84c687e48896cb4e7af2f9c8a7724b5ae9226e718'),
    arm64: archive('el8', 'aarch64', '89fcb456ee47464ff1fd4657e50814e6a9b18dd7a1fc29ba89b6649239103eda'),
  },
  el9: {
    x86_64: archive('el9', 'x86_64', '830e8113d63c11ae663886b4f85f55fc5ae7b64bc24ec485cba71fa304d87ddf'),
    arm64: archive('el9', 'aarch64', '90b33e27e149ad3ca2ebaf8b562c86ba9115c8c282e5d87bd75cfb8ba3054419'),
  },
  ubuntu2204: {
    x86_64: archive('ubuntu2204', 'x86_64', 'acfc339c9e57be9800f25734cb18dec87da2b0457b3cfd2582fc57f05de7c792'),
    arm64: archive('ubuntu2204', 'aarch64', '770058467e36686e77b4cd6a3d9a953f6714862182e2c9ccd72958d59f35df5b'),
  },
  ubuntu2404: {
    x86_64: archive('ubuntu2404', 'x86_64', 'a39374d39f2d849bd13ee101970bb9eea15a8c5ec743799b7cbb7f562ece9e17'),
    arm64: archive('ubuntu2404', 'aarch64', '47205acfab5d35a7f6fe18f9311295aee51189636a2a76d14e0eca39f780192d'),
  },
  windows: {
    x86_64: {
      version: VERSION,
      url: `${DOWNLOAD}/2025.0/Servers/nice-dcv-server-x64-Release-${VERSION}.msi`,
      sha256: '593e2b78cd41b64fac255f303e48b1e7f73129969279ba2eae067e519f962067',
    },
  },
};

/**
 * The DCV server as context keys. Where the library has none, the configuration has to name one.
 *
 * @internal
 */
export function dcvServer(family: string | undefined, architecture: string): { [key: string]: string } {
  const dcv = family === undefined ? undefined : DCV_PACKAGES[family]?.[architecture];
  return {
    '/system/dcv/family': family ?? 'none',
    '/system/dcv/version': dcv?.version ?? 'custom',
    ...(dcv === undefined ? {} : { '/system/dcv/url': dcv.url, '/system/dcv/sha256': dcv.sha256 }),
  };
}
