import { createHash } from 'crypto';

/** SHA-256, hexadecimal. */
export function sha256Of(content: Buffer): string {
  return createHash('sha256').update(content).digest('hex');
}
