import * as fs from 'fs';
import * as os from 'os';
import * as path from 'path';
import { parseJson } from '../../../../lib/templates/json';
import { Dict } from '../../../../lib/templates/dialect/values';
import { TemplateRenderer } from '../../../../lib/templates/renderer';
import { TemplateError } from '../../../../lib/templates/template-error';
import { CORPUS, corpusRenders } from './corpus';
import { PythonJinja2, findPythonWithJinja2 } from './python-jinja2';

const renders = corpusRenders();
const renderers = new Map<string, TemplateRenderer>();

function render(root: string, template: string, context: string): string | null {
  const renderer = renderers.get(root) ?? new TemplateRenderer({ searchPaths: [root], escaping: 'none', missingKeys: 'none' });
  renderers.set(root, renderer);
  try {
    return renderer.render(template, parseJson(context) as Dict).text;
  } catch (error) {
    if (error instanceof TemplateError) return null;
    throw error;
  }
}

test.each(renders.map((one) => [one.title, one] as const))('%s', (_, { root, template, context, expected }) => {
  expect(render(root, template, context)).toBe(expected);
});

test('every template of the corpus is rendered', () => {
  const listed = new Set(renders.map(({ root, template }) => path.join(root, template)));
  const included = /parts\/|storage\/wait|windows\/log/;
  const files = fs
    .readdirSync(CORPUS, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.j2') && !included.test(name));
  expect(files.map((name) => path.join(CORPUS, name)).filter((file) => !listed.has(file))).toEqual([]);
});

test('nearly all of it succeeds in Jinja2', () => {
  expect(renders.filter(({ expected }) => expected === null).length).toBeLessThan(renders.length / 20);
  expect(renders.length).toBeGreaterThan(100);
});

const found = findPythonWithJinja2();

(found ? describe : describe.skip)('the real Jinja2', () => {
  let jinja2: PythonJinja2;
  beforeAll(() => {
    jinja2 = new PythonJinja2(found!.python);
  });
  afterAll(() => jinja2.stop());

  test('prints what is recorded', async () => {
    const answers = await Promise.all(renders.map(({ root, template, context }) => jinja2.render({ root, template, context })));
    expect(Object.fromEntries(renders.map(({ title }, index) => [title, answers[index].text ?? null]))).toEqual(
      Object.fromEntries(renders.map(({ title, expected }) => [title, expected])),
    );
  });

  test('treats line ends, byte order marks and shell lengths the same way', async () => {
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'corpus-'));
    const sources = [
      'first\r\nsecond {{ 1 }}\r\n{% if true %}\r\nthird\r\n{% endif %}\rlone return\r\n',
      '{% raw %}\r\nraw{% endraw %}\r\n\r\n',
      "{% set x = 'a\r\nb' %}{{ x }}",
      '\ufeffbegins with a byte order mark {{ 1 }}\n',
      'a ${#array[@]} b #} c {# comment #} d',
      '{#- a -#}  x  {#+ b +#}  y',
    ];
    for (const [index, source] of sources.entries()) {
      fs.writeFileSync(path.join(folder, `${index}.j2`), source);
      const answer = await jinja2.render({ root: folder, template: `${index}.j2`, context: '{}' });
      expect({ source, text: render(folder, `${index}.j2`, '{}') }).toEqual({ source, text: answer.text });
    }
    fs.rmSync(folder, { recursive: true });
  });
});
