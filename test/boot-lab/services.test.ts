import { createHash, createHmac } from 'node:crypto';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import { SignatureV4 } from '@smithy/signature-v4';
import { requireMetadataOptions } from './app/synthesis';
import { AwsEndpoints } from './services/aws';
import type { Request, Response } from './services/exchange';
import { InstanceMetadataService } from './services/imds';
import type { PolicyStatement, World } from './services/world';

const OBJECT = path.join(mkdtempSync(path.join(tmpdir(), 'services-')), 'object');
writeFileSync(OBJECT, 'bundle');

const WORLD: World = {
  region: 'eu-central-1',
  partition: 'aws',
  account: '111122223333',
  instance: { id: 'i-0', type: 'm7i.large', image: 'ami-0', tags: { 'cluster-node:State': 'new' }, stack: 'lab-desktop-x', userData: '' },
  group: { name: 'g', tags: { 'cluster-node:ClusterId': 'lab' }, launchHook: 'h' },
  credentials: { accessKeyId: 'ASIA0', secretAccessKey: 'secret', sessionToken: 'session' },
  policy: [{ Effect: 'Allow', Action: '*', Resource: '*' }],
  objects: [{ bucket: 'bucket', key: 'key', file: OBJECT }],
  secrets: { 'arn:aws:secretsmanager:eu-central-1:111122223333:secret:keys': 'hush' },
  stacks: { network: { statuses: ['CREATE_IN_PROGRESS', 'CREATE_COMPLETE'] } },
  faults: [],
  clockAheadSeconds: 0,
  fileSystemsAvailable: true,
  onlyThroughProxy: false,
  strangers: [],
};

const request = (more: Partial<Request>): Request => ({
  method: 'GET',
  host: '169.254.169.254',
  target: '/',
  headers: {},
  body: Buffer.alloc(0),
  caller: 'bootstrap',
  ...more,
});

describe('instance metadata', () => {
  const TTL = 'x-aws-ec2-metadata-token-ttl-seconds';
  const TOKEN = 'x-aws-ec2-metadata-token';
  let service: InstanceMetadataService;
  const ask = async (more: Partial<Request>, world = WORLD): Promise<Response> => service.understand(request(more), world).answer();
  const token = async (): Promise<string> =>
    String((await ask({ method: 'PUT', target: '/latest/api/token', headers: { [TTL]: '60' } })).body);

  beforeEach(() => {
    service = new InstanceMetadataService();
  });

  test.each(['/', '/latest/meta-data/instance-id', '/latest/user-data', '/latest/dynamic/instance-identity/document'])(
    '%s without a token, as version 1 would, or with one that was never given out: 401',
    async (target) => {
      expect((await ask({ target })).status).toBe(401);
      expect((await ask({ target, headers: { [TOKEN]: 'made up' } })).status).toBe(401);
      expect((await ask({ target, headers: { [TOKEN]: await token() } })).status).toBe(200);
    },
  );

  test('a token ends when it said it would', async () => {
    const short = await token();
    jest.useFakeTimers({ now: Date.now() + 61_000 });
    try {
      expect((await ask({ target: '/latest/meta-data/instance-id', headers: { [TOKEN]: short } })).status).toBe(401);
    } finally {
      jest.useRealTimers();
    }
  });

  test.each([
    ['GET', { [TTL]: '60' }, 405],
    ['PUT', {}, 400],
    ['PUT', { [TTL]: '0' }, 400],
    ['PUT', { [TTL]: '21601' }, 400],
    ['PUT', { [TTL]: '60', 'x-forwarded-for': '10.0.0.1' }, 400],
    ['PUT', { [TTL]: '21600' }, 200],
  ])('a token by %s with %j: %i', async (method, headers, status) => {
    expect((await ask({ method, target: '/latest/api/token', headers })).status).toBe(status);
  });

  test('tags of the instance, a 404 where there is none', async () => {
    const headers = { [TOKEN]: await token() };
    const at = async (tag: string, world = WORLD): Promise<unknown[]> => {
      const answer = await ask({ target: `/latest/meta-data/tags/instance/${tag}`, headers }, world);
      return [answer.status, answer.body];
    };
    expect(await at('cluster-node:State')).toEqual([200, 'new']);
    expect(await at('')).toEqual([200, 'cluster-node:State']);
    expect((await at('cluster-node:Nothing'))[0]).toBe(404);
    expect((await at('', { ...WORLD, instance: { ...WORLD.instance, tags: {} } }))[0]).toBe(404);
  });

  test('a launch template that opens the metadata further than the lab does is an error', () => {
    const good = { HttpTokens: 'required', HttpPutResponseHopLimit: 1, InstanceMetadataTags: 'enabled' };
    expect(() => requireMetadataOptions('stack', good)).not.toThrow();
    for (const bad of [{ HttpTokens: 'optional' }, { HttpPutResponseHopLimit: 2 }, { InstanceMetadataTags: 'disabled' }])
      expect(() => requireMetadataOptions('stack', { ...good, ...bad })).toThrow(/^stack: expected \w+ \w+ in the launch template, got/);
  });
});

