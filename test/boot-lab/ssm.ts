import { setTimeout as sleep } from 'node:timers/promises';
import type { Machine } from './machine/machine';
import { clientOf, type Command, standInFor } from './sdk';

/** A document of Systems Manager, as the template has it. */
export interface SsmDocument {
  readonly schemaVersion: string;
  readonly parameters: Readonly<Record<string, { readonly allowedPattern?: string }>>;
  readonly mainSteps: readonly {
    readonly name: string;
    readonly action: string;
    readonly precondition?: { readonly StringEquals: readonly [string, string] };
    readonly inputs: { readonly runCommand: readonly string[] };
  }[];
}

interface Invocation {
  readonly instance: string;
  readonly document: SsmDocument;
  status: 'InProgress' | 'Success' | 'Failed';
  code: number;
  stdout: string;
  stderr: string;
  asked: boolean;
}

/** By Region: each machine has one of its own, by which a client of the SDK finds it. */
const OPEN = new Map<string, SystemsManager>();

/** The npm package, of which the library uses this much. It loads it by name when it is first needed. */
const SDK = {
  SSMClient: clientOf(OPEN),
  SendCommandCommand: class {
    public constructor(public readonly input: SendInput) {}
  },
  GetCommandInvocationCommand: class {
    public constructor(public readonly input: GetInput) {}
  },
};

standInFor('@aws-sdk/client-ssm', SDK);

/** How long the agent takes to hear of a command, in milliseconds. */
const ON_ITS_WAY = 200;

/**
 * Systems Manager as far as Run Command goes, behind `send` of the SDK's client. It checks parameters as SSM does, pastes them into
 * the steps for Linux, and runs these in the machine as root.
 *
 * https://docs.aws.amazon.com/systems-manager/latest/userguide/documents-command-ssm-plugin-reference.html
 */
export class SystemsManager {
  /** Everything that SSM would keep of the commands: parameters and output. */
  public readonly history: string[] = [];
  /** What a client is told. Of the form of a Region, and in letters the number of the machine. */
  public readonly region = `lab-${OPEN.size.toString(26).replace(/\d/g, (digit) => 'qrstuvwxyz'[Number(digit)])}-1`;
  private readonly invocations = new Map<string, Invocation>();

  public constructor(
    private readonly machine: Machine,
    private readonly instance: () => string,
    private readonly documents: Readonly<Record<string, SsmDocument>>,
  ) {
    OPEN.set(this.region, this);
  }

  /** As the client of the SDK does. */
  public async send(command: Command): Promise<unknown> {
    if (command instanceof SDK.SendCommandCommand) return Promise.resolve(this.sendCommand(command.input));
    if (command instanceof SDK.GetCommandInvocationCommand) return Promise.resolve(this.getInvocation(command.input));
    throw new Error(`the lab's SSM does not know ${command.constructor.name}: add it to ${__filename}`);
  }

  /** Runs a document whatever its pattern says, and returns how it ended. */
  public async run(name: string, parameters: Readonly<Record<string, string>>): Promise<Pick<Invocation, 'code' | 'stdout' | 'stderr'>> {
    const steps = this.document(name).mainSteps.filter(isForLinux);
    if (steps.length !== 1 || steps[0].action !== 'aws:runShellScript')
      throw new Error(`expected one step for Linux in the document ${name}, a shell script`);
    const script = steps[0].inputs.runCommand
      .join('\n')
      .replace(/\{\{ *(\w+) *\}\}/g, (_, parameter: string) => parameters[parameter] ?? `{{ ${parameter} }}`);
    const { status, stdout, stderr } = await this.machine.service(script);
    this.history.push(JSON.stringify([name, parameters, status, stdout, stderr]));
    return { code: status, stdout, stderr };
  }

  private sendCommand({ DocumentName: name, InstanceIds: ids = [], Parameters: lists = {} }: SendInput): unknown {
    if (ids.length !== 1 || ids[0] !== this.instance()) throw named('InvalidInstanceId', `not in a valid state: ${ids.join(', ')}`);
    const document = this.document(name);
    const declared = document.parameters;
    const parameters: Record<string, string> = {};
    for (const [parameter, values] of Object.entries(lists)) {
      const pattern = declared[parameter]?.allowedPattern;
      if (declared[parameter] === undefined || values.length !== 1 || (pattern !== undefined && !new RegExp(pattern).test(values[0])))
        throw named('InvalidParameters', `parameter ${parameter} does not match ${pattern ?? 'the document'}`);
      parameters[parameter] = values[0];
    }
    const invocation: Invocation = { instance: ids[0], document, status: 'InProgress', code: -1, stdout: '', stderr: '', asked: false };
    const id = `00000000-0000-4000-8000-${String(this.invocations.size).padStart(12, '0')}`;
    this.invocations.set(id, invocation);
    void sleep(ON_ITS_WAY)
      .then(() => this.run(name, parameters))
      .then((answer) => Object.assign(invocation, answer, { status: answer.code === 0 ? 'Success' : 'Failed' }));
    return { Command: { CommandId: id, DocumentName: name, Status: 'Pending' } };
  }

  private getInvocation({ CommandId: id, InstanceId: instance, PluginName: plugin }: GetInput): unknown {
    const invocation = this.invocations.get(id);
    // SSM does not know of a command at once.
    if (invocation === undefined || invocation.instance !== instance || !invocation.asked) {
      if (invocation !== undefined) invocation.asked = true;
      throw named('InvocationDoesNotExist', 'The command ID and instance ID you specified did not match any invocations.');
    }
    const step = invocation.document.mainSteps.find(({ name }) => name === plugin);
    if (step === undefined) throw named('InvalidPluginName', `the document has no step ${plugin}`);
    const skipped = { status: 'Success', code: 0, stdout: '', stderr: '' };
    const { status, code, stdout, stderr } = isForLinux(step) ? invocation : skipped;
    return {
      CommandId: id,
      InstanceId: instance,
      Status: status,
      StatusDetails: status,
      ResponseCode: code,
      StandardOutputContent: stdout,
      StandardErrorContent: stderr,
    };
  }

  private document(name: string): SsmDocument {
    const document = this.documents[name];
    if (document === undefined) throw named('InvalidDocument', `the stack has no document ${name}`);
    return document;
  }
}

interface SendInput {
  readonly DocumentName: string;
  readonly InstanceIds?: readonly string[];
  readonly Parameters?: Readonly<Record<string, readonly string[]>>;
}

interface GetInput {
  readonly CommandId: string;
  readonly InstanceId: string;
  readonly PluginName: string;
}

function isForLinux({ precondition }: SsmDocument['mainSteps'][number]): boolean {
  return precondition === undefined || precondition.StringEquals[1] === 'Linux';
}

function named(name: string, message: string): Error {
  return Object.assign(new Error(message), { name });
}
