import { existsSync, readdirSync, readFileSync, rmdirSync } from 'node:fs';
import * as path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { patience } from '../patience';

const HIERARCHIES = ['/sys/fs/cgroup', '/sys/fs/cgroup/systemd', '/sys/fs/cgroup/unified'];

/** The control groups of one machine, which is where all of its processes are found. */
export class ControlGroups {
  public constructor(private readonly name: string) {}

  public processes(): number[] {
    const found = new Set<number>();
    for (const folder of this.folders()) {
      for (const line of readIfThere(path.join(folder, 'cgroup.procs')).split('\n')) if (line !== '') found.add(Number(line));
    }
    return [...found];
  }

  /** Process id, on the host, of the machine's PID 1; undefined before it started and after it ended. */
  public firstProcess(): number | undefined {
    return this.processes().find((pid) => /^NSpid:\s+(?:\d+\s+)+1$/m.test(readIfThere(`/proc/${pid}/status`)));
  }

  public kill(): void {
    for (const pid of this.processes()) {
      try {
        process.kill(pid, 'SIGKILL');
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
      }
    }
  }

  /** Ends everything that is left and removes the groups. */
  public async remove(): Promise<void> {
    for (let attempt = 0; attempt < 100 * patience(); attempt++) {
      this.kill();
      for (const folder of this.folders().reverse()) {
        try {
          rmdirSync(folder);
        } catch (error) {
          if (!['EBUSY', 'ENOENT', 'ENOTEMPTY'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
        }
      }
      if (this.folders().length === 0) return;
      await sleep(50);
    }
    throw new Error(`control groups of ${this.name} are still in use: ${this.folders().join(', ')}`);
  }

  /** Parents before children. */
  private folders(): string[] {
    const found: string[] = [];
    const visit = (folder: string): void => {
      found.push(folder);
      try {
        for (const entry of readdirSync(folder, { withFileTypes: true })) if (entry.isDirectory()) visit(path.join(folder, entry.name));
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
      }
    };
    for (const hierarchy of HIERARCHIES) {
      const folder = path.join(hierarchy, `boot-lab-${this.name}`);
      if (existsSync(folder)) visit(folder);
    }
    return found;
  }
}

/** The text of a file; empty when it, or the process that it is about, is gone or not for us to see. */
export function readIfThere(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if (['ENOENT', 'ESRCH', 'EACCES', 'EINVAL', 'ENODEV', 'EOPNOTSUPP'].includes((error as NodeJS.ErrnoException).code ?? '')) return '';
    throw error;
  }
}
