/** A file at an address of your own choice, verified by its checksum. */
export interface VerifiedFile {
  /** Version, such as `2.36.7`. What is there in another version is replaced. Known at synth. */
  readonly version: string;

  /** Address, https, of the file for the system and architecture of the node. Known at synth. */
  readonly url: string;

  /** SHA-256 of the file, 64 hexadecimal digits. Known at synth. */
  readonly sha256: string;
}

/**
 * The key by which a vendor signs its files, where it is not the one that the library brings: vendors replace keys before they
 * expire.
 */
export interface SigningKey {
  /** Whole fingerprint of the primary key, 40 hexadecimal digits. Blanks are passed over. Known at synth. */
  readonly fingerprint: string;

  /** Text of the public key, from `-----BEGIN PGP PUBLIC KEY BLOCK-----` on. Known at synth. */
  readonly publicKey: string;
}
