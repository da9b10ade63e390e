import { setTimeout as sleep } from 'node:timers/promises';
import { Misbehaviour } from './check';
import { network } from './machine/network';
import { remainsOf } from './machine/remains';
import { patience } from './patience';
import { Services } from './services/client';
import { Call } from './services/world';

const WAIT_LIMIT_SECONDS = 120;
const CLEAR_LIMIT_SECONDS = 5;
/** With this begins a failure of the lab itself. */
export const OF_LAB = '[lab]';

/** What went wrong is no answer of the machine: the lab itself could not go on. */
export function ofLab(failure: string): string {
  return `${OF_LAB} ${failure}`;
}

const open = new Set<Stage>();
const opening = new Set<Promise<Stage>>();
let closed = false;

/** Takes down every machine that is still there; none can be opened after. */
export async function closeAll(): Promise<void> {
  closed = true;
  await Promise.allSettled(opening);
  await Promise.allSettled([...open].map((stage) => stage.close()));
}

/** Keeps what is being opened in view, so that it is closed when the lab is interrupted. */
export async function opened<Opened extends Stage>(build: () => Promise<Opened>): Promise<Opened> {
  if (closed) throw new Error('the lab is being closed');
  const stage = build();
  opening.add(stage);
  try {
    open.add(await stage);
    return await stage;
  } finally {
    opening.delete(stage);
  }
}

/** A machine of whatever system, and what surrounds it, for the length of one run. */
export abstract class Stage {
  public readonly notes: Record<string, string> = {};

  /** The power cuts that happened, in order. */
  public readonly cuts: string[] = [];

  /** What went wrong in the background. */
  public readonly problems: string[] = [];

  public abstract readonly machine: { destroy(): Promise<void> };

  private closing: Promise<void> | undefined;

  protected constructor(
    public readonly services: Services,
    protected readonly folder: string,
    private readonly name: string,
  ) {}

  /** Resolves at the first call that matches. */
  public async call(service: Call['service'], operation?: string, caller: Call['caller'] = 'bootstrap'): Promise<Call> {
    return new Promise((resolve) => {
      const stop = this.services.onCall((call) => {
        if (call.service !== service || call.caller !== caller || (operation !== undefined && call.operation !== operation)) return;
        stop();
        resolve(call);
      });
    });
  }

  /** Resolves when that holds; never, when the run ends before. */
  public async until(what: string, holds: () => boolean): Promise<void> {
    for (const end = Date.now() + WAIT_LIMIT_SECONDS * 1000 * patience(); !holds(); await sleep(10)) {
      if (!open.has(this)) return new Promise(() => undefined);
      if (Date.now() > end) throw new Misbehaviour(`waited ${WAIT_LIMIT_SECONDS * patience()} s for ${what}`);
    }
  }

  /** Something that happens around the machine while it runs. It may never get its turn. */
  public meanwhile(task: () => Promise<void>): void {
    task().catch((error: unknown) => this.problems.push(error instanceof Misbehaviour ? error.message : ofLab(String(error))));
  }

  /** Clears everything away. An error when something is left of it. */
  public async close(): Promise<void> {
    this.closing ??= this.clearAway().finally(() => open.delete(this));
    return this.closing;
  }

  /** Keeps what says what happened in the machine, in the folder of the run. */
  public abstract keepLogs(): void;

  private async clearAway(): Promise<void> {
    const problems: unknown[] = [];
    const note = (error: unknown): void => void problems.push(error);
    await this.machine.destroy().catch(note);
    await this.services.stop().catch(note);
    const end = Date.now() + CLEAR_LIMIT_SECONDS * 1000 * patience();
    let remains = remainsOf(this.name, this.folder);
    for (; remains.length > 0 && Date.now() < end; await sleep(50)) remains = remainsOf(this.name, this.folder);
    network('down', this.name);
    if (remains.length > 0) problems.push(`left behind: ${remains.join(', ')}`);
    if (problems.length > 0) throw new Error(problems.map(String).join('; '));
  }
}
