import { InstanceArchitecture } from 'aws-cdk-lib/aws-ec2';
import { Command } from 'commander';
import { BootstrapTemplates } from '../../lib/bootstrap/bootstrap-templates';
import { UserDataBudget } from '../../lib/bootstrap/user-data-budget';
import { NodeOs } from '../../lib/nodes/node-os';
import { NodeType } from '../../lib/nodes/node-type';
import { CommandError } from './command-error';
import { EXIT } from './exit-status';
import { architectureOption, nodesOfAssembly, nodeTypeOption, osOption, readContext, warnOfTemplates } from './render';
import { allNodeKinds, SampleCluster } from './sample-cluster';

interface BudgetOptions {
  readonly os?: NodeOs;
  readonly arch?: InstanceArchitecture;
  readonly nodeType?: NodeType;
  readonly overlay?: string;
  readonly context?: string;
  readonly app?: string;
  readonly json?: boolean;
}

/** `cluster-nodes budget`: sizes of UserData and bundles. */
export function budgetCommand(): Command {
  return new Command('budget')
    .description(`Print how many of the ${UserDataBudget.MAX_BYTES} bytes of UserData each kind of node uses, and the size of its bundle.`)
    .addOption(osOption())
    .addOption(architectureOption())
    .addOption(nodeTypeOption())
    .option('--overlay <dir>', 'folder of templates that take the place of the library’s')
    .option('--context <file>', 'JSON file with an object of context keys and values')
    .option('--app <dir>', 'output of cdk synth: the nodes of that app instead of kinds of nodes')
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      '\nExamples:\n  cluster-nodes budget --node-type dcv_node\n  cluster-nodes budget --app cdk.out\n\nBytes: the text without tokens. Worst case: every token as long as it can be.',
    )
    .action((options: BudgetOptions) => budget(options));
}

type Row = { readonly [column: string]: string | number };

function budget(options: BudgetOptions): void {
  const rows = options.app === undefined ? rowsOfKinds(options) : rowsOfApp(options.app, options);
  process.stdout.write(options.json === true ? `${JSON.stringify(rows, null, 2)}\n` : table(rows));
}

function rowsOfApp(app: string, { os, arch, nodeType, overlay, context }: BudgetOptions): Row[] {
  if ([os, arch, nodeType, overlay, context].some((option) => option !== undefined)) {
    throw new CommandError('expected --app alone, which has nodes with templates of their own', EXIT.USAGE);
  }
  return nodesOfAssembly(app).map(({ path, userDataSize, bundleBytes }) => ({
    node: path,
    userDataBytes: userDataSize.bytes,
    userDataWorstCaseBytes: userDataSize.worstCaseBytes,
    bundleBytes,
  }));
}

function rowsOfKinds(options: BudgetOptions): Row[] {
  const kinds = allNodeKinds().filter(
    (kind) =>
      (options.os === undefined || kind.os === options.os) &&
      (options.arch === undefined || kind.architecture === options.arch) &&
      (options.nodeType === undefined || kind.nodeType === options.nodeType),
  );
  if (kinds.length === 0) {
    throw new CommandError(
      'expected a kind of node that exists, got none with these options; Windows has x86_64 desktops only',
      EXIT.USAGE,
    );
  }
  const templates = options.overlay === undefined ? BootstrapTemplates.builtIn() : BootstrapTemplates.fromDirectory(options.overlay);
  const cluster = new SampleCluster(templates, readContext(options.context));
  try {
    const rows = kinds.map((kind) => {
      const node = cluster.node(kind);
      const { bytes, worstCaseBytes } = node.userDataBudget;
      return {
        os: kind.os.name,
        arch: kind.architecture,
        nodeType: kind.nodeType,
        userDataBytes: bytes,
        userDataWorstCaseBytes: worstCaseBytes,
        bundleBytes: node.bundle.archiveBytes,
      };
    });
    warnOfTemplates(templates);
    return rows;
  } finally {
    cluster.dispose();
  }
}

const TITLES: { readonly [column: string]: string } = {
  node: 'Node',
  os: 'OS',
  arch: 'Arch',
  nodeType: 'Node type',
  userDataBytes: 'UserData',
  userDataWorstCaseBytes: 'Worst case',
  bundleBytes: 'Bundle',
};

function table(rows: readonly Row[]): string {
  const isNumber = Object.values(rows[0]).map((value) => typeof value === 'number');
  const titles = Object.keys(rows[0]).map((column) => TITLES[column]);
  const cells = [titles, ...rows.map((row) => Object.values(row).map((value) => value.toLocaleString('en-US')))];
  const widths = titles.map((_, column) => Math.max(...cells.map((row) => row[column].length)));
  return cells
    .map((row) => row.map((cell, column) => (isNumber[column] ? cell.padStart(widths[column]) : cell.padEnd(widths[column]))).join('  '))
    .map((line) => `${line.trimEnd()}\n`)
    .join('');
}
