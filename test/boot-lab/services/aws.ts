import { readFileSync } from 'node:fs';
import { Operation, Request, Response } from './exchange';
import { AuthorizationRequest, isAllowed } from './iam';
import { checkIdentity } from './identity';
import { Refusal } from './refusal';
import { verifySignature } from './signature';
import { World } from './world';

/** What an API does once the caller is known to be allowed. */
type Action = (args: Readonly<Record<string, string>>, world: World) => Response;

interface Api {
  readonly service: 'cloudformation' | 'ec2' | 'secretsmanager' | 'autoscaling' | 'logs';
  readonly protocol: 'query' | 'ec2' | 'json';
  readonly throttled: { readonly status: number; readonly code: string };
  readonly actions: Readonly<
    Record<
      string,
      { readonly run: Action; readonly authorize: (args: Readonly<Record<string, string>>, world: World) => AuthorizationRequest }
    >
  >;
}

/** The regional endpoints of AWS that a node talks to. `changeTags` is told what CreateTags writes. */
export class AwsEndpoints {
  private readonly describedStacks = new Map<string, number>();
  private readonly launched = new Set<string>();

  public constructor(private readonly changeTags: (tags: Readonly<Record<string, string>>) => void) {}

  /** Undefined when the host is none of AWS's. */
  public understand(request: Request, world: World): Operation | undefined {
    const suffix = world.partition === 'aws-cn' ? 'amazonaws.com.cn' : 'amazonaws.com';
    const bucketHost = new RegExp(`^(?:(.+)\\.)?s3\\.${world.region}\\.${suffix.replaceAll('.', '\\.')}$`).exec(request.host);
    if (bucketHost !== null) return this.understandS3(request, world, bucketHost[1]);
    const api = APIS.find(({ service }) => request.host === `${service}.${world.region}.${suffix}`);
    return api === undefined ? undefined : this.understandApi(api, request, world);
  }

  private understandS3(request: Request, world: World, bucketOfHost: string | undefined): Operation {
    const path = decodeURIComponent(new URL(request.target, 'https://s3').pathname).slice(1);
    const bucket = bucketOfHost ?? path.split('/')[0];
    const key = bucketOfHost === undefined ? path.split('/').slice(1).join('/') : path;
    const refuse = (status: number, code: string, message: string): Response => s3Error(status, code, message, clock(world));
    const authorization = {
      action: 's3:GetObject',
      resource: `arn:${world.partition}:s3:::${bucket}/${key}`,
      conditions: { 's3:ResourceAccount': [world.account], 'aws:ResourceAccount': [world.account], 'aws:SecureTransport': ['true'] },
    };
    return {
      service: 's3',
      name: request.method === 'GET' ? 'GetObject' : request.method === 'HEAD' ? 'HeadObject' : `${request.method} object`,
      arguments: { bucket, key },
      authorization: ofRole(request, authorization),
      refuse,
      throttled: { status: 503, code: 'SlowDown' },
      answer: async () => {
        const denied = await this.authenticate(request, world, 's3', authorization);
        if (denied !== undefined) return refuse(denied.status, denied.code, denied.message);
        if (request.method !== 'GET' && request.method !== 'HEAD') return refuse(405, 'MethodNotAllowed', 'the lab only serves objects');
        if (!world.objects.some((object) => object.bucket === bucket))
          return refuse(404, 'NoSuchBucket', 'The specified bucket does not exist');
        const object = world.objects.find((candidate) => candidate.bucket === bucket && candidate.key === key);
        if (object === undefined) {
          // Whoever may not list the bucket does not learn that there is no such key.
          const mayList = isAllowed(world.policy, {
            action: 's3:ListBucket',
            resource: `arn:${world.partition}:s3:::${bucket}`,
            conditions: {},
          });
          return mayList ? refuse(404, 'NoSuchKey', 'The specified key does not exist.') : refuse(403, 'AccessDenied', 'Access Denied');
        }
        return {
          status: 200,
          body: readFileSync(object.file),
          headers: { 'content-type': 'application/x-tar', 'accept-ranges': 'bytes', date: clock(world).toUTCString() },
        };
      },
    };
  }

