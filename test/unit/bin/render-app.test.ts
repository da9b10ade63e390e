import * as fs from 'fs';
import * as path from 'path';
import { App, DefaultStackSynthesizer, NestedStack, Stack, Stage } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import { main } from '../../../bin/cluster-nodes';
import { Cluster, ClusterNode, NodeOs, VirtualDesktopNode } from '../../../lib';
import { resolvedText } from '../../../lib/bootstrap/resolved-text';
import { commandWorld } from './command-output';

const world = commandWorld();
const { output } = world;

const out = (...parts: string[]) => path.join(world.folder, 'out', ...parts);
const render = (...args: string[]) => main(['render', '--out', out(), ...args]);
const renderApp = (...args: string[]) => render('--app', path.join(world.folder, 'cdk.out'), ...args);

/** All files below a folder, by their paths. */
function filesBelow(root: string): { [name: string]: string } {
  const entries = fs.readdirSync(root, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  const names = entries.map((entry) => path.join(path.relative(root, entry.parentPath), entry.name)).sort();
  return Object.fromEntries(names.map((name) => [name, fs.readFileSync(path.join(root, name), 'utf8')]));
}

/** Nodes everywhere an app can have them: in a stack, a nested one, a stage, and with a bucket prefix. */
function appWithNodes(): ClusterNode[] {
  const app = new App({ outdir: path.join(world.folder, 'cdk.out') });
  const lab = new Stack(app, 'Lab', { synthesizer: new DefaultStackSynthesizer({ bucketPrefix: 'lab/' }) });
  const staged = new Stack(new Stage(app, 'Prod'), 'Lab');
  const nodes = [lab, new NestedStack(lab, 'Inner'), staged].map((stack, index) => {
    const cluster = new Cluster(stack, 'Cluster', { clusterId: `lab-${index}`, vpc: new ec2.Vpc(stack, 'Vpc', { natGateways: 1 }) });
    return new VirtualDesktopNode(stack, 'Desk top', { cluster, os: NodeOs.UBUNTU_24_04 });
  });
  const cluster = new Cluster(lab, 'Other', { clusterId: 'other', vpc: new ec2.Vpc(lab, 'OtherVpc') });
  nodes.push(new VirtualDesktopNode(lab, 'Same', { cluster, os: NodeOs.UBUNTU_24_04 }));
  const windows = new VirtualDesktopNode(lab, 'Windows', { cluster, os: NodeOs.WINDOWS_2022 });
  windows.userData.addCommands(`Write-Output ${lab.region}`);
  app.synth();
  return [...nodes, windows];
}

describe('render --app', () => {
  test('writes every node of the app as it will be, in a folder of its own', async () => {
    const nodes = appWithNodes();
    expect(await renderApp()).toBe(0);
    const written = filesBelow(out());
    expect(new Set(Object.keys(written).map((name) => name.split(/\/(?:bundle|user_data)/)[0]))).toEqual(
      new Set(['.cluster-nodes-render', 'Lab/Desk_top', 'Lab/Inner/Desk_top', 'Prod/Lab/Desk_top', 'Lab/Same', 'Lab/Windows']),
    );
    for (const node of nodes) {
      const place = node.node.path.replace(' ', '_');
      for (const [name, text] of Object.entries(node.bundle.files)) expect(written[`${place}/bundle/${name}`]).toBe(text);
      const userData = resolvedText(Stack.of(node), node.userData.render(), {
        value: (reference) => `\${${reference}}`,
        base64: (text) => `base64(${text})`,
      });
      expect(written[`${place}/user_data.${node.os === NodeOs.WINDOWS_2022 ? 'ps1' : 'sh'}`]).toBe(userData);
    }
    expect(written['Lab/Desk_top/user_data.sh']).toContain('VALUE_CONFIGURATION_REGION=base64(${AWS::Region})');
  });

  test('writes one node where it is asked for', async () => {
    appWithNodes();
    expect(await renderApp('--node', 'Prod/Lab/Desk top')).toBe(0);
    expect(Object.keys(filesBelow(out()))).toEqual(expect.arrayContaining(['user_data.sh', 'bundle/runner.sh']));
    expect(output.stdout.split('\n')[0]).toBe(out('user_data.sh'));
  });

  test('names the bundles by their nodes', () => {
    appWithNodes();
    const assets = fs.readFileSync(path.join(world.folder, 'cdk.out', 'Lab.assets.json'), 'utf8');
    expect(assets).toContain('"displayName": "Lab/Desk top"');
    expect(assets).toContain('"displayName": "Lab/Windows"');
  });

  test.each<[string[], RegExp]>([
    [['--node', 'Lab/Nope'], /the path of a node in --node \(Lab\/Desk top, .*\), got Lab\/Nope/],
    [['--os', 'rhel9'], /option '--os <name>' cannot be used with option '--app <dir>'/],
    [['--overlay', 'x'], /option '--overlay <dir>' cannot be used with option '--app <dir>'/],
  ])('with %p is wrong usage', async (args, message) => {
    appWithNodes();
    expect(await renderApp(...args)).toBe(2);
    expect(output.stderr).toMatch(message);
    expect(fs.existsSync(out())).toBe(false);
  });

  test('of a folder that is no cloud assembly, or of one without nodes, is wrong usage', async () => {
    expect(await renderApp()).toBe(2);
    expect(output.stderr).toMatch(/expected a cloud assembly in --app, the output of cdk synth, got .*, which has no manifest\.json/);
    const app = new App({ outdir: path.join(world.folder, 'cdk.out') });
    new ec2.Vpc(new Stack(app, 'Empty'), 'Vpc');
    app.synth();
    expect(await renderApp()).toBe(2);
    expect(output.stderr).toMatch(/expected an app with nodes in --app, got none in /);
  });

  test('--node without it is wrong usage', async () => {
    expect(await render('--os', 'rhel9', '--node-type', 'dcv_node', '--node', 'x')).toBe(2);
    expect(output.stderr).toBe('cluster-nodes: expected --app with --node, got x alone\n');
  });
});

describe('render deletes and writes over nothing that is not its own', () => {
  const node = (type: string) => render('--os', 'ubuntu2404', '--node-type', type);
  function put(name: string, text: string): void {
    fs.mkdirSync(path.dirname(out(name)), { recursive: true });
    fs.writeFileSync(out(name), text);
  }

  test.each(['bundle/setup.sh', 'user_data.sh', 'bundle/extra'])('in a folder that it did not write: %s', async (name) => {
    put(name, 'mine');
    const before = filesBelow(out());
    expect(await node('dcv_node')).toBe(2);
    expect(output.stderr).toBe(
      `cluster-nodes: expected an empty or new folder in --out, or one that is as render has left it, got ${out(name)}, which is not: move it, or choose another folder\n`,
    );
    expect(filesBelow(out())).toEqual(before);
  });

  test('through a link', async () => {
    fs.mkdirSync(path.join(world.folder, 'elsewhere'));
    put('notes', 'mine');
    fs.symlinkSync(path.join(world.folder, 'elsewhere'), out('bundle'));
    expect(await node('dcv_node')).toBe(2);
    expect(fs.readdirSync(path.join(world.folder, 'elsewhere'))).toEqual([]);
  });

  test('beside its own files', async () => {
    put('bundle/my/notes', 'mine');
    expect(await node('dcv_node')).toBe(0);
    put('bundle/extra/more', 'mine');
    expect(await node('compute_node')).toBe(0);
    const written = filesBelow(out());
    expect([written['bundle/my/notes'], written['bundle/extra/more']]).toEqual(['mine', 'mine']);
    expect(Object.keys(written)).not.toContain('bundle/extra/virtual_desktop.sh');
  });

  test.each(['bundle/extra/virtual_desktop.sh', 'user_data.sh'])('when it was changed after it was written: %s', async (name) => {
    expect(await node('dcv_node')).toBe(0);
    put(name, 'edited');
    const before = filesBelow(out());
    expect(await node('compute_node')).toBe(2);
    expect(output.stderr).toContain(out(name));
    expect(filesBelow(out())).toEqual(before);
  });

  test('whatever the record says of files outside', async () => {
    expect(await node('dcv_node')).toBe(0);
    fs.writeFileSync(path.join(world.folder, 'outside'), '');
    const empty = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855';
    fs.appendFileSync(out('.cluster-nodes-render'), `${empty}  ../outside\n${empty}  ${path.join(world.folder, 'outside')}\n`);
    expect(await node('compute_node')).toBe(0);
    expect(fs.existsSync(path.join(world.folder, 'outside'))).toBe(true);
  });

  test('and leaves no empty folder of its own', async () => {
    expect(await node('dcv_node')).toBe(0);
    expect(await node('compute_node')).toBe(0);
    expect(fs.existsSync(out('bundle', 'extra'))).toBe(false);
  });
});

test('budget --app has the sizes of the nodes of an app, as they are in it', async () => {
  const nodes = appWithNodes();
  const app = path.join(world.folder, 'cdk.out');
  expect(await main(['budget', '--app', app, '--json'])).toBe(0);
  const rows = JSON.parse(output.stdout) as { node: string }[];
  const expected = nodes.map((node) => ({
    node: node.node.path,
    userDataBytes: node.userDataBudget.bytes,
    userDataWorstCaseBytes: node.userDataBudget.worstCaseBytes,
    bundleBytes: node.bundle.archiveBytes,
  }));
  expect(rows.sort((a, b) => a.node.localeCompare(b.node))).toEqual(expected.sort((a, b) => a.node.localeCompare(b.node)));
  expect(await main(['budget', '--app', app, '--os', 'rhel9'])).toBe(2);
  expect(output.stderr).toContain('expected --app alone');
});
