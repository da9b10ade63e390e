import { App, Aws, CfnParameter, Fn, Stack } from 'aws-cdk-lib';
import { resolvedSize } from '../../../lib/bootstrap/resolved-size';

const stack = new Stack(new App(), 'Stack');
const parameter = new CfnParameter(stack, 'Long');
const limited = new CfnParameter(stack, 'Limited', { maxLength: 10 });
const ssm = new CfnParameter(stack, 'Image', { type: 'AWS::SSM::Parameter::Value<AWS::EC2::Image::Id>', maxLength: 10 });

test.each([
  ['plain text', 'abc', 3, 3],
  ['bytes, not characters', 'ü☃', 5, 5],
  ['a region', `x${Aws.REGION}`, 1, 21],
  ['a parameter', parameter.valueAsString, 0, 4096],
  ['a parameter with a limit', limited.valueAsString, 0, 10],
  ['an SSM parameter, whose limit binds its name only', ssm.valueAsString, 0, 4096],
  ['base64 of text', Fn.base64('abcd'), 8, 8],
  ['base64 of a token', Fn.base64(Aws.ACCOUNT_ID), 0, 16],
  ['a join', Fn.join('--', ['a', Aws.ACCOUNT_ID, 'b']), 6, 18],
  ['an attribute', Fn.getAtt('Resource', 'Arn').toString(), 0, 256],
  ['a substitution', Fn.sub('${AWS::Region}${!Keep}${Resource.Arn}${Own}', { Own: 'four' }), 11, 287],
  ['an import', Fn.importValue('Export'), 0, 1024],
  ['a condition', Fn.conditionIf('Condition', 'long text', 'short').toString(), 5, 9],
])('%s', (_, text, bytes, worstCaseBytes) => {
  expect(resolvedSize(stack, text)).toEqual({ bytes, worstCaseBytes });
});
