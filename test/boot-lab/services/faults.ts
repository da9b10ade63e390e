import { Effect, Fault } from './world';

/** Keeps count of the faults of a scenario and picks the one that hits a call. */
export class FaultPlan {
  private readonly seen = new Map<Fault, number>();

  public constructor(private readonly faults: readonly Fault[]) {}

  public hit(name: string, caller: 'bootstrap' | 'cloud-init', args: Readonly<Record<string, string>>): Effect | undefined {
    let effect: Effect | undefined;
    for (const fault of this.faults) {
      if ((fault.caller ?? 'bootstrap') !== caller || !matches(fault.on, name)) continue;
      if (!Object.entries(fault.where ?? {}).every(([key, text]) => (args[key] ?? '').includes(text))) continue;
      // Each fault counts every call that it could hit, also those that another one hits.
      const count = (this.seen.get(fault) ?? 0) + 1;
      this.seen.set(fault, count);
      const first = fault.after ?? 0;
      if (effect === undefined && count > first && count <= first + (fault.times ?? Infinity)) effect = fault.effect;
    }
    return effect;
  }
}

/** Whether a pattern in which `*` stands for any text covers the whole of a text. */
export function matches(pattern: string, text: string): boolean {
  return new RegExp(`^${pattern.split('*').map(escapeForRegExp).join('[^]*')}$`).test(text);
}

function escapeForRegExp(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
