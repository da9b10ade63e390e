import type * as logs from 'aws-cdk-lib/aws-logs';
import type { AwsCli } from './aws-cli';

/** Programs of AWS on a node. */
export interface NodeAgentOptions {
  /**
   * The AWS CLI for the people and scripts of the node. Linux only. Credentials are the user's own: the role of the node is root's
   * alone, see `metadataGuard`.
   *
   * @default AwsCli.pinned(); none on Amazon Linux 2, whose images have version 1, and on Windows
   */
  readonly awsCli?: AwsCli;

  /**
   * Where the logs of the bootstrap go when the node is ready or has failed, and before it tells anybody: the log of a desktop that
   * has failed is there when its instance is gone. A stream for each file, `<instance id>/cluster-node/setup.log`. It has to be of
   * the account and Region of the node, whose role may create streams in it and write to them. Linux only.
   *
   * @default - the cluster's
   */
  readonly logGroup?: logs.ILogGroup;
}
