import { Token } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';
import { ConstructError } from '../../construct-error';
import { hasForm } from '../../values/value-rule';
import type { NodeOs } from '../node-os';
import { NodeOsFamily, PackageManager } from '../node-os-props';
import type { SigningKey, VerifiedFile } from '../verified-file';

/** @internal */
export function checkFile(
  place: IConstruct | string,
  property: string,
  { version, url, sha256 }: VerifiedFile,
  extension: string,
  code = 'InvalidVerifiedFile',
): void {
  const address = new RegExp(`^https://[!-~]+\\.${extension}$`);
  requireKnown(place, code, property, [
    [isKnown(version, /^[0-9]+([.-][0-9]+(b[0-9]+)?)*$/), 'a version such as 2.36.7', version, 'write the one that the file has'],
    [isKnown(url, address), `an https address that ends with .${extension}`, url, 'name the file for the system of the node'],
    checksumRule(sha256),
  ]);
}

/** @internal */
export function checkKey(place: IConstruct | string, property: string, key: SigningKey | undefined): void {
  if (key === undefined) return;
  const { fingerprint, publicKey } = key;
  const block = /^-----BEGIN PGP PUBLIC KEY BLOCK-----[^]*-----END PGP PUBLIC KEY BLOCK-----$/;
  requireKnown(place, 'InvalidSigningKey', property, [
    [
      isKnown(fingerprint, /^([0-9a-fA-F]\s*){40}$/),
      'a whole fingerprint of 40 hexadecimal digits',
      fingerprint,
      'pass all that gpg --show-keys prints',
    ],
    [
      isKnown(publicKey.trim(), block),
      'the text of a public key, from -----BEGIN PGP PUBLIC KEY BLOCK----- to its end',
      publicKey,
      'pass what the file of the key has, or gpg --armor --export prints',
    ],
  ]);
}

/**
 * A part of a property, and what to do where it is not as expected.
 *
 * @internal
 */
export type Rule = readonly [holds: boolean, expected: string, got: string, remedy: string];

/**
 * What was given for a property, part by part.
 *
 * @throws for the first that does not hold
 * @internal
 */
export function requireKnown(place: IConstruct | string, code: string, property: string, rules: readonly Rule[]): void {
  const broken = rules.find(([holds]) => !holds);
  if (broken === undefined) return;
  const [, expected, got, remedy] = broken;
  const end = Token.isUnresolved(got) ? 'a token; pass what is known at synth' : `'${got}'; ${remedy}`;
  throw new ConstructError(code, `expected in ${property} ${expected}, got ${end}`, place);
}

/** @internal */
export function checksumRule(sha256: string): Rule {
  const remedy = 'pass what sha256sum prints of the file that you have verified';
  return [isKnown(sha256, /^[0-9a-fA-F]{64}$/), '64 hexadecimal digits in sha256', sha256, remedy];
}

/**
 * How files of packages of a system end.
 *
 * @internal
 */
export function packageExtension({ family, packageManager }: NodeOs): 'deb' | 'rpm' | 'msi' {
  if (family === NodeOsFamily.WINDOWS) return 'msi';
  return packageManager === PackageManager.APT ? 'deb' : 'rpm';
}

/** @internal */
export function isKnown(text: string, form: RegExp): boolean {
  return !Token.isUnresolved(text) && hasForm(text, form);
}
