import type { CloudFormationClient, Stack, StackEvent, Tag } from '@aws-sdk/client-cloudformation';
import { loadSdk } from './aws-sdk';

type Sdk = typeof import('@aws-sdk/client-cloudformation');

/** Loaded when it is first needed: composing a cluster does not need it, so it is an optional dependency. @internal */
export function cloudFormationSdk(): Sdk {
  // eslint-disable-next-line @typescript-eslint/no-require-imports -- an import would load it with the library
  return loadSdk('@aws-sdk/client-cloudformation', () => require('@aws-sdk/client-cloudformation') as Sdk);
}

/**
 * The calls to CloudFormation that sessions are made of. Absence is told from every other error here and nowhere else.
 *
 * @internal
 */
export class StackApi {
  private client: CloudFormationClient | undefined;

  public constructor(private readonly region: string | undefined) {}

  /** Starts the creation of a stack and returns its id; undefined when a stack of this name exists. */
  public async create(stack: {
    readonly name: string;
    readonly body: string;
    readonly parameters: ReadonlyMap<string, string>;
    readonly tags: Tag[];
    readonly timeoutMinutes: number;
    readonly keepOnFailure: boolean;
    readonly requestToken: string;
  }): Promise<string | undefined> {
    const { CreateStackCommand } = cloudFormationSdk();
    try {
      const answer = await this.connection().send(
        new CreateStackCommand({
          StackName: stack.name,
          TemplateBody: stack.body,
          Parameters: [...stack.parameters].map(([ParameterKey, ParameterValue]) => ({ ParameterKey, ParameterValue })),
          Tags: stack.tags,
          // ROLLBACK ends the instance, and what it costs, and keeps the stack with the events that say why. DELETE would take
          // the reason away with the stack, DO_NOTHING leaves the instance running.
          OnFailure: stack.keepOnFailure ? 'DO_NOTHING' : 'ROLLBACK',
          TimeoutInMinutes: stack.timeoutMinutes,
          EnableTerminationProtection: false,
          // The SDK repeats a request whose answer was lost. With the token CloudFormation knows it again.
          ClientRequestToken: stack.requestToken,
        }),
      );
      if (answer.StackId === undefined) throw new Error(`CloudFormation gave no id for the stack ${stack.name}`);
      return answer.StackId;
    } catch (error) {
      if ((error as Error).name === 'AlreadyExistsException') return undefined;
      throw error;
    }
  }

  /**
   * The stack of a name or an id; undefined when CloudFormation says in so many words that there is none. Right after a
   * creation that can be what it does not know yet.
   */
  public async describe(nameOrId: string): Promise<Stack | undefined> {
    const { DescribeStacksCommand } = cloudFormationSdk();
    try {
      const { Stacks } = await this.connection().send(new DescribeStacksCommand({ StackName: nameOrId }));
      const stack = Stacks?.[0];
      if (stack === undefined) throw new Error(`CloudFormation gave an empty answer for the stack ${nameOrId}`);
      return stack;
    } catch (error) {
      if (saysStackDoesNotExist(error, nameOrId)) return undefined;
      throw error;
    }
  }

  /** All stacks that are not deleted, as long as the condition holds for them. */
  public async describeAll(condition: (stack: Stack) => boolean): Promise<Stack[]> {
    const { DescribeStacksCommand } = cloudFormationSdk();
    const found: Stack[] = [];
    let NextToken: string | undefined;
    do {
      const page = await this.connection().send(new DescribeStacksCommand({ NextToken }));
      found.push(...listed(page.Stacks).filter(condition));
      NextToken = page.NextToken;
    } while (NextToken !== undefined);
    return found;
  }

