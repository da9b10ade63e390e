import { spawnSync } from 'child_process';
import * as fs from 'fs';
import * as path from 'path';
import { Annotations, Match } from 'aws-cdk-lib/assertions';
import { BootstrapTemplates, ErrorCode, NodeOs, NodeType, TemplateEscaping } from '../../../lib';
import { addNode, allKinds, sampleCluster } from '../../sample-cluster';
import { writeFiles } from '../../write-files';

const NAME = 'compute_node/setup_user_customization.sh.j2';
const README = fs.readFileSync(path.join(__dirname, '..', '..', '..', 'README.md'), 'utf8');
const kinds = allKinds();
const oneOf = (nodeType: NodeType) => kinds.find((kind) => kind.nodeType === nodeType && kind.os === NodeOs.UBUNTU_24_04)!;

function nodeOf(kind: (typeof kinds)[number], templates: BootstrapTemplates, configuration: { [key: string]: unknown } = {}) {
  return addNode(sampleCluster({ templates, configuration }).cluster, 'Node', kind);
}

function codeAndMessage(body: () => unknown): [unknown, string] {
  try {
    body();
  } catch (error) {
    return [(error as { code?: unknown }).code, (error as Error).message];
  }
  throw new Error('no error');
}

describe('the example of the README', () => {
  const snippet = /```jinja\n(\{% include "templates\/linux\/prelude\.sh\.j2" %\}.*?)```/s.exec(README)![1];
  const linux = kinds.filter((kind) => kind.os === NodeOs.UBUNTU_24_04 || kind.os === NodeOs.AMAZON_LINUX_2);

  test.each(linux.map((kind) => [kind.title, kind] as const))('is a script on %s', (_, kind) => {
    const node = nodeOf(kind, BootstrapTemplates.fromDirectory(writeFiles({ [NAME]: snippet })));
    const text = node.bundle.files['setup_user_customization.sh'];
    const { status, stderr } = spawnSync('bash', ['-n'], { input: text, encoding: 'utf8' });
    expect([status, stderr]).toEqual([0, '']);
    expect(text.includes('install_packages blender')).toBe(kind.nodeType === NodeType.DCV_NODE);
  });
});

const EMPTY = `{% include "templates/linux/prelude.sh.j2" %}

main() {
{% if context.get("/job/NodeType") == "dcv_node" %}
  log_info "desktop"
{% endif %}
}

main "$@"
`;

test('a function that is empty on some nodes is an error at those, with template, line and construct', () => {
  const templates = BootstrapTemplates.fromDirectory(writeFiles({ [NAME]: EMPTY }));
  expect(() => nodeOf(oneOf(NodeType.DCV_NODE), templates)).not.toThrow();
  for (const nodeType of [NodeType.LOGIN_NODE, NodeType.COMPUTE_NODE]) {
    expect(codeAndMessage(() => nodeOf(oneOf(nodeType), templates))).toEqual([
      ErrorCode.SHELL_SYNTAX,
      expect.stringMatching(
        /^compute_node\/setup_user_customization\.sh\.j2:3: bash cannot read this: expected command in brace group .* \(at .*\/Node\)$/,
      ),
    ]);
  }
});

test('so is one in an include of the folder, in UserData and in an install', () => {
  const error = (files: { [name: string]: string }) => () =>
    nodeOf(oneOf(NodeType.LOGIN_NODE), BootstrapTemplates.fromDirectory(writeFiles(files)));
  const include = '{% include "mine/part.sh.j2" %}\n';
  expect(error({ [NAME]: include, 'mine/part.sh.j2': ':\nif a; then\n' })).toThrow(/^mine\/part\.sh\.j2:2: bash cannot/);
  expect(error({ 'templates/linux/logging.sh.j2': 'log_info() {\n}\n' })).toThrow(/^templates\/linux\/logging\.sh\.j2:1: bash cannot/);
  expect(error({ 'compute_node/setup.install.sh.j2': '\nfi\n' })).toThrow(/^compute_node\/setup\.install\.sh\.j2:2: bash cannot/);
  const stageZero = fs.readFileSync(path.join(__dirname, '../../../assets/user_data/linux/user_data.sh.j2'), 'utf8');
  expect(error({ 'user_data/linux/user_data.sh.j2': stageZero })).not.toThrow();
  expect(error({ 'user_data/linux/user_data.sh.j2': `${stageZero}\nfi\n` })).toThrow(
    /^user_data\/linux\/user_data\.sh\.j2:\d+: bash cannot/,
  );
});

test('a stage 0 that cloud-init could not run, since something stands before its #!, is an error', () => {
  const name = 'user_data/linux/user_data.sh.j2';
  const stageZero = fs.readFileSync(path.join(__dirname, '../../../assets', name), 'utf8');
  for (const before of ['\n', '{# ours #}\n', ' ']) {
    expect(() => nodeOf(oneOf(NodeType.LOGIN_NODE), BootstrapTemplates.fromDirectory(writeFiles({ [name]: before + stageZero })))).toThrow(
      /^expected user_data\/linux\/user_data\.sh\.j2 to begin with #!, .*\(at /,
    );
  }
  const remedied = BootstrapTemplates.fromDirectory(writeFiles({ [name]: `{# ours -#}\n${stageZero}` }));
  expect(() => nodeOf(oneOf(NodeType.LOGIN_NODE), remedied)).not.toThrow();
});

test('commands are added to a stage 0 of the folder', () => {
  const name = 'user_data/linux/user_data.sh.j2';
  const stageZero = fs.readFileSync(path.join(__dirname, '../../../assets', name), 'utf8');
  const node = nodeOf(oneOf(NodeType.LOGIN_NODE), BootstrapTemplates.fromDirectory(writeFiles({ [name]: stageZero })));
  node.userData.addCommands('echo "$(date)"');
  expect(node.userData.render()).toContain('\necho "$(date)"\nEND_');
});

test('without escaping a value can make one', () => {
  const templates = BootstrapTemplates.fromDirectory(writeFiles({ [NAME]: 'echo "{{ context.get("/configuration/Mine") }}"\n' }), {
    escaping: TemplateEscaping.NONE,
  });
  expect(() => nodeOf(oneOf(NodeType.LOGIN_NODE), templates, { '/configuration/Mine': 'a b' })).not.toThrow();
  expect(() => nodeOf(oneOf(NodeType.LOGIN_NODE), templates, { '/configuration/Mine': 'a"b' })).toThrow(
    /^compute_node\/setup_user_customization\.sh\.j2:1: bash cannot read this: unterminated double quote/,
  );
});

test('a line of the script switches the check off', () => {
  const text = `${EMPTY}# cluster-nodes: no syntax check\n`;
  expect(() => nodeOf(oneOf(NodeType.LOGIN_NODE), BootstrapTemplates.fromDirectory(writeFiles({ [NAME]: text })))).not.toThrow();
});

test('what bash takes and the parser does not is a warning, once', () => {
  const deep = `${'{\n'.repeat(300)}:\n${'}\n'.repeat(300)}`;
  const { cluster, stack } = sampleCluster({ templates: BootstrapTemplates.fromDirectory(writeFiles({ [NAME]: deep })) });
  ['First', 'Second'].forEach((id) => addNode(cluster, id, oneOf(NodeType.LOGIN_NODE)));
  const warnings = Annotations.fromStack(stack).findWarning('*', Match.stringLikeRegexp('shellSyntax'));
  expect(warnings.map(({ id, entry }) => [id, entry.data])).toEqual([
    [expect.stringMatching(/\/First$/), expect.stringMatching(/setup_user_customization\.sh\.j2:257: the bash here takes this/)],
  ]);
});
