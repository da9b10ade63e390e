import { JsonSyntaxError, parseJson } from '../../../lib/templates/json';
import { print } from '../../../lib/templates/dialect/printing';

const printed = (json: string): string => print(parseJson(json));

test.each([
  ['1', '1'],
  ['1.0', '1.0'],
  ['-0', '0'],
  ['12345678901234567890', '12345678901234567890'],
  ['[1, 1.0, true, null, "a"]', "[1, 1.0, True, None, 'a']"],
  ['{"b": 1, "a": {"1": 2, "0": 3}}', "{'b': 1, 'a': {'1': 2, '0': 3}}"],
  ['{"a": 1, "b": 2, "a": 3}', "{'a': 3, 'b': 2}"],
  ['{"__proto__": 1, "constructor": 2}', "{'__proto__': 1, 'constructor': 2}"],
  ['"\\u00e9\\ud83d\\ude00\\n"', 'é😀\n'],
  ['\ufeff [ ]', '[]'],
])('%s is %s', (json, expected) => {
  expect(printed(json)).toBe(expected);
});

test.each(['-0.0', '1e3', '2.50', '1e400', 'NaN', '-Infinity', '0.00001', '1.00000000000000001'])(
  '%s is no number of the dialect',
  (json) => {
    expect(() => printed(json)).toThrow(json);
  },
);

test.each([
  ['', 1, 'unexpected end'],
  ['{"a": 1,\n}', 2, 'a key in double quotes is expected'],
  ['[1,\n\n2', 3, "',' or ']' is expected"],
  ['{"a" 1}', 1, "':' is expected after a key"],
  ['"a\nb"', 2, 'an invalid escape or a control character in a string'],
  ['"abc', 1, 'a string is not closed'],
  ['[01]', 1, "',' or ']' is expected"],
  ['{} x', 1, 'unexpected text after the value'],
  ["{'a': 1}", 1, 'a key in double quotes is expected'],
  ['['.repeat(1000), 1, 'the values are nested too deeply'],
])('%j fails', (json, line, problem) => {
  try {
    parseJson(json);
    throw new Error('it did not fail');
  } catch (error) {
    expect(error).toBeInstanceOf(JsonSyntaxError);
    expect(error).toMatchObject({ line, message: `line ${line}: ${problem}` });
  }
});
