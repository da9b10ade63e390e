import * as fc from 'fast-check';
import { DialectCompiler } from '../../../lib/templates/dialect/compiler';
import { DialectParser } from '../../../lib/templates/dialect/parser';
import { SyntaxFault } from '../../../lib/templates/fault';

/** A random entry template, the templates it includes, and the JSON text of a context. */
export interface RandomCase {
  readonly entry: string;
  readonly includes: readonly string[];
  readonly context: string;
}

/** What stands for the name of an included template until the files are written. */
export const INCLUDE_PLACEHOLDER = /@include(\d)@/g;

/** False for a template that assigns behind a block that reads: it is refused when it is compiled, and would compare nothing. */
export function isOfDialect(source: string): boolean {
  try {
    new DialectCompiler('random', false).compile(new DialectParser(source, false).parseAsRoot());
    return true;
  } catch (error) {
    if (error instanceof SyntaxFault) return !error.problem.includes('which is assigned behind');
    throw error;
  }
}

const NAMES = ['a', 'b', 'c', 'item', 'name'];
const KEYS = [
  '/os',
  '/count',
  '/ratio',
  '/list',
  '/numbers',
  '/dict',
  '/nested',
  '/flag',
  '/none',
  '/quote',
  '/accents',
  '/empty',
  '/missing',
];

const name = fc.constantFrom(...NAMES);
const key = fc.constantFrom(...KEYS);
const word = fc.constantFrom(
  'rhel8',
  'ubuntu2204',
  'a',
  'b',
  '',
  'Hello World',
  "it's",
  'say "x"',
  'a,b,,c',
  ' pad ',
  'héß',
  '😀x',
  'x\ty',
  '10',
  '-3',
  '2.50',
  '<a&b>',
  'back\\slash',
  'one\ntwo',
  '%s-%s',
  '{}',
);

/** A string literal of the template language. */
const stringLiteral = word.map((text) => {
  const escaped = text.replace(/\\/g, '\\\\').replace(/\n/g, '\\n').replace(/\t/g, '\\t');
  return text.includes('"') ? `'${escaped}'` : `"${escaped}"`;
});

type Grammar = {
  any: string;
  text: string;
  number: string;
  truth: string;
  list: string;
  mapping: string;
  statements: string;
  statement: string;
  block: string;
};

const arithmetic = fc.constantFrom('+', '-', '*');
const comparison = fc.constantFrom('==', '!=', '<', '<=', '>', '>=');
const join = (separator: string) => (parts: readonly string[]) => parts.join(separator);
const lookup = (...keys: string[]): fc.Arbitrary<string> => fc.constantFrom(...keys).map((wanted) => `context.get("${wanted}")`);

/** Space around tags, with and without whitespace control. */
const tagStart = fc.constantFrom('{% ', '{% ', '{%- ', '{%+ ', '{%');
const tagEnd = fc.constantFrom(' %}', ' %}', ' -%}', ' +%}', '%}');
const tag = (content: fc.Arbitrary<string>): fc.Arbitrary<string> => fc.tuple(tagStart, content, tagEnd).map(join(''));
const output = (content: fc.Arbitrary<string>): fc.Arbitrary<string> =>
  fc.tuple(fc.constantFrom('{{ ', '{{- ', '{{'), content, fc.constantFrom(' }}', ' -}}', '}}')).map(([start, expression, end]) => {
    // A brace beside the delimiter would be read as a part of it.
    return start + (start.endsWith('{') ? ' ' : '') + expression + (end.startsWith('}') ? ' ' : '') + end;
  });

