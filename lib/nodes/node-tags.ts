import { tagKey } from '../values/launch-time-values';

/**
 * Keys of the instance tags of a node. Launch-time values are written by whoever launches the instance and read by the
 * node; `STATE`, `STATE_REASON` and `PHASE_SECONDS` are written by the node.
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
  /**
   * Written by the node with its verdict: what the bootstrap took in whole seconds, such as `total=73 setup.install=12 setup=3`, at most
   * 256 characters. The total is from the start of the first user data to the verdict, restarts included, and missing where a clock that was
   * set between two boots makes nonsense of it. The others are the steps that ran, of all boots. The install of a phase that the image
   * has is not among them, nor is what the power cut off.
   */
  public static readonly PHASE_SECONDS = tagKey('PhaseSeconds');

  private constructor() {}
}