  private understandApi(api: Api, request: Request, world: World): Operation {
    const form = new URLSearchParams(request.body.length > 0 ? request.body.toString() : new URL(request.target, 'https://api').search);
    const target = request.headers['x-amz-target'];
    const name = api.protocol === 'json' ? (target?.split('.').pop() ?? 'no X-Amz-Target') : (form.get('Action') ?? 'no Action');
    const args =
      api.protocol === 'json'
        ? jsonArguments(request.body)
        : Object.fromEntries([...form].filter(([key]) => key !== 'Action' && key !== 'Version'));
    const errorForm = api.protocol === 'query' && request.headers.accept === 'application/json' ? 'query in JSON' : api.protocol;
    const refuse = (status: number, code: string, message: string): Response => apiError(errorForm, status, code, message, clock(world));
    const byIdentity = api.service === 'cloudformation' && request.headers.authorization?.startsWith('CFN_V1');
    return {
      service: api.service,
      name,
      arguments: args,
      authorization: ofRole(request, api.actions[name]?.authorize(args, world)),
      refuse,
      throttled: api.throttled,
      answer: async () => {
        const action = api.actions[name];
        if (action === undefined)
          return refuse(400, api.protocol === 'json' ? 'UnknownOperationException' : 'InvalidAction', `Could not find operation ${name}`);
        try {
          if (byIdentity) checkIdentity(request, name, stackName(args.StackName ?? ''), world);
          const denied = byIdentity ? undefined : await this.authenticate(request, world, api.service, action.authorize(args, world));
          if (denied !== undefined) return refuse(...deniedAs(api.protocol, denied));
          if (name === 'CreateTags') this.changeTags(tagsOf(args));
          if (name === 'CompleteLifecycleAction') this.completeLaunch(args, world);
          return name === 'DescribeStacks' ? this.describeStacks(args, world) : action.run(args, world);
        } catch (error) {
          if (error instanceof Refusal) return refuse(error.status, error.code, error.message);
          throw error;
        }
      },
    };
  }

  /** Each call moves a scripted stack on by one status, the last one stays. */
  private describeStacks(args: Readonly<Record<string, string>>, world: World): Response {
    const name = stackName(args.StackName ?? '');
    const stack = world.stacks[name];
    if (stack === undefined) throw new Refusal(400, 'ValidationError', `Stack with id ${name} does not exist`);
    const seen = this.describedStacks.get(name) ?? 0;
    this.describedStacks.set(name, seen + 1);
    const status = stack.statuses[Math.min(seen, stack.statuses.length - 1)];
    const reason = stack.reason === undefined ? '' : `<StackStatusReason>${escapeXml(stack.reason)}</StackStatusReason>`;
    const answer = xml(
      `<DescribeStacksResponse xmlns="http://cloudformation.amazonaws.com/doc/2010-05-15/"><DescribeStacksResult><Stacks><member>` +
        `<StackName>${escapeXml(name)}</StackName><StackId>${escapeXml(stackArn(name, world))}</StackId><StackStatus>${status}</StackStatus>${reason}` +
        `<CreationTime>2026-01-01T00:00:00Z</CreationTime></member></Stacks></DescribeStacksResult>` +
        `<ResponseMetadata><RequestId>00000000-0000-4000-8000-000000000000</RequestId></ResponseMetadata></DescribeStacksResponse>`,
      clock(world),
    );
    return { ...answer, summary: status };
  }

  /** A launch is completed once. */
  private completeLaunch(args: Readonly<Record<string, string>>, world: World): void {
    const { AutoScalingGroupName: group, LifecycleHookName: hook, InstanceId: id, LifecycleActionResult: result } = args;
    if (!['CONTINUE', 'ABANDON'].includes(result)) throw new Refusal(400, 'ValidationError', `${result} is no lifecycle action result`);
    if (group !== world.group?.name || hook !== world.group.launchHook || id !== world.instance.id || this.launched.has(id))
      throw new Refusal(400, 'ValidationError', `No active Lifecycle Action found with instance ID ${id}`);
    this.launched.add(id);
  }

  private async authenticate(
    request: Request,
    world: World,
    service: string,
    authorization: AuthorizationRequest,
  ): Promise<{ readonly status: number; readonly code: string; readonly message: string; readonly problem: string } | undefined> {
    const verdict = await verifySignature(request, world.credentials, clock(world));
    if (!verdict.valid) {
      const codes = {
        unsigned: 'MissingAuthenticationToken',
        'unknown access key': service === 's3' ? 'InvalidAccessKeyId' : 'InvalidClientTokenId',
        'wrong token': service === 's3' ? 'InvalidToken' : 'InvalidClientTokenId',
        skewed: service === 's3' ? 'RequestTimeTooSkewed' : 'SignatureDoesNotMatch',
        'wrong signature': 'SignatureDoesNotMatch',
        incomplete: 'IncompleteSignature',
      };
      const message = verdict.problem === 'skewed' ? verdict.detail : `${verdict.problem}: ${verdict.detail}`;
      return { status: 403, code: codes[verdict.problem], message, problem: verdict.problem };
    }
    if (verdict.service !== service || verdict.region !== world.region)
      return {
        status: 403,
        code: 'SignatureDoesNotMatch',
        message: `Credential should be scoped to ${world.region}/${service}, not ${verdict.region}/${verdict.service}`,
        problem: 'scope',
      };
    if (!isAllowed(world.policy, authorization))
      return {
        status: 403,
        code: 'AccessDenied',
        message: `the role's policies do not allow ${authorization.action} on ${authorization.resource}`,
        problem: 'denied',
      };
    return undefined;
  }
}

