import * as fs from 'fs';
import * as os from 'os';
import * as path from 'path';
import { RenderResult, RendererOptions, TemplateRenderer } from '../../../lib/templates/renderer';
import { TemplateError } from '../../../lib/templates/template-error';

const folders: string[] = [];

/** A folder with these templates, gone when the tests of the file have run. */
export function templateFolder(templates: { readonly [name: string]: string | Buffer }): string {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'templates-'));
  folders.push(folder);
  for (const [name, source] of Object.entries(templates)) {
    const file = path.join(folder, name);
    fs.mkdirSync(path.dirname(file), { recursive: true });
    fs.writeFileSync(file, source);
  }
  return folder;
}

afterAll(() => folders.splice(0).forEach((folder) => fs.rmSync(folder, { recursive: true })));

/** Renders `main.sh.j2`, or a single source as such. */
export function render(
  templates: string | { readonly [name: string]: string | Buffer },
  context: { readonly [key: string]: unknown } = {},
  options: Partial<RendererOptions> & { readonly entry?: string } = {},
): RenderResult {
  const folder = templateFolder(typeof templates === 'string' ? { 'main.sh.j2': templates } : templates);
  return new TemplateRenderer({ searchPaths: [folder], ...options }).render(options.entry ?? 'main.sh.j2', context);
}

/** The error that rendering gives. */
export function errorOf(...parameters: Parameters<typeof render>): TemplateError {
  try {
    const { text } = render(...parameters);
    throw new Error(`no error, but ${JSON.stringify(text)}`);
  } catch (error) {
    if (error instanceof TemplateError) return error;
    throw error;
  }
}