const literalText = fc
  .array(
    fc.constantFrom(
      'x',
      ' ',
      '\n',
      '  \n\n',
      'echo "$HOME"\n',
      '$(id)',
      '{',
      '}',
      '%',
      '#',
      "'",
      '\t',
      'é',
      'y z',
      '}}',
      '%}',
      "| awk '{ print }'\n",
      '\r\n',
      'a=1\n',
    ),
    {
      minLength: 1,
      maxLength: 4,
    },
  )
  // Two pieces must not open a tag or comment together.
  .map((parts) =>
    parts
      .join('')
      .replace(/\{(?=[{%#])/g, '{ ')
      .replace(/\{$/, ''),
  );

const grammar = fc.letrec<Grammar>((tie) => {
  const pair = (left: keyof Grammar, between: fc.Arbitrary<string>, right: keyof Grammar): fc.Arbitrary<string> =>
    fc.tuple(tie(left), between, tie(right)).map(([first, operator, second]) => `(${first} ${operator} ${second})`);
  const piped = (value: keyof Grammar, ...names: string[]): fc.Arbitrary<string> =>
    fc.tuple(tie(value), fc.constantFrom(...names)).map(([subject, filter]) => `(${subject} | ${filter})`);
  const method = (value: keyof Grammar, ...calls: string[]): fc.Arbitrary<string> =>
    fc.tuple(tie(value), fc.constantFrom(...calls)).map(([subject, call]) => `(${subject}).${call}`);
  return {
    text: fc.oneof(
      { maxDepth: 4, withCrossShrink: true },
      stringLiteral,
      lookup('/os', '/quote', '/accents', '/empty'),
      fc.tuple(tie('any'), tie('any')).map(([left, right]) => `(${left} ~ ${right})`),
      pair('text', fc.constant('+'), 'text'),
      piped('text', 'upper', 'lower', 'trim', 'replace("a", "b")', 'indent', 'string', 'default("d")', 'safe'),
      piped('any', 'string'),
      piped('list', 'join', 'join(", ")', 'join("-") | upper'),
      method('text', 'upper()', 'strip()', 'lower()', 'replace("l", "L")'),
      fc.tuple(tie('text'), fc.constantFrom('[:2]', '[1:]', '[-2:]', '[:-1]', '[:]', '[5:1]')).map(join('')),
      fc.tuple(tie('text'), tie('truth'), tie('text')).map(([yes, test, no]) => `(${yes} if ${test} else ${no})`),
    ),
    number: fc.oneof(
      { maxDepth: 4, withCrossShrink: true },
      fc.integer({ min: -20, max: 100 }).map((value) => (value < 0 ? `(${value})` : String(value))),
      lookup('/count'),
      pair('number', arithmetic, 'number'),
      tie('number').map((value) => `(-${value})`),
      piped('number', 'int', 'default(3)'),
      piped('text', 'int', 'int(7)', 'length'),
      piped('list', 'length', 'count'),
    ),
    truth: fc.oneof(
      { maxDepth: 4, withCrossShrink: true },
      fc.constantFrom('true', 'False', 'none', 'true', 'not a', '(a is defined)'),
      lookup('/flag', '/none'),
      pair('number', comparison, 'number'),
      pair('text', fc.constantFrom('==', '!='), 'text'),
      pair('any', fc.constantFrom('==', '!='), 'any'),
      fc
        .tuple(tie('text'), fc.constantFrom('in', 'not in'), fc.array(stringLiteral, { minLength: 1, maxLength: 3 }), fc.boolean())
        .map(([text, operator, items, tuple]) => `(${text} ${operator} ${tuple ? `(${items.join(', ')})` : `[${items.join(', ')}]`})`),
      pair('text', fc.constantFrom('in', 'not in'), 'text'),
      pair('any', fc.constantFrom('in', 'not in'), 'list'),
      pair('text', fc.constant('in'), 'mapping'),
      pair('any', fc.constantFrom('and', 'or'), 'any'),
      tie('any').map((value) => `(not ${value})`),
      fc
        .tuple(
          tie('any'),
          fc.constantFrom('is', 'is not'),
          fc.constantFrom('defined', 'none', 'true', 'false', 'string', 'number', 'mapping', 'boolean', 'undefined'),
        )
        .map((parts) => `(${parts.join(' ')})`),
      method('text', 'startswith("r")', 'endswith("8")'),
    ),
    list: fc.oneof(
      { maxDepth: 3, withCrossShrink: true },
      fc.array(tie('any'), { maxLength: 3 }).map((items) => `[${items.join(', ')}]`),
      fc.array(tie('any'), { maxLength: 3 }).map((items) => (items.length === 1 ? `(${items[0]},)` : `(${items.join(', ')})`)),
      lookup('/list', '/numbers', '/empty'),
      fc.constantFrom('range(3)', 'range(2, 4)', 'range(2, 0)', 'ns.template_already_included', '[1, 2] + [3]', '(context | list)'),
      piped('list', 'list'),
      method('text', 'split(",")', 'split()', 'split("l")'),
      method('mapping', 'keys()', 'values()', 'items()', 'items() | list'),
      piped('mapping', 'list'),
      piped('text', 'list'),
      fc.tuple(tie('list'), fc.constantFrom('[:1]', '[1:]')).map(([list, part]) => `((${list}) | list)${part}`),
    ),
    mapping: fc.oneof(
      { maxDepth: 3, withCrossShrink: true },
      fc
        .uniqueArray(fc.tuple(stringLiteral, tie('any')), { maxLength: 3, selector: ([text]) => text })
        .map((pairs) => `{${pairs.map(([text, value]) => `${text}: ${value}`).join(', ')}}`),
      lookup('/dict'),
      fc.constantFrom('{"a": 1, "b": "x"}', '{"2": "a", none: 0}', '{true: "b", false: 1}', '{}', 'context'),
    ),
    any: fc.oneof(
      { maxDepth: 4, withCrossShrink: true },
      name,
      fc.constantFrom('none', 'true', 'false', '1', '"x"', '[]', '{}', 'undefined_name', '0'),
      key.map((wanted) => `context.get("${wanted}")`),
      fc.tuple(key, tie('any')).map(([wanted, fallback]) => `context.get("${wanted}", ${fallback})`),
      key.map((wanted) => `context["${wanted}"]`),
      fc.constantFrom(
        'context.get("/dict").get("k")',
        'context.get("/dict", {}).get("zz", {}).get("y")',
        'context.get("/dict").k',
        'context.get("/dict")["n"]',
        'context.get("/nested")[0].name',
        'context.get("/list")[0]',
        'context.get("/list")[9]',
        'context.get("/list") | first',
        'context.get("/nested") | last',
      ),
      tie('text'),
      tie('number'),
      tie('truth'),
      tie('list'),
      tie('mapping'),
      piped('any', 'd("e", true)', 'default(1)'),
      fc.tuple(tie('any'), tie('truth'), tie('any')).map(([yes, test, no]) => `(${yes} if ${test} else ${no})`),
      fc.tuple(tie('any'), tie('truth')).map(([yes, test]) => `(${yes} if ${test})`),
      pair('any', fc.constantFrom('or', 'and'), 'any'),
    ),
    statements: fc.array(tie('statement'), { maxLength: 5 }).map(join('')),
    block: fc.array(tie('statement'), { minLength: 1, maxLength: 3 }).map(join('')),
    statement: fc.oneof(
      { maxDepth: 3, withCrossShrink: true },
      literalText,
      output(tie('any')),
      output(tie('text')),
      tag(fc.tuple(name, tie('any')).map(([target, value]) => `set ${target} = ${value}`)),
      fc.tuple(tag(tie('truth').map((test) => `if ${test}`)), tie('block'), tag(fc.constant('endif'))).map(join('')),
      fc
        .tuple(
          tag(tie('any').map((test) => `if ${test}`)),
          tie('block'),
          tag(tie('truth').map((test) => `elif ${test}`)),
          tie('block'),
          tag(fc.constant('else')),
          tie('block'),
          tag(fc.constant('endif')),
        )
        .map(join('')),
      fc
        .tuple(
          tag(fc.tuple(name, tie('list')).map(([target, list]) => `for ${target} in ${list}`)),
          tie('block'),
          tag(fc.constant('endfor')),
        )
        .map(join('')),
      fc
        .tuple(
          tag(fc.tuple(name, tie('list'), tie('truth')).map(([target, list, test]) => `for ${target} in ${list} if ${test}`)),
          tie('block'),
          output(fc.constantFrom('loop.index', 'loop.index0', 'loop.first', 'loop.last', 'loop.length')),
          tag(fc.constant('else')),
          tie('block'),
          tag(fc.constant('endfor')),
        )
        .map(join('')),
      fc
        .tuple(tag(tie('mapping').map((mapping) => `for name, item in (${mapping}).items()`)), tie('block'), tag(fc.constant('endfor')))
        .map(join('')),
      fc
        .tuple(
          tag(fc.constant('for name, item in context.items() if name.startswith("/n")')),
          output(fc.constantFrom('name', 'item', 'loop.index', 'loop.last')),
          tag(fc.constant('endfor')),
        )
        .map(join('')),
      tag(
        fc.constantFrom(
          'include "@include0@"',
          'include "@include1@"',
          'include ["none.j2", "@include0@"]',
          'include "none.j2" ignore missing',
          'include "@include0@" with context',
        ),
      ),
      fc
        .tuple(
          tag(fc.tuple(name, tie('any')).map(([target, value]) => `with ${target} = ${value}`)),
          tie('block'),
          tag(fc.constant('endwith')),
        )
        .map(join('')),
      fc.tuple(tag(name.map((target) => `set ${target}`)), tie('block'), tag(fc.constant('endset'))).map(join('')),
      fc
        .tuple(
          fc.constant('{% set space = namespace(total=0, seen=[]) %}'),
          tag(tie('list').map((list) => `for item in ${list}`)),
          tag(fc.constantFrom('set space.total = space.total + 1', 'set _ = space.seen.append(item)', 'do space.seen.append(loop.index)')),
          tag(fc.constant('endfor')),
          output(fc.constantFrom('space.total', 'space.seen', 'space.seen | length')),
        )
        .map(join('')),
      tag(tie('any').map((value) => `set _ = ns.template_already_included.append(${value})`)),
      fc.constantFrom('{% raw %}{{ x }}{% endraw %}', '{# a comment {{ x }} #}', '{#- strip -#}', '{%- raw -%} {% x %} {%- endraw -%}'),
    ),
  };
});

const jsonText = fc.oneof(word, fc.string({ maxLength: 5 }));
const jsonNumber = fc.oneof(fc.integer({ min: -5, max: 1000 }).map(String), fc.constantFrom('0', '-1', '7', '9007199254740991'));
const jsonScalar = fc.oneof(
  jsonText.map((text) => JSON.stringify(text)),
  jsonNumber,
  fc.constantFrom('true', 'false', 'null'),
);

const context = fc
  .record({
    '/os': jsonText.map((text) => JSON.stringify(text)),
    '/count': fc.integer({ min: -3, max: 12 }).map(String),
    '/ratio': jsonNumber,
    '/list': fc.array(jsonText, { maxLength: 4 }).map((items) => JSON.stringify(items)),
    '/numbers': fc.array(jsonNumber, { maxLength: 4 }).map((items) => `[${items.join(', ')}]`),
    '/dict': fc
      .tuple(jsonScalar, jsonScalar, jsonScalar)
      .map(([first, second, third]) => `{"k": ${first}, "n": ${second}, "2": ${third}, "1": [${first}, {"x": ${second}}]}`),
    '/nested': fc
      .array(fc.tuple(jsonText, fc.integer({ min: 0, max: 3 }), fc.boolean()), { minLength: 1, maxLength: 3 })
      .map((items) => `[${items.map(([text, size, on]) => `{"name": ${JSON.stringify(text)}, "size": ${size}, "on": ${on}}`).join(', ')}]`),
    '/flag': fc.constantFrom('true', 'false', '"false"', '0'),
    '/none': fc.constant('null'),
    '/quote': fc.constantFrom(`"it's"`, '"say \\"x\\""', '"a\\nb"'),
    '/accents': fc.constantFrom('"h\\u00e9\\u00df"', '"\\ud83d\\ude00 x"', '"\\u0130"', '"\\u200b\\u00a0"'),
    '/empty': fc.constant('""'),
  })
  .map(
    (values) =>
      `{${Object.entries(values)
        .map(([entry, value]) => `${JSON.stringify(entry)}: ${value}`)
        .join(', ')}}`,
  );

/** Random templates over the whole dialect, with a context each. */
export const randomCase: fc.Arbitrary<RandomCase> = fc
  .record({ entry: grammar.statements, includes: fc.tuple(grammar.block, grammar.block), context })
  .map((random) => ({
    ...random,
    // Included templates include nothing themselves, so that nothing includes itself without an end.
    includes: random.includes.map((source) => source.replace(/\{%[-+]? ?include [^%]*%\}/g, '')),
  }))
  .filter(({ entry, includes }) => [entry, ...includes].every(isOfDialect));
