import * as fs from 'fs';
import * as os from 'os';
import * as path from 'path';

/** What the command has written in the test under way, and a folder of that test's own. */
export interface CommandWorld {
  readonly output: { stdout: string; stderr: string };
  folder: string;
}

/** For each test of the file: what the command writes is kept, and its exit status and folder end with the test. */
export function commandWorld(): CommandWorld {
  const output = { stdout: '', stderr: '' };
  const world: CommandWorld = { output, folder: '' };
  beforeEach(() => {
    Object.assign(output, { stdout: '', stderr: '' });
    world.folder = fs.mkdtempSync(path.join(os.tmpdir(), 'command-'));
    for (const stream of ['stdout', 'stderr'] as const) {
      jest.spyOn(process[stream], 'write').mockImplementation((text) => {
        output[stream] += String(text);
        return true;
      });
    }
  });
  afterEach(() => {
    jest.restoreAllMocks();
    process.exitCode = undefined;
    fs.rmSync(world.folder, { recursive: true });
  });
  return world;
}
