import * as fc from 'fast-check';
import * as path from 'path';
import { escapePowerShell, writePowerShellValue } from '../../../lib/templates/escaping/powershell';
import { PowerShellLexer } from '../../../lib/templates/escaping/powershell-lexer';
import { PowerShellPlace } from '../../../lib/templates/escaping/powershell-place';
import { Script } from '../../../lib/templates/escaping/script';
import { Segment } from '../../../lib/templates/escaping/segments';
import { TemplateError } from '../../../lib/templates/template-error';
import { VariableReference } from '../../../lib/templates/value-kinds';
import { describePowerShell, runPowerShell, writeScripts } from '../../powershell';
import { Part, PowerShellCase, powerShellCases } from '../../unit/templates/escaping/powershell-cases';
import { PowerShellEvaluator } from '../../unit/templates/escaping/powershell-evaluator';

const CASES = process.env.CI ? 20_000 : 3_000;
const ENGINE_CASES = process.env.CI ? 10_000 : 1_000;
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

/** What is wrong with the case, or undefined; 'refused' when its value cannot be kept there. */
function verdict(each: PowerShellCase, escape: Escape): string | undefined {
  let rendered: Rendered;
  try {
    rendered = render(each.parts, escape);
  } catch (error) {
    if (error instanceof TemplateError && RIGHT_REFUSALS.has(error.code)) {
      return 'refused';
    }
    return String(error);
  }
  try {
    const arrived = PowerShellEvaluator.run(rendered.script, rendered.variables);
    return JSON.stringify(arrived) === JSON.stringify(each.arrivals)
      ? undefined
      : `altered: arrived ${visible(arrived)}, expected ${visible(each.arrivals)} from\n${rendered.script}`;
  } catch (error) {
    return `${String(error)} in\n${rendered.script}`;
  }
}

function visible(value: unknown): string {
  return JSON.stringify(value).replace(/[^ -~]/g, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

describe('values in PowerShell, by the quoting rules', () => {
  test(`${CASES} random values at random places arrive exactly (ESCAPING_SEED=${SEED})`, () => {
    let refused = 0;
    fc.assert(
      fc.property(powerShellCases, (each) => {
        const wrong = verdict(each, escapePowerShell);
        refused += wrong === 'refused' ? 1 : 0;
        if (wrong !== undefined && wrong !== 'refused') {
          throw new Error(wrong.slice(0, 2_000));
        }
      }),
      { numRuns: CASES, seed: SEED },
    );
    expect(refused).toBeLessThan(CASES / 10);
  }, 120_000);
});

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

describe('a wrong escaper is caught', () => {
  test.each<[string, Escape]>([
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
  ])('%s', (_name, escape) => {
    const details = fc.check(
      fc.property(powerShellCases, (each) => {
        const wrong = verdict(each, escape);
        return wrong === undefined || wrong === 'refused';
      }),
      { numRuns: 10_000, seed: 42 },
    );
    expect(details.failed).toBe(true);
  });
});

describePowerShell('values in PowerShell itself', () => {
  const encode = (text: string): string => Buffer.from(text, 'utf16le').toString('base64');
  const decode = (text: string): string => Buffer.from(text, 'base64').toString('utf16le');
  const arrivals = (line: string): unknown =>
    line.startsWith('error')
      ? decode(line.slice('error '.length))
      : line
          .slice('arrived '.length)
          .split(';')
          .map((call) => call.split(',').map(decode));

  test(`${ENGINE_CASES} random values at random places arrive exactly (ESCAPING_SEED=${SEED})`, () => {
    const cases = fc.sample(powerShellCases, { numRuns: ENGINE_CASES, seed: SEED }).flatMap((each) => {
      try {
        const rendered = render(each.parts, escapePowerShell);
        return [{ ...each, ...rendered }];
      } catch (error) {
        expect(RIGHT_REFUSALS).toContain((error as TemplateError).code);
        return [];
      }
    });
    const lines = cases.map(({ script, variables }) =>
      [
        encode(script),
        ...Object.entries(variables).flatMap(([name, value]) => (/^(?:true|false)$/.test(name) ? [] : `${name}=${encode(value)}`)),
      ].join('\t'),
    );
    const folder = writeScripts({ cases: lines.join('\n') });
    const output = runPowerShell(`& '${path.join(__dirname, 'run-powershell-cases.ps1')}' (Join-Path $PWD cases)`, folder)
      .trimEnd()
      .split('\n');
    expect(output).toHaveLength(cases.length);
    expect(cases.length).toBeGreaterThan(0.9 * ENGINE_CASES);
    const wrong = output.flatMap((line, index) => {
      const { script, arrivals: expected } = cases[index];
      return visible(arrivals(line)) === visible(expected) ? [] : [{ script: visible(script), expected, arrived: arrivals(line) }];
    });
    expect(wrong).toEqual([]);
  }, 120_000);
});
