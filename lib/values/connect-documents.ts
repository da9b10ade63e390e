/**
 * The ways to ask a desktop for the password that it has made: an SSM document each, and what is told to the node's script.
 *
 * @internal
 */
export type ConnectAction = 'connect' | 'reset';

/**
 * Name of the SSM document, which commands and stacks know without asking. The role of somebody who connects names it.
 *
 * @internal
 */
export function connectDocumentName(clusterId: string, action: ConnectAction): string {
  return `${clusterId}-desktop-${action === 'connect' ? 'connect' : 'reset-password'}`;
}

/**
 * A RSA key of 3,072 bits with exponent 65537: DER of its SubjectPublicKeyInfo in base64, 564 characters of which 44 to 555 are
 * the modulus. SSM pastes what fits into the script.
 *
 * @internal
 */
export const PUBLIC_KEY_PATTERN = '^MIIBojANBgkqhkiG9w0BAQEFAAOCAY8AMIIBigKCAYEA[A-Za-z0-9+/]{512}AgMBAAE=$';

/**
 * The steps of a document, one for each system: the node skips the other's. What a step has said is asked for by its name.
 *
 * @internal
 */
export const CONNECT_STEPS = { linux: 'connectLinux', windows: 'connectWindows' } as const;
