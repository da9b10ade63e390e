import { spawn, spawnSync } from 'child_process';
import * as fs from 'fs';
import * as path from 'path';
import * as readline from 'readline';
import { parseJson } from '../lib/templates/json';
import { Dict } from '../lib/templates/dialect/values';
import { TemplateRenderer } from '../lib/templates/renderer';
import { TemplateError } from '../lib/templates/template-error';

// Renders the corpus of the differential tests with Jinja2 and with this renderer. The two take turns in one run, so that
// the ratio holds when the machine's speed drifts. Jinja2 runs inside one Python process: starting Python is not counted.

const ROUNDS = 9;
/** Rounds that are not counted: both sides have compiled what they use often by then. */
const WARM_UP = { cached: 6, uncached: 1 };
const REPETITIONS = 30;
const CORPUS = path.join(__dirname, '..', 'test', 'unit', 'templates', 'corpus');
/** How many times as fast as Jinja2 the renderer has to be. */
const REQUIRED = { cached: 2, uncached: 5 };
type Mode = keyof typeof REQUIRED;

interface Plan {
  readonly contexts: readonly string[];
  readonly roots: { readonly [root: string]: readonly string[] };
}

const plan = JSON.parse(fs.readFileSync(path.join(CORPUS, 'renders.json'), 'utf8')) as Plan;
const contexts = plan.contexts.map((name) => parseJson(fs.readFileSync(path.join(CORPUS, 'contexts', `${name}.json`), 'utf8')) as Dict);
const roots = Object.entries(plan.roots).map(([root, names]) => ({ root: path.join(CORPUS, root), names }));

function newRenderer(root: string): TemplateRenderer {
  return new TemplateRenderer({ searchPaths: [root], escaping: 'none', missingKeys: 'none' });
}

function renderAll(rendererOf: (root: string) => TemplateRenderer): void {
  for (const { root, names } of roots) {
    for (const name of names) {
      for (const context of contexts) {
        try {
          rendererOf(root).render(name, context);
        } catch (error) {
          // Some templates do not fit every context, in both implementations.
          if (!(error instanceof TemplateError)) throw error;
        }
      }
    }
  }
}

const kept = new Map(roots.map(({ root }) => [root, newRenderer(root)]));

function seconds(mode: Mode): number {
  const started = process.hrtime.bigint();
  if (mode === 'cached') {
    for (let repetition = 0; repetition < REPETITIONS; repetition++) renderAll((root) => kept.get(root)!);
  } else renderAll(newRenderer);
  return Number(process.hrtime.bigint() - started) / 1e9;
}

function median(values: readonly number[]): number {
  return values.toSorted((left, right) => left - right)[Math.floor(values.length / 2)];
}

async function main(): Promise<void> {
  const python = [process.env.JINJA2_PYTHON, '/usr/bin/python3', 'python3', 'python'].find(
    (name) => name !== undefined && spawnSync(name, ['-c', 'import jinja2']).status === 0,
  );
  renderAll((root) => kept.get(root)!);
  if (python === undefined) {
    process.stdout.write(`no Python with Jinja2 to compare with; this renderer alone: ${(seconds('cached') / REPETITIONS).toFixed(4)} s\n`);
    return;
  }
  const jinja2 = spawn(python, [path.join(__dirname, 'render_jinja2.py'), CORPUS, String(REPETITIONS)], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const answers = readline.createInterface({ input: jinja2.stdout })[Symbol.asyncIterator]();
  const renders = roots.reduce((count, { names }) => count + names.length * contexts.length, 0);
  for (const mode of ['cached', 'uncached'] as const) {
    const theirs: number[] = [];
    const ours: number[] = [];
    for (let round = -WARM_UP[mode]; round < ROUNDS; round++) {
      jinja2.stdin.write(`${mode}\n`);
      const answer = await answers.next();
      if (answer.done) throw new Error('the Python process ended early');
      const time = seconds(mode);
      if (round < 0) continue;
      theirs.push(Number(answer.value));
      ours.push(time);
    }
    const scale = (mode === 'cached' ? REPETITIONS : 1) * renders;
    const ratio = median(theirs.map((time, round) => time / ours[round]));
    const [them, us] = [median(theirs), median(ours)].map((time) => `${((time / scale) * 1e6).toFixed(0)} µs`);
    const verdict = ratio >= REQUIRED[mode] ? 'enough' : 'TOO SLOW';
    process.stdout.write(
      `render, ${mode}: Jinja2 ${them}, cluster-nodes ${us} per template: ${ratio.toFixed(2)} times as fast (${verdict}, ${REQUIRED[mode]} is required)\n`,
    );
  }
  jinja2.stdin.end();
}

main().catch((error: unknown) => {
  process.stderr.write(`${String(error)}\n`);
  process.exitCode = 1;
});
