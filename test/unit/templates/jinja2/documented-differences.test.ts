import * as fs from 'fs';
import * as os from 'os';
import * as path from 'path';
import { TemplateRenderer } from '../../../../lib/templates/renderer';
import { TemplateError } from '../../../../lib/templates/template-error';
import { PythonJinja2, findPythonWithJinja2 } from './python-jinja2';

const documentation = fs.readFileSync(path.join(__dirname, '..', '..', '..', '..', 'docs', 'templates.md'), 'utf8');
const section = documentation.slice(documentation.indexOf('## What is different from Jinja2'));
const sources = section
  .split('\n')
  .filter((line) => line.startsWith('| `'))
  .flatMap((row) => Array.from(row.split(/(?<!\\)\|/)[1].matchAll(/`([^`]+)`/g), ([, source]) => source.replaceAll('\\|', '|')));

let root: string;
beforeAll(() => {
  root = fs.mkdtempSync(path.join(os.tmpdir(), 'differences-'));
  fs.writeFileSync(path.join(root, 'x'), 'included');
  sources.forEach((source, index) => fs.writeFileSync(path.join(root, `${index}.sh.j2`), `first line\n${source}`));
});
afterAll(() => fs.rmSync(root, { recursive: true }));

test('the table is there', () => {
  expect(sources.length).toBeGreaterThan(30);
});

test.each(sources.map((source, index) => [source, index] as const))('%s is an error with file and line', (_, index) => {
  const renderer = new TemplateRenderer({ searchPaths: [root], escaping: 'none', missingKeys: 'none' });
  let error: unknown;
  try {
    renderer.render(`${index}.sh.j2`, {});
  } catch (caught) {
    error = caught;
  }
  expect(error).toBeInstanceOf(TemplateError);
  expect(error).toMatchObject({ template: `${index}.sh.j2`, line: 2 });
  expect((error as TemplateError).remedy).not.toBe('');
});

const found = findPythonWithJinja2();

(found ? test : test.skip)('Jinja2 prints something for each', async () => {
  const jinja2 = new PythonJinja2(found!.python);
  try {
    for (const [index, source] of sources.entries()) {
      const answer = await jinja2.render({ root, template: `${index}.sh.j2`, context: '{}' });
      expect({ source, printed: answer.text !== undefined, error: answer.error }).toEqual({ source, printed: true, error: undefined });
    }
  } finally {
    jinja2.stop();
  }
});
