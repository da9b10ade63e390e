import { execFileSync, spawnSync } from 'child_process';
import * as fs from 'fs';
import * as os from 'os';
import * as path from 'path';
import { Template } from 'aws-cdk-lib/assertions';
import { NodeOsFamily, NodeUserData, UserDataBudget } from '../../../lib';
import { addNode, allKinds, sampleCluster, withTemplateValidation } from '../../sample-cluster';

const kinds = allKinds();
const { cluster } = sampleCluster();
const nodes = new Map(kinds.map((kind) => [kind.title, addNode(cluster, kind.title, kind)]));
const rendered = (title: string) => NodeUserData.fromNode(nodes.get(title)!);

test('the matrix is complete: 8 Linux systems x 2 architectures x 3 node types, and 3 Windows desktops', () => {
  expect(kinds).toHaveLength(8 * 2 * 3 + 3);
});

describe.each(kinds.map((kind) => [kind.title, kind] as const))('%s', (title, kind) => {
  test('UserData', () => {
    expect(rendered(title).userData).toMatchSnapshot();
  });

  test('stage 0 is at most 4,096 bytes, with every token of a cluster in use as long as it can be', () => {
    expect(nodes.get(title)!.userDataBudget.worstCaseBytes).toBeLessThanOrEqual(4096);
  });

  test('no text holds a token, a missing value, an object or an HTML entity', () => {
    for (const text of [rendered(title).userData, ...Object.values(rendered(title).files)]) {
      expect(text).not.toMatch(/\$\{Token\[|#\{Token\[|\bundefined\b|\[object |&(amp|lt|gt|quot|#\d+|#x[0-9a-f]+);/);
    }
  });

  test('the bundle holds the phases of its node type', () => {
    const extension = kind.os.family === NodeOsFamily.WINDOWS ? 'ps1' : 'sh';
    const extra = { dcv_node: ['extra/virtual_desktop'], login_node: ['extra/login_node'], compute_node: [] }[kind.nodeType];
    const expected = ['runner', 'setup', 'setup_post_reboot', ...extra, 'setup_user_customization'].map((name) => `${name}.${extension}`);
    expect(Object.keys(rendered(title).files).sort()).toEqual(expected.sort());
  });
});

test('CDK’s validation finds nothing in the template of all kinds of nodes', () => {
  const errors = jest.spyOn(console, 'error').mockImplementation();
  withTemplateValidation((context) => {
    const { stack, cluster: validated } = sampleCluster({ context });
    kinds.forEach((kind) => addNode(validated, kind.title, kind));
    Template.fromStack(stack);
  });
  expect(errors.mock.calls).toEqual([]);
});

test('the sum of the parts is the size of the UserData', () => {
  for (const node of nodes.values()) {
    const { bytes, parts } = node.userDataBudget;
    const sum = parts.reduce((total, part) => total + part.bytes, 0);
    // <powershell> and <persist> belong to no part.
    expect(bytes - sum).toBe(
      node.os.family === NodeOsFamily.WINDOWS ? '<powershell>\n\n</powershell>\n<persist>true</persist>\n'.length : 0,
    );
  }
  expect(UserDataBudget.MAX_BYTES).toBe(16_384);
});

test('bash reads every Linux script', () => {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'rendered-'));
  const files = kinds
    .filter((kind) => kind.os.family === NodeOsFamily.LINUX)
    .flatMap((kind) => {
      const { userData, files: bundle } = rendered(kind.title);
      return Object.entries({ 'user_data.sh': userData, ...bundle }).map(([name, content]) => {
        const file = path.join(folder, `${kind.title}-${name.replace('/', '-')}`);
        fs.writeFileSync(file, content.replaceAll('<sha256>', 'sha256'));
        return file;
      });
    });
  const check = spawnSync('bash', ['-c', 'for file; do bash -n "$file" || exit 1; done', 'bash', ...files], { encoding: 'utf8' });
  expect(check.stderr).toBe('');
  expect(check.status).toBe(0);
  fs.rmSync(folder, { recursive: true });
});

test('the same input gives the same bundle in another process', () => {
  const script = `
    require(${JSON.stringify(path.join(__dirname, '..', '..', '..', 'scripts', 'register-typescript.cjs'))});
    const { addNode, allKinds, sampleCluster } = require(${JSON.stringify(path.join(__dirname, '..', '..', 'sample-cluster.ts'))});
    const kind = allKinds().find((kind) => kind.title === 'ubuntu2404-x86_64-dcv_node');
    process.stdout.write(addNode(sampleCluster().cluster, 'Node', kind).bundle.sha256);`;
  const sha256 = execFileSync('node', ['-e', script], {
    encoding: 'utf8',
    cwd: os.tmpdir(),
    env: { ...process.env, TZ: 'Asia/Tokyo', LANG: 'C' },
  });
  expect(sha256).toBe(nodes.get('ubuntu2404-x86_64-dcv_node')!.bundle.sha256);
});

test('an app can be made twice in one process', () => {
  const again = addNode(sampleCluster().cluster, 'Node', kinds[0]);
  expect(again.bundle.sha256).toBe(nodes.get(kinds[0].title)!.bundle.sha256);
});
