import { Duration, Lazy } from 'aws-cdk-lib';
import { DesktopSessionTemplate } from '../../../lib/sessions';
import { textLike } from './matchers';

interface TemplateJson {
  readonly Parameters: Record<string, Record<string, unknown>>;
  readonly Conditions: Record<string, unknown>;
  readonly Resources: Record<string, { Type: string; CreationPolicy: unknown; Properties: Record<string, unknown> & { Tags: object[] } }>;
  readonly Outputs: Record<string, { Value: unknown }>;
}

const template = (props?: ConstructorParameters<typeof DesktopSessionTemplate>[0]): TemplateJson =>
  new DesktopSessionTemplate(props).toJson() as unknown as TemplateJson;

test('the template of a desktop', () => {
  expect(template()).toMatchSnapshot();
});

test('the instance comes from the launch template, in the version and subnet that were asked for', () => {
  const { Type, Properties } = template().Resources[DesktopSessionTemplate.INSTANCE_LOGICAL_ID];
  expect(Type).toBe('AWS::EC2::Instance');
  expect(Properties).toMatchObject({
    LaunchTemplate: { LaunchTemplateId: { Ref: 'LaunchTemplateId' }, Version: { Ref: 'LaunchTemplateVersion' } },
    SubnetId: { Ref: 'SubnetId' },
    InstanceType: { 'Fn::If': ['HasInstanceType', { Ref: 'InstanceType' }, { Ref: 'AWS::NoValue' }] },
  });
});

test('the launch-time values are tags, those not given are no tags', () => {
  const ifGiven = (parameter: string, Key: string): object => ({
    'Fn::If': [`Has${parameter}`, { Key, Value: { Ref: parameter } }, { Ref: 'AWS::NoValue' }],
  });
  expect(template().Resources.Desktop.Properties.Tags).toEqual([
    { Key: 'Name', Value: { 'Fn::Sub': '${ClusterId}-desktop-${SessionOwner}-${SessionId}' } },
    { Key: 'cluster-node:ClusterId', Value: { Ref: 'ClusterId' } },
    { Key: 'cluster-node:SessionOwner', Value: { Ref: 'SessionOwner' } },
    ifGiven('SessionName', 'cluster-node:SessionName'),
    { Key: 'cluster-node:SessionId', Value: { Ref: 'SessionId' } },
    ifGiven('Project', 'cluster-node:Project'),
    { Key: 'cluster-node:NodeType', Value: 'dcv_node' },
    { Key: 'cluster-node:SignalStack', Value: { Ref: 'AWS::StackName' } },
    { Key: 'cluster-node:SignalResource', Value: 'Desktop' },
  ]);
});

test('tag keys can be read through the instance metadata, which knows fewer characters than tags do', () => {
  for (const key of JSON.stringify(template()).matchAll(/"Key":"([^"]*)"/g)) expect(key[1]).toMatch(/^[a-zA-Z0-9+\-=.,_:@]{1,128}$/);
});

test.each([
  [undefined, 'PT1H15M'],
  [Duration.hours(1), 'PT1H'],
  [Duration.minutes(5), 'PT5M'],
  [Duration.seconds(301), 'PT5M1S'],
  [Duration.minutes(90), 'PT1H30M'],
  [Duration.hours(12), 'PT12H'],
])('a readiness timeout of %s is %s', (readinessTimeout, Timeout) => {
  expect(template({ readinessTimeout }).Resources.Desktop.CreationPolicy).toEqual({ ResourceSignal: { Count: 1, Timeout } });
});

test.each([
  [Duration.seconds(299), 'got 299 seconds'],
  [Duration.seconds(43_201), 'got 43201 seconds'],
  [Duration.millis(300_500), 'got 300.5 seconds'],
  [Duration.minutes(Lazy.number({ produce: () => 10 })), 'CDK token'],
])('a readiness timeout that CloudFormation or sense refuses is an error: %#', (readinessTimeout, text) => {
  expect(() => new DesktopSessionTemplate({ readinessTimeout })).toThrow(text);
});

test('every parameter is bounded, and a value outside is refused with words', () => {
  for (const [name, parameter] of Object.entries(template().Parameters)) {
    if (name === 'SubnetId') continue;
    expect([name, parameter]).toEqual([
      name,
      {
        Type: 'String',
        ...('Default' in parameter ? { Default: '' } : { MinLength: 1 }),
        MaxLength: expect.any(Number) as number,
        AllowedPattern: textLike(/^\^.*\$$/),
        ConstraintDescription: textLike(/^must be /),
      },
    ]);
  }
});

test.each([
  ['SessionOwner', ['alice', 'a', '7.b_c-d', 'x'.repeat(20)], ['', '-a', '.a', 'a b', 'a$', 'ä', 'x'.repeat(21), 'a\n']],
  ['SessionName', ['', 'CAD', 'my desktop 2', 'a'], [' a', 'a ', 'a/b', 'x'.repeat(33)]],
  ['Project', ['', 'wing.2026'], ['-x', 'a b', 'x'.repeat(65)]],
  ['InstanceType', ['', 'm7i.xlarge', 'u-6tb1.56xlarge', 'c7i.metal-24xl'], ['m7i', 'M7i.large', 'm7i.large ']],
  ['LaunchTemplateId', ['lt-01234567', 'lt-0123456789abcdef0'], ['', 'lt-0', 'lt-0123456789ABCDEF0', 'my-template']],
  ['LaunchTemplateVersion', ['1', '42'], ['', '0', '01', '$Latest', '$Default', '1.0', '12345678901']],
  ['SessionId', ['k3v9w0q2m1xz', '0', 'a-b'], ['', 'K3', '-b', 'a_b', 'x'.repeat(49)]],
  ['ClusterId', ['demo', 'soca-cluster1', 'x'.repeat(32)], ['', '1a', 'a_b', 'x'.repeat(33)]],
])('%s takes and refuses', (name, good, bad) => {
  const { AllowedPattern, MaxLength } = template().Parameters[name] as { AllowedPattern: string; MaxLength: number };
  const takes = (value: string): boolean => new RegExp(AllowedPattern).test(value) && value.length <= MaxLength;
  expect(good.filter((value) => !takes(value))).toEqual([]);
  expect(bad.filter(takes)).toEqual([]);
});

test('each call of toJson gives an object of its own', () => {
  const made = new DesktopSessionTemplate();
  (made.toJson() as unknown as { Resources: object }).Resources = {};
  expect(made.toJson()).toEqual(JSON.parse(made.body));
});
