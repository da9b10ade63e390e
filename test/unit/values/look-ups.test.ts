import { App, Stack } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as ssm from 'aws-cdk-lib/aws-ssm';
import {
  Cluster,
  type ClusterOptions,
  LoginNode,
  NodeOs,
  SharedFileSystem,
  VirtualDesktopNode,
  type VirtualDesktopNodeProps,
} from '../../../lib';

/** What depends on values that CDK looks up, which it does when the app has run through for the first time. */
type Settings = { readonly cluster?: Partial<ClusterOptions> & { clusterId?: string }; readonly node?: Partial<VirtualDesktopNodeProps> };

const SETTINGS: { [name: string]: (value: string) => Settings } = {
  'a cluster id': (value) => ({ cluster: { clusterId: value } }),
  'a time zone': (value) => ({ cluster: { timezone: value } }),
  'the host of a proxy': (value) => ({ cluster: { proxy: { httpProxy: `http://${value}:3128`, noProxy: [value] } } }),
  'a proxy': (value) => ({ cluster: { proxy: { httpsProxy: value } } }),
  'a stack to wait for': (value) => ({ cluster: { waitForStacks: [value] } }),
  'an NFS server': (value) => ({
    cluster: { fileSystems: [SharedFileSystem.nfs({ server: value, exportPath: value, mountPath: '/data' })] },
  }),
  'a mount path': (value) => ({
    cluster: { fileSystems: [SharedFileSystem.nfs({ server: 'files', mountPath: value, mountOptions: value })], appsPath: value },
  }),
  'an owner': (value) => ({ node: { sessionOwner: value, sessionName: value, project: value } }),
  'an instance type': (value) => ({ node: { instanceType: new ec2.InstanceType(value) } }),
  'a package': (value) => ({ node: { packages: [value] } }),
};

function synth({ cluster: options, node }: Settings, stack: Stack): string[] {
  const vpc = new ec2.Vpc(stack, 'Vpc');
  const cluster = new Cluster(stack, 'Cluster', { clusterId: 'lab', vpc, ...options });
  new VirtualDesktopNode(stack, 'Desktop', { cluster, os: NodeOs.UBUNTU_24_04, ...node });
  new LoginNode(stack, 'Login', { cluster, os: NodeOs.AMAZON_LINUX_2023, ...node });
  return (App.of(stack) as App).synth().manifest.missing?.map(({ provider }) => provider) ?? [];
}

test.each(Object.keys(SETTINGS))('%s that is yet to be looked up does not stop the look-up', (name) => {
  const stack = new Stack(new App(), 'Stack', { env: { account: '111111111111', region: 'eu-west-1' } });
  const value = ssm.StringParameter.valueFromLookup(stack, '/lab/a value');
  expect(synth(SETTINGS[name](value), stack)).toContain('ssm');
});

test.each(Object.keys(SETTINGS))('%s that was looked up is checked', (name) => {
  const stack = new Stack(new App(), 'Stack');
  expect(() => synth(SETTINGS[name]('no/such value'), stack)).toThrow(/expected/);
});
