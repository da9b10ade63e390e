// Reads { name: script } as JSON from stdin and writes { name: parse tree } to stdout. Started by powershell-parser.ts.
'use strict';

const fs = require('fs');
const { Language, Parser } = require('web-tree-sitter');

const plain = (node) => ({
  type: node.type,
  start: node.startIndex,
  end: node.endIndex,
  row: node.startPosition.row,
  missing: node.isMissing,
  children: node.children.map(plain),
});

async function main() {
  await Parser.init();
  const parser = new Parser();
  parser.setLanguage(await Language.load(require.resolve('tree-sitter-powershell/tree-sitter-powershell.wasm')));
  const scripts = JSON.parse(fs.readFileSync(0, 'utf8'));
  const trees = Object.fromEntries(Object.entries(scripts).map(([name, text]) => [name, plain(parser.parse(text).rootNode)]));
  process.stdout.write(JSON.stringify(trees));
}

main().catch((error) => {
  process.stderr.write(`${error.stack}\n`);
  process.exitCode = 1;
});
