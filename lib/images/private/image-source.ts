import type * as ec2 from 'aws-cdk-lib/aws-ec2';
import type * as iam from 'aws-cdk-lib/aws-iam';
import type * as kms from 'aws-cdk-lib/aws-kms';
import type { BootstrapBundle } from '../../bootstrap/bundle';
import type { NodeOsFamily } from '../../nodes/node-os-props';

/**
 * What an image for a node is made of.
 *
 * @internal
 */
export interface ImageSource {
  readonly family: NodeOsFamily;
  readonly bundle: BootstrapBundle;
  /** Lines of the values file that installs read: download settings. */
  readonly valueLines: readonly string[];
  /** The scripts of the node for an instance of the image that is none of the cluster, the values that they read, and how long they may take. */
  readonly test: { readonly bundle: BootstrapBundle; readonly valueLines: readonly string[]; readonly seconds: number };
  /** Names of the phases with an install. */
  readonly installs: readonly string[];
  /** Whether one of them brings the SSM agent. */
  readonly installsSsmAgent: boolean;
  /** Seconds that the installs may take together. */
  readonly installSeconds: number;
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
