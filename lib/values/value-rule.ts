/**
 * What a value may look like: one rule for everybody who meets the value, from a property of a construct to the node. The
 * patterns are in the part of the syntax that JavaScript, CloudFormation (Java), .NET and bash share, and without anchors.
 *
 * @internal
 */
export interface ValueRule {
  /** Regular expression for the whole value. */
  readonly pattern: string;
  /** Longest value, in characters. */
  readonly maxLength: number;
  /** Regular expression for whole values that have the form and mean something else all the same, such as `root`. */
  readonly reserved?: string;
  /**
   * Whether that is said of upper and lower case alike; then it has no letters in brackets or after backslashes.
   *
   * @default false
   */
  readonly reservedInEitherCase?: boolean;
  /** The rule in words, after "must be" or "expected". */
  readonly description: string;
}

/** Whether the whole value is as the rule says. @internal */
export function follows(rule: ValueRule, value: string): boolean {
  return value.length <= rule.maxLength && new RegExp(allowedPattern(rule)).test(value);
}

/**
 * The rule, but for the length, as one pattern for JavaScript and for CloudFormation.
 *
 * @see https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/parameters-section-structure.html
 * @internal
 */
export function allowedPattern(rule: ValueRule, orEmpty = false): string {
  const reserved = reservedPattern(rule);
  return `^${reserved === undefined ? '' : `(?!(${reserved})$)`}(${rule.pattern})${orEmpty ? '?' : ''}$`;
}

/** What is reserved, as a pattern that minds the case: no way to say otherwise is known to all that read it. @internal */
export function reservedPattern({ reserved, reservedInEitherCase }: ValueRule): string | undefined {
  return reservedInEitherCase ? reserved?.replace(/[a-z]/g, (letter) => `[${letter}${letter.toUpperCase()}]`) : reserved;
}

/** A rule as the scripts of a node read it. @internal */
export function ruleContext({ pattern, maxLength, reserved, description }: ValueRule): { [name: string]: unknown } {
  return { pattern, max_length: maxLength, reserved: reserved ?? null, description };
}

/**
 * Whether a value stands for one that CDK is yet to look up: it does so when the app has run through, which an error about
 * the form would keep it from.
 *
 * @see https://docs.aws.amazon.com/cdk/v2/guide/context.html
 * @internal
 */
export function isLookedUpLater(value: string): boolean {
  return value.includes('dummy-value-for-');
}

/** Whether a value has a form, as far as it is known. @internal */
export function hasForm(value: string, form: RegExp): boolean {
  return form.test(value) || isLookedUpLater(value);
}
