import * as fs from 'fs';
import * as path from 'path';
import { TemplateFault } from './fault';

const UTF8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/**
 * A template as it lies on disk.
 *
 * @internal
 */
export interface TemplateFile {
  /** Absolute path. */
  readonly file: string;
  readonly source: string;
}

/**
 * Finds templates by name in a list of folders, the first of which wins.
 *
 * @internal
 */
export class TemplateFiles {
  private readonly found = new Map<string, string | undefined>();

  public constructor(
    public readonly searchPaths: readonly string[],
    /** Whether a byte order mark at the beginning of a file is left out: a script that begins with one does not run. */
    private readonly dropsByteOrderMark: boolean,
  ) {}

  /** Absolute path of a template, or undefined. */
  public find(name: string): string | undefined {
    if (this.found.has(name)) return this.found.get(name);
    const file = this.search(name);
    this.found.set(name, file);
    return file;
  }

  private search(name: string): string | undefined {
    const parts = name.split('/').filter((part) => part !== '' && part !== '.');
    // As in Jinja2 a name never leads out of the folders.
    if (parts.length === 0 || parts.includes('..') || parts.some((part) => part.includes(path.sep) || part.includes('\0')))
      return undefined;
    for (const folder of this.searchPaths) {
      const file = path.resolve(folder, ...parts);
      if (isFile(file)) return file;
    }
    return undefined;
  }

  public read(file: string): TemplateFile {
    let bytes: Buffer;
    try {
      bytes = fs.readFileSync(file);
    } catch (error) {
      throw unreadable(`${file}: the file cannot be read: ${(error as Error).message}`, 'check its permissions');
    }
    let source: string;
    try {
      source = UTF8.decode(bytes);
    } catch {
      throw unreadable(`${file}: the file is not UTF-8`, 'save it as UTF-8');
    }
    return { file, source: this.dropsByteOrderMark ? source.replace(/^\ufeff/, '') : source };
  }

  /** Names of all templates in the folders, for suggestions. */
  public names(): string[] {
    const names = new Set<string>();
    for (const folder of this.searchPaths) {
      if (!fs.statSync(folder, { throwIfNoEntry: false })?.isDirectory()) continue;
      for (const entry of fs.readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
        if (entry.endsWith('.j2')) names.add(entry.split(path.sep).join('/'));
      }
    }
    return Array.from(names).sort();
  }
}

/** As in Jinja2 whatever cannot be looked at (a name below a file, one that is too long) is not there. */
function isFile(file: string): boolean {
  try {
    // Most names are not in the overlay: an error for each would cost more than the look.
    return fs.statSync(file, { throwIfNoEntry: false })?.isFile() ?? false;
  } catch {
    return false;
  }
}

/** A template that is there but cannot be used. */
function unreadable(problem: string, remedy: string): TemplateFault {
  return new TemplateFault('UnreadableTemplate', problem, remedy);
}