/** Whoever does not sign does not call as the role. */
function ofRole(request: Request, authorization: AuthorizationRequest | undefined): AuthorizationRequest | undefined {
  return request.headers.authorization?.startsWith('AWS4-HMAC-SHA256 ') ? authorization : undefined;
}

const APIS: readonly Api[] = [
  {
    service: 'autoscaling',
    protocol: 'query',
    throttled: { status: 400, code: 'Throttling' },
    actions: {
      CompleteLifecycleAction: {
        authorize: (args, world) => {
          const tags = args.AutoScalingGroupName === world.group?.name ? Object.entries(world.group?.tags ?? {}) : [];
          return {
            action: 'autoscaling:CompleteLifecycleAction',
            resource: `arn:${world.partition}:autoscaling:${world.region}:${world.account}:autoScalingGroup:00000000-0000-4000-8000-000000000000:autoScalingGroupName/${args.AutoScalingGroupName ?? ''}`,
            conditions: Object.fromEntries(tags.map(([key, value]) => [`aws:ResourceTag/${key}`, [value]])),
          };
        },
        run: (_, world) =>
          xml(
            '<CompleteLifecycleActionResponse xmlns="http://autoscaling.amazonaws.com/doc/2011-01-01/"><CompleteLifecycleActionResult/><ResponseMetadata><RequestId>00000000-0000-4000-8000-000000000000</RequestId></ResponseMetadata></CompleteLifecycleActionResponse>',
            clock(world),
          ),
      },
    },
  },
  {
    service: 'cloudformation',
    protocol: 'query',
    throttled: { status: 400, code: 'Throttling' },
    actions: {
      SignalResource: {
        authorize: (args, world) => ({
          action: 'cloudformation:SignalResource',
          resource: stackArn(args.StackName ?? '', world),
          conditions: {},
        }),
        run: (args, world) => {
          for (const name of ['StackName', 'LogicalResourceId', 'UniqueId', 'Status'])
            if ((args[name] ?? '') === '')
              throw new Refusal(400, 'ValidationError', `1 validation error detected: Value null at '${name}'`);
          if (args.UniqueId.length > 64) throw new Refusal(400, 'ValidationError', 'UniqueId must have length less than or equal to 64');
          if (args.Status !== 'SUCCESS' && args.Status !== 'FAILURE')
            throw new Refusal(400, 'ValidationError', 'Status must satisfy enum value set: [SUCCESS, FAILURE]');
          const status = world.stacks[stackName(args.StackName)]?.statuses.at(-1) ?? 'CREATE_IN_PROGRESS';
          if (!status.endsWith('_IN_PROGRESS'))
            throw new Refusal(
              400,
              'ValidationError',
              `Stack ${stackArn(args.StackName, world)} is in ${status} state and cannot be signaled`,
            );
          return xml(
            '<SignalResourceResponse xmlns="http://cloudformation.amazonaws.com/doc/2010-05-15/"><ResponseMetadata><RequestId>00000000-0000-4000-8000-000000000000</RequestId></ResponseMetadata></SignalResourceResponse>',
            clock(world),
          );
        },
      },
      DescribeStacks: {
        authorize: (args, world) => ({
          action: 'cloudformation:DescribeStacks',
          resource: stackArn(args.StackName ?? '', world),
          conditions: {},
        }),
        run: () => {
          throw new Error('answered by describeStacks');
        },
      },
    },
  },
  {
    service: 'ec2',
    protocol: 'ec2',
    throttled: { status: 503, code: 'RequestLimitExceeded' },
    actions: {
      CreateTags: {
        authorize: (args, world) => {
          const tags = tagsOf(args);
          const named = args['ResourceId.1'] ?? '';
          const instance = `arn:${world.partition}:ec2:${world.region}:${world.account}:instance/${world.instance.id}`;
          return {
            action: 'ec2:CreateTags',
            resource: `arn:${world.partition}:ec2:${world.region}:${world.account}:instance/${named}`,
            conditions: {
              'aws:TagKeys': Object.keys(tags),
              'ec2:SourceInstanceARN': [instance],
              'ec2:InstanceID': [named],
              'aws:ARN': [instance],
              'aws:RequestedRegion': [world.region],
              'aws:userid': [`AROA0LAB:${world.instance.id}`],
              ...Object.fromEntries(Object.entries(tags).map(([key, value]) => [`aws:RequestTag/${key}`, [value]])),
              ...Object.fromEntries(
                Object.entries(named === world.instance.id ? world.instance.tags : {}).flatMap(([key, value]) => [
                  [`aws:ResourceTag/${key}`, [value]],
                  [`ec2:ResourceTag/${key}`, [value]],
                ]),
              ),
            },
          };
        },
        run: (args, world) => {
          if (args['ResourceId.1'] !== world.instance.id || args['ResourceId.2'] !== undefined)
            throw new Refusal(400, 'InvalidID', `The ID '${args['ResourceId.1'] ?? ''}' is not valid`);
          for (const [key, value] of Object.entries(tagsOf(args))) {
            if (key.length === 0 || key.length > 128 || key.startsWith('aws:'))
              throw new Refusal(400, 'InvalidParameterValue', `Tag key ${key} is not valid`);
            if ([...value].length > 256)
              throw new Refusal(400, 'InvalidParameterValue', `Tag value exceeds the maximum length of 256 characters`);
            if (/\p{Cc}/u.test(value)) throw new Refusal(400, 'InvalidParameterValue', 'Tag value is not valid: control characters');
          }
          return xml(
            '<CreateTagsResponse xmlns="http://ec2.amazonaws.com/doc/2016-11-15/"><requestId>00000000-0000-4000-8000-000000000000</requestId><return>true</return></CreateTagsResponse>',
            clock(world),
          );
        },
      },
    },
  },
  {
    service: 'logs',
    protocol: 'json',
    throttled: { status: 400, code: 'ThrottlingException' },
    actions: {
      CreateLogStream: {
        authorize: (args, world) => logRequest('CreateLogStream', args, world),
        run: (args, world) => {
          groupOf(args, world);
          if (!/^[^:*]{1,512}$/.test(args.logStreamName ?? ''))
            throw new Refusal(400, 'InvalidParameterException', 'logStreamName must satisfy the pattern [^:*]*');
          return logAnswer({}, world);
        },
      },
      PutLogEvents: {
        authorize: (args, world) => logRequest('PutLogEvents', args, world),
        run: (args, world) => {
          groupOf(args, world);
          const events = JSON.parse(args.logEvents ?? '[]') as { readonly timestamp: number; readonly message: string }[];
          const bytes = events.reduce((sum, { message }) => sum + Buffer.byteLength(message) + 26, 0);
          if (events.length === 0 || events.length > 10_000 || bytes > 1_048_576 || events.some(({ message }) => message === ''))
            throw new Refusal(400, 'InvalidParameterException', `1 to 10000 events of 1048576 bytes, not ${events.length} of ${bytes}`);
          if (events.some(({ timestamp }, index) => index > 0 && timestamp < events[index - 1].timestamp))
            throw new Refusal(
              400,
              'InvalidParameterException',
              'Log events in a single PutLogEvents request must be in chronological order.',
            );
          return logAnswer({ nextSequenceToken: '1' }, world);
        },
      },
    },
  },
  {
    service: 'secretsmanager',
    protocol: 'json',
    throttled: { status: 400, code: 'ThrottlingException' },
    actions: {
      GetSecretValue: {
        authorize: (args) => ({ action: 'secretsmanager:GetSecretValue', resource: args.SecretId ?? '', conditions: {} }),
        run: (args, world) => {
          const secret = world.secrets[args.SecretId ?? ''];
          if (secret === undefined) throw new Refusal(400, 'ResourceNotFoundException', "Secrets Manager can't find the specified secret.");
          return {
            status: 200,
            body: JSON.stringify({
              ARN: args.SecretId,
              Name: 'node',
              VersionId: '00000000-0000-4000-8000-000000000000',
              SecretString: secret,
              CreatedDate: 1.7e9,
            }),
            headers: { 'content-type': 'application/x-amz-json-1.1', date: clock(world).toUTCString() },
          };
        },
      },
    },
  },
];

