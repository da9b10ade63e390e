import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import * as path from 'node:path';

/** What the properties of a node say of a file that a vendor has in the lab: its address and checksum. */
export function vendorFile(downloads: string, host: string, file: string): { readonly url: string; readonly sha256: string } {
  const sha256 = createHash('sha256')
    .update(readFileSync(path.join(downloads, host, file)))
    .digest('hex');
  return { url: `https://${host}${file}`, sha256 };
}
