import { createHash } from 'crypto';
import * as fs from 'fs';
import * as path from 'path';
import { CommandError } from './command-error';
import { EXIT } from './exit-status';
import { writeText } from './text-files';

/** Which files of a folder are ours: lines that `sha256sum -c` takes. */
const RECORD = '.cluster-nodes-render';

/**
 * Writes files into a folder in the place of those that were written there before. A file that is not as we wrote it, or that
 * we did not write, is nobody's to delete but its owner's: then nothing is changed.
 */
export function writeRendered(folder: string, files: ReadonlyMap<string, string>): void {
  const record = readRecord(folder);
  for (const name of new Set([...files.keys(), ...record.keys()])) {
    const foreign = foreignPart(folder, name, record.get(name));
    if (foreign !== undefined) {
      throw new CommandError(
        `expected an empty or new folder in --out, or one that is as render has left it, got ${foreign}, which is not: ` +
          'move it, or choose another folder',
        EXIT.USAGE,
      );
    }
  }
  for (const name of record.keys()) {
    if (!files.has(name)) remove(folder, name);
  }
  // First, so that what an interrupted run leaves is known to be ours.
  writeText(path.join(folder, RECORD), [...files].map(([name, text]) => `${sha256(text)}  ${name}\n`).join(''));
  for (const [name, text] of files) {
    writeText(path.join(folder, name), text);
  }
}

function readRecord(folder: string): Map<string, string> {
  const file = path.join(folder, RECORD);
  const text = fs.existsSync(file) ? fs.readFileSync(file, 'utf8') : '';
  const lines = [...text.matchAll(/^([0-9a-f]{64}) {2}(.+)$/gm)].map((match) => [match[2], match[1]] as const);
  // Whatever the record says, nothing outside of the folder is ours.
  return new Map(lines.filter(([name]) => !path.isAbsolute(name) && !path.normalize(name).startsWith('..')));
}

/** The part of a file's path that is there and not ours; undefined when we may write the file, or remove it. */
function foreignPart(folder: string, name: string, checksum: string | undefined): string | undefined {
  const parts = name.split('/');
  for (let count = 1; count <= parts.length; count++) {
    const part = path.join(folder, ...parts.slice(0, count));
    const found = fs.lstatSync(part, { throwIfNoEntry: false });
    if (found === undefined) return undefined;
    const ours = count < parts.length ? found.isDirectory() : found.isFile() && sha256(fs.readFileSync(part)) === checksum;
    if (!ours) return part;
  }
  return undefined;
}

function remove(folder: string, name: string): void {
  fs.rmSync(path.join(folder, name), { force: true });
  for (let parent = path.dirname(name); parent !== '.'; parent = path.dirname(parent)) {
    const found = path.join(folder, parent);
    if (!fs.existsSync(found) || fs.readdirSync(found).length > 0) return;
    fs.rmdirSync(found);
  }
}

function sha256(content: string | Buffer): string {
  return createHash('sha256').update(content).digest('hex');
}
