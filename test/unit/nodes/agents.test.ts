import { Aws, Stack } from 'aws-cdk-lib';
import { AwsCli, ClusterNode, type ClusterNodeProps, NodeOs, NodeType, NodeUserData } from '../../../lib';
import { FixedImage, sampleCluster } from '../../sample-cluster';

type Props = Partial<ClusterNodeProps>;
const KEY = {
  fingerprint: 'AB'.repeat(20),
  publicKey: '-----BEGIN PGP PUBLIC KEY BLOCK-----\n\nbmV3\n-----END PGP PUBLIC KEY BLOCK-----\n',
};

function nodeWith(props: Props = {}) {
  const { stack, cluster } = sampleCluster();
  const node = new ClusterNode(stack, 'Node', {
    cluster,
    nodeType: NodeType.COMPUTE_NODE,
    os: NodeOs.ROCKY_9,
    machineImage: new FixedImage(),
    ...props,
  });
  return { stack: Stack.of(node), node, install: node.bundle.files['setup.install.sh'], userData: NodeUserData.fromNode(node).userData };
}

describe('AWS CLI', () => {
  const file = { version: '2.99.1', url: 'https://files.example.com/awscli.zip', sha256: 'AB'.repeat(32) };

  test.each<[string, NodeOs, AwsCli | undefined, RegExp]>([
    ['by itself', NodeOs.ROCKY_9, undefined, /https:\/\/awscli\.amazonaws\.com\/awscli-exe-linux-x86_64-2\.36\.7\.zip/],
    ['by itself', NodeOs.AMAZON_LINUX_2023, undefined, /install_packages "awscli-2"/],
    [
      'in another version',
      NodeOs.UBUNTU_24_04,
      AwsCli.signed({ version: '2.99.1' }),
      /awscli-exe-linux-x86_64-2\.99\.1\.zip[^]*FB5DB77FD5C118B80511ADA8A6310ACC4672475C/,
    ],
    ['in another version', NodeOs.AMAZON_LINUX_2023, AwsCli.signed({ version: '2.99.1', signingKey: KEY }), /-2\.99\.1\.zip[^]*(AB){20}/],
    ['from elsewhere', NodeOs.AMAZON_LINUX_2023, AwsCli.fromFile(file), /(ab){32}/],
  ])('is installed %s on %s', (_, os, awsCli, text) => {
    expect(nodeWith({ os, awsCli }).install).toMatch(text);
  });

  test.each<[string, NodeOs, AwsCli | undefined]>([
    ['where nobody wants it', NodeOs.ROCKY_9, AwsCli.none()],
    ['on Amazon Linux 2', NodeOs.AMAZON_LINUX_2, undefined],
  ])('is not installed %s', (_, os, awsCli) => {
    expect(nodeWith({ os, awsCli }).install).not.toMatch(/install_aws_cli|awscli/);
  });

  test('another mirror makes it no other install', () => {
    const from = (url: string) => nodeWith({ awsCli: AwsCli.fromFile({ ...file, url }) });
    const [one, other] = [from(file.url), from('https://mirror.example.com/x.zip')];
    expect(one.install).toBe(other.install);
    expect(one.userData).toContain(`VALUE_SYSTEM_AWS_CLI_URL=${Buffer.from(file.url).toString('base64')}\n`);
  });

  test.each<[string, Props, string, RegExp]>([
    [
      'an address without TLS',
      { awsCli: AwsCli.fromFile({ ...file, url: 'http://x/a.zip' }) },
      'InvalidVerifiedFile',
      /https address that ends with .zip/,
    ],
    ['an address that is a token', { awsCli: AwsCli.fromFile({ ...file, url: Aws.REGION }) }, 'InvalidVerifiedFile', /https address/],
    ['no checksum', { awsCli: AwsCli.fromFile({ ...file, sha256: '' }) }, 'InvalidVerifiedFile', /64 hexadecimal digits in sha256, got ''/],
    [
      'a version that moves',
      { awsCli: AwsCli.signed({ version: 'latest' }) },
      'InvalidVerifiedFile',
      /a version such as 2.36.7.*got 'latest'/,
    ],
    ['version 1', { awsCli: AwsCli.signed({ version: '1.33.0' }) }, 'InvalidVerifiedFile', /got '1.33.0'/],
    [
      'a key by its last digits',
      { awsCli: AwsCli.signed({ version: '2.36.7', signingKey: { ...KEY, fingerprint: '4672475C' } }) },
      'InvalidSigningKey',
      /signing key of awsCli.*whole fingerprint/,
    ],
    ['a system that gets none', { os: NodeOs.AMAZON_LINUX_2, awsCli: AwsCli.pinned() }, 'UnsupportedOnOs', /no awsCli on amazonlinux2/],
  ])('is refused with %s', (_, props, code, message) => {
    expect(() => nodeWith(props)).toThrow(expect.objectContaining({ code, message: expect.stringMatching(message) as string }) as Error);
  });
});
