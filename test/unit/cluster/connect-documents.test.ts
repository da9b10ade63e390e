import { App, type Environment, Stack, Stage } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import type { Construct } from 'constructs';
import { Cluster } from '../../../lib';

function clusterIn(scope: Construct, id: string, env?: Environment, clusterId = 'lab'): Cluster {
  const stack = new Stack(scope, id, { env });
  const vpc = ec2.Vpc.fromVpcAttributes(stack, 'Vpc', { vpcId: 'vpc-1', availabilityZones: ['a'], privateSubnetIds: ['subnet-1'] });
  return new Cluster(stack, 'Cluster', { clusterId, vpc });
}

const IRELAND = { account: '111111111111', region: 'eu-west-1' };
const LONDON = { account: '111111111111', region: 'eu-west-2' };

test('two new clusters of one id, account and Region cannot both have the documents', () => {
  const app = new App();
  const [first, second] = ['One', 'Two'].map((id) => clusterIn(app, id, IRELAND));
  first.addConnectDocuments();
  first.addConnectDocuments();
  expect(() => second.addConnectDocuments()).toThrow(
    /one new Cluster with the id 'lab' .*got another beside One\/Cluster; make one of them Cluster.fromClusterAttributes.* \(at Two\/Cluster\)/,
  );
});

test.each<[string, (app: App) => Cluster[]]>([
  ['Regions', (app) => [clusterIn(app, 'One', IRELAND), clusterIn(app, 'Two', LONDON)]],
  ['stages', (app) => ['Test', 'Production'].map((id) => clusterIn(new Stage(app, id), 'Lab'))],
  ['ids', (app) => [clusterIn(app, 'One'), clusterIn(app, 'Two', undefined, 'other')]],
  ['environments, as far as can be told', (app) => [clusterIn(app, 'One'), clusterIn(app, 'Two'), clusterIn(app, 'Three', IRELAND)]],
])('clusters of different %s can', (_, make) => {
  expect(() => make(new App()).forEach((cluster) => cluster.addConnectDocuments())).not.toThrow();
});
