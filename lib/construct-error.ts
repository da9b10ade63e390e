import type { IConstruct } from 'constructs';
import { TemplateError } from './templates/template-error';

/**
 * An error in how a construct is used. `name` is `ClusterNodesError`, `code` is stable; the message ends with the path
 * of the construct.
 *
 * @internal
 */
export class ConstructError extends Error {
  /** Not a property of its own: Node.js prints those of an error that ends an app, with a whole tree of constructs. */
  readonly #place?: IConstruct | string;

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
    this.#place = place;
  }

  public get place(): IConstruct | string | undefined {
    return this.#place;
  }
}

/**
 * What `make` gives; an error about a template or about data says at which construct it came up.
 *
 * @internal
 */
export function atConstruct<Made>(place: IConstruct, make: () => Made): Made {
  try {
    return make();
  } catch (error) {
    if (error instanceof TemplateError) {
      throw error.at({ construct: place.node.path });
    }
    throw error instanceof ConstructError && error.place === undefined ? new ConstructError(error.code, error.message, place) : error;
  }
}
