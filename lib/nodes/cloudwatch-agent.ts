import type { SigningKey, VerifiedFile } from './verified-file';

/** The newest CloudWatch agent that AWS publishes. */
export interface SignedCloudWatchAgentOptions {
  /**
   * The key by which AWS signs it.
   *
   * @default - the one with the fingerprint 9376 16F3 450B 7D80 6CBD 9725 D581 6730 3B78 9C72, fetched beside the agent
   */
  readonly signingKey?: SigningKey;
}

/**
 * The CloudWatch agent of a Linux node with a log group: it sends logs of the DCV server and of cloud-init there.
 *
 * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Install-CloudWatch-Agent.html
 */
export class CloudWatchAgent {
  /**
   * The package of Amazon Linux 2023, on other systems the newest that AWS publishes in a bucket of the Region, verified by its
   * signature. An agent that the image has stays.
   *
   * @param options by which key
   */
  public static signed(options: SignedCloudWatchAgentOptions = {}): CloudWatchAgent {
    return new CloudWatchAgent(undefined, options.signingKey);
  }

  /**
   * A package of your own, such as a copy in a network without a way to S3.
   *
   * @param file the rpm or deb package that AWS publishes
   */
  public static fromFile(file: VerifiedFile): CloudWatchAgent {
    return new CloudWatchAgent(file);
  }

  /** None. The logs of the bootstrap alone go to the log group. */
  public static none(): CloudWatchAgent {
    return new CloudWatchAgent(undefined, undefined, true);
  }

  private constructor(
    /** @internal */
    public readonly _file?: VerifiedFile,
    /** @internal */
    public readonly _signingKey?: SigningKey,
    /** @internal */
    public readonly _isNone = false,
  ) {}
}
