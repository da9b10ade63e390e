import { appendFileSync, copyFileSync, mkdirSync, writeFileSync } from 'node:fs';
import * as path from 'node:path';

export const DCV_HOST = 'd1uj6qtbmh3dt5.cloudfront.net';
export const DCV_VERSION = '2024.0-19030';
export const DCV_PACKAGE = '/2024.0/Servers/nice-dcv-server-x64-Release-2024.0-19030.msi';
/** The lab has it at a host whose name it knows. */
export const RUNTIME_PACKAGE = '/vc_redist.x64.exe';

export const AWS_CLI_VERSION = '2.99.0';
export const AWS_CLI_PACKAGE = `/AWSCLIV2-${AWS_CLI_VERSION}.msi`;
/** The first line of a package says to the stand-in of msiexec what it is. */
export const AWS_CLI_TEXT = `aws-cli ${AWS_CLI_VERSION}\r\n`;

/** Writes what vendors have into a folder, by host and path. The stand-in of a program is what a package that is a program holds. */
export function writeDownloads(folder: string, standIn: string): void {
  const place = (file: string): string => {
    const target = path.join(folder, DCV_HOST, file);
    mkdirSync(path.dirname(target), { recursive: true });
    return target;
  };
  writeFileSync(place(DCV_PACKAGE), 'dcv-server 2024.0.19030\r\n');
  writeFileSync(place(AWS_CLI_PACKAGE), AWS_CLI_TEXT);
  const runtime = place(RUNTIME_PACKAGE);
  copyFileSync(standIn, runtime);
  // The last one says to the stand-in of Get-AuthenticodeSignature who has signed it.
  appendFileSync(runtime, '\nsigned by Microsoft Corporation\n');
}
