#!/usr/bin/env node
// In a checkout the TypeScript sources run, built or not; the package has them compiled and has no scripts folder.
const { existsSync } = require('node:fs');
const path = require('node:path');

const registration = path.join(__dirname, '..', 'scripts', 'register-typescript.cjs');
if (existsSync(registration)) {
  require(registration);
}
const { main } = require('./cluster-nodes');

main(process.argv.slice(2)).then(
  (status) => {
    process.exitCode = status;
  },
  (error) => {
    process.stderr.write(`cluster-nodes: ${String(error)}\n`);
    process.exitCode = 1;
  },
);
