/**
 * What went wrong: the `code` of an error that the library throws. It stays the same when a message gets better.
 *
 * Errors carry it in JavaScript and TypeScript; jsii passes the message alone to other languages. Checks at the end of
 * synth (the size of UserData, keys of tags) report messages through CDK and have no code.
 */
export enum ErrorCode {
  // Cluster

  /** `clusterId` is not 1 to 32 letters, digits and hyphens that start with a letter. */
  INVALID_CLUSTER_ID = 'InvalidClusterId',
  /** `clusterId` is a token, and paths and stack names are made of it. */
  TOKEN_CLUSTER_ID = 'TokenClusterId',
  /** Two `new Cluster` of one account and Region have the same id, and desktops that are asked for passwords. */
  DUPLICATE_CLUSTER = 'DuplicateCluster',
  /** `timezone` is not the IANA name of a time zone. */
  INVALID_TIMEZONE = 'InvalidTimezone',
  /** A proxy is not of the form `http://host:port`, or holds a user or a password. */
  INVALID_PROXY = 'InvalidProxy',
  /** `noProxy` holds something that is no host, domain or network. */
  INVALID_NO_PROXY = 'InvalidNoProxy',
  /** `vpcSubnets` selects none of the subnets of the VPC. */
  NO_SUCH_SUBNETS = 'NoSuchSubnets',
  /** `appsPath` is not the mount path of a shared file system of the cluster. */
  INVALID_APPS_PATH = 'InvalidAppsPath',
  /** `waitForStacks` holds something that is not the name of a stack. */
  INVALID_STACK_NAME = 'InvalidStackName',
  /** The stack's synthesizer does not keep the extension of file assets, by which nodes may read bundles. */
  BUNDLE_EXTENSION = 'BundleExtension',
  /** A time is a token, too short or too long. */
  INVALID_TIMEOUT = 'InvalidTimeout',
  /** Two shared file systems of a cluster have the same mount path or name. */
  DUPLICATE_FILE_SYSTEM = 'DuplicateFileSystem',
  /** The mount path of a shared file system is a token, not absolute, has other characters, or hides what a node needs. */
  INVALID_MOUNT_PATH = 'InvalidMountPath',
  /** The name of a shared file system has other characters than letters, digits, `_`, `-` and `.`. */
  INVALID_FILE_SYSTEM_NAME = 'InvalidFileSystemName',
  /** Mount options are a token or hold blanks. */
  INVALID_MOUNT_OPTIONS = 'InvalidMountOptions',
  /** The server of `SharedFileSystem.nfs` is not a host name or address. */
  INVALID_SERVER = 'InvalidServer',
  /** The export path of `SharedFileSystem.nfs` is not absolute, or holds blanks or commas. */
  INVALID_EXPORT_PATH = 'InvalidExportPath',
  /** A `DownloadSource` has no https address or no prefix that S3 takes, or the configuration names another address. */
  INVALID_DOWNLOAD_SOURCE = 'InvalidDownloadSource',

  // Nodes

