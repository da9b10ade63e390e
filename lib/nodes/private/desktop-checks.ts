import { ConstructError } from '../../construct-error';
import { ConsoleLogin, DesktopEnvironment, type DesktopOptions } from '../desktop-options';
import { type NodeOs } from '../node-os';
import { NodeOsFamily } from '../node-os-props';
import { refuseOnAmazonLinux2, refuseOnWindows, refuseUnused } from './unsupported-options';

/**
 * What was settled about the desktop of a node.
 *
 * @internal
 */
export interface DesktopChoices {
  readonly environment: DesktopEnvironment;
  readonly consoleLogin: ConsoleLogin;
  readonly lockOnDisconnect: boolean;
  readonly openKeyring: boolean;
}

/**
 * The choices for a desktop, with their defaults.
 *
 * @throws when the system or the session does not have what was chosen
 * @internal
 */
export function desktopChoices(place: string, os: NodeOs, console: boolean, options: DesktopOptions): DesktopChoices {
  const { desktopEnvironment, consoleLogin, lockOnDisconnect, openKeyring } = options;
  const given = { desktopEnvironment, consoleLogin, lockOnDisconnect, openKeyring };
  refuseOnWindows(place, os, { desktopEnvironment, openKeyring });
  refuseOnAmazonLinux2(place, os, given);
  const environment = desktopEnvironment ?? DesktopEnvironment.GNOME;
  if (environment === DesktopEnvironment.MATE) {
    checkMate(place, os);
  }
  if (consoleLogin !== undefined && !console) {
    throw new ConstructError(
      'ConsoleLoginNeedsConsole',
      'expected consoleLogin for a console session, got a virtual one, which has no login of its own; leave consoleLogin out, or give sessionType: DcvSessionType.CONSOLE',
      place,
    );
  }
  const isGreeter = consoleLogin === ConsoleLogin.GREETER;
  refuseUnused(place, isGreeter && openKeyring === true, 'openKeyring', 'with ConsoleLogin.GREETER, which opens it itself');
  return {
    environment,
    // On Windows DCV hands its login on: nobody is asked a second time.
    consoleLogin: consoleLogin ?? (os.family === NodeOsFamily.WINDOWS ? ConsoleLogin.GREETER : ConsoleLogin.AUTOMATIC),
    lockOnDisconnect: lockOnDisconnect ?? console,
    openKeyring: openKeyring ?? true,
  };
}

/** Where MATE would come from, when not from a repository that the image has enabled. */
const ELSEWHERE: { readonly [distribution: string]: string } = { rhel: 'EPEL', rocky: 'EPEL', amazonlinux: 'SPAL' };

function checkMate(place: string, { name, distribution }: NodeOs): void {
  if (distribution === 'ubuntu') return;
  const repository = ELSEWHERE[distribution] ?? 'no repository that is known here';
  throw new ConstructError(
    'UnsupportedDesktop',
    `expected a system that has MATE in its own repositories (Ubuntu), got ${name}, for which it is in ${repository}, which this library does not enable; use DesktopEnvironment.GNOME or Ubuntu`,
    place,
  );
}
