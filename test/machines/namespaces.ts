import { spawnSync } from 'child_process';

/** Why machines that need these programs cannot be had here; undefined when they can. */
function machineProblem(programs: readonly string[]): string | undefined {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) {
    return 'not root on Linux';
  }
  const missing = programs.filter((program) => spawnSync('sh', ['-c', `command -v ${program}`]).status !== 0);
  if (missing.length > 0) {
    return `missing: ${missing.join(', ')}`;
  }
  const script =
    'mount -t tmpfs t /mnt && mkdir /mnt/u /mnt/w /mnt/r && mount -t overlay o -o lowerdir=/,upperdir=/mnt/u,workdir=/mnt/w /mnt/r';
  return spawnSync('unshare', ['--mount', '--net', '--pid', '--fork', 'sh', '-c', script]).status === 0
    ? undefined
    : 'no namespaces or overlay mounts';
}

/** `describe` for tests that need a machine with these programs: skipped with a reason where there can be none, but failing in CI. */
export function describeWith(programs: readonly string[]): (name: string, body: () => void) => void {
  return (name, body) => {
    const problem = machineProblem(programs);
    if (problem === undefined) {
      describe(name, body);
    } else if (process.env.CI === 'true') {
      test(name, () => {
        throw new Error(`expected a machine to run scripts on, got none: ${problem}`);
      });
    } else {
      process.stderr.write(`skipped: ${name}: ${problem}\n`);
      describe.skip(name, body);
    }
  };
}
