import type { CloudFormationClient, Stack, StackEvent, Tag } from '@aws-sdk/client-cloudformation';
import { allPages } from '../aws/all-pages';
import { loadSdk } from '../aws/aws-sdk';

type Sdk = typeof import('@aws-sdk/client-cloudformation');

const SERVICE = 'CloudFormation';

/** Loaded when it is first needed: composing a cluster does not need it, so it is an optional dependency. @internal */
export function cloudFormationSdk(): Sdk {
  // eslint-disable-next-line @typescript-eslint/no-require-imports -- an import would load it with the library
  return loadSdk('desktop sessions', '@aws-sdk/client-cloudformation', () => require('@aws-sdk/client-cloudformation') as Sdk);
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

  /** All stacks that are not deleted. */
  public async describeAll(): Promise<Stack[]> {
    const { DescribeStacksCommand } = cloudFormationSdk();
    return allPages(SERVICE, async (NextToken) => {
      const page = await this.connection().send(new DescribeStacksCommand({ NextToken }));
      return { items: page.Stacks, token: page.NextToken };
    });
  }

  /** The stack of this name that was deleted last, as far as CloudFormation remembers (90 days). */
  public async describeDeleted(name: string): Promise<Stack | undefined> {
    const { ListStacksCommand } = cloudFormationSdk();
    const deleted = await allPages(SERVICE, async (NextToken) => {
      const page = await this.connection().send(new ListStacksCommand({ StackStatusFilter: ['DELETE_COMPLETE'], NextToken }));
      return { items: page.StackSummaries, token: page.NextToken };
    });
    let latest: { readonly id: string; readonly deletedAt: number } | undefined;
    for (const { StackName, StackId, DeletionTime } of deleted) {
      if (StackName !== name || StackId === undefined) continue;
      const deletedAt = DeletionTime?.getTime() ?? 0;
      if (latest === undefined || deletedAt > latest.deletedAt) latest = { id: StackId, deletedAt };
    }
    return latest && this.describe(latest.id);
  }

  /** All events of a stack. By id they can be read after its deletion too, and there can be none yet right after its creation. */
  public async events(stackId: string): Promise<StackEvent[]> {
    const { DescribeStackEventsCommand } = cloudFormationSdk();
    try {
      return await allPages(SERVICE, async (NextToken) => {
        const page = await this.connection().send(new DescribeStackEventsCommand({ StackName: stackId, NextToken }));
        return { items: page.StackEvents, token: page.NextToken };
      });
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
