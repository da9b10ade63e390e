import { existsSync, readdirSync } from 'node:fs';
import * as path from 'node:path';
import { composeNode, type NodeInput } from './app/node-under-test';
import type { NodeRequest } from './app/synthesis';
import { ALL_VARIANTS, Scenario, Variant, variantName } from './scenario';

/** A scenario on one kind of machine. */
export interface Run {
  readonly system: 'linux';
  readonly name: string;
  readonly scenarioName: string;
  readonly scenario: Scenario;
  readonly variant: Variant;
  readonly variantName: string;
  /** Folder of templates that the scenario lays over the library's. */
  readonly overlay: string | undefined;
  /** The same for the node that the image is made for. */
  readonly overlayOfImage: string | undefined;
}

export const DEFAULT_REGION = 'eu-central-1';

const SCENARIOS = path.join(__dirname, 'scenarios');

/** Every scenario there is, by the name of its folder. */
export function loadScenarios(): ReadonlyMap<string, Scenario> {
  const names = readdirSync(SCENARIOS, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  return new Map(
    names
      .map(({ name }) => name)
      .sort()
      .map((name) => {
        // Loaded by name: a new folder is a new scenario, nothing else has to be told.
        // eslint-disable-next-line @typescript-eslint/no-require-imports
        const module = require(path.join(SCENARIOS, name, 'scenario.ts')) as { readonly default: Scenario };
        return [name, module.default];
      }),
  );
}

export function runsOf(scenarios: ReadonlyMap<string, Scenario>): Run[] {
  return [...scenarios].flatMap(([scenarioName, scenario]) =>
    (scenario.runsOn ?? ALL_VARIANTS).map<Run>((variant) => {
      const folder = (name: string): string | undefined => {
        const found = path.join(SCENARIOS, scenarioName, name);
        return existsSync(found) ? found : undefined;
      };
      return {
        system: 'linux',
        name: `${scenarioName}/${variantName(variant)}`,
        variantName: variantName(variant),
        scenarioName,
        scenario,
        variant,
        overlay: folder('overlay'),
        overlayOfImage: folder('overlay-of-image'),
      };
    }),
  );
}

/** The nodes that a run needs: the one that boots, and the one that the image is made for, where it is another. */
export function requestsOf(
  run: Run,
  stackName: string,
  overlay: string | undefined,
  overlayOfImage: string | undefined,
  downloads: string,
): NodeRequest[] {
  const { scenario, variant } = run;
  const request = (name: string, input: NodeInput, templates: string | undefined): NodeRequest => ({
    stackName: name,
    kind: variant.kind,
    compose: (stack) => composeNode(stack, variant, input, templates, downloads),
    parameters: input.parameters ?? {},
    region: scenario.region ?? DEFAULT_REGION,
    partition: scenario.partition ?? 'aws',
  });
  const node = request(stackName, scenario.input ?? {}, overlay);
  if (scenario.image === undefined) return [node];
  return [node, request(imageStackName(stackName), scenario.image, overlayOfImage)];
}

export function imageStackName(stackName: string): string {
  return `${stackName}-image`;
}

export function isSmoke(run: Run): boolean {
  return run.scenario.smoke?.some((variant) => variantName(variant) === variantName(run.variant)) ?? false;
}

/** Every scenario on one of its machines, in turn on the first and the last, and those of the smoke set on all of theirs. */
export function oncePerScenario<OneRun extends Pick<Run, 'scenarioName'>>(
  runs: readonly OneRun[],
  isSmoke: (run: OneRun) => boolean,
): OneRun[] {
  const scenarios = [...new Set(runs.map((run) => run.scenarioName))];
  return scenarios.flatMap((scenarioName, index) => {
    const ofScenario = runs.filter((run) => run.scenarioName === scenarioName);
    const chosen = ofScenario.at(index % 2 === 0 ? 0 : -1);
    return ofScenario.filter((run) => run === chosen || isSmoke(run));
  });
}

/** Runs by scenario name or `scenario/variant`; an unknown name is an error that lists the known ones. */
export function select<OneRun extends Pick<Run, 'name' | 'scenarioName'>>(runs: readonly OneRun[], names: readonly string[]): OneRun[] {
  if (names.length === 0) return [...runs];
  return names.flatMap((name) => {
    const found = runs.filter((run) => run.name === name || run.scenarioName === name);
    if (found.length === 0)
      throw new Error(`no scenario ${name}; there are: ${[...new Set(runs.map((run) => run.scenarioName))].join(', ')}`);
    return found;
  });
}
