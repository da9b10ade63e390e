import { Aws, type Stack } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as iam from 'aws-cdk-lib/aws-iam';
import { CfnInfrastructureConfiguration } from 'aws-cdk-lib/aws-imagebuilder';
import type * as logs from 'aws-cdk-lib/aws-logs';
import type { Construct, IDependable } from 'constructs';
import { checkSelection } from '../../cluster/subnet-selection';
import { arnOf } from '../../nodes/private/arn';
import { ssmAgentStatements } from '../../nodes/private/connect-permissions';
import type { NodeImageProps } from '../node-image-props';
import type { ImageSource } from './image-source';

/** @internal */
export interface BuildInfrastructure {
  readonly instanceType: string;
  readonly subnetId: string;
  readonly securityGroupIds: string[];
  readonly configuration: CfnInfrastructureConfiguration;
  /** A build finds its way out behind it. */
  readonly network: IDependable;
}

/**
 * Where an image is built and tested: an instance in a subnet of the node, that nobody can reach.
 *
 * @internal
 */
export function buildInfrastructure(
  scope: Construct,
  stack: Stack,
  name: string,
  source: ImageSource,
  props: NodeImageProps,
  logGroup: logs.ILogGroup,
): BuildInfrastructure {
  checkSelection(scope, source.vpc, props.vpcSubnets);
  const role = builderRole(scope, stack, name, source, logGroup);
  const profile = new iam.InstanceProfile(scope, 'InstanceProfile', { role });
  const groups = props.securityGroups ?? [
    new ec2.SecurityGroup(scope, 'SecurityGroup', { vpc: source.vpc, description: `Builds ${name}`, allowAllOutbound: true }),
  ];
  const instanceType = props.instanceType?.toString() ?? source.instanceType;
  const subnets = source.vpc.selectSubnets(props.vpcSubnets ?? source.vpcSubnets);
  const [subnetId] = subnets.subnetIds;
  const securityGroupIds = groups.map(({ securityGroupId }) => securityGroupId);
  const configuration = new CfnInfrastructureConfiguration(scope, 'Infrastructure', {
    name,
    instanceProfileName: profile.instanceProfileName,
    instanceTypes: [instanceType],
    subnetId,
    securityGroupIds,
    instanceMetadataOptions: { httpTokens: 'required', httpPutResponseHopLimit: 1 },
    terminateInstanceOnFailure: true,
    resourceTags: { Name: name },
  });
  return { instanceType, subnetId, securityGroupIds, configuration, network: subnets.internetConnectivityEstablished };
}

/**
 * What the installs read, and what the service has its instance do. Its managed policies read every parameter of the account, and
 * write to every log group of builds.
 *
 * @see https://docs.aws.amazon.com/aws-managed-policy/latest/reference/EC2InstanceProfileForImageBuilder.html
 */
function builderRole(scope: Construct, stack: Stack, name: string, source: ImageSource, logGroup: logs.ILogGroup): iam.Role {
  const allow = (actions: string[], resources: string[]): iam.PolicyStatement => new iam.PolicyStatement({ actions, resources });
  const statements = [
    ...source.statements,
    ...ssmAgentStatements(stack),
    allow(['imagebuilder:GetComponent'], [arnOf(stack, 'imagebuilder', 'component', `${name}/*`)]),
    // Where the service has the program that runs component documents.
    allow(['s3:GetObject'], [`arn:${Aws.PARTITION}:s3:::ec2imagebuilder*`]),
    allow(['logs:CreateLogStream', 'logs:PutLogEvents'], [logGroup.logGroupArn]),
    // The service asks for the group in any case.
    allow(['logs:CreateLogGroup'], [logGroup.logGroupArn]),
  ];
  return new iam.Role(scope, 'Role', {
    assumedBy: new iam.ServicePrincipal('ec2.amazonaws.com'),
    inlinePolicies: { Build: new iam.PolicyDocument({ statements }) },
  });
}
