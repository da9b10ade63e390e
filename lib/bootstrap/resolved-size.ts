import { CfnElement, type CfnParameter, Stack } from 'aws-cdk-lib';

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

const sum = (sizes: readonly ResolvedSize[]): ResolvedSize =>
  sizes.reduce((a, b) => ({ bytes: a.bytes + b.bytes, worstCaseBytes: a.worstCaseBytes + b.worstCaseBytes }), {
    bytes: 0,
    worstCaseBytes: 0,
  });
const base64 = (bytes: number): number => Math.ceil(bytes / 3) * 4;
const unknown = (worstCaseBytes: number): ResolvedSize => ({ bytes: 0, worstCaseBytes });

/**
 * Size of a text with tokens.
 *
 * @internal
 */
export function resolvedSize(stack: Stack, text: string): ResolvedSize {
  return sizeOf(stack, stack.resolve(text));
}

function sizeOf(stack: Stack, value: unknown): ResolvedSize {
  if (typeof value === 'string') {
    const bytes = Buffer.byteLength(value);
    return { bytes, worstCaseBytes: bytes };
  }
  if (typeof value !== 'object' || value === null) {
    return sizeOf(stack, String(value));
  }
  const entries = Object.entries(value);
  if (Array.isArray(value) || entries.length !== 1) {
    return unknown(UNKNOWN_VALUE);
  }
  const [name, argument] = entries[0] as [string, unknown];
  switch (name) {
    case 'Fn::Join': {
      const [separator, items] = argument as [string, unknown];
      if (!Array.isArray(items)) {
        return unknown(UNKNOWN_VALUE);
      }
      const separators = Buffer.byteLength(separator) * Math.max(0, items.length - 1);
      return sum([...items.map((item) => sizeOf(stack, item)), { bytes: separators, worstCaseBytes: separators }]);
    }
    case 'Fn::Base64': {
      const inner = sizeOf(stack, argument);
      return { bytes: base64(inner.bytes), worstCaseBytes: base64(inner.worstCaseBytes) };
    }
    case 'Fn::Sub':
      return sizeOfSub(stack, argument);
    case 'Fn::If': {
      const [, whenTrue, whenFalse] = argument as unknown[];
      const [a, b] = [sizeOf(stack, whenTrue), sizeOf(stack, whenFalse)];
      return { bytes: Math.min(a.bytes, b.bytes), worstCaseBytes: Math.max(a.worstCaseBytes, b.worstCaseBytes) };
    }
    case 'Ref':
      return unknown(sizeOfRef(stack, String(argument)));
    case 'Fn::GetAtt':
      return unknown(RESOURCE_VALUE);
    default:
      return unknown(UNKNOWN_VALUE);
  }
}

function sizeOfSub(stack: Stack, argument: unknown): ResolvedSize {
  const [text, variables] = (Array.isArray(argument) ? argument : [argument, {}]) as [string, { [name: string]: unknown }];
  const sizes: ResolvedSize[] = [];
  let position = 0;
  for (const match of text.matchAll(/\$\{(!?)([^}]*)\}/g)) {
    sizes.push(sizeOf(stack, text.slice(position, match.index)));
    position = match.index + match[0].length;
    const name = match[2];
    if (match[1] === '!') {
      // ${!Name} is the literal text ${Name}.
      sizes.push(sizeOf(stack, `\${${name}}`));
    } else if (Object.hasOwn(variables, name)) {
      sizes.push(sizeOf(stack, variables[name]));
    } else {
      sizes.push(unknown(name.includes('.') ? RESOURCE_VALUE : sizeOfRef(stack, name)));
    }
  }
  sizes.push(sizeOf(stack, text.slice(position)));
  return sum(sizes);
}

function sizeOfRef(stack: Stack, logicalId: string): number {
  if (Object.hasOwn(PSEUDO_PARAMETERS, logicalId)) {
    return PSEUDO_PARAMETERS[logicalId];
  }
  const parameter = parameterOf(stack, logicalId);
  if (parameter === undefined) {
    return RESOURCE_VALUE;
  }
  // An SSM parameter's value is not limited by the template; MaxLength binds only the parameter's own value.
  return parameter.type.startsWith('AWS::SSM::') ? PARAMETER_VALUE : (parameter.maxLength ?? PARAMETER_VALUE);
}

function parameterOf(stack: Stack, logicalId: string): { type: string; maxLength?: number } | undefined {
  for (const construct of stack.node.findAll()) {
    // A parameter of another copy of aws-cdk-lib is no instance of our class.
    if (CfnElement.isCfnElement(construct) && 'noEcho' in construct && stack.resolve(construct.logicalId) === logicalId) {
      return construct as CfnParameter;
    }
  }
  return undefined;
}
