import { NodeTags } from '../nodes/node-tags';
import { NodeType } from '../nodes/node-type';

/**
 * A value that is given when one desktop is launched. It is a parameter of the session's template and, from that one value,
 * a tag of the instance (where the node reads it) and of the stack (where the session is found again).
 *
 * @internal
 */
export interface LaunchTimeValue {
  /** Name of the template parameter. */
  readonly parameter: string;
  /** Key of the tag. */
  readonly tag: string;
  /** An optional value that was not given sets no tag. */
  readonly optional: boolean;
}

/** @internal */
export const LAUNCH_TIME_VALUES: readonly LaunchTimeValue[] = [
  { parameter: 'ClusterId', tag: NodeTags.CLUSTER_ID, optional: false },
  { parameter: 'SessionId', tag: NodeTags.SESSION_ID, optional: false },
  { parameter: 'SessionOwner', tag: NodeTags.SESSION_OWNER, optional: false },
  { parameter: 'SessionName', tag: NodeTags.SESSION_NAME, optional: true },
  { parameter: 'Project', tag: NodeTags.PROJECT, optional: true },
];

/** Tag with the kind of node; the same on every desktop. @internal */
export const NODE_TYPE_TAG = { Key: NodeTags.NODE_TYPE, Value: NodeType.DCV_NODE } as const;
