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
}
