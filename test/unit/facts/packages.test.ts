import * as fs from 'fs';
import * as path from 'path';
import { DcvSessionType, LoginMethod, NodeOs, NodeType, NodeUserData, SharedFileSystem, VirtualDesktopNode } from '../../../lib';
import { addNode, allKinds, FixedImage, sampleCluster } from '../../sample-cluster';

/**
 * Names of packages are facts about systems that no test here can install from. The table test/facts/packages.json says of each where
 * it is stated: an address, or a file of a public repository as `owner/repository path commit`. Marks: V the name was read there; B the
 * source lists packages of the system, and the name in it was not looked up.
 */
interface Row {
  readonly name: string;
  readonly systems: readonly string[];
  readonly source: string;
  readonly mark: 'V' | 'B';
}

const ROOT = path.join(__dirname, '../../..');
const TABLE = JSON.parse(fs.readFileSync(path.join(ROOT, 'test/facts/packages.json'), 'utf8')) as Row[];
const FAMILY: { readonly [family: string]: RegExp } = { rpm: /^(amazonlinux|rhel|rocky)/, deb: /^ubuntu/ };
/** What the lab's stand-ins need of each other, or a scenario asks for as a team would; no script of the library installs it. */
const OF_THE_LAB = ['gnome-session', 'gnome-terminal', 'linux-firmware', 'nano'];
/** Arguments of functions that install, and elements of arrays with such names. */
const CALL = /(?<![\w#])install_(?!package_files)\w*packages\w* +(.+)$/;
const ARRAY = /\b(?:packages|names|optional|drivers)\+?=\(([^)]*)\)/g;

/** Names of packages in a script, or in a template, of which values are left out. A variable part of a name is a star. */
function namesIn(text: string): string[] {
  const lines = text
    .replace(/\\\n\s*/g, ' ')
    .replace(/\{#[^]*?#\}|\{%[^]*?%\}/g, '')
    .replace(/\{\{[^]*?\}\}/g, '*')
    .split('\n')
    .filter((line) => !line.trimStart().startsWith('#'));
  return lines.flatMap((line) => {
    const call = CALL.exec(line)?.[1].replace(/ (\|\||&&|;|#|\|).*$/, '') ?? '';
    const arrays = [...line.matchAll(ARRAY)].map(([, elements]) => elements);
    return [call, ...arrays]
      .flatMap((words) => words.replace(/\$\([^)]*\)/g, '*').match(/"[^"]*"|[^ ;]+/g) ?? [])
      .map((word) => word.replace(/^"|"$/g, ''))
      .filter((word) => /^@?[A-Za-z0-9*]/.test(word) && /[A-Za-z]/.test(word) && !word.includes('$'));
  });
}

/** Every name that a script of some node installs, with the systems. */
function installed(): Map<string, Set<string>> {
  const found = new Map<string, Set<string>>();
  const { cluster } = sampleCluster({
    fileSystems: [SharedFileSystem.nfs({ server: 'filer.example.com', exportPath: '/', mountPath: '/data' })],
  });
  // Of desktops alone the packages depend on the architecture.
  const kinds = allKinds().filter(
    ({ os, nodeType, architecture }) =>
      os.distribution !== 'windows' && (nodeType === NodeType.DCV_NODE || architecture === os.architectures[0]),
  );
  const nodes = kinds.flatMap((kind) => {
    const console =
      kind.nodeType !== NodeType.DCV_NODE
        ? []
        : [
            new VirtualDesktopNode(cluster, `${kind.title}-console`, {
              cluster,
              os: kind.os,
              architecture: kind.architecture,
              machineImage: new FixedImage(),
              loginWith: LoginMethod.unmanaged(),
              sessionType: DcvSessionType.CONSOLE,
            }),
          ];
    return [addNode(cluster, kind.title, kind), ...console];
  });
  for (const node of nodes) {
    for (const [file, text] of Object.entries(NodeUserData.fromNode(node).files)) {
      if (!file.endsWith('.install.sh')) continue;
      for (const name of namesIn(text)) {
        found.set(name, (found.get(name) ?? new Set()).add(node.os.name));
      }
    }
  }
  return found;
}

const INSTALLED = installed();

function templates(folder = path.join(ROOT, 'assets/cluster_node_bootstrap')): string[] {
  return fs.readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const file = path.join(folder, entry.name);
    return entry.isDirectory() ? templates(file) : /\.sh\.j2$/.test(entry.name) ? [file] : [];
  });
}

test('each row has systems that exist, a source and a mark, and no two rows say the same', () => {
  const systems = NodeOs.all().map((os) => os.name);
  for (const row of TABLE) {
    expect([row.name, row.systems.filter((system) => !systems.includes(system)), row.systems.length > 0]).toEqual([row.name, [], true]);
    expect(row.source).toMatch(/^(https:\/\/\S+|[\w.-]+\/[\w.-]+ \S+ [0-9a-f]{40})$/);
    expect(['V', 'B']).toContain(row.mark);
  }
  const pairs = TABLE.flatMap(({ name, systems }) => systems.map((system) => `${name} ${system}`));
  expect(pairs.filter((pair, index) => pairs.indexOf(pair) !== index)).toEqual([]);
});

test('the scripts install packages', () => {
  expect([...INSTALLED.keys()]).toEqual(
    expect.arrayContaining(['nftables', 'chrony', 'tar', '@Server with GUI', 'dpkg-dev', 'nfs-common']),
  );
});

test('each name that a script installs has a source for each of its systems', () => {
  const missing = [...INSTALLED].flatMap(([name, systems]) =>
    [...systems]
      .filter((system) => !TABLE.some((row) => row.name === name && row.systems.includes(system)))
      .map((system) => `${name} on ${system}`),
  );
  // Add a row to test/facts/packages.json.
  expect(missing).toEqual([]);
});

test('no branch of a template hides a name from the test above', () => {
  const names = new Set(templates().flatMap((file) => namesIn(fs.readFileSync(file, 'utf8'))));
  // A name in a branch that no node of the test above renders has to be in the table, too.
  expect([...names].filter((name) => !TABLE.some((row) => row.name === name))).toEqual([]);
});

test('each name of the boot lab is one of the table, of its family', () => {
  const lab = JSON.parse(fs.readFileSync(path.join(ROOT, 'test/boot-lab/image/packages.json'), 'utf8')) as {
    readonly [family: string]: {
      readonly packages: { readonly [name: string]: unknown };
      readonly groups?: { readonly [name: string]: unknown };
    };
  };
  const missing = Object.entries(lab).flatMap(([family, { packages, groups = {} }]) =>
    [...Object.keys(packages), ...Object.keys(groups).map((name) => `@${name}`)].filter(
      (name) =>
        !OF_THE_LAB.includes(name) &&
        !TABLE.some((row) => row.name === name && row.systems.some((system) => FAMILY[family]?.test(system) ?? true)),
    ),
  );
  expect(missing).toEqual([]);
});
