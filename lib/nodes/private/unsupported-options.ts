import { Annotations } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';
import { ConstructError } from '../../construct-error';
import type { NodeOs } from '../node-os';
import { NodeOsFamily } from '../node-os-props';

/** Properties by their names, as a message has them; those without a value are not there. */
type Given = { readonly [property: string]: unknown };

/**
 * Whether a system is Amazon Linux 2, under whatever name. Its support has ended on 2026-06-30: it keeps what it has.
 *
 * @see https://aws.amazon.com/amazon-linux-2/faqs/
 * @internal
 */
export function isAmazonLinux2({ distribution, version }: NodeOs): boolean {
  return distribution === 'amazonlinux' && version === '2';
}

/** @internal */
export function warnOfAmazonLinux2(node: IConstruct, os: NodeOs): void {
  if (isAmazonLinux2(os)) {
    Annotations.of(node).addWarningV2(
      'cdk-cluster-nodes:amazonLinux2',
      `${os.name} has been out of support since 2026-06-30: AWS publishes no security updates for it, and this library no new feature; move to NodeOs.AMAZON_LINUX_2023`,
    );
  }
}

/**
 * Refuses properties that Amazon Linux 2 does not get any more.
 *
 * @internal
 */
export function refuseOnAmazonLinux2(place: IConstruct | string, os: NodeOs, given: Given): void {
  if (isAmazonLinux2(os)) {
    refuse(place, os, given, 'which is out of support and gets no new feature', 'or move to NodeOs.AMAZON_LINUX_2023');
  }
}

/**
 * Refuses properties that the scripts for Windows do not apply yet, rather than to pass over them.
 *
 * @internal
 */
export function refuseOnWindows(place: IConstruct | string, os: NodeOs, given: Given): void {
  if (os.family === NodeOsFamily.WINDOWS) {
    refuse(place, os, given, 'whose scripts do not apply it yet', 'or set it in setup_user_customization');
  }
}

/**
 * Refuses properties that are for Windows alone.
 *
 * @internal
 */
export function refuseOnLinux(place: IConstruct | string, os: NodeOs, given: Given): void {
  if (os.family === NodeOsFamily.LINUX) {
    refuse(place, os, given, 'as it is for Windows alone', 'or set it in setup_user_customization');
  }
}

/**
 * Refuses a property that would do nothing, rather than to pass over it.
 *
 * @internal
 */
export function refuseUnused(place: IConstruct | string, isGiven: boolean, property: string, where: string, otherwise = ''): void {
  if (isGiven) {
    throw new ConstructError('UnusedOption', `expected no ${property} ${where}, got one; ${otherwise}leave it out`, place);
  }
}

function refuse(place: IConstruct | string, os: NodeOs, given: Given, why: string, otherwise: string): void {
  const names = Object.keys(given).filter((name) => given[name] !== undefined);
  if (names.length > 0) {
    throw new ConstructError(
      'UnsupportedOnOs',
      `expected no ${names[0]} on ${os.name}, ${why}, got ${names.join(', ')}; leave it out, ${otherwise}`,
      place,
    );
  }
}
