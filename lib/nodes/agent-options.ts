import type * as logs from 'aws-cdk-lib/aws-logs';
import type { AwsCli } from './aws-cli';
import type { CloudWatchAgent } from './cloudwatch-agent';
import type { VerifiedFile } from './verified-file';

/** Programs of AWS on a node. */
export interface NodeAgentOptions {
  /**
   * The AWS CLI for the people and scripts of the node. Credentials are the user's own: the role of the node is root's, on Windows
   * the system's and of administrators, alone, see `metadataGuard`. Where it is given, a node that cannot install it fails; by default it boots without, with a warning in
   * its log.
   *
   * @default AwsCli.standard(); none on Amazon Linux 2, whose images have version 1
   */
  readonly awsCli?: AwsCli;

  /**
   * Where the logs of the bootstrap go when the node is ready or has failed, and before it tells anybody: the log of a desktop that
   * has failed is there when its instance is gone. A stream for each file, `<instance id>/cluster-node/setup.log`. It has to be of
   * the account and Region of the node, whose role may create streams in it and write to them.
   *
   * @default - the cluster's
   */
  readonly logGroup?: logs.ILogGroup;

  /**
   * The agent that sends logs of the DCV server and of cloud-init or EC2Launch to `logGroup`, and metrics of GPUs where it is asked
   * to.
   *
   * @default CloudWatchAgent.signed() where the node has a log group; none on Amazon Linux 2
   */
  readonly cloudWatchAgent?: CloudWatchAgent;

  /**
   * The package `amazon-efs-utils` for the system and architecture of the node, which EFS file systems with the mount options `tls`
   * or `iam` need. AWS publishes packages for RHEL, Rocky Linux and Ubuntu, and states no checksum and no fingerprint of their
   * key, so take one that you have verified or built. On RHEL 8 for arm64, whose pages have 64 KiB, it has to be built for them.
   *
   * @see https://github.com/aws/efs-utils/blob/master/INSTALL.md
   * @default - the package of Amazon Linux; required on other systems where a file system of the cluster asks for it
   */
  readonly efsUtils?: VerifiedFile;
}
