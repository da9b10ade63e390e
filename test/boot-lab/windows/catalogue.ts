import { existsSync, readdirSync } from 'node:fs';
import * as path from 'node:path';
import type { NodeInput } from '../app/node-under-test';
import type { NodeRequest } from '../app/synthesis';
import { DEFAULT_REGION, imageStackName } from '../catalogue';
import { composeWindowsNode } from './app/windows-node';
import { WindowsScenario, WindowsVersion } from './scenario';

/** A scenario on one version of Windows. */
export interface WindowsRun {
  readonly system: 'windows';
  readonly name: string;
  readonly scenarioName: string;
  readonly variantName: WindowsVersion;
  readonly scenario: WindowsScenario;
  /** Folder of templates that the scenario lays over the library's. */
  readonly overlay: string | undefined;
  readonly overlayOfImage: string | undefined;
}

const SCENARIOS = path.join(__dirname, 'scenarios');

/** Every scenario there is, on each version that it runs on. */
export function windowsRuns(): WindowsRun[] {
  const names = readdirSync(SCENARIOS, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  return names
    .map(({ name }) => name)
    .sort()
    .flatMap((scenarioName) => {
      // Loaded by name: a new folder is a new scenario, nothing else has to be told.
      // eslint-disable-next-line @typescript-eslint/no-require-imports
      const { default: scenario } = require(path.join(SCENARIOS, scenarioName, 'scenario.ts')) as { readonly default: WindowsScenario };
      const folder = (name: string): string | undefined => {
        const found = path.join(SCENARIOS, scenarioName, name);
        return existsSync(found) ? found : undefined;
      };
      return (scenario.runsOn ?? (['windows2022'] as const)).map<WindowsRun>((version) => ({
        system: 'windows',
        name: `${scenarioName}/${version}`,
        scenarioName,
        variantName: version,
        scenario,
        overlay: folder('overlay'),
        overlayOfImage: folder('overlay-of-image'),
      }));
    });
}

/** The nodes that a run needs: the one that boots, and the one that the machine was made for before, where it is another. */
export function windowsRequests(
  { scenario, variantName }: WindowsRun,
  stackName: string,
  overlay: string | undefined,
  overlayOfImage: string | undefined,
  downloads: string,
): NodeRequest[] {
  const request = (name: string, input: NodeInput, templates: string | undefined): NodeRequest => ({
    stackName: name,
    kind: 'desktop',
    compose: (stack) => composeWindowsNode(stack, variantName, input, templates, downloads),
    parameters: input.parameters ?? {},
    region: DEFAULT_REGION,
    partition: 'aws',
  });
  const node = request(stackName, scenario.input ?? {}, overlay);
  if (scenario.image === undefined) return [node];
  return [node, request(imageStackName(stackName), scenario.image, overlayOfImage)];
}
