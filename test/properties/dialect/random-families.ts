import * as fc from 'fast-check';
import { RandomCase } from './random-templates';

// Templates that belong together: one extends a base, includes a part and imports a library of macros. What is random is
// which names are set where, and when they are read: before or after, in a loop, a block, a macro, another template.

const INCLUDED = '"@include0@"';
const LIBRARY = '"@include1@"';
const BASE = '"@include2@"';

const join = (parts: readonly string[]): string => parts.join('');
const name = fc.constantFrom('a', 'b', 'i', '_c');
const macro = fc.constantFrom('f', 'g');
const value = fc.constantFrom('1', '2', '"x"', '[3]', 'none', 'true', 'a', 'b ~ "y"');
const withContext = fc.constantFrom('', ' with context', ' with context', ' without context');

/** What a macro must not call, so that none calls itself: g calls no macro, f calls only g. */
const CALLS: Record<string, RegExp> = { f: /\{\{ (f|m\.\w|keep\.\w)\([^}]*\}\}/g, g: /\{\{ (f|g|m\.\w|keep\.\w)\([^}]*\}\}/g };

/** Outside of blocks only, so that none prints itself. */
const PRINTED_BLOCK = '{{ self.p() if self.p is defined }}';

/** A block of any name; the names are put in order afterwards, since a template has each only once. */
const BLOCK = 'block @';

const simple = fc.oneof(
  { weight: 6, arbitrary: name.map((target) => `[{{ ${target} }}]`) },
  { weight: 5, arbitrary: fc.tuple(name, value).map(([target, set]) => `{% set ${target} = ${set} %}`) },
  { weight: 3, arbitrary: macro.map((called) => `{{ ${called}() if ${called} is defined }}`) },
  fc.tuple(macro, value).map(([called, argument]) => `{{ ${called}(${argument}) if ${called} is defined }}`),
  fc.tuple(fc.constantFrom('f', 'g', 'a', 'b')).map(([member]) => `{{ m.${member} if m is defined and m.${member} is string }}`),
  macro.map((called) => `{{ m.${called}() if m is defined and m.${called} is defined }}`),
  macro.map((called) => `{% if keep is defined and ${called} is defined %}{% set keep.h = ${called} %}{% endif %}`),
  fc.constantFrom('{% if keep is defined %}{{ keep.h() if keep.h is defined }}{% endif %}'),
  fc.constantFrom(
    '{{ super() if super is defined }}',
    PRINTED_BLOCK,
    '{{ loop.index if loop is defined }}',
    '{{ caller() if caller is defined }}',
    '{{ varargs }}',
  ),
  fc.constantFrom('', ' with context').map((context) => `{% include ${INCLUDED}${context} %}`),
  withContext.map((context) => `{% import ${LIBRARY} as m${context} %}`),
  withContext.map((context) => `{% from ${LIBRARY} import f, a as b${context} %}`),
  withContext.map((context) => `{% from ${LIBRARY} import g${context} %}`),
);

const { statements } = fc.letrec<{ statement: string; statements: string }>((tie) => {
  const body = tie('statements');
  const around = (start: fc.Arbitrary<string>, end: string): fc.Arbitrary<string> => fc.tuple(start, body, fc.constant(end)).map(join);
  return {
    statement: fc.oneof(
      { withCrossShrink: true, depthSize: 'small' },
      { weight: 5, arbitrary: simple },
      around(
        name.map((target) => `{% for ${target} in [4, 5] %}`),
        '{% endfor %}',
      ),
      around(
        name.map(
          (target) => `{% for ${target} in [6, [7, 8]] recursive %}{{ loop(${target}) if ${target} is not number else loop.depth }}`,
        ),
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
      around(fc.constant('{% filter upper %}'), '{% endfilter %}'),
      around(
        value.map((test) => `{% if ${test} %}`),
        '{% endif %}',
      ),
      fc.tuple(fc.constant('{% if a %}'), body, fc.constant('{% else %}'), body, fc.constant('{% endif %}')).map(join),
      fc
        .tuple(macro, fc.constantFrom('', 'a', 'a, i=b', 'i=1'), body)
        .map(([defined, parameters, text]) => `{% macro ${defined}(${parameters}) %}${text.replaceAll(CALLS[defined], '')}{% endmacro %}`),
      around(
        macro.map((called) => `{% macro wrap() %}({{ caller() }}){% endmacro %}{% call wrap() %}{{ ${called} is defined }}`),
        '{% endcall %}',
      ),
      fc
        .tuple(fc.constantFrom('', ' scoped'), body)
        .map(([scoped, text]) => `{% ${BLOCK}${scoped} %}${text.replaceAll(PRINTED_BLOCK, '')}{% endblock %}`),
    ),
    statements: fc.array(tie('statement'), { minLength: 1, maxLength: 4 }).map(join),
  };
});

/** Gives the blocks names by their order, the same in each template, so that they override each other. */
function nameBlocks(source: string): string {
  let count = 0;
  return source.replaceAll(BLOCK, () => `block ${'pqrstuvwxyz'[count++] ?? `p${count}`}`);
}

function without(source: string, ...templates: readonly string[]): string {
  return templates.reduce(
    (text, template) => text.replaceAll(new RegExp(`\\{% (include|import|from) ${template}[^%]*%\\}`, 'g'), ''),
    source,
  );
}

/** Templates that extend, include and import each other; none includes itself. */
export const randomFamily: fc.Arbitrary<RandomCase> = fc
  .record({
    start: fc.constantFrom('', '', `{% extends ${BASE} %}`, `{% if a is defined %}{% extends ${BASE} %}{% endif %}`),
    entry: statements,
    included: statements,
    library: statements,
    base: statements,
  })
  .map(({ start, entry, included, library, base }) => ({
    entry: `{% set keep = namespace() %}${start}${nameBlocks(entry)}`,
    includes: [nameBlocks(without(included, INCLUDED)), nameBlocks(without(library, INCLUDED, LIBRARY)), nameBlocks(base)],
    context: '{}',
  }));
