import { LAUNCH_TIME_VALUES, ruleKey } from './launch-time-values';

/** When the value of a key becomes known. */
type Kind = 'synth-time' | 'synth-time or deploy-time' | 'deploy-time' | 'launch-time' | 'secret';

/** One key: the type of its value, what it means, and when it becomes known, `synth-time` unless it says otherwise. */
type Row = readonly [type: string, meaning: string, kind?: Kind];

const RULE_MEANING =
  'What that looks like: `pattern` and `reserved` (regular expressions for the whole value; `reserved` may be None), `max_length` and, in words, `description`.';

const ROWS: { readonly [key: string]: Row } = {
  '/configuration/ClusterId': ['string', 'Identifier of the cluster: prefix of paths, tags and stack names.'],
  '/configuration/Region': ['string', 'AWS Region of the node.', 'deploy-time'],
  '/configuration/Timezone': ['string', 'Time zone, by its IANA name; `UTC` unless configured.'],
  '/configuration/HttpProxy': ['string or None', 'Proxy for http addresses, `http://host:port`.'],
  '/configuration/HttpsProxy': ['string or None', 'Proxy for https addresses, `http://host:port`.'],
  '/configuration/NoProxy': ['string or None', 'Hosts that are reached without a proxy, separated by commas.'],
  '/configuration/FileSystems': [
    'list of dict',
    'Shared file systems. Each has `name`, `provider` (`efs` or `nfs`), `mount_path`, `mount_target` (host name), `export_path`, `mount_options`, `on_failure` (`fail` or `ignore`) and `timeout_seconds`.',
    'synth-time or deploy-time',
  ],
  '/configuration/AppsPath': [
    'string or None',
    'Mount path of the file system for shared applications; the logs of each bootstrap are copied below it.',
  ],
  '/configuration/LogGroup': [
    'string or None',
    'Name of the log group of CloudWatch Logs that the logs of the node go to.',
    'synth-time or deploy-time',
  ],
  '/configuration/WaitForStacks': [
    'list of string',
    'Names of CloudFormation stacks that must be complete before setup goes on.',
    'synth-time or deploy-time',
  ],
  '/configuration/WaitForStacksTimeoutSeconds': ['int', 'How long to wait for them, all together.'],
  '/configuration/UserDirectory/provider': [
    'string',
    'Where users come from: `none` (local users); any other word says that the image or your templates join a directory.',
  ],
  '/job/BaseOS': [
    'string',
    'Operating system: `amazonlinux2`, `amazonlinux2023`, `rhel8`, `rhel9`, `rocky8`, `rocky9`, `ubuntu2204`, `ubuntu2404`, `windows2019`, `windows2022`, `windows2025`, or the name given to `NodeOs.custom`.',
  ],
  '/job/NodeType': ['string', 'What the node is for: `dcv_node`, `login_node` or `compute_node`.'],
  '/job/Architecture': ['string', '`x86_64` or `arm64`.'],
  '/job/Packages': ['list of string', 'Packages to install besides those that the node needs.'],
  '/system/os/family': ['string', '`linux` or `windows`.'],
  '/system/os/distribution': ['string', '`amazonlinux`, `rhel`, `rocky`, `ubuntu` or `windows`.'],
  '/system/os/version': ['string', 'Version of the distribution: `2023`, `9`, `24.04`, `2022`.'],
  '/system/os/package_manager': ['string', '`dnf`, `yum`, `apt` or `none`.'],
  '/system/os/default_user': ['string', 'User that the image creates.'],
  '/system/hostname': ['string or None', 'Host name; None where EC2 gives one.', 'synth-time or deploy-time'],
  '/system/limits': [
    'list of dict',
    'Limits of the programs of users, each with `item` and `value` as limits.conf has them, `setting` and `setting_value` as units of systemd have them.',
  ],
  '/system/selinux': ['bool', 'Whether SELinux stays as the image has it; else it is permissive.'],
  '/system/firewall': ['bool', 'Whether the firewall of the system stays; else it is off.'],
  '/system/metadata/guard': ['bool', 'Whether a rule on the node keeps users from the instance metadata service.'],
  '/system/metadata/users': [
    'list of string',
    'Users besides root who may reach it where they exist: those of known services, and `metadataUsers`.',
  ],
  ...Object.fromEntries(
    LAUNCH_TIME_VALUES.flatMap(({ onNode }): [string, Row][] =>
      onNode === undefined
        ? []
        : [
            [onNode.key, ['string', onNode.meaning, 'launch-time']],
            [ruleKey(onNode.key), ['dict', RULE_MEANING]],
          ],
    ),
  ),
  '/dcv/SessionType': ['string', '`virtual` or `console`.'],
  '/dcv/DesktopEnvironment': ['string', 'Desktop environment of a Linux desktop: `gnome` or `mate`.'],
  '/dcv/ConsoleLogin': [
    'string',
    'Who logs the owner of a console session in to the desktop: `automatic` (the display manager, or Windows, at its start) or `greeter` (the owner, on Windows by the login of DCV).',
  ],
  '/dcv/LockOnDisconnect': ['bool', 'Whether the desktop locks when the last client disconnects.'],
  '/dcv/OpenKeyring': ['bool', 'Whether the owner gets a keyring without a password.'],
  '/dcv/LoginMethod': [
    'string',
    'How the owner gets in: `generated_password` (the node makes a password and hands it out encrypted), `secret` (`/dcv/OwnerPasswordSecret`) or `unmanaged` (the library sets no password).',
  ],
  '/dcv/OwnerPasswordSecret': ['secret or None', 'Secret whose text is the password of the local user who owns the desktop.', 'secret'],
  '/dcv/FixedOwner': [
    'string or None',
    'The only owner that the node takes, as its secret or its number is that of this one; set where `/dcv/LoginMethod` is `secret`, and with `/dcv/OwnerUid`.',
    'synth-time or deploy-time',
  ],
  '/dcv/OwnerUid': [
    'number or None',
    "Number of the owner's local account; None where that of the home, or the next that is free, is right.",
  ],
  '/dcv/OwnerIsAdministrator': ['bool', 'Whether the owner is an administrator (Windows).'],
  '/dcv/OwnerFeatures': [
    'list of string',
    'What DCV lets the owner do in the session, by the names of its permissions file; `builtin` alone where the scripts know no permissions.',
  ],
  '/dcv/DeniedFeatures': ['list of string', 'What it lets nobody do.'],
  '/dcv/Collaborators': [
    'list of dict',
    'Who else may connect to the session: `user`, `features` (as in `/dcv/OwnerFeatures`) and `unsupervised` (whether they may stay without the owner).',
    'synth-time or deploy-time',
  ],
  '/dcv/Quic': ['bool', 'Whether the DCV server takes QUIC (UDP) besides TCP.'],
  '/dcv/WebClientMaxResolution': [
    'dict or None',
    'Largest screen of a web client: `width` and `height` in pixels; None where that is left to DCV.',
  ],
  '/dcv/MaxConcurrentClients': ['int or None', 'Clients that may be connected to the session at a time; None is no limit.'],
  '/dcv/CertificateSecret': [
    'secret or None',
    'Secret with the TLS certificate of the DCV server, as JSON; None where the server makes its own.',
    'secret',
  ],
  '/system/ssm/agent': [
    'dict or None',
    'The SSM agent to install; None where the image has it or nobody needs it. A file to download has `version`, `default_url` (with `{region}` and `{domain}`), and `sha256` (hexadecimal), or `fingerprint` and `public_key` or `key_url` of who signs it, or on Windows `signers`, organisations of which one has signed it.',
  ],
  '/system/ssm/agent_url': ['string or None', 'Address of its package, where the user names one.'],
  '/system/aws_cli': [
    'dict or None',
    'The AWS CLI to install: `package`, its name in the repositories of the system, or a file to download, as for `/system/ssm/agent`; and `required`, whether the node fails without.',
  ],
  '/system/aws_cli_url': ['string or None', 'Address of its archive, where the user names one.'],
  '/system/cloudwatch_agent': ['dict or None', 'The CloudWatch agent to install, in the same form; None where there is no log group.'],
  '/system/cloudwatch_agent_url': ['string or None', 'Address of its package, where the user names one.'],
  '/system/metrics_namespace': [
    'string or None',
    'Namespace of CloudWatch that metrics of the GPUs are sent to; None where none are sent.',
  ],
  '/system/efs_utils': ['dict or None', 'amazon-efs-utils, in the same form, where a file system is mounted with `tls` or `iam`.'],
  '/system/efs_utils_url': ['string or None', 'Address of its package, where the user names one.'],
  '/system/gpu/driver': [
    'string',
    'Who drives the GPU: `nvidia_grid`, `nvidia_data_center`, `nvidia_open`, `amd`, `image` (what the image has) or `none` (drawn in software).',
  ],
  '/system/gpu/is_chosen': ['bool', 'Whether the app chose the driver: then it takes the place of one that the image has.'],
  '/system/gpu/without_firmware': [
    'bool',
    "Whether NVIDIA's own kernel modules are to run without the firmware of the GPU's system processor (GRID on G4dn and G5).",
  ],
  '/system/gpu/kernel_modules': [
    'string or None',
    "Which of its kernel modules NVIDIA's installer is to take: `proprietary`; None leaves it to the installer.",
  ],
  '/system/gpu/builds_modules': ['bool', 'Whether kernel modules are built on the node, which takes the headers of its kernel.'],
  '/system/gpu/version': ['string or None', 'Version of the driver where its installer is a file.'],
  '/system/gpu/url': [
    'string or None',
    'Address of that file: `https://..` or `s3://bucket/key`, with `?region=..` behind it where its bucket is in another Region.',
  ],
  '/system/gpu/sha256': ['string or None', 'SHA-256 of that file, hexadecimal.'],
  '/system/gpu/branch': ['string or None', "Branch of NVIDIA's open driver on Ubuntu, such as `580`."],
  '/system/gpu/repositories': [
    'list of dict',
    "Repositories of packages that the driver comes from besides the system's, each with `name`, `base_url`, `key_url`, `fingerprint` (of its key) and `packages` (the only ones that it is for; empty: all).",
  ],
  '/system/efa/version': ['string or None', 'Version of the installer of the Elastic Fabric Adapter; None without one.'],
  '/system/efa/url': ['string or None', 'Address of that installer.'],
  '/system/efa/sha256': ['string or None', 'SHA-256 of that installer, hexadecimal.'],
  '/system/dcv/family': ['string', 'Family of DCV packages: `al2`, `al2023`, `el8`, `el9`, `ubuntu2204`, `ubuntu2404`, `windows`.'],
  '/system/dcv/version': ['string', 'Version of the DCV server, such as `2025.0-20103`.'],
  '/system/dcv/url': ['string', 'Address of the DCV server package.'],
  '/system/dcv/sha256': ['string', 'SHA-256 of that package, hexadecimal.'],
  '/system/dcv/runtime_url': ['string or None', 'Address of the runtime of Visual C++ that the DCV server needs (Windows).'],
  '/system/dcv/runtime_signers': ['list of string', 'Organisations that may have signed it.'],
  '/system/dcv/idle_timeout': ['int', 'Minutes without input after which DCV disconnects a client; 0 is never.'],
  '/system/dcv/session_storage': [
    'string or None',
    'Folder for file transfer: below the home of the owner on Linux, on drive C on Windows; None where no files are transferred.',
  ],
  '/system/dcv/port': ['int', 'Port of the DCV server, TCP and UDP.'],
  '/system/dcv/ready_seconds': ['int', 'Seconds that a desktop has to become usable once its session was asked for.'],
  '/system/dcv/stable_seconds': ['int', 'Seconds that a session has to be there, unchanged, before the desktop counts as usable.'],
  '/login/HostKeysSecret': [
    'secret or None',
    'Secret with the SSH host keys that all login nodes share: a JSON object of key file names and contents.',
    'secret',
  ],
  '/bootstrap/LaunchTimeValues': [
    'list of dict',
    'Each launch-time value with `key`, `variable`, `tag`, `environment` (variable for the users of the node) and `required`.',
  ],
  '/bootstrap/Phases': [
    'list of dict',
    'For the runner: the phases in order, each with `name`, `script`, `install` (the script of its install, or None), `check` (the script that has to end well in the last boot, or None; on Linux) and `timeout_seconds`, the time for each of them.',
  ],
  '/bootstrap/IsImageTest': [
    'bool',
    'Whether the scripts are for the instance that an image is tested with, which is no node of the cluster.',
  ],
  '/bootstrap/MaxReboots': ['int', 'For the runner: reboots after which the bootstrap has failed.'],
  '/bootstrap/DeadlineSeconds': ['int', 'For the runner: time for the whole bootstrap, reboots included.'],
  '/system/windows_time_zone': [
    'string',
    'The name that Windows has for `/configuration/Timezone`; the same text where it is no IANA name, such as a token, which has to be a name of Windows.',
  ],
  '/system/restart_wait_seconds': ['int', 'Seconds that the runner on Windows waits for a restart, before it asks for it again.'],
  '/system/interruption_wait_seconds': [
    'int',
    'Seconds after which the runner on Windows repeats a step whose process was ended from outside; Windows may be going down.',
  ],
  '/bootstrap/SignalWith': [
    'string',
    'What the node shows CloudFormation with its signal: `identity_document` (of its instance) or `role` (a signature with its credentials).',
  ],
  '/bootstrap/AddedCommands': [
    'string or None',
    'For stage 0: commands that were added to the UserData, as a here-document on Linux, in base64 on Windows.',
    'deploy-time',
  ],
  '/bootstrap/DeployTimeValues': ['string', 'For stage 0: the lines of the values file.', 'deploy-time'],
  '/bootstrap/BundleSha256': ['string', 'For stage 0: SHA-256 of the bundle, hexadecimal.'],
};

/**
 * Every key that a template of the library may ask for, with type and meaning: the schema of `context`. Keys that a team
 * adds through `configuration` are declared by giving them. The documentation in docs/context-keys.md is generated from
 * this table.
 *
 * @internal
 */
export const CONTEXT_KEYS: { readonly [key: string]: { readonly kind: Kind; readonly type: string; readonly meaning: string } } =
  Object.fromEntries(Object.entries(ROWS).map(([key, [type, meaning, kind = 'synth-time']]) => [key, { kind, type, meaning }]));
