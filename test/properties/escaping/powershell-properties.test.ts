import * as fc from 'fast-check';
import * as path from 'path';
import { escapePowerShell, writePowerShellValue } from '../../../lib/templates/escaping/powershell';
import { PowerShellLexer } from '../../../lib/templates/escaping/powershell-lexer';
import { PowerShellPlace } from '../../../lib/templates/escaping/powershell-place';
import { Script } from '../../../lib/templates/escaping/script';
import { Segment } from '../../../lib/templates/escaping/segments';
import { TemplateError } from '../../../lib/templates/template-error';
import { VariableReference } from '../../../lib/templates/value-kinds';
import { describePowerShell, runPowerShell } from '../../powershell';
import { Part, PowerShellCase, powerShellCases } from '../../unit/templates/escaping/powershell-cases';
import { writeFiles } from '../../write-files';

const CASES = process.env.CI ? 20_000 : 2_000;
/** In CI the same cases each time, so that a change is judged by what it changes; elsewhere others. */
const SEED = Number(process.env.ESCAPING_SEED ?? (process.env.CI === 'true' ? 20240229 : Math.floor(Math.random() * 2 ** 31)));

/** Nothing can be written that keeps such a value in such a place. */
const RIGHT_REFUSALS = new Set(['ValueEndsHereString', 'CarriageReturnInHereString', 'UnrepresentableCharacter', 'ValueStopsParsing']);

type Escape = (segments: readonly Segment[]) => string;

interface Rendered {
  readonly script: string;
  readonly variables: { readonly [name: string]: string };
}

function render(parts: readonly Part[], escape: Escape): Rendered {
  const variables: { [name: string]: string } = { known: 'k n', true: 'true', false: 'false' };
  const segments = parts.map((part): Segment => {
    if (typeof part === 'string') {
      return { kind: 'text', text: part };
    }
    if (!part.reference) {
      return { kind: 'value', value: part.value, template: 'case.ps.j2' };
    }
    const reference = new VariableReference(`/ref/${Object.keys(variables).length}`, 'deploy-time');
    variables[reference.variable.toLowerCase()] = String(part.value);
    return { kind: 'value', value: reference, template: 'case.ps.j2' };
  });
  return { script: escape(segments), variables };
}

function visible(value: unknown): string {
  return JSON.stringify(value).replace(/[^ -~]/g, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

/** The right escaper with one mistake. */
function withMistake(mistake: (written: string, raw: string, place: PowerShellPlace) => string): Escape {
  return (segments) => {
    const script = new Script(segments);
    new PowerShellLexer(script, (value, place) => {
      const written = writePowerShellValue(script, value, place);
      return typeof value.value === 'string' ? mistake(written, value.value, place) : written;
    }).read();
    return script.finish();
  };
}

const MISTAKES: readonly (readonly [string, Escape])[] = [
  [
    'that forgets typographic single quotes',
    withMistake((written, _raw, { kind }) =>
      kind === 'bare' || kind === 'literal string' ? written.replace(/([‘’‚‛])\1/g, '$1') : written,
    ),
  ],
  [
    'that forgets typographic double quotes',
    withMistake((written, _raw, { kind }) => (kind === 'expandable string' ? written.replace(/`([“”„])/g, '$1') : written)),
  ],
  [
    'that forgets the backtick',
    withMistake((written, _raw, { kind }) => (kind === 'expandable string' ? written.replaceAll('``', '`') : written)),
  ],
  [
    'that forgets $',
    withMistake((written, _raw, { kind }) => (kind === 'expandable here-string' ? written.replaceAll('`$', '$') : written)),
  ],
  [
    'that treats a here-string as a string',
    withMistake((written, raw, { kind }) => (kind === 'literal here-string' ? raw.replaceAll("'", "''") : written)),
  ],
  [
    'that forgets braces in words with variables',
    withMistake((written, _raw, { kind }) => (kind === 'bare' ? written.replace(/^"([^`"]*)"$/, "'$1'") : written)),
  ],
  ['that lets a newline end a comment', withMistake((written, raw, { kind }) => (kind === 'line comment' ? raw : written))],
  ['that lets a value close a comment', withMistake((written, raw, { kind }) => (kind === 'block comment' ? raw : written))],
];

interface Outcome {
  /** Rendered and run. */
  readonly count: number;
  readonly wrong: readonly { readonly script: string; readonly expected: unknown; readonly arrived: unknown }[];
}

/** What PowerShell makes of the cases, for each of the escapers, in one process. */
function outcomesOf(escapers: readonly Escape[], cases: readonly PowerShellCase[]): Outcome[] {
  const encode = (text: string): string => Buffer.from(text, 'utf16le').toString('base64');
  const decode = (text: string): string => Buffer.from(text, 'base64').toString('utf16le');
  const arrivals = (line: string): unknown =>
    line.startsWith('error')
      ? decode(line.slice('error '.length))
      : line
          .slice('arrived '.length)
          .split(';')
          .map((call) => call.split(',').map(decode));
  const rendered = escapers.map((escape) =>
    cases.flatMap((each) => {
      try {
        return [{ ...each, ...render(each.parts, escape) }];
      } catch (error) {
        expect(RIGHT_REFUSALS).toContain((error as TemplateError).code);
        return [];
      }
    }),
  );
  const lines = rendered
    .flat()
    .map(({ script, variables }) =>
      [
        encode(script),
        ...Object.entries(variables).flatMap(([name, value]) => (/^(?:true|false)$/.test(name) ? [] : `${name}=${encode(value)}`)),
      ].join('\t'),
    );
  const folder = writeFiles({ cases: lines.join('\n') });
  const output = runPowerShell(`& '${path.join(__dirname, 'run-powershell-cases.ps1')}' (Join-Path $PWD cases)`, folder)
    .trimEnd()
    .split('\n');
  expect(output).toHaveLength(lines.length);
  return rendered.map((list) => ({
    count: list.length,
    wrong: list.flatMap(({ script, arrivals: expected }) => {
      const arrived = arrivals(output.shift() ?? '');
      return visible(arrived) === visible(expected) ? [] : [{ script: visible(script), expected, arrived }];
    }),
  }));
}

describePowerShell('values in PowerShell', () => {
  test(`${CASES} random values at random places arrive exactly (ESCAPING_SEED=${SEED})`, () => {
    const [{ count, wrong }] = outcomesOf([escapePowerShell], fc.sample(powerShellCases, { numRuns: CASES, seed: SEED }));
    expect(count).toBeGreaterThan(0.9 * CASES);
    expect(wrong).toEqual([]);
  }, 120_000);

  test('a wrong escaper is caught', () => {
    const outcomes = outcomesOf(
      MISTAKES.map(([, escape]) => escape),
      fc.sample(powerShellCases, { numRuns: 1_000, seed: 42 }),
    );
    expect(MISTAKES.filter((_, index) => outcomes[index].wrong.length === 0).map(([name]) => name)).toEqual([]);
  }, 120_000);
});
