import { inspect } from 'util';
import { BootstrapTemplates, NodeOs, NodeUserData, VirtualDesktopNode } from '../../lib';
import { sampleCluster } from '../sample-cluster';
import { thrownBy } from '../thrown-by';
import { writeFiles } from '../write-files';

/** What Node.js prints of an error that ends an app, without the lines of the stack. */
function printed(error: unknown): string[] {
  return inspect(error)
    .split('\n')
    .filter((line) => !/^\s+at /.test(line));
}

test('an error that ends an app is printed without the tree of constructs', () => {
  const { stack, cluster } = sampleCluster();
  const desktop = { cluster, os: NodeOs.UBUNTU_24_04, sessionOwner: 'root' };
  const error = thrownBy(() => new VirtualDesktopNode(stack, 'Desktop', desktop));
  expect(error).toMatchObject({ name: 'ClusterNodesError', code: 'InvalidLaunchTimeValue' });
  expect(printed(error).length).toBeLessThan(5);
});

test('an error of a template is printed with each of its fields once', () => {
  const folder = writeFiles({ 'compute_node/setup_user_customization.sh.j2': 'echo "{{ nothing }}"\n' });
  const { stack, cluster } = sampleCluster();
  const templates = BootstrapTemplates.fromDirectory(folder);
  const error = thrownBy(() =>
    NodeUserData.fromNode(new VirtualDesktopNode(stack, 'Desktop', { cluster, os: NodeOs.UBUNTU_24_04, templates })),
  );
  expect(error).toMatchObject({ name: 'TemplateError', line: 1 });
  expect(printed(error).filter((line) => line.includes('template:'))).toHaveLength(1);
});
