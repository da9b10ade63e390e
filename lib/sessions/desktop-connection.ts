/** How to ask a desktop for the password of its owner. */
export interface DesktopConnectOptions {
  /**
   * Give the owner a new password first. For operators, where the owner has changed it and lost it: what the old password
   * protects (a GNOME keyring, DPAPI on Windows) is lost with it. It takes another permission than to connect.
   *
   * @default false
   */
  readonly reset?: boolean;
}

/** What its owner needs to log in to a desktop. */
export interface DesktopConnection {
  /** Identifier of the session. */
  readonly sessionId: string;

  /** Login name of the owner. */
  readonly owner: string;

  /** Password of the owner. */
  readonly password: string;

  /** Private IPv4 address of the desktop. */
  readonly privateIp: string;

  /**
   * Private DNS name of the desktop.
   *
   * @default - it has none
   */
  readonly privateDnsName?: string;

  /** Address for a browser. DCV's own clients take it too. */
  readonly url: string;

  /** SHA-256 of the certificate that the desktop shows, in pairs of hexadecimal digits with colons between them. */
  readonly certificateFingerprint: string;
}
