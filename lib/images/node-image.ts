import { Names, RemovalPolicy, Resource, Stack, Token } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import { CfnComponent, CfnImage, CfnImagePipeline, type CfnImageProps, CfnImageRecipe } from 'aws-cdk-lib/aws-imagebuilder';
import * as logs from 'aws-cdk-lib/aws-logs';
import type { Construct, IDependable } from 'constructs';
import { ConstructError } from '../construct-error';
import { NodeOsFamily } from '../nodes/node-os-props';
import { checkInteger, nodeArchitecture } from '../nodes/private/node-checks';
import { IMAGE_TAGS } from './image-tags';
import { ImageBuildStart, type ImageSchedule, type NodeImageProps } from './node-image-props';
import { componentDocument } from './private/component-document';
import { distribution } from './private/distribution';
import { notifyOfFailures } from './private/failures';
import { startAfterDeployment } from './private/build-start';
import { imageParameter } from './private/image-parameter';
import type { ImageSource } from './private/image-source';
import { buildInfrastructure } from './private/infrastructure';
import { lifecyclePolicy } from './private/lifecycle';

/** Image Builder counts by itself: a replaced component or recipe is the next one. */
const NEXT_VERSION = '1.0.x';

/** Besides the scripts an instance starts, restarts and is taken down. */
const TEST_ALLOWANCE_MINUTES = 60;

/**
 * An image for a node, with everything that the node would install at its first boot: EC2 Image Builder builds it from the node's
 * own bundle, has an instance of it become ready as the node does, and writes its id to an SSM parameter, which launch templates
 * resolve at each launch. New instances get the newest image; running ones are left alone. Until the first build is done the
 * parameter holds the node's own image, with which instances install at their first boot. So they do with an image that is older
 * than the node's definition.
 *
 * ## Resources deployed
 *
 * - a pipeline of EC2 Image Builder with component, recipe, infrastructure and distribution
 * - a custom resource that creates the SSM parameter, and with `ImageBuildStart.AFTER_DEPLOYMENT` one that starts a build; both by
 *   one Lambda function of the stack
 * - a role and a security group without inbound rules for the instance that builds
 * - a lifecycle policy with its role, which deletes old images
 * - a log group
 *
 * ## Security considerations
 *
 * The instance that builds may read bundles, what the installs download from buckets of yours and the licence of DCV, and
 * nothing of the cluster. The image has no value of a cluster, desktop or owner, and what makes a machine itself is removed from
 * it. The component has those values of your configuration that scripts read, like UserData. Who may write the parameter decides
 * what nodes boot.
 */
export class NodeImage extends Resource {
  /** Name of the pipeline, for `cluster-nodes image`. */
  public readonly pipelineName: string;

  /**
   * ARN of the pipeline.
   *
   * @attribute
   */
  public readonly pipelineArn: string;

  /** Name of the SSM parameter with the id of the image. */
  public readonly parameterName: string;

  /** The newest image at each launch, for `machineImage` of nodes. */
  public readonly machineImage: ec2.IMachineImage;

  /** Log group of the builds. */
  public readonly logGroup: logs.ILogGroup;

  /**
   * A new image.
   *
   * @throws when a property does not have the form that its documentation says, or when two do not go together
   */
  public constructor(scope: Construct, id: string, props: NodeImageProps) {
    super(scope, id);
    const { node } = props;
    const stack = Stack.of(this);
    const source = node._imageSource();
    this.check(props, source);

    const name = Names.uniqueResourceName(this, { maxLength: 100, separator: '-', allowedSpecialCharacters: '-' }).toLowerCase();
    this.pipelineName = name;
    // Below this path the role of the service may write: https://docs.aws.amazon.com/aws-managed-policy/latest/reference/AWSServiceRoleForImageBuilder.html
    this.parameterName = `/imagebuilder/${node.clusterId}/${name}`;
    const tags = {
      [IMAGE_TAGS.CLUSTER_ID]: node.clusterId,
      [IMAGE_TAGS.NODE_TYPE]: node.nodeType,
      [IMAGE_TAGS.BASE_OS]: node.os.name,
      [IMAGE_TAGS.PARAMETER]: this.parameterName,
    };
    const parameter = imageParameter(this, stack, this.parameterName, source.imageId);
    this.machineImage = ec2.MachineImage.resolveSsmParameterAtLaunch(parameter, {
      os: source.family === NodeOsFamily.WINDOWS ? ec2.OperatingSystemType.WINDOWS : ec2.OperatingSystemType.LINUX,
    });
    // The name that Image Builder would give it.
    this.logGroup = new logs.LogGroup(this, 'LogGroup', {
      logGroupName: `/aws/imagebuilder/${name}`,
      retention: props.logRetention ?? logs.RetentionDays.THREE_MONTHS,
      removalPolicy: RemovalPolicy.DESTROY,
    });

    const infrastructure = buildInfrastructure(this, stack, name, source, props, this.logGroup);
    const imageDistribution = distribution(this, stack, name, this.parameterName, tags, props, infrastructure);
    const recipe = this.recipe(name, source, props);
    const build = {
      imageRecipeArn: recipe.attrArn,
      infrastructureConfigurationArn: infrastructure.configuration.attrArn,
      distributionConfigurationArn: imageDistribution.attrArn,
      // It has an association of Systems Manager take an inventory, for which the instance would need more permissions.
      enhancedImageMetadataEnabled: false,
      imageTestsConfiguration: {
        imageTestsEnabled: true,
        timeoutMinutes: Math.ceil(source.test.seconds / 60) + TEST_ALLOWANCE_MINUTES,
      },
      tags,
    };
    const pipeline = new CfnImagePipeline(this, 'Pipeline', { name, ...build, schedule: scheduleOf(props.schedule) });
    if (props.schedule?.timezone !== undefined) {
      // Not among the properties of each version of aws-cdk-lib.
      pipeline.addPropertyOverride('Schedule.Timezone', props.schedule.timezone);
    }
    this.node.defaultChild = pipeline;
    // A build writes to it.
    pipeline.node.addDependency(this.logGroup);
    this.pipelineArn = pipeline.attrArn;
    lifecyclePolicy(this, name, props.keepImages);
    if (props.failureTopic !== undefined) {
      notifyOfFailures(this, stack, name, props.failureTopic);
    }
    this.startBuilds(props.buildStart, build, recipe, infrastructure.network);
    if (props.launchesNode !== false) {
      node._launchFrom(this.machineImage);
    }
  }

