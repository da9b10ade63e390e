import { Token } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';
import { ConstructError } from '../../construct-error';
import { hasForm } from '../../values/value-rule';
import type { SigningKey, VerifiedFile } from '../verified-file';

/** @internal */
export function checkFile(
  place: IConstruct | string,
  property: string,
  { version, url, sha256 }: VerifiedFile,
  extensions: readonly string[],
  code = 'InvalidVerifiedFile',
): void {
  const address = new RegExp(`^https://[!-~]+\\.(${extensions.join('|')})$`);
  requireKnown(place, code, property, [
    [isKnown(version, /^[0-9]+([.-][0-9]+)*$/), `a version of digits and dots, got '${version}'`],
    [isKnown(url, address), `an https address that ends with .${extensions.join(' or .')}, got '${url}'`],
    [isSha256(sha256), `64 hexadecimal digits in sha256, got '${sha256}'`],
  ]);
}

/** @internal */
export function checkKey(place: IConstruct | string, property: string, key: SigningKey | undefined): void {
  if (key === undefined) return;
  const { fingerprint, publicKey } = key;
  const block = /^-----BEGIN PGP PUBLIC KEY BLOCK-----[^]*-----END PGP PUBLIC KEY BLOCK-----$/;
  requireKnown(place, 'InvalidSigningKey', `the signing key of ${property}`, [
    [isKnown(fingerprint, /^([0-9a-fA-F]\s*){40}$/), `a whole fingerprint of 40 hexadecimal digits, got '${fingerprint}'`],
    [isKnown(publicKey.trim(), block), 'the text of a public key, from -----BEGIN PGP PUBLIC KEY BLOCK----- to its end, got another text'],
  ]);
}

/**
 * What was given for a property, part by part.
 *
 * @param rules whether each holds, and what was expected and what came
 * @throws for the first that does not hold
 * @internal
 */
export function requireKnown(
  place: IConstruct | string,
  code: string,
  property: string,
  rules: readonly (readonly [holds: boolean, problem: string])[],
): void {
  const broken = rules.find(([holds]) => !holds);
  if (broken !== undefined) {
    throw new ConstructError(code, `expected in ${property}, known at synth, ${broken[1]}`, place);
  }
}

/** @internal */
export function isKnown(text: string, form: RegExp): boolean {
  return !Token.isUnresolved(text) && hasForm(text, form);
}

/** @internal */
export function isSha256(text: string): boolean {
  return isKnown(text, /^[0-9a-fA-F]{64}$/);
}
