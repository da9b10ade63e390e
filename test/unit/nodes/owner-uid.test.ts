import { Aws } from 'aws-cdk-lib';
import { NodeOs, SharedFileSystem, VirtualDesktopNode, type VirtualDesktopNodeProps } from '../../../lib';
import { sampleCluster } from '../../sample-cluster';

const HOMES = [SharedFileSystem.nfs({ server: 'files', mountPath: '/home' })];

function desktopWith(props: Partial<VirtualDesktopNodeProps>, options: Parameters<typeof sampleCluster>[0] = {}): VirtualDesktopNode {
  const { stack, cluster } = sampleCluster(options);
  return new VirtualDesktopNode(stack, 'Desktop', { cluster, os: NodeOs.UBUNTU_24_04, ...props });
}

test('homes on a shared file system need a user directory, or one owner with a number', () => {
  const error =
    'expected a user directory for homes on a shared file system (/home), got local owners, whose numbers differ from node to node; set sessionOwner and ownerUid, configure /configuration/UserDirectory/provider, or mount the file system elsewhere (at Stack/Desktop)';
  expect(() => desktopWith({}, { fileSystems: HOMES })).toThrow(error);
  expect(() => desktopWith({ sessionOwner: 'alice' }, { fileSystems: HOMES })).toThrow(error);
  const directory = { configuration: { '/configuration/UserDirectory/provider': 'openldap' } };
  expect(() => desktopWith({}, { fileSystems: HOMES, ...directory })).not.toThrow();
  expect(() => desktopWith({ os: NodeOs.WINDOWS_2022 }, { fileSystems: HOMES })).not.toThrow();
  expect(() => desktopWith({}, { fileSystems: [SharedFileSystem.nfs({ server: 'files', mountPath: '/data' })] })).not.toThrow();
});

test('the account gets the number, and no other owner is taken', () => {
  const { files } = desktopWith({ sessionOwner: 'alice', ownerUid: 5004 }, { fileSystems: HOMES }).bundle;
  expect(files['extra/virtual_desktop.sh']).toContain('uid="5004"');
  expect(files['setup.sh']).toContain('fail "session owner: expected alice, the only owner that this node takes, got ${owner}"');
});

test.each<[string, Partial<VirtualDesktopNodeProps>, RegExp]>([
  [
    'several owners',
    { ownerUid: 5004 },
    /^expected ownerUid beside a sessionOwner, .*, got no sessionOwner; give sessionOwner, since several/,
  ],
  ['Windows', { ownerUid: 5004, sessionOwner: 'alice', os: NodeOs.WINDOWS_2022 }, /^expected ownerUid .*, got windows2022; leave/],
  [
    'a directory',
    { ownerUid: 5004, sessionOwner: 'alice', configuration: { '/configuration/UserDirectory/provider': 'openldap' } },
    /^expected ownerUid .*, got a user directory; leave ownerUid out/,
  ],
  ['a number of the system', { ownerUid: 999, sessionOwner: 'alice' }, /^expected ownerUid to be an integer from 1000 to 60000, got 999/],
  ['a token', { ownerUid: Number(Aws.REGION), sessionOwner: 'alice' }, /^expected ownerUid to be an integer/],
])('ownerUid for %s is an error', (_, props, message) => {
  expect(() => desktopWith(props)).toThrow(message);
});
