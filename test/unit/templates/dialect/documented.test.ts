import * as fs from 'fs';
import * as path from 'path';
import { errorOf, render } from '../template-folder';

const documentation = fs.readFileSync(path.join(__dirname, '..', '..', '..', '..', 'docs', 'templates.md'), 'utf8');

/** The constructs in the first column of the table of a section. */
function constructs(title: string): string[] {
  const section = documentation.split(/^## /m).find((text) => text.startsWith(title))!;
  const rows = section.split('\n').filter((line) => line.startsWith('| `'));
  return rows.flatMap((row) => Array.from(row.split(/(?<!\\)\|/)[1].matchAll(/`([^`]+)`/g), ([, source]) => source.replaceAll('\\|', '|')));
}

test.each(constructs('What is refused'))('%s is refused when the template is compiled, with file and line', (source) => {
  // In a branch that never runs: it is found all the same.
  const isStatement = source.startsWith('{%');
  const expression = isStatement || source.startsWith('{{') ? source : `{{ ${source} }}`;
  for (const escaping of ['none', 'contextual'] as const) {
    const error = errorOf(`first line\n{% if false %}${expression}{% endif %}`, {}, { escaping, missingKeys: 'none' });
    expect(error).toMatchObject({ code: 'NotSupported', template: 'main.sh.j2', line: 2 });
    expect(error.message).toContain('is not part of the dialect');
    expect(error.remedy).not.toBe('');
  }
});

test.each(constructs('What there is'))('%s can be written', (source) => {
  const templates = { 'main.sh.j2': source.startsWith('{') ? source : `{{ ${source} }}`, 'part.sh.j2': 'part' };
  expect(() => render(templates, { '/key': 'value' }, { escaping: 'none', missingKeys: 'none' })).not.toThrow();
});

test('the tables are there', () => {
  expect(constructs('What is refused').length).toBeGreaterThan(50);
  expect(constructs('What there is').length).toBeGreaterThan(50);
});
