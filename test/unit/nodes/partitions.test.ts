import { App } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { FLAGS } from '../../demo-stack';
import { FullFeatures } from '../../full-features';

/** Everything that the constructs make, in a Region. */
function fullFeatures(region: string): string {
  const stack = new FullFeatures(new App({ context: FLAGS }), 'Stack', { env: { account: '111122223333', region } });
  return JSON.stringify(Template.fromStack(stack).toJSON());
}

test.each([
  ['us-gov-west-1', 'aws-us-gov'],
  ['cn-north-1', 'aws-cn'],
])('in %s no ARN is of another partition, and no name of a service is that of another', (region, partition) => {
  const text = fullFeatures(region);
  const partitions = new Set([...text.matchAll(/\barn:(?!\$\{AWS::Partition\})([^:"]*):/g)].map((match) => match[1]));
  expect(partitions).toEqual(new Set([partition]));
  const names = new Set(text.match(/[\w.*-]*\bamazonaws\.com[\w.*]*/g));
  expect([...names].sort()).toEqual([
    // A part of the name of a service-linked role, which is the same everywhere.
    'autoscaling.amazonaws.com',
    // Principals as the CDK writes them.
    'delivery.logs.amazonaws.com',
    'ec2.amazonaws.com',
    'events.amazonaws.com',
    'imagebuilder.amazonaws.com',
    'lambda.amazonaws.com',
    ...[`secretsmanager.${region}.amazonaws.com`, `secretsmanager.${region}.amazonaws.com*`],
  ]);
});

test('where the Region is not known, neither is the partition', () => {
  const stack = new FullFeatures(new App(), 'Stack');
  expect(JSON.stringify(Template.fromStack(stack).toJSON())).not.toMatch(/\barn:[^"]/);
});

test('a role may use the key of a secret by whatever name Secrets Manager goes in its partition', () => {
  const stack = new FullFeatures(new App(), 'Stack', { env: { account: '111122223333', region: 'cn-north-1' } });
  const policies = Object.values(Template.fromStack(stack).findResources('AWS::IAM::Policy'));
  const decrypt = policies
    .flatMap((policy) => policy.Properties.PolicyDocument.Statement)
    .filter((statement) => [statement.Action].flat().includes('kms:Decrypt'));
  // Of a secret with a key of the stack, and of one with a key of somebody else.
  expect(decrypt).toHaveLength(2);
  for (const { Condition: condition } of decrypt) {
    expect(condition).toEqual({ StringLike: { 'kms:ViaService': 'secretsmanager.cn-north-1.amazonaws.com*' } });
  }
});
