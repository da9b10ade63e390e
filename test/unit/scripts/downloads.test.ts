import { spawnSync } from 'child_process';
import { createHash } from 'crypto';
import * as fs from 'fs';
import { createServer, type Server } from 'http';
import type { AddressInfo } from 'net';
import * as os from 'os';
import * as path from 'path';
import { DOWNLOADS, type Download } from '../../../lib/nodes/private/downloads';
import { listed, problemOf } from '../../../scripts/downloads';

const files = new Map<string, Buffer>();
const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'downloads-'));
const content = Buffer.from('a file');
const sha256 = createHash('sha256').update(content).digest('hex');
let server: Server;
let address: string;

beforeAll(async () => {
  server = createServer((request, response) => {
    const file = files.get(request.url!);
    response.writeHead(file === undefined ? 404 : 200).end(file);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});

afterAll(async () => {
  await new Promise((resolve) => server.close(resolve));
  spawnSync('gpgconf', ['--homedir', folder, '--kill', 'all']);
  fs.rmSync(folder, { recursive: true, force: true });
});

const PLACE = { region: 'eu-central-1', domain: 'amazonaws.com' };
const row = (more: Partial<Download>): Download => ({
  version: '1',
  url: `${address}/{region}/file`,
  source: 'https://example.com/',
  checked: '2026-11-01',
  ...more,
});

test('a file is fetched from its Region and has its checksum, or it is said what it has', async () => {
  files.set('/eu-central-1/file', content);
  expect(await problemOf(row({ sha256 }), PLACE)).toBeUndefined();
  expect(await problemOf(row({ sha256: '0'.repeat(64) }), PLACE)).toBe(`sha256 expected ${'0'.repeat(64)}, got ${sha256}`);
  expect(await problemOf(row({ url: `${address}/gone`, sha256 }), PLACE)).toBe(`${address}/gone: HTTP 404`);
  expect(await problemOf(row({ url: 'http://127.0.0.1:1/x', sha256 }), PLACE)).toMatch(/^fetch failed/);
  expect(await problemOf(row({}), PLACE)).toBe('nothing to verify it by');
});

test('a signature is by the key that is pinned, wherever that comes from', async () => {
  const gpg = (...args: string[]) =>
    spawnSync('gpg', ['--homedir', folder, '--batch', '--quiet', '--yes', '--passphrase', '', ...args], { cwd: folder });
  if (spawnSync('gpg', ['--version']).status !== 0) {
    process.stderr.write('skipped: gpg is missing\n');
    return;
  }
  gpg('--quick-gen-key', 'Vendor <vendor@example.com>', 'rsa2048', 'sign', 'never');
  const fingerprint = /^fpr:+([0-9A-F]{40}):/m.exec(gpg('--with-colons', '--list-keys').stdout.toString())![1];
  fs.writeFileSync(path.join(folder, 'file'), content);
  gpg('--detach-sign', '--output', 'file.sig', 'file');
  files.set('/eu-central-1/file', content).set('/eu-central-1/file.sig', fs.readFileSync(path.join(folder, 'file.sig')));
  files.set('/key', gpg('--armor', '--export').stdout);
  const signed = (pinned: string) => problemOf(row({ signature: { fingerprint: pinned, key: `${address}/key` } }), PLACE);
  expect(await signed(fingerprint)).toBeUndefined();
  expect(await signed('A'.repeat(40))).toBe(`it is not signed by the key ${'A'.repeat(40)}`);
  files.set('/eu-central-1/file', Buffer.from('altered'));
  expect(await signed(fingerprint)).toMatch(/^its signature is not right: gpg: BAD signature/);
});

test('the list has a line for each, with its age and source', () => {
  const lines = listed(DOWNLOADS, Date.parse('2026-12-09'));
  expect(lines).toHaveLength(Object.keys(DOWNLOADS).length);
  expect(lines.find((line) => line.startsWith('ssm-agent/x86_64'))).toMatch(
    / {2}latest {2}10 days {2}signed by [0-9A-F]{40} {2}https:.* {2}https:\/\/docs\.aws/,
  );
});
