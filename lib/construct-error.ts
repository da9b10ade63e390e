import type { IConstruct } from 'constructs';

/**
 * An error in how a construct is used. `name` is `ClusterNodesError`, `code` is stable; the message ends with the path
 * of the construct.
 *
 * @internal
 */
export class ConstructError extends Error {
  public constructor(
    /** One of `ErrorCode`. */
    public readonly code: string,
    /** What was expected, what came and what to do: lower case, no full stop. */
    problem: string,
    /** Where: the construct, or its path while it is being made; absent for data that belongs to no construct. */
    place?: IConstruct | string,
  ) {
    super(place === undefined ? problem : `${problem} (at ${typeof place === 'string' ? place : place.node.path})`);
    this.name = 'ClusterNodesError';
  }
}
