import * as fs from 'fs';
import * as path from 'path';
import { intrinsicSize, type ResolvedSize } from '../../lib/bootstrap/resolved-size';
import { READABLE, intrinsicText } from '../../lib/bootstrap/resolved-text';
import { CommandError } from './command-error';
import { EXIT } from './exit-status';
import { readJsonText } from './text-files';

/** A node of an app that was synthesized. */
export interface AssemblyNode {
  /** Path of the construct. */
  readonly path: string;
  /** UserData, where values that CloudFormation knows stand as `${AWS::Region}`, in base64 as `base64(...)`. */
  readonly userData: string;
  readonly userDataSize: ResolvedSize;
  /** Text of each script by its path in the bundle. */
  readonly files: ReadonlyMap<string, string>;
  readonly bundleBytes: number;
}

interface Manifest {
  readonly artifacts?: { readonly [id: string]: { readonly type: string; readonly properties?: { readonly [name: string]: unknown } } };
}

interface AssetManifest {
  readonly files?: {
    readonly [id: string]: {
      readonly source?: { readonly path?: string };
      readonly destinations?: { readonly [id: string]: { readonly objectKey?: string } };
    };
  };
}

interface Template {
  readonly Parameters?: { readonly [id: string]: { readonly Type: string; readonly MaxLength?: number | string } };
  readonly Resources?: {
    readonly [id: string]: {
      readonly Type: string;
      readonly Metadata?: { readonly [key: string]: unknown };
      readonly Properties?: { readonly LaunchTemplateData?: { readonly UserData?: unknown } };
    };
  };
}

/** The nodes of an app, from its cloud assembly (`cdk.out`): those of nested stacks and of stages too. */
export function assemblyNodes(folder: string): AssemblyNode[] {
  const manifest = path.join(folder, 'manifest.json');
  if (!fs.existsSync(manifest)) {
    throw new CommandError(
      `expected a cloud assembly in --app, the output of cdk synth, got ${folder}, which has no manifest.json`,
      EXIT.USAGE,
    );
  }
  const { artifacts = {} } = json<Manifest>(manifest);
  const properties = (type: string, name: string): string[] =>
    Object.values(artifacts)
      .filter((artifact) => artifact.type === type)
      .map((artifact) => path.join(folder, String(artifact.properties?.[name])));

  const templates = new Set(properties('aws:cloudformation:stack', 'templateFile'));
  const bundles = new Map<string, string>();
  for (const file of properties('cdk:asset-manifest', 'file')) {
    for (const { source, destinations = {} } of Object.values(json<AssetManifest>(file).files ?? {})) {
      if (source?.path === undefined) continue;
      const asset = path.join(folder, source.path);
      // Templates of nested stacks are assets.
      if (asset.endsWith('.template.json')) templates.add(asset);
      for (const { objectKey } of Object.values(destinations)) {
        if (objectKey !== undefined) bundles.set(objectKey, asset);
      }
    }
  }
  return [
    ...[...templates].flatMap((template) => nodesOf(template, bundles)),
    ...properties('cdk:cloud-assembly', 'directoryName').flatMap((nested) => assemblyNodes(nested)),
  ];
}

function nodesOf(template: string, bundles: ReadonlyMap<string, string>): AssemblyNode[] {
  const { Resources = {}, Parameters = {} } = json<Template>(template);
  const parameterOf = (id: string) => {
    const { Type: type, MaxLength } = Parameters[id] ?? {};
    return type === undefined ? undefined : { type, maxLength: MaxLength === undefined ? undefined : Number(MaxLength) };
  };
  return Object.values(Resources).flatMap(({ Type: type, Metadata: metadata, Properties: properties }) => {
    const node = metadata?.['cluster-node:Path'];
    const userData = properties?.LaunchTemplateData?.UserData;
    if (type !== 'AWS::EC2::LaunchTemplate' || typeof node !== 'string' || userData === undefined) return [];
    const bundle = bundles.get(String(metadata?.['cluster-node:Bundle']));
    if (bundle === undefined) {
      throw new CommandError(`expected the bundle of ${node} among the assets, got none: is ${path.dirname(template)} of one synth?`);
    }
    // EC2 gets base64; what the node gets is inside of that.
    const text = (userData as { 'Fn::Base64'?: unknown })['Fn::Base64'] ?? userData;
    return [
      {
        path: node,
        userData: intrinsicText(text, READABLE),
        userDataSize: intrinsicSize(text, parameterOf),
        files: filesOf(bundle),
        bundleBytes: fs.statSync(bundle).size,
      },
    ];
  });
}

/** The files of an archive as `tarArchive` writes it. */
function filesOf(archive: string): ReadonlyMap<string, string> {
  const bytes = fs.readFileSync(archive);
  const files = new Map<string, string>();
  for (let position = 0; bytes[position] !== 0;) {
    const field = (start: number, end: number) => bytes.toString('utf8', position + start, position + end).split('\0', 1)[0];
    const [name, size] = [field(0, 100), parseInt(field(124, 136), 8)];
    files.set(name, bytes.toString('utf8', position + 512, position + 512 + size));
    position += 512 + Math.ceil(size / 512) * 512;
  }
  return files;
}

function json<T>(file: string): T {
  return JSON.parse(readJsonText(file)) as T;
}
