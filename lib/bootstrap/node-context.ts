import { Token, Tokenization } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';
import { ConstructError } from '../construct-error';
import { SecretReference, VariableReference } from '../templates/value-kinds';
import { DOWNLOAD_SETTINGS, installValues } from './download-settings';

/**
 * The context of a node as templates see it, and the deploy-time values that the node has to be told.
 *
 * @internal
 */
export interface NodeContext {
  /** Keys and values; tokens and launch-time values are variable references. */
  readonly values: { readonly [key: string]: unknown };
  /** The same for the installs: download settings are variables, and secrets have no ARN that is known. */
  readonly installValues: { readonly [key: string]: unknown };
  /** Variable name to token, for every deploy-time value. */
  readonly deployTimeValues: ReadonlyMap<string, string>;
  /** Variable name to value, for every download setting that is known at synth; empty when it is not set. */
  readonly downloadValues: ReadonlyMap<string, string>;
  /** Text that is equal for two nodes exactly when their bundles are: it holds no token. */
  readonly fingerprint: string;
}

/**
 * Sorts the values of a node by when they become known: each string or number with a token in it, at any depth, becomes
 * a reference to a variable.
 *
 * @param input keys and values as the constructs give them
 * @param launchTimeValues keys whose values are instance tags
 * @throws for values that no template can use: lists that are tokens, secret values, functions, other objects
 * @internal
 */
export function nodeContext(
  input: { readonly [key: string]: unknown },
  launchTimeValues: readonly { readonly key: string }[],
  scope: IConstruct,
): NodeContext {
  const deployTimeValues = new Map<string, string>();
  const keyOfVariable = new Map<string, string>();

  const claim = (key: string, kind: VariableReference['kind']): VariableReference => {
    const reference = new VariableReference(key, kind);
    const other = keyOfVariable.get(reference.variable);
    if (other !== undefined && other !== key) {
      throw new ConstructError(
        'VariableClash',
        `expected keys with different variable names, got ${other} and ${key}, which are both ${reference.variable}; rename one of them`,
        scope,
      );
    }
    keyOfVariable.set(reference.variable, key);
    return reference;
  };
  const deployTime = (key: string, token: string): VariableReference => {
    const reference = claim(key, 'deploy-time');
    deployTimeValues.set(reference.variable, token);
    return reference;
  };
  const convert = (key: string, value: unknown): unknown => {
    if (value === undefined || value === null) {
      return null;
    }
    if (value instanceof SecretReference) {
      return new SecretReference(value.key, value.arn instanceof VariableReference ? value.arn : asArn(value.key, value.arn));
    }
    if (value instanceof VariableReference) {
      return value;
    }
    if (isSecret(value) || (typeof value === 'string' && containsSecret(value))) {
      throw new ConstructError(
        'SecretInContext',
        `expected a value that may be read on the node by anyone who reads its UserData, got a secret for ${key}; pass the ARN of the secret and fetch it on the node with get_secret or Get-NodeSecret`,
        scope,
      );
    }
    if (typeof value === 'string') {
      return Token.isUnresolved(value) ? deployTime(key, value) : value;
    }
    if (typeof value === 'number') {
      return Token.isUnresolved(value) ? deployTime(key, Tokenization.stringifyNumber(value)) : value;
    }
    if (typeof value === 'boolean') {
      return value;
    }
    if (Array.isArray(value)) {
      if (Token.isUnresolved(value)) {
        throw new ConstructError(
          'TokenList',
          `expected a list whose length is known at synth for ${key}, got a list that is a token; join it into one string with Fn.join`,
          scope,
        );
      }
      return value.map((item, index) => convert(`${key}/${itemName(item, index)}`, item));
    }
    if (Tokenization.isResolvable(value)) {
      return deployTime(key, Token.asString(value));
    }
    if (typeof value === 'object' && [Object.prototype, null].includes(Object.getPrototypeOf(value) as object | null)) {
      return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, convert(`${key}/${name}`, item)]));
    }
    throw new ConstructError(
      'UnsupportedValue',
      `expected a string, number, boolean, list or dictionary for ${key}, got ${typeof value === 'object' ? value.constructor.name : typeof value}; pass its properties one by one`,
      scope,
    );
  };
  const asArn = (key: string, arn: string): string | VariableReference => (Token.isUnresolved(arn) ? deployTime(key, arn) : arn);

  const values: { [key: string]: unknown } = {};
  for (const [key, value] of Object.entries(input)) {
    if (!/^\/[A-Za-z0-9_./-]*[A-Za-z0-9_]$/.test(key)) {
      throw new ConstructError(
        'InvalidKey',
        `expected a context key such as /configuration/Name (letters, digits, '_', '-', '.', '/'), got '${key}'`,
        scope,
      );
    }
    values[key] = convert(key, value);
  }
  for (const { key } of launchTimeValues) {
    values[key] = claim(key, 'launch-time');
  }
  const downloadValues = new Map<string, string>();
  for (const key of DOWNLOAD_SETTINGS) {
    const { variable } = claim(key, 'download');
    if (!deployTimeValues.has(variable)) {
      const value = values[key];
      downloadValues.set(variable, typeof value === 'string' ? value : '');
    }
  }
  return { values, installValues: installValues(values), deployTimeValues, downloadValues, fingerprint: JSON.stringify(values) };
}

/** Items of a list with a name get a variable that does not change when the list's order does. */
function itemName(item: unknown, index: number): string {
  const name = typeof item === 'object' && item !== null ? (item as { name?: unknown }).name : undefined;
  return typeof name === 'string' && !Token.isUnresolved(name) ? name : String(index);
}

/** @internal */
export const SECRET_REFERENCE = /\{\{resolve:(secretsmanager|ssm-secure):/;

function containsSecret(text: string): boolean {
  return SECRET_REFERENCE.test(text) || (Token.isUnresolved(text) && Tokenization.reverseString(text).tokens.some(isSecret));
}

/** By what it has, for an app may have another copy of aws-cdk-lib, whose classes are not ours. */
function isSecret(token: unknown): boolean {
  const { unsafeUnwrap, value } = token as { readonly unsafeUnwrap?: unknown; readonly value?: unknown };
  return typeof unsafeUnwrap === 'function' || (typeof value === 'string' && SECRET_REFERENCE.test(value));
}
