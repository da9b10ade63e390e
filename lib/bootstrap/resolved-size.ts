import { CfnElement, type CfnParameter, Stack } from 'aws-cdk-lib';
import { intrinsicText } from './resolved-text';

/**
 * Bytes of a text once CloudFormation has resolved it.
 *
 * @internal
 */
export interface ResolvedSize {
  /** Bytes that are certain: the literal text. */
  readonly bytes: number;
  /** Bytes if every intrinsic is as long as it can be. */
  readonly worstCaseBytes: number;
}

// Longest values of pseudo parameters: the longest names in use (regions and partitions of the isolated clouds included)
// with room for one more, and the limits of CloudFormation for stack names (128) and ids.
const PSEUDO_PARAMETERS: { readonly [name: string]: number } = {
  'AWS::Region': 20,
  'AWS::AccountId': 12,
  'AWS::Partition': 12,
  'AWS::URLSuffix': 20,
  'AWS::StackName': 128,
  'AWS::StackId': 256,
};
// Physical ids and attributes have no common limit; 256 covers ARNs and DNS names. A parameter holds up to 4,096 bytes
// and an exported value 1,024 (CloudFormation quotas).
const RESOURCE_VALUE = 256;
const PARAMETER_VALUE = 4096;
const UNKNOWN_VALUE = 1024;

/** What a template says of a parameter. @internal */
export interface ParameterRecord {
  readonly type: string;
  readonly maxLength?: number;
}

/**
 * Size of a text with tokens.
 *
 * @internal
 */
export function resolvedSize(stack: Stack, text: string): ResolvedSize {
  return intrinsicSize(stack.resolve(text), (logicalId) => parameterOf(stack, logicalId));
}

/**
 * Size of a text as it stands in a template.
 *
 * @internal
 */
export function intrinsicSize(value: unknown, parameter: (logicalId: string) => ParameterRecord | undefined): ResolvedSize {
  const size = (longest: (reference: string) => number, pick: (...sizes: number[]) => number): number =>
    Buffer.byteLength(
      intrinsicText(value, {
        value: (reference) => 'x'.repeat(longest(reference)),
        base64: (text) => Buffer.from(text).toString('base64'),
        either: (...texts) => 'x'.repeat(pick(...texts.map((branch) => Buffer.byteLength(branch)))),
      }),
    );
  return { bytes: size(() => 0, Math.min), worstCaseBytes: size((reference) => longestValue(reference, parameter), Math.max) };
}

function longestValue(reference: string, parameterOf: (logicalId: string) => ParameterRecord | undefined): number {
  if (Object.hasOwn(PSEUDO_PARAMETERS, reference)) {
    return PSEUDO_PARAMETERS[reference];
  }
  if (!/^[\w.:]+$/.test(reference)) {
    return UNKNOWN_VALUE;
  }
  const parameter = parameterOf(reference);
  if (parameter === undefined) {
    return RESOURCE_VALUE;
  }
  // An SSM parameter's value is not limited by the template; MaxLength binds only the parameter's own value.
  return parameter.type.startsWith('AWS::SSM::') ? PARAMETER_VALUE : (parameter.maxLength ?? PARAMETER_VALUE);
}

function parameterOf(stack: Stack, logicalId: string): ParameterRecord | undefined {
  for (const construct of stack.node.findAll()) {
    // A parameter of another copy of aws-cdk-lib is no instance of our class.
    if (CfnElement.isCfnElement(construct) && 'noEcho' in construct && stack.resolve(construct.logicalId) === logicalId) {
      return construct as CfnParameter;
    }
  }
  return undefined;
}
