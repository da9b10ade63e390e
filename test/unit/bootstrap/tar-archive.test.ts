import { execFileSync } from 'child_process';
import * as fs from 'fs';
import * as os from 'os';
import * as path from 'path';
import { tarArchive } from '../../../lib/bootstrap/tar-archive';

const FILES = [
  { path: 'runner.sh', content: '#!/bin/bash\n' },
  { path: 'extra/virtual_desktop.sh', content: 'x'.repeat(1024) },
  { path: 'empty', content: '' },
  { path: 'unicode', content: 'grüße ☃\n' },
];

test('tar extracts every file as it was given', () => {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'tar-'));
  fs.writeFileSync(path.join(folder, 'bundle.tar'), tarArchive(FILES));
  execFileSync('tar', ['-xf', 'bundle.tar'], { cwd: folder });
  for (const file of FILES) {
    expect(fs.readFileSync(path.join(folder, file.path), 'utf8')).toBe(file.content);
  }
  const listing = execFileSync('tar', ['--numeric-owner', '-tvf', 'bundle.tar'], {
    cwd: folder,
    encoding: 'utf8',
    env: { TZ: 'UTC', ...process.env },
  });
  expect(listing.split('\n')[0]).toMatch(/^-rw-r--r-- 0\/0 +0 1970-01-01 00:00 empty$/);
  fs.rmSync(folder, { recursive: true });
});

test('the order in which files are given does not change the bytes', () => {
  expect(tarArchive([...FILES].reverse()).equals(tarArchive(FILES))).toBe(true);
});

test('another content changes the bytes', () => {
  expect(tarArchive([{ path: 'a', content: '1' }]).equals(tarArchive([{ path: 'a', content: '2' }]))).toBe(false);
});

test('a path too long for the format is refused', () => {
  expect(() => tarArchive([{ path: 'a'.repeat(101), content: '' }])).toThrow(/at most 100 bytes/);
});
