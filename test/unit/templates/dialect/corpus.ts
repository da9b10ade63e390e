import * as fs from 'fs';
import * as path from 'path';

export const CORPUS = path.join(__dirname, '..', 'corpus');

/** One template of the corpus with one context. */
export interface CorpusRender {
  readonly title: string;
  /** Folder of the templates. */
  readonly root: string;
  readonly template: string;
  /** JSON text. */
  readonly context: string;
  /** What Jinja2 prints; null where it fails. */
  readonly expected: string | null;
}

const read = (...parts: string[]): string => fs.readFileSync(path.join(CORPUS, ...parts), 'utf8');

export function corpusRenders(): CorpusRender[] {
  const plan = JSON.parse(read('renders.json')) as { contexts: string[]; roots: { [root: string]: string[] } };
  const expected = JSON.parse(read('expected.json')) as { [title: string]: string | null };
  return Object.entries(plan.roots).flatMap(([root, templates]) =>
    templates.flatMap((template) =>
      plan.contexts.map((context) => ({
        title: `${template} ${context}`,
        root: path.join(CORPUS, root),
        template,
        context: read('contexts', `${context}.json`),
        expected: expected[`${template} ${context}`],
      })),
    ),
  );
}
