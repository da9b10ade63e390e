// The programs and files that the README shows, as files of a folder, named by their headings: programs.mjs README FOLDER.
import fs from 'node:fs';
import path from 'node:path';

const [readme, folder] = process.argv.slice(2);
const EXTENSIONS = { ts: 'ts', python: 'py', jinja: 'j2' };
let heading = '';
const shown = [];
for (const [, title, language, text] of fs.readFileSync(readme, 'utf8').matchAll(/^## (.+)$|^```(\w*)\n([^]*?)^```$/gm)) {
  if (title) {
    heading = title.toLowerCase().replace(/[^a-z0-9]+/g, '-');
    continue;
  }
  const extension = EXTENSIONS[language];
  if (!extension) continue;
  // A block that Jest has to run needs a name that it looks for.
  const name = `${heading}${/^test\(/m.test(text) ? '.test' : ''}.${extension}`;
  if (shown.includes(name)) throw new Error(`expected one program of a language under each heading of ${readme}, got two of ${name}`);
  shown.push(name);
  fs.mkdirSync(folder, { recursive: true });
  fs.writeFileSync(path.join(folder, name), text);
}
process.stdout.write(`${shown.join('\n')}\n`);
