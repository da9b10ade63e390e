import { spawnSync } from 'child_process';

/** A line of a script, by a template or a file that it includes, that has it not parsed. */
export const NO_SYNTAX_CHECK = '# cluster-nodes: no syntax check';

/** What is wrong with a bash script. */
export interface ShellFault {
  /** Where in the script. */
  readonly offset: number;
  readonly problem: string;
  /** Whether the bash of this machine takes the script all the same. */
  readonly isTakenByBash: boolean;
}

/**
 * What unbash, a parser of bash, finds wrong with a script: of what bash itself refuses the first, else the first of all.
 * Bash is only asked about what is found, and where it is installed.
 */
export function shellFault(script: string): ShellFault | undefined {
  if (new RegExp(`^[ \\t]*${NO_SYNTAX_CHECK}[ \\t]*$`, 'm').test(script)) return undefined;
  const findings = new ScriptReader(script).read();
  if (findings.length === 0) return undefined;
  const answers = new Map<string, string>();
  const refusal = (text: string): string => {
    if (!answers.has(text)) answers.set(text, refusalByBash(text));
    return answers.get(text)!;
  };
  const refused = findings.find(({ texts }) => texts.length === 0 || texts.some((text) => refusal(text) !== ''));
  const { offset, message } = refused ?? findings[0];
  const line = script.slice(0, offset).split('\n').length;
  const said = answers.get(script) || '-';
  return {
    offset,
    problem: `${message} (line ${line} of the rendered script${/^line \d/.test(said) ? `; bash says: ${said}` : ''})`,
    isTakenByBash: refused === undefined,
  };
}

/** What the bash of this machine says against a script; empty when it takes it. Nothing of the script runs. */
function refusalByBash(script: string): string {
  const { status, stderr, error } = spawnSync('bash', ['-n'], {
    input: script,
    encoding: 'utf8',
    env: { ...process.env, LC_ALL: 'C', BASH_ENV: '' },
    timeout: 10_000,
  });
  if (status === 0 && stderr === '') return '';
  // A bash that has seen enough does not read the rest, which is an error of the pipe as well.
  return stderr?.split('\n', 1)[0].replace(/^bash: /, '') || (error?.message ?? `status ${status}`);
}

/** As far as it is looked at here. */
interface SyntaxNode {
  readonly type: string;
  readonly pos: number;
  readonly end: number;
  /** Of a script. */
  readonly errors?: readonly { readonly message: string; readonly pos: number }[];
  /** Of a script between backticks with escapes: what the offsets in it belong to. */
  readonly source?: string;
  /** Of a here-document. */
  readonly operator?: string;
  readonly delimiter?: { readonly text: string; readonly value: string; readonly quoted: boolean };
  readonly body?: SyntaxNode;
  readonly closing?: object;
}

interface Unbash {
  parse(source: string): SyntaxNode;
  forEachChild(node: SyntaxNode, callback: (child: SyntaxNode) => void): void;
}

interface Finding {
  readonly offset: number;
  readonly message: string;
  /** What bash has to take for this to be no error: the script, and what it reads only when it gets there. */
  readonly texts: readonly string[];
}

/** Where a node stands. */
interface Surroundings {
  /** What the offsets of the node belong to. */
  readonly text: string;
  /** Where that begins in the whole script; absent when it is the script. */
  readonly at?: number;
  /** The scripts around it. */
  readonly texts: readonly string[];
}

/** What can hold a script in a word. */
const HOLDS_SCRIPT = /[`(]|\$\{[\s|]/;
const WORDS: ReadonlySet<string> = new Set(['Word', 'Assignment', 'HereDocBody']);

class ScriptReader {
  private readonly findings: { readonly pos: number; readonly finding: Finding }[] = [];
  // Loaded with the first script, since most apps have none of their own.
  // eslint-disable-next-line @typescript-eslint/no-require-imports
  private readonly unbash = require('./unbash.cjs') as Unbash;

  public constructor(private readonly script: string) {}

  public read(): readonly Finding[] {
    this.visit(this.unbash.parse(this.script), { text: this.script, texts: [] }, []);
    return this.findings.sort((left, right) => left.pos - right.pos).map(({ finding }) => finding);
  }

  /** `unclosed`: offsets of what was begun so far in the script around it, and has no end. */
  private visit(node: SyntaxNode, around: Surroundings, unclosed: number[]): void {
    // Most of the time goes into words, most of which are plain.
    if (WORDS.has(node.type) && !HOLDS_SCRIPT.test(textOf(node, around))) return;
    if (node.pos === node.end) unclosed.push(node.pos);
    if (node.type === 'Script') {
      this.visitScript(node, around);
    } else if (node.type === 'HereDoc') {
      this.visitHereDocument(node, around, unclosed);
    } else {
      this.unbash.forEachChild(node, (child) =>
        this.visit(child, child.source === undefined ? around : { ...around, text: child.source, at: around.at ?? node.pos }, unclosed),
      );
    }
  }

  private visitScript(node: SyntaxNode, outside: Surroundings): void {
    const around = { ...outside, texts: [...outside.texts, node.source ?? textOf(node, outside)] };
    const begun: number[] = [];
    this.unbash.forEachChild(node, (child) => this.visit(child, around, begun));
    for (const { message, pos } of node.errors ?? []) {
      // What is never closed is told where it begins: the end may be in another template.
      const opener = /to close (?:'(\w+)'|(subshell)|(brace group))/.exec(message);
      const word = opener === null ? undefined : (opener[1] ?? (opener[2] === undefined ? '{' : '('));
      const start = word === undefined ? undefined : begun.findLast((offset) => offset < pos && around.text.startsWith(word, offset));
      this.add(pos, message, around, start);
    }
  }

  private visitHereDocument(node: SyntaxNode, around: Surroundings, unclosed: number[]): void {
    const { delimiter, body, operator } = node;
    if (delimiter === undefined || body === undefined) return;
    if (node.closing === undefined) {
      this.add(node.pos, `the here-document has no end, a line that is ${delimiter.value} alone`, { ...around, texts: [] });
    } else if (operator !== '<<-' || delimiter.quoted) {
      this.visit(body, around, unclosed);
    } else if (HOLDS_SCRIPT.test(textOf(body, around))) {
      // unbash does not take the tabs off of the here-documents in it.
      const text = `<<${delimiter.text}\n${textOf(body, around).replace(/^\t+/gm, '')}${delimiter.value}\n`;
      this.visit(this.unbash.parse(text), { ...around, text, at: around.at ?? node.pos }, []);
    }
  }

  private add(pos: number, message: string, { at, texts }: Surroundings, start = pos): void {
    // The end of the script is the end of its last line.
    const offset = Math.min(at ?? start, Math.max(0, this.script.trimEnd().length - 1));
    this.findings.push({ pos: at ?? pos, finding: { offset, message, texts } });
  }
}

function textOf({ pos, end }: SyntaxNode, { text }: Surroundings): string {
  return text.slice(pos, end);
}