  /** A node is not inside an `App` or `Stage`. */
  OUTSIDE_OF_APP = 'OutsideOfApp',
  /** `NodeOs.fromName` was given a name that no system has. */
  UNKNOWN_OS = 'UnknownOs',
  /** The name of a `NodeOs.custom` is not 1 to 32 lower-case letters and digits that start with a letter. */
  INVALID_OS_NAME = 'InvalidOsName',
  /** The root device of a `NodeOs.custom` is not a device name. */
  INVALID_ROOT_DEVICE = 'InvalidRootDevice',
  /** The list of architectures of a `NodeOs.custom` is empty. */
  NO_ARCHITECTURE = 'NoArchitecture',
  /** `metadataUsers` has a name that no local user can have, a token, root, nobody, or the owner of the desktops. */
  INVALID_METADATA_USER = 'InvalidMetadataUser',
  /** `platform.hostname` is no host name. */
  INVALID_HOSTNAME = 'InvalidHostname',
  /** `instanceType` is not of the form `family.size`. */
  INVALID_INSTANCE_TYPE = 'InvalidInstanceType',
  /** `architecture` is not that of the instance type. */
  ARCHITECTURE_MISMATCH = 'ArchitectureMismatch',
  /** The instance type does not tell its architecture, so `architecture` has to be given. */
  ARCHITECTURE_REQUIRED = 'ArchitectureRequired',
  /** Permissions or collaborators of a DCV session contradict each other, or a user has a name that no user can have. */
  INVALID_DCV_PERMISSIONS = 'InvalidDcvPermissions',
  /** `dcv.sessionStorage` is not a folder below a home, or one that nobody could use. */
  INVALID_SESSION_STORAGE = 'InvalidSessionStorage',
  /** A property is given that the operating system does not get: Amazon Linux 2 no more, Windows not yet, or one that is for Windows alone. */
  UNSUPPORTED_ON_OS = 'UnsupportedOnOs',
  /** `desktopEnvironment` is one that the operating system does not have in its own repositories. */
  UNSUPPORTED_DESKTOP = 'UnsupportedDesktop',
  /** `consoleLogin` is given for a virtual session. */
  CONSOLE_LOGIN_NEEDS_CONSOLE = 'ConsoleLoginNeedsConsole',
  /** The operating system does not exist for that architecture. */
  UNSUPPORTED_ARCHITECTURE = 'UnsupportedArchitecture',
  /** No public SSM parameter names an image of this system: `machineImage` has to be given. */
  IMAGE_REQUIRED = 'ImageRequired',
  /** `machineImage` is one of the other family: Linux for Windows, or the reverse. */
  IMAGE_OS_MISMATCH = 'ImageOsMismatch',
  /** A node of another stack, or its load balancer, has no security group that a rule could be added to. */
  NO_SECURITY_GROUP = 'NoSecurityGroup',
  /** `role` is one of another account, which no instance of the node's account can have. */
  ROLE_OF_OTHER_ACCOUNT = 'RoleOfOtherAccount',
  /** A `ClusterNode` has the type of a desktop: use `VirtualDesktopNode`. */
  INCOMPLETE_NODE = 'IncompleteNode',
  /** The operating system cannot be a node of this type. */
  UNSUPPORTED_NODE_TYPE = 'UnsupportedNodeType',
  /** No driver of this kind, or none that can be verified, drives the GPU of the instance type on this system. */
  UNSUPPORTED_GPU_DRIVER = 'UnsupportedGpuDriver',
  /** A file of a GPU driver has no version, address or SHA-256 that is known at synth. */
  INVALID_GPU_DRIVER = 'InvalidGpuDriver',
  /** The system, instance type or kind of node cannot have an Elastic Fabric Adapter. */
  UNSUPPORTED_EFA = 'UnsupportedEfa',
  /** `packages` were given for a system whose packages the bootstrap does not install. */
  UNSUPPORTED_PACKAGES = 'UnsupportedPackages',
  /** `packages` holds something that is not the name of a package. */
  INVALID_PACKAGE = 'InvalidPackage',
  /** The root volume is smaller than that of the image. */
  ROOT_VOLUME_TOO_SMALL = 'RootVolumeTooSmall',
  /** Two volumes of a node have the same device name. */
  DUPLICATE_DEVICE = 'DuplicateDevice',
  /** A number or time is not within its limits, or is a token where it must be known at synth. */
  OUT_OF_RANGE = 'OutOfRange',
  /** `ownerUid` is given for a node with several owners, a user directory or Windows. */
  OWNER_UID_NEEDS_OWNER = 'OwnerUidNeedsOwner',
  /** Homes lie on a shared file system, and owners are local users without `ownerUid`. */
  OWNER_UID_REQUIRED = 'OwnerUidRequired',
  /** The system, instance type, tenancy or kind of node cannot hibernate. */
  HIBERNATION_UNSUPPORTED = 'HibernationUnsupported',
  /** `hostId` was given without `NodeTenancy.HOST`. */
  HOST_WITHOUT_TENANCY = 'HostWithoutTenancy',
  /** Not exactly one of the two ways to name a Capacity Reservation was given. */
  CAPACITY_RESERVATION_TARGET = 'CapacityReservationTarget',
  /** The value of an instance tag has more than 256 characters. */
  TAG_TOO_LONG = 'TagTooLong',
  /** DCV has no sessions of this type on the operating system. */
  UNSUPPORTED_SESSION_TYPE = 'UnsupportedSessionType',
  /** A launch-time value, such as `sessionOwner`, is not what the node takes. */
  INVALID_LAUNCH_TIME_VALUE = 'InvalidLaunchTimeValue',
  /** There is no DCV server for the operating system, and the configuration names none. */
  NO_DCV_SERVER = 'NoDcvServer',
  /** A method of `UserData` was called that cannot work on the node, or stage 0 has what the node's agent would not read. */
  UNSUPPORTED_USER_DATA = 'UnsupportedUserData',

