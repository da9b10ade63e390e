import * as fs from 'fs';
import * as path from 'path';
import { InstanceArchitecture } from 'aws-cdk-lib/aws-ec2';
import { Command, InvalidArgumentError, Option } from 'commander';
import { BootstrapTemplates } from '../../lib/bootstrap/bootstrap-templates';
import { NodeOs } from '../../lib/nodes/node-os';
import { NodeType } from '../../lib/nodes/node-type';
import { type AssemblyNode, assemblyNodes } from './assembly';
import { CommandError } from './command-error';
import { EXIT, warn } from './exit-status';
import { powerShellFaults } from './powershell-syntax';
import { writeRendered } from './rendered-folder';
import { nodeTypesOf, SampleCluster } from './sample-cluster';
import { readJsonText } from './text-files';

interface RenderOptions {
  readonly app?: string;
  readonly node?: string;
  readonly os?: NodeOs;
  readonly arch?: InstanceArchitecture;
  readonly nodeType?: NodeType;
  readonly overlay?: string;
  readonly context?: string;
  readonly out: string;
}

/** `cluster-nodes render`: what would run on a node, as files. */
export function renderCommand(): Command {
  return new Command('render')
    .description('Write the UserData and the bundle of a node, as they would be on the node. Needs no image and no AWS account.')
    .addOption(osOption().conflicts('app'))
    .addOption(architectureOption().conflicts('app'))
    .addOption(nodeTypeOption().conflicts('app'))
    .addOption(new Option('--overlay <dir>', 'folder of templates that take the place of the library’s').conflicts('app'))
    .addOption(new Option('--context <file>', 'JSON file with an object of context keys and values').conflicts('app'))
    .option('--app <dir>', 'cloud assembly of your own app (cdk.out): its nodes, with your values, in place of one of a sample')
    .option('--node <path>', 'only the node with this construct path, of those of --app')
    .requiredOption(
      '--out <dir>',
      'folder to write to: user_data.sh or user_data.ps1, and bundle/; with --app and without --node a folder for each node',
    )
    .addHelpText(
      'after',
      '\nExamples:\n  cluster-nodes render --os ubuntu2404 --node-type dcv_node --overlay my-templates --out rendered\n  cluster-nodes render --app cdk.out --node Lab/LinuxDesktop --out rendered\n\n' +
        'Values that CloudFormation knows are sample values (us-east-1, 111122223333); with --app they stand as ${AWS::Region}.\n' +
        'The architecture is x86_64 unless given. What an earlier run has written to --out is replaced, nothing else is.',
    )
    .action((options: RenderOptions) => render(options));
}

export function osOption(): Option {
  return new Option('--os <name>', `operating system: ${NodeOs.all().join(', ')}`).argParser((name) => {
    const found = NodeOs.all().find((nodeOs) => nodeOs.name === name);
    if (found === undefined) {
      throw new InvalidArgumentError(`Expected one of ${NodeOs.all().join(', ')}.`);
    }
    return found;
  });
}

export function architectureOption(): Option {
  return new Option('--arch <name>', 'architecture').choices(Object.values(InstanceArchitecture));
}

export function nodeTypeOption(): Option {
  return new Option('--node-type <name>', 'what the node is for').choices(Object.values(NodeType));
}

/** Reads a JSON object of context keys and values. */
export function readContext(file: string | undefined): { [key: string]: unknown } {
  if (file === undefined) {
    return {};
  }
  const text = readJsonText(file);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new CommandError(`expected JSON in ${file}: ${(error as Error).message}`);
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new CommandError(
      `expected an object of context keys and values in ${file}, got ${Array.isArray(value) ? 'a list' : String(value)}`,
    );
  }
  return value as { [key: string]: unknown };
}

