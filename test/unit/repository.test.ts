import { execFileSync } from 'child_process';
import { createHash } from 'crypto';
import * as fs from 'fs';
import * as os from 'os';
import * as path from 'path';
import { contextKeysDocument } from '../../scripts/context-keys';
import { featuresDocument } from '../../scripts/features';
import { unbashModule } from '../../scripts/unbash';

const ROOT = path.join(__dirname, '..', '..');
const read = (name: string) => fs.readFileSync(path.join(ROOT, name), 'utf8');
const templates = fs
  .readdirSync(path.join(ROOT, 'assets'), { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.j2'))
  .sort();

test('every use of the safe filter, the one way around escaping, is known', () => {
  const uses = templates.flatMap((name) =>
    [...read(path.join('assets', name)).matchAll(/\{\{[^}]*\|\s*safe\b[^}]*\}\}/g)].map((match) => `${name}: ${match[0]}`),
  );
  // The lines of the values file: variable names and base64 text; a whole here-document, and base64 text.
  expect(uses).toEqual([
    'user_data/linux/user_data.sh.j2: {{ context.get("/bootstrap/DeployTimeValues") | safe }}',
    'user_data/linux/user_data.sh.j2: {{ context.get("/bootstrap/AddedCommands") | safe }}',
    'user_data/windows/user_data.ps.j2: {{ context.get("/bootstrap/DeployTimeValues") | safe }}',
    'user_data/windows/user_data.ps.j2: {{ context.get("/bootstrap/AddedCommands") | safe }}',
  ]);
});

test('templates have LF line ends and no byte order mark', () => {
  for (const name of templates) {
    expect([name, /\r|\ufeff/.test(read(path.join('assets', name)))]).toEqual([name, false]);
  }
});

test('the table of context keys is up to date (npm run docs)', () => {
  expect(read('docs/context-keys.md')).toBe(contextKeysDocument());
});

test('the table of what goes together is up to date (npm run docs)', () => {
  expect(read('docs/features.md')).toBe(featuresDocument());
});

test('the parser of bash is that of the npm package, and comes with its licence (npm run unbash)', () => {
  const text = read('lib/templates/unbash.cjs');
  expect(text).toBe(unbashModule());
  expect(text).toContain(read('node_modules/unbash/LICENSE'));
  expect(JSON.parse(read('package.json'))).toMatchObject({
    devDependencies: { unbash: expect.stringMatching(/^\d+\.\d+\.\d+$/) as string },
  });
});

test('the lock file names no registry', () => {
  expect(read('package-lock.json')).not.toMatch(/"resolved"/);
});

// By the first digits of their SHA-256, so that this file does not name them either.
const REGISTRIES = new Set(
  (
    '00a7dc5a 19be0109 2b72b796 317d2d52 3ca29e55 51c6b9f6 62f25667 6f43afdf 71741fe2 75adac51 789e46d7 8743857e ' +
    '87d14f07 8b5bb5eb 9da5f32d a0f007d8 a4aa2ac2 ae0e9bce c3db8466 e0fdcc94 e514b0d3 f65219c5 fad691c6'
  ).split(' '),
);

test('no file names a package registry or a mirror: they are the business of the machine', () => {
  const made = /^(node_modules|\.git|\.venv|\.iam|dist|cdk\.out|coverage)$/;
  const files = fs
    .readdirSync(ROOT, { withFileTypes: true })
    .filter(({ name }) => !made.test(name))
    .flatMap((entry) =>
      entry.isFile()
        ? [entry.name]
        : fs
            .readdirSync(path.join(ROOT, entry.name), { recursive: true, withFileTypes: true })
            .filter((below) => below.isFile())
            .map((below) => path.join(path.relative(ROOT, below.parentPath), below.name)),
    );
  const hosts = (text: string) =>
    new Set(
      text.match(/[a-z0-9-]+(\.[a-z0-9-]+)+/gi)?.flatMap((host) => {
        const labels = host.toLowerCase().split('.');
        return labels.slice(1).map((_, index) => labels.slice(index).join('.'));
      }),
    );
  const digits = (host: string) => createHash('sha256').update(host).digest('hex').slice(0, 8);
  const named = files.flatMap((name) =>
    [...hosts(read(name))].filter((host) => REGISTRIES.has(digits(host))).map((host) => `${name}: ${host}`),
  );
  expect(named).toEqual([]);
});

