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
}

/**
 * An error in a bootstrap template. The message reads `template:line: problem; remedy`.
 *
 * @internal
 */
export class TemplateError extends Error {
  public readonly code: string;
  public readonly template: string;
  public readonly line?: number;
  public readonly key?: string;
  public readonly remedy: string;

  public constructor(details: TemplateErrorDetails, options?: ErrorOptions) {
    const place = details.line === undefined ? details.template : `${details.template}:${details.line}`;
    const key = details.key === undefined ? '' : ` (key ${details.key})`;
    super(`${place}: ${details.problem}${key}; ${details.remedy}`, options);
    this.name = 'TemplateError';
    this.code = details.code;
    this.template = details.template;
    this.line = details.line;
    this.key = details.key;
    this.remedy = details.remedy;
  }
}
