/**
 * What a field of a session may look like. The same rule is checked before anything is sent to AWS and stands in the
 * template, so that a stack made by other means is held to it too. Patterns are in the part of the syntax that JavaScript
 * and CloudFormation (Java) share.
 *
 * @internal
 */
export interface FieldRule {
  /** Regular expression without anchors. */
  readonly pattern: string;
  /** Longest value, in characters. */
  readonly maxLength: number;
  /** The rule in words, after "must be". */
  readonly description: string;
}

/** @internal */
export const FIELD_RULES = {
  clusterId: {
    pattern: '[a-zA-Z][a-zA-Z0-9-]{0,31}',
    maxLength: 32,
    description: '1 to 32 letters, digits and hyphens, beginning with a letter',
  },
  stackNamePrefix: {
    pattern: '[a-zA-Z][a-zA-Z0-9-]{0,79}',
    maxLength: 80,
    description: '1 to 80 letters, digits and hyphens, beginning with a letter',
  },
  sessionId: {
    pattern: '[a-z0-9]{1,32}',
    maxLength: 32,
    description: '1 to 32 lower-case letters and digits',
  },
  owner: {
    pattern: '[a-zA-Z0-9][a-zA-Z0-9_.-]{0,31}',
    maxLength: 32,
    description: '1 to 32 letters, digits, "_", "." and "-", beginning with a letter or a digit',
  },
  sessionName: {
    pattern: '[a-zA-Z0-9]([a-zA-Z0-9 _.-]{0,30}[a-zA-Z0-9_.-])?',
    maxLength: 32,
    description: '1 to 32 letters, digits, spaces, "_", "." and "-", beginning with a letter or a digit and not ending with a space',
  },
  project: {
    pattern: '[a-zA-Z0-9][a-zA-Z0-9_.-]{0,63}',
    maxLength: 64,
    description: '1 to 64 letters, digits, "_", "." and "-", beginning with a letter or a digit',
  },
  launchTemplateId: {
    pattern: 'lt-([0-9a-f]{8}|[0-9a-f]{17})',
    maxLength: 20,
    description: '"lt-" and 8 or 17 hexadecimal digits',
  },
  launchTemplateVersion: {
    pattern: '[1-9][0-9]{0,9}',
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
  idempotencyKey: {
    pattern: '[!-~]{1,128}',
    maxLength: 128,
    description: '1 to 128 printable ASCII characters without spaces',
  },
  region: {
    pattern: '[a-z]{2,4}(-[a-z]+)+-[0-9]{1,2}',
    maxLength: 32,
    description: 'an AWS Region such as "eu-west-1"',
  },
} as const satisfies Record<string, FieldRule>;

/** @internal */
export type FieldName = keyof typeof FIELD_RULES;

// How the CDK writes a value that is not known yet into a string.
const CDK_TOKEN = /[$#]\{Token\[/;

/**
 * What is wrong with the value of a field, or undefined when nothing is. A value is taken or refused, never mended: two
 * names that differ must stay different.
 *
 * @internal
 */
export function fieldProblem(field: FieldName, value: unknown): string | undefined {
  const rule: FieldRule = FIELD_RULES[field];
  if (typeof value !== 'string') {
    return `${field} must be ${rule.description}, but got ${value === undefined ? 'nothing' : `a value of type ${value === null ? 'null' : typeof value}`}`;
  }
  if (CDK_TOKEN.test(value)) {
    return `${field} is a CDK token, which has no value outside of a deployment: pass the value itself, for instance from a stack output`;
  }
  if (value.length <= rule.maxLength && new RegExp(`^(?:${rule.pattern})$`).test(value)) return undefined;
  return `${field} must be ${rule.description}, but got ${printable(value)}`;
}

function printable(value: string): string {
  const text = JSON.stringify(value.length > 80 ? `${value.slice(0, 80)}...` : value);
  return text.replace(/[\u007f-\u009f\u2028\u2029]/g, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
