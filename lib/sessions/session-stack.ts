import type { Stack, Tag } from '@aws-sdk/client-cloudformation';
import { definedOnly } from '../aws/defined-only';
import { NodeTags } from '../nodes/node-tags';
import { NodeType } from '../nodes/node-type';
import { LAUNCH_TIME_VALUES, type LaunchTimeValue, tagKey } from '../values/launch-time-values';
import { type DesktopSession, type DesktopSessionRequest, DesktopSessionState } from './desktop-session';
import type { DesktopSessionStatus } from './desktop-session-state';
import type { FieldName } from './field-rules';

/** Tag with the kind of node; the same on every desktop. @internal */
export const NODE_TYPE_TAG = { Key: NodeTags.NODE_TYPE, Value: NodeType.DCV_NODE } as const;

/**
 * The text parameters of the template of a session, and the fields that their values come from and whose rules they follow.
 *
 * @internal
 */
export const PARAMETER_FIELDS: ReadonlyMap<string, FieldName> = new Map<string, FieldName>([
  ['LaunchTemplateId', 'launchTemplateId'],
  ['LaunchTemplateVersion', 'launchTemplateVersion'],
  ['InstanceType', 'instanceType'],
  ...LAUNCH_TIME_VALUES.map(({ name, field }) => [name, field] as const),
]);

/** What the stack of a session is made from. @internal */
export function stackParameters(clusterId: string, sessionId: string, request: DesktopSessionRequest): Map<string, string> {
  const fields: { readonly [field in FieldName]?: string } = { ...request, clusterId, sessionId };
  const parameters = new Map<string, string>([['SubnetId', request.subnetId]]);
  for (const [parameter, field] of PARAMETER_FIELDS) {
    const value = fields[field];
    if (value !== undefined) parameters.set(parameter, value);
  }
  return parameters;
}

/** The launch-time values among the parameters, as tags of the stack. @internal */
export function stackTags(parameters: ReadonlyMap<string, string>): Tag[] {
  const given = LAUNCH_TIME_VALUES.filter(({ name }) => parameters.has(name));
  return [NODE_TYPE_TAG, ...given.map(({ name }) => ({ Key: tagKey(name), Value: parameters.get(name) }))];
}

/** Whether the stack was created with these values; a parameter that is not among them had to be left empty. @internal */
export function hasParameters(stack: Stack, expected: ReadonlyMap<string, string>): boolean {
  const actual = parametersOf(stack);
  return [...new Set([...actual.keys(), ...expected.keys()])].every((name) => (actual.get(name) ?? '') === (expected.get(name) ?? ''));
}

/**
 * The launch-time values of the session: from the tags of the stack or, where it has none, its parameters. That a deleted
 * stack still has its tags is not documented.
 *
 * @internal
 */
export function launchTimeValuesOfStack(stack: Stack): { readonly [field in LaunchTimeValue['field']]?: string } {
  const tags = tagsOf(stack);
  const parameters = parametersOf(stack);
  const values = LAUNCH_TIME_VALUES.map(
    ({ name, field }) => [field, (tags.size === 0 ? parameters.get(name) : tags.get(tagKey(name))) ?? ''] as const,
  );
  return Object.fromEntries(values.filter(([, value]) => value !== ''));
}

/** Whether the tags say that the stack was made for a desktop. @internal */
export function hasDesktopTag(stack: Stack): boolean {
  return tagsOf(stack).get(NODE_TYPE_TAG.Key) === NODE_TYPE_TAG.Value;
}

/**
 * What the stack says about its session; who and what it is for cannot change, and may be known already.
 *
 * @internal
 */
export function sessionOfStack(stack: Stack, clusterId: string, status: DesktopSessionStatus, known?: DesktopSession): DesktopSession {
  const { state, reason, instanceId } = status;
  const values = launchTimeValuesOfStack(stack);
  const outputs = new Map((stack.Outputs ?? []).map(({ OutputKey, OutputValue }) => [OutputKey, OutputValue]));
  const ending = state === DesktopSessionState.DELETING || state === DesktopSessionState.DELETED;
  return definedOnly({
    sessionId: known?.sessionId ?? values.sessionId ?? '',
    clusterId,
    state,
    reason,
    owner: known?.owner ?? values.owner ?? '',
    sessionName: known?.sessionName ?? values.sessionName,
    project: known?.project ?? values.project,
    stackName: stack.StackName ?? known?.stackName ?? '',
    stackId: stack.StackId ?? known?.stackId ?? '',
    stackStatus: stack.StackStatus ?? '',
    instanceId: ending ? undefined : (outputs.get('InstanceId') ?? instanceId),
    privateIp: state === DesktopSessionState.READY ? outputs.get('PrivateIp') : undefined,
    privateDnsName: state === DesktopSessionState.READY ? outputs.get('PrivateDnsName') : undefined,
    requestedAt: stack.CreationTime?.toISOString() ?? known?.requestedAt ?? '',
  });
}

/** A session that is being or was deleted: why it failed and where it was is over. @internal */
export function endedSession(session: DesktopSession, state: DesktopSessionState, stackStatus: string): DesktopSession {
  const over = { reason: undefined, phaseSeconds: undefined, instanceId: undefined, privateIp: undefined, privateDnsName: undefined };
  return definedOnly({ ...session, ...over, state, stackStatus });
}

function tagsOf(stack: Stack): Map<string, string> {
  return new Map((stack.Tags ?? []).map(({ Key, Value }) => [Key ?? '', Value ?? '']));
}

function parametersOf(stack: Stack): Map<string, string> {
  return new Map((stack.Parameters ?? []).map(({ ParameterKey, ParameterValue }) => [ParameterKey ?? '', ParameterValue ?? '']));
}
