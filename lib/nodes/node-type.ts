/** What a node is for. The value is the one templates compare with: `context.get("/job/NodeType")`. */
export enum NodeType {
  /** An Amazon DCV virtual desktop. */
  DCV_NODE = 'dcv_node',
  /** An SSH entry point of the cluster. */
  LOGIN_NODE = 'login_node',
  /** A node that runs jobs. */
  COMPUTE_NODE = 'compute_node',
}
