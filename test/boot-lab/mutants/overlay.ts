import { cpSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import * as path from 'node:path';
import type { Change } from './mutant';

const ASSETS = path.join(__dirname, '..', '..', '..', 'assets');

/** Makes the folder an overlay: the scenario's own, with the changed templates laid over it. */
export function layOver(who: string, changes: readonly Change[], own: string | undefined, overlay: string): string {
  mkdirSync(overlay, { recursive: true });
  if (own !== undefined) cpSync(own, overlay, { recursive: true });
  for (const { template, from, to } of changes) {
    const target = path.join(overlay, template);
    const text = mutate(who, template, from, to, readFileSync(existsSync(target) ? target : libraryTemplate(template), 'utf8'));
    mkdirSync(path.dirname(target), { recursive: true });
    writeFileSync(target, text);
    // A phase of an overlay without an install beside it is run without one.
    const install = template.replace(/(?=\.(sh|ps)\.j2$)/, '.install');
    if (existsSync(path.join(ASSETS, 'cluster_node_bootstrap', install))) {
      cpSync(libraryTemplate(install), path.join(overlay, install), { force: false });
    }
  }
  return overlay;
}

/** The text with the fault in it. The place must be there once, or nothing is tested. */
export function mutate(who: string, template: string, from: string, to: string, text: string): string {
  const places = text.split(from).length - 1;
  if (places !== 1) throw new Error(`${who}: expected '${from}' once in ${template}, it is there ${places} times; bring it up to date`);
  return text.replace(from, () => to);
}

/** File of a template of the library. */
export function libraryTemplate(template: string): string {
  const file = [path.join(ASSETS, 'cluster_node_bootstrap', template), path.join(ASSETS, template)].find((candidate) =>
    existsSync(candidate),
  );
  if (file === undefined) throw new Error(`the library has no template ${template}`);
  return file;
}
