import { randomUUID } from 'node:crypto';
import type { Image, ImagePipeline, ImageSummary } from '@aws-sdk/client-imagebuilder';
import { errorText, isThrottling, isTransient } from '../aws/call-errors';
import { type Clock, LAG, SYSTEM_CLOCK } from '../aws/clock';
import { compare } from '../aws/compare';
import { definedOnly } from '../aws/defined-only';
import { durationProblem, secondsOf } from '../aws/durations';
import { inGroups } from '../aws/in-groups';
import { optionalProblem, refuse } from '../sessions/field-rules';
import { BuildLogApi, logOf } from './build-log';
import { BUILD_WAIT_TIMEOUT, waitForBuild } from './build-waiting';
import { amiIdsOf, buildOf, hasEndedWell, isBuildArn, isoTime, isRunning, newestFirst, regionOf, versionOf } from './image-build';
import { ImageBuilderApi } from './image-builder';
import { ImageError } from './image-error';
import { ImageParameterApi } from './image-parameter';
import { IMAGE_TAGS } from './image-tags';
import {
  type NodeImageBuild,
  NodeImageBuildState,
  NodeImageSource,
  type NodeImagesProps,
  type NodeImageStatus,
  type NodeImageWaitOptions,
} from './node-image-status';

/**
 * The images of nodes, at run time: list them, look at their builds, start a build and wait for it.
 *
 * An image is named by the pipeline of EC2 Image Builder that makes it, by its name or ARN, or by the SSM parameter that has
 * the id of the newest image. Pipelines without the tags of this library are not looked at.
 *
 * Needs the npm packages `@aws-sdk/client-imagebuilder`, `@aws-sdk/client-ssm` and, for the logs of builds that failed,
 * `@aws-sdk/client-cloudwatch-logs`, and the credentials of the environment.
 */
export class NodeImages {
  /** @internal */
  public _clock: Clock = SYSTEM_CLOCK;

  private readonly clusterId?: string;
  private readonly builder: ImageBuilderApi;
  private readonly parameters: ImageParameterApi;
  private readonly logs: BuildLogApi;
  /** What Image Builder has just accepted and may not list yet, by ARN of the pipeline. */
  private readonly accepted = new Map<string, { readonly build: ImageSummary; readonly at: number }>();

  /**
   * The images of an account. Nothing is asked of AWS yet.
   *
   * @throws when a property does not have the form that its documentation says
   */
  public constructor(props: NodeImagesProps = {}) {
    const { region, clusterId } = props;
    refuse('images cannot be reached', [optionalProblem('region', region), optionalProblem('clusterId', clusterId)], ImageError);
    this.clusterId = clusterId;
    this.builder = new ImageBuilderApi(region);
    this.parameters = new ImageParameterApi(region);
    this.logs = new BuildLogApi(region);
  }

  /**
   * The images, by the names of their pipelines. Logs are not read.
   *
   * @throws when AWS refuses (its error as it is)
   */
  public async list(): Promise<NodeImageStatus[]> {
    const found = await inGroups(await this.pipelines(), async (pipeline) => this.statusOf(pipeline, await this.builds(pipeline)));
    return found.sort((a, b) => compare(a.pipelineName, b.pipelineName));
  }

  /**
   * One image as it is now, with the end of the log when its newest build failed.
   *
   * @param image name or ARN of the pipeline, or name of the parameter
   * @throws when there is no such image, or AWS refuses (its error as it is)
   */
  public async status(image: string): Promise<NodeImageStatus> {
    const pipeline = await this.pipeline(image);
    const builds = await this.builds(pipeline);
    const status = await this.statusOf(pipeline, builds);
    if (status.newestBuild?.state !== NodeImageBuildState.FAILED) return status;
    return { ...status, newestBuild: (await this.look(status.newestBuild.buildArn)) ?? status.newestBuild };
  }

