import { execFileSync } from 'node:child_process';
import { existsSync, lstatSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import { ControlGroups, readIfThere } from './control-groups';

// boot.sh knows the name, too.
const WORK_FOLDER = 'cluster-nodes-boot-lab.';
const NAMESPACES = '/run/netns';

/** A folder for all of a lab's runs. While the lab runs, a file in it says which process that is. */
export function makeWorkFolder(): string {
  const folder = mkdtempSync(path.join(tmpdir(), WORK_FOLDER));
  writeFileSync(path.join(folder, 'running'), String(process.pid));
  return folder;
}

export function leaveWorkFolder(folder: string, keep: boolean): void {
  rmSync(keep ? path.join(folder, 'running') : folder, { recursive: true, force: true });
}

/** Name of a run's network namespace, control groups and machine. */
export function runName(index: number): string {
  return `lab${process.pid}-${index}`;
}

/** Takes away what killed labs left: machines, services, network namespaces, mounts and folders. */
export async function removeRemains(): Promise<void> {
  for (const name of existsSync(NAMESPACES) ? readdirSync(NAMESPACES) : []) {
    const lab = /^lab(\d+)-/.exec(name)?.[1];
    if (lab === undefined || isLab(lab)) continue;
    for (const { pid } of processesOf(name, undefined)) end(pid);
    await new ControlGroups(name).remove();
    execFileSync('ip', ['netns', 'delete', name]);
  }
  for (const name of readdirSync(tmpdir())) {
    const folder = path.join(tmpdir(), name);
    // Whoever else may write here could call a folder of theirs that.
    if (!name.startsWith(WORK_FOLDER) || lstatSync(folder, { throwIfNoEntry: false })?.uid !== process.getuid?.()) continue;
    const lab = readIfThere(path.join(folder, 'running'));
    if (lab === '' || isLab(lab)) continue;
    for (const { pid } of processesOf(undefined, folder)) end(pid);
    for (const target of mountsBelow(folder).reverse()) execFileSync('umount', ['--lazy', target]);
    execFileSync('rm', ['-rf', '--one-file-system', folder]);
  }
}

/** It may have ended since it was found. */
function end(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

/** What is still there of a run that has been cleared away, but for its network namespace: processes and mounts. */
export function remainsOf(name: string, folder: string): string[] {
  return [
    ...processesOf(name, folder).map(({ pid, commandLine }) => `process ${pid} ${commandLine}`),
    ...mountsBelow(folder).map((target) => `mount ${target}`),
  ];
}

/** Processes in a run's network namespace, and those that see the machine's root as theirs. */
function processesOf(name: string | undefined, folder: string | undefined): { readonly pid: number; readonly commandLine: string }[] {
  const namespace = name === undefined ? undefined : inodeOf(path.join(NAMESPACES, name));
  return readdirSync('/proc')
    .filter((pid) => /^\d+$/.test(pid))
    .filter((pid) => {
      if (namespace !== undefined && inodeOf(`/proc/${pid}/ns/net`) === namespace) return true;
      if (folder === undefined) return false;
      const root = /^\S+ \S+ \S+ \S+ \/ .*$/m.exec(readIfThere(`/proc/${pid}/mountinfo`))?.[0];
      return root?.includes(`upperdir=${folder}/`) === true;
    })
    .map((pid) => ({ pid: Number(pid), commandLine: readIfThere(`/proc/${pid}/cmdline`).replaceAll('\0', ' ') }));
}

/** Undefined when there is no such file, or when it is not for us to see: then it is not one of ours. */
function inodeOf(file: string): number | undefined {
  try {
    return statSync(file).ino;
  } catch {
    return undefined;
  }
}

function mountsBelow(folder: string): string[] {
  const targets = readFileSync('/proc/self/mounts', 'utf8')
    .split('\n')
    .map((line) => line.split(' ')[1] ?? '');
  return targets.filter((target) => target.startsWith(`${folder}/`));
}

/** A process id may be in use again by another program. */
function isLab(pid: string): boolean {
  return readIfThere(`/proc/${pid}/cmdline`).includes('boot-lab/run.ts');
}
