import { type Stack, Token } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import { ConstructError } from '../../construct-error';
import { connectDocumentName } from '../../values/connect-documents';
import { sessionOwnerRule } from '../../values/session-owner';
import { follows, isLookedUpLater } from '../../values/value-rule';
import type { IClusterNode } from '../cluster-node';
import { NodeOsFamily } from '../node-os-props';
import { NodeTags } from '../node-tags';
import { arnOf } from './arn';

/**
 * What the SSM agent needs to be sent a command and to answer, and nothing else: AWS's managed policy reads every parameter of
 * the account. Without data channels nobody gets a shell through Session Manager. Agents of 3.3.40 and later do without
 * ec2messages, which AWS has retired.
 *
 * @see https://docs.aws.amazon.com/systems-manager/latest/userguide/systems-manager-setting-up-messageAPIs.html
 * @internal
 */
export function ssmAgentStatements(stack: Stack): iam.PolicyStatement[] {
  return [
    new iam.PolicyStatement({ actions: ['ssm:UpdateInstanceInformation'], resources: [arnOf(stack, 'ec2', 'instance', '*')] }),
    // Neither knows a resource.
    new iam.PolicyStatement({ actions: ['ssmmessages:CreateControlChannel', 'ssmmessages:OpenControlChannel'], resources: ['*'] }),
  ];
}

/**
 * Lets somebody ask the desktops of an owner for the password. SendCommand is allowed by document and by instance, each for
 * itself: a document has no owner.
 *
 * @see https://docs.aws.amazon.com/systems-manager/latest/userguide/run-command-setting-up.html
 * @internal
 */
export function grantConnect(desktop: IClusterNode, grantee: iam.IGrantable, owner: string, family?: NodeOsFamily): iam.Grant {
  checkOwner(desktop, owner, family);
  const { stack, clusterId } = desktop;
  const of = (prefix: string) => ({
    [`${prefix}/${NodeTags.CLUSTER_ID}`]: clusterId,
    [`${prefix}/${NodeTags.SESSION_OWNER}`]: owner,
  });
  const grant = (actions: string[], resourceArns: string[], conditions?: Record<string, Record<string, unknown>>) =>
    iam.Grant.addToPrincipal({ grantee, actions, resourceArns, conditions });
  return [
    grant(['ssm:SendCommand'], [arnOf(stack, 'ssm', 'document', connectDocumentName(clusterId, 'connect'))]),
    grant(['ssm:SendCommand'], [arnOf(stack, 'ec2', 'instance', '*')], { StringEquals: of('ssm:resourceTag') }),
    // Knows no resource. It takes the id of the command, which nobody can guess.
    grant(['ssm:GetCommandInvocation'], ['*']),
    grant(['cloudformation:DescribeStacks'], [arnOf(stack, 'cloudformation', 'stack', `${clusterId}-desktop-*/*`)], {
      StringEquals: of('aws:ResourceTag'),
    }),
  ].reduce((all, one) => all.combine(one));
}

/** The owner may be what IAM puts in: then each of many has their own desktops by one grant. */
const POLICY_VARIABLE = /^\$\{aws:(username|PrincipalTag\/[\w.:/=+@-]{1,128})\}$/;

function checkOwner(desktop: IClusterNode, owner: string, family?: NodeOsFamily): void {
  const rules = (family === undefined ? Object.values(NodeOsFamily) : [family]).map(sessionOwnerRule);
  const taken = Token.isUnresolved(owner) || isLookedUpLater(owner) || POLICY_VARIABLE.test(owner);
  if (!taken && !rules.some((rule) => follows(rule, owner))) {
    throw new ConstructError(
      'InvalidLaunchTimeValue',
      `expected an owner of ${sessionOwnerRule(family).description}, or \${aws:username} or \${aws:PrincipalTag/..}, got '${owner}'`,
      desktop,
    );
  }
}
