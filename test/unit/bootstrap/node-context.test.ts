import { App, CfnParameter, Fn, Lazy, SecretValue, Stack, Token } from 'aws-cdk-lib';
import { nodeContext } from '../../../lib/bootstrap/node-context';
import { VariableReference } from '../../../lib/templates/value-kinds';

const stack = new Stack(new App(), 'Stack');
const parameter = new CfnParameter(stack, 'Parameter');
const contextOf = (input: { [key: string]: unknown }) => nodeContext(input, [], stack);

test('values known at synth stay what they are', () => {
  const input = { '/a': 'text', '/b': 5, '/c': 1.5, '/d': true, '/e': null, '/f': ['x', 1], '/g': { h: ['y'] } };
  expect(contextOf(input).values).toEqual(input);
  expect(contextOf(input).deployTimeValues.size).toBe(0);
});

test('strings that look like numbers or booleans stay strings', () => {
  expect(contextOf({ '/a': '1e5', '/b': 'yes', '/c': '0x10' }).values).toEqual({ '/a': '1e5', '/b': 'yes', '/c': '0x10' });
});

test.each([
  ['a string', () => parameter.valueAsString],
  ['a string with text around the token', () => `fs-${parameter.valueAsString}.efs`],
  ['a number', () => Token.asNumber(Fn.ref('Parameter'))],
  ['a resolvable', () => Lazy.any({ produce: () => 'late' })],
  ['an intrinsic', () => Fn.ref('Parameter')],
])('a token in %s becomes a deploy-time reference', (_, value) => {
  const context = contextOf({ '/configuration/FileSystem': value() });
  expect(context.values['/configuration/FileSystem']).toEqual(new VariableReference('/configuration/FileSystem', 'deploy-time'));
  expect([...context.deployTimeValues.keys()]).toEqual(['VALUE_CONFIGURATION_FILE_SYSTEM']);
  expect(Token.isUnresolved(context.deployTimeValues.get('VALUE_CONFIGURATION_FILE_SYSTEM'))).toBe(true);
});

test('tokens in lists and dictionaries become references named by their place', () => {
  const context = contextOf({ '/list': [{ name: 'home', target: parameter.valueAsString }], '/plain': ['x', parameter.valueAsString] });
  expect([...context.deployTimeValues.keys()]).toEqual(['VALUE_LIST_HOME_TARGET', 'VALUE_PLAIN_1']);
});

test('two contexts that differ in tokens alone have the same fingerprint', () => {
  const other = new CfnParameter(stack, 'Other');
  expect(contextOf({ '/a': parameter.valueAsString }).fingerprint).toBe(contextOf({ '/a': other.valueAsString }).fingerprint);
  expect(contextOf({ '/a': 'x' }).fingerprint).not.toBe(contextOf({ '/a': 'y' }).fingerprint);
  expect(contextOf({ '/a': parameter.valueAsString }).fingerprint).not.toMatch(/Token/);
});

test('a launch-time value is a reference and never a deploy-time value', () => {
  const context = nodeContext({}, [{ key: '/dcv/SessionOwner' }], stack);
  expect(context.values['/dcv/SessionOwner']).toEqual(new VariableReference('/dcv/SessionOwner', 'launch-time'));
  expect(context.deployTimeValues.size).toBe(0);
});

test.each([
  ['a list that is a token', { '/a': Fn.split(',', parameter.valueAsString) }, /\/a, got a list that is a token; join it.*\(at Stack\)/],
  ['a secret value', { '/a': SecretValue.secretsManager('name') }, /got a secret for \/a; pass the ARN/],
  ['a secret value as string', { '/a': SecretValue.secretsManager('name').unsafeUnwrap() }, /got a secret for \/a; pass the ARN/],
  ['a function', { '/a': () => 1 }, /got function/],
  ['an object of a class', { '/a': new Date(0) }, /got Date/],
  ['a key without a slash', { a: 1 }, /expected a context key such as \/configuration\/Name .*got 'a'/],
  ['a key with a blank', { '/a b': 1 }, /got '\/a b'/],
])('%s is refused', (_, input, message) => {
  expect(() => contextOf(input)).toThrow(message);
});

test('two keys with the same variable are refused', () => {
  expect(() => contextOf({ '/a/SomeName': parameter.valueAsString, '/a/some_name': parameter.valueAsString })).toThrow(
    /got \/a\/SomeName and \/a\/some_name, which are both VALUE_A_SOME_NAME/,
  );
});
