// Lets plain node run the TypeScript sources: node -r ./scripts/register-typescript.cjs bench/render.ts
const fs = require('node:fs');
const Module = require('node:module');
const path = require('node:path');
const { transformSync } = require('@swc/core');

const ownSources = path.join(__dirname, '..') + path.sep;
const dependencies = path.join(ownSources, 'node_modules') + path.sep;

Module._extensions['.ts'] = (module, filename) => {
  const { code } = transformSync(fs.readFileSync(filename, 'utf8'), {
    filename,
    swcrc: false,
    configFile: false,
    sourceMaps: 'inline',
    jsc: { parser: { syntax: 'typescript' }, target: 'es2023' },
    module: { type: 'commonjs' },
  });
  module._compile(code, filename);
};

// After a build lib/*.js lies beside lib/*.ts. The sources are what is meant here: an older .js must not be run in their place.
const resolveFilename = Module._resolveFilename;
Module._resolveFilename = function (request, parent, ...rest) {
  const resolved = resolveFilename.call(this, request, parent, ...rest);
  if (resolved.endsWith('.js') && resolved.startsWith(ownSources) && !resolved.startsWith(dependencies)) {
    const source = resolved.slice(0, -'.js'.length) + '.ts';
    if (fs.existsSync(source)) return source;
  }
  return resolved;
};
