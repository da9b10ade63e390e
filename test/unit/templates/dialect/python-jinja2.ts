import { ChildProcess, spawn, spawnSync } from 'child_process';
import * as path from 'path';
import * as readline from 'readline';

/** One rendering to do with the real Jinja2. */
export interface PythonJob {
  /** Folder of the templates. */
  readonly root: string;
  readonly template: string;
  /** JSON text of the context. */
  readonly context: string;
}

export interface PythonAnswer {
  readonly text?: string;
  /** Type and message of the exception. */
  readonly error?: string;
}

const CANDIDATES = [process.env.JINJA2_PYTHON, '/usr/bin/python3', 'python3', 'python'].filter(
  (name): name is string => name !== undefined && name !== '',
);

/** A Python interpreter that has Jinja2, and the version of Jinja2; undefined when there is none. */
export function findPythonWithJinja2(): { readonly python: string; readonly version: string } | undefined {
  for (const python of CANDIDATES) {
    const { status, stdout } = spawnSync(python, ['-c', 'import jinja2; print(jinja2.__version__)'], { encoding: 'utf8' });
    if (status === 0) return { python, version: stdout.trim() };
  }
  return undefined;
}

/** One Python process that renders any number of templates. */
export class PythonJinja2 {
  private readonly process: ChildProcess;
  private readonly waiting: ((answer: PythonAnswer) => void)[] = [];

  public constructor(python: string) {
    this.process = spawn(python, [path.join(__dirname, 'jinja2_process.py')], { stdio: ['pipe', 'pipe', 'inherit'] });
    readline
      .createInterface({ input: this.process.stdout!, crlfDelay: Infinity })
      .on('line', (line) => this.waiting.shift()?.(JSON.parse(line) as PythonAnswer));
    this.process.on('exit', (status) =>
      this.waiting.splice(0).forEach((answer) => answer({ error: `Python ended with status ${status}` })),
    );
  }

  public render(job: PythonJob): Promise<PythonAnswer> {
    return new Promise((resolve) => {
      this.waiting.push(resolve);
      this.process.stdin!.write(`${JSON.stringify(job)}\n`);
    });
  }

  public stop(): void {
    this.process.stdin!.end();
  }
}
