/**
 * The boot lab: boots machines with what `cdk synth` produces and checks what happened. See docs/boot-lab.md.
 *
 *   npm run boot-lab [-- scenario[/variant] ...] [--smoke] [--mutants] [--images] [--list] [--repeat N] [--lanes N] [--keep] [--counts]
 *     [--calls FILE]
 */
import { existsSync } from 'node:fs';
import * as path from 'node:path';
import { parseArgs } from 'node:util';
import { synthesize } from './app/synthesis';
import { imageStackName, isSmoke, loadScenarios, requestsOf, Run, runsOf, select } from './catalogue';
import { writeCounts } from './counts';
import { prepareImages } from './image/images';
import { writeCalls } from './recorded-calls';
import { closeAll, perform, PICTURES, RunResult } from './lab';
import { leaveWorkFolder, makeWorkFolder, removeRemains, runName } from './machine/remains';
import { runsOfMutants, tryMutants } from './mutants/try';
import { obstacle } from './preflight';
import { align, progressLine, say, table } from './report';
import { inLanes } from './schedule';
import { variantName } from './scenario';

const DEFAULT_LANES = 5;

/** Of all runs; gone when the lab ends, unless there is something in it to look at. */
let workFolder: string | undefined;

let interrupted = false;

/** Before the lab was interrupted. */
let anyFailed = false;

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      smoke: { type: 'boolean', default: false },
      mutants: { type: 'boolean', default: false },
      images: { type: 'boolean', default: false },
      list: { type: 'boolean', default: false },
      keep: { type: 'boolean', default: false },
      counts: { type: 'boolean', default: false },
      calls: { type: 'string' },
      repeat: { type: 'string', default: '1' },
      lanes: { type: 'string', default: String(DEFAULT_LANES) },
    },
  });
  const runs = runsOf(loadScenarios());
  if (values.list) {
    say(align(runs.map((run) => [run.name, isSmoke(run) ? 'smoke' : '', run.scenario.summary])));
    return 0;
  }
  // The longest first, so that none of them is what all others wait for at the end.
  const chosen = select(runs, values.mutants ? [] : positionals)
    .filter((run) => !values.smoke || isSmoke(run))
    .sort((first, second) => (second.scenario.withinSeconds ?? 0) - (first.scenario.withinSeconds ?? 0));
  if (chosen.length === 0) throw new Error(`nothing to run: none of ${positionals.join(', ')} is in the smoke set`);
  const problem = obstacle();
  if (problem !== undefined) {
    say(`boot lab skipped: ${problem}`);
    return process.env.CI === 'true' ? 1 : 0;
  }
  const start = Date.now();
  await removeRemains();
  const wanted = values.mutants ? runsOfMutants(runs, positionals) : chosen;
  const withDesktop = values.images || wanted.some((run) => run.variant.realDesktop === true);
  const images = prepareImages((line) => say(`image: ${line}`), withDesktop);
  if (values.images) return 0;
  workFolder = makeWorkFolder();
  const lanes = positive('lanes', values.lanes);
  if (values.mutants) {
    const status = await tryMutants(runs, positionals, images, workFolder, lanes);
    leaveWorkFolder(workFolder, values.keep || status !== 0);
    return status;
  }

  const results: RunResult[] = [];
  const repeat = positive('repeat', values.repeat);
  for (let round = 1; round <= repeat; round++) {
    if (repeat > 1) say(`round ${round} of ${repeat}`);
    const ofRound = await performAll(chosen, images, path.join(workFolder, `round-${round}`), lanes, values.keep || values.counts);
    results.push(...ofRound);
    say('');
    say(table(ofRound));
  }
  if (values.counts) writeCounts(results);
  if (values.calls !== undefined) writeCalls(values.calls, results);
  const failed = results.filter((result) => result.failures.length > 0);
  const pictures = results.filter(({ folder }) => existsSync(path.join(folder, PICTURES)));
  leaveWorkFolder(workFolder, values.keep || failed.length > 0 || pictures.length > 0);
  say('');
  if (pictures.length > 0) say(`pictures are in ${workFolder}/*/*/${PICTURES}`);
  say(`${results.length - failed.length} of ${results.length} runs ok in ${((Date.now() - start) / 1000).toFixed(0)} s`);
  return failed.length === 0 ? 0 : 1;
}

async function performAll(
  runs: readonly Run[],
  images: ReturnType<typeof prepareImages>,
  folder: string,
  lanes: number,
  keep: boolean,
): Promise<RunResult[]> {
  const nodes = synthesize(
    runs.flatMap((run) => requestsOf(run, stackName(run), run.overlay, run.overlayOfImage)),
    path.join(folder, 'cdk.out'),
    images.downloads,
  );
  let done = 0;
  return inLanes(lanes, runs, async (run, index) => {
    const node = nodes.get(stackName(run));
    if (node === undefined) throw new Error(`nothing was synthesized for ${run.name}`);
    const result = await perform(
      run,
      node,
      nodes.get(imageStackName(stackName(run))) ?? node,
      images,
      path.join(folder, run.name.replace('/', '.')),
      runName(index),
      keep,
    );
    // What fails now says nothing about the scenario.
    if (interrupted) return result;
    anyFailed ||= result.failures.length > 0;
    say(progressLine(result, ++done, runs.length));
    return result;
  });
}

function stackName(run: Run): string {
  return `${run.scenarioName}-${variantName(run.variant)}`;
}

function positive(name: string, text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1) throw new Error(`expected a number of at least 1 for --${name}, got ${text}`);
  return value;
}

process.on('beforeExit', () => {
  process.stderr.write('the boot lab came to a halt: it waits for something that cannot happen any more\n');
  process.exit(1);
});

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(signal, () => {
    // npm passes on what the terminal has sent to both.
    if (interrupted) return;
    interrupted = true;
    process.stderr.write(`${signal}: taking the machines down\n`);
    void closeAll().then(() => {
      if (workFolder !== undefined) leaveWorkFolder(workFolder, anyFailed);
      process.exit(130);
    });
  });
}

main().then(
  (status) => {
    if (!interrupted) process.exit(status);
  },
  async (error: unknown) => {
    if (interrupted) return;
    process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
    await closeAll();
    if (workFolder !== undefined) leaveWorkFolder(workFolder, true);
    process.exit(1);
  },
);
