import type * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import type { SigningKey, VerifiedFile } from './verified-file';

/** Options of a password that the node makes. */
export interface GeneratedPasswordOptions {
  /**
   * The SSM agent to install, through which `cluster-nodes session connect` asks for the password: an rpm or a deb, as the
   * system takes it.
   *
   * @default - the image's; where images have none (RHEL, Rocky Linux) the newest that AWS publishes in the Region, verified by
   * its signature
   */
  readonly ssmAgent?: VerifiedFile;

  /**
   * The key by which AWS signs the SSM agent.
   *
   * @see https://docs.aws.amazon.com/systems-manager/latest/userguide/verify-agent-signature.html
   * @default - the one that expires on 2027-11-25
   */
  readonly ssmAgentSigningKey?: SigningKey;
}

/** How the owner of a desktop gets in. */
export class LoginMethod {
  /**
   * The node makes a random password for the owner's account once and keeps it where root alone can read it.
   * `cluster-nodes session connect` asks for it.
   *
   * @param options what the node needs for it
   */
  public static generatedPassword(options: GeneratedPasswordOptions = {}): LoginMethod {
    return new LoginMethod('generated_password', undefined, options.ssmAgent, options.ssmAgentSigningKey);
  }

  /**
   * The text of a secret is the password of the owner's account. Only for a node with a `sessionOwner` and a role of its
   * own: a password that several owners share is none, and IAM does not know the owner of an instance.
   *
   * @param secret read by the node with its role
   */
  public static secret(secret: secretsmanager.ISecret): LoginMethod {
    return new LoginMethod('secret', secret);
  }

  /** The library sets no password: the image, a customization or a directory does. */
  public static unmanaged(): LoginMethod {
    return new LoginMethod('unmanaged');
  }

  private constructor(
    /** Name of the method, the value of `/dcv/LoginMethod` in templates. */
    public readonly name: string,
    /** @internal */
    public readonly _secret?: secretsmanager.ISecret,
    /** @internal */
    public readonly _ssmAgent?: VerifiedFile,
    /** @internal */
    public readonly _ssmAgentKey?: SigningKey,
  ) {}

  /**
   * Whether the node hands out a password of its own making.
   *
   * @internal
   */
  public get _isGenerated(): boolean {
    return this.name === 'generated_password';
  }
}
