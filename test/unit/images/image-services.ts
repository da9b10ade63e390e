import { CloudWatchLogsClient } from '@aws-sdk/client-cloudwatch-logs';
import { ImagebuilderClient, ListImagePipelineImagesCommand, ListImagePipelinesCommand } from '@aws-sdk/client-imagebuilder';
import { SSMClient } from '@aws-sdk/client-ssm';
import { mockClient } from 'aws-sdk-client-mock';
import { type build, pipeline } from './image-builds';

export const builder = mockClient(ImagebuilderClient);
export const ssm = mockClient(SSMClient);
export const logs = mockClient(CloudWatchLogsClient);

/** The builds that Image Builder lists from now on. */
export const listed = (...builds: ReturnType<typeof build>[]) =>
  builder.on(ListImagePipelineImagesCommand).resolves({ imageSummaryList: builds });

/** One pipeline without builds; what else is called is an error. */
export function resetServices(): void {
  for (const client of [builder, ssm, logs]) client.reset();
  // One by one: their types have no common call.
  const unexpected = new Error('this call was not expected');
  builder.onAnyCommand().rejects(unexpected);
  ssm.onAnyCommand().rejects(unexpected);
  logs.onAnyCommand().rejects(unexpected);
  builder.on(ListImagePipelinesCommand).resolves({ imagePipelineList: [pipeline()] });
  listed();
}
