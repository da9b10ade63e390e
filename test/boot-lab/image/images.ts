import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { homedir } from 'node:os';
import * as path from 'node:path';
import { Family } from '../app/node-under-test';
import { buildPackageRepositories } from './package-repositories';

/** What the machines are made of, whatever Debian this host runs. */
const SUITE = 'bookworm';
const COMPONENT = 'main';
const DEBIAN_SUITES = /^(bullseye|bookworm|trixie|forky|duke|sid|oldstable|stable|testing|unstable)$/;

/** A machine image: one of each family, and that of the family `deb` with a real desktop. */
export type ImageName = Family | 'desktop';

/** What is built once and shared by all runs. */
export interface Images {
  /** Layers of each machine image, topmost first. None of `desktop` where no run needs it. */
  readonly layers: Readonly<Record<ImageName, readonly string[]>>;
  readonly certificates: string;
  readonly packages: string;
  readonly downloads: string;
}

/** Where images are kept between runs: `CLUSTER_NODES_BOOT_LAB_CACHE`, or below the user's cache folder. */
export function cacheFolder(): string {
  const { CLUSTER_NODES_BOOT_LAB_CACHE: own, XDG_CACHE_HOME: caches } = process.env;
  return own ?? path.join(caches ?? path.join(homedir(), '.cache'), 'cluster-nodes-boot-lab');
}

const BUILD_SCRIPT = path.join(__dirname, 'build.sh');

function build(...args: string[]): void {
  execFileSync('flock', [path.join(cacheFolder(), 'lock'), 'unshare', '--mount', 'bash', BUILD_SCRIPT, ...args], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
}

/** Makes a part of the cache, unless it is there. */
function partOf(progress: (line: string) => void) {
  return (name: string, recipe: readonly string[], make: (out: string) => void): string => {
    const out = path.join(cacheFolder(), `${name}-${hashOf(recipe)}`);
    if (!existsSync(out)) {
      const start = Date.now();
      make(out);
      progress(`built ${name} in ${((Date.now() - start) / 1000).toFixed(1)} s`);
    }
    return out;
  };
}

/** Certificates of the services, which machines of every system trust, and those of strangers. */
export function prepareCertificates(progress: (line: string) => void): string {
  const functions = ['build_certificates', 'make_certificates'].map((name) => functionOf(BUILD_SCRIPT, name));
  return partOf(progress)('certificates', [...functions, path.join(__dirname, 'host-names.txt')], (out) => build('certificates', out));
}

/** Builds what the cache does not hold. Each part is named by a hash of its recipe, so a changed recipe is built anew. */
export function prepareImages(progress: (line: string) => void, withDesktop: boolean): Images {
  const cache = cacheFolder();
  mkdirSync(cache, { recursive: true });
  for (const name of readdirSync(cache)) {
    const builder = /^packages-\w+\.(\d+)\.part$/.exec(name)?.[1];
    if (builder !== undefined && !existsSync(`/proc/${builder}`)) build('remove', path.join(cache, name));
  }
  const part = partOf(progress);
  const tree = (name: 'base' | 'desktop-base', functions: readonly string[]): string =>
    part(name, [...functions.map((name) => functionOf(BUILD_SCRIPT, name)), `suite ${SUITE} ${COMPONENT}`], (out) =>
      build(name, out, SUITE, debianSource()!),
    );
  const base = tree('base', ['build_base', 'build_tree']);
  const certificates = prepareCertificates(progress);
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
      [
        base,
        certificates,
        ...['build_machine', 'in_tree', 'dress'].map((name) => functionOf(BUILD_SCRIPT, name)),
        path.join(__dirname, 'machine'),
      ],
      (out) => build('machine', out, base, family, certificates),
    );
  const desktop = (): readonly string[] => {
    const desktopBase = tree('desktop-base', ['build_desktop_base', 'build_base', 'build_tree']);
    const layer = part(
      'machine-desktop',
      [
        desktopBase,
        certificates,
        ...['build_machine', 'in_tree', 'dress', 'dress_desktop'].map((name) => functionOf(BUILD_SCRIPT, name)),
        ...['machine', 'desktop'].map((folder) => path.join(__dirname, folder)),
      ],
      (out) => build('machine', out, desktopBase, 'desktop', certificates),
    );
    return [path.join(layer, 'layer'), desktopBase];
  };
  return {
    layers: {
      rpm: [path.join(machine('rpm'), 'layer'), base],
      deb: [path.join(machine('deb'), 'layer'), base],
      desktop: withDesktop ? desktop() : [],
    },
    certificates,
    packages: path.join(repositories, 'packages'),
    downloads: path.join(repositories, 'downloads'),
  };
}

/**
 * The source of the image's packages in apt's one-line form, undefined when this host names none. Of the host only the
 * mirror and the key of its own Debian sources count: its release may be another one.
 */
export function debianSource(): string | undefined {
  const texts = ['/etc/apt/sources.list', ...filesIn('/etc/apt/sources.list.d')].filter((file) => existsSync(file));
  return sourceLine(texts.map((file) => readFileSync(file, 'utf8')));
}

/** See debianSource. Takes the texts of apt's files of sources, in either form. */
export function sourceLine(texts: readonly string[]): string | undefined {
  for (const text of texts) {
    for (const { uri, suites, key } of [...listEntries(text), ...deb822Entries(text)]) {
      if (!suites.some((suite) => DEBIAN_SUITES.test(suite))) continue;
      const options = key?.startsWith('/') === true ? `[signed-by=${key}] ` : '';
      return `deb ${options}${uri} ${SUITE} ${COMPONENT}`;
    }
  }
  return undefined;
}

interface AptEntry {
  readonly uri: string;
  readonly suites: readonly string[];
  readonly key: string | undefined;
}

function listEntries(text: string): AptEntry[] {
  return [...text.matchAll(/^deb[ \t]+(?:\[([^\]]*)\][ \t]+)?(\S+)[ \t]+(\S+)/gm)].map(([, options, uri, suite]) => ({
    uri,
    suites: [suite],
    key: /signed-by=(\S+)/.exec(options ?? '')?.[1],
  }));
}

function deb822Entries(text: string): AptEntry[] {
  return text
    .replace(/^#.*\n?/gm, '')
    .split(/\n\s*\n/)
    .flatMap((stanza) => {
      const field = (name: string): string | undefined => new RegExp(`^${name}:[ \\t]*(.*)$`, 'im').exec(stanza)?.[1].trim();
      const uri = field('URIs')?.split(/\s+/)[0];
      if (uri === undefined || field('Enabled') === 'no' || field('Types')?.split(/\s+/).includes('deb') !== true) return [];
      return [{ uri, suites: (field('Suites') ?? '').split(/\s+/), key: field('Signed-By') }];
    });
}

function filesIn(folder: string): string[] {
  if (!existsSync(folder)) return [];
  const names = readdirSync(folder).filter((name) => /\.(list|sources)$/.test(name));
  return names.sort().map((name) => path.join(folder, name));
}

/** Files and folders count with what is in them, everything else as the text it is. */
export function hashOf(recipe: readonly string[]): string {
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
function functionOf(script: string, name: string): string {
  const text = new RegExp(`^${name}\\(\\) \\{\\n[^]*?^\\}\\n`, 'm').exec(readFileSync(script, 'utf8'))?.[0];
  if (text === undefined) throw new Error(`${script} has no function ${name}`);
  return text;
}
