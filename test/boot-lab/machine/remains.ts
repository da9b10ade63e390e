import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import { ControlGroups } from './control-groups';

/** Takes away what killed labs left: machines, mounts and network namespaces of processes that are no more. */
export async function removeRemains(): Promise<void> {
  const gone = (pid: string): boolean => !existsSync(`/proc/${pid}`);
  for (const name of existsSync('/run/netns') ? readdirSync('/run/netns') : []) {
    const pid = /^lab(\d+)-/.exec(name)?.[1];
    if (pid === undefined || !gone(pid)) continue;
    await new ControlGroups(name).remove();
    execFileSync('ip', ['netns', 'delete', name]);
  }
  const pattern = new RegExp(`^${path.join(tmpdir(), 'cluster-nodes-boot-lab.')}(\\d+)/`);
  const mounts = readFileSync('/proc/self/mounts', 'utf8')
    .split('\n')
    .map((line) => line.split(' ')[1] ?? '')
    .filter((target) => gone(pattern.exec(target)?.[1] ?? 'self'));
  for (const target of mounts.reverse()) execFileSync('umount', ['--lazy', target]);
}
