import type { SigningKey, VerifiedFile } from './verified-file';

/** A version of the AWS CLI that AWS has signed. */
export interface SignedAwsCliOptions {
  /** Version, such as `2.36.7`. */
  readonly version: string;

  /**
   * The key of the AWS CLI Team. Not on Windows, which goes by the certificates that it trusts.
   *
   * @default - the one that expires on 2027-07-01
   */
  readonly signingKey?: SigningKey;
}

/**
 * The AWS CLI, version 2, on a node: `aws` for the people and scripts of the node. The library itself does without.
 *
 * @see https://docs.aws.amazon.com/cli/latest/userguide/getting-started-install.html
 */
export class AwsCli {
  /**
   * The package `awscli-2` of Amazon Linux 2023, on other systems version 2.36.7 by its checksum, from awscli.amazonaws.com.
   */
  public static standard(): AwsCli {
    return new AwsCli();
  }

  /**
   * Another version from awscli.amazonaws.com, verified by the signature of AWS.
   *
   * @param options which version, and by which key
   */
  public static signed(options: SignedAwsCliOptions): AwsCli {
    return new AwsCli(undefined, options);
  }

  /**
   * A file of your own, such as a copy in a network without internet.
   *
   * @param file the zip archive, or for Windows the msi package, that AWS publishes
   */
  public static fromFile(file: VerifiedFile): AwsCli {
    return new AwsCli(file);
  }

  /** None. What the image has stays. */
  public static none(): AwsCli {
    return new AwsCli(undefined, undefined, true);
  }

  private constructor(
    /** @internal */
    public readonly _file?: VerifiedFile,
    /** @internal */
    public readonly _signed?: SignedAwsCliOptions,
    /** @internal */
    public readonly _isNone = false,
  ) {}
}
