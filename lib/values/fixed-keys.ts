import { LAUNCH_TIME_VALUES, ruleKey, tagKey } from './launch-time-values';

/**
 * Keys of what the library goes by elsewhere as well (rules, permissions, tags, times, what is in the bundle), so that another
 * value in a script alone would be wrong: each with what to do instead.
 *
 * @internal
 */
export const FIXED_KEYS: { readonly [key: string]: string } = {
  '/configuration/ClusterId': 'set clusterId of the cluster',
  '/configuration/Region': 'set env of the stack',
  '/configuration/FileSystems': 'set fileSystems of the cluster',
  '/configuration/LogGroup': 'set logGroup',
  '/configuration/WaitForStacks': 'set waitForStacks of the cluster',
  '/configuration/WaitForStacksTimeoutSeconds': 'set waitForStacksTimeout of the cluster',
  '/job/BaseOS': 'set os',
  '/job/NodeType': 'use the construct of that node type',
  '/job/Architecture': 'set architecture',
  ...Object.fromEntries(
    ['family', 'distribution', 'version', 'package_manager', 'default_user'].map((name) => [
      `/system/os/${name}`,
      'set os, which may be a NodeOs.custom',
    ]),
  ),
  '/system/metadata/guard': 'set metadataGuard',
  '/system/metadata/users': 'set metadataUsers',
  ...Object.fromEntries(
    LAUNCH_TIME_VALUES.flatMap(({ name, onNode }) =>
      onNode === undefined
        ? []
        : [
            [onNode.key, `it is the tag ${tagKey(name)} of an instance`],
            [ruleKey(onNode.key), 'leave it out'],
          ],
    ),
  ),
  '/dcv/SessionType': 'set sessionType',
  '/dcv/LoginMethod': 'set loginWith',
  '/dcv/OwnerPasswordSecret': 'set loginWith',
  '/dcv/FixedOwner': 'set sessionOwner',
  '/dcv/OwnerUid': 'set ownerUid',
  '/dcv/OwnerIsAdministrator': 'set ownerIsAdministrator',
  '/dcv/Quic': 'set dcv.quic',
  '/dcv/CertificateSecret': 'set dcv.certificateSecret',
  '/system/gpu/driver': 'set gpuDriver',
  '/system/metrics_namespace': 'set gpuMetrics of the CloudWatch agent',
  '/system/dcv/port': 'leave it out, allowDcvFrom opens 8443',
  '/login/HostKeysSecret': 'set hostKeysSecret',
  '/bootstrap/LaunchTimeValues': 'leave it out',
  '/bootstrap/Phases': 'leave it out',
  '/bootstrap/IsImageTest': 'leave it out',
  '/bootstrap/SignalWith': 'set signalWith',
  '/bootstrap/AddedCommands': 'use userData.addCommands()',
  '/bootstrap/DeployTimeValues': 'leave it out',
  '/bootstrap/BundleSha256': 'leave it out',
};
