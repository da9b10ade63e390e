import type { FieldName } from './field-rules';

/**
 * The text parameters of the template of a session, and the fields that their values come from and whose rules they follow.
 *
 * @internal
 */
export const PARAMETER_FIELDS = {
  LaunchTemplateId: 'launchTemplateId',
  LaunchTemplateVersion: 'launchTemplateVersion',
  InstanceType: 'instanceType',
  ClusterId: 'clusterId',
  SessionId: 'sessionId',
  SessionOwner: 'owner',
  SessionName: 'sessionName',
  Project: 'project',
} as const satisfies Record<string, FieldName>;
