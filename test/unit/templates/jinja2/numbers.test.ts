import { errorOf, render } from '../template-folder';

// What is expected is what Jinja2 3.1.6 prints.
const plain = { escaping: 'none', missingKeys: 'none' } as const;
const print = (expression: string): string => render(`{{ ${expression} }}`, {}, plain).text;

test.each([
  ['10 ** -5', '1e-05'],
  ['5 * 10 ** -5', '5e-05'],
  ['1.1 ** 4', '1.4641000000000004'],
  ['1.05 ** 10', '1.628894626777442'],
  ['(-1.1) ** 3', '-1.3310000000000004'],
  ['(-1.1) ** -3', '-0.7513148009015775'],
  ['1.0001 ** 36500', '38.467645531135084'],
  ['(-0.0) ** 3', '-0.0'],
  ['0.0 ** 0', '1.0'],
  ['2.0 ** -1074', '5e-324'],
  ['10 ** -320', '1e-320'],
  ['2.0 ** -1075', '0.0'],
  ['0.9999 ** (2 ** 60)', '0.0'],
  ['10.0 ** 308', '1e+308'],
  ['7.0 ** 0.5', '2.6457513110645907'],
  ['(-0.0) ** 0.5', '0.0'],
  ['2.5 | round(-5, "ceil")', '99999.99999999999'],
])('the power %s is %s', (expression, text) => {
  expect(print(expression)).toBe(text);
});

test('a power of a huge exponent takes no time', () => {
  expect(print('1.0000000000000002 ** (2 ** 52)')).toBe('2.718281828459045');
});

test.each(['10.0 ** 309', '0.5 ** -1100', '1.5 ** (2 ** 60)'])('the power %s is too large', (expression) => {
  expect(errorOf(`{{ ${expression} }}`, {}, plain).message).toMatch(/too large for a float/);
});

test('integers beyond those of a float are rounded down and up exactly', () => {
  expect(print('12345678901234567 | round(1, "floor")')).toBe('1.2345678901234568e+16');
  expect(print('12345678901234567 | round(1, "ceil")')).toBe('1.2345678901234568e+16');
});

test.each([
  ['1e24', '1000.0 ZB'],
  ['10 ** 24', '1000.0 ZB'],
  ['1e27', '1000.0 YB'],
  ['2 ** 80, true', '1.0 YiB'],
])('filesizeformat of %s is %s', (size, text) => {
  const [value, binary = 'false'] = size.split(', ');
  expect(print(`(${value}) | filesizeformat(${binary})`)).toBe(text);
});

test.each(['range(2 ** 53, 2 ** 53 + 3)', 'range(2 ** 70, 2 ** 70 + 2)', 'range(0, 5, 2 ** 70)'])(
  '%s is refused: its numbers are larger than loops count',
  (expression) => {
    expect(errorOf(`{{ ${expression} | list }}`, {}, plain).message).toMatch(/range.*2\*\*53/);
  },
);

test.each([
  ['"\\ufeff5" | int(7)', '7'],
  ['"\\ufeff5" | float', '0.0'],
  ['"\\x855\\x85" | int', '5'],
  ['"\\u20035\\u3000" | float', '5.0'],
  ['"\\x1c5\\u2003" | float', '0.0'],
  ['"\\x1c5" | int', '0'],
  ['" \\t5\\n" | int', '5'],
])('%s is %s: what Python takes for space around a number', (expression, text) => {
  expect(print(expression)).toBe(text);
});

test('Python converts no more than 4,300 digits', () => {
  expect(print('("1" * 4300) | int | string | length')).toBe('4300');
  expect(print('("1" * 4301) | int(7)')).toBe('7');
  expect(print('"1e400" | int(7)')).toBe('7');
  for (const expression of ['"%d" % (2 ** 15000)', '"{:d}".format(2 ** 15000)', '(2 ** 15000) | tojson', '{2 ** 15000: 1} | tojson']) {
    expect(errorOf(`{{ ${expression} }}`, {}, plain).message).toMatch(/4,300 digits/);
  }
  expect(print('("%x" % (2 ** 15000)) | length')).toBe('3751');
});

test.each(["'' * 2 ** 70", '[] * -(2 ** 70)', '() * 2 ** 70'])('%s is refused, as in Python', (expression) => {
  expect(errorOf(`{{ ${expression} }}`, {}, plain).message).toMatch(/cannot fit 'int' into an index-sized integer/);
});
