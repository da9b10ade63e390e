import { Token } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';
import { ConstructError } from '../../construct-error';
import { hasForm } from '../../values/value-rule';
import type { NodeOptions } from '../node-options';
import type { PlatformOptions, ResourceLimits } from '../platform-options';
import { NodeOsFamily } from '../node-os-props';
import { checkInteger } from './node-checks';
import { refuseOnAmazonLinux2, refuseOnWindows } from './unsupported-options';

/**
 * What the scripts know about the settings of the operating system.
 *
 * @internal
 */
export function platformValues({ hostname, resourceLimits, ...without }: PlatformOptions = {}): { [key: string]: unknown } {
  return {
    '/system/hostname': hostname ?? null,
    '/system/limits': limits(resourceLimits),
    '/system/selinux': without.permissiveSelinux !== true,
    '/system/firewall': without.disableHostFirewall !== true,
  };
}

/** @internal */
export function checkPlatform(node: IConstruct, { os, platform }: NodeOptions): void {
  if (platform === undefined) {
    return;
  }
  const named = Object.fromEntries(Object.entries(platform).map(([name, value]) => [`platform.${name}`, value as unknown]));
  refuseOnWindows(node, os, { ...named, 'platform.hostname': undefined });
  refuseOnAmazonLinux2(node, os, named);
  const { hostname, resourceLimits } = platform;
  const rule = os.family === NodeOsFamily.WINDOWS ? COMPUTER_NAME : HOSTNAME;
  if (hostname !== undefined && !Token.isUnresolved(hostname) && (hostname.length > rule.length || !hasForm(hostname, rule.form))) {
    throw new ConstructError(
      'InvalidHostname',
      `expected a platform.hostname of at most ${rule.length} letters, digits and hyphens, ${rule.and}, got '${hostname}'; leave other characters out, or shorten it`,
      node,
    );
  }
  checkInteger(node, 'platform.resourceLimits.openFiles', resourceLimits?.openFiles, 1024, 1_048_576);
  checkInteger(node, 'platform.resourceLimits.processes', resourceLimits?.processes, 1024, 4_194_304);
}

const LABEL = '[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?';
const HOSTNAME = {
  length: 64,
  form: new RegExp(`^${LABEL}(\\.${LABEL})*$`),
  and: 'with dots between labels that begin and end with a letter or digit',
};
const COMPUTER_NAME = { length: 15, form: new RegExp(`^(?![0-9]+$)${LABEL}$`), and: 'not of digits alone, for a computer with Windows' };

/** For pam_limits and for systemd, which have names and words of their own. */
function limits({ unlimitedLockedMemory, unlimitedStack, openFiles, processes }: ResourceLimits = {}): { [key: string]: string }[] {
  const rows: [item: string, setting: string, value: number | true | false | undefined][] = [
    ['memlock', 'LimitMEMLOCK', unlimitedLockedMemory],
    ['stack', 'LimitSTACK', unlimitedStack],
    ['nofile', 'LimitNOFILE', openFiles],
    ['nproc', 'LimitNPROC', processes],
  ];
  return rows.flatMap(([item, setting, value]) =>
    value === undefined || value === false
      ? []
      : [{ item, setting, value: value === true ? 'unlimited' : `${value}`, setting_value: value === true ? 'infinity' : `${value}` }],
  );
}