  /**
   * Starts a build, also where the schedule is switched off. Returns as soon as Image Builder has accepted it; `wait` waits
   * for its end. While another build of the image runs nothing is started: the parameter would have the image of whichever
   * ends last.
   *
   * @param image name or ARN of the pipeline, or name of the parameter
   * @throws when there is no such image, a build of it runs, it stays unknown whether one was started, or AWS refuses (its
   * error as it is)
   * @see https://docs.aws.amazon.com/imagebuilder/latest/APIReference/API_StartImagePipelineExecution.html
   */
  public async start(image: string): Promise<NodeImageBuild> {
    const pipeline = await this.pipeline(image);
    const running = (await this.builds(pipeline)).map(buildOf).sort(newestFirst).find(isRunning);
    if (running !== undefined) {
      throw new ImageError(
        'BuildRunning',
        `the build ${running.version} of ${pipeline.name} runs since ${running.startedAt}: it is ${running.state}`,
        'wait for it (image wait), or cancel it in Image Builder',
      );
    }
    const arn = await this.builder.start(pipeline.arn, randomUUID()).catch((error: unknown) => {
      throw isTransient(error) && !isThrottling(error) ? uncertain(pipeline.name, error) : error;
    });
    const at = this._clock.now();
    const build: ImageSummary = { arn, state: { status: 'PENDING' }, dateCreated: new Date(at).toISOString() };
    this.accepted.set(pipeline.arn, { build, at });
    return buildOf(build);
  }

  /**
   * Waits until a build has ended, and returns it. A build that fails or is cancelled ends the waiting with an error that says
   * why, of one that fails with the end of its log; so does the end of the time. Throttling and interruptions of the network
   * do not.
   *
   * @param image name or ARN of the pipeline, or name of the parameter, for its newest build, or `buildArn` of one. Another
   * program's build is not listed at once: only by its ARN is it sure to be the one that is waited for.
   * @param options how long to wait
   * @throws when there is no such image or build, the build fails or is cancelled, or does not end in time
   */
  public async wait(image: string, options: NodeImageWaitOptions = {}): Promise<NodeImageBuild> {
    return this._wait(image, options);
  }

  /**
   * `wait`, telling of every new state on the way.
   *
   * @internal
   */
  public async _wait(
    image: string,
    options: NodeImageWaitOptions,
    onState: (build: NodeImageBuild) => void = () => undefined,
  ): Promise<NodeImageBuild> {
    refuse('the build cannot be waited for', [durationProblem('timeout', options.timeout, BUILD_WAIT_TIMEOUT)], ImageError);
    const buildArn = isBuildArn(image) ? await this.inRegion(image) : await this.newestBuildArn(image);
    const seconds = secondsOf(options.timeout, BUILD_WAIT_TIMEOUT);
    return waitForBuild({ buildArn, seconds, look: () => this.look(buildArn), onState }, this._clock);
  }

  private async newestBuildArn(image: string): Promise<string> {
    const pipeline = await this.pipeline(image);
    const newest = (await this.builds(pipeline)).map(buildOf).sort(newestFirst).at(0);
    if (newest !== undefined) return newest.buildArn;
    throw new ImageError('BuildNotFound', `no build of ${pipeline.name} was started yet`, 'start one (image start)');
  }

  /** One build, with the end of its log when it failed. */
  private async look(buildArn: string): Promise<NodeImageBuild | undefined> {
    const image: Image | undefined = await this.builder.build(buildArn);
    if (image === undefined) return undefined;
    const build = buildOf(image);
    if (build.state !== NodeImageBuildState.FAILED) return build;
    const place = logOf(image);
    return { ...build, logStream: `${place.group} ${place.stream}`, logEnd: await this.logs.end(place) };
  }

  private async statusOf(pipeline: ImageOfNode, builds: readonly ImageSummary[]): Promise<NodeImageStatus> {
    const { arn, name, parameter, tags, status, dateNextRun } = pipeline;
    const amiId = await this.parameters.value(parameter);
    const newestBuild = builds.map(buildOf).sort(newestFirst).at(0);
    const enabled = status !== 'DISABLED';
    return definedOnly({
      pipelineName: name,
      pipelineArn: arn,
      enabled,
      clusterId: tags[IMAGE_TAGS.CLUSTER_ID],
      nodeType: tags[IMAGE_TAGS.NODE_TYPE],
      baseOs: tags[IMAGE_TAGS.BASE_OS],
      parameterName: parameter,
      amiId,
      ...(amiId === undefined ? {} : originOf(amiId, builds)),
      newestBuild,
      nextRunAt: enabled ? isoTime(dateNextRun) : undefined,
    });
  }

