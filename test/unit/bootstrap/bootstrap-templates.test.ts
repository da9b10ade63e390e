import * as fs from 'fs';
import * as os from 'os';
import * as path from 'path';
import { Aws } from 'aws-cdk-lib';
import { BootstrapTemplates, ClusterNode, MissingKeys, NodeOs, NodeType, TemplateEscaping, VirtualDesktopNode } from '../../../lib';
import { sampleCluster } from '../../sample-cluster';

function overlay(files: { [name: string]: string }): string {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'overlay-'));
  for (const [name, content] of Object.entries(files)) {
    fs.mkdirSync(path.dirname(path.join(folder, name)), { recursive: true });
    fs.writeFileSync(path.join(folder, name), content);
  }
  return folder;
}

function customization(templates: BootstrapTemplates, configuration: { [key: string]: unknown } = {}): string {
  const { stack, cluster } = sampleCluster({ templates, configuration });
  const node = new ClusterNode(stack, 'Node', { cluster, os: NodeOs.AMAZON_LINUX_2023, nodeType: NodeType.COMPUTE_NODE });
  return node.bundle.files['setup_user_customization.sh'];
}

const NAME = 'compute_node/setup_user_customization.sh.j2';

test('a file of the folder takes the place of the library’s', () => {
  expect(customization(BootstrapTemplates.fromDirectory(overlay({ [NAME]: 'echo mine\n' })))).toBe('echo mine\n');
});

test('includes find files of the folder first, then the library’s', () => {
  const folder = overlay({
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
  const templates = BootstrapTemplates.fromDirectory(overlay({ [NAME]: text }));
  expect(customization(templates).trim()).toBe('');
  const { stack, cluster } = sampleCluster({ templates });
  const desktop = new VirtualDesktopNode(stack, 'Desktop', { cluster, os: NodeOs.UBUNTU_24_04 });
  expect(desktop.bundle.files['setup_user_customization.sh'].trim()).toBe('echo desktop');
});

test('values are escaped for their place, unless the folder’s templates do that themselves', () => {
  const folder = overlay({ [NAME]: 'echo {{ context.get("/configuration/Mine") }} "{{ context.get("/configuration/Mine") }}"\n' });
  const configuration = { '/configuration/Mine': 'a "$(b)"' };
  expect(customization(BootstrapTemplates.fromDirectory(folder), configuration)).toBe(`echo 'a "$(b)"' "a \\"\\$(b)\\""\n`);
});

test('escaping none is for templates that stand alone', () => {
  const folder = overlay({ [NAME]: 'echo "{{ context.get("/configuration/Mine") }}"\n' });
  const templates = BootstrapTemplates.fromDirectory(folder, { escaping: TemplateEscaping.NONE });
  expect(customization(templates, { '/configuration/Mine': 'a "b"' })).toBe('echo "a "b""\n');
});

test('an unknown key is an error that names the nearest one; with MissingKeys.NONE it is None', () => {
  const folder = overlay({ [NAME]: '\necho {{ context.get("/configuration/ClusterID") }}\n' });
  expect(() => customization(BootstrapTemplates.fromDirectory(folder))).toThrow(
    /compute_node\/setup_user_customization\.sh\.j2:2: .*\/configuration\/ClusterID.*\/configuration\/ClusterId/s,
  );
  expect(customization(BootstrapTemplates.fromDirectory(folder, { missingKeys: MissingKeys.NONE }))).toBe('\necho None\n');
});

test.each([
  ['a folder that is not there', () => '/nowhere', /got \/nowhere, which is not a folder/],
  ['a file', () => path.join(overlay({ file: '' }), 'file'), /which is not a folder/],
  ['a folder without templates', () => overlay({ 'setup.sh': '' }), /expected a folder with templates \(\*\.j2\), got .* without any/],
  ['a token', () => Aws.REGION, /known at synth/],
])('%s is refused', (_, directory, message) => {
  expect(() => BootstrapTemplates.fromDirectory(directory())).toThrow(message);
});

test('a stage 0 that leaves the deploy-time values out is refused', () => {
  const templates = BootstrapTemplates.fromDirectory(overlay({ 'user_data/linux/user_data.sh.j2': '#!/bin/bash\ntrue\n' }));
  expect(() => customization(templates)).toThrow(
    /to write \{\{ context\.get\("\/bootstrap\/DeployTimeValues"\) \| safe \}\} once, got 0 times/,
  );
});

describe('an error in a template says for which construct it was rendered', () => {
  const STAGE_ZERO = 'user_data/linux/user_data.sh.j2';
  const messageOf = (files: { [name: string]: string }): string => {
    try {
      customization(BootstrapTemplates.fromDirectory(overlay(files)));
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
    const { stack, cluster } = sampleCluster({ templates: BootstrapTemplates.fromDirectory(overlay({ [NAME]: '{% if %}' })) });
    const add = (id: string) => new ClusterNode(stack, id, { cluster, os: NodeOs.AMAZON_LINUX_2023, nodeType: NodeType.COMPUTE_NODE });
    expect(() => add('One')).toThrow(/ \(at Stack\/One\)$/);
    expect(() => add('Two')).toThrow(/^[^(]*\(at Stack\/Two\)$/);
  });
});
