import { existsSync, readFileSync } from 'node:fs';
import * as path from 'node:path';
import { App, Stack } from 'aws-cdk-lib';
import { DesktopSessionTemplate } from '../../../lib/sessions';
import type { SsmDocument } from '../ssm';
import { Group, PolicyStatement, StoredObject } from '../services/world';
import { DeployedTemplate, Deployment, Template, TemplateValue } from './intrinsics';
import { CLUSTER_ID, Kind } from './node-under-test';

export const ACCOUNT = '111122223333';

/** One node to synthesize. */
export interface NodeRequest {
  /** Name of the stack. */
  readonly stackName: string;
  readonly kind: Kind;
  /** Composes the cluster and the node in their stack. */
  readonly compose: (stack: Stack) => void;
  /** Values of the stack's parameters. */
  readonly parameters: Readonly<Record<string, string>>;
  readonly region: string;
  readonly partition: 'aws' | 'aws-cn' | 'aws-us-gov';
}

/** What AWS would have after the deployment of the stack and the launch of one instance. */
export interface LaunchedNode {
  /** Base64, as the launch template carries it. */
  readonly userData: string;
  readonly tags: Readonly<Record<string, string>>;
  /** The stack that it belongs to. */
  readonly launchedBy: string;
  readonly group?: Group;
  readonly objects: readonly StoredObject[];
  readonly policy: readonly PolicyStatement[];
  /** How its image is built, where the stack has one. */
  readonly image?: ImageBuild;
  /** Documents of Systems Manager, by name. */
  readonly documents: Readonly<Record<string, SsmDocument>>;
}

/** What Image Builder has of a pipeline. */
export interface ImageBuild {
  /** YAML. */
  readonly document: string;
  /** Of the role of the instance that builds. */
  readonly policy: readonly PolicyStatement[];
}

/** Runs the CDK app of the lab into `outdir` and "deploys" each stack of it. */
export function synthesize(requests: readonly NodeRequest[], outdir: string): ReadonlyMap<string, LaunchedNode> {
  const app = new App({ outdir, analyticsReporting: false, treeMetadata: false });
  for (const request of requests) request.compose(new Stack(app, request.stackName));
  app.synth();
  return new Map(requests.map((request) => [request.stackName, launch(request, outdir)]));
}

function launch(request: NodeRequest, outdir: string): LaunchedNode {
  const template = JSON.parse(readFileSync(path.join(outdir, `${request.stackName}.template.json`), 'utf8')) as Template;
  const deployment: Deployment = {
    stackName: request.stackName,
    region: request.region,
    partition: request.partition,
    account: ACCOUNT,
    urlSuffix: request.partition === 'aws-cn' ? 'amazonaws.com.cn' : 'amazonaws.com',
    parameters: request.parameters,
  };
  const stack = new DeployedTemplate(template, deployment);
  const [launchTemplate] = stack.resourcesOfType('AWS::EC2::LaunchTemplate');
  const data = stack.properties(launchTemplate).LaunchTemplateData as unknown as {
    readonly UserData: string;
    readonly TagSpecifications: readonly { readonly ResourceType: string; readonly Tags: readonly Tag[] }[];
    readonly MetadataOptions: Readonly<Record<string, TemplateValue>>;
  };
  requireMetadataOptions(request.stackName, data.MetadataOptions);
  const ofTemplate = data.TagSpecifications.find((specification) => specification.ResourceType === 'instance')?.Tags ?? [];
  const group = request.kind === 'desktop' ? undefined : launchingGroup(stack);
  return {
    userData: data.UserData,
    tags: tagMap([...ofTemplate, ...(group?.launchTags ?? desktopTags(request, deployment))]),
    launchedBy: group === undefined ? desktopStackName(request.stackName) : request.stackName,
    group,
    objects: publishedAssets(request.stackName, outdir, stack),
    policy: rolePolicy(stack, 'Node'),
    image: imageBuild(stack),
    documents: Object.fromEntries(
      stack.resourcesOfType('AWS::SSM::Document').map((id) => {
        const { Name, Content } = stack.properties(id) as unknown as { readonly Name: string; readonly Content: SsmDocument };
        return [Name, Content];
      }),
    ),
  };
}

/** The lab's metadata service is as these say. */
export function requireMetadataOptions(stackName: string, options: Readonly<Record<string, TemplateValue>>): void {
  const wanted = { HttpTokens: 'required', HttpPutResponseHopLimit: 1, InstanceMetadataTags: 'enabled' };
  for (const [name, value] of Object.entries(wanted))
    if (options[name] !== value)
      throw new Error(`${stackName}: expected ${name} ${value} in the launch template, got ${JSON.stringify(options[name])}`);
}

