import { spawnSync } from 'child_process';
import * as fs from 'fs';
import * as os from 'os';
import * as path from 'path';
import { NodeUserData } from '../../../lib';
import { AWS_CLI_SIGNING_KEY, DOWNLOADS, type Download } from '../../../lib/nodes/private/downloads';
import { addNode, allKinds, sampleCluster } from '../../sample-cluster';

const KEYS = path.join(__dirname, '..', '..', '..', 'assets', 'cluster_node_bootstrap', 'templates', 'keys');
const rows = Object.entries(DOWNLOADS);

const ADDRESS = /^(https|s3):\/\/[^\s{}]*(\{(region|domain)\}[^\s{}]*)*$/;

function hasKey(key: string): boolean {
  return ADDRESS.test(key) || fs.existsSync(path.join(KEYS, key));
}

/** What is wrong with a row. */
function faults({ version, url, sha256, signature, signers, source, checked }: Download): string[] {
  const found = (fault: string, is: boolean) => (is ? [fault] : []);
  return [
    ...found('no version', !/^[0-9][\w.-]*$|^latest$/.test(version)),
    ...found('an address that is not https', !ADDRESS.test(url)),
    ...found('nothing to verify it by', sha256 === undefined && signature === undefined && signers === undefined),
    ...found('a sha256 that is none', sha256 !== undefined && !/^[0-9a-f]{64}$/.test(sha256)),
    ...found('a fingerprint that is not whole', signature !== undefined && !/^[0-9A-F]{40}$/.test(signature.fingerprint)),
    ...found('a key that is not there', signature !== undefined && !hasKey(signature.key)),
    ...found('no source', !/^https:\/\/\S+$|^[\w.-]+\/[\w.-]+, \S+, (commit [0-9a-f]{40}|release \S+)( .*)?$/.test(source)),
    ...found('no day', !/^20\d\d-[01]\d-[0-3]\d$/.test(checked) || Number.isNaN(Date.parse(checked))),
  ];
}

test('every download has an address, something to verify it by, its source and the day that somebody looked', () => {
  expect(rows.length).toBeGreaterThan(10);
  expect(rows.map(([name, row]) => [name, faults(row)])).toEqual(rows.map(([name]) => [name, []]));
});

test('a row without them is found', () => {
  const [, row] = rows[0];
  expect(faults({ ...row, source: '' })).toEqual(['no source']);
  expect(faults({ ...row, source: 'a forum' })).toEqual(['no source']);
  expect(faults({ ...row, sha256: undefined })).toEqual(['nothing to verify it by']);
  expect(faults({ ...row, sha256: 'abc' })).toEqual(['a sha256 that is none']);
  expect(faults({ ...row, url: 'http://example.com/a' })).toEqual(['an address that is not https']);
  expect(faults({ ...row, checked: 'yesterday' })).toEqual(['no day']);
  expect(faults({ ...row, signature: { fingerprint: '5C475C', key: 'none.asc' } })).toEqual([
    'a fingerprint that is not whole',
    'a key that is not there',
  ]);
});

test('no two downloads have the same checksum', () => {
  const sums = rows.flatMap(([, { sha256 }]) => (sha256 === undefined ? [] : [sha256]));
  expect(new Set(sums).size).toBe(sums.length);
});

test('keys are those that are pinned', () => {
  const pinned = new Map(
    rows.flatMap(([, { signature }]) => (signature?.key.endsWith('.asc') ? [[signature.key, signature.fingerprint]] : [])),
  );
  const files = fs.readdirSync(KEYS);
  expect(files).toEqual(expect.arrayContaining([...pinned.keys()]));
  if (spawnSync('gpg', ['--version']).status !== 0) {
    process.stderr.write('skipped: gpg is missing\n');
    return;
  }
  const home = fs.mkdtempSync(path.join(os.tmpdir(), 'gnupg-'));
  for (const file of files) {
    const shown = spawnSync('gpg', ['--homedir', home, '--batch', '--with-colons', '--show-keys', path.join(KEYS, file)], {
      encoding: 'utf8',
    });
    const fingerprint = shown.stdout
      .split('\n')
      .find((line) => line.startsWith('fpr:'))!
      .split(':')[9];
    expect([file, fingerprint]).toEqual([file, pinned.get(file) ?? AWS_CLI_SIGNING_KEY.fingerprint]);
  }
  fs.rmSync(home, { recursive: true });
});

test('no script has an address but those of the table, of its own instance, and such as a variable gives', () => {
  const { cluster } = sampleCluster();
  const known = new Set(rows.flatMap(([, { url, signature }]) => [url, ...(signature === undefined ? [] : [signature.key])]));
  const found = allKinds().flatMap((kind) => {
    const { userData, files } = NodeUserData.fromNode(addNode(cluster, kind.title, kind));
    return [userData, ...Object.values(files)].flatMap((text) =>
      text
        .split('\n')
        .filter((line) => !/^\s*#/.test(line))
        .flatMap((line) => line.match(/\b(?:https?|ftp|s3):\/\/[^\s"'`)<>]*/g) ?? []),
    );
  });
  expect(found.length).toBeGreaterThan(10);
  const own = /^http:\/\/169\.254\.169\.254\/|^https?:\/\/(\$|%s|\*|\/?$)|^s3:\/\/([$*}(]|$)/;
  expect([...new Set(found)].filter((address) => !known.has(address) && !own.test(address))).toEqual([]);
});
