import * as fc from 'fast-check';
import { hostileOrLongText, hostileText } from './hostile-values';

/** A value in a generated script; a reference stands for a PowerShell variable that holds the value. */
export interface Slot {
  readonly value: string | number | boolean;
  readonly reference: boolean;
}

export type Part = string | Slot;

interface Fragment {
  readonly parts: readonly Part[];
  readonly text: string;
}

export interface PowerShellCase {
  readonly parts: readonly Part[];
  readonly arrivals: readonly (readonly string[])[];
}

const fragment = (parts: readonly Part[], text: string): Fragment => ({ parts, text });
const verbatim = (text: string): Fragment => fragment([text], text);
const joined = (list: readonly Fragment[]): Fragment =>
  fragment(
    list.flatMap((each) => each.parts),
    list.map((each) => each.text).join(''),
  );
const wrapped = (before: string, inner: Fragment, after: string, text = inner.text): Fragment =>
  fragment([before, ...inner.parts, after], text);
const listOf = (arbitrary: fc.Arbitrary<Fragment>, maxLength = 4): fc.Arbitrary<Fragment> =>
  fc.array(arbitrary, { minLength: 1, maxLength }).map(joined);

const slot = (text: fc.Arbitrary<string>, references: boolean): fc.Arbitrary<Fragment> =>
  fc.record({ value: text, reference: references ? fc.boolean() : fc.constant(false) }).map((each) => fragment([each], each.value));
const anyValue = slot(hostileOrLongText, true);
const literalValue = slot(hostileText, false);
const numberValue = fc.nat(9999).map((value) => fragment([{ value, reference: false }], String(value)));

const quotedText = fc.oneof(
  fc.constantFrom('a', ' ', '#', ';', '|', '&', '<#', '{', '}', '@', '%', '\n', '–', '.', ':', ')', '(', '$ ', '\\').map(verbatim),
  fc.constantFrom(
    fragment(['`"'], '"'),
    fragment(['""'], '"'),
    fragment(['“”'], '”'),
    fragment(['`$'], '$'),
    fragment(['`n'], '\n'),
    fragment(["'"], "'"),
    fragment(['’'], '’'),
  ),
);
const literalText = fc.oneof(
  fc.constantFrom('a', ' ', '#', ';', '"', '“', '`', '$(pwned)', '\n', '@', ')', '$').map(verbatim),
  fc.constantFrom(fragment(["''"], "'"), fragment(['‘’'], '’'), fragment(["'‛"], '‛')),
);
const variableThenValue = anyValue.map((value) => wrapped('${known}', value, '', `k n${value.text}`));

const expandable = listOf(
  fc.oneof(
    { weight: 3, arbitrary: anyValue },
    { weight: 2, arbitrary: quotedText },
    { weight: 1, arbitrary: numberValue },
    { weight: 1, arbitrary: variableThenValue },
  ),
).map((text) => wrapped('"', text, '"'));
const typographic = listOf(fc.oneof(anyValue, fc.constantFrom(fragment(['`"'], '"'), verbatim('a')))).map((text) =>
  wrapped('“', text, '„'),
);
const literal = listOf(fc.oneof(literalValue, literalText)).map((text) => wrapped("'", text, "'"));
const typographicLiteral = listOf(fc.oneof(literalValue, fc.constantFrom(fragment(["''"], "'"), verbatim('a')))).map((text) =>
  wrapped('‘', text, '’'),
);
const operand = fc.oneof(
  { weight: 4, arbitrary: anyValue },
  { weight: 1, arbitrary: numberValue },
  { weight: 2, arbitrary: expandable },
  typographic,
  literal,
  typographicLiteral,
);
const argument = fc.oneof({ weight: 4, arbitrary: operand }, { weight: 1, arbitrary: operand.map((each) => wrapped('(', each, ')')) });

/** Text with `$(..)`, which holds no value. */
const subExpression = fc.constantFrom(
  fragment(['$(Echo a "b")'], 'a b'),
  fragment(["$(Echo 'a' b)"], 'a b'),
  fragment(['$(Echo "a" "$known")'], 'a k n'),
);
const withSubExpression = listOf(fc.oneof(subExpression, anyValue, fc.constantFrom(' ', 'a').map(verbatim))).map((text) =>
  wrapped('"', text, '"'),
);
/** A bare word with `$(..)` in the middle, which is read as in a string. */
const wordWithSubExpression = fc
  .tuple(fc.constantFrom('a', 'C:\\', 'http://h/'), fc.constantFrom('', 'b', '\\b'))
  .map(([before, after]) => fragment([`${before}$(Echo a "b")${after}`], `${before}a b${after}`));

