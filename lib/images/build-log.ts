import type { CloudWatchLogsClient } from '@aws-sdk/client-cloudwatch-logs';
import type { Image } from '@aws-sdk/client-imagebuilder';
import { loadSdk } from '../aws/aws-sdk';
import { errorText } from '../aws/call-errors';
import { oneLine } from '../aws/one-line';
import { versionOf } from './image-build';

type Sdk = typeof import('@aws-sdk/client-cloudwatch-logs');

const LINES = 20;
const MAX_LINE_LENGTH = 500;
/** Pages are cut by time, so that there can be empty ones, and many, between the end of a log and its last line. */
const MAX_PAGES = 20;

/** Where the log of a build is in CloudWatch Logs. @internal */
export interface LogPlace {
  readonly group: string;
  readonly stream: string;
}

/**
 * Where Image Builder writes the log of a build.
 *
 * @see https://docs.aws.amazon.com/imagebuilder/latest/userguide/monitor-cwlogs.html
 * @internal
 */
export function logOf({ arn = '', name, imageRecipe, loggingConfiguration }: Image): LogPlace {
  return {
    group: loggingConfiguration?.logGroupName ?? `/aws/imagebuilder/${imageRecipe?.name ?? name ?? ''}`,
    stream: versionOf(arn),
  };
}

/**
 * The logs of builds.
 *
 * @internal
 */
export class BuildLogApi {
  private client: CloudWatchLogsClient | undefined;

  public constructor(private readonly region: string | undefined) {}

  /** The last lines of a log, or one that says why they cannot be read: the log is an extra, and no log is no failure. */
  public async end(place: LogPlace): Promise<string[]> {
    try {
      const lines = await this.lastLines(place);
      return lines.length > 0 ? lines : ['the log is empty'];
    } catch (error) {
      const missing = (error as Error).name === 'ResourceNotFoundException';
      return [
        missing
          ? 'there is no log: the build may have failed before its instance was reached'
          : `the log cannot be read: ${errorText(error)}`,
      ];
    }
  }

  private async lastLines({ group, stream }: LogPlace): Promise<string[]> {
    // eslint-disable-next-line @typescript-eslint/no-require-imports -- an import would load it with the library
    const sdk = loadSdk('logs of builds', '@aws-sdk/client-cloudwatch-logs', () => require('@aws-sdk/client-cloudwatch-logs') as Sdk);
    this.client ??= new sdk.CloudWatchLogsClient({ region: this.region, maxAttempts: 5 });
    let lines: string[] = [];
    let nextToken: string | undefined;
    for (let pages = 0; pages < MAX_PAGES && lines.length < LINES; pages++) {
      const input = { logGroupName: group, logStreamName: stream, startFromHead: false, limit: LINES, nextToken };
      const { events = [], nextBackwardToken } = await this.client.send(new sdk.GetLogEventsCommand(input));
      lines = [...events.flatMap(({ message = '' }) => linesOf(message)), ...lines];
      // The same token again: the log begins here.
      if (nextBackwardToken === undefined || nextBackwardToken === nextToken) break;
      nextToken = nextBackwardToken;
    }
    return lines.slice(-LINES);
  }
}

function linesOf(message: string): string[] {
  return message
    .split(/\r?\n/)
    .map((line) => oneLine(line).slice(0, MAX_LINE_LENGTH))
    .filter((line) => line !== '');
}
