import { errorOf, render } from '../template-folder';

// What is expected is what Jinja2 3.1.6 prints.
const plain = { escaping: 'none', missingKeys: 'none' } as const;
const print = (expression: string): string => render(`{{ ${expression} }}`, {}, plain).text;

test.each([
  ['"ΟΔΟΣ ΣΑΣ Σ aΣ".title()', 'Οδος Σας Σ Aς'],
  ['"ΟΔΟΣ ΣΑΣ Σ".swapcase()', 'οδος σας σ'],
  ['"οδος".swapcase()', 'ΟΔΟΣ'],
  ['"aΣ\u00adb".title()', 'Aσ\u00adB'],
  ['"İΣ".title()', 'İς'],
])('a final sigma is one by what stands around it: %s is %s', (expression, text) => {
  expect(print(expression)).toBe(text);
});

test.each([
  ['"ᾳ".title()', 'ᾼ'],
  ['"ᾳ".capitalize()', 'ᾼ'],
  ['"ᾼ".title()', 'ᾼ'],
  ['"ᾀ".title()', 'ᾈ'],
  ['"ᾲ".title()', '\u1fba\u0345'],
  ['"ᾷ".title()', '\u0391\u0342\u0345'],
  ['"ῒ".title()', '\u0399\u0308\u0300'],
  ['"ﬁ".title()', 'Fi'],
])('Greek letters with a iota have a title case of their own: %s is %s', (expression, text) => {
  expect(print(expression)).toBe(text);
});

test.each([
  ['("a" ~ " " * 300000 ~ "b") | trim | length', '300002'],
  ['("a" ~ " " * 300000 ~ "b").rstrip() | length', '300002'],
  ['("a" ~ " " * 300000 ~ "b").rsplit(none, 1) | length', '2'],
  ['("b" * 300000 ~ " a").rsplit(none, 1) | length', '2'],
])('%s takes no time', (expression, text) => {
  const start = Date.now();
  expect(print(expression)).toBe(text);
  expect(Date.now() - start).toBeLessThan(10_000);
});

test.each([
  ['" a  b c ".rsplit(none, 1)', "[' a  b', 'c']"],
  ['" a  b c ".rsplit(none, 9)', "['a', 'b', 'c']"],
  ['" a ".rsplit(none, 0)', "[' a']"],
  ['"  ".rsplit(none, 1)', '[]'],
  ['"a, b, c".rsplit(", ", 1)', "['a, b', 'c']"],
  ['"\\x85 a\\u2003".strip()', 'a'],
])('%s is %s', (expression, text) => {
  expect(print(expression)).toBe(text);
});

test.each([
  ['"a b".split(sep=" ", maxsplit=1)', "['a', 'b']"],
  ['"a b".rsplit(maxsplit=1)', "['a', 'b']"],
  ['"a\\tb".expandtabs(tabsize=3)', 'a  b'],
  ['"a\\nb".splitlines(keepends=true)', "['a\\n', 'b']"],
  ['"aa".replace("a", "b", count=1)', 'ba'],
  ['"a".center(3, **{})', ' a '],
])('%s is %s: the parameter has a name', (expression, text) => {
  expect(print(expression)).toBe(text);
});

test.each([
  'center(width=5)',
  'count(sub="a")',
  'endswith(suffix="a")',
  'find(sub="a")',
  'format_map(mapping={})',
  'index(sub="a")',
  'join(iterable=["a"])',
  'ljust(5, fillchar="x")',
  'partition(sep="a")',
  'removeprefix(prefix="a")',
  'removesuffix(suffix="a")',
  'startswith(prefix="a")',
  'strip(chars="a")',
  'zfill(width=4)',
])('%s is refused: its parameters have no names', (call) => {
  expect(errorOf(`{{ "a".${call} }}`, {}, plain).message).toMatch(/takes no keyword arguments/);
});
