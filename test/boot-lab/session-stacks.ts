import { DesktopSessions, DesktopSessionTemplate } from '../../lib/sessions';
import { ACCOUNT } from './app/synthesis';
import { DeployedTemplate, type Template } from './app/intrinsics';
import { CLUSTER_ID } from './app/node-under-test';
import type { Lab } from './lab';
import { clientOf, type Command, standInFor } from './sdk';

interface CreateInput {
  readonly StackName: string;
  readonly TemplateBody: string;
  readonly Parameters: readonly { readonly ParameterKey: string; readonly ParameterValue: string }[];
  readonly Tags: readonly { readonly Key: string; readonly Value: string }[];
}

/** By Region: each machine has one of its own, by which a client of the SDK finds it. */
const OPEN = new Map<string, SessionStacks>();

/** The npm package, of which a request and a connection use this much. */
const SDK = {
  CloudFormationClient: clientOf(OPEN),
  CreateStackCommand: class {
    public constructor(public readonly input: CreateInput) {}
  },
  DescribeStacksCommand: class {
    public constructor(public readonly input: { readonly StackName: string }) {}
  },
};

standInFor('@aws-sdk/client-cloudformation', SDK);

/** CloudFormation as far as the stack of one session goes, behind `send` of the SDK's client: the machine is its instance. */
class SessionStacks {
  private created: CreateInput | undefined;

  public constructor(private readonly lab: Lab) {
    OPEN.set(lab.ssm.region, this);
  }

  public async send(command: Command): Promise<unknown> {
    if (command instanceof SDK.CreateStackCommand) return this.create(command.input);
    if (command instanceof SDK.DescribeStacksCommand) return { Stacks: [this.describe(command.input.StackName)] };
    throw new Error(`the lab's CloudFormation does not know ${command.constructor.name}: add it to ${__filename}`);
  }

  /** The machine, which is off, gets the tags of the template's instance, and belongs to the stack. */
  private async create(input: CreateInput): Promise<unknown> {
    const { services } = this.lab;
    const { region, partition, instance } = services.world;
    const deployment = { stackName: input.StackName, region, partition, account: ACCOUNT, urlSuffix: 'amazonaws.com' };
    const parameters = Object.fromEntries(input.Parameters.map(({ ParameterKey, ParameterValue }) => [ParameterKey, ParameterValue]));
    const template = new DeployedTemplate(JSON.parse(input.TemplateBody) as Template, { ...deployment, parameters });
    const tags = template.properties(DesktopSessionTemplate.INSTANCE_LOGICAL_ID).Tags as unknown as CreateInput['Tags'];
    this.created = input;
    this.lab.notes.stack = input.StackName;
    await services.change({
      instance: {
        ...instance,
        stack: input.StackName,
        tags: { ...instance.tags, ...Object.fromEntries(tags.map(({ Key, Value }) => [Key, Value])) },
      },
    });
    return { StackId: `arn:aws:cloudformation:${region}:${ACCOUNT}:stack/${input.StackName}/0` };
  }

  /** Complete when the node has signalled, and CloudFormation has taken it. */
  private describe(name: string): unknown {
    if (name !== this.created?.StackName)
      throw Object.assign(new Error(`Stack with id ${name} does not exist`), { name: 'ValidationError' });
    const signals = this.lab.services.calls.filter(({ operation, status }) => operation === 'SignalResource' && status === 200);
    const ready = signals.some((call) => call.arguments.StackName === name && call.arguments.Status === 'SUCCESS');
    const outputs = { InstanceId: this.lab.services.world.instance.id, PrivateIp: '10.99.0.5', PrivateDnsName: 'ip-10-99-0-5.lab.test' };
    return {
      StackName: name,
      StackId: `arn:aws:cloudformation:lab:${ACCOUNT}:stack/${name}/0`,
      StackStatus: ready ? 'CREATE_COMPLETE' : 'CREATE_IN_PROGRESS',
      CreationTime: new Date(),
      Tags: this.created.Tags,
      Parameters: this.created.Parameters,
      ...(ready ? { Outputs: Object.entries(outputs).map(([OutputKey, OutputValue]) => ({ OutputKey, OutputValue })) } : {}),
    };
  }
}

/** Requests a desktop as `cluster-nodes session request` does. The machine, which is off, becomes the instance of its stack. */
export async function requestDesktop(lab: Lab, owner: string): Promise<{ readonly sessions: DesktopSessions; readonly sessionId: string }> {
  new SessionStacks(lab);
  const sessions = new DesktopSessions({ clusterId: CLUSTER_ID, region: lab.ssm.region });
  const { sessionId } = await sessions.request({
    launchTemplateId: 'lt-0123456789abcdef0',
    launchTemplateVersion: '1',
    subnetId: 'subnet-0123456789abcdef0',
    owner,
  });
  return { sessions, sessionId };
}
