import * as fs from 'fs';
import * as path from 'path';
import { InstanceArchitecture } from 'aws-cdk-lib/aws-ec2';
import { Command, InvalidArgumentError, Option } from 'commander';
import { BootstrapTemplates } from '../../lib/bootstrap/bootstrap-templates';
import { NodeOs } from '../../lib/nodes/node-os';
import { NodeOsFamily } from '../../lib/nodes/node-os-props';
import { NodeType } from '../../lib/nodes/node-type';
import { CommandError } from './command-error';
import { EXIT } from './exit-status';
import { nodeTypesOf, SampleCluster } from './sample-cluster';
import { readJsonText } from './text-files';

interface RenderOptions {
  readonly os: NodeOs;
  readonly arch: InstanceArchitecture;
  readonly nodeType: NodeType;
  readonly overlay?: string;
  readonly context?: string;
  readonly out: string;
}

/** `cluster-nodes render`: what would run on a node, as files. */
export function renderCommand(): Command {
  return new Command('render')
    .description('Write the UserData and the bundle of a node, as they would be on the node. Needs no image and no AWS account.')
    .addOption(osOption().makeOptionMandatory())
    .addOption(architectureOption().default(InstanceArchitecture.X86_64))
    .addOption(nodeTypeOption().makeOptionMandatory())
    .option('--overlay <dir>', 'folder of templates that take the place of the library’s')
    .option('--context <file>', 'JSON file with an object of context keys and values')
    .requiredOption('--out <dir>', 'folder to write to: user_data.sh or user_data.ps1, and bundle/')
    .addHelpText(
      'after',
      '\nExample:\n  cluster-nodes render --os ubuntu2404 --node-type dcv_node --overlay my-templates --out rendered\n\nValues that CloudFormation knows are sample values (us-east-1, 111122223333).',
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
  if (!nodeTypesOf(options.os).includes(options.nodeType)) {
    throw new CommandError(
      `expected node type ${nodeTypesOf(options.os).join(', ')} on ${options.os.name}, got ${options.nodeType}`,
      EXIT.USAGE,
    );
  }
  if (!options.os.architectures.includes(options.arch)) {
    throw new CommandError(
      `expected an architecture of ${options.os.name} (${options.os.architectures.join(', ')}), got ${options.arch}`,
      EXIT.USAGE,
    );
  }
  const out = path.resolve(options.out);
  if (fs.statSync(out, { throwIfNoEntry: false })?.isFile()) {
    throw new CommandError(`expected a folder in --out, got ${out}, which is a file`, EXIT.USAGE);
  }
  const templates = options.overlay === undefined ? BootstrapTemplates.builtIn() : BootstrapTemplates.fromDirectory(options.overlay);
  const cluster = new SampleCluster(templates, readContext(options.context));
  try {
    const node = cluster.node({ os: options.os, architecture: options.arch, nodeType: options.nodeType });
    // Everything is rendered before the first file is written.
    const userData = cluster.userData(node);
    const bundle = path.join(out, 'bundle');
    fs.rmSync(bundle, { recursive: true, force: true });
    for (const [name, content] of Object.entries(node.bundle.files)) {
      const file = path.join(bundle, name);
      fs.mkdirSync(path.dirname(file), { recursive: true });
      fs.writeFileSync(file, content);
    }
    const extension = options.os.family === NodeOsFamily.WINDOWS ? 'ps1' : 'sh';
    fs.writeFileSync(path.join(out, `user_data.${extension}`), userData);
    process.stdout.write(`${path.join(options.out, `user_data.${extension}`)}\n`);
    warnOfUnusedFiles(templates);
    Object.keys(node.bundle.files).forEach((name) => process.stdout.write(`${path.join(options.out, 'bundle', name)}\n`));
  } finally {
    cluster.dispose();
  }
}

/** Tells on stderr which files of an overlay no node that was rendered has read. */
export function warnOfUnusedFiles(templates: BootstrapTemplates): void {
  templates._unusedFiles().forEach((message) => process.stderr.write(`cluster-nodes: warning: ${message}\n`));
}
