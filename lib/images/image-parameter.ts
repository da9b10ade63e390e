import type { SSMClient } from '@aws-sdk/client-ssm';
import { loadSdk } from '../aws/aws-sdk';

type Sdk = typeof import('@aws-sdk/client-ssm');

/**
 * The parameters that launch templates take their images from.
 *
 * @internal
 */
export class ImageParameterApi {
  private client: SSMClient | undefined;

  public constructor(private readonly region: string | undefined) {}

  /** The value of a parameter; undefined when there is no such parameter. */
  public async value(name: string): Promise<string | undefined> {
    // eslint-disable-next-line @typescript-eslint/no-require-imports -- an import would load it with the library
    const sdk = loadSdk('builds of images', '@aws-sdk/client-ssm', () => require('@aws-sdk/client-ssm') as Sdk);
    this.client ??= new sdk.SSMClient({ region: this.region, maxAttempts: 5 });
    try {
      return (await this.client.send(new sdk.GetParameterCommand({ Name: name }))).Parameter?.Value;
    } catch (error) {
      if ((error as Error).name === 'ParameterNotFound') return undefined;
      throw error;
    }
  }
}
