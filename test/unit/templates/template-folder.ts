import { RenderResult, RendererOptions, TemplateRenderer } from '../../../lib/templates/renderer';
import { TemplateError } from '../../../lib/templates/template-error';
import { writeFiles } from '../../write-files';

/** Renders `main.sh.j2`, or a single source as such. */
export function render(
  templates: string | { readonly [name: string]: string | Buffer },
  context: { readonly [key: string]: unknown } = {},
  options: Partial<RendererOptions> & { readonly entry?: string } = {},
): RenderResult {
  const folder = writeFiles(typeof templates === 'string' ? { 'main.sh.j2': templates } : templates);
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
