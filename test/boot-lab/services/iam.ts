import { PolicyStatement } from './world';

export interface AuthorizationRequest {
  readonly action: string;
  readonly resource: string;
  /** Condition keys and their values. */
  readonly conditions: Readonly<Record<string, readonly string[]>>;
}

/** The part of IAM's evaluation that identity policies of a node need. What it does not know is an error, never a yes. */
export function isAllowed(statements: readonly PolicyStatement[], request: AuthorizationRequest): boolean {
  const applying = statements.filter(
    (statement) =>
      list(statement.Action).some((action) => matches(action.toLowerCase(), request.action.toLowerCase())) &&
      list(statement.Resource).some((resource) => matches(withVariables(resource, request), request.resource)) &&
      Object.entries(statement.Condition ?? {}).every(([operator, keys]) =>
        Object.entries(keys).every(([key, values]) =>
          holds(
            operator,
            lookUp(request, key),
            list(values).map((value) => withVariables(value, request)),
          ),
        ),
      ),
  );
  return applying.some((statement) => statement.Effect === 'Allow') && !applying.some((statement) => statement.Effect === 'Deny');
}

function holds(operator: string, actual: readonly string[], expected: readonly string[]): boolean {
  const [, quantifier, name, ifExists] = /^(?:(ForAllValues|ForAnyValue):)?(\w+?)(IfExists)?$/.exec(operator) ?? [];
  const one = comparison(name ?? operator);
  const negated = (name ?? '').includes('Not');
  const test = (value: string): boolean =>
    negated ? expected.every((wanted) => one(value, wanted)) : expected.some((wanted) => one(value, wanted));
  if (name === 'Null') return expected.includes(String(actual.length === 0));
  if (actual.length === 0) return ifExists !== undefined || quantifier === 'ForAllValues' || negated;
  return quantifier === 'ForAllValues' ? actual.every(test) : actual.some(test);
}

function comparison(operator: string): (value: string, wanted: string) => boolean {
  switch (operator) {
    case 'StringEquals':
    case 'ArnEquals':
    case 'Null':
      return (value, wanted) => (operator === 'ArnEquals' ? matches(wanted, value) : value === wanted);
    case 'StringNotEquals':
      return (value, wanted) => value !== wanted;
    case 'StringEqualsIgnoreCase':
    case 'Bool':
      return (value, wanted) => value.toLowerCase() === wanted.toLowerCase();
    case 'StringLike':
    case 'ArnLike':
      return (value, wanted) => matches(wanted, value);
    case 'StringNotLike':
    case 'ArnNotLike':
      return (value, wanted) => !matches(wanted, value);
    default:
      throw new Error(`the lab does not know the IAM condition operator ${operator}: add it to ${__filename}`);
  }
}

/** IAM has a second wildcard beside that of faults. */
function matches(pattern: string, text: string): boolean {
  const expression = pattern.replace(/[.*+?^${}()|[\]\\]/g, (character) => ({ '*': '[^]*', '?': '[^]' })[character] ?? `\\${character}`);
  return new RegExp(`^${expression}$`).test(text);
}

function lookUp(request: AuthorizationRequest, key: string): readonly string[] {
  const name = Object.keys(request.conditions).find((candidate) => candidate.toLowerCase() === key.toLowerCase());
  return name === undefined ? [] : request.conditions[name];
}

function withVariables(text: string, request: AuthorizationRequest): string {
  return text.replace(/\$\{([^}]+)\}/g, (_, key: string) => lookUp(request, key)[0] ?? '\0');
}

function list(value: string | readonly string[]): readonly string[] {
  return typeof value === 'string' ? [value] : value;
}
