import { LAUNCH_TIME_VALUES, ruleKey } from './launch-time-values';

/** When the value of a key becomes known. */
type Kind = 'synth-time' | 'synth-time or deploy-time' | 'deploy-time' | 'launch-time' | 'secret';

interface ContextKey {
  readonly type: string;
  readonly kind: Kind;
  readonly meaning: string;
}

const RULE_MEANING =
  'What that looks like: `pattern` and `reserved` (regular expressions for the whole value; `reserved` may be None), `max_length` and, in words, `description`.';

/**
 * Every key that a template of the library may ask for, with type and meaning: the schema of `context`. Keys that a team
 * adds through `configuration` are declared by giving them. The documentation in docs/context-keys.md is generated from
 * this table.
 *
 * @internal
 */
export const CONTEXT_KEYS: { readonly [key: string]: ContextKey } = {
  '/configuration/ClusterId': {
    type: 'string',
    kind: 'synth-time',
    meaning: 'Identifier of the cluster: prefix of paths, tags and stack names.',
  },
  '/configuration/Version': { type: 'string', kind: 'synth-time', meaning: 'Version of this library.' },
  '/configuration/Region': { type: 'string', kind: 'deploy-time', meaning: 'AWS Region of the node.' },
  '/configuration/Timezone': { type: 'string', kind: 'synth-time', meaning: 'Time zone, by its IANA name; `UTC` unless configured.' },
  '/configuration/HttpProxy': { type: 'string or None', kind: 'synth-time', meaning: 'Proxy for http addresses, `http://host:port`.' },
  '/configuration/HttpsProxy': { type: 'string or None', kind: 'synth-time', meaning: 'Proxy for https addresses, `http://host:port`.' },
  '/configuration/NoProxy': {
    type: 'string or None',
    kind: 'synth-time',
    meaning: 'Hosts that are reached without a proxy, separated by commas.',
  },
  '/configuration/FileSystems': {
    type: 'list of dict',
    kind: 'synth-time or deploy-time',
    meaning:
      'Shared file systems. Each has `name`, `provider` (`efs` or `nfs`), `mount_path`, `mount_target` (host name), `export_path`, `mount_options`, `on_failure` (`fail` or `ignore`) and `timeout_seconds`.',
  },
  '/configuration/AppsPath': {
    type: 'string or None',
    kind: 'synth-time',
    meaning: 'Mount path of the file system for shared applications; the logs of each bootstrap are copied below it.',
  },
  '/configuration/WaitForStacks': {
    type: 'list of string',
    kind: 'synth-time or deploy-time',
    meaning: 'Names of CloudFormation stacks that must be complete before setup goes on.',
  },
  '/configuration/WaitForStacksTimeoutSeconds': { type: 'int', kind: 'synth-time', meaning: 'How long to wait for them, all together.' },
  '/configuration/UserDirectory/provider': { type: 'string', kind: 'synth-time', meaning: 'Where users come from: `none` (local users).' },
  '/configuration/LogGroup': {
    type: 'string or None',
    kind: 'synth-time or deploy-time',
    meaning: 'CloudWatch Logs group that receives the logs.',
  },
  '/job/BaseOS': {
    type: 'string',
    kind: 'synth-time',
    meaning:
      'Operating system: `amazonlinux2`, `amazonlinux2023`, `rhel8`, `rhel9`, `rocky8`, `rocky9`, `ubuntu2204`, `ubuntu2404`, `windows2019`, `windows2022`, `windows2025`, or the name given to `NodeOs.custom`.',
  },
  '/job/NodeType': { type: 'string', kind: 'synth-time', meaning: 'What the node is for: `dcv_node`, `login_node` or `compute_node`.' },
  '/job/Architecture': { type: 'string', kind: 'synth-time', meaning: '`x86_64` or `arm64`.' },
  '/job/Packages': { type: 'list of string', kind: 'synth-time', meaning: 'Packages to install besides those that the node needs.' },
  '/system/os/family': { type: 'string', kind: 'synth-time', meaning: '`linux` or `windows`.' },
  '/system/os/distribution': { type: 'string', kind: 'synth-time', meaning: '`amazonlinux`, `rhel`, `rocky`, `ubuntu` or `windows`.' },
  '/system/os/version': { type: 'string', kind: 'synth-time', meaning: 'Version of the distribution: `2023`, `9`, `24.04`, `2022`.' },
  '/system/os/package_manager': { type: 'string', kind: 'synth-time', meaning: '`dnf`, `yum`, `apt` or `none`.' },
  '/system/os/default_user': { type: 'string', kind: 'synth-time', meaning: 'User that the image creates.' },
  ...Object.fromEntries(
    LAUNCH_TIME_VALUES.flatMap(({ onNode }): [string, ContextKey][] =>
      onNode === undefined
        ? []
        : [
            [onNode.key, { type: 'string', kind: 'launch-time', meaning: onNode.meaning }],
            [ruleKey(onNode.key), { type: 'dict', kind: 'synth-time', meaning: RULE_MEANING }],
          ],
    ),
  ),
  '/dcv/SessionType': { type: 'string', kind: 'synth-time', meaning: '`virtual` or `console`.' },
  '/dcv/OwnerPasswordSecret': {
    type: 'secret or None',
    kind: 'secret',
    meaning: 'Secret whose text is the password of the local user who owns the desktop.',
  },
  '/system/dcv/family': {
    type: 'string',
    kind: 'synth-time',
    meaning: 'Family of DCV packages: `al2`, `al2023`, `el8`, `el9`, `ubuntu2204`, `ubuntu2404`, `windows`.',
  },
  '/system/dcv/version': { type: 'string', kind: 'synth-time', meaning: 'Version of the DCV server, such as `2025.0-20103`.' },
  '/system/dcv/url': { type: 'string', kind: 'synth-time', meaning: 'Address of the DCV server package.' },
  '/system/dcv/sha256': { type: 'string', kind: 'synth-time', meaning: 'SHA-256 of that package, hexadecimal.' },
  '/system/dcv/idle_timeout': {
    type: 'int',
    kind: 'synth-time',
    meaning: 'Minutes without input after which DCV disconnects a client; 0 is never.',
  },
  '/system/dcv/session_storage': {
    type: 'string',
    kind: 'synth-time',
    meaning: 'Name of the folder for file transfer: in the home of the owner on Linux, on drive C on Windows.',
  },
  '/system/dcv/port': { type: 'int', kind: 'synth-time', meaning: 'Port of the DCV server, TCP and UDP.' },
  '/login/HostKeysSecret': {
    type: 'secret or None',
    kind: 'secret',
    meaning: 'Secret with the SSH host keys that all login nodes share: a JSON object of key file names and contents.',
  },
  '/bootstrap/LaunchTimeValues': {
    type: 'list of dict',
    kind: 'synth-time',
    meaning: 'Each launch-time value with `key`, `variable`, `tag`, `environment` (variable for the users of the node) and `required`.',
  },
  '/bootstrap/Phases': {
    type: 'list of dict',
    kind: 'synth-time',
    meaning:
      'For the runner: the phases in order, each with `name`, `script`, `install` (the script of its install, or None) and `timeout_seconds`, the time for each of the two.',
  },
  '/bootstrap/MaxReboots': { type: 'int', kind: 'synth-time', meaning: 'For the runner: reboots after which the bootstrap has failed.' },
  '/bootstrap/DeadlineSeconds': {
    type: 'int',
    kind: 'synth-time',
    meaning: 'For the runner: time for the whole bootstrap, reboots included.',
  },
  '/bootstrap/AddedCommands': {
    type: 'string or None',
    kind: 'deploy-time',
    meaning: 'For stage 0: commands that were added to the UserData, as a here-document on Linux, in base64 on Windows.',
  },
  '/bootstrap/DeployTimeValues': { type: 'string', kind: 'deploy-time', meaning: 'For stage 0: the lines of the values file.' },
  '/bootstrap/BundleSha256': { type: 'string', kind: 'synth-time', meaning: 'For stage 0: SHA-256 of the bundle, hexadecimal.' },
};