  /** All builds of a pipeline, with the one that was started here a moment ago. */
  private async builds({ arn }: ImageOfNode): Promise<ImageSummary[]> {
    const listed = await this.builder.builds(arn);
    const accepted = this.accepted.get(arn);
    const isLate = accepted !== undefined && this._clock.now() - accepted.at < LAG;
    return isLate && !listed.some((build) => build.arn === accepted.build.arn) ? [...listed, accepted.build] : listed;
  }

  private async pipelines(): Promise<ImageOfNode[]> {
    return (await this.builder.pipelines())
      .map(imageOfNode)
      .filter((pipeline) => pipeline !== undefined)
      .filter(({ tags }) => this.clusterId === undefined || tags[IMAGE_TAGS.CLUSTER_ID] === this.clusterId);
  }

  private async pipeline(image: string): Promise<ImageOfNode> {
    refuse('the image cannot be looked up', [imageProblem(image)], ImageError);
    if (image.startsWith('arn:')) await this.inRegion(image);
    const pipelines = await this.pipelines();
    const found = pipelines.find(({ arn, name, parameter }) => [arn, name, parameter].includes(image));
    if (found !== undefined) return found;
    const names = pipelines.map(({ name }) => name).sort();
    const where = `${this.clusterId === undefined ? '' : `the cluster ${this.clusterId} in `}${await this.builder.region()}`;
    throw new ImageError(
      'ImageNotFound',
      `there is no image ${image} in ${where}`,
      names.length === 0 ? 'there is none at all: check the Region' : `there are ${names.join(', ')}`,
    );
  }

  /** The ARN itself, of the Region that is asked. */
  private async inRegion(arn: string): Promise<string> {
    const region = await this.builder.region();
    if (regionOf(arn) === region) return arn;
    throw new ImageError(
      'InvalidRequest',
      `${arn} is in ${regionOf(arn)}, and the Region that is asked is ${region}`,
      'set region (--region)',
    );
  }
}

/** A pipeline that makes images of a node. */
type ImageOfNode = ImagePipeline & {
  readonly arn: string;
  readonly name: string;
  readonly parameter: string;
  readonly tags: { readonly [key: string]: string | undefined };
};

function imageOfNode(pipeline: ImagePipeline): ImageOfNode | undefined {
  const { arn = '', name = '', tags = {} } = pipeline;
  const parameter = (tags as { readonly [key: string]: string | undefined })[IMAGE_TAGS.PARAMETER];
  return parameter === undefined ? undefined : { ...pipeline, arn, name, tags, parameter };
}

function originOf(amiId: string, builds: readonly ImageSummary[]): Pick<NodeImageStatus, 'amiSource' | 'amiVersion'> {
  const maker = builds.find((build) => amiIdsOf(build).includes(amiId));
  if (maker !== undefined) return { amiSource: NodeImageSource.BUILD, amiVersion: versionOf(maker.arn ?? '') };
  return { amiSource: builds.map(buildOf).some(hasEndedWell) ? NodeImageSource.OTHER : NodeImageSource.BASE_IMAGE };
}

function imageProblem(image: unknown): string | undefined {
  const form = /^(arn:aws[^:]*:imagebuilder:[^:]+:[^:]*:image-pipeline\/[a-z0-9_-]+|(?!arn:)[A-Za-z0-9_./ -]{1,1011})$/;
  if (typeof image === 'string' && form.test(image)) return undefined;
  const got = typeof image === 'string' ? JSON.stringify(image) : `a value of type ${typeof image}`;
  return `image must be the name or the ARN of a pipeline, or the name of its parameter, but got ${got}`;
}

function uncertain(name: string, cause: unknown): ImageError {
  return new ImageError(
    'RequestUncertain',
    `Image Builder did not answer, so a build of ${name} may or may not have been started: ${errorText(cause)}`,
    'look for it (image status) before starting again',
    { cause },
  );
}
