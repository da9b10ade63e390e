import type { AuthorizationRequest } from './iam';

/**
 * What surrounds a machine: everything the services answer from. Plain data, because it travels to the process in the
 * network namespace. A scenario changes parts of it at any moment through `ServicesClient.change`.
 */
export interface World {
  readonly region: string;
  readonly partition: 'aws' | 'aws-cn' | 'aws-us-gov';
  readonly account: string;
  readonly instance: Instance;
  /** The Auto Scaling group that launched it, and waits for it. */
  readonly group?: Group;
  readonly credentials: Credentials;
  /** Statements of the policies that the template gives the node's role; a call they do not allow is refused. */
  readonly policy: readonly PolicyStatement[];
  /** Bucket, key, and the file on the host that holds the object. */
  readonly objects: readonly StoredObject[];
  /** Secret ARN and its string. */
  readonly secrets: Readonly<Record<string, string>>;
  readonly stacks: Readonly<Record<string, Stack>>;
  /** Names of the log groups that there are. */
  readonly logGroups?: readonly string[];
  readonly faults: readonly Fault[];
  /** How far the clock of AWS is ahead of the machine's. */
  readonly clockAheadSeconds: number;
  /** Whether the NFS server behind every file system answers. */
  readonly fileSystemsAvailable: boolean;
  /** Whether public hosts are reached through the proxy alone. */
  readonly onlyThroughProxy: boolean;
  /** Services of AWS, such as `s3`, whose hosts show a certificate of an authority that the machine does not know. */
  readonly strangers: readonly string[];
}

export interface Instance {
  readonly id: string;
  readonly type: string;
  readonly image: string;
  readonly tags: Readonly<Record<string, string>>;
  /** The stack that launched it, or whose Auto Scaling group did. */
  readonly stack: string;
  /** Base64 of the exact bytes that the launch template carries. */
  readonly userData: string;
}

export interface Group {
  readonly name: string;
  readonly tags: Readonly<Record<string, string>>;
  readonly launchHook: string;
}

export interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string;
}

export interface StoredObject {
  readonly bucket: string;
  readonly key: string;
  readonly file: string;
}

/** The answers of DescribeStacks: the last one holds on. A stack that is not in progress takes no signals. */
export interface Stack {
  readonly statuses: readonly string[];
  readonly reason?: string;
}

export interface PolicyStatement {
  readonly Effect: 'Allow' | 'Deny';
  readonly Action: string | readonly string[];
  readonly Resource: string | readonly string[];
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, string | readonly string[]>>>>;
}

/** Something that goes wrong. The first fault that matches a call and is not used up takes effect. */
export interface Fault {
  /** `service:operation`, `*` stands for anything: `s3:GetObject`, `imds:/latest/meta-data/*`, `packages:*`. */
  readonly on: string;
  /** Whose calls; cloud-init's own are left alone unless named, because nothing of ours runs without them. */
  readonly caller?: 'bootstrap' | 'cloud-init';
  /** How many calls it hits; without it, all. */
  readonly times?: number;
  /** How many matching calls go well first. */
  readonly after?: number;
  /** Only calls whose arguments contain these. */
  readonly where?: Readonly<Record<string, string>>;
  readonly effect: Effect;
}

export type Effect =
  | { readonly kind: 'error'; readonly status: number; readonly code: string; readonly message?: string }
  /** The service's own way to say "slow down". */
  | { readonly kind: 'throttle' }
  | { readonly kind: 'delay'; readonly seconds: number }
  /** Sends the head and part of the body, then drops the connection. */
  | { readonly kind: 'truncate'; readonly share: number }
  /** A complete answer, shorter than it should be, that the headers describe as whole. */
  | { readonly kind: 'shorten'; readonly share: number }
  | { readonly kind: 'corrupt' }
  /** A text in place of what a regular expression finds in the body. */
  | { readonly kind: 'replace'; readonly pattern: string; readonly text: string }
  | { readonly kind: 'disconnect' }
  /** A byte now and then. */
  | { readonly kind: 'drip'; readonly everySeconds: number }
  /** The service does what it is asked to, and the answer never comes. */
  | { readonly kind: 'hold' }
  /** The call is reported, and answered when the scenario has changed the faults. */
  | { readonly kind: 'pause' };

export const AWS_SERVICES = ['s3', 'cloudformation', 'ec2', 'secretsmanager', 'autoscaling', 'logs'] as const;

export function isOfAws({ service }: Pick<Call, 'service'>): boolean {
  return (AWS_SERVICES as readonly string[]).includes(service);
}

/** One request that a service answered. */
export interface Call {
  /** Milliseconds since the epoch. */
  readonly time: number;
  readonly service: (typeof AWS_SERVICES)[number] | 'imds' | 'packages' | 'downloads' | 'proxy' | 'nfs' | 'other';
  readonly operation: string;
  readonly arguments: Readonly<Record<string, string>>;
  /** What IAM is asked, where the call is one of the role. */
  readonly authorization?: AuthorizationRequest;
  readonly status: number;
  /** Error code that the caller was told. */
  readonly error?: string;
  readonly caller: 'bootstrap' | 'cloud-init';
  readonly userAgent: string;
  /** What the answer said, where it matters to the judgement: the status of a stack, the signature of an identity document. */
  readonly answer?: string;
  /** A fault of the scenario caused this answer. */
  readonly byFault: boolean;
}

export type ToServices = { readonly kind: 'change'; readonly world: Partial<World>; readonly id: number } | { readonly kind: 'stop' };
export type FromServices =
  { readonly kind: 'listening' } | { readonly kind: 'changed'; readonly id: number } | { readonly kind: 'call'; readonly call: Call };
