import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import * as path from 'node:path';
import { POWERSHELL_FOLDER } from '../../../powershell';
import { cacheFolder, hashOf, prepareCertificates } from '../../image/images';
import { writeDownloads } from './downloads';

/** What all Windows machines share. */
export interface WindowsImage {
  readonly prefix: string;
  /** Folder of the host of PowerShell. */
  readonly powershell: string;
  readonly certificates: string;
  readonly downloads: string;
}

const COMPILER = 'x86_64-w64-mingw32-gcc-win32';
const TOOLS = ['wine', 'wineserver', COMPILER, 'unshare', 'nsenter', 'ip', 'dnsmasq', 'openssl', 'flock', 'mount'];

/** Why this machine cannot boot Windows machines; undefined when it can. */
export function windowsObstacle(): string | undefined {
  if (process.platform !== 'linux' || process.arch !== 'x64')
    return `it needs Linux on x86_64, this is ${process.platform} on ${process.arch}`;
  if (process.getuid?.() !== 0) return 'it needs root';
  const missing = TOOLS.filter((tool) => spawnSync('sh', ['-c', `command -v ${tool}`]).status !== 0);
  if (missing.length > 0) return `these tools are missing: ${missing.join(', ')} (Debian: wine64 wine gcc-mingw-w64-x86-64-win32)`;
  if (!existsSync(path.join(POWERSHELL_FOLDER, 'unpack'))) return `no PowerShell in ${POWERSHELL_FOLDER}; set POWERSHELL_FOLDER`;
  return undefined;
}

/** Builds what the cache does not hold, named by a hash of its recipe. */
export function prepareWindowsImage(progress: (line: string) => void): WindowsImage {
  const cache = cacheFolder();
  mkdirSync(cache, { recursive: true });
  const wine = execFileSync('wine', ['--version'], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
  const recipe = [wine, ...['build.sh', 'state', path.join('..', 'programs')].map((name) => path.join(__dirname, name))];
  const out = path.join(cache, `windows-${hashOf(recipe)}`);
  if (!existsSync(out)) {
    const start = Date.now();
    const command = ['unshare', '--mount', 'bash', path.join(__dirname, 'build.sh'), out, unpack('linux')];
    execFileSync('flock', [path.join(cache, 'windows-lock'), ...command], { stdio: ['ignore', 'ignore', 'inherit'] });
    progress(`built windows in ${((Date.now() - start) / 1000).toFixed(1)} s`);
  }
  const downloads = path.join(cache, `windows-downloads-${hashOf([out, path.join(__dirname, 'downloads.ts')])}`);
  if (!existsSync(downloads)) writeDownloads(downloads, path.join(out, 'prefix', 'drive_c', 'lab', 'standin.exe'));
  return {
    prefix: path.join(out, 'prefix'),
    powershell: path.dirname(unpack('windows')),
    certificates: prepareCertificates(progress),
    downloads,
  };
}

/** Path of a program of PowerShell for tests. */
function unpack(system: 'linux' | 'windows'): string {
  return execFileSync(path.join(POWERSHELL_FOLDER, 'unpack'), [system], { encoding: 'utf8' }).trim();
}
