/**
 * A detached PGP signature, for what its vendor signs and states no checksum of. It lies beside the file, with `.sig` at the end
 * of its address.
 *
 * @internal
 */
export interface DetachedSignature {
  /** Whole fingerprint of the primary key: 40 hexadecimal digits, upper case. It is what pins the key, wherever that comes from. */
  readonly fingerprint: string;
  /** File with the key, in assets/cluster_node_bootstrap/templates/keys, or its address. */
  readonly key: string;
}

/**
 * A file that a node fetches from an address outside of its system's own package repositories.
 *
 * @internal
 */
export interface Download {
  readonly version: string;
  /** Address. `{region}` and `{domain}` stand for the Region and the domain of its partition, such as amazonaws.com. */
  readonly url: string;
  /** SHA-256 of the file, hexadecimal. */
  readonly sha256?: string;
  readonly signature?: DetachedSignature;
  /** Organisations that may have signed it, by the certificate of its Authenticode signature. */
  readonly signers?: readonly string[];
  /** Where the address and what verifies it are stated: an address, or `owner/repository, path, commit or release`. */
  readonly source: string;
  /** The day on which somebody looked there: YYYY-MM-DD. */
  readonly checked: string;
}

/** Release 26.4.0 of Scale-Out Computing on AWS; of most packages also AWS ParallelCluster, which has the same. */
const DCV_SOURCE = 'awslabs/scale-out-computing-on-aws, installer/default_config.yml, release 26.4.0';
const DCV_HOST = 'https://d1uj6qtbmh3dt5.cloudfront.net';
const DCV_VERSION = '2025.0-20103';

/**
 * By which AWS signs each version of its CLI, until 2027-07-01, for versions that a user asks for.
 *
 * @see https://docs.aws.amazon.com/cli/latest/userguide/getting-started-install.html
 * @internal
 */
export const AWS_CLI_SIGNING_KEY: DetachedSignature = { fingerprint: 'FB5DB77FD5C118B80511ADA8A6310ACC4672475C', key: 'aws-cli.asc' };

/**
 * Which of them signs what for Windows, AWS does not say.
 *
 * @internal
 */
export const AMAZON: readonly string[] = ['Amazon Web Services, Inc.', 'Amazon.com Services LLC'];

/**
 * Release of NVIDIA's GRID driver in the table.
 *
 * @internal
 */
export const GRID_RELEASE = '20.2';

/**
 * All that a node of this library downloads, by name, but for what a user names and what the repositories of the system have.
 * `npm run downloads:list` prints it, `npm run downloads:check` fetches and verifies each.
 *
 * @internal
 */
