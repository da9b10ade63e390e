import type { PolicyStatement } from '../boot-lab/services/world';
import type { NodeRole } from './node-roles';

/** The same permissions, each statement with one action and one resource: what can be used, or not, by itself. */
export function singleStatements(statements: readonly PolicyStatement[]): readonly PolicyStatement[] {
  return statements.flatMap((statement) => {
    const resources = listOf(statement.Resource);
    return listOf(statement.Action).flatMap((Action) => resources.map((Resource) => ({ ...statement, Action, Resource })));
  });
}

interface Demand {
  readonly action: string;
  readonly resource: RegExp;
  readonly document: string;
  /** The only family whose roles it is demanded for. */
  readonly family?: NodeRole['family'];
}

/**
 * Statements with one action and one resource that nobody would miss while everything works, each with the document that asks
 * for it. One that is in no policy any more, or that a call of the scripts uses, fails the proof.
 */
export const DEMANDED: readonly Demand[] = [
  {
    action: 's3:GetObject',
    resource: /^arn:[\w-]+:s3:::dcv-license\.[\w-]+\/\*$/,
    document: 'https://docs.aws.amazon.com/dcv/latest/adminguide/setting-up-license.html',
  },
  // Of the CloudWatch agent.
  ...[
    // On Windows a script sends metrics of GPUs.
    { action: 'cloudwatch:PutMetricData', resource: /^\*$/, family: 'linux' as const },
    { action: 'logs:DescribeLogStreams', resource: /^arn:[\w-]+:logs:[\w-]+:\d{12}:log-group:[^:*]+:\*$/ },
  ].map((each) => ({
    ...each,
    document: 'https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/create-iam-roles-for-cloudwatch-agent.html',
  })),
  // Of amazon-efs-utils, and below of the SSM agent, which are no scripts of ours.
  ...['ClientMount', 'ClientWrite', 'ClientRootAccess'].map((action) => ({
    action: `elasticfilesystem:${action}`,
    resource: /^arn:[\w-]+:elasticfilesystem:[\w-]+:\d+:file-system\/fs-\w+$/,
    document: 'https://docs.aws.amazon.com/efs/latest/ug/iam-access-control-nfs-efs.html',
  })),
  {
    action: 'ssm:UpdateInstanceInformation',
    resource: /^arn:[\w-]+:ec2:[\w-]+:\d+:instance\/\*$/,
    document: 'https://docs.aws.amazon.com/systems-manager/latest/userguide/systems-manager-setting-up-messageAPIs.html',
  },
  ...['ssmmessages:CreateControlChannel', 'ssmmessages:OpenControlChannel'].map((action) => ({
    action,
    resource: /^\*$/,
    document: 'https://docs.aws.amazon.com/systems-manager/latest/userguide/systems-manager-setting-up-messageAPIs.html',
  })),
];

export function isDemanded({ Action, Resource }: PolicyStatement, family?: NodeRole['family'], by = DEMANDED): boolean {
  return by.some(
    (each) => each.action === Action && each.resource.test(Resource as string) && (each.family === undefined || each.family === family),
  );
}

/** What a slip of the pen could make of a statement, by what was slipped. */
export function widened(statement: PolicyStatement): ReadonlyMap<string, PolicyStatement> {
  const found = new Map<string, PolicyStatement>();
  const add = (slip: string, change: Partial<PolicyStatement>) => {
    // The simulator takes no condition that is undefined.
    const wider = JSON.parse(JSON.stringify({ ...statement, ...change })) as PolicyStatement;
    if (JSON.stringify(wider) !== JSON.stringify(statement)) found.set(slip, wider);
  };
  const resource = statement.Resource as string;
  const [prefix, partition, service, region, account, ...rest] = resource.split(':');
  const name = rest.join(':');
  const arn = (...parts: string[]) => [prefix, partition, service, ...parts].join(':');
  // No other action of CloudWatch knows a namespace.
  if (statement.Condition?.StringEquals?.['cloudwatch:namespace'] === undefined)
    add('any action of the service', { Action: `${(statement.Action as string).split(':')[0]}:*` });
  add('any resource', { Resource: '*' });
  if (resource !== '*') {
    if (region !== '') add('any Region', { Resource: arn('*', account, name) });
    if (account !== '') add('any account', { Resource: arn(region, '*', name) });
    add('any name', { Resource: arn(region, account, `${name.slice(0, name.indexOf('/') + 1)}*`) });
    // Neither keys nor stacks have an id that begins with that of another.
    if (service !== 'kms' && service !== 'cloudformation' && !name.endsWith('*'))
      add('any name that begins like it', { Resource: `${resource}*` });
  }
  const conditions = Object.entries(statement.Condition ?? {});
  for (const [operator, keys] of conditions) {
    for (const key of Object.keys(keys)) add(`without ${operator} ${key}`, { Condition: without(statement.Condition!, operator, key) });
    if (operator.startsWith('ForAllValues:')) {
      const others = conditions.filter(([other]) => other !== operator);
      add('any of the values', {
        Condition: Object.fromEntries([...others, [operator.replace('All', 'Any').replace('Values', 'Value'), keys]]),
      });
    }
  }
  return found;
}

function without(conditions: NonNullable<PolicyStatement['Condition']>, operator: string, key: string): PolicyStatement['Condition'] {
  const { [operator]: keys, ...others } = conditions;
  const left = Object.entries(keys).filter(([name]) => name !== key);
  const all = left.length === 0 ? others : { ...others, [operator]: Object.fromEntries(left) };
  return Object.keys(all).length === 0 ? undefined : all;
}

export function listOf(value: string | readonly string[]): readonly string[] {
  return typeof value === 'string' ? [value] : value;
}

export function textOf({ Action, Resource }: PolicyStatement): string {
  return `${listOf(Action).join()} on ${listOf(Resource).join()}`;
}
