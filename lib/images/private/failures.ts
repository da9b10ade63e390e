import type { Stack } from 'aws-cdk-lib';
import * as events from 'aws-cdk-lib/aws-events';
import * as targets from 'aws-cdk-lib/aws-events-targets';
import type * as sns from 'aws-cdk-lib/aws-sns';
import type { Construct } from 'constructs';
import { arnOf } from '../../nodes/private/arn';

/**
 * Tells a topic of builds that fail. That of an infrastructure configuration would be told of all.
 *
 * @see https://docs.aws.amazon.com/imagebuilder/latest/userguide/eventbridge-integration.html
 * @internal
 */
export function notifyOfFailures(scope: Construct, stack: Stack, name: string, topic: sns.ITopic): void {
  new events.Rule(scope, 'Failures', {
    description: `Builds of ${name} that failed`,
    eventPattern: {
      source: ['aws.imagebuilder'],
      detailType: ['EC2 Image Builder Image State Change'],
      resources: events.Match.prefix(`${arnOf(stack, 'imagebuilder', 'image', name)}/`),
      detail: { state: { status: ['FAILED'] } },
    },
    targets: [new targets.SnsTopic(topic)],
  });
}
