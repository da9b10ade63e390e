import { EXIT } from './exit-status';

/** An error that the command's user can mend: its message is all that is shown. */
export class CommandError extends Error {
  public constructor(
    message: string,
    /** Exit status of the command. */
    public readonly exitCode: number = EXIT.FAILED,
  ) {
    super(message);
    this.name = 'CommandError';
  }
}
