import { Annotations as AppAnnotations, Token } from 'aws-cdk-lib';
import { Annotations, Match } from 'aws-cdk-lib/assertions';
import { ClusterNode, type ClusterNodeProps, NodeOs, NodeTags, NodeType, NodeUserData, VirtualDesktopNode } from '../../../lib';
import { METADATA_SERVICE_USERS } from '../../../lib/values/metadata-users';
import { sessionOwnerRule } from '../../../lib/values/session-owner';
import { follows } from '../../../lib/values/value-rule';
import { sampleCluster } from '../../sample-cluster';

function nodeWith(props: Partial<ClusterNodeProps> = {}) {
  const { stack, cluster } = sampleCluster();
  const node = new ClusterNode(stack, 'Node', { cluster, os: NodeOs.AMAZON_LINUX_2023, nodeType: NodeType.COMPUTE_NODE, ...props });
  return { stack, node };
}

const REFUSED = expect.objectContaining({ code: 'InvalidMetadataUser' }) as Error;

const filesOf = ({ node }: ReturnType<typeof nodeWith>) => NodeUserData.fromNode(node).files;

test('is there unless it is switched off, with the users that are named', () => {
  const plain = filesOf(nodeWith({ metadataUsers: ['svc-backup', 'dcv'] }));
  expect(plain['setup.install.sh']).toContain('install_packages nftables\n');
  expect(plain['setup.sh'].match(/printf '%s\\n' "[\w-]+"$/gm)).toEqual(
    [...Object.keys(METADATA_SERVICE_USERS), 'svc-backup'].map((name) => `printf '%s\\n' "${name}"`),
  );
  expect(plain['runner.sh']).toContain('  prove_metadata_guard\n');
  const without = filesOf(nodeWith({ metadataGuard: false }));
  expect(Object.values(without).join('')).not.toMatch(/set_metadata_guard|prove_metadata_guard|nftables/);
});

test('switched off, it gives a warning that can be acknowledged', () => {
  const { stack, node } = nodeWith({ metadataGuard: false });
  AppAnnotations.of(node).acknowledgeWarning('cdk-cluster-nodes:metadataGuardOff', 'a test');
  Annotations.fromStack(stack).hasNoWarning('/Stack/Node', Match.anyValue());
  Annotations.fromStack(nodeWith({ metadataGuard: false }).stack).hasWarning(
    '/Stack/Node',
    Match.stringLikeRegexp('^every user of the node'),
  );
  Annotations.fromStack(nodeWith().stack).hasNoWarning('/Stack/Node', Match.anyValue());
});

test.each([
  ['root', /neither root, who always reaches it, nor nobody, got 'root' \(at Stack\/Node\)$/],
  ['nobody', /got 'nobody' \(at Stack\/Node\)$/],
  ['1000', /not digits alone.*got '1000' \(at Stack\/Node\)$/],
  ['a b', /got 'a b' \(at Stack\/Node\)$/],
  ['$(id)', /got '\$\(id\)' \(at Stack\/Node\)$/],
  ['x'.repeat(33), /1 to 32/],
  ['', /got '' \(at Stack\/Node\)$/],
  [Token.asString({ Ref: 'User' }), /got a token; pass a name known at synth \(at Stack\/Node\)$/],
])('metadataUsers refuses %j', (name, message) => {
  expect(() => nodeWith({ metadataUsers: ['svc', name] })).toThrow(message);
  expect(() => nodeWith({ metadataUsers: [name] })).toThrow(REFUSED);
});

test('metadataUsers is for Linux', () => {
  const { stack, cluster } = sampleCluster();
  const desktop = () => new VirtualDesktopNode(stack, 'Desktop', { cluster, os: NodeOs.WINDOWS_2022, metadataUsers: ['svc'] });
  expect(desktop).toThrow(/expected no metadataUsers on windows2022, where services and administrators reach .* got svc; take them out/);
});

test('the owner of a desktop is none of them', () => {
  const { stack, cluster } = sampleCluster();
  const props = { cluster, os: NodeOs.UBUNTU_24_04, metadataUsers: ['svc'] };
  expect(() => new VirtualDesktopNode(stack, 'Desktop', { ...props, sessionOwner: 'svc' })).toThrow(
    /expected metadataUsers without the owner of the desktops.* got 'svc'/,
  );
  const other = new VirtualDesktopNode(stack, 'Other', { ...props, sessionOwner: 'ada' });
  expect(() => other.setLaunchTimeValue(NodeTags.SESSION_OWNER, 'svc')).toThrow(REFUSED);
});

test('no owner can have the name of a service that reaches the role', () => {
  for (const name of Object.keys(METADATA_SERVICE_USERS)) {
    expect([name, follows(sessionOwnerRule('linux'), name)]).toEqual([name, false]);
  }
});
