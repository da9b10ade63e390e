import { execFileSync } from 'node:child_process';
import * as path from 'node:path';

/** The network namespace of a run, with its addresses. */
export function network(action: 'up' | 'down', name: string): void {
  execFileSync('bash', [path.join(__dirname, 'network.sh'), action, name]);
}
