import { NodeTags } from '../nodes/node-tags';
import { tagKey } from '../values/launch-time-values';

/** The tags of a pipeline of EC2 Image Builder that makes images of a node. @internal */
export const IMAGE_TAGS = {
  CLUSTER_ID: NodeTags.CLUSTER_ID,
  NODE_TYPE: NodeTags.NODE_TYPE,
  BASE_OS: NodeTags.BASE_OS,
  /** Name of the SSM parameter that has the id of the newest image. A pipeline without this tag is none of ours. */
  PARAMETER: tagKey('ImageParameter'),
} as const;
