import type * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';

/** A package of the SSM agent, for systems whose images have none. */
export interface SsmAgentPackage {
  /** Version, such as `3.3.1611.0`. */
  readonly version: string;

  /** Address of the package, an rpm or a deb as the system takes it, for the architecture of the node. Known at synth. */
  readonly url: string;

  /** SHA-256 of the package, 64 hexadecimal digits. */
  readonly sha256: string;
}

/** Options of a password that the node makes. */
export interface GeneratedPasswordOptions {
  /**
   * The SSM agent to install, through which `cluster-nodes session connect` asks for the password.
   *
   * @default - the image's; required where images have none (RHEL, Rocky Linux)
   */
  readonly ssmAgent?: SsmAgentPackage;
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
    return new LoginMethod('generated_password', undefined, options.ssmAgent);
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
    public readonly _ssmAgent?: SsmAgentPackage,
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
