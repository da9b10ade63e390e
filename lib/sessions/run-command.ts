import { loadSdk } from '../aws/aws-sdk';

/** What is used of `@aws-sdk/client-ssm`. */
interface Sdk {
  readonly SSMClient: new (options: object) => { send(command: object): Promise<Answer> };
  readonly SendCommandCommand: new (input: object) => object;
  readonly GetCommandInvocationCommand: new (input: object) => object;
}

interface Answer {
  readonly Command?: { readonly CommandId?: string };
  readonly Status?: string;
  readonly StatusDetails?: string;
  readonly StandardOutputContent?: string;
  readonly StandardErrorContent?: string;
}

/** Loaded when it is first needed, as the other clients are. */
function ssmSdk(): Sdk {
  // eslint-disable-next-line @typescript-eslint/no-require-imports -- an import would load it with the library
  return loadSdk('desktop sessions', '@aws-sdk/client-ssm', () => require('@aws-sdk/client-ssm') as Sdk);
}

/**
 * What a step of a command has come to on a node.
 *
 * @internal
 */
export interface StepResult {
  readonly status: string;
  readonly details: string;
  readonly output: string;
  readonly errors: string;
}

/** After which nothing of a step changes. @internal */
export const ENDED: readonly string[] = ['Success', 'Cancelled', 'TimedOut', 'Failed'];

/**
 * The calls to SSM that a command on one node is made of.
 *
 * @internal
 */
export class RunCommandApi {
  private client: InstanceType<Sdk['SSMClient']> | undefined;

  public constructor(private readonly region: string | undefined) {}

  /** Sends a command to a node and returns the command's id. */
  public async send(instanceId: string, document: string, parameters: { readonly [name: string]: string[] }): Promise<string> {
    const { SendCommandCommand } = ssmSdk();
    const { Command } = await this.connection().send(
      new SendCommandCommand({
        DocumentName: document,
        // What was deployed last. CloudFormation has been seen to leave the default at an older version.
        DocumentVersion: '$LATEST',
        InstanceIds: [instanceId],
        Parameters: parameters,
        // Until the node takes it; the least that SSM allows is 30.
        TimeoutSeconds: 60,
      }),
    );
    if (Command?.CommandId === undefined) throw new Error('Systems Manager gave no id for the command');
    return Command.CommandId;
  }

  /** The result of a step so far; undefined while SSM does not know of the command on this node, or of the step. */
  public async result(commandId: string, instanceId: string, step: string): Promise<StepResult | undefined> {
    const { GetCommandInvocationCommand } = ssmSdk();
    try {
      const input = { CommandId: commandId, InstanceId: instanceId, PluginName: step };
      const found = await this.connection().send(new GetCommandInvocationCommand(input));
      return {
        status: found.Status ?? '',
        details: found.StatusDetails ?? '',
        output: found.StandardOutputContent ?? '',
        errors: found.StandardErrorContent ?? '',
      };
    } catch (error) {
      if (['InvocationDoesNotExist', 'InvalidPluginName'].includes((error as Error).name)) return undefined;
      throw error;
    }
  }

  private connection(): InstanceType<Sdk['SSMClient']> {
    const { SSMClient } = ssmSdk();
    this.client ??= new SSMClient({ region: this.region, maxAttempts: 5 });
    return this.client;
  }
}
