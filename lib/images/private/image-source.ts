import type * as ec2 from 'aws-cdk-lib/aws-ec2';
import type * as iam from 'aws-cdk-lib/aws-iam';
import type * as kms from 'aws-cdk-lib/aws-kms';
import type { BootstrapBundle } from '../../bootstrap/bundle';
import type { NodeOsFamily } from '../../nodes/node-os-props';

/**
 * Scripts that run where an image is made or tested.
 *
 * @internal
 */
export interface ImageScripts {
  readonly bundle: BootstrapBundle;
  /** Lines of the values file that they read. */
  readonly valueLines: readonly string[];
  /** Seconds that they may take together. */
  readonly seconds: number;
}

/**
 * What an image for a node is made of.
 *
 * @internal
 */
export interface ImageSource {
  readonly family: NodeOsFamily;
  /** Of the node; its installs know download settings alone. */
  readonly install: ImageScripts;
  /** For an instance of the image that is no node of the cluster. */
  readonly test: ImageScripts;
  /** Names of the phases with an install. */
  readonly installs: readonly string[];
  /** Whether one of them brings the SSM agent. */
  readonly installsSsmAgent: boolean;
  /** The image of the node as EC2 takes it: its id, or `resolve:ssm:` and a parameter. */
  readonly imageId: string;
  /** Public SSM parameter with the id of that image, if the node has the default one. */
  readonly imageParameter?: string;
  readonly instanceType: string;
  readonly rootDeviceName: string;
  readonly rootVolumeGiB: number;
  readonly rootVolumeKey?: kms.IKey;
  /** What the installs read: the bundle, and files in buckets. */
  readonly statements: readonly iam.PolicyStatement[];
  readonly vpc: ec2.IVpc;
  readonly vpcSubnets: ec2.SubnetSelection;
}
