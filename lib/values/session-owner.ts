import type { NodeOsFamily } from '../nodes/node-os-props';
import { METADATA_SERVICE_USERS } from './metadata-users';
import { reservedPattern, type ValueRule } from './value-rule';

/**
 * Accounts and groups that the supported distributions, the desktop and DCV come with: useradd refuses a name of either. The
 * last are those who reach the credentials of the role, and the users of the images, who may become root.
 */
const LINUX_NAMES = [
  'root|daemon|bin|sys|adm|sync|halt|shutdown|games|man|lp|mail|news|uucp|proxy|operator|ftp|nobody|nogroup|www-data|backup|list|irc|gnats',
  'wheel|sudo|users|tty|disk|mem|kmem|dialout|fax|voice|cdrom|floppy|tape|audio|video|dip|src|shadow|utmp|utempter|sasl|plugdev|staff',
  'lock|input|kvm|render|sgx|crontab|netdev|lxd|ssh_keys|systemd-.*|messagebus|dbus|polkitd|sshd|sssd|chrony|ntp|syslog|tss|tcpdump',
  'rpc|rpcuser|avahi|colord|geoclue|rtkit|pulse|gdm|gdm3|lightdm|dcvsmagent',
  ...Object.keys(METADATA_SERVICE_USERS),
  'ec2-user|ubuntu|rocky',
].join('|');

/** Accounts, groups and well-known principals, and the devices of DOS, with or without what looks like a file extension. */
const WINDOWS_NAMES = [
  'administrator|administrators|guest|guests|defaultaccount|wdagutilityaccount|krbtgt|users|replicator|iis_iusrs|none',
  'anonymous|batch|builtin|dialup|everyone|interactive|internet|local|network|null|proxy|restricted|self|server|service|system|world',
  '(con|prn|aux|nul|com[0-9]|lpt[0-9])([.].*)?',
].join('|');

/**
 * A name that useradd takes and every program reads as a name: `chown 1000` and `getent passwd 1000` mean the user id.
 *
 * @see https://man7.org/linux/man-pages/man8/useradd.8.html
 */
const LINUX: ValueRule = {
  pattern: '([a-zA-Z]|[0-9]+[a-zA-Z_.-])[a-zA-Z0-9_.-]*',
  maxLength: 32,
  reserved: LINUX_NAMES,
  description:
    '1 to 32 letters, digits, underscores, dots and hyphens, beginning with a letter or a digit, not digits alone, and no name of the system such as root',
};

/**
 * A name of a local account, which is a name before Windows 2000 in a domain (`sAMAccountName`).
 *
 * @see https://learn.microsoft.com/windows/win32/adschema/a-samaccountname
 * @see https://learn.microsoft.com/troubleshoot/windows-server/active-directory/naming-conventions-for-computer-domain-site-ou
 * @see https://learn.microsoft.com/windows/win32/fileio/naming-a-file
 */
const WINDOWS: ValueRule = {
  pattern: '[a-zA-Z0-9]([a-zA-Z0-9_.-]*[a-zA-Z0-9_-])?',
  maxLength: 20,
  reserved: WINDOWS_NAMES,
  reservedInEitherCase: true,
  description:
    '1 to 20 letters, digits, underscores, dots and hyphens, beginning with a letter or a digit, not ending with a dot, and no name of the system such as Administrator or nul',
};

/** What Linux and Windows both take. */
const EITHER: ValueRule = {
  pattern: `(?=(${LINUX.pattern})$)${WINDOWS.pattern}`,
  maxLength: Math.min(LINUX.maxLength, WINDOWS.maxLength),
  reserved: `${reservedPattern(LINUX)}|${reservedPattern(WINDOWS)}`,
  description:
    '1 to 20 letters, digits, underscores, dots and hyphens, beginning with a letter or a digit, not ending with a dot, not digits alone, and no name of the system such as root, Administrator or nul',
};

/**
 * The rule for the owner of a desktop: that of its operating system, or what all of them take where it is not known.
 *
 * @internal
 */
export function sessionOwnerRule(osFamily?: `${NodeOsFamily}`): ValueRule {
  switch (osFamily) {
    case 'linux':
      return LINUX;
    case 'windows':
      return WINDOWS;
    default:
      return EITHER;
  }
}
