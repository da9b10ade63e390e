import type { Image, ImagePipeline, ImageSummary } from '@aws-sdk/client-imagebuilder';

export const PARAMETER = '/cdk-cluster-nodes/lab/Lab-Image-1a2b3c4d';
export const PIPELINE_ARN = 'arn:aws:imagebuilder:eu-west-1:111122223333:image-pipeline/lab-image';

/** The ARN of a build. Image Builder writes names in small letters there. */
export const buildArn = (version: string): string => `arn:aws:imagebuilder:eu-west-1:111122223333:image/lab-recipe/${version}`;

/** A pipeline as ListImagePipelines gives it. */
export function pipeline(more: Partial<ImagePipeline> = {}): ImagePipeline {
  return {
    arn: PIPELINE_ARN,
    name: 'Lab-Image',
    status: 'ENABLED',
    dateNextRun: '2026-02-01T03:00:00Z',
    tags: {
      'cluster-node:ClusterId': 'lab',
      'cluster-node:NodeType': 'dcv_node',
      'cluster-node:BaseOS': 'ubuntu2404',
      'cluster-node:ImageParameter': PARAMETER,
    },
    ...more,
  };
}

/** A build of it as ListImagePipelineImages gives it. */
export function build(version: string, status: string, more: Partial<ImageSummary> = {}): ImageSummary {
  return {
    arn: buildArn(version),
    name: 'Lab-Recipe',
    version,
    state: { status: status as NonNullable<ImageSummary['state']>['status'] },
    dateCreated: '2026-01-31T09:30:00.000Z',
    outputResources: { amis: [] },
    ...more,
  };
}

export const withAmi = (image: string, region = 'eu-west-1', accountId = '111122223333'): Partial<ImageSummary> => ({
  outputResources: { amis: [{ region, image, accountId }] },
});

export const REASON = "SSM execution failed with status = 'Failed' in state = 'BUILDING' and failure message = 'Document failed!'";

/** A build that failed as GetImage gives it. */
export const failedBuild = (version: string, more: Partial<Image> = {}): Image => ({
  ...(build(version, 'FAILED', { state: { status: 'FAILED', reason: REASON } }) as Image),
  imageRecipe: { name: 'Lab-Recipe' },
  ...more,
});