export const DOWNLOADS: { readonly [name: string]: Download } = {
  // By family of packages and architecture. 2025.0-20103 is published for Amazon Linux 2 as well, with a checksum nobody states.
  'dcv/al2/x86_64': dcv('el7-only-al2-x86_64', '0dc68b98a27e245697e56e4d27c0eb4d648613a60290e7976f31a9b1aaca7e67', '2024.0-17979'),
  'dcv/al2/arm64': dcv('el7-only-al2-aarch64', '59011a340e903c058013c8c8f2aa346e864eb3a4168f6d74779e21f9ea8e8e86', '2024.0-17979'),
  'dcv/al2023/x86_64': dcv('amzn2023-x86_64', 'd98eb986f3b547af22a7732ca26cb6541c3842b9ed57218f503c9acc3b29e7e2'),
  'dcv/al2023/arm64': dcv('amzn2023-aarch64', '8c9d29b41ee5f9fdfced4ae257c8e6444298a61da62beb2a38add1783c2e3858'),
  'dcv/el8/x86_64': dcv('el8-x86_64', 'a3038cb0119c9e287c08afb84c687e48896cb4e7af2f9c8a7724b5ae9226e718'),
  'dcv/el8/arm64': dcv('el8-aarch64', '89fcb456ee47464ff1fd4657e50814e6a9b18dd7a1fc29ba89b6649239103eda'),
  'dcv/el9/x86_64': dcv('el9-x86_64', '830e8113d63c11ae663886b4f85f55fc5ae7b64bc24ec485cba71fa304d87ddf'),
  'dcv/el9/arm64': dcv('el9-aarch64', '90b33e27e149ad3ca2ebaf8b562c86ba9115c8c282e5d87bd75cfb8ba3054419'),
  'dcv/ubuntu2204/x86_64': dcv('ubuntu2204-x86_64', 'acfc339c9e57be9800f25734cb18dec87da2b0457b3cfd2582fc57f05de7c792'),
  'dcv/ubuntu2204/arm64': dcv('ubuntu2204-aarch64', '770058467e36686e77b4cd6a3d9a953f6714862182e2c9ccd72958d59f35df5b'),
  'dcv/ubuntu2404/x86_64': dcv('ubuntu2404-x86_64', 'a39374d39f2d849bd13ee101970bb9eea15a8c5ec743799b7cbb7f562ece9e17'),
  'dcv/ubuntu2404/arm64': dcv('ubuntu2404-aarch64', '47205acfab5d35a7f6fe18f9311295aee51189636a2a76d14e0eca39f780192d'),
  // NVIDIA's long-term branch. Its vendor states no checksums; both sources have these, of the same addresses.
  'nvidia-data-center/x86_64': nvidia(
    'tesla/580.173.02/NVIDIA-Linux-x86_64',
    '8d8eb9001e05a9a8a663d3d5d304feb64ef2844ee185ccdfd952786820f46e1b',
  ),
  'nvidia-data-center/arm64': nvidia(
    'XFree86/aarch64/580.173.02/NVIDIA-Linux-aarch64',
    'd65bd56087ef4d78f04a808da7883c35a5901c5fd37e95d150a7602eba97aa80',
  ),
  efa: {
    version: '1.47.0',
    url: 'https://efa-installer.amazonaws.com/aws-efa-installer-1.47.0.tar.gz',
    sha256: '2df4201e046833c7dc8160907bee7f52b76ff80ed147376a2d0ed8a0dd66b2db',
    source: DCV_SOURCE,
    checked: '2026-11-28',
  },
  'dcv/windows/x86_64': {
    version: DCV_VERSION,
    url: `${DCV_HOST}/2025.0/Servers/nice-dcv-server-x64-Release-${DCV_VERSION}.msi`,
    sha256: '593e2b78cd41b64fac255f303e48b1e7f73129969279ba2eae067e519f962067',
    source: DCV_SOURCE,
    checked: '2026-11-28',
  },
  // For 14.30 and later, which is one for all: its vendor publishes the newest alone.
  'visual-c-runtime/windows/x86_64': {
    version: 'latest',
    url: 'https://aka.ms/vs/17/release/vc_redist.x64.exe',
    signers: ['Microsoft Corporation'],
    source: 'https://learn.microsoft.com/cpp/windows/latest-supported-vc-redist',
    checked: '2026-11-30',
  },
  'aws-cli/x86_64': awsCli('x86_64', 'd641283d37f1a2168457a9f26a20d4e29167652e9ab1719b37114ef1ebe859f4'),
  'aws-cli/arm64': awsCli('aarch64', '85826b67912b44bb45d1e46c6e66f383c14405ee0b2f4686f73bdf949c93bd61'),
  'aws-cli/windows/x86_64': {
    version: '2.36.7',
    url: 'https://awscli.amazonaws.com/AWSCLIV2-2.36.7.msi',
    sha256: '6019a077650a683254823ae0d025f7f72acb28728f2032736a3059d4a4ea978b',
    source:
      'microsoft/winget-pkgs, manifests/a/Amazon/AWSCLI/2.36.7/Amazon.AWSCLI.installer.yaml, commit 691e9acf867e4578bb4e9c1717e00af424da14dc',
    checked: '2026-11-30',
  },
  'ssm-agent/x86_64': ssmAgent('amd64'),
  'ssm-agent/arm64': ssmAgent('arm64'),
  'cloudwatch-agent/redhat/x86_64': cloudWatchAgent('redhat/amd64', 'rpm'),
  'cloudwatch-agent/redhat/arm64': cloudWatchAgent('redhat/arm64', 'rpm'),
  'cloudwatch-agent/ubuntu/x86_64': cloudWatchAgent('ubuntu/amd64', 'deb'),
  'cloudwatch-agent/ubuntu/arm64': cloudWatchAgent('ubuntu/arm64', 'deb'),
  'cloudwatch-agent/windows/x86_64': {
    version: 'latest',
    url: 'https://amazoncloudwatch-agent-{region}.s3.{region}.{domain}/windows/amd64/latest/amazon-cloudwatch-agent.msi',
    signers: AMAZON,
    source:
      'https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/download-CloudWatch-Agent-on-EC2-Instance-commandline-first.html',
    checked: '2026-11-30',
  },
  // For 2022 and 2025. AWS publishes no checksum; this one is of a single public project, so that the signature counts as well.
  'nvidia-grid/windows/x86_64': {
    version: '596.86',
    url: `s3://ec2-windows-nvidia-drivers/grid-${GRID_RELEASE}/596.86__grid_win10_win11_server2022_server2025_dch_64bit_international_aws_swl.exe`,
    sha256: 'e847099942f9e17e859fc151e725aeab9d23639c54d976a651732691b5fca6a1',
    signers: ['NVIDIA Corporation'],
    source: 'https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/nvidia-GRID-driver.html',
    checked: '2026-11-30',
  },
};

