/**
 * A value that is not known while the app runs: a deploy-time value (a CDK token that CloudFormation resolves) or a
 * launch-time value (an instance tag); or one that is not to be written into a script though it may be known: a download
 * setting in an install. Templates name it like any other value; what is written into the script is a
 * reference to a shell or PowerShell variable of this name, which holds the exact value on the node.
 *
 * @internal
 */
export class VariableReference {
  public constructor(
    /** Context key, such as `/dcv/SessionOwner`. */
    public readonly key: string,
    /** When the value becomes known. */
    public readonly kind: 'deploy-time' | 'launch-time' | 'download',
    /** Name of the variable: capitals, digits and underscores, starting with `VALUE_`. */
    public readonly variable: string = variableName(key),
  ) {}

  /** What two scripts that read the variable have in common. */
  public toJSON(): object {
    return { variable: this.variable, kind: this.kind };
  }
}

/**
 * A secret. It cannot be printed: only its ARN travels, and the node fetches the value at the moment of use
 * (`get_secret` in bash, `Get-NodeSecret` in PowerShell). A template reaches the ARN as `.arn`.
 *
 * @internal
 */
export class SecretReference {
  public constructor(
    /** Context key, such as `/login/HostKeysSecret`. */
    public readonly key: string,
    /** The ARN: text known now, or a reference to the variable that holds it. */
    public readonly arn: string | VariableReference,
  ) {}
}

/**
 * A value that is one word at most.
 *
 * @internal
 */
export type SingleValue = string | number | boolean | VariableReference;

/**
 * A list that is printed: its elements where words may stand, elsewhere the text that Jinja2 prints for it.
 *
 * @internal
 */
export class ListValue {
  public constructor(
    /** Undefined when one of them is itself a list, a dictionary or none. */
    public readonly items: readonly SingleValue[] | undefined,
    /** The text, or why there is none. */
    public readonly text: string | { readonly code: string; readonly problem: string; readonly remedy: string; readonly key?: string },
  ) {}

  /** What to say where it cannot stand. */
  public static readonly MISPLACED = {
    code: 'ListInWord',
    problem: 'a list of text, numbers and booleans is its elements, each a word of its own; here one word has to stand, or a list is in it',
    remedy: 'set it off with blanks, outside of quotes, where a command or an array takes words; or print its elements one by one',
  };
}

/**
 * The variable that holds the value of a context key on the node: `/dcv/SessionOwner` is `VALUE_DCV_SESSION_OWNER`.
 * Capitals, because shellcheck takes those for variables that come from elsewhere.
 *
 * @internal
 */
export function variableName(key: string): string {
  const known = variableNames.get(key);
  if (known !== undefined) return known;
  const words = key
    .replace(/([a-z0-9])([A-Z])/g, '$1_$2')
    .replace(/([A-Z]+)([A-Z][a-z])/g, '$1_$2')
    .replace(/[^A-Za-z0-9]+/g, '_')
    .replace(/^_+|_+$/g, '');
  const name = `VALUE_${words.toUpperCase()}`;
  variableNames.set(key, name);
  return name;
}

// Hundreds of nodes have the same keys.
const variableNames = new Map<string, string>();
