import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as efs from 'aws-cdk-lib/aws-efs';
import * as logs from 'aws-cdk-lib/aws-logs';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import { ClusterNode, LoginNode, NodeOs, NodeType, SharedFileSystem, VirtualDesktopNode } from '../../../lib';
import { sampleCluster } from '../../sample-cluster';

// The scripts that the instance runs that an image is tested with.

/** A cluster with all that such an instance does not reach. */
function nodes(): { readonly [name: string]: ClusterNode } {
  const { stack, cluster } = sampleCluster(
    { waitForStacks: ['directory'], configuration: { '/configuration/UserDirectory/provider': 'openldap' } },
    (scope, vpc) => ({
      fileSystems: [SharedFileSystem.efs({ fileSystem: new efs.FileSystem(scope, 'Efs', { vpc }), mountPath: '/home' })],
    }),
  );
  const common = { cluster, logGroup: new logs.LogGroup(stack, 'Log') };
  const secret = (id: string): secretsmanager.Secret => new secretsmanager.Secret(stack, id);
  const dcv = { certificateSecret: secret('Certificate') };
  return {
    desktop: new VirtualDesktopNode(stack, 'Desktop', { ...common, os: NodeOs.UBUNTU_24_04, dcv, sessionOwner: 'ada' }),
    login: new LoginNode(stack, 'Login', { ...common, os: NodeOs.AMAZON_LINUX_2023, hostKeysSecret: secret('Keys') }),
    compute: new ClusterNode(stack, 'Compute', {
      ...common,
      os: NodeOs.UBUNTU_24_04,
      nodeType: NodeType.COMPUTE_NODE,
      instanceType: new ec2.InstanceType('hpc6a.48xlarge'),
      efa: true,
    }),
    windows: new VirtualDesktopNode(stack, 'Windows', { ...common, os: NodeOs.WINDOWS_2022, dcv }),
  };
}

/** What reaches something of the cluster, or is not there without tags and an interface of EFA. */
const OF_THE_CLUSTER =
  /"\/home"|"directory"|openldap|get_secret "|Get-NodeSecret -Arn|print_launch_value "|Get-LaunchTimeValueLine -Variable|fi_info/g;

const scriptsOf = (files: { readonly [file: string]: string }): string =>
  Object.entries(files)
    .filter(([file]) => !/install|seal|connect/.test(file))
    .map(([, script]) => script)
    .join('\n');

describe.each(['desktop', 'login', 'compute', 'windows'])('%s', (name) => {
  const node = nodes()[name];
  const { bundle, valueLines } = node._imageSource().test;

  test('the installs are those of the node, to the byte', () => {
    const installs = Object.keys(bundle.files).filter((file) => file.includes('.install.'));
    expect(installs.length).toBeGreaterThan(0);
    installs.forEach((file) => expect(bundle.files[file]).toBe(node.bundle.files[file]));
  });

  test('nothing of the cluster is reached: file systems, stacks, directory, secrets, tags, the customization', () => {
    expect(scriptsOf(node.bundle.files)).toMatch(OF_THE_CLUSTER);
    expect(scriptsOf(bundle.files).match(OF_THE_CLUSTER)).toBeNull();
    expect(valueLines.join('\n')).not.toMatch(/SECRET|FILE_SYSTEM|LOG_GROUP/);
    expect(Object.keys(bundle.files).join()).not.toContain('setup_user_customization');
  });
});
