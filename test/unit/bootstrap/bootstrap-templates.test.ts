import * as fs from 'fs';
import * as path from 'path';
import { Aws, Stack } from 'aws-cdk-lib';
import { Annotations, Match } from 'aws-cdk-lib/assertions';
import { BootstrapTemplates, ClusterNode, MissingKeys, NodeOs, NodeType, TemplateEscaping, VirtualDesktopNode } from '../../../lib';
import { FixedImage, sampleCluster } from '../../sample-cluster';
import { writeFiles } from '../../write-files';

function customization(templates: BootstrapTemplates, configuration: { [key: string]: unknown } = {}): string {
  const { stack, cluster } = sampleCluster({ templates, configuration });
  const node = new ClusterNode(stack, 'Node', { cluster, os: NodeOs.AMAZON_LINUX_2023, nodeType: NodeType.COMPUTE_NODE });
  return node.bundle.files['setup_user_customization.sh'];
}

const NAME = 'compute_node/setup_user_customization.sh.j2';

test('a file of the folder takes the place of the library’s', () => {
  expect(customization(BootstrapTemplates.fromDirectory(writeFiles({ [NAME]: 'echo mine\n' })))).toBe('echo mine\n');
});

test('includes find files of the folder first, then the library’s', () => {
  const folder = writeFiles({
    [NAME]: '{% include "mine/part.sh.j2" %}\n{% include "templates/linux/logging.sh.j2" %}\n',
    'mine/part.sh.j2': 'echo part\n',
  });
  const text = customization(BootstrapTemplates.fromDirectory(folder));
  expect(text).toMatch(/^echo part\n/);
  expect(text).toContain('log_info()');
  fs.mkdirSync(path.join(folder, 'templates/linux'), { recursive: true });
  fs.writeFileSync(path.join(folder, 'templates/linux/logging.sh.j2'), 'log_info() { true; }\n');
  expect(customization(BootstrapTemplates.fromDirectory(folder))).toBe('echo part\nlog_info() { true; }\n');
});

test('the documented way to customise one node type works word for word', () => {
  const text = '{% if context.get("/job/NodeType") == "dcv_node" %}\necho desktop\n{% endif %}\n';
  const templates = BootstrapTemplates.fromDirectory(writeFiles({ [NAME]: text }));
  expect(customization(templates).trim()).toBe('');
  const { stack, cluster } = sampleCluster({ templates });
  const desktop = new VirtualDesktopNode(stack, 'Desktop', { cluster, os: NodeOs.UBUNTU_24_04 });
  expect(desktop.bundle.files['setup_user_customization.sh'].trim()).toBe('echo desktop');
});

test('values are escaped for their place, unless the folder’s templates do that themselves', () => {
  const folder = writeFiles({ [NAME]: 'echo {{ context.get("/configuration/Mine") }} "{{ context.get("/configuration/Mine") }}"\n' });
  const configuration = { '/configuration/Mine': 'a "$(b)"' };
  expect(customization(BootstrapTemplates.fromDirectory(folder), configuration)).toBe(`echo 'a "$(b)"' "a \\"\\$(b)\\""\n`);
});

test('escaping none is for templates that stand alone', () => {
  const folder = writeFiles({ [NAME]: 'echo "{{ context.get("/configuration/Mine") }}"\n' });
  const templates = BootstrapTemplates.fromDirectory(folder, { escaping: TemplateEscaping.NONE });
  expect(customization(templates, { '/configuration/Mine': 'a "b"' })).toBe('echo "a "b""\n');
});

test('an unknown key is an error that names the nearest one; with MissingKeys.NONE it is None', () => {
  const folder = writeFiles({ [NAME]: '\necho {{ context.get("/configuration/ClusterID") }}\n' });
  expect(() => customization(BootstrapTemplates.fromDirectory(folder))).toThrow(
    /compute_node\/setup_user_customization\.sh\.j2:2: .*\/configuration\/ClusterID.*\/configuration\/ClusterId/s,
  );
  expect(customization(BootstrapTemplates.fromDirectory(folder, { missingKeys: MissingKeys.NONE }))).toBe('\necho None\n');
});

test.each([
  ['a folder that is not there', () => '/nowhere', /got \/nowhere, which is not a folder/],
  ['a file', () => path.join(writeFiles({ file: '' }), 'file'), /which is not a folder/],
  ['a folder without templates', () => writeFiles({ 'setup.sh': '' }), /expected a folder with templates \(\*\.j2\), got .* without any/],
  ['a token', () => Aws.REGION, /known at synth/],
])('%s is refused', (_, directory, message) => {
  expect(() => BootstrapTemplates.fromDirectory(directory())).toThrow(message);
});

test('a stage 0 that leaves the deploy-time values out is refused', () => {
  const templates = BootstrapTemplates.fromDirectory(writeFiles({ 'user_data/linux/user_data.sh.j2': '#!/bin/bash\ntrue\n' }));
  expect(() => customization(templates)).toThrow(
    /to write \{\{ context\.get\("\/bootstrap\/DeployTimeValues"\) \| safe \}\} once, got 0 times/,
  );
});

