// What other languages show of the library's documentation: every public member has a summary that jsii has not cut (it ends one
// at a semicolon), every parameter a text but those that all constructs have. documentation.mjs FOLDER: a package that is built.
import fs from 'node:fs';
import path from 'node:path';

const { types } = JSON.parse(fs.readFileSync(path.join(process.argv[2], '.jsii'), 'utf8'));
const OF_CONSTRUCTS = new Set(['scope', 'id', 'props', 'attrs', 'attributes']);
const faults = [];

function check(name, documented) {
  const summary = documented?.docs?.summary;
  if (summary === undefined) faults.push(`${name}: no text`);
  else if (summary.includes(';')) faults.push(`${name}: expected a first sentence without a semicolon, got '${summary}'`);
}

for (const [name, type] of Object.entries(types)) {
  check(name, type);
  if (type.initializer) check(`${name}()`, type.initializer);
  for (const member of [...(type.members ?? []), ...(type.properties ?? [])]) check(`${name}.${member.name}`, member);
  for (const method of type.methods ?? []) check(`${name}.${method.name}()`, method);
  for (const { name: of = '', parameters = [] } of [type.initializer ?? {}, ...(type.methods ?? [])]) {
    for (const parameter of parameters) {
      if (!OF_CONSTRUCTS.has(parameter.name)) check(`${name}.${of}(${parameter.name})`, parameter);
    }
  }
}
if (faults.length > 0) {
  process.stderr.write(`${faults.join('\n')}\n`);
  process.exit(1);
}
