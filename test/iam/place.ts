import type { AuthorizationRequest } from '../boot-lab/services/iam';

/** Where a node is, and what is its own there. Everything else in the proof is somebody else's. */
export interface Place {
  readonly region: string;
  readonly partition: string;
  readonly account: string;
  readonly clusterId: string;
  /** Name of the stack with the node's role. */
  readonly stackName: string;
  /** Stack that the node signals. */
  readonly ownStack: string;
  /** Otherwise with the identity document of its instance, which needs no permission. */
  readonly signalsWithRole: boolean;
  readonly instance: string;
  readonly bucket: string;
  readonly bundle: string;
  /** Auto Scaling group, and its tags. */
  readonly group?: string;
  readonly groupTags?: Tags;
  /** Secret that the node reads, and the key that it is encrypted with. */
  readonly secret?: string;
  readonly key?: string;
  /** Folder of a bucket that the node gets its downloads from, and the key of the bucket. */
  readonly mirror?: { readonly bucket: string; readonly folder: string };
  readonly mirrorKey?: string;
  /** Alias of that key, where the policy knows it by that. */
  readonly mirrorAlias?: string;
  /** File of a driver in a bucket. */
  readonly driver?: { readonly bucket: string; readonly key: string };
  /** File system that the node mounts with its role. */
  readonly fileSystem?: string;
  readonly waitForStacks: readonly string[];
  /** Log group that the node writes to. */
  readonly logGroup?: string;
  /** Namespace of metrics that it sends. */
  readonly metrics?: string;
}

export type Tags = Readonly<Record<string, string>>;

/** Makes requests as AWS would ask IAM about them when code on the node makes them. */
export class Requests {
  public constructor(public readonly place: Place) {}

  /** What is known about whoever calls, whatever they ask. */
  protected caller(): AuthorizationRequest['conditions'] {
    const { account, partition, instance } = this.place;
    return {
      'aws:userid': [`AROA0NODE:${instance}`],
      'aws:PrincipalArn': [`arn:${partition}:iam::${account}:role/node`],
      'ec2:SourceInstanceARN': [this.arn('ec2', `instance/${instance}`)],
    };
  }

  public of(action: string, resource: string, conditions: AuthorizationRequest['conditions'] = {}): AuthorizationRequest {
    const known = {
      'aws:PrincipalAccount': [this.place.account],
      'aws:SecureTransport': ['true'],
      'aws:RequestedRegion': [this.place.region],
    };
    return { action, resource, conditions: { ...this.caller(), ...known, ...conditions } };
  }

  public arn(service: string, resource: string, region = this.place.region, account = this.place.account): string {
    return `arn:${this.place.partition}:${service}:${region}:${account}:${resource}`;
  }

  public object(action: string, bucket: string, key: string): AuthorizationRequest {
    return this.of(`s3:${action}`, `arn:${this.place.partition}:s3:::${bucket}/${key}`);
  }

  public bucket(action: string, bucket: string): AuthorizationRequest {
    return this.of(`s3:${action}`, `arn:${this.place.partition}:s3:::${bucket}`);
  }

  public stack(action: string, name: string, region?: string, account?: string): AuthorizationRequest {
    return this.of(
      `cloudformation:${action}`,
      this.arn('cloudformation', `stack/${name}/00000000-0000-4000-8000-000000000000`, region, account),
    );
  }

  /** A call about a stream of a log group. Of the group, IAM is asked about a stream without a name. */
  public logs(action: string, group: string, stream = '', region?: string, account?: string): AuthorizationRequest {
    return this.of(`logs:${action}`, this.arn('logs', `log-group:${group}:log-stream:${stream}`, region, account));
  }

  public secret(action: string, arn: string): AuthorizationRequest {
    return this.of(`secretsmanager:${action}`, arn);
  }

  /** `viaService` is the service that uses the key for the caller, `alias` one that the key has. */
  public key(action: string, arn: string, viaService?: string, alias?: string): AuthorizationRequest {
    return this.of(`kms:${action}`, arn, {
      ...(viaService === undefined ? {} : { 'kms:ViaService': [viaService] }),
      ...(alias === undefined ? {} : { 'kms:ResourceAliases': [alias] }),
    });
  }

  /** A request about an instance that has some tags. */
  public instance(
    action: string,
    id: string,
    tags: Tags,
    conditions: AuthorizationRequest['conditions'] = {},
    region?: string,
    account?: string,
  ): AuthorizationRequest {
    return this.of(action, this.arn('ec2', `instance/${id}`, region, account), {
      'ec2:InstanceID': [id],
      ...resourceTags(tags, 'ec2'),
      ...conditions,
    });
  }

  /** CreateTags of an instance that has some tags. */
  public tag(id: string, tags: Tags, keys: readonly string[], region?: string, account?: string): AuthorizationRequest {
    return this.instance('ec2:CreateTags', id, tags, { 'aws:TagKeys': keys }, region, account);
  }

  public group(action: string, name: string, tags: Tags, region?: string, account?: string): AuthorizationRequest {
    const resource = `autoScalingGroup:00000000-0000-4000-8000-000000000000:autoScalingGroupName/${name}`;
    return this.of(`autoscaling:${action}`, this.arn('autoscaling', resource, region, account), resourceTags(tags, 'autoscaling'));
  }

  public secretsManager(region = this.place.region): string {
    return this.service('secretsmanager', region);
  }

  public s3(region = this.place.region): string {
    return this.service('s3', region);
  }

  private service(name: string, region: string): string {
    return `${name}.${region}.${this.place.partition === 'aws-cn' ? 'amazonaws.com.cn' : 'amazonaws.com'}`;
  }
}

function resourceTags(tags: Tags, service: string): AuthorizationRequest['conditions'] {
  return Object.fromEntries(
    Object.entries(tags).flatMap(([key, value]) => [
      [`aws:ResourceTag/${key}`, [value]],
      [`${service}:ResourceTag/${key}`, [value]],
    ]),
  );
}

/** Tags of an instance of a cluster. */
export function tagsOf(clusterId: string, owner = 'alice'): Tags {
  return { Name: 'node', 'cluster-node:ClusterId': clusterId, 'cluster-node:SessionOwner': owner, 'cluster-node:State': 'ready' };
}
