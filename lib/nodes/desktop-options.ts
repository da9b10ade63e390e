/** Desktop environment of a Linux desktop. */
export enum DesktopEnvironment {
  /** GNOME, in the form that the system gives it: with Ubuntu's dock and theme on Ubuntu. */
  GNOME = 'gnome',

  /**
   * MATE, which needs no GPU for smooth drawing. On Ubuntu 22.04 and 24.04, whose component universe has it. RHEL and Rocky
   * Linux have it in EPEL and Amazon Linux 2023 in SPAL, repositories that this library does not enable.
   *
   * @see https://packages.ubuntu.com/noble/mate-core
   */
  MATE = 'mate',
}

/** Who logs the owner of a console session in to the desktop behind DCV's own login. */
export enum ConsoleLogin {
  /**
   * The display manager, by itself, when it starts: DCV has asked the owner already. The desktop runs before anybody
   * connects. Whoever DCV lets in to the session (by its permissions) is in the owner's desktop, unless it is locked.
   *
   * On Windows the node keeps the password for it, which SYSTEM and administrators can read, and restarts once more. Not with
   * `LoginMethod.unmanaged()`.
   */
  AUTOMATIC = 'automatic',

  /**
   * The owner, a second time: the display manager shows its greeter, which lists the owner. On Windows DCV hands its login on, so
   * that the owner is asked once.
   */
  GREETER = 'greeter',
}

/** What a desktop looks like and asks for. */
export interface DesktopOptions {
  /**
   * Desktop environment. Linux only.
   *
   * @default DesktopEnvironment.GNOME
   */
  readonly desktopEnvironment?: DesktopEnvironment;

  /**
   * Who logs the owner of a console session in to the desktop, behind DCV's own login. For `DcvSessionType.CONSOLE` alone: a
   * virtual session has no such login.
   *
   * @default - ConsoleLogin.AUTOMATIC on Linux, ConsoleLogin.GREETER on Windows
   */
  readonly consoleLogin?: ConsoleLogin;

  /**
   * Whether the desktop locks when its last client disconnects, so that the owner's password is asked for once more. GNOME
   * locks only while its display manager runs: with true it runs for virtual sessions as well, which takes some 300 MB of
   * memory.
   *
   * @see https://docs.aws.amazon.com/dcv/latest/adminguide/config-param-ref.html os-auto-lock
   * @default - true for console sessions, false for virtual ones
   */
  readonly lockOnDisconnect?: boolean;

  /**
   * Whether the owner's keyring is open without a password, so that no program that stores a secret asks for one: DCV does
   * not hand the password of its login on to the desktop. What is in it is then protected by the rights of the owner's home
   * alone. Not where the greeter opens the keyring (`ConsoleLogin.GREETER`). A keyring that the home has already stays as it
   * is. Linux only.
   *
   * @default true
   */
  readonly openKeyring?: boolean;
}
