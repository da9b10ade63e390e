import type { Image, ImagebuilderClient, ImagePipeline, ImageSummary } from '@aws-sdk/client-imagebuilder';
import { allPages } from '../aws/all-pages';
import { loadSdk } from '../aws/aws-sdk';

type Sdk = typeof import('@aws-sdk/client-imagebuilder');

const SERVICE = 'Image Builder';

/** Loaded when it is first needed: composing a cluster does not need it, so it is an optional dependency. */
function imageBuilderSdk(): Sdk {
  // eslint-disable-next-line @typescript-eslint/no-require-imports -- an import would load it with the library
  return loadSdk('builds of images', '@aws-sdk/client-imagebuilder', () => require('@aws-sdk/client-imagebuilder') as Sdk);
}

/**
 * The calls to EC2 Image Builder that watching and starting builds is made of.
 *
 * @internal
 */
export class ImageBuilderApi {
  private client: ImagebuilderClient | undefined;

  public constructor(private readonly givenRegion: string | undefined) {}

  /** The Region that is asked, also when the environment names it. */
  public region(): Promise<string> {
    return this.connection().config.region();
  }

  /** All pipelines of the account in the Region. */
  public async pipelines(): Promise<ImagePipeline[]> {
    const { ListImagePipelinesCommand } = imageBuilderSdk();
    return allPages(SERVICE, async (nextToken) => {
      const page = await this.connection().send(new ListImagePipelinesCommand({ nextToken }));
      return { items: page.imagePipelineList, token: page.nextToken };
    });
  }

  /** All builds of a pipeline, in no order that is promised. One that was started a moment ago can be missing. */
  public async builds(imagePipelineArn: string): Promise<ImageSummary[]> {
    const { ListImagePipelineImagesCommand } = imageBuilderSdk();
    return allPages(SERVICE, async (nextToken) => {
      const page = await this.connection().send(new ListImagePipelineImagesCommand({ imagePipelineArn, nextToken }));
      return { items: page.imageSummaryList, token: page.nextToken };
    });
  }

  /** A build with all that is known of it; undefined when Image Builder knows none, as it can right after a start. */
  public async build(imageBuildVersionArn: string): Promise<Image | undefined> {
    const { GetImageCommand } = imageBuilderSdk();
    try {
      const { image } = await this.connection().send(new GetImageCommand({ imageBuildVersionArn }));
      if (image === undefined) throw new Error(`${SERVICE} gave an empty answer for the build ${imageBuildVersionArn}`);
      return image;
    } catch (error) {
      if ((error as Error).name === 'ResourceNotFoundException') return undefined;
      throw error;
    }
  }

  /** Starts a build and returns its ARN. The SDK repeats a request whose answer was lost, which is known again by its token. */
  public async start(imagePipelineArn: string, clientToken: string): Promise<string> {
    const { StartImagePipelineExecutionCommand } = imageBuilderSdk();
    const { imageBuildVersionArn } = await this.connection().send(
      new StartImagePipelineExecutionCommand({ imagePipelineArn, clientToken }),
    );
    if (imageBuildVersionArn === undefined) throw new Error(`${SERVICE} gave no ARN for the build of ${imagePipelineArn}`);
    return imageBuildVersionArn;
  }

  private connection(): ImagebuilderClient {
    const { ImagebuilderClient } = imageBuilderSdk();
    this.client ??= new ImagebuilderClient({ region: this.givenRegion, maxAttempts: 5 });
    return this.client;
  }
}
