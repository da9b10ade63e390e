/**
 * What nodes download: `list` prints each with its age and source, `check` fetches and verifies each. For whoever moves a version.
 *
 *   npm run downloads:list
 *   npm run downloads:check [-- NAME-PART ...] [--region REGION] [--domain DOMAIN]
 */
import { spawnSync } from 'child_process';
import { createHash } from 'crypto';
import * as fs from 'fs';
import * as os from 'os';
import * as path from 'path';
import { parseArgs } from 'util';
import { AWS_CLI_SIGNING_KEY, type DetachedSignature, type Download, DOWNLOADS } from '../lib/nodes/private/downloads';

const KEYS = path.join(__dirname, '..', 'assets', 'cluster_node_bootstrap', 'templates', 'keys');
const DAY = 24 * 60 * 60 * 1000;

/** Where to fetch from. */
export interface Place {
  readonly region: string;
  readonly domain: string;
}

/** One line for each download: name, version, days since somebody looked, how it is verified, address and source. */
export function listed(downloads: { readonly [name: string]: Download }, now: number): string[] {
  return Object.entries(downloads).map(([name, { version, url, sha256, signature, signers, checked, source }]) => {
    const days = Math.floor((now - Date.parse(checked)) / DAY);
    const how = [sha256 && 'sha256', signature && `signed by ${signature.fingerprint}`, signers && `signed by ${signers.join(' or ')}`];
    return [name, version, `${days} days`, how.filter((one) => one).join(', '), url, source].join('  ');
  });
}

/** Nothing when the file at the address is what it should be; else what it is. */
export async function problemOf({ url, sha256, signature, signers }: Download, place: Place): Promise<string | undefined> {
  try {
    const file = await fetched(url, place);
    if (sha256 !== undefined) {
      const got = createHash('sha256').update(file).digest('hex');
      return got === sha256 ? undefined : `sha256 expected ${sha256}, got ${got}`;
    }
    if (signature !== undefined) {
      return await signatureProblem(file, await fetched(`${url}.sig`, place), signature, place);
    }
    return signers === undefined ? 'nothing to verify it by' : undefined;
  } catch (error) {
    // By what it has: an error of fetch may be of another realm.
    const { message = String(error), cause } = error as { readonly message?: string; readonly cause?: { readonly message?: string } };
    return cause?.message === undefined ? message : `${message}: ${cause.message}`;
  }
}

async function fetched(url: string, { region, domain }: Place): Promise<Buffer> {
  const address = url.replaceAll('{region}', region).replaceAll('{domain}', domain);
  const response = await fetch(address);
  if (!response.ok) throw new Error(`${address}: HTTP ${response.status}`);
  return Buffer.from(await response.arrayBuffer());
}

async function signatureProblem(
  file: Buffer,
  signed: Buffer,
  { fingerprint, key }: DetachedSignature,
  place: Place,
): Promise<string | undefined> {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'downloads-'));
  try {
    const text = key.endsWith('.asc') ? fs.readFileSync(path.join(KEYS, key)) : await fetched(key, place);
    const files = { file, 'file.sig': signed, key: text };
    Object.entries(files).forEach(([name, content]) => fs.writeFileSync(path.join(folder, name), content));
    const gpg = (...args: string[]) =>
      spawnSync('gpg', ['--homedir', folder, '--batch', '--quiet', ...args], { cwd: folder, encoding: 'utf8' });
    const imported = gpg('--import', 'key');
    if (imported.error !== undefined || imported.status !== 0)
      return `the key cannot be read: ${imported.error?.message ?? imported.stderr}`;
    const { status, stdout, stderr } = gpg('--status-fd', '1', '--verify', 'file.sig', 'file');
    if (/^\[GNUPG:\] EXPKEYSIG /m.test(stdout)) return `the key ${fingerprint} has expired`;
    if (status !== 0) return `its signature is not right: ${stderr.trim().split('\n').at(-1)}`;
    return new RegExp(`^\\[GNUPG:\\] VALIDSIG .* ${fingerprint}$`, 'm').test(stdout)
      ? undefined
      : `it is not signed by the key ${fingerprint}`;
  } finally {
    spawnSync('gpgconf', ['--homedir', folder, '--kill', 'all']);
    fs.rmSync(folder, { recursive: true, force: true });
  }
}

/** When a key of the library expires; undefined when it does not. */
export function expiryOf(key: string): Date | undefined {
  const { stdout } = spawnSync('gpg', ['--batch', '--with-colons', '--show-keys', path.join(KEYS, key)], { encoding: 'utf8' });
  const seconds = /^pub:(?:[^:]*:){5}(\d+):/m.exec(stdout ?? '')?.[1];
  return seconds === undefined ? undefined : new Date(Number(seconds) * 1000);
}

function listKeys(): void {
  const used = Object.values(DOWNLOADS).flatMap(({ signature }) => (signature?.key.endsWith('.asc') ? [signature.key] : []));
  for (const key of new Set([...used, AWS_CLI_SIGNING_KEY.key])) {
    process.stdout.write(`key ${key}: expires ${expiryOf(key)?.toISOString().slice(0, 10) ?? 'never, or gpg is missing'}\n`);
  }
}

async function main(): Promise<number> {
  const options = { region: { type: 'string', default: 'us-east-1' }, domain: { type: 'string', default: 'amazonaws.com' } } as const;
  const { values, positionals } = parseArgs({ allowPositionals: true, options });
  const [command, ...parts] = positionals;
  if (command === 'list') {
    process.stdout.write(`${listed(DOWNLOADS, Date.now()).join('\n')}\n`);
    listKeys();
    return 0;
  }
  if (command !== 'check') {
    process.stderr.write(`expected list or check, got ${command ?? 'nothing'}\n`);
    return 2;
  }
  let failed = 0;
  for (const [name, download] of Object.entries(DOWNLOADS)) {
    if (parts.length > 0 && !parts.some((part) => name.includes(part))) continue;
    const problem = await problemOf(download, values);
    if (problem !== undefined) failed += 1;
    process.stdout.write(`${problem === undefined ? 'ok    ' : 'WRONG '} ${name}${problem === undefined ? '' : `: ${problem}`}\n`);
  }
  return failed === 0 ? 0 : 1;
}

if (require.main === module) {
  main().then(
    (status) => (process.exitCode = status),
    (error: unknown) => {
      process.stderr.write(`${String(error)}\n`);
      process.exitCode = 1;
    },
  );
}