  private check(props: NodeImageProps, source: ImageSource): void {
    const { node, fastLaunch, sharedWithAccounts = [] } = props;
    nodeArchitecture(this, { os: node.os, architecture: node.architecture, instanceType: props.instanceType });
    checkInteger(this, 'keepImages', props.keepImages, 1, 1000);
    checkInteger(this, 'fastLaunch.snapshots', fastLaunch?.snapshots, 1, 1000);
    checkInteger(this, 'fastLaunch.maxParallelLaunches', fastLaunch?.maxParallelLaunches, 6, 1000);
    if (props.launchesNode !== false && Stack.of(node) !== Stack.of(this)) {
      throw new ConstructError(
        'ImageInOtherStack',
        `expected an image in the stack of the node that launches from it, ${Stack.of(node).node.path}, got one in ${Stack.of(this).node.path}; make it there, or set launchesNode: false and give machineImage to other nodes`,
        this,
      );
    }
    if (source.installs.length === 0) {
      throw new ConstructError('NothingToInstall', `expected a node with an install, got ${node.node.path}, whose phases have none`, this);
    }
    if (source.imageId.startsWith('resolve:ssm:')) {
      throw new ConstructError(
        'UnfitBaseImage',
        `expected a node whose image is known when the stack is deployed, got ${node.node.path}, which resolves ${source.imageId.slice('resolve:ssm:'.length)} at each launch: no image can be made of an image of its own; leave machineImage of the node out, or use ec2.MachineImage.fromSsmParameter`,
        this,
      );
    }
    if (fastLaunch !== undefined && source.family !== NodeOsFamily.WINDOWS) {
      throw new ConstructError('UnsupportedOnOs', `expected fastLaunch for Windows alone, got it for ${node.os.name}; leave it out`, this);
    }
    const wrong = sharedWithAccounts.find((account) => !Token.isUnresolved(account) && !/^[0-9]{12}$/.test(account));
    if (wrong !== undefined) {
      throw new ConstructError('InvalidAccount', `expected sharedWithAccounts to hold accounts of 12 digits, got '${wrong}'`, this);
    }
    if (sharedWithAccounts.length > 0 && this.keyOf(props, source) === undefined) {
      throw new ConstructError(
        'SharedImageNeedsKey',
        "expected an encryptionKey of yours for an image that other accounts launch, got none: they cannot use the account's own key for EBS; pass encryptionKey, and let the accounts use it",
        this,
      );
    }
  }

  private startBuilds(start: ImageBuildStart | undefined, build: CfnImageProps, recipe: CfnImageRecipe, network: IDependable): void {
    if (start === ImageBuildStart.ON_REQUEST) return;
    const started =
      start === ImageBuildStart.DURING_DEPLOYMENT
        ? new CfnImage(this, 'Image', build)
        : startAfterDeployment(this, Stack.of(this), this.pipelineName, this.pipelineArn, recipe.attrArn);
    started.node.addDependency(network, this.logGroup, this.node.findChild('Parameter'));
  }

  private recipe(name: string, source: ImageSource, props: NodeImageProps): CfnImageRecipe {
    const component = new CfnComponent(this, 'Component', {
      name,
      version: NEXT_VERSION,
      platform: source.family === NodeOsFamily.WINDOWS ? 'Windows' : 'Linux',
      data: componentDocument(name, source),
    });
    // cdk gc looks for the keys of objects in the text of templates.
    component.addMetadata('cluster-node:Bundle', source.install.bundle.objectKey);
    return new CfnImageRecipe(this, 'Recipe', {
      name,
      version: NEXT_VERSION,
      // A parameter is read at each build.
      parentImage: source.imageParameter === undefined ? source.imageId : `ssm:${source.imageParameter}`,
      components: [{ componentArn: component.attrArn }],
      blockDeviceMappings: [
        {
          deviceName: source.rootDeviceName,
          ebs: {
            encrypted: true,
            kmsKeyId: this.keyOf(props, source),
            volumeSize: source.rootVolumeGiB,
            volumeType: 'gp3',
            deleteOnTermination: true,
          },
        },
      ],
      // Where the service has put an agent in, it stays for the node that has it among its installs.
      additionalInstanceConfiguration: { systemsManagerAgent: { uninstallAfterBuild: !source.installsSsmAgent } },
    });
  }

  private keyOf(props: NodeImageProps, source: ImageSource): string | undefined {
    return (props.encryptionKey ?? source.rootVolumeKey)?.keyArn;
  }
}

function scheduleOf(schedule: ImageSchedule | undefined): CfnImagePipeline.ScheduleProperty | undefined {
  if (schedule === undefined) return undefined;
  return {
    scheduleExpression: schedule.expression.expressionString,
    pipelineExecutionStartCondition:
      schedule.onlyWithDependencyUpdates === true ? 'EXPRESSION_MATCH_AND_DEPENDENCY_UPDATES_AVAILABLE' : 'EXPRESSION_MATCH_ONLY',
  };
}
