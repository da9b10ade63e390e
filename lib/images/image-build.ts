import type { ImageSummary } from '@aws-sdk/client-imagebuilder';
import { compare } from '../aws/compare';
import { oneLine } from '../aws/one-line';
import { type NodeImageBuild, NodeImageBuildState } from './node-image-status';

/**
 * What Image Builder's statuses mean. One that it may add later is of a build on its way: nothing ends because of it.
 *
 * @see https://docs.aws.amazon.com/imagebuilder/latest/APIReference/API_ImageState.html
 */
const STATES: { readonly [status: string]: NodeImageBuildState } = {
  PENDING: NodeImageBuildState.PENDING,
  CREATING: NodeImageBuildState.BUILDING,
  BUILDING: NodeImageBuildState.BUILDING,
  TESTING: NodeImageBuildState.TESTING,
  DISTRIBUTING: NodeImageBuildState.DISTRIBUTING,
  INTEGRATING: NodeImageBuildState.DISTRIBUTING,
  AVAILABLE: NodeImageBuildState.AVAILABLE,
  FAILED: NodeImageBuildState.FAILED,
  CANCELLED: NodeImageBuildState.CANCELLED,
  DEPRECATED: NodeImageBuildState.RETIRED,
  DISABLED: NodeImageBuildState.RETIRED,
  DELETED: NodeImageBuildState.RETIRED,
};

const RUNNING: readonly NodeImageBuildState[] = [
  NodeImageBuildState.PENDING,
  NodeImageBuildState.BUILDING,
  NodeImageBuildState.TESTING,
  NodeImageBuildState.DISTRIBUTING,
];

/** @internal */
export function isRunning({ state }: NodeImageBuild): boolean {
  return RUNNING.includes(state);
}

/** Whether the build has made an image, be it still there or not. @internal */
export function hasEndedWell({ state }: NodeImageBuild): boolean {
  return state === NodeImageBuildState.AVAILABLE || state === NodeImageBuildState.RETIRED;
}

const BUILD_ARN = /^arn:aws[^:]*:imagebuilder:[^:]+:[^:]*:image\/[^/]+\/([^/]+\/[0-9]+)$/;

/** @internal */
export function isBuildArn(text: string): boolean {
  return BUILD_ARN.test(text);
}

/** Version and build number from the ARN of a build: what else Image Builder calls its version can lack the number. @internal */
export function versionOf(buildArn: string): string {
  return BUILD_ARN.exec(buildArn)?.[1] ?? buildArn;
}

/** @internal */
export function regionOf(arn: string): string {
  return arn.split(':')[3];
}

/** The ids of all images that a build has made, also in other Regions and accounts. @internal */
export function amiIdsOf({ outputResources }: ImageSummary): string[] {
  return (outputResources?.amis ?? []).map(({ image }) => image).filter((id) => id !== undefined);
}

/** The image in the Region of the build, and where there are several that of its account. */
function ownAmiId({ arn = '', outputResources }: ImageSummary): string | undefined {
  const here = (outputResources?.amis ?? []).filter(({ region }) => region === regionOf(arn));
  return (here.find(({ accountId }) => accountId === arn.split(':')[4]) ?? here.at(0))?.image;
}

/** What Image Builder says about a build. @internal */
export function buildOf(image: ImageSummary): NodeImageBuild {
  const { arn = '', state, dateCreated } = image;
  const status = state?.status ?? '';
  const amiId = ownAmiId(image);
  const reason = oneLine(state?.reason ?? '');
  return {
    buildArn: arn,
    version: versionOf(arn),
    state: STATES[status] ?? NodeImageBuildState.BUILDING,
    imageBuilderStatus: status,
    ...(reason === '' ? {} : { reason }),
    ...(amiId === undefined ? {} : { amiId }),
    startedAt: isoTime(dateCreated) ?? '',
  };
}

/** A time of Image Builder as all times here are written; one that is none, as it is. @internal */
export function isoTime(text: string | undefined): string | undefined {
  if (text === undefined || text === '') return undefined;
  const time = new Date(text);
  return Number.isNaN(time.getTime()) ? text : time.toISOString();
}

/** From the newest to the oldest build: Image Builder promises no order. @internal */
export function newestFirst(a: NodeImageBuild, b: NodeImageBuild): number {
  return compare(b.startedAt, a.startedAt) || compareVersions(b.version, a.version);
}

function compareVersions(a: string, b: string): number {
  const [left, right] = [a, b].map((version) => version.split(/[./]/).map(Number));
  return left.map((number, index) => number - (right[index] ?? 0)).find((difference) => difference !== 0) ?? 0;
}