  /** Two ways to log in were given, or one that does not go with a user directory. */
  LOGIN_METHOD_CONFLICT = 'LoginMethodConflict',
  /** Somebody is to be let ask a desktop for a password that it does not make. */
  NO_GENERATED_PASSWORD = 'NoGeneratedPassword',
  /** A secret would be the password of several owners, or the owner is not the one whose secret or `ownerUid` the node has. */
  SHARED_PASSWORD = 'SharedPassword',
  /** The images of the operating system have no SSM agent, and no package of it was given. */
  SSM_AGENT_REQUIRED = 'SsmAgentRequired',
  /** A file of one's own has no version, https address or SHA-256 that is known at synth. */
  INVALID_VERIFIED_FILE = 'InvalidVerifiedFile',
  /** A log group is of another account or Region than the node. */
  LOG_GROUP_ELSEWHERE = 'LogGroupElsewhere',
  /** Metrics of GPUs are asked for on a node without a GPU of NVIDIA, or without a driver of its. */
  GPU_METRICS_UNAVAILABLE = 'GpuMetricsUnavailable',
  /** A property has no effect beside the others of the node, or on its system. */
  UNUSED_OPTION = 'UnusedOption',
  /** A file system is mounted with `tls` or `iam` on a system whose repositories have no amazon-efs-utils, and none was given. */
  EFS_UTILS_REQUIRED = 'EfsUtilsRequired',
  /** A signing key has no whole fingerprint, or is no public key. */
  INVALID_SIGNING_KEY = 'InvalidSigningKey',
  /** A package of the SSM agent has no version, address or SHA-256 that is known at synth. */
  INVALID_SSM_AGENT = 'InvalidSsmAgent',

  // Images

  /** The image that a node launches from is in another stack than the node. */
  IMAGE_IN_OTHER_STACK = 'ImageInOtherStack',
  /** An image is to be made for a node without an install. */
  NOTHING_TO_INSTALL = 'NothingToInstall',
  /** An image is to be made for a node whose own image is resolved at each launch. */
  UNFIT_BASE_IMAGE = 'UnfitBaseImage',
  /** The id of an account is not 12 digits. */
  INVALID_ACCOUNT = 'InvalidAccount',
  /** An image is shared with accounts and encrypted with a key that they cannot use. */
  SHARED_IMAGE_NEEDS_KEY = 'SharedImageNeedsKey',

  // Values for templates

  /** A key of `configuration` does not have the form `/configuration/Name`. */
  INVALID_KEY = 'InvalidKey',
  /** A key of `configuration` is one that the library goes by elsewhere too, such as in rules, or one that nodes set, given to a cluster. */
  FIXED_KEY = 'FixedKey',
  /** Two keys have the same name as a variable of the shell. */
  VARIABLE_CLASH = 'VariableClash',
  /** A value of `configuration` is a secret: pass its ARN. */
  SECRET_IN_CONTEXT = 'SecretInContext',
  /** A list of `configuration` is a token, so that its length is not known. */
  TOKEN_LIST = 'TokenList',
  /** A value of `configuration` is neither a string, number, boolean, list nor dictionary, or not what a key of the library's own has. */
  UNSUPPORTED_VALUE = 'UnsupportedValue',

  // Templates

