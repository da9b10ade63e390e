import { spawnSync } from 'child_process';
import * as fs from 'fs';
import * as os from 'os';
import * as path from 'path';
import { NodeOsFamily, NodeUserData, UserDataBudget } from '../../../lib';
import { shellFault } from '../../../lib/templates/shell-syntax';
import { addNode, allKinds, sampleCluster } from '../../sample-cluster';

const kinds = allKinds();
const { cluster } = sampleCluster();
const nodes = new Map(kinds.map((kind) => [kind.title, addNode(cluster, kind.title, kind)]));
const texts = new Map([...nodes].map(([title, node]) => [title, NodeUserData.fromNode(node)]));
const rendered = (title: string) => texts.get(title)!;
const userDataOf = (family: NodeOsFamily) => rendered(kinds.find((kind) => kind.os.family === family)!.title).userData;

test('the matrix is complete: 8 Linux systems x 2 architectures x 3 node types, and 3 Windows desktops', () => {
  expect(kinds).toHaveLength(8 * 2 * 3 + 3);
});

test.each(Object.values(NodeOsFamily))('UserData of %s', (family) => {
  expect(userDataOf(family)).toMatchSnapshot();
});

describe.each(kinds.map((kind) => [kind.title, kind] as const))('%s', (title, kind) => {
  test('UserData is that of its family', () => {
    // Addresses that some alone have
    const common = (userData: string) => userData.replace(/^VALUE_SYSTEM_[A-Z_]+_URL=.*\n/gm, '');
    expect(common(rendered(title).userData)).toBe(common(userDataOf(kind.os.family)));
  });

  test('stage 0 is at most 8,192 bytes', () => {
    const own = nodes.get(title)!.userDataBudget.parts.filter((part) => part.name.endsWith('.j2'));
    expect(own.reduce((total, part) => total + part.bytes, 0)).toBeLessThanOrEqual(8192);
  });

  test('half of the UserData is left for users, with every token of a cluster in use as long as it can be', () => {
    expect(nodes.get(title)!.userDataBudget.worstCaseBytes).toBeLessThanOrEqual(8192 + 1024);
  });

  test('no text holds a token, a missing value, an object or an HTML entity', () => {
    for (const text of [rendered(title).userData, ...Object.values(rendered(title).files)]) {
      expect(text).not.toMatch(/\$\{Token\[|#\{Token\[|\bundefined\b|\[object |&(amp|lt|gt|quot|#\d+|#x[0-9a-f]+);/);
    }
  });

  test('the bundle holds the phases of its node type, the seal of its image, and of a desktop its check and what hands out its password', () => {
    const extension = kind.os.family === NodeOsFamily.WINDOWS ? 'ps1' : 'sh';
    const extra = { dcv_node: ['extra/virtual_desktop'], login_node: ['extra/login_node'], compute_node: [] }[kind.nodeType];
    const phases = ['setup', 'setup_post_reboot', ...extra, 'setup_user_customization'];
    const installs = ['setup', ...extra];
    const connect = { dcv_node: ['connect'], login_node: [], compute_node: [] }[kind.nodeType];
    const ours = kind.os.family === NodeOsFamily.WINDOWS ? ['metadata_guard', 'start', 'step'] : [];
    const checks = connect.length > 0 ? ['extra/virtual_desktop.check'] : [];
    const expected = ['runner', 'seal', ...ours, ...connect, ...phases, ...installs.map((name) => `${name}.install`), ...checks].map(
      (name) => `${name}.${extension}`,
    );
    expect(Object.keys(rendered(title).files).sort()).toEqual(expected.sort());
  });
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

const linux = kinds.filter((kind) => kind.os.family === NodeOsFamily.LINUX).map((kind) => rendered(kind.title));
const different = new Set(linux.flatMap(({ userData, files }) => [userData, ...Object.values(files)]));

test('every Linux script, which is not parsed where it is used, is one to the parser', () => {
  expect(different.size).toBeGreaterThan(50);
  expect([...different].map((text) => shellFault(text.replaceAll('<sha256>', 'sha256'))).filter((fault) => fault !== undefined)).toEqual(
    [],
  );
});

test('bash reads every Linux script', () => {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'rendered-'));
  const names = [...different].map((text, index) => {
    const file = path.join(folder, `${index}.sh`);
    fs.writeFileSync(file, text.replaceAll('<sha256>', 'sha256'));
    return file;
  });
  const check = spawnSync('bash', ['-c', 'for file; do bash -n "$file" || exit 1; done', 'bash', ...names], { encoding: 'utf8' });
  expect([check.status, check.stderr]).toEqual([0, '']);
  fs.rmSync(folder, { recursive: true });
});

test('an app can be made twice in one process', () => {
  const again = addNode(sampleCluster().cluster, 'Node', kinds[0]);
  expect(again.bundle.sha256).toBe(nodes.get(kinds[0].title)!.bundle.sha256);
});
