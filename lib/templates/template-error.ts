/** Where in a template something stands. */
export interface TemplateLocation {
  /** Name of the template, relative to the folder it was found in. */
  readonly template: string;
  /** Line, counted from 1; absent when the engine does not know it. */
  readonly line?: number;
}

/** What went wrong in a template, and what its author can do about it. */
export interface TemplateErrorDetails extends TemplateLocation {
  /** One of `ErrorCode`. */
  readonly code: string;
  /** What was expected and what came, in lower case, without a full stop. */
  readonly problem: string;
  /** The context key involved, such as `/dcv/SessionOwner`. */
  readonly key?: string;
  /** What to do about it. */
  readonly remedy: string;
  /** Path of the construct that the template is rendered for; absent where there is none. */
  readonly construct?: string;
}

/**
 * An error in a bootstrap template. The message reads `template:line: problem; remedy (at construct)`.
 *
 * @internal
 */
export class TemplateError extends Error {
  public readonly code: string;
  public readonly template: string;
  public readonly line?: number;
  public readonly key?: string;
  public readonly remedy: string;
  /** Not printed with the error, whose own properties have the same. */
  readonly #details: TemplateErrorDetails;

  public constructor(details: TemplateErrorDetails, options?: ErrorOptions) {
    const place = details.line === undefined ? details.template : `${details.template}:${details.line}`;
    const key = details.key === undefined ? '' : ` (key ${details.key})`;
    const construct = details.construct === undefined ? '' : ` (at ${details.construct})`;
    super(`${place}: ${details.problem}${key}; ${details.remedy}${construct}`, options);
    this.name = 'TemplateError';
    this.code = details.code;
    this.template = details.template;
    this.line = details.line;
    this.key = details.key;
    this.remedy = details.remedy;
    this.#details = details;
  }

  /** The same error, of which more is known about where. */
  public at(place: Partial<TemplateLocation> & { readonly construct?: string }): TemplateError {
    return new TemplateError({ ...this.#details, ...place }, { cause: this.cause });
  }
}
