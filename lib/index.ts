export { BootstrapTemplates, type BootstrapTemplatesOptions, MissingKeys, TemplateEscaping } from './bootstrap/bootstrap-templates';
export { BootstrapBundle } from './bootstrap/bundle';
export { UserDataBudget, type UserDataPart } from './bootstrap/user-data-budget';
export {
  Cluster,
  type ClusterAttributes,
  type ClusterOptions,
  type ClusterProps,
  type ICluster,
  type ProxyOptions,
} from './cluster/cluster';
export { DownloadSource } from './cluster/download-source';
export {
  type EfsFileSystemOptions,
  MountFailureAction,
  type NfsFileSystemOptions,
  SharedFileSystem,
  type SharedFileSystemOptions,
} from './cluster/shared-file-system';
export { ErrorCode } from './error-code';
export * from './images';
export type { NodeAgentOptions } from './nodes/agent-options';
export { AwsCli, type SignedAwsCliOptions } from './nodes/aws-cli';
export { CloudWatchAgent, type CloudWatchAgentOptions, type SignedCloudWatchAgentOptions } from './nodes/cloudwatch-agent';
export { ClusterNode, type ClusterNodeAttributes, type IClusterNode, type NodeAttributes } from './nodes/cluster-node';
export { DcvAccess, type DcvCollaborator, type DcvOptions, type DcvPermissions, type DcvResolution } from './nodes/dcv-options';
export { ConsoleLogin, DesktopEnvironment, type DesktopOptions } from './nodes/desktop-options';
export {
  type AmdDriverOptions,
  GpuDriver,
  type GpuDriverFile,
  type GpuDriverOptions,
  type NvidiaDataCenterDriverOptions,
  type NvidiaGridDriverOptions,
  type NvidiaOpenDriverOptions,
} from './nodes/gpu-driver';
export {
  type CapacityReservationOptions,
  type ClusterNodeProps,
  type NodeCpuOptions,
  type NodeOptions,
  NodeTenancy,
  type RootVolumeOptions,
  SignalAuthentication,
} from './nodes/node-options';
export {
  type ILoginNode,
  type LoginLoadBalancerOptions,
  LoginNode,
  type LoginNodeAttributes,
  type LoginNodeProps,
} from './nodes/login-node';
export { type GeneratedPasswordOptions, LoginMethod } from './nodes/login-method';
export { NodeOs } from './nodes/node-os';
export { NodeOsFamily, type NodeOsProps, PackageManager } from './nodes/node-os-props';
export { NodeTags } from './nodes/node-tags';
export { NodeType } from './nodes/node-type';
export { type PlatformOptions, type ResourceLimits } from './nodes/platform-options';
export {
  DcvSessionType,
  type IVirtualDesktopNode,
  VirtualDesktopNode,
  type VirtualDesktopNodeAttributes,
  type VirtualDesktopNodeProps,
} from './nodes/virtual-desktop-node';
export type { SigningKey, VerifiedFile } from './nodes/verified-file';
export * from './sessions';
export { NodeUserData } from './testing/node-user-data';