function logRequest(action: string, args: Readonly<Record<string, string>>, world: World): AuthorizationRequest {
  // https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazoncloudwatchlogs.html
  const group = `arn:${world.partition}:logs:${world.region}:${world.account}:log-group:${args.logGroupName ?? ''}`;
  return {
    action: `logs:${action}`,
    resource: `${group}:log-stream:${args.logStreamName ?? ''}`,
    conditions: {},
  };
}

function groupOf(args: Readonly<Record<string, string>>, world: World): void {
  if (!world.logGroups?.includes(args.logGroupName ?? ''))
    throw new Refusal(400, 'ResourceNotFoundException', 'The specified log group does not exist.');
}

function logAnswer(answer: object, world: World): Response {
  return {
    status: 200,
    body: JSON.stringify(answer),
    headers: { 'content-type': 'application/x-amz-json-1.1', date: clock(world).toUTCString() },
  };
}

function tagsOf(args: Readonly<Record<string, string>>): Record<string, string> {
  const tags: Record<string, string> = {};
  for (let index = 1; args[`Tag.${index}.Key`] !== undefined; index++) tags[args[`Tag.${index}.Key`]] = args[`Tag.${index}.Value`] ?? '';
  return tags;
}

function stackName(nameOrArn: string): string {
  return nameOrArn.startsWith('arn:') ? nameOrArn.split('/')[1] : nameOrArn;
}

