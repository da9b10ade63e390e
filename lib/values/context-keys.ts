import { LAUNCH_TIME_VALUES, ruleKey } from './launch-time-values';

/** When the value of a key becomes known. */
type Kind = 'synth-time' | 'synth-time or deploy-time' | 'deploy-time' | 'launch-time' | 'secret';

/** One key: when its value becomes known, the type of the value, and what it means. */
type Row = readonly [kind: Kind, type: string, meaning: string];

const RULE_MEANING =
  'What that looks like: `pattern` and `reserved` (regular expressions for the whole value; `reserved` may be None), `max_length` and, in words, `description`.';

const ROWS: { readonly [key: string]: Row } = {
  '/configuration/ClusterId': ['synth-time', 'string', 'Identifier of the cluster: prefix of paths, tags and stack names.'],
  '/configuration/Region': ['deploy-time', 'string', 'AWS Region of the node.'],
  '/configuration/Timezone': ['synth-time', 'string', 'Time zone, by its IANA name; `UTC` unless configured.'],
  '/configuration/HttpProxy': ['synth-time', 'string or None', 'Proxy for http addresses, `http://host:port`.'],
  '/configuration/HttpsProxy': ['synth-time', 'string or None', 'Proxy for https addresses, `http://host:port`.'],
  '/configuration/NoProxy': ['synth-time', 'string or None', 'Hosts that are reached without a proxy, separated by commas.'],
  '/configuration/FileSystems': [
    'synth-time or deploy-time',
    'list of dict',
    'Shared file systems. Each has `name`, `provider` (`efs` or `nfs`), `mount_path`, `mount_target` (host name), `export_path`, `mount_options`, `on_failure` (`fail` or `ignore`) and `timeout_seconds`.',
  ],
  '/configuration/AppsPath': [
    'synth-time',
    'string or None',
    'Mount path of the file system for shared applications; the logs of each bootstrap are copied below it.',
  ],
  '/configuration/WaitForStacks': [
    'synth-time or deploy-time',
    'list of string',
    'Names of CloudFormation stacks that must be complete before setup goes on.',
  ],
  '/configuration/WaitForStacksTimeoutSeconds': ['synth-time', 'int', 'How long to wait for them, all together.'],
  '/configuration/UserDirectory/provider': ['synth-time', 'string', 'Where users come from: `none` (local users).'],
  '/job/BaseOS': [
    'synth-time',
    'string',
    'Operating system: `amazonlinux2`, `amazonlinux2023`, `rhel8`, `rhel9`, `rocky8`, `rocky9`, `ubuntu2204`, `ubuntu2404`, `windows2019`, `windows2022`, `windows2025`, or the name given to `NodeOs.custom`.',
  ],
  '/job/NodeType': ['synth-time', 'string', 'What the node is for: `dcv_node`, `login_node` or `compute_node`.'],
  '/job/Architecture': ['synth-time', 'string', '`x86_64` or `arm64`.'],
  '/job/Packages': ['synth-time', 'list of string', 'Packages to install besides those that the node needs.'],
  '/system/os/family': ['synth-time', 'string', '`linux` or `windows`.'],
  '/system/os/distribution': ['synth-time', 'string', '`amazonlinux`, `rhel`, `rocky`, `ubuntu` or `windows`.'],
  '/system/os/version': ['synth-time', 'string', 'Version of the distribution: `2023`, `9`, `24.04`, `2022`.'],
  '/system/os/package_manager': ['synth-time', 'string', '`dnf`, `yum`, `apt` or `none`.'],
  '/system/os/default_user': ['synth-time', 'string', 'User that the image creates.'],
  ...Object.fromEntries(
    LAUNCH_TIME_VALUES.flatMap(({ onNode }): [string, Row][] =>
      onNode === undefined
        ? []
        : [
            [onNode.key, ['launch-time', 'string', onNode.meaning]],
            [ruleKey(onNode.key), ['synth-time', 'dict', RULE_MEANING]],
          ],
    ),
  ),
  '/dcv/SessionType': ['synth-time', 'string', '`virtual` or `console`.'],
  '/dcv/OwnerPasswordSecret': ['secret', 'secret or None', 'Secret whose text is the password of the local user who owns the desktop.'],
  '/system/dcv/family': [
    'synth-time',
    'string',
    'Family of DCV packages: `al2`, `al2023`, `el8`, `el9`, `ubuntu2204`, `ubuntu2404`, `windows`.',
  ],
  '/system/dcv/version': ['synth-time', 'string', 'Version of the DCV server, such as `2025.0-20103`.'],
  '/system/dcv/url': ['synth-time', 'string', 'Address of the DCV server package.'],
  '/system/dcv/sha256': ['synth-time', 'string', 'SHA-256 of that package, hexadecimal.'],
  '/system/dcv/idle_timeout': ['synth-time', 'int', 'Minutes without input after which DCV disconnects a client; 0 is never.'],
  '/system/dcv/session_storage': [
    'synth-time',
    'string',
    'Name of the folder for file transfer: in the home of the owner on Linux, on drive C on Windows.',
  ],
  '/system/dcv/port': ['synth-time', 'int', 'Port of the DCV server, TCP and UDP.'],
  '/login/HostKeysSecret': [
    'secret',
    'secret or None',
    'Secret with the SSH host keys that all login nodes share: a JSON object of key file names and contents.',
  ],
  '/bootstrap/LaunchTimeValues': [
    'synth-time',
    'list of dict',
    'Each launch-time value with `key`, `variable`, `tag`, `environment` (variable for the users of the node) and `required`.',
  ],
  '/bootstrap/Phases': [
    'synth-time',
    'list of dict',
    'For the runner: the phases in order, each with `name`, `script`, `install` (the script of its install, or None) and `timeout_seconds`, the time for each of the two.',
  ],
  '/bootstrap/MaxReboots': ['synth-time', 'int', 'For the runner: reboots after which the bootstrap has failed.'],
  '/bootstrap/DeadlineSeconds': ['synth-time', 'int', 'For the runner: time for the whole bootstrap, reboots included.'],
  '/bootstrap/AddedCommands': [
    'deploy-time',
    'string or None',
    'For stage 0: commands that were added to the UserData, as a here-document on Linux, in base64 on Windows.',
  ],
  '/bootstrap/DeployTimeValues': ['deploy-time', 'string', 'For stage 0: the lines of the values file.'],
  '/bootstrap/BundleSha256': ['synth-time', 'string', 'For stage 0: SHA-256 of the bundle, hexadecimal.'],
};

/**
 * Every key that a template of the library may ask for, with type and meaning: the schema of `context`. Keys that a team
 * adds through `configuration` are declared by giving them. The documentation in docs/context-keys.md is generated from
 * this table.
 *
 * @internal
 */
export const CONTEXT_KEYS: { readonly [key: string]: { readonly kind: Kind; readonly type: string; readonly meaning: string } } =
  Object.fromEntries(Object.entries(ROWS).map(([key, [kind, type, meaning]]) => [key, { kind, type, meaning }]));
