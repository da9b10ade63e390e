import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { homedir } from 'node:os';
import * as path from 'node:path';
import { Family } from '../app/node-under-test';
import { buildPackageRepositories } from './package-repositories';

/** What is built once and shared by all runs. */
export interface Images {
  /** Layers of each machine image, topmost first. */
  readonly layers: Readonly<Record<Family, readonly string[]>>;
  readonly certificates: string;
  readonly packages: string;
  readonly downloads: string;
}

/** Where images are kept between runs: `CLUSTER_NODES_BOOT_LAB_CACHE`, or below the user's cache folder. */
export function cacheFolder(): string {
  const { CLUSTER_NODES_BOOT_LAB_CACHE: own, XDG_CACHE_HOME: caches } = process.env;
  return own ?? path.join(caches ?? path.join(homedir(), '.cache'), 'cluster-nodes-boot-lab');
}

/** Builds what the cache does not hold. Each part is named by a hash of its recipe, so a changed recipe is built anew. */
export function prepareImages(progress: (line: string) => void): Images {
  const cache = cacheFolder();
  mkdirSync(cache, { recursive: true });
  const buildScript = path.join(__dirname, 'build.sh');
  const build = (...args: string[]): void =>
    void execFileSync('flock', [path.join(cache, 'lock'), 'bash', buildScript, ...args], { stdio: ['ignore', 'ignore', 'inherit'] });
  const part = (name: string, recipe: readonly string[], make: (out: string) => void): string => {
    const out = path.join(cache, `${name}-${hashOf(recipe)}`);
    if (!existsSync(out)) {
      const start = Date.now();
      make(out);
      progress(`built ${name} in ${((Date.now() - start) / 1000).toFixed(1)} s`);
    }
    return out;
  };

  const base = part('base', [functionsOf(buildScript, 'build_base')], (out) => build('base', out, aptSources()));
  const certificates = part(
    'certificates',
    [functionsOf(buildScript, 'build_certificates'), path.join(__dirname, 'host-names.txt')],
    (out) => build('certificates', out),
  );
  const repositories = part(
    'packages',
    [
      base,
      ...['packages.json', 'package-repositories.ts', 'package-repositories.sh', 'commands'].map((file) => path.join(__dirname, file)),
    ],
    (out) => buildPackageRepositories(base, out),
  );
  const machine = (family: Family): string =>
    part(
      `machine-${family}`,
      [base, certificates, functionsOf(buildScript, 'build_machine'), functionsOf(buildScript, 'dress'), path.join(__dirname, 'machine')],
      (out) => build('machine', out, base, family, certificates),
    );
  return {
    layers: { rpm: [path.join(machine('rpm'), 'layer'), base], deb: [path.join(machine('deb'), 'layer'), base] },
    certificates,
    packages: path.join(repositories, 'packages'),
    downloads: path.join(repositories, 'downloads'),
  };
}

/** Debian's own sources of this machine, so that a mirror it is told to use is used. */
function aptSources(): string {
  const own = '/etc/apt/sources.list.d/debian.sources';
  return existsSync(own) ? own : 'deb http://deb.debian.org/debian bookworm main';
}

/** Files and folders count with what is in them, everything else as the text it is. */
function hashOf(recipe: readonly string[]): string {
  const hash = createHash('sha256');
  const add = (item: string): void => {
    // A part of the cache stands for itself: its name holds the hash of its recipe.
    if (!existsSync(item) || path.dirname(item) === cacheFolder()) hash.update(`text ${item}\n`);
    else if (statSync(item).isDirectory()) for (const name of readdirSync(item).sort()) add(path.join(item, name));
    else hash.update(`file ${path.basename(item)} ${statSync(item).mode & 0o777}\n`).update(readFileSync(item));
  };
  for (const item of recipe) add(item);
  return hash.digest('hex').slice(0, 16);
}

/** Text of one function of a shell script: a change elsewhere in the script rebuilds nothing. */
function functionsOf(script: string, name: string): string {
  const text = new RegExp(`^${name}\\(\\) \\{\\n[^]*?^\\}\\n`, 'm').exec(readFileSync(script, 'utf8'))?.[0];
  if (text === undefined) throw new Error(`${script} has no function ${name}`);
  return text;
}
