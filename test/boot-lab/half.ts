import type { NodeRequest, LaunchedNode } from './app/synthesis';
import type { Run } from './catalogue';
import type { Change } from './mutants/mutant';
import { layOver } from './mutants/overlay';
import type { Lane } from './schedule';
import type { SeenCalls } from './seen-calls';
import type { WindowsRun } from './windows/catalogue';

export type AnyRun = Run | WindowsRun;

export interface RunResult {
  readonly run: AnyRun;
  readonly failures: readonly string[];
  readonly seconds: number;
  readonly seen: SeenCalls | undefined;
  /** Statements of the role, as synthesized: at the start and, where the stack was updated, after it. */
  readonly policies: readonly LaunchedNode['policy'][];
  readonly folder: string;
}

/** What the machines of one system take to be made and booted. */
export interface Half<OneRun extends AnyRun> {
  /** How many machines run side by side. */
  readonly lanes: number;
  /** What the lab itself changes in the scripts. */
  readonly changes: readonly Change[];
  requestsOf(run: OneRun, stackName: string, overlay: string | undefined, overlayOfImage: string | undefined): NodeRequest[];
  perform(run: OneRun, node: LaunchedNode, imageOf: LaunchedNode, folder: string, name: string, keep: boolean): Promise<RunResult>;
}

export function laneOf(run: AnyRun): Lane {
  if (run.system === 'linux' && run.variant.realDesktop === true) return 'terminals';
  return run.scenario.waits === true ? 'waiting' : 'processors';
}

/** The scenario's templates with the changes laid over them, in a new folder; undefined when that is nothing. */
export function overlayOf(who: string, changes: readonly Change[], own: string | undefined, folder: string): string | undefined {
  return changes.length === 0 ? own : layOver(who, changes, own, folder);
}
