import * as fs from 'fs';
import * as os from 'os';
import * as path from 'path';

/** Writes files into a new folder and returns its path. Names may have folders in them. It goes when the tests have run. */
export function writeFiles(files: { readonly [name: string]: string | Buffer }): string {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'files-'));
  for (const [name, content] of Object.entries(files)) {
    const file = path.join(folder, name);
    fs.mkdirSync(path.dirname(file), { recursive: true });
    fs.writeFileSync(file, content);
  }
  return folder;
}
