import * as fs from 'fs';
import * as path from 'path';
import { transformSync } from '@swc/core';

const FILE = path.join(__dirname, '..', 'lib', 'templates', 'unbash.cjs');
const PACKAGE = path.join(__dirname, '..', 'node_modules', 'unbash');

/** The parser of the npm package unbash as one CommonJS file, as lib/templates/unbash.cjs has it. */
export function unbashModule(): string {
  const read = (name: string) => fs.readFileSync(path.join(PACKAGE, name), 'utf8');
  const { version } = JSON.parse(read('package.json')) as { version: string };
  const sources = new Map<string, string>();
  const add = (name: string): void => {
    if (sources.has(name)) return;
    sources.set(name, read(path.join('dist', name)));
    for (const [, imported] of sources.get(name)!.matchAll(/\bfrom "(\.\/[^"]+)"/g)) add(imported);
  };
  add('./parser.js');
  return [
    `/*! unbash ${version}, made by scripts/unbash.ts of the npm package, which is an ECMAScript module only.\n\n${read('LICENSE')}*/`,
    'const modules = {',
    ...[...sources].sort().map(([name, source]) => `${JSON.stringify(name)}(exports, require) {\n${commonJs(source)}\n},`),
    '};',
    'const loaded = {};',
    'function load(name) {',
    '  if (!(name in loaded)) modules[name]((loaded[name] = {}), load);',
    '  return loaded[name];',
    '}',
    "module.exports = load('./parser.js');",
    '',
  ].join('\n');
}

function commonJs(source: string): string {
  return transformSync(source, {
    swcrc: false,
    configFile: false,
    minify: true,
    jsc: { parser: { syntax: 'ecmascript' }, target: 'es2023', minify: { mangle: true, compress: false } },
    module: { type: 'commonjs' },
  }).code;
}

if (require.main === module) {
  fs.writeFileSync(FILE, unbashModule());
}
