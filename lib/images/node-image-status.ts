import type { Duration } from 'aws-cdk-lib';

/** Where a build of an image is. */
export enum NodeImageBuildState {
  /** It was asked for, and its instance does not run yet. */
  PENDING = 'pending',
  /** An instance installs what belongs into the image, and the image is taken from it. */
  BUILDING = 'building',
  /** An instance of the new image is tested. */
  TESTING = 'testing',
  /** The image is copied and shared, and the parameter gets its id. */
  DISTRIBUTING = 'distributing',
  /** The image is there. */
  AVAILABLE = 'available',
  /** There is no image: `NodeImageBuild.reason` says why. */
  FAILED = 'failed',
  /** Somebody has stopped the build. */
  CANCELLED = 'cancelled',
  /** The image was there, and was deprecated, disabled or deleted since, such as by a lifecycle policy. */
  RETIRED = 'retired',
}

/** Where the image comes from that new nodes start from. */
export enum NodeImageSource {
  /** A build of the pipeline. */
  BUILD = 'build',
  /** It is the image that builds start from: none has ended well yet. */
  BASE_IMAGE = 'base-image',
  /** None of the builds that Image Builder lists: somebody has written it into the parameter, or the build was deleted. */
  OTHER = 'other',
}

/** One build of an image, as EC2 Image Builder reports it at the moment of the call. */
export interface NodeImageBuild {
  /** ARN of the build: in Image Builder's words, of the image's build version. */
  readonly buildArn: string;

  /** Version of the recipe and number of the build, such as `1.0.3/2`. */
  readonly version: string;

  /** Where the build is. */
  readonly state: NodeImageBuildState;

  /** Status in Image Builder's own words, such as `INTEGRATING`. */
  readonly imageBuilderStatus: string;

  /**
   * Why the build failed, or was stopped, in one line.
   *
   * @default - absent unless Image Builder gives a reason
   */
  readonly reason?: string;

  /**
   * Id of the image in the Region of the pipeline.
   *
   * @default - absent until there is one
   */
  readonly amiId?: string;

  /** When the build was asked for, in UTC: `2026-01-31T09:30:00.000Z`. */
  readonly startedAt: string;

  /**
   * The last 20 lines of the log of a build that failed, or one line that says why they cannot be read. A list has none.
   *
   * @default - absent unless the build failed
   */
  readonly logEnd?: string[];

  /**
   * Log group and stream in CloudWatch Logs that the whole log of a failed build is in, with a blank between them.
   *
   * @default - absent unless the build failed
   */
  readonly logStream?: string;
}

/** A pipeline that makes images of a node, its newest build, and the image that new nodes start from. */
export interface NodeImageStatus {
  /** Name of the pipeline of EC2 Image Builder. */
  readonly pipelineName: string;

  /** ARN of the pipeline. */
  readonly pipelineArn: string;

  /** Whether the pipeline runs on its schedule. One that is switched off, or has failed too often, can still be started. */
  readonly enabled: boolean;

  /**
   * Cluster of the node.
   *
   * @default - the pipeline has no tag that says so
   */
  readonly clusterId?: string;

  /**
   * What the node is for.
   *
   * @default - the pipeline has no tag that says so
   */
  readonly nodeType?: string;

  /**
   * Operating system of the node.
   *
   * @default - the pipeline has no tag that says so
   */
  readonly baseOs?: string;

  /** Name of the SSM parameter that launch templates take the image from. */
  readonly parameterName: string;

  /**
   * Value of the parameter: the id of the image that new nodes start from.
   *
   * @default - absent when there is no such parameter
   */
  readonly amiId?: string;

  /**
   * Where that image comes from.
   *
   * @default - absent when there is no such parameter
   */
  readonly amiSource?: NodeImageSource;

  /**
   * Version of the build that has made that image.
   *
   * @default - absent unless `amiSource` is `NodeImageSource.BUILD`
   */
  readonly amiVersion?: string;

  /**
   * The build that was asked for last.
   *
   * @default - there was none yet
   */
  readonly newestBuild?: NodeImageBuild;

  /**
   * When the schedule runs next, in UTC: `2026-01-31T09:30:00.000Z`.
   *
   * @default - no schedule, or it is switched off
   */
  readonly nextRunAt?: string;
}

/** Where the images are. */
export interface NodeImagesProps {
  /**
   * AWS Region of the pipelines.
   *
   * @default - the Region of the environment or the shared configuration file, as for the AWS CLI
   */
  readonly region?: string;

  /**
   * Only images of this cluster: a letter, then letters, digits and hyphens, at most 32 characters.
   *
   * @default - images of all clusters
   */
  readonly clusterId?: string;
}

/** How to wait for a build. */
export interface NodeImageWaitOptions {
  /**
   * How long to wait at most, 1 second to 24 hours. Copies to other Regions and Windows take longest.
   *
   * @default Duration.hours(4)
   */
  readonly timeout?: Duration;
}
