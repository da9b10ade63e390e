/**
 * The boot lab: boots machines with what `cdk synth` produces and checks what happened. See docs/boot-lab.md.
 *
 *   npm run boot-lab [-- scenario[/variant] ...] [--smoke] [--once] [--mutants] [--images] [--list] [--repeat N] [--lanes N] [--keep] [--counts]
 *     [--calls FILE]
 */
import { existsSync } from 'node:fs';
import * as path from 'node:path';
import { parseArgs } from 'node:util';
import { synthesize } from './app/synthesis';
import { imageStackName, isSmoke as isLinuxSmoke, loadScenarios, oncePerScenario, runsOf, select } from './catalogue';
import { writeCounts } from './counts';
import { AnyRun, Half, laneOf, overlayOf, RunResult } from './half';
import { prepareImages } from './image/images';
import { PICTURES } from './performing';
import { linuxHalf } from './linux-half';
import { leaveWorkFolder, makeWorkFolder, removeRemains, runName } from './machine/remains';
import { selectMutants, tryMutants } from './mutants/try';
import { obstacle } from './preflight';
import { writeCalls } from './recorded-calls';
import { align, progressLine, say, table } from './report';
import { inLanes } from './schedule';
import { closeAll } from './stage';
import { windowsRuns } from './windows/catalogue';
import { prepareWindowsImage, windowsObstacle } from './windows/image/windows-image';
import { windowsHalf } from './windows/windows-half';

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
      once: { type: 'boolean', default: false },
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
  const everyRun = [...runsOf(loadScenarios()), ...windowsRuns()];
  const runs = values.once ? oncePerScenario(everyRun, isSmoke) : everyRun;
  if (values.list) {
    say(align(runs.map((run) => [run.name, isSmoke(run) ? 'smoke' : '', run.scenario.summary])));
    return 0;
  }
  const mutants = values.mutants ? selectMutants(positionals) : [];
  const wanted = values.mutants
    ? select(runs, [...new Set(mutants.map((mutant) => mutant.caughtBy))])
    : select(runs, positionals).filter((run) => !values.smoke || isSmoke(run));
  if (wanted.length === 0) throw new Error(`nothing to run: none of ${positionals.join(', ')} is in the smoke set`);
  const lanes = positive('lanes', values.lanes);
  const repeat = positive('repeat', values.repeat);

  const start = Date.now();
  const results: RunResult[] = [];
  let status = 0;
  let isClean = false;
  for (const { system, name, obstacle, prepare } of HALVES) {
    // The longest first, so that none of them is what all others wait for at the end.
    const ofHalf = wanted
      .filter((run) => run.system === system)
      .sort((first, second) => (second.scenario.withinSeconds ?? 0) - (first.scenario.withinSeconds ?? 0));
    if (ofHalf.length === 0) continue;
    const problem = obstacle();
    if (problem !== undefined) {
      say(`${name} skipped: ${problem}`);
      if (process.env.CI === 'true') status = 1;
      continue;
    }
    if (!isClean) await removeRemains();
    isClean = true;
    const half = prepare(ofHalf, lanes, values.images);
    if (values.images) continue;
    workFolder ??= makeWorkFolder();
    if (values.mutants) {
      const ofRuns = mutants.filter((mutant) => ofHalf.some((run) => run.name === mutant.caughtBy));
      // Tried also when the other half has failed.
      const outcome = await tryMutants(ofHalf, ofRuns, half, path.join(workFolder, system));
      status ||= outcome;
      continue;
    }
    for (let round = 1; round <= repeat; round++) {
      if (repeat > 1) say(`round ${round} of ${repeat}`);
      const ofRound = await performAll(ofHalf, half, path.join(workFolder, `${system}-${round}`), values.keep || values.counts);
      results.push(...ofRound);
      say('');
      say(table(ofRound));
    }
  }
  if (values.counts) writeCounts(results);
  if (values.calls !== undefined) writeCalls(values.calls, results);
  const failed = results.filter((result) => result.failures.length > 0);
  const pictures = results.filter(({ folder }) => existsSync(path.join(folder, PICTURES)));
  if (failed.length > 0) status = 1;
  if (workFolder !== undefined) leaveWorkFolder(workFolder, values.keep || status !== 0 || pictures.length > 0);
  say('');
  if (pictures.length > 0) say(`pictures are in ${workFolder}/*/*/${PICTURES}`);
  if (results.length > 0)
    say(`${results.length - failed.length} of ${results.length} runs ok in ${((Date.now() - start) / 1000).toFixed(0)} s`);
  return status;
}

/** The machines of one system, and how to come by what they are made of. */
interface SystemHalf {
  readonly system: AnyRun['system'];
  /** As in "the boot lab skipped". */
  readonly name: string;
  readonly obstacle: () => string | undefined;
  readonly prepare: (runs: readonly AnyRun[], lanes: number, all: boolean) => Half<AnyRun>;
}

const progress = (line: string): void => say(`image: ${line}`);

const HALVES: readonly SystemHalf[] = [
  {
    system: 'linux',
    name: 'boot lab',
    obstacle,
    prepare: (runs, lanes, all) => {
      const withDesktop = all || runs.some((run) => run.system === 'linux' && run.variant.realDesktop === true);
      return linuxHalf(prepareImages(progress, withDesktop), lanes);
    },
  },
  {
    system: 'windows',
    name: 'Windows half of the boot lab',
    obstacle: windowsObstacle,
    prepare: (_, lanes) => windowsHalf(prepareWindowsImage(progress), lanes),
  },
];

async function performAll(runs: readonly AnyRun[], half: Half<AnyRun>, folder: string, keep: boolean): Promise<RunResult[]> {
  const overlays = path.join(folder, 'overlays');
  const nodes = synthesize(
    runs.flatMap((run) =>
      half.requestsOf(
        run,
        stackName(run),
        overlayOf('the lab', half.changes, run.overlay, path.join(overlays, stackName(run), 'node')),
        overlayOf('the lab', half.changes, run.overlayOfImage, path.join(overlays, stackName(run), 'image')),
      ),
    ),
    path.join(folder, 'cdk.out'),
  );
  let done = 0;
  return inLanes(half.lanes, runs, laneOf, async (run, index) => {
    const node = nodes.get(stackName(run));
    if (node === undefined) throw new Error(`nothing was synthesized for ${run.name}`);
    const imageOf = nodes.get(imageStackName(stackName(run))) ?? node;
    const result = await half.perform(run, node, imageOf, path.join(folder, run.name.replace('/', '.')), runName(index), keep);
    // What fails now says nothing about the scenario.
    if (interrupted) return result;
    anyFailed ||= result.failures.length > 0;
    say(progressLine(result, ++done, runs.length));
    return result;
  });
}

function stackName(run: AnyRun): string {
  return `${run.scenarioName}-${run.variantName}`;
}

function isSmoke(run: AnyRun): boolean {
  return run.system === 'linux' ? isLinuxSmoke(run) : run.scenario.isSmoke === true;
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