  /** The folder of templates is a token. */
  TOKEN_DIRECTORY = 'TokenDirectory',
  /** The folder of templates does not exist. */
  NO_SUCH_DIRECTORY = 'NoSuchDirectory',
  /** The folder of templates holds none. */
  NO_TEMPLATES = 'NoTemplates',
  /** A template does not exist, in the overlay or in the library. */
  TEMPLATE_NOT_FOUND = 'TemplateNotFound',
  /** The file of a template cannot be read as UTF-8 text. */
  UNREADABLE_TEMPLATE = 'UnreadableTemplate',
  /** The name of a template does not tell whether it is bash or PowerShell. */
  UNKNOWN_LANGUAGE = 'UnknownLanguage',
  /** A template of stage 0 does not write the deploy-time values or the added commands exactly once, or something before its `#!`. */
  INCOMPLETE_STAGE_ZERO = 'IncompleteStageZero',
  /** A template is not well-formed. */
  TEMPLATE_SYNTAX = 'TemplateSyntax',
  /** A bash script that was rendered is none: a block, quote or here-document without an end, an empty function ... */
  SHELL_SYNTAX = 'ShellSyntax',
  /** A template uses something that is not part of the dialect. */
  NOT_SUPPORTED = 'NotSupported',
  /** A template asks for a key that nobody declared. The message has the nearest ones. */
  UNKNOWN_KEY = 'UnknownKey',
  /** A template uses a value that is not defined. */
  UNDEFINED_VALUE = 'UndefinedValue',
  /** A key that a template asks for is declared and has no value for this kind of node. */
  NO_VALUE = 'NoValue',
  /** An operation of a template does not exist for values of these types. */
  TYPE_MISMATCH = 'TypeMismatch',
  /** An operation of a template cannot be done with this value. */
  INVALID_VALUE = 'InvalidValue',
  /** Templates, macros or values are nested too deeply. */
  TOO_DEEP = 'TooDeep',
  /** A template would need a value at synth that is known later: in a condition, a filter, a loop. */
  VALUE_NOT_KNOWN_YET = 'ValueNotKnownYet',
  /** The install step of a phase reads a value that is not a download setting. */
  VALUE_IN_INSTALL = 'ValueInInstall',
  /** A script uses a value that is a variable before it has read the values, without the prelude: it would be empty. */
  VALUES_NOT_LOADED = 'ValuesNotLoaded',
  /** A template would write a secret, or something derived from it, into a script. */
  SECRET_VALUE = 'SecretValue',
  /** A token would be written into a script as its placeholder. */
  UNRESOLVED_TOKEN = 'UnresolvedToken',

  // Values in scripts, see docs/escaping.md

  /** The script has a NUL character. */
  NUL_IN_SCRIPT = 'NulInScript',
  /** A quote, bracket or block of the script is never closed. */
  UNTERMINATED_SCRIPT = 'UnterminatedScript',
  /** The script has a construct behind which no value can be escaped. */
  UNSUPPORTED_CONSTRUCT = 'UnsupportedConstruct',
  /** A value stands in a place that is read in more than one way: assign it to a variable first. */
  UNSUPPORTED_PLACE = 'UnsupportedPlace',
  /** A list is printed where one word has to stand, or with lists in it where words may. */
  LIST_IN_WORD = 'ListInWord',
  /** A list was joined to be words, and is one: print the list itself. */
  JOINED_WORDS = 'JoinedWords',
  /** The value has a character that cannot be written there. */
  UNREPRESENTABLE_CHARACTER = 'UnrepresentableCharacter',
  /** A value known later stands in single quotes, which expand no variable. */
  VARIABLE_IN_SINGLE_QUOTES = 'VariableInSingleQuotes',
  /** A value known later stands in a here-document with a quoted delimiter. */
  VARIABLE_IN_QUOTED_HERE_DOCUMENT = 'VariableInQuotedHereDocument',
  /** A value known later stands in arithmetic, where bash would run its text. */
  VARIABLE_IN_ARITHMETIC = 'VariableInArithmetic',
  /** A value known later stands in a literal string of PowerShell. */
  VARIABLE_IN_LITERAL_STRING = 'VariableInLiteralString',
  /** A value known later stands in a literal here-string of PowerShell. */
  VARIABLE_IN_LITERAL_HERE_STRING = 'VariableInLiteralHereString',
  /** A value that is no integer stands in arithmetic, where bash would run its text. */
  VALUE_IN_ARITHMETIC = 'ValueInArithmetic',
  /** The command runs its argument as code, and with it the value. */
  VALUE_AS_CODE = 'ValueAsCode',
  /** The value is the name of a variable, or a part of one. */
  VALUE_AS_VARIABLE_NAME = 'ValueAsVariableName',
  /** A `$` or the name of a variable right before a value changes what it means. */
  VALUE_AFTER_DOLLAR = 'ValueAfterDollar',
  /** A backslash right before a value quotes what it is written as. */
  VALUE_AFTER_BACKSLASH = 'ValueAfterBackslash',
  /** A backtick right before a value escapes what it is written as. */
  VALUE_AFTER_BACKTICK = 'ValueAfterBacktick',
  /** A value stands between backticks. */
  VALUE_IN_BACKTICKS = 'ValueInBackticks',
  /** A value stands in the `#!` line. */
  VALUE_IN_SHEBANG = 'ValueInShebang',
  /** The value has a line that would end the here-document, or a tab at the start of a line, which `<<-` removes. */
  VALUE_IN_HERE_DOCUMENT = 'ValueInHereDocument',
  /** A value touches other text outside of quotes, which PowerShell reads in more than one way. */
  GLUED_VALUE = 'GluedValue',
  /** A value stands in `$(..)` within a string or word of PowerShell: assign it to a variable first. */
  VALUE_IN_NESTED_STRING = 'ValueInNestedString',
  /** The value has a line that would end the here-string. */
  VALUE_ENDS_HERE_STRING = 'ValueEndsHereString',
  /** The value ends in a carriage return, which would be part of the line end. */
  CARRIAGE_RETURN_IN_HERE_STRING = 'CarriageReturnInHereString',
  /** A word of the script is or ends in `--%`, after which PowerShell reads no more. */
  VALUE_STOPS_PARSING = 'ValueStopsParsing',
  /** A value stands in `#requires`. */
  VALUE_IN_REQUIRES = 'ValueInRequires',
  /** With the value, a comment begins a signature block. */
  VALUE_IN_SIGNATURE = 'ValueInSignature',

