import * as fs from 'fs';
import * as path from 'path';
import { Command, InvalidArgumentError, Option } from 'commander';
import { JsonSyntaxError, parseJson } from '../../lib/templates/json';
import { Dict } from '../../lib/templates/dialect/values';
import { RenderResult, TemplateRenderer } from '../../lib/templates/renderer';
import { CommandError } from './command-error';
import { EXIT, warn } from './exit-status';
import { readJsonText, writeText } from './text-files';

interface RenderTemplateOptions {
  readonly search: string[];
  readonly template?: string;
  readonly context?: string;
  readonly batch?: string;
  readonly escaping: 'contextual' | 'none';
  readonly missing: 'error' | 'none';
  readonly add: [string, string][];
}

/** `cluster-nodes render-template`: templates of any tree, one or many. */
export function renderTemplateCommand(): Command {
  const folders = (folder: string, earlier: string[]): string[] => [...earlier, folder];
  const additions = (text: string, earlier: [string, string][]): [string, string][] => [...earlier, keyAndValue(text)];
  return new Command('render-template')
    .description('Render one template to standard output, or many to files.')
    .option('--search <dir>', 'folder with templates; repeat it, the first that has a template wins', folders, [] as string[])
    .option('--template <name>', 'template, by its name in those folders')
    .option('--context <file>', 'JSON file with an object of keys and values, which templates see as context')
    .option('--batch <file>', 'JSON file with a list of {"template", "context", "out"}: context is an object, or the path of a JSON file')
    .addOption(new Option('--escaping <kind>', 'how values are written').choices(['contextual', 'none']).default('contextual'))
    .addOption(new Option('--missing <kind>', 'what a key that is not in the context is').choices(['error', 'none']).default('error'))
    .option('--add <key=value>', 'a key with a text value besides those of the context; repeat it', additions, [] as [string, string][])
    .addHelpText(
      'after',
      '\nExamples:\n  cluster-nodes render-template --search templates --template setup.sh.j2 --context node.json\n' +
        '  cluster-nodes render-template --search templates --batch jobs.json --escaping none --missing none\n\n' +
        'In a batch the folders of out are created; relative paths belong to the working directory. When one job fails the\n' +
        'others are still written, what an earlier run has left in its out stays, and the exit status is 1.',
    )
    .action((options: RenderTemplateOptions) => renderTemplate(options));
}

function keyAndValue(text: string): [string, string] {
  const position = text.indexOf('=');
  if (position < 1) {
    throw new InvalidArgumentError('Expected KEY=VALUE.');
  }
  return [text.slice(0, position), text.slice(position + 1)];
}

function renderTemplate(options: RenderTemplateOptions): void {
  if (options.search.length === 0) {
    throw new CommandError('expected a folder with templates in --search', EXIT.USAGE);
  }
  if ((options.template === undefined) === (options.batch === undefined)) {
    throw new CommandError('expected either --template or --batch', EXIT.USAGE);
  }
  if (options.batch !== undefined && options.context !== undefined) {
    throw new CommandError('expected no --context with --batch, whose jobs have their own', EXIT.USAGE);
  }
  for (const folder of options.search) {
    if (!fs.statSync(folder, { throwIfNoEntry: false })?.isDirectory()) {
      throw new CommandError(`expected a folder in --search, got ${folder}, which is none`, EXIT.USAGE);
    }
  }
  const renderer = new TemplateRenderer({
    searchPaths: options.search,
    escaping: options.escaping,
    missingKeys: options.missing,
    // Jinja2 takes whatever text there is.
    checksShell: () => options.escaping === 'contextual',
  });
  if (options.template !== undefined) {
    const { template } = options;
    if (!options.search.some((folder) => fs.existsSync(path.join(folder, template)))) {
      throw new CommandError(`expected a template of ${options.search.join(', ')} in --template, got ${template}`, EXIT.USAGE);
    }
    const context = options.context === undefined ? new Dict() : contextIn(readJson(options.context), options.context);
    process.stdout.write(textOf(renderer.render(template, withAdded(context, options.add))));
    return;
  }
  runBatch(renderer, options.batch!, options.add);
}

function runBatch(renderer: TemplateRenderer, file: string, added: readonly [string, string][]): void {
  const jobs = readJson(file);
  if (!Array.isArray(jobs)) {
    throw new CommandError(`expected a list of jobs in ${file}, got ${jsonType(jobs)}`);
  }
  const taken: TakenFiles = { outs: new Map(), templates: new Set() };
  const failures = jobs.flatMap((job: unknown, index) => {
    try {
      runJob(renderer, job, index + 1, added, taken);
      return [];
    } catch (error) {
      return [`job ${index + 1}: ${(error as Error).message}`];
    }
  });
  failures.forEach((failure) => process.stderr.write(`cluster-nodes: ${failure}\n`));
  if (failures.length > 0) {
    throw new CommandError(`${failures.length} of ${jobs.length} jobs failed`);
  }
}

/** What the jobs of a batch must not write over. */
interface TakenFiles {
  /** Number of the job that wrote a file. */
  readonly outs: Map<string, number>;
  /** Templates that were read. */
  readonly templates: Set<string>;
}

function runJob(
  renderer: TemplateRenderer,
  job: unknown,
  number: number,
  added: readonly [string, string][],
  { outs, templates }: TakenFiles,
): void {
  if (!(job instanceof Dict)) {
    throw new CommandError(`expected an object with template, context and out, got ${jsonType(job)}`);
  }
  const [template, out] = ['template', 'out'].map((name) => {
    const value = job.get(name);
    if (typeof value !== 'string' || value === '') {
      throw new CommandError(`expected text in ${name}, got ${value === '' ? 'an empty one' : jsonType(value)}`);
    }
    return value;
  });
  const given = job.get('context');
  const context = typeof given === 'string' ? contextIn(readJson(given), given) : contextIn(given, 'context');
  const result = renderer.render(template, withAdded(context, added));
  result.templates.forEach((read) => templates.add(fs.realpathSync(read)));
  const target = fs.existsSync(out) ? fs.realpathSync(out) : path.resolve(out);
  if (outs.has(target)) {
    throw new CommandError(`expected an out of its own, got ${out}, which job ${outs.get(target)} has written`);
  }
  if (templates.has(target)) {
    throw new CommandError(`expected a file in out that is no template, got ${out}, which has been rendered from`);
  }
  writeText(out, textOf(result));
  outs.set(target, number);
}

function textOf({ text, warnings }: RenderResult): string {
  warnings.forEach(warn);
  if (/\p{Cs}/u.test(text)) {
    throw new CommandError('the text holds half of a surrogate pair, which is no character in UTF-8: correct the value in the context');
  }
  return text;
}

/** A copy: jobs of a batch may name the same file. */
function withAdded(context: Dict, added: readonly [string, string][]): Dict {
  return new Dict([...context.entries(), ...added]);
}

function contextIn(value: unknown, place: string): Dict {
  if (!(value instanceof Dict)) {
    throw new CommandError(`expected an object of keys and values in ${place}, got ${jsonType(value)}`);
  }
  return value;
}

function readJson(file: string): unknown {
  const text = readJsonText(file);
  try {
    return parseJson(text);
  } catch (error) {
    if (error instanceof JsonSyntaxError) {
      throw new CommandError(`expected JSON in ${file}, ${error.message}`);
    }
    throw error;
  }
}

function jsonType(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (value === null) return 'null';
  if (value instanceof Dict) return 'an object';
  if (Array.isArray(value)) return 'a list';
  return typeof value === 'string' ? 'text' : typeof value === 'boolean' ? 'a boolean' : 'a number';
}
