import { execFileSync } from 'node:child_process';
import { appendFileSync, copyFileSync, mkdirSync, writeFileSync } from 'node:fs';
import * as path from 'node:path';
import { vendorFile } from '../../app/vendor-file';

export const DCV_HOST = 'd1uj6qtbmh3dt5.cloudfront.net';
export const DCV_VERSION = '2024.0-19030';
export const DCV_PACKAGE = '/2024.0/Servers/nice-dcv-server-x64-Release-2024.0-19030.msi';
/** The lab has it at a host whose name it knows. */
export const RUNTIME_PACKAGE = '/vc_redist.x64.exe';

export const AWS_CLI_VERSION = '2.99.0';
export const AWS_CLI_PACKAGE = `/AWSCLIV2-${AWS_CLI_VERSION}.msi`;

export const CLOUDWATCH_AGENT_VERSION = '1.300066.0b1367';
export const CLOUDWATCH_AGENT_PACKAGE = '/amazon-cloudwatch-agent.msi';
export const NVIDIA_PACKAGE = '/grid-596.86.exe';
export const AMD_PACKAGE = '/amd-driver.zip';

/** A file of these, for the properties of a node. */
export function fileOf(downloads: string, file: string): ReturnType<typeof vendorFile> {
  return vendorFile(downloads, DCV_HOST, file);
}

/** Writes what vendors have into a folder, by host and path. The stand-in of a program is what a package that is a program holds. */
export function writeDownloads(folder: string, standIn: string): void {
  const place = (file: string): string => {
    const target = path.join(folder, DCV_HOST, file);
    mkdirSync(path.dirname(target), { recursive: true });
    return target;
  };
  // The first line of a package says to the stand-in of msiexec what it is.
  writeFileSync(place(DCV_PACKAGE), 'dcv-server 2024.0.19030\r\n');
  writeFileSync(place(AWS_CLI_PACKAGE), `aws-cli ${AWS_CLI_VERSION}\r\n`);
  writeFileSync(place(CLOUDWATCH_AGENT_PACKAGE), `cloudwatch-agent ${CLOUDWATCH_AGENT_VERSION}\r\n`);
  // The last line says to the stand-in of Get-AuthenticodeSignature who has signed it.
  const program = (file: string, signer: string): void => {
    copyFileSync(standIn, place(file));
    appendFileSync(place(file), `\nsigned by ${signer}\n`);
  };
  program(RUNTIME_PACKAGE, 'Microsoft Corporation');
  program(NVIDIA_PACKAGE, 'NVIDIA Corporation');
  const driver = path.join(folder, 'amd', 'WT6A_INF');
  mkdirSync(driver, { recursive: true });
  writeFileSync(path.join(driver, 'display.inf'), '[Version]\r\n');
  // The stand-in of tar, which is not the one of Windows, knows no other archive.
  execFileSync('tar', ['-cf', place(AMD_PACKAGE), '-C', path.dirname(driver), path.basename(driver)]);
}
