#!/usr/bin/env node
// In a checkout the TypeScript sources run, built or not; the package has them compiled and has no scripts folder.
const { existsSync } = require('node:fs');
const path = require('node:path');

// Standard error is for what the command says: not for what Node.js and the AWS SDK say about versions and settings.
process.removeAllListeners('warning');
console.warn = () => undefined;

process.once('SIGINT', () => {
  process.stderr.write('cluster-nodes: interrupted\n');
  // Ended by the signal, as the shell expects it, which makes 130 of it.
  process.kill(process.pid, 'SIGINT');
});

const registration = path.join(__dirname, '..', 'scripts', 'register-typescript.cjs');
if (existsSync(registration)) {
  require(registration);
}
const { main } = require('./cluster-nodes');

process.stdout.on('error', (error) => {
  // Whoever reads the output may close it early, as head does.
  if (error.code !== 'EPIPE') {
    process.stderr.write(`cluster-nodes: the output cannot be written: ${error.message}\n`);
  }
  process.exit(1);
});

main(process.argv.slice(2)).then(
  (status) => {
    process.exitCode = status;
  },
  (error) => {
    process.stderr.write(`cluster-nodes: ${String(error)}\n`);
    process.exitCode = 1;
  },
);
