import * as fc from 'fast-check';
import { Fn, Lazy } from 'aws-cdk-lib';
import { FIELD_NAMES, type FieldName, fieldProblem } from '../../../lib/sessions/field-rules';
import { anyText } from './matchers';

const GOOD: Record<FieldName, string[]> = {
  clusterId: ['demo', 'soca-demo', 'A', 'x'.repeat(32)],
  stackNamePrefix: ['team-a-', 'x'.repeat(80)],
  sessionId: ['k3v9w0q2m1xz', '0', '6f1c0b1e-3c1b-4b53-9d27-0a4f5b8f4f7e'],
  owner: ['alice', 'a.b_c-d', '7a'],
  osFamily: ['linux', 'windows'],
  onFailure: ['terminate', 'keep'],
  sessionName: ['CAD', 'my desktop', 'a'],
  project: ['wing.2026'],
  launchTemplateId: ['lt-01234567', 'lt-0123456789abcdef0'],
  launchTemplateVersion: ['1', '120'],
  subnetId: ['subnet-01234567', 'subnet-0123456789abcdef0'],
  instanceType: ['m7i.xlarge', 'u-6tb1.56xlarge', 'mac2-m2pro.metal', 'c7i.metal-24xl'],
  idempotencyKey: ['5d2a9a61-3c1e-4c8e-9f0b-2f4f6f1f7a10', '{"a":"0123456789abcdef"}', 'x'.repeat(22), 'x'.repeat(128)],
  region: ['eu-west-1', 'us-gov-west-1', 'cn-northwest-1', 'us-isob-east-1', 'eusc-de-east-1'],
};

test.each(FIELD_NAMES)('%s takes what is good', (field) => {
  for (const value of GOOD[field]) expect(fieldProblem(field, value)).toBeUndefined();
});

test.each(FIELD_NAMES)('%s refuses what is not text, and what is too long, and what has a line break', (field) => {
  for (const value of [undefined, null, 7, {}, ['a']])
    expect(fieldProblem(field, value)).toMatch(new RegExp(`^${field} must be .*, but got`));
  expect(fieldProblem(field, 'a'.repeat(500))).toMatch(/but got "a{80}\.\.\."$/);
  for (const value of GOOD[field]) {
    for (const broken of [`${value}\n`, `\n${value}`]) expect([broken, fieldProblem(field, broken)]).toEqual([broken, anyText]);
  }
  expect(fieldProblem(field, '')).toContain('but got ""');
});

test.each(FIELD_NAMES)('%s refuses a CDK token and says so', (field) => {
  for (const token of [Lazy.string({ produce: () => 'alice' }), Fn.ref('Owner'), Fn.getAtt('Owner', 'Name').toString()]) {
    expect(fieldProblem(field, token)).toMatch(/CDK token/);
  }
});

test('names that differ stay different: john.doe and johndoe are both taken as they are', () => {
  expect(fieldProblem('owner', 'john.doe')).toBeUndefined();
  expect(fieldProblem('owner', 'johndoe')).toBeUndefined();
  expect(fieldProblem('owner', 'john doe')).toContain('"john doe"');
});

test('nothing that a shell, a path or a terminal could mistake passes as a name', () => {
  const names: FieldName[] = ['owner', 'sessionName', 'project', 'clusterId', 'sessionId'];
  fc.assert(
    fc.property(fc.constantFrom(...names), fc.string({ unit: 'binary', maxLength: 40 }), (field, value) => {
      if (fieldProblem(field, value) === undefined) expect(value).toMatch(/^[a-zA-Z0-9][a-zA-Z0-9 _.-]*$/);
    }),
    { numRuns: 2000 },
  );
});

test('a message shows control characters by their numbers', () => {
  expect(fieldProblem('owner', 'a\u001b[2J\u007f\u009b\u2028b')).toMatch(/but got "a\\u001b\[2J\\u007f\\u009b\\u2028b"$/);
});

test('a message never carries control characters to a terminal', () => {
  fc.assert(
    fc.property(fc.constantFrom(...FIELD_NAMES), fc.string({ unit: 'binary', maxLength: 100 }), (field, value) => {
      expect(fieldProblem(field, value) ?? '').not.toMatch(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]/);
    }),
    { numRuns: 2000 },
  );
});