describe('endpoints of AWS', () => {
  const form = (text: string): Partial<Request> => ({ method: 'POST', body: Buffer.from(text) });
  const secret = {
    method: 'POST',
    headers: { 'x-amz-target': 'secretsmanager.GetSecretValue' },
    body: Buffer.from('{"SecretId":"arn:aws:secretsmanager:eu-central-1:111122223333:secret:keys"}'),
  };
  // Service, action, request, and how the service says that a signature is wrong, and that the caller may not.
  const CALLS: readonly (readonly [string, string, Partial<Request>, string, string])[] = [
    ['s3', 's3:GetObject', { target: '/bucket/key' }, 'SignatureDoesNotMatch', 'AccessDenied'],
    ['ec2', 'ec2:CreateTags', form('Action=CreateTags&ResourceId.1=i-0&Tag.1.Key=a&Tag.1.Value=b'), 'AuthFailure', 'UnauthorizedOperation'],
    [
      'cloudformation',
      'cloudformation:SignalResource',
      form('Action=SignalResource&StackName=s&LogicalResourceId=r&UniqueId=u&Status=SUCCESS'),
      'SignatureDoesNotMatch',
      'AccessDenied',
    ],
    [
      'cloudformation',
      'cloudformation:DescribeStacks',
      form('Action=DescribeStacks&StackName=network'),
      'SignatureDoesNotMatch',
      'AccessDenied',
    ],
    [
      'autoscaling',
      'autoscaling:CompleteLifecycleAction',
      form('Action=CompleteLifecycleAction&AutoScalingGroupName=g&LifecycleHookName=h&InstanceId=i-0&LifecycleActionResult=CONTINUE'),
      'SignatureDoesNotMatch',
      'AccessDenied',
    ],
    ['secretsmanager', 'secretsmanager:GetSecretValue', secret, 'InvalidSignatureException', 'AccessDeniedException'],
  ];
  const changed: Record<string, string>[] = [];

  async function call(
    service: string,
    more: Partial<Request>,
    world = WORLD,
    {
      secretAccessKey = 'secret',
      region = 'eu-central-1',
      scope = service,
      endpoints = new AwsEndpoints((tags) => void changed.push(tags)),
    }: { secretAccessKey?: string; region?: string; scope?: string; endpoints?: AwsEndpoints } = {},
  ): Promise<Response> {
    const plain = request({ host: `${service}.eu-central-1.amazonaws.com`, ...more });
    const signer = new SignatureV4({
      credentials: { ...WORLD.credentials, secretAccessKey },
      region,
      service: scope,
      sha256: Sha256 as never,
      uriEscapePath: service !== 's3',
    });
    const { headers } = await signer.sign({
      method: plain.method,
      protocol: 'https:',
      hostname: plain.host,
      path: plain.target,
      headers: { ...plain.headers, host: plain.host, 'x-amz-content-sha256': createHash('sha256').update(plain.body).digest('hex') },
      body: plain.body,
    });
    const operation = endpoints.understand({ ...plain, headers }, world);
    if (operation === undefined) throw new Error(`nobody answers at ${plain.host}`);
    return operation.answer();
  }

  test.each(CALLS)('%s: %s of a caller who may and who signs', async (service, _, more) => {
    const { status, error } = await call(service, more);
    expect([status, error]).toEqual([200, undefined]);
  });

  test.each(CALLS)('%s: %s with another key, region or service is refused', async (service, _, more, wrongSignature) => {
    changed.length = 0;
    expect((await call(service, more, WORLD, { secretAccessKey: 'other' })).error).toBe(wrongSignature);
    expect((await call(service, more, WORLD, { region: 'us-east-1' })).error).toBe(wrongSignature);
    expect((await call(service, more, WORLD, { scope: 'sts' })).error).toBe(wrongSignature);
    expect(changed).toEqual([]);
  });

  test.each(CALLS)('%s: %s that no policy allows is refused', async (service, action, more, _, denied) => {
    changed.length = 0;
    const policies: PolicyStatement[][] = [[], [...WORLD.policy, { Effect: 'Deny', Action: action, Resource: '*' }]];
    for (const policy of policies) expect((await call(service, more, { ...WORLD, policy })).error).toBe(denied);
    const others = CALLS.map(([, other]) => other).filter((other) => other !== action);
    expect((await call(service, more, { ...WORLD, policy: [{ Effect: 'Allow', Action: others, Resource: '*' }] })).error).toBe(denied);
    expect(changed).toEqual([]);
  });

  test.each(CALLS)('%s: %s without a signature is refused', async (service, _, more) => {
    const plain = request({ host: `${service}.eu-central-1.amazonaws.com`, ...more });
    const operation = new AwsEndpoints(() => undefined).understand(plain, WORLD);
    expect((await operation?.answer())?.status).toBeGreaterThanOrEqual(400);
  });

  test('tags are changed by a call that is allowed, and of the own instance alone', async () => {
    changed.length = 0;
    await call('ec2', form('Action=CreateTags&ResourceId.1=i-0&Tag.1.Key=a&Tag.1.Value=b'));
    expect(changed).toEqual([{ a: 'b' }]);
    expect((await call('ec2', form('Action=CreateTags&ResourceId.1=i-1&Tag.1.Key=a&Tag.1.Value=b'))).error).toBe('InvalidID');
  });

  test('IAM is asked about the instance that is to be tagged, which the own policies can tell from the own', async () => {
    const Condition = { StringLike: { 'aws:userid': '*:${ec2:InstanceID}' } };
    const world = { ...WORLD, policy: [{ Effect: 'Allow', Action: '*', Resource: '*', Condition } as const] };
    const tag = (id: string) => call('ec2', form(`Action=CreateTags&ResourceId.1=${id}&Tag.1.Key=a&Tag.1.Value=b`), world);
    expect([(await tag('i-0')).error, (await tag('i-1')).error]).toEqual([undefined, 'UnauthorizedOperation']);
  });

  describe('with an identity document in place of a signature', () => {
    const SIGNAL = 'Action=SignalResource&StackName=lab-desktop-x&LogicalResourceId=r&UniqueId=i-0&Status=SUCCESS';
    const OTHER = { ...WORLD, instance: { ...WORLD.instance, id: 'i-1' } };

    async function shown(world = WORLD): Promise<[string, string]> {
      const metadata = new InstanceMetadataService();
      const ask = async (more: Partial<Request>): Promise<string> =>
        String((await metadata.understand(request(more), world).answer()).body);
      const seconds = { 'x-aws-ec2-metadata-token-ttl-seconds': '60' };
      const headers = { 'x-aws-ec2-metadata-token': await ask({ method: 'PUT', target: '/latest/api/token', headers: seconds }) };
      const read = (name: string): Promise<string> => ask({ target: `/latest/dynamic/instance-identity/${name}`, headers });
      return [await read('document'), (await read('signature')).replaceAll('\n', '')];
    }

    async function show([document, signature]: readonly [string, string], more: Partial<Request> & { query?: string } = {}, world = WORLD) {
      const operation = new AwsEndpoints(() => undefined).understand(
        request({
          host: 'cloudformation.eu-central-1.amazonaws.com',
          target: `/?${more.query ?? SIGNAL}`,
          headers: { authorization: `CFN_V1 ${Buffer.from(document).toString('base64')}:${signature}`, accept: 'application/json' },
          ...more,
        }),
        world,
      );
      return operation!.answer();
    }

    test('a signal is taken for the stack of the instance, whatever its role may do', async () => {
      expect(await show(await shown(), {}, { ...WORLD, policy: [] })).toMatchObject({ status: 200 });
    });

    test.each<[string, () => Promise<Response>, string]>([
      [
        'a changed document',
        async () => show([(await shown(OTHER))[0].replace('i-1', 'i-0'), (await shown(OTHER))[1]]),
        'InvalidClientTokenId',
      ],
      [
        'a document of another authority',
        async () => show([(await shown())[0], Buffer.alloc(128, 1).toString('base64')]),
        'InvalidClientTokenId',
      ],
      ['another instance', async () => show(await shown(OTHER)), 'AccessDenied'],
      ['another account', async () => show(await shown({ ...WORLD, account: '999999999999' })), 'AccessDenied'],
      ['another stack', async () => show(await shown(), { query: SIGNAL.replace('desktop-x', 'desktop-y') }), 'AccessDenied'],
      ['another action', async () => show(await shown(), { query: 'Action=DescribeStacks&StackName=lab-desktop-x' }), 'AccessDenied'],
      ['a POST', async () => show(await shown(), { method: 'POST', target: '/', body: Buffer.from(SIGNAL) }), 'IncompleteSignature'],
      ['another service', async () => show(await shown(), { host: 'ec2.eu-central-1.amazonaws.com' }), 'InvalidAction'],
    ])('%s is refused', async (_, answer, code) => {
      const { status, error, body } = await answer();
      expect([status >= 400, error]).toEqual([true, code]);
      if (code === 'AccessDenied') expect(JSON.parse(String(body))).toMatchObject({ Error: { Code: code } });
    });

    test('a stack that does not wait takes no signal, of nobody', async () => {
      const world = { ...WORLD, stacks: { 'lab-desktop-x': { statuses: ['CREATE_COMPLETE'] } } };
      for (const answer of [await show(await shown(), {}, world), await call('cloudformation', form(SIGNAL), world)]) {
        expect(answer.error).toBe('ValidationError');
        expect(String(answer.body)).toMatch(/Stack arn:.*\/lab-desktop-x\/.* is in CREATE_COMPLETE state and cannot be signaled/);
      }
    });
  });

  test('a launch is completed once, of the own instance, in a group whose tags the policy asks for', async () => {
    const complete = (more = '', world = WORLD) => call('autoscaling', form(`${LAUNCHED}${more}`), world);
    const policy = (value: string): PolicyStatement[] => [
      { Effect: 'Allow', Action: '*', Resource: '*', Condition: { StringEquals: { 'aws:ResourceTag/cluster-node:ClusterId': value } } },
    ];
    const LAUNCHED = 'Action=CompleteLifecycleAction&AutoScalingGroupName=g&LifecycleHookName=h&InstanceId=i-0&LifecycleActionResult=';
    expect((await complete('CONTINUE', { ...WORLD, policy: policy('other') })).error).toBe('AccessDenied');
    expect((await complete('CONTINUE', { ...WORLD, group: undefined })).error).toBe('ValidationError');
    expect((await complete('YES')).error).toBe('ValidationError');
    const allowed = { ...WORLD, policy: policy('lab') };
    const endpoints = new AwsEndpoints(() => undefined);
    const answers = [
      await call('autoscaling', form(`${LAUNCHED}ABANDON`), allowed, { endpoints }),
      await call('autoscaling', form(`${LAUNCHED}CONTINUE`), allowed, { endpoints }),
    ];
    expect(answers.map(({ status }) => status)).toEqual([200, 400]);
    expect(String(answers[1].body)).toContain('No active Lifecycle Action found with instance ID i-0');
  });

  test('a clock that is off is told in the words of each service', async () => {
    const error = async (service: string, more: Partial<Request>, clockAheadSeconds: number): Promise<unknown> => {
      const { body, error: code } = await call(service, more, { ...WORLD, clockAheadSeconds });
      return [code, /Signature (expired|not yet current)/.exec(String(body))?.[0]];
    };
    const [, tags, signal, , , keys] = CALLS.map(([, , more]) => more);
    expect(await error('ec2', tags, 600)).toEqual(['RequestExpired', undefined]);
    expect(await error('ec2', tags, -600)).toEqual(['AuthFailure', undefined]);
    expect(await error('cloudformation', signal, 600)).toEqual(['SignatureDoesNotMatch', 'Signature expired']);
    expect(await error('cloudformation', signal, -600)).toEqual(['SignatureDoesNotMatch', 'Signature not yet current']);
    expect(await error('secretsmanager', keys, 600)).toEqual(['InvalidSignatureException', 'Signature expired']);
    expect((await call('s3', { target: '/bucket/key' }, { ...WORLD, clockAheadSeconds: 600 })).status).toBe(200);
    expect((await call('s3', { target: '/bucket/key' }, { ...WORLD, clockAheadSeconds: 1000 })).error).toBe('RequestTimeTooSkewed');
  });
});

class Sha256 {
  private readonly hash;

  public constructor(secret?: Uint8Array | string) {
    this.hash = secret === undefined ? createHash('sha256') : createHmac('sha256', secret);
  }

  public update(data: Uint8Array): void {
    this.hash.update(data);
  }

  public digest(): Promise<Uint8Array> {
    return Promise.resolve(new Uint8Array(this.hash.digest()));
  }
}
