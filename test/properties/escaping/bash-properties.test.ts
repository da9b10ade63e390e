import { escapeBash, writeBashValue } from '../../../lib/templates/escaping/bash';
import { BashLexer } from '../../../lib/templates/escaping/bash-lexer';
import { BashPlace } from '../../../lib/templates/escaping/bash-place';
import { Script } from '../../../lib/templates/escaping/script';
import { VariableReference } from '../../../lib/templates/value-kinds';
import { BashLaboratory, Escape, SearchResult, searchForFailure } from '../../unit/templates/escaping/bash-laboratory';

const CASES = process.env.CI ? 10_000 : 1_500;
/** In CI the same cases each time, so that a change is judged by what it changes; elsewhere others. */
const SEED = Number(process.env.ESCAPING_SEED ?? (process.env.CI === 'true' ? 20240229 : Math.floor(Math.random() * 2 ** 31)));

function search(escape: Escape, count: number, seed: number): SearchResult {
  const laboratory = new BashLaboratory(escape);
  try {
    return searchForFailure(laboratory, count, seed);
  } finally {
    laboratory.close();
  }
}

describe('values in real bash', () => {
  test(`${CASES} random values at random places arrive exactly and nothing of them runs (ESCAPING_SEED=${SEED})`, () => {
    const { run, refused, failure } = search(escapeBash, CASES, SEED);
    expect(failure).toBeUndefined();
    expect(run).toBeGreaterThanOrEqual(CASES);
    // Refused are values that nothing can keep at their place, such as one that would end its here-document.
    expect(refused).toBeLessThan(run / 10);
    process.stdout.write(`ESCAPING_SEED=${SEED}: ${run} cases arrived, ${refused} refused\n`);
  }, 180_000);
});

/** The right escaper with one mistake. */
function withMistake(mistake: (written: string, raw: string, place: BashPlace) => string): Escape {
  return (segments) => {
    const script = new Script(segments);
    new BashLexer(script, (value, place) => {
      const written = writeBashValue(script, value, place);
      return typeof value.value === 'string' ? mistake(written, value.value, place) : written;
    }).read();
    return script.finish();
  };
}

describe('a wrong escaper is caught', () => {
  test.each<[string, Escape, RegExp]>([
    [
      'that forgets backticks in double quotes',
      withMistake((written, _raw, { kind }) => (kind === 'double quotes' ? written.replaceAll('\\`', '`') : written)),
      /executed|altered|stopped/,
    ],
    [
      'that forgets $ in double quotes',
      withMistake((written, _raw, { kind }) => (kind === 'double quotes' ? written.replaceAll('\\$', '$') : written)),
      /executed|altered/,
    ],
    [
      'that ignores here-documents',
      withMistake((written, raw, { kind }) => (kind === 'here-document' ? raw : written)),
      /executed|altered|stopped/,
    ],
    [
      'that treats a quoted here-document as an unquoted one',
      withMistake((written, raw, { kind }) => (kind === 'quoted here-document' ? raw.replace(/[\\$`]/g, '\\$&') : written)),
      /altered/,
    ],
    [
      'that does not splice single quotes',
      withMistake((written, raw, { kind }) => (kind === 'single quotes' ? raw : written)),
      /executed|altered|stopped/,
    ],
    [
      'that quotes a word only when it has blanks',
      withMistake((written, raw, { kind }) => (kind === 'word' && /^[^\s'"]+$/.test(raw) ? raw : written)),
      /executed|altered|stopped/,
    ],
    [
      'that lets a newline end a comment',
      withMistake((written, raw, { kind }) => (kind === 'comment' ? raw : written)),
      /executed|altered|stopped/,
    ],
    [
      'that forgets $ in the word of "${..}"',
      withMistake((written, _raw, { kind }) => (kind === 'quoted expansion word' ? written.replaceAll('\\$', '$') : written)),
      /executed|altered|stopped/,
    ],
    [
      'that knows no quotes at all',
      (segments) =>
        segments
          .map((each) =>
            each.kind === 'text'
              ? each.text
              : each.value instanceof VariableReference
                ? `\${${each.value.variable}}`
                : String(each.value as string),
          )
          .join(''),
      /executed|altered|stopped/,
    ],
    [
      'that puts single quotes everywhere',
      (segments) =>
        segments
          .map((each) =>
            each.kind === 'text'
              ? each.text
              : each.value instanceof VariableReference
                ? `"\${${each.value.variable}}"`
                : `'${String(each.value as string).replaceAll("'", `'"'"'`)}'`,
          )
          .join(''),
      /executed|altered|stopped/,
    ],
  ])(
    '%s',
    (_name, escape, sign) => {
      const { failure } = search(escape, 3_000, 42);
      expect(failure).toMatch(sign);
    },
    120_000,
  );
});
