import type { Call } from './services/world';

/** How a boot came to its end. */
export type BootEnd = 'settled' | 'reboot' | 'power cut' | 'out of time' | 'power off';

export interface BootTimes {
  readonly number: number;
  /** Milliseconds since the epoch. */
  readonly start: number;
  end: number;
  ended: BootEnd;
}

export interface ObservedCall extends Call {
  readonly boot: number;
}

/** How a node gives its verdict. */
export const VERDICT_CALLS: readonly string[] = ['CreateTags', 'SignalResource', 'CompleteLifecycleAction'];

/** What a node said to the services around it, whatever its system. */
export class SeenCalls<Boot extends BootTimes = BootTimes> {
  public readonly calls: readonly ObservedCall[];

  public constructor(
    public readonly boots: readonly Boot[],
    calls: readonly Call[],
  ) {
    this.calls = calls.map((call) => ({ ...call, boot: boots.filter((boot) => boot.start <= call.time).at(-1)?.number ?? 0 }));
  }

  public callsOf(service: Call['service'], operation?: string): readonly ObservedCall[] {
    return this.calls.filter(
      (call) => call.service === service && call.caller === 'bootstrap' && (operation === undefined || call.operation === operation),
    );
  }

  /** Signals that CloudFormation took. */
  public get signals(): readonly {
    readonly status: string;
    readonly uniqueId: string;
    readonly stack: string;
    readonly resource: string;
    readonly boot: number;
  }[] {
    return this.callsOf('cloudformation', 'SignalResource')
      .filter((call) => call.status === 200)
      .map((call) => ({
        status: call.arguments.Status,
        uniqueId: call.arguments.UniqueId,
        stack: call.arguments.StackName,
        resource: call.arguments.LogicalResourceId,
        boot: call.boot,
      }));
  }

  /** What the Auto Scaling group was told of the launch, and took. */
  public get launchesCompleted(): readonly { readonly result: string; readonly boot: number }[] {
    return this.callsOf('autoscaling', 'CompleteLifecycleAction')
      .filter((call) => call.status === 200)
      .map((call) => ({ result: call.arguments.LifecycleActionResult, boot: call.boot }));
  }

  /** Tags that EC2 took from the node, in order. */
  public get tagsWritten(): readonly { readonly tags: Readonly<Record<string, string>>; readonly boot: number }[] {
    return this.callsOf('ec2', 'CreateTags')
      .filter((call) => call.status === 200)
      .map((call) => {
        const tags: Record<string, string> = {};
        for (let index = 1; call.arguments[`Tag.${index}.Key`] !== undefined; index++)
          tags[call.arguments[`Tag.${index}.Key`]] = call.arguments[`Tag.${index}.Value`] ?? '';
        return { tags, boot: call.boot };
      });
  }

  public get state(): string | undefined {
    return this.tagsWritten.at(-1)?.tags['cluster-node:State'];
  }

  /** What the last verdict says of the time, by step. */
  public get phaseSeconds(): Readonly<Record<string, number>> {
    const items = this.tagsWritten.at(-1)?.tags['cluster-node:PhaseSeconds']?.split(' ') ?? [];
    return Object.fromEntries(items.map((item) => item.split('=')).map(([step, seconds]) => [step, Number(seconds)]));
  }

  /** Lines of the runner's log that CloudWatch Logs makes metrics of. */
  public get metrics(): readonly Readonly<Record<string, unknown>>[] {
    return this.callsOf('logs', 'PutLogEvents')
      .filter(({ status, arguments: { logStreamName } }) => status === 200 && logStreamName.endsWith('/runner.log'))
      .flatMap(({ arguments: { logEvents } }) => JSON.parse(logEvents) as { readonly message: string }[])
      .filter(({ message }) => message.startsWith('{'))
      .map(({ message }) => JSON.parse(message) as Record<string, unknown>);
  }

  public get reason(): string | undefined {
    return this.tagsWritten.at(-1)?.tags['cluster-node:StateReason'];
  }
}