  /** The stack of this name that was deleted last, as far as CloudFormation remembers (90 days). */
  public async describeDeleted(name: string): Promise<Stack | undefined> {
    const { ListStacksCommand } = cloudFormationSdk();
    let latest: { readonly id: string; readonly deletedAt: number } | undefined;
    let NextToken: string | undefined;
    do {
      const page = await this.connection().send(new ListStacksCommand({ StackStatusFilter: ['DELETE_COMPLETE'], NextToken }));
      for (const { StackName, StackId, DeletionTime } of listed(page.StackSummaries)) {
        if (StackName !== name || StackId === undefined) continue;
        const deletedAt = DeletionTime?.getTime() ?? 0;
        if (latest === undefined || deletedAt > latest.deletedAt) latest = { id: StackId, deletedAt };
      }
      NextToken = page.NextToken;
    } while (NextToken !== undefined);
    return latest && this.describe(latest.id);
  }

  /** All events of a stack. By id they can be read after its deletion too, and there can be none yet right after its creation. */
  public async events(stackId: string): Promise<StackEvent[]> {
    const { DescribeStackEventsCommand } = cloudFormationSdk();
    const events: StackEvent[] = [];
    let NextToken: string | undefined;
    try {
      do {
        const page = await this.connection().send(new DescribeStackEventsCommand({ StackName: stackId, NextToken }));
        events.push(...listed(page.StackEvents));
        NextToken = page.NextToken;
      } while (NextToken !== undefined);
      return events;
    } catch (error) {
      if (saysStackDoesNotExist(error, stackId)) return [];
      throw error;
    }
  }

  /** Starts the deletion of a stack. By id it can only ever be the stack that was looked at before. */
  public async delete(stackId: string, requestToken: string): Promise<void> {
    const { DeleteStackCommand } = cloudFormationSdk();
    await this.connection().send(new DeleteStackCommand({ StackName: stackId, ClientRequestToken: requestToken }));
  }

  private connection(): CloudFormationClient {
    const { CloudFormationClient } = cloudFormationSdk();
    this.client ??= new CloudFormationClient({ region: this.region, maxAttempts: 5 });
    return this.client;
  }
}

/**
 * CloudFormation has no error of its own for a stack that does not exist, only this sentence in a general one, worded in
 * another way where events are asked for. Anything else, throttling and missing permission above all, says nothing about the stack.
 */
function saysStackDoesNotExist(error: unknown, nameOrId: string): boolean {
  const sentences = [`Stack with id ${nameOrId} does not exist`, `Stack [${nameOrId}] does not exist`];
  return error instanceof Error && error.name === 'ValidationError' && sentences.includes(error.message);
}

const THROTTLING = new Set(['Throttling', 'ThrottlingException', 'ThrottledException', 'RequestLimitExceeded', 'TooManyRequestsException']);
const CONNECTION = new Set(['ECONNRESET', 'ECONNREFUSED', 'EPIPE', 'ETIMEDOUT', 'EAI_AGAIN', 'ENETUNREACH', 'EHOSTUNREACH']);

/** Whether AWS refused the call because there were too many; nothing happened then. @internal */
export function isThrottling(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  return THROTTLING.has(error.name) || httpStatus(error) === 429;
}

/**
 * Whether the same call may well succeed a little later: throttling, an error of the service, or of the way to it.
 *
 * @internal
 */
export function isTransient(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const { code } = error as NodeJS.ErrnoException;
  return isThrottling(error) || httpStatus(error) >= 500 || error.name === 'TimeoutError' || (code !== undefined && CONNECTION.has(code));
}

/** What an error says, in one sentence. The SDK's own words for an answer that is not of AWS are about XML. @internal */
export function errorText(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (httpStatus(error) > 0 && (error.name === 'Unknown' || /Deserialization error/.test(error.message))) {
    return `HTTP status ${httpStatus(error)}, in an answer that is not one of AWS: a proxy may have given it`;
  }
  return error.name === 'Error' ? error.message : `${error.name}: ${error.message}`;
}

/** The page that a proxy puts in the place of an answer can be read as one without a list: that is no empty list. */
function listed<T>(items: T[] | undefined): T[] {
  if (items === undefined) throw new Error('CloudFormation gave an empty answer, or a proxy gave one in its place');
  return items;
}

function httpStatus(error: Error): number {
  return (error as { $metadata?: { httpStatusCode?: number } }).$metadata?.httpStatusCode ?? 0;
}
