import { randomBytes } from 'node:crypto';
import { Operation, Request, Response } from './exchange';
import { identityDocument } from './identity';
import { Call, World } from './world';

type Tree = { readonly [name: string]: string | Tree };

export const ROLE_NAME = 'node-role';
export const MACHINE_ADDRESS = '10.99.0.5';
export const MACHINE_MAC = '02:00:00:00:00:05';

const METADATA_VERSION = /^(latest|\d{4}-\d\d-\d\d)$/;

/** Version 2 of the instance metadata service, as strict as it can be set: without a token there is only 401. */
export class InstanceMetadataService {
  private readonly tokens = new Map<string, { readonly expiry: number; readonly owner: Call['caller'] }>();

  public understand(request: Request, world: World): Operation {
    const issued = randomBytes(40).toString('base64');
    const path = new URL(request.target, 'http://169.254.169.254').pathname;
    const token = path === '/latest/api/token';
    return {
      service: 'imds',
      name: token ? 'token' : path,
      // cloud-init names itself only when it asks for its token.
      caller: this.tokens.get(request.headers['x-aws-ec2-metadata-token'] ?? '')?.owner,
      arguments: token ? { token: issued } : {},
      answer: () => (token ? this.issueToken(request, issued) : this.read(request, decodeURIComponent(path), world)),
      refuse: (status, code) => ({ status, body: '', error: code }),
      throttled: { status: 503, code: 'Service Unavailable' },
    };
  }

  private issueToken(request: Request, token: string): Response {
    if (request.method !== 'PUT') return { status: 405, body: '', error: 'Method Not Allowed' };
    const seconds = Number(request.headers['x-aws-ec2-metadata-token-ttl-seconds']);
    if (!(seconds >= 1 && seconds <= 21_600) || request.headers['x-forwarded-for'] !== undefined)
      return { status: 400, body: '', error: 'Bad Request' };
    this.tokens.set(token, { expiry: Date.now() + seconds * 1000, owner: request.caller });
    return { status: 200, body: token, headers: { 'x-aws-ec2-metadata-token-ttl-seconds': String(seconds) } };
  }

  private read(request: Request, path: string, world: World): Response {
    const expiry = this.tokens.get(request.headers['x-aws-ec2-metadata-token'] ?? '')?.expiry;
    if (expiry === undefined || expiry < Date.now()) return { status: 401, body: '', error: 'Unauthorized' };
    if (path === '/') return { status: 200, body: '2009-04-04\n2016-09-02\n2018-09-24\n2021-03-23\nlatest' };
    const notFound: Response = { status: 404, body: '', error: 'Not Found' };
    const [, version, kind, ...rest] = path.split('/');
    if (!METADATA_VERSION.test(version)) return notFound;
    if (kind === 'user-data')
      return { status: 200, body: Buffer.from(world.instance.userData, 'base64'), headers: { 'content-type': 'application/octet-stream' } };
    const root = kind === 'meta-data' ? metadata(world) : kind === 'dynamic' ? dynamicData(world) : undefined;
    const found = root === undefined ? undefined : walk(root, rest);
    if (found === undefined) return notFound;
    const body = typeof found === 'string' ? found : listing(found);
    // What nobody else may see of it, for those who judge.
    return { status: 200, body, summary: path.endsWith('/instance-identity/signature') ? body.replaceAll('\n', '') : undefined };
  }
}

function metadata(world: World): Tree {
  const { instance, credentials } = world;
  const hostName = `ip-${MACHINE_ADDRESS.replaceAll('.', '-')}.${world.region}.compute.internal`;
  const now = new Date();
  return {
    'ami-id': instance.image,
    'ami-launch-index': '0',
    hostname: hostName,
    'instance-id': instance.id,
    'instance-life-cycle': 'on-demand',
    'instance-type': instance.type,
    'local-hostname': hostName,
    'local-ipv4': MACHINE_ADDRESS,
    mac: MACHINE_MAC,
    network: {
      interfaces: {
        macs: {
          [MACHINE_MAC]: {
            'device-number': '0',
            'interface-id': 'eni-0123456789abcdef0',
            'local-ipv4s': MACHINE_ADDRESS,
            mac: MACHINE_MAC,
            'owner-id': world.account,
            'subnet-id': 'subnet-0123456789abcdef0',
            'subnet-ipv4-cidr-block': '10.99.0.0/24',
            'vpc-id': 'vpc-0123456789abcdef0',
          },
        },
      },
    },
    placement: { 'availability-zone': `${world.region}a`, region: world.region },
    'security-groups': 'node',
    services: { domain: world.partition === 'aws-cn' ? 'amazonaws.com.cn' : 'amazonaws.com', partition: world.partition },
    iam: {
      info: JSON.stringify({
        Code: 'Success',
        InstanceProfileArn: `arn:${world.partition}:iam::${world.account}:instance-profile/node`,
        InstanceProfileId: 'AIPA0LAB',
      }),
      'security-credentials': {
        [ROLE_NAME]: JSON.stringify(
          {
            Code: 'Success',
            LastUpdated: now.toISOString().replace(/\.\d+/, ''),
            Type: 'AWS-HMAC',
            AccessKeyId: credentials.accessKeyId,
            SecretAccessKey: credentials.secretAccessKey,
            Token: credentials.sessionToken,
            Expiration: new Date(now.getTime() + 6 * 3_600_000).toISOString().replace(/\.\d+/, ''),
          },
          undefined,
          2,
        ),
      },
    },
    ...(Object.keys(instance.tags).length > 0 ? { tags: { instance: instance.tags } } : {}),
  };
}

function dynamicData(world: World): Tree {
  return { 'instance-identity': identityDocument(world, MACHINE_ADDRESS) };
}

function walk(tree: Tree, path: readonly string[]): string | Tree | undefined {
  let found: string | Tree | undefined = tree;
  for (const name of path.filter((part) => part !== '')) {
    if (typeof found === 'string' || found === undefined || !Object.hasOwn(found, name)) return undefined;
    found = found[name];
  }
  return found;
}

function listing(tree: Tree): string {
  return Object.entries(tree)
    .map(([name, value]) => (typeof value === 'string' ? name : `${name}/`))
    .join('\n');
}
