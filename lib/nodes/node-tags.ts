import { tagKey } from '../values/launch-time-values';

/**
 * Keys of the instance tags of a node. Launch-time values are written by whoever launches the instance and read by the
 * node; `STATE` and `STATE_REASON` are written by the node.
 */
export class NodeTags {
  /** Identifier of the cluster. */
  public static readonly CLUSTER_ID = tagKey('ClusterId');
  /** What the node is for. */
  public static readonly NODE_TYPE = tagKey('NodeType');
  /** Operating system of the node. */
  public static readonly BASE_OS = tagKey('BaseOS');
  /** Launch-time value: user who owns the desktop. */
  public static readonly SESSION_OWNER = tagKey('SessionOwner');
  /** Launch-time value: name of the desktop that its owner sees. */
  public static readonly SESSION_NAME = tagKey('SessionName');
  /** Launch-time value: identifier of the desktop. */
  public static readonly SESSION_ID = tagKey('SessionId');
  /** Launch-time value: project that the node works for. */
  public static readonly PROJECT = tagKey('Project');
  /** Launch-time value: CloudFormation stack that the node signals. */
  public static readonly SIGNAL_STACK = tagKey('SignalStack');
  /** Launch-time value: logical id of the resource that the node signals. */
  public static readonly SIGNAL_RESOURCE = tagKey('SignalResource');
  /** Launch-time value: hook of its Auto Scaling group that waits for the verdict of the node. */
  public static readonly LAUNCH_HOOK = tagKey('LaunchHook');
  /** Written by the node: `ready` or `failed`. */
  public static readonly STATE = tagKey('State');
  /** Written by the node: why it failed, at most 256 characters. */
  public static readonly STATE_REASON = tagKey('StateReason');

  private constructor() {}
}
