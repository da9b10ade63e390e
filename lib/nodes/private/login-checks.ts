import { ConstructError } from '../../construct-error';
import { ConsoleLogin } from '../desktop-options';
import { LoginMethod } from '../login-method';
import type { NodeOs } from '../node-os';
import { NodeOsFamily } from '../node-os-props';
import type { VirtualDesktopNodeProps } from '../virtual-desktop-node';
import { ssmAgentFile } from './agent-files';
import type { DesktopChoices } from './desktop-checks';
import { hasLocalOwners } from './owner-account';
import { refuseUnused } from './unsupported-options';
import { checkFile, checkKey, packageExtension } from './verified-files';

/**
 * How the owners of a desktop get in: what was asked for, or what fits where their accounts come from.
 *
 * @throws when the desktop cannot have it
 * @internal
 */
export function loginMethodOf(place: string, props: VirtualDesktopNodeProps): LoginMethod {
  const { loginWith, ownerPasswordSecret } = props;
  if (loginWith !== undefined && ownerPasswordSecret !== undefined) {
    throw new ConstructError(
      'LoginMethodConflict',
      'expected loginWith or ownerPasswordSecret, got both; leave out ownerPasswordSecret, which is an older spelling of loginWith: LoginMethod.secret(..)',
      place,
    );
  }
  const local = hasLocalOwners(props);
  const asked = loginWith ?? (ownerPasswordSecret === undefined ? undefined : LoginMethod.secret(ownerPasswordSecret));
  const method = asked ?? (local ? LoginMethod.generatedPassword() : LoginMethod.unmanaged());
  if (!local && method.name !== 'unmanaged') {
    throw new ConstructError(
      'LoginMethodConflict',
      `expected LoginMethod.unmanaged() with a user directory, which has the passwords, got ${method.name}; leave loginWith out`,
      place,
    );
  }
  if (method._secret !== undefined) {
    checkOneOwner(place, props);
  }
  if (method._isGenerated) {
    checkSsmAgent(place, props, method);
  }
  return method;
}

/**
 * Windows logs nobody on without the password.
 *
 * @internal
 */
export function checkAutoLogon(place: string, os: NodeOs, { consoleLogin }: DesktopChoices, method: LoginMethod): void {
  if (os.family === NodeOsFamily.WINDOWS && consoleLogin === ConsoleLogin.AUTOMATIC && method.name === 'unmanaged') {
    throw new ConstructError(
      'LoginMethodConflict',
      `expected a password that the node knows for ConsoleLogin.AUTOMATIC on ${os.name}, got LoginMethod.unmanaged(); leave consoleLogin out, or give another loginWith`,
      place,
    );
  }
}

/** IAM does not know the owner of an instance: whoever is on a node of the role could read the secret of all others. */
function checkOneOwner(place: string, { sessionOwner, role }: VirtualDesktopNodeProps): void {
  const problem = sessionOwner === undefined ? 'no sessionOwner' : role === undefined ? undefined : 'a role that other nodes may have too';
  if (problem !== undefined) {
    throw new ConstructError(
      'SharedPassword',
      `expected a secret with an owner's password on a node that has a sessionOwner and a role of its own, got ${problem}; ` +
        'leave loginWith out, so that each desktop makes a password for its owner (LoginMethod.generatedPassword()), make a node for each owner with its own secret, or set passwords by other means (LoginMethod.unmanaged())',
      place,
    );
  }
}

function checkSsmAgent(place: string, { os }: VirtualDesktopNodeProps, method: LoginMethod): void {
  checkKey(place, 'loginWith.ssmAgentSigningKey', method._ssmAgentKey);
  const agent = method._ssmAgent;
  const isUnused = method._ssmAgentKey !== undefined && (agent !== undefined || ssmAgentFile(os, 'x86_64') === null);
  refuseUnused(place, isUnused, 'loginWith.ssmAgentSigningKey', "where AWS's own package of the agent is not installed");
  const linux = os.family === NodeOsFamily.LINUX;
  if (agent === undefined && !os.ssmAgentInImage && ssmAgentFile(os, 'x86_64') === null) {
    const own = linux
      ? 'LoginMethod.generatedPassword({ ssmAgent: { version, url, sha256 } }) with a package that you have verified, or '
      : '';
    throw new ConstructError(
      'SsmAgentRequired',
      `expected an SSM agent, through which a desktop is asked for the password of its owner, and images of ${os.name} have none; give loginWith: ${own}another LoginMethod; ` +
        'for images that have the agent set ssmAgentInImage in NodeOs.custom',
      place,
    );
  }
  if (agent === undefined) return;
  if (!linux) {
    throw new ConstructError(
      'InvalidSsmAgent',
      `expected in loginWith.ssmAgent no package on ${os.name}, whose images bring it, got one; leave it out`,
      place,
    );
  }
  checkFile(place, 'loginWith.ssmAgent', agent, packageExtension(os), 'InvalidSsmAgent');
}