test('only nunjucks and commander come with the package', () => {
  const manifest = JSON.parse(read('package.json')) as { dependencies: object; bundledDependencies: string[]; peerDependencies: object };
  expect(Object.keys(manifest.dependencies)).toEqual(manifest.bundledDependencies);
  expect(manifest.bundledDependencies).toEqual(['commander', 'nunjucks']);
  expect(manifest.peerDependencies).toEqual({ 'aws-cdk-lib': '^2.257.0', constructs: '^10.5.1' });
});

test('the package is built before it is packed, has what its texts link to, and not the app of this repository', () => {
  const { scripts } = JSON.parse(read('package.json')) as { scripts: { [name: string]: string } };
  expect(scripts.prepack).toBe('npm run build');
  // In a copy: a checkout runs its sources, and what a build makes beside them would be taken in their place.
  const copy = fs.mkdtempSync(path.join(os.tmpdir(), 'package-'));
  let packed: string[];
  try {
    for (const name of fs.readdirSync(ROOT).filter((entry) => /^(assets|bin|lib|docs|examples|package\.json|LICENSE)$|\.md$/.test(entry))) {
      fs.cpSync(path.join(ROOT, name), path.join(copy, name), { recursive: true });
    }
    for (const name of ['cluster.js', 'cluster-stack.d.ts', 'cluster-nodes.js']) fs.writeFileSync(path.join(copy, 'bin', name), '');
    const list = execFileSync('npm', ['pack', '--dry-run', '--json', '--ignore-scripts'], { cwd: copy, encoding: 'utf8' });
    packed = (JSON.parse(list) as { files: { path: string }[] }[])[0].files.map((file) => file.path);
  } finally {
    fs.rmSync(copy, { recursive: true });
  }
  expect(packed).toEqual(expect.arrayContaining(['bin/cluster-nodes.js', 'lib/templates/unbash.cjs']));
  expect(packed.filter((name) => /^bin\/cluster(-stack)?\./.test(name))).toEqual([]);
  const links = packed
    .filter((name) => /^[^/]*\.md$|^docs\/.*\.md$/.test(name))
    .flatMap((name) =>
      [...read(name).matchAll(/\]\((?!https?:|#)([^)#]+)/g)].map((match) => path.join(path.dirname(name), match[1]).replace(/\/$/, '')),
    );
  expect(links.length).toBeGreaterThan(10);
  expect(links.filter((link) => !packed.some((name) => name === link || name.startsWith(`${link}/`)))).toEqual([]);
});

test('a checkout that is not built cannot be published: npm publish builds it, whatever .npmrc says about scripts', () => {
  const copy = fs.mkdtempSync(path.join(os.tmpdir(), 'package-'));
  try {
    fs.cpSync(path.join(ROOT, '.npmrc'), path.join(copy, '.npmrc'));
    fs.writeFileSync(path.join(copy, 'build.cjs'), "require('fs').cpSync('build.cjs', 'lib/index.js');");
    fs.writeFileSync(path.join(copy, 'package.json'), read('package.json').replace('npm run build', 'node build.cjs'));
    const report = execFileSync('npm', ['publish', '--dry-run', '--offline', '--json'], { cwd: copy, encoding: 'utf8', stdio: 'pipe' });
    expect(report).toContain('"lib/index.js"');
  } finally {
    fs.rmSync(copy, { recursive: true });
  }
});

test('the library does not print', () => {
  const sources = fs
    .readdirSync(path.join(ROOT, 'lib'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts') && !name.endsWith('.d.ts'));
  expect(sources.length).toBeGreaterThan(20);
  for (const name of sources) {
    expect([name, /console\.|process\.std/.test(read(path.join('lib', name)))]).toEqual([name, false]);
  }
});

test('importing the library loads neither the AWS SDK nor the command line', () => {
  const script = `
    require('./scripts/register-typescript.cjs');
    require('./lib');
    process.stdout.write(Object.keys(require.cache).filter((name) => /@aws-sdk|@smithy|commander/.test(name)).join());`;
  expect(execFileSync('node', ['-e', script], { cwd: ROOT, encoding: 'utf8' })).toBe('');
});
