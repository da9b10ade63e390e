/**
 * Limits of the programs of users, soft and hard. They hold for logins and for what desktops start; root and services have those of the
 * system.
 *
 * @see https://man7.org/linux/man-pages/man5/limits.conf.5.html
 */
export interface ResourceLimits {
  /**
   * Whether programs may lock any amount of memory, as MPI over EFA needs it.
   *
   * @default false
   */
  readonly unlimitedLockedMemory?: boolean;

  /**
   * Whether the stack of a program may have any size.
   *
   * @default false
   */
  readonly unlimitedStack?: boolean;

  /**
   * Files that a program may have open: 1,024 to 1,048,576, which is the kernel's own limit. With a higher one nobody could log in.
   *
   * @default - the system's
   */
  readonly openFiles?: number;

  /**
   * Processes and threads that a user may have: 1,024 to 4,194,304.
   *
   * @default - the system's
   */
  readonly processes?: number;
}

/** Settings of the operating system of a node. For Linux, and not for Amazon Linux 2; the host name also for Windows. */
export interface PlatformOptions {
  /**
   * Host name, with or without a domain: at most 64 letters, digits and hyphens, and dots between labels. A directory of Active Directory
   * knows the first 15 characters, and a computer with Windows has at most so many and no domain in it. May be a token. Every instance of the node has it, so give it to a node of one instance.
   *
   * @default - what EC2 gives an instance, such as `ip-10-0-0-1`
   */
  readonly hostname?: string;

  /**
   * Limits of the programs of users.
   *
   * @default - the system's
   */
  readonly resourceLimits?: ResourceLimits;

  /**
   * Make SELinux permissive: it notes what it would have refused. AppArmor on Ubuntu stays as it is.
   *
   * @default - false: SELinux stays as the image has it
   */
  readonly permissiveSelinux?: boolean;

  /**
   * Switch the firewall of the system off (firewalld, or ufw on Ubuntu). The rule about the metadata service and security groups are no
   * part of it.
   *
   * @default - false: it stays as the image or the desktop's packages have it. The port of DCV, and one of SSH that is not 22, are opened
   */
  readonly disableHostFirewall?: boolean;
}
