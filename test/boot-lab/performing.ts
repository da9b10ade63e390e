import { existsSync, readdirSync, rmSync } from 'node:fs';
import * as path from 'node:path';
import { Check, Misbehaviour } from './check';
import type { RunResult } from './half';
import type { SeenCalls } from './seen-calls';
import { ofLab, Stage } from './stage';

/** Folder, in that of a run, of what outlives a run that went well. */
export const PICTURES = 'pictures';

/** What a run is, on a machine of whatever system. */
export interface Performance<OneStage extends Stage, Seen extends SeenCalls> {
  readonly open: () => Promise<OneStage>;
  /** Lets the scenario happen, and looks at what came of it. */
  readonly play: (stage: OneStage) => Promise<Seen>;
  readonly judge: (seen: Seen, check: Check) => Promise<void>;
  /** Statements of the role, as they were one after the other. */
  readonly policies: (stage: OneStage | undefined) => RunResult['policies'];
}

/** Opens the machine of a run, lets the scenario happen, checks what was seen, and clears everything away. */
export async function performed<OneStage extends Stage, Seen extends SeenCalls>(
  run: RunResult['run'],
  folder: string,
  keep: boolean,
  { open, play, judge, policies }: Performance<OneStage, Seen>,
): Promise<RunResult> {
  const start = Date.now();
  const check = new Check();
  let seen: Seen | undefined;
  let stage: OneStage | undefined;
  try {
    stage = await open();
    seen = await play(stage);
    await judge(seen, check);
    check.failures.push(...stage.problems);
  } catch (error) {
    if (error instanceof Misbehaviour) check.failures.push(error.message);
    else check.failures.push(ofLab(error instanceof Error ? (error.stack ?? error.message) : String(error)));
  }
  try {
    if (check.failures.length > 0 || keep) stage?.keepLogs();
  } catch (error) {
    check.failures.push(ofLab(`the logs could not be kept: ${String(error)}`));
  }
  try {
    await stage?.close();
  } catch (error) {
    check.failures.push(ofLab(`the lab could not be cleared away: ${String(error)}`));
  }
  if (check.failures.length === 0 && !keep) removeAllButPictures(folder);
  return { run, failures: check.failures, seconds: (Date.now() - start) / 1000, seen, policies: policies(stage), folder };
}

function removeAllButPictures(folder: string): void {
  const names = existsSync(folder) ? readdirSync(folder) : [];
  for (const name of names.filter((each) => each !== PICTURES)) rmSync(path.join(folder, name), { recursive: true, force: true });
  if (!names.includes(PICTURES)) rmSync(folder, { recursive: true, force: true });
}
