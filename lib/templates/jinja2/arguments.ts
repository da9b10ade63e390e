import { typeFault } from './fault';
import { NamedArguments } from './values';

/** A marker of a parameter that was not given. */
export const absent = Symbol('absent');

/**
 * Puts positional and named arguments into the order of the parameters, with Python's refusals. Parameters that were not
 * given are `absent`.
 *
 * @internal
 */
export function bind(
  callee: string,
  parameters: readonly string[],
  required: number,
  positional: readonly unknown[],
  named: NamedArguments | undefined,
): readonly unknown[] {
  if (positional.length === parameters.length && named === undefined) return positional;
  if (positional.length > parameters.length) {
    throw typeFault(`${callee}() takes at most ${parameters.length} argument(s), ${positional.length} given`);
  }
  const bound = positional.slice();
  while (bound.length < parameters.length) bound.push(absent);
  if (named === undefined && positional.length >= required) return bound;
  for (const [name, value] of named ?? []) {
    const index = parameters.indexOf(name);
    if (index === -1) throw typeFault(`${callee}() has no parameter '${name}'`);
    if (bound[index] !== absent) throw typeFault(`${callee}() got two values for '${name}'`);
    bound[index] = value;
  }
  const missing = bound.slice(0, required).indexOf(absent);
  if (missing !== -1) throw typeFault(`${callee}() is called without its argument '${parameters[missing]}'`);
  return bound;
}

/** The argument, or what stands for it when it was not given. */
export function given<Fallback>(argument: unknown, fallback: Fallback): unknown {
  return argument === absent ? fallback : argument;
}