function stackArn(nameOrArn: string, world: World): string {
  if (nameOrArn.startsWith('arn:')) return nameOrArn;
  return `arn:${world.partition}:cloudformation:${world.region}:${world.account}:stack/${nameOrArn}/00000000-0000-4000-8000-000000000000`;
}

function jsonArguments(body: Buffer): Record<string, string> {
  const parsed: unknown = body.length === 0 ? {} : JSON.parse(body.toString());
  return Object.fromEntries(
    Object.entries(parsed as Record<string, unknown>).map(([key, value]) => [
      key,
      typeof value === 'string' ? value : JSON.stringify(value),
    ]),
  );
}

/** The HTTP status and code by which each protocol says what is wrong with the caller. */
function deniedAs(
  protocol: Api['protocol'],
  denied: { readonly status: number; readonly code: string; readonly message: string; readonly problem: string },
): [number, string, string] {
  if (protocol === 'json') {
    const code =
      denied.problem === 'denied'
        ? 'AccessDeniedException'
        : denied.problem === 'unknown access key'
          ? 'UnrecognizedClientException'
          : 'InvalidSignatureException';
    return [400, code, denied.message];
  }
  if (protocol === 'ec2') {
    if (denied.problem === 'denied') return [403, 'UnauthorizedOperation', denied.message];
    // Of a request from the future EC2 says no more than that it cannot tell who it is.
    const expired = denied.problem === 'skewed' && denied.message.startsWith('Signature expired');
    return expired ? [400, 'RequestExpired', 'Request has expired.'] : [401, 'AuthFailure', 'AWS was not able to validate the credentials'];
  }
  return [denied.status, denied.code, denied.message];
}

function apiError(form: Api['protocol'] | 'query in JSON', status: number, code: string, message: string, now: Date): Response {
  const date = now.toUTCString();
  if (form === 'query in JSON')
    return {
      status,
      error: code,
      body: JSON.stringify({ Error: { Code: code, Message: message, Type: 'Sender' }, RequestId: 'r' }),
      headers: { 'content-type': 'application/json', date },
    };
  if (form === 'json')
    return {
      status,
      error: code,
      body: JSON.stringify({ __type: code, message }),
      headers: { 'content-type': 'application/x-amz-json-1.1', 'x-amzn-errortype': code, date },
    };
  const body =
    form === 'ec2'
      ? `<?xml version="1.0" encoding="UTF-8"?>\n<Response><Errors><Error><Code>${code}</Code><Message>${escapeXml(message)}</Message></Error></Errors><RequestID>r</RequestID></Response>`
      : `<ErrorResponse xmlns="http://cloudformation.amazonaws.com/doc/2010-05-15/"><Error><Type>Sender</Type><Code>${code}</Code><Message>${escapeXml(message)}</Message></Error><RequestId>r</RequestId></ErrorResponse>`;
  return { status, error: code, body, headers: { 'content-type': 'text/xml', date } };
}

function s3Error(status: number, code: string, message: string, now: Date): Response {
  return {
    status,
    error: code,
    body: `<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>${code}</Code><Message>${escapeXml(message)}</Message><RequestId>r</RequestId></Error>`,
    headers: { 'content-type': 'application/xml', date: now.toUTCString() },
  };
}

function xml(body: string, now: Date): Response {
  return {
    status: 200,
    body: `<?xml version="1.0" encoding="UTF-8"?>\n${body}`,
    headers: { 'content-type': 'text/xml', date: now.toUTCString() },
  };
}

function clock(world: World): Date {
  return new Date(Date.now() + world.clockAheadSeconds * 1000);
}

function escapeXml(text: string): string {
  return text.replace(/[<>&"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
