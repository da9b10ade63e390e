import * as fs from 'fs';
import * as os from 'os';
import * as path from 'path';
import * as fc from 'fast-check';
import { parseJson } from '../../../lib/templates/json';
import { Dict } from '../../../lib/templates/dialect/values';
import { TemplateRenderer } from '../../../lib/templates/renderer';
import { TemplateError } from '../../../lib/templates/template-error';
import { PythonJinja2, findPythonWithJinja2 } from '../../unit/templates/dialect/python-jinja2';
import { randomFamily } from './random-families';
import { INCLUDE_PLACEHOLDER, RandomCase, randomCase } from './random-templates';

// Random templates are rendered with this renderer and with the real Jinja2. A difference that nobody is told about must
// not exist: both print the same, or both fail, or this renderer says that it does not support something.

const isCi = process.env.CI === 'true';
const RUNS = Number(process.env.DIFFERENTIAL_RUNS ?? (isCi ? 2500 : 200));
/** Each takes longer: three templates, with macros. */
const FAMILY_RUNS = Math.ceil(RUNS * 0.4);
const SEED = Number(process.env.DIFFERENTIAL_SEED ?? 20240229);

const found = findPythonWithJinja2();
const REASON = 'Python with Jinja2 is not installed (Debian: python3-jinja2)';
if (!found && !isCi) process.stderr.write(`differential tests are skipped: ${REASON}\n`);
const withPython = found ? test : test.skip;

type Render = (root: string, template: string, context: string) => string;

const renderHere: Render = (root, template, context) =>
  new TemplateRenderer({ searchPaths: [root], escaping: 'none', missingKeys: 'none' }).render(template, parseJson(context) as Dict).text;

type Verdict = 'same' | 'both fail' | 'not supported';

/** Compares one case; throws when there is a difference. */
class Comparison {
  public readonly counts: { [verdict in Verdict]: number } = { same: 0, 'both fail': 0, 'not supported': 0 };
  private readonly root = fs.mkdtempSync(path.join(os.tmpdir(), 'differential-'));
  private readonly jinja2 = new PythonJinja2(found!.python);
  private written = 0;

  public constructor(private readonly render: Render) {}

  public async check({ entry, includes, context }: RandomCase): Promise<void> {
    const name = `case${this.written++}`;
    const template = `${name}.sh.j2`;
    const write = (file: string, source: string): void =>
      fs.writeFileSync(
        path.join(this.root, file),
        source.replace(INCLUDE_PLACEHOLDER, (_, index: string) => `${name}-${index}.j2`),
      );
    write(template, entry);
    includes.forEach((source, index) => write(`${name}-${index}.j2`, source));
    const theirs = await this.jinja2.render({ root: this.root, template, context });
    this.counts[this.verdict(theirs, template, context)]++;
  }

  private verdict(theirs: { text?: string; error?: string }, template: string, context: string): Verdict {
    let ours: string;
    try {
      ours = this.render(this.root, template, context);
    } catch (error) {
      if (!(error instanceof TemplateError)) throw error;
      if (theirs.text === undefined) return 'both fail';
      if (error.code === 'NotSupported') return 'not supported';
      throw new Error(`Jinja2 prints ${JSON.stringify(theirs.text)}, here: ${error.message}`);
    }
    if (theirs.text === ours) return 'same';
    throw new Error(`Jinja2: ${JSON.stringify(theirs.text ?? theirs.error)}, here: ${JSON.stringify(ours)}`);
  }

  public stop(): void {
    this.jinja2.stop();
    fs.rmSync(this.root, { recursive: true });
  }
}

test('Python with Jinja2 is there where nothing may be skipped', () => {
  expect(isCi && !found ? REASON : 'there, or not required').toBe('there, or not required');
});

withPython.each<[number, string, fc.Arbitrary<RandomCase>]>([
  [RUNS, 'templates', randomCase],
  [FAMILY_RUNS, 'families of templates that include each other', randomFamily],
])(
  '%d random %s come out as in Jinja2',
  async (numRuns, _, cases) => {
    const comparison = new Comparison(renderHere);
    try {
      await fc.assert(
        fc.asyncProperty(cases, (random) => comparison.check(random)),
        { numRuns, seed: SEED },
      );
      // Templates that fail, or that are not supported, compare nothing.
      expect(comparison.counts.same).toBeGreaterThan(numRuns * 0.7);
      expect(comparison.counts['not supported']).toBeLessThan(numRuns * 0.15);
    } finally {
      comparison.stop();
    }
  },
  1_200_000,
);

withPython.each<[string, (text: string) => string]>([
  ['that spells True as true', (text) => text.replaceAll('True', 'true')],
  ['that loses a newline', (text) => text.replace('\n\n', '\n')],
  ['that spells None as nothing', (text) => text.replaceAll('None', '')],
])(
  'a renderer %s is caught, and the case is made small',
  async (_, alter) => {
    const comparison = new Comparison((root, template, context) => alter(renderHere(root, template, context)));
    try {
      const result = await fc.check(
        fc.asyncProperty(randomCase, (random) => comparison.check(random)),
        { numRuns: 500, seed: SEED },
      );
      expect(result.failed).toBe(true);
      expect(result.numShrinks).toBeGreaterThan(0);
      expect(result.counterexample![0].entry.length).toBeLessThan(400);
    } finally {
      comparison.stop();
    }
  },
  600_000,
);
