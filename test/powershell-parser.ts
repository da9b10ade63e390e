import { execFileSync } from 'child_process';
import * as path from 'path';

/** A node of a parse tree. Positions are in characters of the script, rows are counted from 0. */
export interface PowerShellNode {
  readonly type: string;
  readonly start: number;
  readonly end: number;
  readonly row: number;
  /** A token that the parser had to invent. */
  readonly missing: boolean;
  readonly children: readonly PowerShellNode[];
}

/** A parsed script. */
export class PowerShellScript {
  private all?: PowerShellNode[];

  public constructor(
    public readonly name: string,
    public readonly text: string,
    public readonly root: PowerShellNode,
  ) {}

  public textOf(node: PowerShellNode): string {
    return this.text.slice(node.start, node.end);
  }

  /** All nodes of the given types, in the order of the script; without types, all nodes. */
  public nodes(...types: readonly string[]): PowerShellNode[] {
    this.all ??= descendants(this.root);
    return this.all.filter((node) => types.length === 0 || types.includes(node.type));
  }

  /** What does not parse, each as `name:line: text`. Empty for a script that does. */
  public get errors(): string[] {
    return this.nodes()
      .filter((node) => node.type === 'ERROR' || node.missing)
      .map((node) => {
        const line = this.text.split('\n')[node.row] ?? '';
        return `${this.name}:${node.row + 1}: ${node.missing ? `missing ${node.type}` : 'cannot be parsed'}: ${line.trim()}`;
      });
  }
}

/** A node and everything below it. */
export function descendants(node: PowerShellNode): PowerShellNode[] {
  const found: PowerShellNode[] = [];
  const visit = (each: PowerShellNode): void => {
    found.push(each);
    each.children.forEach(visit);
  };
  visit(node);
  return found;
}

/**
 * Parses PowerShell scripts with tree-sitter. The grammar is not the language: it proves balanced quotes, braces and
 * here-strings, and refuses a few forms that PowerShell takes. A process of its own, because the flag that makes loading
 * the grammar fast is one of the process.
 */
export function parsePowerShell(scripts: { readonly [name: string]: string }): PowerShellScript[] {
  const output = execFileSync(process.execPath, ['--liftoff-only', path.join(__dirname, 'powershell-parser-process.cjs')], {
    input: JSON.stringify(scripts),
    encoding: 'utf8',
    maxBuffer: 256 * 1024 * 1024,
  });
  const trees = JSON.parse(output) as { [name: string]: PowerShellNode };
  return Object.entries(scripts).map(([name, text]) => new PowerShellScript(name, text, trees[name]));
}