const hereStringLine = listOf(
  fc.oneof(
    { weight: 3, arbitrary: anyValue },
    { weight: 1, arbitrary: numberValue },
    { weight: 1, arbitrary: variableThenValue },
    {
      weight: 2,
      arbitrary: fc.oneof(
        fc.constantFrom('a', ' ', '"', '“x', "'", '#', ' "@').map(verbatim),
        fc.constantFrom(fragment(['`$'], '$'), fragment(['``'], '`')),
      ),
    },
  ),
);
const literalHereStringLine = listOf(fc.oneof(literalValue, fc.constantFrom('a', ' ', '"', "'x", '’', '`', '$x', " '@").map(verbatim)));
const lines = (line: fc.Arbitrary<Fragment>): fc.Arbitrary<Fragment> =>
  fc.array(line, { maxLength: 3 }).map((list) => joined(list.flatMap((each, index) => (index === 0 ? [each] : [verbatim('\n'), each]))));

const plain = (parts: readonly Part[], ...arrivals: readonly (readonly string[])[]): PowerShellCase => ({ parts, arrivals });
const slots = (each: Fragment): Part[] => each.parts.filter((part) => typeof part !== 'string');

const statements: fc.Arbitrary<PowerShellCase>[] = [
  fc.array(argument, { minLength: 1, maxLength: 3 }).map((list) =>
    plain(
      ['Arrive', ...list.flatMap((each) => [' ', ...each.parts]), '\n'],
      list.map((each) => each.text),
    ),
  ),
  argument.map((each) => plain(['Arrive ', ...each.parts, ' # ', ...slots(each), '\n'], [each.text])),
  argument.map((each) => plain(['#', ...slots(each), '\nArrive <# ', ...slots(each), ' #> ', ...each.parts, '\n'], [each.text])),
  anyValue.map((each) =>
    plain(['Arrive -Name:', ...each.parts, ' `\n  ', ...each.parts, '; Arrive done\n'], ['-Name:', each.text, each.text], ['done']),
  ),
  operand.map((each) => plain(['$x = ', ...each.parts, '\nArrive $x\n'], [each.text])),
  fc
    .tuple(
      // A number would be added.
      operand.filter((each) => each.parts.some((part) => typeof part === 'string' || typeof part.value === 'string')),
      operand,
    )
    .map(([a, b]) => plain(['$x = ', ...a.parts, ' + ', ...b.parts, '; Arrive $x\n'], [a.text + b.text])),
  anyValue.map((each) => plain(['$x=', ...each.parts, '\nArrive $x\n'], [each.text])),
  fc
    .tuple(wordWithSubExpression, anyValue)
    .map(([word, value]) => plain(['Arrive ', ...word.parts, ' ', ...value.parts, '\n'], [word.text, value.text])),
  fc
    .boolean()
    .map((value) =>
      plain(
        ['$x = ', { value, reference: false }, '; Arrive $x "', { value, reference: false }, '"\n'],
        [String(value), value ? 'True' : 'False'],
      ),
    ),
  lines(hereStringLine).map((body) => plain(['$x = @"\n', ...body.parts, '\n"@\nArrive $x\n'], [body.text])),
  lines(hereStringLine).map((body) => plain(['Arrive @“  \n', ...body.parts, '\n”@ a\n'], [body.text, 'a'])),
  anyValue.map((value) => plain(['$x = @"\na ', ...value.parts, ' b"\n"@; Arrive $x\n'], [`a ${value.text} b"`])),
  lines(literalHereStringLine).map((body) => plain(["$x = @'\n", ...body.parts, "\n'@\nArrive $x\n"], [body.text])),
  withSubExpression.map((each) => plain(['Arrive ', ...each.parts, '\n'], [each.text])),
  fc.tuple(subExpression, hereStringLine).map(([a, b]) => plain(['Arrive @"\n', ...a.parts, ...b.parts, '\n"@\n'], [a.text + b.text])),
];

const WRAPPERS: readonly (readonly [string, string])[] = [
  ['& {\n', '}\n'],
  ['# it\'s "fine\n', ''],
  ['<# it\'s "$( #>\n', ''],
  ["$y = 'it''s \"'\n", ''],
  ["$y = @'\nit's \"$(\n'@\n", ''],
];

export const powerShellCases: fc.Arbitrary<PowerShellCase> = fc
  .tuple(fc.oneof(...statements), fc.array(fc.constantFrom(...WRAPPERS), { maxLength: 2 }))
  .map(([statement, wrappers]) =>
    wrappers.reduce((inner, [before, after]) => ({ ...inner, parts: [before, ...inner.parts, after] }), statement),
  );
