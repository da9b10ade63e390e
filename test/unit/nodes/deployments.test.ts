import * as fs from 'fs';
import * as path from 'path';
import { App, DefaultStackSynthesizer, type FileAssetLocation, type FileAssetSource, LegacyStackSynthesizer, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as iam from 'aws-cdk-lib/aws-iam';
import { BootstrapTemplates, Cluster, type ClusterOptions, LoginNode, type NodeOptions, NodeOs, VirtualDesktopNode } from '../../../lib';
import { bootstrapStatements } from '../../sample-cluster';
import { writeFiles } from '../../write-files';

let mockVersion = '1.0.0';
jest.mock('../../../lib/library-version', () => ({ libraryVersion: () => mockVersion }));

/** A team's templates, other than the library's. */
function changedTemplates(): BootstrapTemplates {
  return BootstrapTemplates.fromDirectory(writeFiles({ 'compute_node/setup_user_customization.sh.j2': '#!/bin/bash\necho changed\n' }));
}

/** One deployment of a stack with a desktop, or with what `add` puts there. */
function deployment(
  props: Partial<NodeOptions> & { readonly roleOf?: (stack: Stack) => iam.IRole } = {},
  synthesizer = new DefaultStackSynthesizer(),
  Node: typeof VirtualDesktopNode | typeof LoginNode = VirtualDesktopNode,
  clusterOptions: Partial<ClusterOptions> = {},
) {
  const stack = new Stack(new App(), 'Stack', { synthesizer });
  const { roleOf, ...options } = props;
  const cluster = new Cluster(stack, 'Cluster', { clusterId: 'lab', vpc: new ec2.Vpc(stack, 'Vpc'), ...clusterOptions });
  const node = new Node(stack, 'Node', { cluster, os: NodeOs.UBUNTU_24_04, role: roleOf?.(stack), ...options });
  return { stack, node, template: Template.fromStack(stack) };
}

function synthesizerWithKeys(keyOf: (key: string) => string): DefaultStackSynthesizer {
  return new (class extends DefaultStackSynthesizer {
    public addFileAsset(asset: FileAssetSource): FileAssetLocation {
      const location = super.addFileAsset(asset);
      return { ...location, objectKey: keyOf(location.objectKey) };
    }
  })();
}

describe('a later deployment with other templates', () => {
  test.each([
    ['a role of its own', {}],
    [
      'a given role',
      { roleOf: (stack: Stack) => new iam.Role(stack, 'Given', { assumedBy: new iam.ServicePrincipal('ec2.amazonaws.com') }) },
    ],
    ['an imported role', { roleOf: (stack: Stack) => iam.Role.fromRoleName(stack, 'Given', 'of-another-team') }],
  ])('changes nothing of %s', (_, props) => {
    const [before, after] = [deployment(props), deployment({ ...props, templates: changedTemplates() })];
    expect(after.node.bundle.sha256).not.toBe(before.node.bundle.sha256);
    for (const type of ['AWS::IAM::Role', 'AWS::IAM::Policy', 'AWS::IAM::ManagedPolicy']) {
      expect(after.template.findResources(type)).toEqual(before.template.findResources(type));
    }
  });

  test('nodes of one role with other scripts each need one statement for all', () => {
    const stack = new Stack(new App(), 'Stack');
    const cluster = new Cluster(stack, 'Cluster', { clusterId: 'lab', vpc: new ec2.Vpc(stack, 'Vpc') });
    const role = new iam.Role(stack, 'Shared', { assumedBy: new iam.ServicePrincipal('ec2.amazonaws.com') });
    for (const system of [NodeOs.UBUNTU_24_04, NodeOs.AMAZON_LINUX_2023, NodeOs.WINDOWS_2022]) {
      new VirtualDesktopNode(stack, system.name, { cluster, os: system, role });
    }
    const [policy] = Object.values(Template.fromStack(stack).findResources('AWS::IAM::Policy')) as {
      Properties: { PolicyDocument: { Statement: unknown[] } };
    }[];
    expect(JSON.stringify(policy.Properties.PolicyDocument).match(/cluster-node-bundle/g)).toHaveLength(1);
  });

  test.each([
    ['a prefix', new DefaultStackSynthesizer({ bucketPrefix: 'ours/' })],
    ['the legacy synthesizer', new LegacyStackSynthesizer()],
  ])('works with %s', (_, synthesizer) => {
    const { template } = deployment({}, synthesizer as DefaultStackSynthesizer);
    expect(JSON.stringify(bootstrapStatements(template)[0].Resource)).toContain('/*.cluster-node-bundle');
  });

  test('a synthesizer that gives bundles other names is refused', () => {
    expect(() =>
      deployment(
        {},
        synthesizerWithKeys((key) => path.parse(key).name),
      ),
    ).toThrow(
      /^expected the stack's synthesizer to keep the extension \.cluster-node-bundle of file assets.*got the object key '[0-9a-f]{64}' \(at Stack\/Node\)$/,
    );
  });
});

test('what nodes need of their role is what the documentation promises to keep', () => {
  const text = fs.readFileSync(path.join(__dirname, '..', '..', '..', 'docs', 'deployments.md'), 'utf8');
  const promised = [...text.matchAll(/^\| `(\w+:\w+)` \|/gm)].map((match) => match[1]);
  const given = [VirtualDesktopNode, LoginNode].flatMap((Node) =>
    bootstrapStatements(deployment({}, undefined, Node, { waitForStacks: ['network'] }).template).flatMap((statement) => statement.Action),
  );
  expect(new Set(given)).toEqual(new Set(promised));
});

describe('cdk gc', () => {
  test.each(['', 'ours/'])('finds the bundle in the template, under the prefix %p', (bucketPrefix) => {
    const { stack, node } = deployment({}, new DefaultStackSynthesizer({ bucketPrefix }));
    // What the command looks for is the object's key up to the first dot.
    expect(JSON.stringify(Template.fromStack(stack).toJSON())).toContain(`"${bucketPrefix}${node.bundle.sha256}.cluster-node-bundle"`);
  });

  test('keeps those of earlier versions that the stack names', () => {
    const stack = new Stack(new App(), 'Stack');
    stack.addMetadata('EarlierBundles', [`${'1'.repeat(64)}.cluster-node-bundle`]);
    expect(JSON.stringify(Template.fromStack(stack).toJSON())).toContain('1'.repeat(64));
  });
});

describe('another version of the library', () => {
  test.each([VirtualDesktopNode, LoginNode])('changes a tag of the role of a %p alone', (Node) => {
    mockVersion = '1.0.0';
    const before = deployment({}, undefined, Node);
    mockVersion = '99.0.0';
    const after = deployment({}, undefined, Node);
    expect(after.node.bundle.sha256).toBe(before.node.bundle.sha256);
    const tag = { Key: 'cluster-node:LibraryVersion', Value: '99.0.0' };
    after.template.hasResourceProperties('AWS::IAM::Role', { Tags: [tag] });
    const text = JSON.stringify(after.template.toJSON());
    expect(text.split('99.0.0')).toHaveLength(2);
    expect(JSON.parse(text.replace('99.0.0', '1.0.0'))).toEqual(before.template.toJSON());
  });
});
