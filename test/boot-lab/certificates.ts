import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import * as path from 'node:path';

/** ARN of the secret that a scenario keeps a certificate in. */
export const CERTIFICATE_SECRET = 'arn:aws:secretsmanager:eu-central-1:111122223333:secret:lab/certificate-GhIjKl';

/** A certificate and its key, in PEM. */
export interface CertificatePair {
  readonly Certificate: string;
  readonly PrivateKey: string;
}

const made = new Map<string, CertificatePair>();

/** A certificate that is signed with its own key; one of each name in a run of the lab. */
export function certificateOf(name: string): CertificatePair {
  const known = made.get(name);
  if (known !== undefined) return known;
  const folder = mkdtempSync(path.join(tmpdir(), 'certificate-'));
  const [key, certificate] = ['key.pem', 'certificate.pem'].map((file) => path.join(folder, file));
  const options = ['-newkey', 'rsa:2048', '-nodes', '-days', '90', '-subj', `/CN=${name}`, '-keyout', key, '-out', certificate];
  execFileSync('openssl', ['req', '-x509', ...options], { stdio: 'pipe' });
  const pair = { Certificate: readFileSync(certificate, 'utf8'), PrivateKey: readFileSync(key, 'utf8') };
  rmSync(folder, { recursive: true });
  made.set(name, pair);
  return pair;
}
