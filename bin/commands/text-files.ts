import * as fs from 'fs';
import * as path from 'path';
import { CommandError } from './command-error';
import { EXIT } from './exit-status';

/** The text of a file that has to be JSON in UTF-8. */
export function readJsonText(file: string): string {
  let bytes: Buffer;
  try {
    bytes = fs.readFileSync(file);
  } catch (error) {
    throw new CommandError(`expected a JSON file, got ${file}, which cannot be read: ${(error as Error).message}`, EXIT.USAGE);
  }
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new CommandError(`expected JSON in ${file}, got text that is not UTF-8: save it as UTF-8`);
  }
}

/** Writes a file and the folders around it: the whole text, or what was there before stays. */
export function writeText(file: string, text: string): void {
  try {
    fs.mkdirSync(path.dirname(path.resolve(file)), { recursive: true });
    const before = fs.statSync(file, { throwIfNoEntry: false });
    if (before !== undefined && !before.isFile() && !before.isDirectory()) {
      // A pipe or a device has nothing to keep.
      fs.writeFileSync(file, text);
      return;
    }
    // A link is followed, not replaced.
    const target = before === undefined ? path.resolve(file) : fs.realpathSync(file);
    const temporary = `${target}.${process.pid}.new`;
    try {
      fs.writeFileSync(temporary, text, { flag: 'wx', mode: before === undefined ? 0o666 : before.mode & 0o777 });
      fs.renameSync(temporary, target);
    } catch (error) {
      fs.rmSync(temporary, { force: true });
      throw error;
    }
  } catch (error) {
    throw new CommandError(`expected a file that can be written, got ${file}: ${(error as Error).message}`);
  }
}
