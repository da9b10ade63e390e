import type * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';

/**
 * What the owner of a desktop may do in the session, besides to see it. Nobody else may more. Names are those of Amazon DCV.
 *
 * @see https://docs.aws.amazon.com/dcv/latest/adminguide/security-authorization-file-create-permission.html
 */
export interface DcvPermissions {
  /**
   * Copy from the desktop to the client's clipboard.
   *
   * @default true
   */
  readonly clipboardCopy?: boolean;

  /**
   * Paste from the client's clipboard into the desktop.
   *
   * @default true
   */
  readonly clipboardPaste?: boolean;

  /**
   * Download files from the session storage.
   *
   * @default true
   */
  readonly fileDownload?: boolean;

  /**
   * Upload files to the session storage.
   *
   * @default true
   */
  readonly fileUpload?: boolean;

  /**
   * Print to the client. The node then has CUPS (on Windows DCV's driver), and applications of the desktop list the client's
   * printers.
   *
   * @see https://docs.aws.amazon.com/dcv/latest/adminguide/manage-printer.html
   * @default false
   */
  readonly printer?: boolean;

  /**
   * Use USB devices of the client. The driver that DCV needs on the node is part of its package on Windows; on Linux the library
   * does not install it.
   *
   * @see https://docs.aws.amazon.com/dcv/latest/adminguide/manage-usb-remote.html
   * @default false
   */
  readonly usb?: boolean;

  /**
   * Hear the desktop.
   *
   * @default true
   */
  readonly audioOut?: boolean;

  /**
   * Use the client's microphone.
   *
   * @default true
   */
  readonly audioIn?: boolean;

  /**
   * Use the client's camera.
   *
   * @default true
   */
  readonly webcam?: boolean;

  /**
   * Type.
   *
   * @default true
   */
  readonly keyboard?: boolean;

  /**
   * Send Ctrl+Alt+Del. Needs `keyboard`.
   *
   * @default - as `keyboard`
   */
  readonly keyboardSas?: boolean;

  /**
   * Move the pointer and click.
   *
   * @default true
   */
  readonly mouse?: boolean;

  /**
   * Touch the screen.
   *
   * @default true
   */
  readonly touch?: boolean;

  /**
   * Use a stylus or a 3D mouse.
   *
   * @default true
   */
  readonly stylus?: boolean;

  /**
   * Use the client's gamepads.
   *
   * @default true
   */
  readonly gamepad?: boolean;

  /**
   * Save a picture of the desktop from within the client, and take one of the client's window by other programs.
   *
   * @default true
   */
  readonly screenshot?: boolean;

  /**
   * Use the client's smart card.
   *
   * @default true
   */
  readonly smartcard?: boolean;

  /**
   * Answer requests for security keys (WebAuthn) of a browser on the desktop with those of the client.
   *
   * @default true
   */
  readonly webauthnRedirection?: boolean;

  /**
   * Start extensions of the client.
   *
   * @default true
   */
  readonly extensionsClient?: boolean;

  /**
   * Start extensions of the server.
   *
   * @default true
   */
  readonly extensionsServer?: boolean;
}

/** What somebody else may do in the session of an owner. */
export enum DcvAccess {
  /** See the desktop and hear it. */
  VIEW = 'view',
  /** Also type, click and touch, and so do whatever the owner may do on the node. */
  CONTROL = 'control',
}

/** Somebody besides the owner who may connect to the session. */
export interface DcvCollaborator {
  /**
   * Login name, of the form of a `sessionOwner`. May be a token. DCV lets users in who can log in to the node: those of a user
   * directory, or accounts that a customization makes.
   */
  readonly user: string;

  /** What they may do. */
  readonly access: DcvAccess;

  /**
   * Whether they may stay while the owner is not connected.
   *
   * @default false
   */
  readonly unsupervised?: boolean;
}

/** A size of a screen in pixels. */
export interface DcvResolution {
  /** 640 to 4096. */
  readonly width: number;
  /** 480 to 2160. */
  readonly height: number;
}

/**
 * Options of the Amazon DCV server and its session. On Amazon Linux 2 they are an error.
 *
 * @see https://docs.aws.amazon.com/dcv/latest/adminguide/config-param-ref.html
 */
export interface DcvOptions {
  /**
   * What the owner may do in the session.
   *
   * @default - all but printing and USB devices
   */
  readonly permissions?: DcvPermissions;

  /**
   * Who else may connect to the session. The clipboard, files and devices are the owner's alone.
   *
   * @default - nobody
   */
  readonly collaborators?: DcvCollaborator[];

  /**
   * Whether clients may use QUIC (UDP) besides TCP. Without it `allowDcvFrom` opens no UDP port. A web client that reaches the
   * node through something that carries TCP alone, such as port forwarding by Session Manager, was seen to hang while it is on.
   *
   * @see https://docs.aws.amazon.com/dcv/latest/adminguide/enable-quic.html
   * @default true
   */
  readonly quic?: boolean;

  /**
   * Largest screen of a web client. Native clients have up to 4096x2160.
   *
   * @see https://docs.aws.amazon.com/dcv/latest/adminguide/managing-session-display.html
   * @default - 4096x2160
   */
  readonly webClientMaxResolution?: DcvResolution;

  /**
   * How many clients may be connected to the session at a time, the owner's among them: 1 to 100.
   *
   * @default - no limit
   */
  readonly maxConcurrentClients?: number;

  /**
   * Folder that clients upload files to and download them from, below the home of the owner, on Windows on drive C: names of
   * letters, digits, blanks, `_`, `.` and `-` with `/` between them. There is none where `permissions` has neither uploads nor
   * downloads.
   *
   * @see https://docs.aws.amazon.com/dcv/latest/adminguide/manage-storage.html
   * @default dcv_session_storage
   */
  readonly sessionStorage?: string;

  /**
   * Secret with the TLS certificate of the server: a JSON object of texts in PEM, `Certificate`, `PrivateKey` without a
   * passphrase and, if need be, `CertificateChain`, as `aws acm export-certificate` has them once the key is decrypted. The node
   * reads it with its role when it is set up, and fails when the key is another one's or the certificate has expired.
   *
   * @see https://docs.aws.amazon.com/dcv/latest/adminguide/manage-cert.html
   * @see https://docs.aws.amazon.com/acm/latest/userguide/export-private.html
   * @default - a certificate that the server signs itself
   */
  readonly certificateSecret?: secretsmanager.ISecret;
}