  // Sessions and images at run time

  /** An argument cannot be right, whatever the account holds. Nothing was sent to AWS. */
  INVALID_REQUEST = 'InvalidRequest',
  /** AWS did not answer, so that it is not known whether the session was created, or the build started. */
  REQUEST_UNCERTAIN = 'RequestUncertain',
  /** The session did not get there in time, or the build did not end in time. */
  WAIT_TIMEOUT = 'WaitTimeout',
  /** An optional dependency, one of the clients of the AWS SDK, is not installed. */
  SDK_MISSING = 'SdkMissing',

  // Sessions

  /** No such session, and none of that id was deleted in the last 90 days. */
  SESSION_NOT_FOUND = 'SessionNotFound',
  /** A stack of that name exists and is not a session of this cluster. */
  FOREIGN_STACK = 'ForeignStack',
  /** The idempotency key was used before for something else. */
  IDEMPOTENCY_CONFLICT = 'IdempotencyConflict',
  /** The session failed while it was waited for. */
  SESSION_FAILED = 'SessionFailed',
  /** The session was deleted while it was waited for. */
  SESSION_DELETED = 'SessionDeleted',
  /** The session is not ready, so that its desktop cannot be asked for a password. */
  SESSION_NOT_READY = 'SessionNotReady',
  /** Systems Manager has no connection to the instance of the desktop. */
  DESKTOP_UNREACHABLE = 'DesktopUnreachable',
  /** The cluster has no SSM document to ask desktops for passwords with. */
  NO_CONNECT_DOCUMENT = 'NoConnectDocument',
  /** The desktop did not give a password. The message has its reason. */
  CONNECT_REFUSED = 'ConnectRefused',
  /** What the desktop answered is not well-formed, or not for the one who asks. */
  INVALID_ANSWER = 'InvalidAnswer',

  // Images

  /** No image has this name, ARN or parameter. The message has those that there are. */
  IMAGE_NOT_FOUND = 'ImageNotFound',
  /** No such build, or none of the image was started yet. */
  BUILD_NOT_FOUND = 'BuildNotFound',
  /** A build of the image runs, so that no other is started. */
  BUILD_RUNNING = 'BuildRunning',
  /** The build failed while it was waited for. */
  BUILD_FAILED = 'BuildFailed',
  /** The build was cancelled while it was waited for. */
  BUILD_CANCELLED = 'BuildCancelled',
}
