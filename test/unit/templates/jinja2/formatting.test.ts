import { errorOf, render } from '../template-folder';

// What is expected is what Jinja2 3.1.6 prints.
const plain = { escaping: 'none', missingKeys: 'none' } as const;
const print = (expression: string): string => render(`{{ ${expression} }}`, {}, plain).text;

test.each([
  ['"%.2f" % 942033065782386.625', '942033065782386.62'],
  ['"%.2f" % 942033065782386.875', '942033065782386.88'],
  ['"{:.17}".format(1e-7)', '9.9999999999999995e-08'],
  ['"%.17g" % 1e-7', '9.9999999999999995e-08'],
  ['"%.20e" % 1e-7', '9.99999999999999954748e-08'],
  ['"%g" % 1e-320', '9.99989e-321'],
  ['"%e" % 1e-320', '9.999889e-321'],
  ['"%.0e" % 1e-320', '1e-320'],
  ['"%.20e" % 5e-324', '4.94065645841246544177e-324'],
])('%s is %s', (expression, text) => {
  expect(print(expression)).toBe(text);
});

test.each([
  ['"{:09,}".format(1)', '0,000,001'],
  ['"{:010,}".format(1)', '00,000,001'],
  ['"{:013,.2f}".format(-1.5)', '-0,000,001.50'],
  ['"{:020,e}".format(1234567.5)', '0,000,001.234568e+06'],
  ['"{:010_x}".format(11259375)', '0_00ab_cdef'],
  ['"{:#020_X}".format(11259375)', '0X000_0000_00AB_CDEF'],
  ['"{:#014_b}".format(255)', '0b00_1111_1111'],
  ['"{:,}".format(1234567)', '1,234,567'],
  ['"{:,}".format(123)', '123'],
  ['"{:010,}".format("inf" | float)', '0000000inf'],
])('groups of digits: %s is %s', (expression, text) => {
  expect(print(expression)).toBe(text);
});

test('filling a wide field with zeros takes no time', () => {
  const text = print('"{:0400000,}".format(1)');
  expect(text).toHaveLength(400_001);
  expect(text).toMatch(/^0,000,(000,)+001$/);
});

test.each([
  ['"{:z.1f}".format(-0.01)', '0.0'],
  ['"{:z.1f}".format(-0.06)', '-0.1'],
  ['"{:+z.1f}".format(-0.01)', '+0.0'],
  ['"{:ze}".format(-0.0)', '0.000000e+00'],
  ['"{:z}".format(-0.0)', '0.0'],
  ['"{:z.0%}".format(-0.001)', '0%'],
  ['"{:z.1f}".format(5)', '5.0'],
])('no negative zero: %s is %s', (expression, text) => {
  expect(print(expression)).toBe(text);
});

test('z is for floats', () => {
  expect(errorOf('{{ "{:z}".format(5) }}', {}, plain).message).toMatch(/'z'/);
  expect(errorOf('{{ "{:z}".format("a") }}', {}, plain).message).toMatch(/does not fit text/);
});

test.each([
  ['"%c" % true', '\x01'],
  ['"%(a(b))s" % {"a(b)": 1}', '1'],
  ['"abc" % missing', 'abc'],
  ['"abc" % range(3)', 'abc'],
  ['"%s" % range(3)', 'range(0, 3)'],
  ['"%d%%" % 5', '5%'],
])('%s is %j', (expression, text) => {
  expect(print(expression)).toBe(text);
});

test.each([
  ['"%5%" % ()', /not enough arguments/],
  ['"% %" % ()', /not enough arguments/],
  ['"%l%" % ()', /not enough arguments/],
  ['"%(a)%" % {"a": 1}', /unsupported format character '%'/],
  ['"%(a(b(c)))s" % {"a(b(c))": 1}', /nested parentheses/],
  ['"%f" % (10 ** 400)', /int too large to convert to float/],
  ['"{:f}".format(10 ** 400)', /int too large to convert to float/],
  ['"abc" % 1', /not all arguments converted/],
])('%s is refused', (expression, problem) => {
  expect(errorOf(`{{ ${expression} }}`, {}, plain).message).toMatch(problem);
});
