import { cpSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import * as path from 'node:path';
import { NodeRequest, synthesize } from '../app/synthesis';
import { imageStackName, requestsOf, Run, select } from '../catalogue';
import { Images } from '../image/images';
import { OUT_OF_TIME } from '../invariants';
import { OF_LAB, perform } from '../lab';
import { runName } from '../machine/remains';
import { say } from '../report';
import { inLanes } from '../schedule';
import type { Mutant } from './mutant';
import { MUTANTS } from './mutants';

const ASSETS = path.join(__dirname, '..', '..', '..', 'assets');

interface Trial {
  readonly run: Run;
  /** Undefined: the scripts as they are. */
  readonly mutant: Mutant | undefined;
  readonly stackName: string;
  readonly overlay: string | undefined;
  readonly overlayOfImage: string | undefined;
}

/**
 * Runs each scenario that the mutants need with the scripts as they are, which must be well, and then with each fault in a
 * copy of them, which must cause the failure that the mutant names. The status is 1 when something else happens.
 */
export async function tryMutants(
  runs: readonly Run[],
  names: readonly string[],
  images: Images,
  folder: string,
  lanes: number,
): Promise<number> {
  const start = Date.now();
  const chosen = selectMutants(names);

  const healthy = [...new Set(chosen.map((mutant) => mutant.caughtBy))].map<Trial>((name) => {
    const run = runOf(runs, name);
    return { run, mutant: undefined, stackName: name.replace('/', '-'), overlay: run.overlay, overlayOfImage: run.overlayOfImage };
  });
  // As all mutants wait for these.
  healthy.sort((first, second) => (second.run.scenario.withinSeconds ?? 0) - (first.run.scenario.withinSeconds ?? 0));
  const mutated = chosen.map<Trial>((mutant) => {
    const run = runOf(runs, mutant.caughtBy);
    const overlays = path.join(folder, 'overlays', mutant.name);
    return {
      run,
      mutant,
      stackName: mutant.name,
      overlay: overlayOf(mutant, run.overlay, path.join(overlays, 'node')),
      overlayOfImage: overlayOf(mutant, run.overlayOfImage, path.join(overlays, 'image')),
    };
  });
  const requests = [...healthy, ...mutated].flatMap<NodeRequest>(({ run, stackName, overlay, overlayOfImage }) =>
    requestsOf(run, stackName, overlay, overlayOfImage),
  );
  const nodes = synthesize(requests, path.join(folder, 'cdk.out'), images.downloads);
  let index = 0;
  const failuresOf = async ({ run, stackName }: Trial): Promise<readonly string[]> => {
    const node = nodes.get(stackName);
    if (node === undefined) throw new Error(`nothing was synthesized for ${stackName}`);
    const imageOf = nodes.get(imageStackName(stackName)) ?? node;
    return (await perform(run, node, imageOf, images, path.join(folder, stackName), runName(index++), false)).failures;
  };

  const unwell = new Set<string>();
  await inLanes(lanes, healthy, async (trial) => {
    const failures = await failuresOf(trial);
    if (failures.length > 0) unwell.add(trial.run.name);
    say(
      `${failures.length === 0 ? 'well       ' : 'NOT WELL   '} ${trial.run.name}${failures.map((failure) => `\n  - ${failure}`).join('')}`,
    );
  });
  let caught = 0;
  await inLanes(lanes, mutated, async (trial) => {
    const { mutant, run } = trial;
    if (mutant === undefined || unwell.has(run.name)) return;
    const failures = await failuresOf(trial);
    const verdict = judge(mutant, failures);
    if (verdict === 'caught') caught += 1;
    const shown = verdict === 'caught' ? failures.filter((failure) => mutant.failure.test(failure)).slice(0, 1) : failures;
    say(`${verdict.padEnd(11)} ${mutant.name}${shown.map((failure) => `\n  - ${failure.split('\n')[0].slice(0, 300)}`).join('')}`);
  });

  say('');
  say(`${caught} of ${chosen.length} mutants caught in ${((Date.now() - start) / 1000).toFixed(0)} s`);
  if (unwell.size > 0) say(`nothing is known about the mutants of ${[...unwell].join(', ')}, which fails without them`);
  return caught === chosen.length ? 0 : 1;
}

/** The runs that the mutants need. */
export function runsOfMutants(runs: readonly Run[], names: readonly string[]): readonly Run[] {
  return selectMutants(names).map((mutant) => runOf(runs, mutant.caughtBy));
}

function selectMutants(names: readonly string[]): readonly Mutant[] {
  const chosen = names.length === 0 ? MUTANTS : MUTANTS.filter((mutant) => names.includes(mutant.name));
  if (chosen.length < names.length) throw new Error(`no such mutant; there are: ${MUTANTS.map((mutant) => mutant.name).join(', ')}`);
  return chosen;
}

/**
 * A mutant is caught when it causes the failure that it names. What fails in the lab itself says nothing about it, and
 * neither does a machine that did not settle in time, unless the fault is to wait.
 */
export function judge(mutant: Mutant, failures: readonly string[]): 'caught' | 'GOT AWAY' | 'UNCLEAR' {
  if (failures.length === 0) return 'GOT AWAY';
  const trouble = failures.some((failure) => failure.startsWith(OF_LAB) || (!mutant.neverSettles && failure.includes(OUT_OF_TIME)));
  return !trouble && failures.some((failure) => mutant.failure.test(failure)) ? 'caught' : 'UNCLEAR';
}

function runOf(runs: readonly Run[], name: string): Run {
  const found = select(runs, [name]);
  if (found.length !== 1) throw new Error(`expected one scenario on one kind of machine, got ${name}`);
  return found[0];
}

/** The scenario's own overlay with the mutated template laid over it. */
function overlayOf(mutant: Mutant, own: string | undefined, overlay: string): string {
  mkdirSync(overlay, { recursive: true });
  if (own !== undefined) cpSync(own, overlay, { recursive: true });
  for (const { template, from, to } of mutant.changes) {
    const target = path.join(overlay, template);
    const text = mutate(mutant, template, from, to, readFileSync(existsSync(target) ? target : libraryTemplate(template), 'utf8'));
    mkdirSync(path.dirname(target), { recursive: true });
    writeFileSync(target, text);
    // A phase of an overlay without an install beside it is run without one.
    const install = template.replace(/(?=\.sh\.j2$)/, '.install');
    if (existsSync(path.join(ASSETS, 'cluster_node_bootstrap', install))) {
      cpSync(libraryTemplate(install), path.join(overlay, install), { force: false });
    }
  }
  return overlay;
}

/** The text with the fault in it. The place must be there once, or the mutant tests nothing. */
export function mutate(mutant: Mutant, template: string, from: string, to: string, text: string): string {
  const places = text.split(from).length - 1;
  if (places !== 1)
    throw new Error(
      `mutant ${mutant.name}: expected '${from}' once in ${template}, it is there ${places} times; bring the mutant up to date`,
    );
  return text.replace(from, () => to);
}

/** File of a template of the library. */
export function libraryTemplate(template: string): string {
  const file = [path.join(ASSETS, 'cluster_node_bootstrap', template), path.join(ASSETS, template)].find((candidate) =>
    existsSync(candidate),
  );
  if (file === undefined) throw new Error(`the library has no template ${template}`);
  return file;
}
