import { execFileSync, spawnSync } from 'child_process';
import { readdirSync } from 'fs';
import * as path from 'path';
import { load } from 'js-yaml';
import { Template } from 'aws-cdk-lib/assertions';
import { Cluster, ClusterNode, LoginNode, NodeImage, NodeOs, VirtualDesktopNode } from '../../../lib';
import { DeployedTemplate } from '../../boot-lab/app/intrinsics';
import { describePowerShell, POWERSHELL_FOLDER, runPowerShell } from '../../powershell';
import { sampleCluster } from '../../sample-cluster';
import { writeFiles } from '../../write-files';

// What stands in the component documents of images, as the programs see it that run them. That they work, the boot lab tells.

const DEPLOYMENT = {
  stackName: 'Stack',
  region: 'eu-central-1',
  partition: 'aws' as const,
  account: '111122223333',
  urlSuffix: 'amazonaws.com',
  parameters: {},
};

const NODES: { readonly [name: string]: (cluster: Cluster) => ClusterNode } = {
  linux: (cluster) => new VirtualDesktopNode(cluster, 'Node', { cluster, os: NodeOs.UBUNTU_24_04 }),
  login: (cluster) => new LoginNode(cluster, 'Node', { cluster, os: NodeOs.AMAZON_LINUX_2023 }),
  windows: (cluster) => new VirtualDesktopNode(cluster, 'Node', { cluster, os: NodeOs.WINDOWS_2022 }),
};

/** A node of a cluster with a proxy. */
function nodeOf(name: string): ClusterNode {
  const { cluster } = sampleCluster({
    proxy: { httpsProxy: 'http://proxy.example.com:3128', noProxy: ['10.0.0.0/8', '.example.com'] },
  });
  return NODES[name](cluster);
}

/** The YAML of a document. */
function documentOf(name: string): string {
  const node = nodeOf(name);
  const { stack } = node;
  new NodeImage(stack, 'Image', { node });
  const deployed = new DeployedTemplate(Template.fromStack(stack).toJSON() as DeployedTemplate['template'], DEPLOYMENT);
  return deployed.properties(deployed.resourcesOfType('AWS::ImageBuilder::Component')[0]).Data as string;
}

/** Of the bundle of the test, in one folder: what is not in that of the node as it is. */
function scriptsOfTest(name: string): { [file: string]: string } {
  const node = nodeOf(name);
  const files = Object.entries(node._imageSource().test.bundle.files).filter(([file, text]) => node.bundle.files[file] !== text);
  return Object.fromEntries(files.map(([file, text]) => [`test-${path.basename(file)}`, text]));
}

interface Step {
  readonly name: string;
  readonly action: string;
  readonly inputs: { readonly commands?: readonly string[] };
}

function stepsOf(document: string): { readonly [name: string]: string } {
  const { phases } = load(document) as { readonly phases: readonly { readonly steps: readonly Step[] }[] };
  const steps = phases.flatMap((phase) => phase.steps).filter(({ inputs }) => inputs.commands !== undefined);
  return Object.fromEntries(steps.map(({ name, inputs }) => [name, inputs.commands!.join('\n')]));
}

test.each(Object.keys(NODES))('%s: a document that Image Builder takes in the text of a template, without variables of its own', (name) => {
  const document = documentOf(name);
  // https://docs.aws.amazon.com/imagebuilder/latest/APIReference/API_CreateComponent.html
  expect(document.length).toBeLessThan(16_000);
  expect(document).not.toContain('{{');
  expect(Object.keys(stepsOf(document))).toEqual(['Install', 'Seal', 'Validate', 'Test']);
});

test.each(['linux', 'login'])('%s: scripts without a fault, those of the test among them', (name) => {
  const steps = stepsOf(documentOf(name));
  const files = {
    ...Object.fromEntries(Object.entries(steps).map(([step, commands]) => [`${step}.sh`, `#!/bin/bash\n${commands}`])),
    ...scriptsOfTest(name),
  };
  const folder = writeFiles(files);
  const names = readdirSync(folder);
  names.forEach((file) => execFileSync('bash', ['-n', file], { cwd: folder }));
  const { stdout, stderr, status } = spawnSync('shellcheck', ['-S', 'warning', ...names], { cwd: folder, encoding: 'utf8' });
  expect([stdout, stderr, status]).toEqual(['', '', 0]);
});

describePowerShell('windows', () => {
  test('scripts without a fault, those of the test among them', () => {
    const steps = Object.entries(stepsOf(documentOf('windows'))).map(([step, commands]) => [`${step}.ps1`, commands] as const);
    const folder = writeFiles({ ...Object.fromEntries(steps), ...scriptsOfTest('windows') });
    const rules = path.join(__dirname, '..', 'windows', 'house-rules.ps1');
    const output = runPowerShell(
      `$files = (Get-ChildItem *.ps1).FullName | Resolve-Path -Relative
      & '${POWERSHELL_FOLDER}/check-windows-powershell.ps1' $files
      & '${rules}' $files`,
      folder,
    );
    // The runner of a test does not call what tells others.
    const found = output
      .split('\n')
      .filter((line) => line !== '' && !/^.\/test-runner\.ps1:\d+ function: \S+ is called by nobody/.test(line));
    expect(found).toEqual([]);
  });
});
