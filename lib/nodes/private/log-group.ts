import { Stack, Token, TokenComparison } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import type * as logs from 'aws-cdk-lib/aws-logs';
import type { IConstruct } from 'constructs';
import { ConstructError } from '../../construct-error';
import type { NodeOptions } from '../node-options';
import { isAmazonLinux2 } from './unsupported-options';

/**
 * Where the logs of a node go: its own log group, or the cluster's.
 *
 * @internal
 */
export function logGroupOf({ logGroup, cluster }: Pick<NodeOptions, 'logGroup' | 'cluster'>): logs.ILogGroup | undefined {
  return logGroup ?? cluster.logGroup;
}

/**
 * The node signs for its own Region, and with its own account.
 *
 * @internal
 */
export function checkLogGroup(node: IConstruct, props: NodeOptions): void {
  const group = logGroupOf(props);
  if (group === undefined) return;
  const { account, region } = Stack.of(node);
  const places: [string, string, string][] = [
    ['account', account, group.env.account],
    ['Region', region, group.env.region],
  ];
  for (const [what, own, theirs] of places) {
    // Different for certain are two that are known.
    if (Token.compareStrings(theirs, own) === TokenComparison.DIFFERENT) {
      throw new ConstructError(
        'LogGroupElsewhere',
        `expected a log group of the ${what} of the node, ${own}, got one of ${theirs}; pass one that is there, and let a subscription send its events on`,
        node,
      );
    }
  }
}

/**
 * What the runner needs to write to the group, and the agent if there is one, and no more: none of them creates it.
 *
 * @internal
 */
export function logStatements(props: NodeOptions): iam.PolicyStatement[] {
  const group = logGroupOf(props);
  if (group === undefined) return [];
  const looksForStreams = props.cloudWatchAgent?._isNone !== true && !isAmazonLinux2(props.os);
  const actions = ['logs:CreateLogStream', 'logs:PutLogEvents', ...(looksForStreams ? ['logs:DescribeLogStreams'] : [])];
  // The ARN of CDK's log groups ends with :*, which all of them want:
  // https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/iam-access-control-overview-cwl.html
  return [new iam.PolicyStatement({ actions, resources: [group.logGroupArn] })];
}
