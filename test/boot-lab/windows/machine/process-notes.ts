/** One process of PowerShell, as it has noted itself. */
export interface NotedProcess {
  readonly id: number;
  /** Milliseconds since the epoch. */
  readonly start: number;
  readonly end: number | undefined;
  readonly commandLine: string;
  /** Undefined when it was ended from outside. */
  readonly exitCode: number | undefined;
  /** It ended itself by [Environment]::Exit, and so did not come to the end of its script. */
  readonly left: boolean;
}

/** What every PowerShell process of a machine writes at its start and its end. */
export class ProcessNotes {
  public constructor(private readonly text: () => string) {}

  public get all(): readonly NotedProcess[] {
    const found: NotedProcess[] = [];
    for (const line of this.text().split('\n')) {
      const [, what, time, id, rest] = /^(start|end|left) (\d+) (\d+) (.*)$/.exec(line.trim()) ?? [];
      if (what === undefined) continue;
      if (what === 'start') {
        found.push({ id: Number(id), start: Number(time), end: undefined, commandLine: rest, exitCode: undefined, left: false });
        continue;
      }
      // Ids are used again.
      const index = found.findLastIndex((process) => process.id === Number(id));
      found[index] = { ...found[index], end: Number(time), exitCode: Number(rest), left: what === 'left' };
    }
    return found;
  }

  /** The last process that runs a script, by a part of its command line, while it has not ended by itself. */
  public running(script: string): NotedProcess | undefined {
    return this.all.findLast((process) => process.end === undefined && process.commandLine.includes(script));
  }
}
