import type * as ec2 from 'aws-cdk-lib/aws-ec2';
import type * as events from 'aws-cdk-lib/aws-events';
import type * as kms from 'aws-cdk-lib/aws-kms';
import type { RetentionDays } from 'aws-cdk-lib/aws-logs';
import type * as sns from 'aws-cdk-lib/aws-sns';
import type { ClusterNode } from '../nodes/cluster-node';

/** When a deployment that changes what an image is made of has one built. */
export enum ImageBuildStart {
  /** Never: builds are started by the schedule, or with `cluster-nodes image start`. */
  ON_REQUEST = 'ON_REQUEST',
  /** The deployment starts a build and does not wait for it. */
  AFTER_DEPLOYMENT = 'AFTER_DEPLOYMENT',
  /** The deployment waits for the build, and fails with it. */
  DURING_DEPLOYMENT = 'DURING_DEPLOYMENT',
}

/** When an image is built without anybody asking. */
export interface ImageSchedule {
  /**
   * When, such as `Schedule.cron({ day: '1', hour: '3', minute: '0' })`.
   *
   * @see https://docs.aws.amazon.com/imagebuilder/latest/userguide/image-builder-cron.html
   */
  readonly expression: events.Schedule;

  /**
   * IANA name of the time zone of the expression.
   *
   * @default - UTC
   */
  readonly timezone?: string;

  /**
   * Build then only if Image Builder knows of another base image or component. It does not know of updates of packages, so that
   * they would wait for the vendor's next image.
   *
   * @default false
   */
  readonly onlyWithDependencyUpdates?: boolean;
}

/**
 * Snapshots of Windows images that have gone through the first part of a first boot. Each is billed as a snapshot, and an instance
 * is billed while it is made.
 *
 * @see https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/win-ami-config-fast-launch.html
 */
export interface ImageFastLaunch {
  /**
   * Snapshots that are kept ready: 1 to 1000.
   *
   * @default 5
   */
  readonly snapshots?: number;

  /**
   * Instances that may be at work at once to make them: 6 or more.
   *
   * @default 6
   */
  readonly maxParallelLaunches?: number;
}

/** Properties of the image of a node. */
export interface NodeImageProps {
  /**
   * The node that the image is for. Its system, architecture, instance type, options of installs, root volume and subnets are those
   * of the build; its own image is the base.
   */
  readonly node: ClusterNode;

  /**
   * Whether the node launches from the image, from the next deployment on. Running instances stay as they are. Other nodes get it
   * by `machineImage`. With the node in another stack it has to be `false`.
   *
   * @default true
   */
  readonly launchesNode?: boolean;

  /**
   * When a deployment has an image built. The first deployment always changes what it is made of.
   *
   * @default ImageBuildStart.AFTER_DEPLOYMENT
   */
  readonly buildStart?: ImageBuildStart;

  /**
   * When an image is built again, for updates of the system.
   *
   * @default - not by itself
   */
  readonly schedule?: ImageSchedule;

  /**
   * Type of the instance that builds, of the node's architecture. For a driver of a GPU it has to have such a GPU.
   *
   * @default - the node's
   */
  readonly instanceType?: ec2.InstanceType;

  /**
   * Subnets to build in, of the node's VPC. The first one is taken.
   *
   * @default - the node's
   */
  readonly vpcSubnets?: ec2.SubnetSelection;

  /**
   * Security groups of the instance that builds.
   *
   * @default - a new one without inbound rules
   */
  readonly securityGroups?: ec2.ISecurityGroup[];

  /**
   * Key of the image's snapshot.
   *
   * @default - that of the node's root volume; without one that of the account for EBS
   */
  readonly encryptionKey?: kms.IKey;

  /**
   * Accounts that may launch instances of the image: 12 digits each. They need the key as well, so that it has to be one of
   * yours.
   *
   * @see https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/sharingamis-explicit.html
   * @default - none
   */
  readonly sharedWithAccounts?: string[];

  /**
   * Images that are kept, the newest: 1 to 1000. Older ones are deleted with their snapshots. To go back to an image it has to be
   * there still.
   *
   * @default 3
   */
  readonly keepImages?: number;

  /**
   * Fast Launch, for Windows.
   *
   * @default - none
   */
  readonly fastLaunch?: ImageFastLaunch;

  /**
   * Topic that is told of builds that fail. An encrypted one needs a key that lets EventBridge in.
   *
   * @default - none
   */
  readonly failureTopic?: sns.ITopic;

  /**
   * How long the logs of builds are kept.
   *
   * @default RetentionDays.THREE_MONTHS
   */
  readonly logRetention?: RetentionDays;
}
