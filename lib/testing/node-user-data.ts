import { Stack } from 'aws-cdk-lib';
import { READABLE, resolvedText } from '../bootstrap/resolved-text';
import { ClusterNode } from '../nodes/cluster-node';

/**
 * What runs on a node, for your own tests: a snapshot of it changes only when what runs on the node changes.
 *
 * ```ts
 * expect(NodeUserData.fromNode(node).userData).toMatchSnapshot();
 * ```
 */
export class NodeUserData {
  /**
   * The UserData and the bundle of a node, as things stand now.
   *
   * @param node of any kind, in an app that need not be synthesized yet
   */
  public static fromNode(node: ClusterNode): NodeUserData {
    return new NodeUserData(node);
  }

  /**
   * The UserData as text. Values that CloudFormation knows stand as `${AWS::Region}` or `${Resource.Arn}`, values in
   * base64 as `base64(...)` of that, and the checksum of the bundle as `<sha256>`.
   */
  public readonly userData: string;

  /** Text of each script of the bundle by its path. */
  public readonly files: { [path: string]: string };

  private constructor(node: ClusterNode) {
    const text = resolvedText(Stack.of(node), node.userData.render(), READABLE);
    // The object key holds the checksum, and its line is in base64 already when the key is known at synth.
    const key = Buffer.from(node.bundle.objectKey, 'utf8').toString('base64');
    this.userData = text
      .replaceAll(key, 'base64(<bundle>)')
      .replaceAll(node.bundle.objectKey, '<bundle>')
      .replaceAll(node.bundle.sha256, '<sha256>');
    this.files = node.bundle.files;
  }
}
