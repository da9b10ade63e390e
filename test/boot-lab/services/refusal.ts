/** What an API answers in place of doing what it is asked to. */
export class Refusal extends Error {
  public constructor(
    public readonly status: number,
    public readonly code: string,
    message: string,
  ) {
    super(message);
  }
}
