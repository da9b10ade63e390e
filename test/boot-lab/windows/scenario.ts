import type { NodeInput } from '../app/node-under-test';
import type { Check } from '../check';
import type { World } from '../services/world';
import type { WindowsInvariantName } from './invariants';
import type { WindowsLab } from './lab';
import type { WindowsObservation } from './observation';

export const WINDOWS_VERSIONS = ['windows2019', 'windows2022', 'windows2025'] as const;
export type WindowsVersion = (typeof WINDOWS_VERSIONS)[number];

/** One scenario of a Windows desktop. Each lives in `windows/scenarios/<name>/scenario.ts`. */
export interface WindowsScenario {
  /** One line, for `--list`. */
  readonly summary: string;
  /** Without it, Windows Server 2022 alone: the versions run the same scripts. */
  readonly runsOn?: readonly WindowsVersion[];
  readonly isSmoke?: true;
  /** What differs from a plain node. A folder `overlay` beside the scenario is laid over the library's templates. */
  readonly input?: NodeInput;
  /** The node of which `lab.machine` was an instance before, where that differs. */
  readonly image?: NodeInput;
  /** What differs from a plain world at the start. */
  readonly world?: (world: World) => Partial<World>;
  /** Phases that have an install on this node only. */
  readonly alsoInstalls?: readonly ('setup' | 'setup_post_reboot')[];
  /** Room on the disk; without it, as much as there is. */
  readonly diskMegabytes?: number;
  /** What the node must say at the end: one signal and one tag. `silent`: nobody can be told. */
  readonly verdict: 'ready' | 'failed' | 'silent';
  /** Seconds from power-on to the verdict. */
  readonly withinSeconds?: number;
  /** It waits for most of its time, and needs no lane of its own. */
  readonly waits?: true;
  /** Invariants that this scenario sets aside, with the reason. */
  readonly exempt?: Readonly<Partial<Record<WindowsInvariantName, string>>>;
  /** What happens to the machine; without it, one run to the end, restarts included. */
  readonly play?: (lab: WindowsLab) => Promise<void>;
  readonly expect: (seen: WindowsObservation, check: Check) => void | Promise<void>;
}

export function windowsScenario(definition: WindowsScenario): WindowsScenario {
  return definition;
}

/** The phases of a node, in order, and the installs among them. */
export const STEPS = [
  'setup',
  'setup_post_reboot',
  'virtual_desktop.install',
  'virtual_desktop',
  'setup_user_customization',
  'virtual_desktop.check',
] as const;
export const PHASES = STEPS.filter((step) => !/\.(install|check)$/.test(step));

/** The steps of a node, in order. */
export function stepsOf({ alsoInstalls = [] }: Pick<WindowsScenario, 'alsoInstalls'>): readonly string[] {
  return STEPS.flatMap((step) => (alsoInstalls.some((phase) => phase === step) ? [`${step}.install`, step] : [step]));
}

/** The steps of a run in which all end well at the first attempt. A step that is named, and those behind it, run in the boot of that number. */
export function plainOrder(boots: Readonly<Partial<Record<(typeof STEPS)[number], number>>> = {}): string {
  let boot = 1;
  return STEPS.map((step) => {
    boot = boots[step] ?? boot;
    return `${step}@${boot}`;
  }).join(' ');
}

/** Tags of an instance without some, or with others. */
export function withTags(world: World, change: Readonly<Record<string, string | undefined>>): Pick<World, 'instance'> {
  const tags = Object.entries({ ...world.instance.tags, ...change }).filter((tag): tag is [string, string] => tag[1] !== undefined);
  return { instance: { ...world.instance, tags: Object.fromEntries(tags) } };
}
