import { Token } from 'aws-cdk-lib';
import { Annotations, Match } from 'aws-cdk-lib/assertions';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import { ClusterNode, LoginNode, NodeOs, NodeType, NodeUserData, type PlatformOptions, VirtualDesktopNode } from '../../../lib';
import { sampleCluster } from '../../sample-cluster';

function nodeWith(platform?: PlatformOptions, os = NodeOs.AMAZON_LINUX_2023): ClusterNode {
  const { stack, cluster } = sampleCluster();
  return new ClusterNode(stack, 'Node', { cluster, os, nodeType: NodeType.COMPUTE_NODE, platform });
}

const setupOf = (platform?: PlatformOptions): string => NodeUserData.fromNode(nodeWith(platform)).files['setup.sh'];

describe('platform', () => {
  test('leaves a node as its image is unless it says otherwise', () => {
    expect(setupOf()).not.toMatch(/preserve_hostname|LIMITS|setenforce|systemctl disable --quiet firewalld/);
  });

  test('names a node, also by a value that only CloudFormation knows', () => {
    expect(setupOf({ hostname: 'cad-1.example.com' })).toContain('name="cad-1.example.com"');
    expect(setupOf({ hostname: Token.asString({ Ref: 'Name' }) })).toMatch(/name="\$\{VALUE_\w+\}"/);
  });

  test.each(['', '-a', 'a_b', 'a..b', 'a.', `${'a'.repeat(64)}.b`, 'a\nb', 'a b', 'ä'])('refuses the host name %j', (hostname) => {
    expect(() => nodeWith({ hostname })).toThrow(expect.objectContaining({ code: 'InvalidHostname' }) as Error);
  });

  test('limits programs in the words of logins and of systemd', () => {
    const setup = setupOf({ resourceLimits: { unlimitedLockedMemory: true, unlimitedStack: false, openFiles: 65536 } });
    expect(setup).toContain('\n* - memlock unlimited\n* - nofile 65536\nLIMITS\n');
    expect(setup).toContain('\n[Service]\nLimitMEMLOCK=infinity\nLimitNOFILE=65536\nLIMITS\n');
    expect(setup).not.toContain('* - stack');
  });

  test.each([
    [{ openFiles: 1_048_577 }, 'platform.resourceLimits.openFiles'],
    [{ openFiles: 1.5e4 + 0.5 }, 'platform.resourceLimits.openFiles'],
    [{ processes: 10 }, 'platform.resourceLimits.processes'],
  ])('refuses limits that lock everybody out, %j', (resourceLimits, name) => {
    expect(() => nodeWith({ resourceLimits })).toThrow(`expected ${name} to be an integer from 1024 to`);
  });

  test('takes SELinux and the firewall away when it says so', () => {
    expect(setupOf({ permissiveSelinux: true })).toContain('  setenforce 0\n');
    expect(setupOf({ disableHostFirewall: true })).toContain('systemctl disable --quiet firewalld.service');
    expect(setupOf({ permissiveSelinux: false, disableHostFirewall: false })).not.toMatch(/setenforce|disable --quiet firewalld/);
  });

  test('one host name for several login nodes is a warning', () => {
    const warned = (maxCapacity?: number) => {
      const { stack, cluster } = sampleCluster();
      new LoginNode(stack, 'Login', { cluster, os: NodeOs.UBUNTU_24_04, maxCapacity, platform: { hostname: 'login' } });
      return Annotations.fromStack(stack).findWarning('/Stack/Login', Match.stringLikeRegexp('platform.hostname')).length;
    };
    expect([warned(), warned(1)]).toEqual([1, 0]);
  });

  test('but for the name is neither for Windows nor for Amazon Linux 2', () => {
    const refused = expect.objectContaining({
      code: 'UnsupportedOnOs',
      message: expect.stringMatching(/no platform\./) as string,
    }) as Error;
    expect(() => nodeWith({ permissiveSelinux: true }, NodeOs.AMAZON_LINUX_2)).toThrow(refused);
    const { stack, cluster } = sampleCluster();
    const windows = (id: string, platform: PlatformOptions) =>
      new VirtualDesktopNode(stack, id, { cluster, os: NodeOs.WINDOWS_2022, platform });
    expect(() => windows('Desktop', { disableHostFirewall: true })).toThrow(refused);
    expect(windows('Named', { hostname: 'cad-1' }).bundle.files['setup.ps1']).toContain('$Name = "cad-1"');
    for (const hostname of ['cad-1.example.com', '12345', 'a'.repeat(16), 'a_b', '-a']) {
      expect(() => windows(`Wrong${hostname.length}`, { hostname })).toThrow(expect.objectContaining({ code: 'InvalidHostname' }) as Error);
    }
  });
});

describe('a subnet with IPv6 alone', () => {
  function synth(change: (subnet: ec2.CfnSubnet) => void): () => unknown {
    const { app, stack, vpc, cluster } = sampleCluster();
    new ClusterNode(stack, 'Node', { cluster, os: NodeOs.AMAZON_LINUX_2023, nodeType: NodeType.COMPUTE_NODE });
    change(vpc.privateSubnets[0].node.defaultChild as ec2.CfnSubnet);
    return () => app.synth();
  }

  test.each([
    ['by its property', (subnet: ec2.CfnSubnet) => void (subnet.ipv6Native = true)],
    ['by an override', (subnet: ec2.CfnSubnet) => subnet.addPropertyOverride('Ipv6Native', true)],
  ])('is refused, %s', (_, change) => {
    expect(synth(change)).toThrow(
      /expected subnets with IPv4 addresses, got Stack\/Vpc\/PrivateSubnet1, which has IPv6 alone \(Ipv6Native\); .* \(at Stack\/Node\)/,
    );
  });

  test('one that has both is not', () => {
    expect(synth((subnet) => subnet.addPropertyOverride('AssignIpv6AddressOnCreation', true))).not.toThrow();
  });
});
