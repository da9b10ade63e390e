import { Stack } from 'aws-cdk-lib';

/**
 * What intrinsics are written as.
 *
 * @internal
 */
export interface IntrinsicValues {
  /** Value of a Ref (`AWS::Region`), an attribute (`Resource.Arn`) or any other intrinsic (its JSON text). */
  value(reference: string): string;
  /** What stands for the base64 text of a value. */
  base64(text: string): string;
  /** Which text of a condition is taken. Without it a condition is like any other intrinsic. */
  either?(whenTrue: string, whenFalse: string): string;
}

/**
 * Intrinsics as people read them: `${AWS::Region}`, `base64(...)`.
 *
 * @internal
 */
export const READABLE: IntrinsicValues = {
  value: (reference) => `\${${reference}}`,
  base64: (text) => `base64(${text})`,
};

/**
 * A text with its tokens resolved, as CloudFormation would do it, with values of our choice.
 *
 * @internal
 */
export function resolvedText(stack: Stack, text: string, values: IntrinsicValues): string {
  return intrinsicText(stack.resolve(text), values);
}

/** A text as it stands in a template. @internal */
export function intrinsicText(value: unknown, values: IntrinsicValues): string {
  if (typeof value !== 'object' || value === null) {
    return String(value);
  }
  const [name, argument] = Object.entries(value)[0] as [string, unknown];
  switch (name) {
    case 'Fn::Join': {
      const [separator, items] = argument as [string, unknown];
      return Array.isArray(items) ? items.map((item) => intrinsicText(item, values)).join(separator) : values.value(JSON.stringify(value));
    }
    case 'Fn::If': {
      const [, whenTrue, whenFalse] = argument as unknown[];
      return values.either?.(intrinsicText(whenTrue, values), intrinsicText(whenFalse, values)) ?? values.value(JSON.stringify(value));
    }
    case 'Fn::Base64':
      return values.base64(intrinsicText(argument, values));
    case 'Fn::Sub': {
      const [text, own] = (Array.isArray(argument) ? argument : [argument, {}]) as [string, { [name: string]: unknown }];
      return text.replace(/\$\{(!?)([^}]*)\}/g, (_, literal: string, variable: string) => {
        if (literal !== '') {
          return `\${${variable}}`;
        }
        return Object.hasOwn(own, variable) ? intrinsicText(own[variable], values) : values.value(variable);
      });
    }
    case 'Ref':
      return values.value(String(argument));
    case 'Fn::GetAtt':
      return values.value(Array.isArray(argument) ? argument.join('.') : String(argument));
    default:
      return values.value(JSON.stringify(value));
  }
}
