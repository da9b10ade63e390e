import * as fc from 'fast-check';
import { RandomCase, isOfDialect } from './random-templates';

// Templates that belong together: one includes a part, which includes another. What is random is which names are set where,
// and when they are read: before or after, in a loop, a with, a macro, another template.

const INCLUDED = '"@include0@"';
const INNER = '"@include1@"';

const join = (parts: readonly string[]): string => parts.join('');
const name = fc.constantFrom('a', 'b', 'i', '_c');
const macro = fc.constantFrom('f', 'g');
const value = fc.constantFrom('1', '2', '"x"', '[3]', 'none', 'true', 'a', 'b ~ "y"');

/** What a macro must not call, so that none calls itself: g calls no macro, f calls only g. */
const CALLS: Record<string, RegExp> = { f: /\{\{ f\([^}]*\}\}/g, g: /\{\{ [fg]\([^}]*\}\}/g };

const simple = fc.oneof(
  { weight: 6, arbitrary: name.map((target) => `[{{ ${target} }}]`) },
  { weight: 5, arbitrary: fc.tuple(name, value).map(([target, set]) => `{% set ${target} = ${set} %}`) },
  { weight: 3, arbitrary: macro.map((called) => `{{ ${called}() if ${called} is defined }}`) },
  fc.tuple(macro, value).map(([called, argument]) => `{{ ${called}(${argument}) if ${called} is defined }}`),
  fc
    .tuple(fc.constantFrom(INCLUDED, INNER), fc.constantFrom('', ' with context'))
    .map(([included, context]) => `{% include ${included}${context} %}`),
);

const { statements } = fc.letrec<{ statement: string; statements: string }>((tie) => {
  const body = tie('statements');
  const around = (start: fc.Arbitrary<string>, end: string): fc.Arbitrary<string> => fc.tuple(start, body, fc.constant(end)).map(join);
  return {
    statement: fc.oneof(
      { withCrossShrink: true, depthSize: 'small' },
      { weight: 5, arbitrary: simple },
      around(
        name.map((target) => `{% for ${target} in [4, 5] %}{{ loop.index }}{{ loop.last }}`),
        '{% endfor %}',
      ),
      around(
        fc.tuple(name, value).map(([target, set]) => `{% with ${target} = ${set} %}`),
        '{% endwith %}',
      ),
      around(
        name.map((target) => `{% set ${target} %}`),
        '{% endset %}',
      ),
      around(
        value.map((test) => `{% if ${test} %}`),
        '{% endif %}',
      ),
      fc.tuple(fc.constant('{% if a %}'), body, fc.constant('{% else %}'), body, fc.constant('{% endif %}')).map(join),
    ),
    statements: fc.array(tie('statement'), { minLength: 1, maxLength: 4 }).map(join),
  };
});

/** Macros at the top, where alone they can be defined, and templates of which none includes itself. */
const macros = fc
  .array(
    fc
      .tuple(macro, fc.constantFrom('', 'a', 'a, i=b', 'a=i, i=2', 'i=1'), statements)
      .map(([defined, parameters, text]) => `{% macro ${defined}(${parameters}) %}${text.replaceAll(CALLS[defined], '')}{% endmacro %}`),
    { maxLength: 2 },
  )
  .map(join);
const template = fc.tuple(statements, macros, statements).map(join).filter(isOfDialect);

const without = (source: string, ...templates: readonly string[]): string =>
  templates.reduce((text, included) => text.replaceAll(new RegExp(`\\{% include ${included}[^%]*%\\}`, 'g'), ''), source);

/** Templates that include each other; none includes itself. */
export const randomFamily: fc.Arbitrary<RandomCase> = fc.tuple(template, template, template).map(([entry, included, inner]) => ({
  entry,
  includes: [without(included, INCLUDED), without(inner, INCLUDED, INNER)],
  context: '{}',
}));
