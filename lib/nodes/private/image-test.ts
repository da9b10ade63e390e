import type { IConstruct } from 'constructs';
import type { BootPlan } from '../../bootstrap/boot-plan';
import { type NodeContext, nodeContext } from '../../bootstrap/node-context';
import { NodeOsFamily } from '../node-os-props';

/** Owner of the desktop that an image is tested with: an account of that instance alone. */
const OWNER = 'image-test';

/** The phase of a team, which may need what only a node of the cluster has. */
const OF_THE_CLUSTER = 'setup_user_customization';

/**
 * What runs on the instance that an image is tested with.
 *
 * @internal
 */
export function imageTestPlan(plan: BootPlan): BootPlan {
  return { ...plan, files: plan.files.filter(({ phase }) => phase !== OF_THE_CLUSTER) };
}

/**
 * The context of a node on the instance that its image is tested with, which is no node of the cluster: it has no tags, mounts
 * nothing, waits for no stack, knows no directory and no secret, and sends nothing. What installs see is the same, for they are
 * what is tested.
 *
 * @internal
 */
export function imageTestContext(
  values: { readonly [key: string]: unknown },
  family: NodeOsFamily,
  { installValues }: NodeContext,
  scope: IConstruct,
): NodeContext {
  const phases = values['/bootstrap/Phases'] as readonly { readonly name: string }[];
  const context = nodeContext(
    {
      ...values,
      '/bootstrap/IsImageTest': true,
      '/bootstrap/Phases': phases.filter(({ name }) => name !== OF_THE_CLUSTER),
      '/bootstrap/LaunchTimeValues': [],
      '/configuration/FileSystems': [],
      '/configuration/LogGroup': null,
      '/configuration/UserDirectory/provider': 'none',
      '/configuration/WaitForStacks': [],
      '/dcv/CertificateSecret': null,
      '/dcv/FixedOwner': null,
      '/dcv/LoginMethod': 'unmanaged',
      '/dcv/OwnerPasswordSecret': null,
      '/dcv/SessionId': '',
      '/dcv/SessionName': '',
      '/dcv/SessionOwner': OWNER,
      '/job/JobProject': '',
      '/login/HostKeysSecret': null,
      '/system/cloudwatch_agent': null,
      // Its network interface is an ordinary one.
      '/system/efa/version': null,
      '/system/metrics_namespace': null,
      // Windows would need the owner's password for the other.
      ...(family === NodeOsFamily.WINDOWS ? { '/dcv/ConsoleLogin': 'greeter' } : {}),
    },
    [],
    scope,
  );
  return { ...context, installValues };
}
