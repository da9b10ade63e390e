import type { Stack } from 'aws-cdk-lib';
import { CfnLaunchTemplate } from 'aws-cdk-lib/aws-ec2';
import { CfnDistributionConfiguration } from 'aws-cdk-lib/aws-imagebuilder';
import type { Construct } from 'constructs';
import type { ImageFastLaunch, NodeImageProps } from '../node-image-props';
import type { BuildInfrastructure } from './infrastructure';

const DEFAULT_SNAPSHOTS = 5;
const LEAST_PARALLEL_LAUNCHES = 6;

/**
 * What becomes of an image when it is done: its id is the value of the parameter.
 *
 * @internal
 */
export function distribution(
  scope: Construct,
  stack: Stack,
  name: string,
  parameterName: string,
  tags: { [key: string]: string },
  props: NodeImageProps,
  infrastructure: BuildInfrastructure,
): CfnDistributionConfiguration {
  const accounts = props.sharedWithAccounts;
  return new CfnDistributionConfiguration(scope, 'Distribution', {
    name,
    distributions: [
      {
        region: stack.region,
        amiDistributionConfiguration: {
          Name: `${name}-{{ imagebuilder:buildDate }}`,
          AmiTags: tags,
          LaunchPermissionConfiguration: accounts === undefined ? undefined : { UserIds: accounts },
        },
        ssmParameterConfigurations: [{ parameterName, dataType: 'aws:ec2:image' }],
        fastLaunchConfigurations:
          props.fastLaunch === undefined ? undefined : [fastLaunch(scope, stack, name, props.fastLaunch, infrastructure)],
      },
    ],
  });
}

/** Its instances are launched by a template of their own: Image Builder would take version 1 of the node's. */
function fastLaunch(
  scope: Construct,
  stack: Stack,
  name: string,
  options: ImageFastLaunch,
  { instanceType, subnetId, securityGroupIds }: BuildInfrastructure,
): CfnDistributionConfiguration.FastLaunchConfigurationProperty {
  const template = new CfnLaunchTemplate(scope, 'FastLaunchTemplate', {
    launchTemplateData: {
      instanceType,
      metadataOptions: { httpTokens: 'required', httpPutResponseHopLimit: 1 },
      networkInterfaces: [{ deviceIndex: 0, subnetId, groups: securityGroupIds }],
      tagSpecifications: [{ resourceType: 'instance', tags: [{ key: 'Name', value: name }] }],
    },
    // The role of the service may use templates with this tag alone:
    // https://docs.aws.amazon.com/aws-managed-policy/latest/reference/AWSServiceRoleForImageBuilder.html
    tagSpecifications: [{ resourceType: 'launch-template', tags: [{ key: 'CreatedBy', value: 'EC2 Image Builder' }] }],
  });
  return {
    accountId: stack.account,
    enabled: true,
    launchTemplate: { launchTemplateId: template.ref, launchTemplateVersion: template.attrLatestVersionNumber },
    maxParallelLaunches: options.maxParallelLaunches ?? LEAST_PARALLEL_LAUNCHES,
    snapshotConfiguration: { targetResourceCount: options.snapshots ?? DEFAULT_SNAPSHOTS },
  };
}
