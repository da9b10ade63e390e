// Removes what a build has written.
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const root = path.join(path.dirname(fileURLToPath(import.meta.url)), '..');
for (const name of ['dist', 'cdk.out', 'coverage', '.jsii', 'tsconfig.tsbuildinfo']) {
  fs.rmSync(path.join(root, name), { recursive: true, force: true });
}
for (const folder of ['lib', 'bin']) {
  for (const name of fs.readdirSync(path.join(root, folder), { recursive: true })) {
    if (name.endsWith('.js') || name.endsWith('.d.ts')) {
      fs.rmSync(path.join(root, folder, name));
    }
  }
}
