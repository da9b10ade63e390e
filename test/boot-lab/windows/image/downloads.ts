import { mkdirSync, writeFileSync } from 'node:fs';
import * as path from 'node:path';

export const DCV_HOST = 'd1uj6qtbmh3dt5.cloudfront.net';
export const DCV_VERSION = '2024.0-19030';
export const DCV_PACKAGE = '/2024.0/Servers/nice-dcv-server-x64-Release-2024.0-19030.msi';

/** Packages of the vendors, by host and path. The first line says to the stand-in of msiexec what they are. */
const PACKAGES: Readonly<Record<string, string>> = {
  [`${DCV_HOST}${DCV_PACKAGE}`]: 'dcv-server 2024.0.19030\r\n',
};

/** Writes what vendors have into a folder. */
export function writeDownloads(folder: string): void {
  for (const [file, text] of Object.entries(PACKAGES)) {
    const target = path.join(folder, file);
    mkdirSync(path.dirname(target), { recursive: true });
    writeFileSync(target, text);
  }
}
