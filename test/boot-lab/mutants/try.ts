import * as path from 'node:path';
import { NodeRequest, synthesize } from '../app/synthesis';
import { imageStackName, select } from '../catalogue';
import { AnyRun, Half, laneOf, overlayOf, RunResult } from '../half';
import { OUT_OF_TIME } from '../shared-invariants';
import { runName } from '../machine/remains';
import { say } from '../report';
import { inLanes } from '../schedule';
import { OF_LAB } from '../stage';
import type { Mutant } from './mutant';
import { MUTANTS } from './mutants';

interface Trial<OneRun extends AnyRun> {
  readonly run: OneRun;
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
export async function tryMutants<OneRun extends AnyRun>(
  runs: readonly OneRun[],
  chosen: readonly Mutant[],
  half: Half<OneRun>,
  folder: string,
): Promise<number> {
  const start = Date.now();

  const trial = (run: OneRun, mutant: Mutant | undefined, stackName: string): Trial<OneRun> => {
    const changes = [...half.changes, ...(mutant?.changes ?? [])];
    const overlays = path.join(folder, 'overlays', stackName);
    const who = mutant === undefined ? 'the lab' : `mutant ${mutant.name}`;
    return {
      run,
      mutant,
      stackName,
      overlay: overlayOf(who, changes, run.overlay, path.join(overlays, 'node')),
      overlayOfImage: overlayOf(who, changes, run.overlayOfImage, path.join(overlays, 'image')),
    };
  };
  const healthy = [...new Set(chosen.map((mutant) => mutant.caughtBy))].map((name) => {
    const run = runOf(runs, name);
    return trial(run, undefined, name.replace('/', '-'));
  });
  // As all mutants wait for these.
  healthy.sort((first, second) => (second.run.scenario.withinSeconds ?? 0) - (first.run.scenario.withinSeconds ?? 0));
  const mutated = chosen.map((mutant) => {
    const run = runOf(runs, mutant.caughtBy);
    return trial(run, mutant, mutant.name);
  });
  const requests = [...healthy, ...mutated].flatMap<NodeRequest>(({ run, stackName, overlay, overlayOfImage }) =>
    half.requestsOf(run, stackName, overlay, overlayOfImage),
  );
  const nodes = synthesize(requests, path.join(folder, 'cdk.out'));
  let index = 0;
  const perform = async ({ run, stackName }: Trial<OneRun>): Promise<RunResult> => {
    const node = nodes.get(stackName);
    if (node === undefined) throw new Error(`nothing was synthesized for ${stackName}`);
    const imageOf = nodes.get(imageStackName(stackName)) ?? node;
    return half.perform(run, node, imageOf, path.join(folder, stackName), runName(index++), false);
  };

  const healthyResults = new Map<string, RunResult>();
  const isUnwell = (name: string): boolean => (healthyResults.get(name)?.failures.length ?? 0) > 0;
  await inLanes(
    half.lanes,
    healthy,
    ({ run }) => laneOf(run),
    async (one) => {
      const result = await perform(one);
      const { failures } = result;
      healthyResults.set(one.run.name, result);
      say(
        `${failures.length === 0 ? 'well       ' : 'NOT WELL   '} ${one.run.name}${failures.map((failure) => `\n  - ${failure}`).join('')}`,
      );
    },
  );
  let caught = 0;
  await inLanes(
    half.lanes,
    mutated,
    ({ run }) => laneOf(run),
    async (one) => {
      const { mutant, run } = one;
      if (mutant === undefined || isUnwell(run.name)) return;
      // What waits for ever is not waited for as long as the scenario may take.
      const withinSeconds = mutant.neverSettles ? 1.5 * (healthyResults.get(run.name)?.seconds ?? 0) : run.scenario.withinSeconds;
      const { failures } = await perform({ ...one, run: { ...run, scenario: { ...run.scenario, withinSeconds } } });
      const verdict = judge(mutant, failures);
      if (verdict === 'caught') caught += 1;
      const shown = verdict === 'caught' ? failures.filter((failure) => mutant.failure.test(failure)).slice(0, 1) : failures;
      say(`${verdict.padEnd(11)} ${mutant.name}${shown.map((failure) => `\n  - ${failure.split('\n')[0].slice(0, 300)}`).join('')}`);
    },
  );

  say('');
  say(`${caught} of ${chosen.length} mutants caught in ${((Date.now() - start) / 1000).toFixed(0)} s`);
  const unwell = [...healthyResults.keys()].filter(isUnwell);
  if (unwell.length > 0) say(`nothing is known about the mutants of ${unwell.join(', ')}, which fails without them`);
  return caught === chosen.length ? 0 : 1;
}

/** Mutants by name; an unknown name is an error that lists the known ones. */
export function selectMutants(names: readonly string[]): readonly Mutant[] {
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

function runOf<OneRun extends AnyRun>(runs: readonly OneRun[], name: string): OneRun {
  const found = select(runs, [name]);
  if (found.length !== 1) throw new Error(`expected one scenario on one kind of machine, got ${name}`);
  return found[0];
}