describe('an error in a template says for which construct it was rendered', () => {
  const STAGE_ZERO = 'user_data/linux/user_data.sh.j2';
  const messageOf = (files: { [name: string]: string }): string => {
    try {
      customization(BootstrapTemplates.fromDirectory(writeFiles(files)));
    } catch (error) {
      expect((error as { code?: string }).code).toEqual(expect.any(String));
      return (error as Error).message;
    }
    return 'no error';
  };

  test.each([
    ['of its syntax', NAME, '{% if %}', /^compute_node\/setup_user_customization\.sh\.j2:1: .* \(at Stack\/Node\)$/],
    ['of a key', NAME, '\n{{ context.get("/no/Key") }}', /customization\.sh\.j2:2: .*; .* \(at Stack\/Node\)$/],
    ['of the script', NAME, 'echo "{{ context.get("/job/NodeType") }}', /customization\.sh\.j2:1: .*; .* \(at Stack\/Node\)$/],
    ['of an install', 'compute_node/setup.install.sh.j2', '{{ context.get("/job/Launch") }}', /install\.sh\.j2:1: .* \(at Stack\/Node\)$/],
    ['of an include', NAME, '{% include "templates/linux/preludes.sh.j2" %}', /did you mean .* \(at Stack\/Node\)$/],
    ['of stage 0', STAGE_ZERO, '{{ 1 / 2 }}', /user_data\.sh\.j2:1: .* \(at Stack\/Node\)$/],
    ['of a stage 0 without values', STAGE_ZERO, '', /DeployTimeValues.* \(at Stack\/Node\)$/],
  ])('%s', (_, name, text, message) => {
    expect(messageOf({ [name]: text })).toMatch(message);
  });

  test('of a node that shares its templates with one that has told', () => {
    const { stack, cluster } = sampleCluster({ templates: BootstrapTemplates.fromDirectory(writeFiles({ [NAME]: '{% if %}' })) });
    const add = (id: string) => new ClusterNode(stack, id, { cluster, os: NodeOs.AMAZON_LINUX_2023, nodeType: NodeType.COMPUTE_NODE });
    expect(() => add('One')).toThrow(/ \(at Stack\/One\)$/);
    expect(() => add('Two')).toThrow(/^[^(]*\(at Stack\/Two\)$/);
  });
});

describe('a file of the folder that nothing reads', () => {
  const MINE = `{% include "mine/part.sh.j2" %}{% if context.get("/job/NodeType") == "login_node" %}{% include 'mine/login.sh.j2' %}{% endif %}`;
  const used = { [NAME]: MINE, 'mine/part.sh.j2': '', 'mine/login.sh.j2': '' };
  const warningsOf = (stack: Stack) =>
    Annotations.fromStack(stack)
      .findWarning('*', Match.stringLikeRegexp('no effect'))
      .map(({ id, entry }) => `${id} ${entry.data as string}`);
  const warnings = (files: { [name: string]: string }): string[] => {
    const { stack, cluster } = sampleCluster({ templates: BootstrapTemplates.fromDirectory(writeFiles({ ...used, ...files })) });
    new ClusterNode(stack, 'Node', { cluster, os: NodeOs.AMAZON_LINUX_2023, nodeType: NodeType.COMPUTE_NODE });
    return warningsOf(stack);
  };

  test.each([
    ['without its ending', 'compute_node/setup_user_customization.sh', NAME],
    ['at the top', 'setup_user_customization.sh.j2', NAME],
    ['in a folder of another name', 'compute_nodes/setup.sh.j2', 'compute_node/setup.sh.j2'],
    ['below the name of the library’s folder', 'cluster_node_bootstrap/compute_node/setup.sh.j2', 'compute_node/setup.sh.j2'],
    ['with a misspelt name', 'compute_node/setup_user_customisation.sh.j2', NAME],
    ['with a misspelt name of a part', 'templates/linux/package.sh.j2', 'templates/linux/packages.sh.j2'],
    ['with another ending', 'windows_virtual_desktop/setup.ps1.j2', 'windows_virtual_desktop/setup.ps.j2'],
  ])('%s is told, with the name that was meant', (_, name, meant) => {
    const [warning, ...others] = warnings({ [name]: '' });
    expect(others).toEqual([]);
    expect(warning).toMatch(/^\/Stack\/Node .* \[ack: cdk-cluster-nodes:unusedTemplate\]$/);
    expect(warning).toContain(`/${name} has no effect: `);
    expect(warning).toMatch(new RegExp(`did you mean [^?]*${meant}`));
  });

  test('that resembles none is told as well, one that begins with a dot is not', () => {
    expect(warnings({ 'NOTES.txt': '', '.DS_Store': '', '.git/config': '' })).toEqual([
      expect.stringContaining(
        'NOTES.txt has no effect: it takes the place of no template of the library and is not included by one; include it',
      ),
    ]);
  });

  test('many are counted', () => {
    const files = Object.fromEntries(Array.from({ length: 14 }, (_, index) => [`stray/${index}.txt`, '']));
    expect(warnings(files)).toHaveLength(11);
    expect(warnings(files).at(-1)).toMatch(/ 4 more files in .* have no effect/);
  });

  test('is none that another kind of node would read', () => {
    const install = 'compute_node/setup_user_customization.install.sh.j2';
    expect(warnings({ [install]: '', 'windows_virtual_desktop/setup.ps.j2': '', 'user_data/windows/user_data.ps.j2': '' })).toEqual([]);
  });

  test('is told once for all nodes, and not when one of them reads it', () => {
    const folder = writeFiles({
      [NAME]: '{% include "mine/" ~ context.get("/job/BaseOS") ~ ".sh.j2" %}',
      'mine/rocky9.sh.j2': '',
      'mine/ubuntu2404.sh.j2': '',
      'mine/no.sh.j2': '',
    });
    const { stack, cluster } = sampleCluster();
    for (const os of [NodeOs.UBUNTU_24_04, NodeOs.ROCKY_9]) {
      const templates = BootstrapTemplates.fromDirectory(folder);
      new ClusterNode(stack, os.name, { cluster, os, nodeType: NodeType.COMPUTE_NODE, templates, machineImage: new FixedImage() });
    }
    expect(warningsOf(stack)).toEqual([expect.stringMatching(/^\/Stack\/ubuntu2404 .*mine\/no\.sh\.j2/)]);
  });
});
