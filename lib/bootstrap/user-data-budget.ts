import { ResolvedSize } from './resolved-size';

/** Bytes that one part of the UserData takes. */
export interface UserDataPart {
  /** What it is: the name of a template, `deploy-time values`, or the first words of a command that was added. */
  readonly name: string;

  /** Bytes that are certain. */
  readonly bytes: number;

  /** Bytes if every token in it is as long as it can be. */
  readonly worstCaseBytes: number;
}

/**
 * How much of the 16,384 bytes of UserData a node uses, and for what.
 *
 * EC2 counts raw bytes, after CloudFormation has resolved the tokens and before base64.
 *
 * @see https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/user-data.html
 */
export class UserDataBudget {
  /** The limit of EC2, in bytes. */
  public static readonly MAX_BYTES = 16384;

  /** @internal */
  public static _of(total: ResolvedSize, parts: UserDataPart[]): UserDataBudget {
    return new UserDataBudget(total.bytes, total.worstCaseBytes, parts);
  }

  /** Bytes that are certain: the text without its tokens. */
  public readonly bytes: number;

  /** Bytes if every token is as long as it can be. */
  public readonly worstCaseBytes: number;

  /** The parts, largest first. */
  public readonly parts: UserDataPart[];

  private constructor(bytes: number, worstCaseBytes: number, parts: UserDataPart[]) {
    this.bytes = bytes;
    this.worstCaseBytes = worstCaseBytes;
    this.parts = [...parts].sort((a, b) => b.worstCaseBytes - a.worstCaseBytes);
  }

  /**
   * What is wrong with the size; absent when it certainly fits.
   *
   * @internal
   */
  public _finding(): { level: 'error' | 'warning'; message: string } | undefined {
    if (this.worstCaseBytes <= UserDataBudget.MAX_BYTES) {
      return undefined;
    }
    const level = this.bytes > UserDataBudget.MAX_BYTES ? 'error' : 'warning';
    const size = level === 'error' ? this.bytes : this.worstCaseBytes;
    const count = (bytes: number) => bytes.toLocaleString('en-US');
    const largest = this.parts
      .slice(0, 5)
      .map((part) => `${part.name} ${count(level === 'error' ? part.bytes : part.worstCaseBytes)}`)
      .join(', ');
    const what =
      level === 'error'
        ? `got ${count(size)}`
        : `got ${count(this.bytes)} and up to ${count(size)} when every token is as long as it can be`;
    return {
      level,
      message:
        `expected UserData of at most ${count(UserDataBudget.MAX_BYTES)} bytes, ${what}: ${count(size - UserDataBudget.MAX_BYTES)} bytes too many; ` +
        `largest parts: ${largest}; move commands into setup_user_customization, which is downloaded and has no such limit`,
    };
  }
}