/** gVisor has the checksums of installers that it is tested with; legacy_580 of nixpkgs, which builds from them, has the same. */
function nvidia(file: string, sha256: string): Download {
  const version = '580.173.02';
  return {
    version,
    url: `https://us.download.nvidia.com/${file}-${version}.run`,
    sha256,
    source: 'google/gvisor, pkg/sentry/devices/nvproxy/version.go, commit 0165ee007e27c691b3f5c5b96b77c7ae42931df8',
    checked: '2026-11-29',
  };
}

function dcv(file: string, sha256: string, version = DCV_VERSION): Download {
  const url = `${DCV_HOST}/${version.split('-')[0]}/Servers/nice-dcv-${version}-${file}.tgz`;
  return { version, url, sha256, source: DCV_SOURCE, checked: '2026-11-28' };
}

/** AWS states no checksum; two unrelated projects do, and agree. */
function awsCli(machine: string, sha256: string): Download {
  return {
    version: '2.36.7',
    url: `https://awscli.amazonaws.com/awscli-exe-linux-${machine}-2.36.7.zip`,
    sha256,
    source: 'maximalfocus/coding-agent-sandbox, docs/pin-acceptance.md, commit df0e89a2656abae8f51d409744566d73af7a236c',
    checked: '2026-11-29',
  };
}

/** AWS publishes under one address whatever is newest. The key, until 2027-11-25: aws/eks-hybrid, internal/ssm/source.go, has it. */
function ssmAgent(machine: string): Download {
  return {
    version: 'latest',
    url: `https://s3.{region}.{domain}/amazon-ssm-{region}/latest/linux_${machine}/amazon-ssm-agent.rpm`,
    signature: { fingerprint: '1C5B395CBE5E74E2F1CA21592784DBF388D19D46', key: 'ssm-agent.asc' },
    source: 'https://docs.aws.amazon.com/systems-manager/latest/userguide/verify-agent-signature.html',
    checked: '2026-11-29',
  };
}

function cloudWatchAgent(folder: string, kind: string): Download {
  const bucket = 'https://amazoncloudwatch-agent-{region}.s3.{region}.{domain}';
  return {
    version: 'latest',
    url: `${bucket}/${folder}/latest/amazon-cloudwatch-agent.${kind}`,
    signature: {
      fingerprint: '937616F3450B7D806CBD9725D58167303B789C72',
      key: `${bucket}/assets/amazon-cloudwatch-agent.gpg`,
    },
    source: 'https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/verify-CloudWatch-Agent-Package-Signature.html',
    checked: '2026-11-29',
  };
}
