import type { OperationError } from '../aws/operation-error';
import type { NodeOsFamily } from '../nodes/node-os-props';
import { LAUNCH_TIME_VALUES, type LaunchTimeValue } from '../values/launch-time-values';
import { follows, type ValueRule } from '../values/value-rule';
import { SessionError } from './session-error';

/** The fields that are no launch-time values. */
const OTHER_RULES = {
  stackNamePrefix: {
    pattern: '[a-zA-Z][a-zA-Z0-9-]*',
    maxLength: 80,
    description: '1 to 80 letters, digits and hyphens, beginning with a letter',
  },
  launchTemplateId: {
    pattern: 'lt-([0-9a-f]{8}|[0-9a-f]{17})',
    maxLength: 20,
    description: '"lt-" and 8 or 17 hexadecimal digits',
  },
  launchTemplateVersion: {
    pattern: '[1-9][0-9]*',
    maxLength: 10,
    description: 'a version number such as "3" (CloudFormation does not take "$Latest" or "$Default")',
  },
  subnetId: {
    pattern: 'subnet-([0-9a-f]{8}|[0-9a-f]{17})',
    maxLength: 24,
    description: '"subnet-" and 8 or 17 hexadecimal digits',
  },
  instanceType: {
    pattern: '[a-z][a-z0-9-]{0,31}[.][a-z0-9][a-z0-9-]{0,31}',
    maxLength: 65,
    description: 'an EC2 instance type such as "m7i.xlarge"',
  },
  osFamily: {
    pattern: 'linux|windows',
    maxLength: 7,
    description: '"linux" or "windows"',
  },
  onFailure: {
    pattern: 'terminate|keep',
    maxLength: 9,
    description: '"terminate" or "keep"',
  },
  idempotencyKey: {
    // The name of the stack follows from it, and with it who may be signalled.
    pattern: '[!-~]{22,}',
    maxLength: 128,
    description: '22 to 128 printable ASCII characters without spaces that nobody can guess, such as a random UUID',
  },
  region: {
    pattern: '[a-z]{2,4}(-[a-z]+)+-[0-9]{1,2}',
    maxLength: 32,
    description: 'an AWS Region such as "eu-west-1"',
  },
} as const satisfies Record<string, ValueRule>;

/** @internal */
export type FieldName = keyof typeof OTHER_RULES | LaunchTimeValue['field'];

/** All fields that have a rule. @internal */
export const FIELD_NAMES: readonly FieldName[] = [
  ...LAUNCH_TIME_VALUES.map(({ field }) => field),
  ...(Object.keys(OTHER_RULES) as (keyof typeof OTHER_RULES)[]),
];

/**
 * What a field of a session may look like. The same rule is checked before anything is sent to AWS and stands in the
 * template, so that a stack made by other means is held to it too.
 *
 * @internal
 */
export function fieldRule(field: FieldName, osFamily?: NodeOsFamily): ValueRule {
  const launchTimeValue = LAUNCH_TIME_VALUES.find((value) => value.field === field);
  return launchTimeValue?.rule(osFamily) ?? OTHER_RULES[field as keyof typeof OTHER_RULES];
}

const OS_FAMILIES = ['linux', 'windows'] as NodeOsFamily[];

// How the CDK writes a value that is not known yet into a string.
const CDK_TOKEN = /[$#]\{Token\[/;

/**
 * What is wrong with the value of a field, or undefined when nothing is. A value is taken or refused, never mended: two
 * names that differ must stay different.
 *
 * @internal
 */
export function fieldProblem(field: FieldName, value: unknown, osFamily?: NodeOsFamily): string | undefined {
  const rule = fieldRule(field, osFamily);
  if (typeof value !== 'string') {
    return `${field} must be ${rule.description}, but got ${value === undefined ? 'nothing' : `a value of type ${value === null ? 'null' : typeof value}`}`;
  }
  if (CDK_TOKEN.test(value)) {
    return `${field} is a CDK token, which has no value outside of a deployment: pass the value itself, for instance from a stack output`;
  }
  if (follows(rule, value)) return undefined;
  const families = osFamily === undefined ? OS_FAMILIES.filter((family) => follows(fieldRule(field, family), value)) : [];
  const remedy = families.map((family) => `; if the desktop runs ${family}, which takes it, pass osFamily (--os-family)`).join('');
  return `${field} must be ${rule.description}, but got ${printable(value)}${remedy}`;
}

/** @internal */
export function optionalProblem(field: FieldName, value: unknown): string | undefined {
  return value === undefined ? undefined : fieldProblem(field, value);
}

/** What is wrong with an owner that may be one on any operating system. @internal */
export function anyOwnerProblem(value: unknown): string | undefined {
  const taken = value === undefined || OS_FAMILIES.some((family) => fieldProblem('owner', value, family) === undefined);
  return taken ? undefined : fieldProblem('owner', value);
}

/** @internal */
export function refuse(what: string, problems: readonly (string | undefined)[], Refusal: typeof OperationError = SessionError): void {
  const found = problems.filter((problem) => problem !== undefined);
  if (found.length > 0) throw new Refusal('InvalidRequest', `${what}: ${found.join('; ')}`);
}

function printable(value: string): string {
  const text = JSON.stringify(value.length > 80 ? `${value.slice(0, 80)}...` : value);
  return text.replace(/[\u007f-\u009f\u2028\u2029]/g, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
