import * as fs from 'fs';
import * as path from 'path';

let version: string | undefined;

/**
 * Version of this library, from its package.json.
 *
 * @internal
 */
export function libraryVersion(): string {
  if (version === undefined) {
    const text = fs.readFileSync(path.join(__dirname, '..', 'package.json'), 'utf8');
    version = (JSON.parse(text) as { version: string }).version;
  }
  return version;
}
