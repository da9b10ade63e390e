import { durationProblem, secondsOf } from '../aws/durations';
import type { NodeOsFamily } from '../nodes/node-os-props';
import { NodeTags } from '../nodes/node-tags';
import { LAUNCH_TIME_VALUES, tagKey } from '../values/launch-time-values';
import { allowedPattern, type ValueRule } from '../values/value-rule';
import type { DesktopSessionTemplateProps } from './desktop-session';
import { isoDuration, READINESS_TIMEOUT } from './durations';
import { fieldRule, optionalProblem, refuse } from './field-rules';
import { NODE_TYPE_TAG, PARAMETER_FIELDS } from './session-stack';

/**
 * The CloudFormation template of one desktop session: one EC2 instance from the launch template that all desktops of its kind
 * share, with the values of this launch as tags, and a creation policy that is met when the node reports ready.
 *
 * `DesktopSessions` uses it. On its own it serves those who start desktops by other means, such as AWS Service Catalog.
 *
 * Parameters: `LaunchTemplateId`, `LaunchTemplateVersion`, `SubnetId`, `InstanceType` (optional), `ClusterId`, `SessionOwner`,
 * `SessionName` (optional), `SessionId`, `Project` (optional). Outputs: `InstanceId`, `PrivateIp`, `PrivateDnsName`.
 *
 * The launch template must not define network interfaces of its own: EC2 refuses a subnet beside them.
 *
 * @see https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-attribute-creationpolicy.html
 */
export class DesktopSessionTemplate {
  /** Logical id of the instance: the resource that the node signals. */
  public static readonly INSTANCE_LOGICAL_ID = 'Desktop';

  /** The template as JSON text, as CloudFormation's `CreateStack` takes it. */
  public readonly body: string;

  /**
   * The template for one desktop.
   *
   * @throws when a property does not have the form that its documentation says
   */
  public constructor(props: DesktopSessionTemplateProps = {}) {
    refuse('the template cannot be made', [
      durationProblem('readinessTimeout', props.readinessTimeout, READINESS_TIMEOUT),
      optionalProblem('osFamily', props.osFamily),
    ]);
    this.body = JSON.stringify(template(secondsOf(props.readinessTimeout, READINESS_TIMEOUT), props.osFamily), undefined, 1);
  }

  /** The template as an object. Every call gives a new one. */
  public toJson(): { [key: string]: unknown } {
    return JSON.parse(this.body) as { [key: string]: unknown };
  }
}

function template(readinessSeconds: number, osFamily: NodeOsFamily | undefined): object {
  const logicalId = DesktopSessionTemplate.INSTANCE_LOGICAL_ID;
  const optional = ['InstanceType', ...LAUNCH_TIME_VALUES.filter((value) => value.optional).map((value) => value.name)];
  return {
    AWSTemplateFormatVersion: '2010-09-09',
    Description: 'One virtual desktop session, complete when its node reports ready',
    Parameters: {
      ...Object.fromEntries(
        [...PARAMETER_FIELDS].map(([name, field]) => [name, textParameter(fieldRule(field, osFamily), optional.includes(name))]),
      ),
      // This type makes CloudFormation look the subnet up before it creates anything.
      SubnetId: { Type: 'AWS::EC2::Subnet::Id', Description: 'Subnet the desktop is launched into' },
    },
    Conditions: Object.fromEntries(optional.map((name) => [`Has${name}`, { 'Fn::Not': [{ 'Fn::Equals': [{ Ref: name }, ''] }] }])),
    Resources: {
      [logicalId]: {
        Type: 'AWS::EC2::Instance',
        CreationPolicy: { ResourceSignal: { Count: 1, Timeout: isoDuration(readinessSeconds) } },
        Properties: {
          LaunchTemplate: { LaunchTemplateId: { Ref: 'LaunchTemplateId' }, Version: { Ref: 'LaunchTemplateVersion' } },
          SubnetId: { Ref: 'SubnetId' },
          InstanceType: whenGiven('InstanceType', { Ref: 'InstanceType' }),
          // Stack tags reach the instance but not its volumes, and disks are part of what a project pays for.
          PropagateTagsToVolumeOnCreation: true,
          Tags: [
            { Key: 'Name', Value: { 'Fn::Sub': '${ClusterId}-desktop-${SessionOwner}-${SessionId}' } },
            ...LAUNCH_TIME_VALUES.map(({ name, optional: mayBeAbsent }) => {
              const entry = { Key: tagKey(name), Value: { Ref: name } };
              return mayBeAbsent ? whenGiven(name, entry) : entry;
            }),
            NODE_TYPE_TAG,
            { Key: NodeTags.SIGNAL_STACK, Value: { Ref: 'AWS::StackName' } },
            { Key: NodeTags.SIGNAL_RESOURCE, Value: logicalId },
          ],
        },
      },
    },
    Outputs: {
      InstanceId: { Description: 'Identifier of the EC2 instance', Value: { Ref: logicalId } },
      PrivateIp: { Description: 'Private IPv4 address of the desktop', Value: { 'Fn::GetAtt': [logicalId, 'PrivateIp'] } },
      PrivateDnsName: { Description: 'Private DNS name of the desktop', Value: { 'Fn::GetAtt': [logicalId, 'PrivateDnsName'] } },
    },
  };
}

function textParameter(rule: ValueRule, optional: boolean): object {
  return {
    Type: 'String',
    ...(optional ? { Default: '' } : { MinLength: 1 }),
    MaxLength: rule.maxLength,
    AllowedPattern: allowedPattern(rule, optional),
    ConstraintDescription: `must be ${optional ? 'empty or ' : ''}${rule.description}`,
  };
}

function whenGiven(parameter: string, value: object): object {
  return { 'Fn::If': [`Has${parameter}`, value, { Ref: 'AWS::NoValue' }] };
}
