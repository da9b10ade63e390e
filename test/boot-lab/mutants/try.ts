import { cpSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import * as path from 'node:path';
import { NodeRequest, synthesize } from '../app/synthesis';
import { Run, select } from '../catalogue';
import { Images } from '../image/images';
import { DEFAULT_REGION, perform } from '../lab';
import { runName } from '../machine/remains';
import { align, say } from '../report';
import { inLanes } from '../schedule';
import { Mutant, MUTANTS } from './mutants';

const ASSETS = path.join(__dirname, '..', '..', '..', 'assets');

/** A mutant is caught when one of its scenarios fails. */
interface Verdict {
  readonly mutant: Mutant;
  readonly caughtBy: string | undefined;
  readonly failure: string;
}

/** Puts each fault into a copy of the scripts and runs the scenarios that should notice. The status is 1 when one gets away. */
export async function tryMutants(
  runs: readonly Run[],
  names: readonly string[],
  images: Images,
  folder: string,
  lanes: number,
): Promise<number> {
  const start = Date.now();
  const chosen = names.length === 0 ? MUTANTS : MUTANTS.filter((mutant) => names.includes(mutant.name));
  if (chosen.length < names.length) throw new Error(`no such mutant; there are: ${MUTANTS.map((mutant) => mutant.name).join(', ')}`);

  const trials = chosen.flatMap((mutant) =>
    select(runs, mutant.caughtBy).map((run) => ({ mutant, run, overlay: overlayOf(mutant, run, folder) })),
  );
  const requests = trials.map<NodeRequest>(({ mutant, run, overlay }) => ({
    stackName: stackName(mutant, run),
    kind: run.variant.kind,
    family: run.variant.family,
    input: run.scenario.input ?? {},
    templatesFolder: overlay,
    region: run.scenario.region ?? DEFAULT_REGION,
    partition: run.scenario.partition ?? 'aws',
  }));
  const nodes = synthesize(requests, path.join(folder, 'cdk.out'), images.downloads);

  let done = 0;
  const verdicts = await inLanes(lanes, chosen, async (mutant, index) => {
    let verdict: Verdict = { mutant, caughtBy: undefined, failure: '' };
    for (const { run } of trials.filter((trial) => trial.mutant === mutant)) {
      const node = nodes.get(stackName(mutant, run));
      if (node === undefined) throw new Error(`nothing was synthesized for ${mutant.name}`);
      const result = await perform(
        run,
        node,
        images,
        path.join(folder, `${mutant.name}.${run.name.replace('/', '.')}`),
        runName(index),
        false,
      );
      if (result.failures.length > 0) {
        verdict = { mutant, caughtBy: run.name, failure: result.failures[0].split('\n')[0] };
        break;
      }
    }
    say(`${String(++done).padStart(3)}/${chosen.length} ${verdict.caughtBy === undefined ? 'GOT AWAY' : 'caught  '} ${mutant.name}`);
    return verdict;
  });

  say('');
  say(
    align([
      ['mutant', 'caught by', 'first failure'],
      ...verdicts.map(({ mutant, caughtBy, failure }) => [mutant.name, caughtBy ?? 'NOBODY', failure.slice(0, 120)]),
    ]),
  );
  const escaped = verdicts.filter((verdict) => verdict.caughtBy === undefined).length;
  say('');
  say(`${verdicts.length - escaped} of ${verdicts.length} mutants caught in ${((Date.now() - start) / 1000).toFixed(0)} s`);
  return escaped === 0 ? 0 : 1;
}

/** The scenario's own overlay with the mutated template laid over it. */
function overlayOf(mutant: Mutant, run: Run, folder: string): string {
  const overlay = path.join(folder, 'overlays', stackName(mutant, run));
  mkdirSync(overlay, { recursive: true });
  if (run.overlay !== undefined) cpSync(run.overlay, overlay, { recursive: true });
  for (const { template, from, to } of mutant.changes) {
    const target = path.join(overlay, template);
    const text = mutate(mutant, template, from, to, readFileSync(existsSync(target) ? target : libraryTemplate(template), 'utf8'));
    mkdirSync(path.dirname(target), { recursive: true });
    writeFileSync(target, text);
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

function stackName(mutant: Mutant, run: Run): string {
  return `${mutant.name}-${run.name.replace('/', '-')}`;
}