function render(options: RenderOptions): void {
  const out = path.resolve(options.out);
  if (fs.statSync(out, { throwIfNoEntry: false })?.isFile()) {
    throw new CommandError(`expected a folder in --out, got ${out}, which is a file`, EXIT.USAGE);
  }
  // Everything is rendered before the first file is written.
  const files = options.app === undefined ? sampleNode(options) : nodesOfApp(options.app, options.node);
  const faults = powerShellFaults(files);
  if (faults.length > 0) {
    throw new CommandError(`expected scripts that PowerShell can read, got ${faults.join('\n')}`);
  }
  writeRendered(out, files);
  [...files.keys()].forEach((name) => process.stdout.write(`${path.join(options.out, name)}\n`));
}

function sampleNode({
  os,
  arch = InstanceArchitecture.X86_64,
  nodeType,
  overlay,
  context,
  node: path,
}: RenderOptions): Map<string, string> {
  if (os === undefined || nodeType === undefined) {
    const missing = os === undefined ? '--os <name>' : '--node-type <name>';
    throw new CommandError(`required option '${missing}' not specified, nor --app`, EXIT.USAGE);
  }
  if (path !== undefined) {
    throw new CommandError(`expected --app with --node, got ${path} alone`, EXIT.USAGE);
  }
  if (!nodeTypesOf(os).includes(nodeType)) {
    throw new CommandError(`expected node type ${nodeTypesOf(os).join(', ')} on ${os.name}, got ${nodeType}`, EXIT.USAGE);
  }
  if (!os.architectures.includes(arch)) {
    throw new CommandError(`expected an architecture of ${os.name} (${os.architectures.join(', ')}), got ${arch}`, EXIT.USAGE);
  }
  const templates = overlay === undefined ? BootstrapTemplates.builtIn() : BootstrapTemplates.fromDirectory(overlay);
  const cluster = new SampleCluster(templates, readContext(context));
  try {
    const node = cluster.node({ os, architecture: arch, nodeType });
    const userData = cluster.userData(node);
    warnOfTemplates(templates);
    return filesOfNode('', userData, Object.entries(node.bundle.files));
  } finally {
    cluster.dispose();
  }
}

/** Tells on stderr which files of an overlay no node that was rendered has read, and which scripts may be no bash. */
export function warnOfTemplates(templates: BootstrapTemplates): void {
  [...templates._shellWarnings, ...templates._unusedFiles()].forEach(warn);
}

/** The nodes of an app, of which there has to be one. */
export function nodesOfAssembly(app: string): AssemblyNode[] {
  const nodes = assemblyNodes(app);
  if (nodes.length === 0) {
    throw new CommandError(`expected an app with nodes in --app, got none in ${app}`, EXIT.USAGE);
  }
  return nodes;
}

function nodesOfApp(app: string, wanted: string | undefined): Map<string, string> {
  const nodes = nodesOfAssembly(app);
  const paths = nodes.map((node) => node.path);
  if (wanted !== undefined && !paths.includes(wanted)) {
    throw new CommandError(`expected the path of a node in --node (${paths.join(', ')}), got ${wanted}`, EXIT.USAGE);
  }
  const found = wanted === undefined ? nodes : nodes.filter((node) => node.path === wanted);
  return new Map(
    found.flatMap((node) => [...filesOfNode(wanted === undefined ? `${folderOf(node.path)}/` : '', node.userData, [...node.files])]),
  );
}

/** The path of a construct as one of folders. */
function folderOf(constructPath: string): string {
  const segment = (text: string) => text.replace(/[^A-Za-z0-9._-]/g, '_').replace(/^\.+$/, '_');
  return constructPath.split('/').map(segment).join('/');
}

function filesOfNode(folder: string, userData: string, scripts: readonly (readonly [string, string])[]): Map<string, string> {
  const extension = userData.startsWith('<powershell>') ? 'ps1' : 'sh';
  return new Map([
    [`${folder}user_data.${extension}`, userData],
    ...scripts.map(([name, text]) => [`${folder}bundle/${name}`, text] as const),
  ]);
}