interface Tag {
  readonly Key: string;
  readonly Value: string;
  readonly PropagateAtLaunch?: boolean;
}

/** The tags with which the stack of a desktop session launches its instance. */
function desktopTags(request: NodeRequest, deployment: Deployment): readonly Tag[] {
  const session = new DeployedTemplate(new DesktopSessionTemplate().toJson() as unknown as Template, {
    ...deployment,
    stackName: desktopStackName(request.stackName),
    parameters: {
      LaunchTemplateId: 'lt-0123456789abcdef0',
      LaunchTemplateVersion: '1',
      SubnetId: 'subnet-0123456789abcdef0',
      ClusterId: CLUSTER_ID,
      SessionId: 'session-1',
      SessionOwner: 'ada',
      SessionName: 'Ada & her "analysis"',
      Project: 'engine',
    },
  });
  return session.properties(DesktopSessionTemplate.INSTANCE_LOGICAL_ID).Tags as unknown as readonly Tag[];
}

export function desktopStackName(stackName: string): string {
  return `${CLUSTER_ID}-desktop-${stackName}`;
}

/** The group, and the tags that its instances get of it. */
function launchingGroup(stack: DeployedTemplate): Group & { readonly launchTags: readonly Tag[] } {
  const [id] = stack.resourcesOfType('AWS::AutoScaling::AutoScalingGroup');
  const properties = stack.properties(id) as unknown as {
    readonly Tags: readonly Tag[];
    readonly LifecycleHookSpecificationList: readonly { readonly LifecycleHookName: string }[];
  };
  const name = `${id}-0LAB`;
  return {
    name,
    tags: tagMap(properties.Tags),
    launchHook: properties.LifecycleHookSpecificationList[0].LifecycleHookName,
    launchTags: [...properties.Tags.filter((tag) => tag.PropagateAtLaunch === true), { Key: 'aws:autoscaling:groupName', Value: name }],
  };
}

function tagMap(tags: readonly Tag[]): Record<string, string> {
  return Object.fromEntries(tags.map(({ Key, Value }) => [Key, Value]));
}

/** Publishes the assets of a stack as its manifest says, which is what `cdk deploy` does. */
function publishedAssets(stackName: string, outdir: string, stack: DeployedTemplate): StoredObject[] {
  const manifest = JSON.parse(readFileSync(path.join(outdir, `${stackName}.assets.json`), 'utf8')) as {
    readonly files: Readonly<
      Record<
        string,
        {
          readonly source: { readonly path: string; readonly packaging: string };
          readonly destinations: Readonly<Record<string, { readonly bucketName: string; readonly objectKey: string }>>;
        }
      >
    >;
  };
  return Object.values(manifest.files).flatMap(({ source, destinations }) => {
    // Code of the CDK's own functions, which no node reads.
    if (source.packaging === 'zip') return [];
    const file = path.join(outdir, source.path);
    if (source.packaging !== 'file' || !existsSync(file))
      throw new Error(`${stackName}: asset ${source.path} is not a file of the cloud assembly`);
    return Object.values(destinations).map(({ bucketName, objectKey }) => ({
      bucket: stack.resolve({ 'Fn::Sub': bucketName }) as string,
      key: stack.resolve({ 'Fn::Sub': objectKey }) as string,
      file,
    }));
  });
}

function imageBuild(stack: DeployedTemplate): ImageBuild | undefined {
  const [component] = stack.resourcesOfType('AWS::ImageBuilder::Component');
  if (component === undefined) return undefined;
  return { document: stack.properties(component).Data as string, policy: rolePolicy(stack, 'ImageRole') };
}

/** All statements that the role of an instance profile has. */
function rolePolicy(stack: DeployedTemplate, prefix: string): PolicyStatement[] {
  const [role] = stack.resourcesOfType('AWS::IAM::Role').filter((id) => id.startsWith(prefix));
  const inline = (stack.properties(role).Policies ?? []) as unknown as readonly {
    readonly PolicyDocument: { readonly Statement: readonly PolicyStatement[] };
  }[];
  const attached = stack
    .resourcesOfType('AWS::IAM::Policy')
    .filter((id) => JSON.stringify(stack.template.Resources[id].Properties?.Roles).includes(`"${role}"`))
    .map((id) => stack.properties(id).PolicyDocument as unknown as { readonly Statement: readonly PolicyStatement[] });
  return [...inline.map((policy) => policy.PolicyDocument), ...attached].flatMap((document) => document.Statement);
}
