import type { ChildProcess } from 'node:child_process';
import { patience } from '../../patience';
import type { WindowsMachine } from './windows-machine';

/** What the stand-in of Register-ScheduledTask keeps. */
export interface ScheduledTask {
  readonly TaskName: string;
  readonly Actions: readonly { readonly Execute: string; readonly Arguments: string }[];
  readonly Triggers: readonly { readonly AtStartup: boolean; readonly Repetition: { readonly Interval: string } | null }[];
  readonly Principal: { readonly UserId: string; readonly RunLevel: string } | null;
  readonly Settings: { readonly Priority: number; readonly MultipleInstances: string } | null;
}

/** A minute of Task Scheduler, in the lab. */
const MINUTE_SECONDS = 5;
const TASKS = 'C:\\lab\\state\\tasks';

/** Starts the tasks that scripts have registered: at a boot, when they are told to, and again and again. */
export class TaskScheduler {
  private readonly running = new Map<string, ChildProcess>();
  private readonly next = new Map<string, number>();
  private boots = 0;

  public constructor(private readonly machine: WindowsMachine) {}

  /** Something runs, or will run again. */
  public get isBusy(): boolean {
    return (
      this.running.size > 0 || this.machine.list('C:\\lab\\starts').length > 0 || this.tasks().some((task) => interval(task) !== undefined)
    );
  }

  public tasks(): readonly ScheduledTask[] {
    return this.machine.list(TASKS).flatMap((name) => {
      try {
        return [JSON.parse(this.machine.read(`${TASKS}\\${name}`) ?? '') as ScheduledTask];
      } catch {
        // It is being written, or has just been taken away.
        return [];
      }
    });
  }

  public boot(number: number): void {
    this.boots = number;
    this.next.clear();
    for (const task of this.tasks()) if (task.Triggers.some((trigger) => trigger.AtStartup)) this.start(task);
  }

  /** To be called again and again. */
  public turn(): void {
    const asked = this.machine.list('C:\\lab\\starts');
    for (const name of asked) this.machine.remove(`C:\\lab\\starts\\${name}`);
    for (const task of this.tasks()) {
      if (asked.includes(task.TaskName)) this.start(task);
      const minutes = interval(task);
      if (minutes === undefined) continue;
      const due = this.next.get(task.TaskName) ?? Date.now() + seconds(minutes);
      if (Date.now() >= due) this.start(task);
      this.next.set(task.TaskName, Date.now() >= due ? Date.now() + seconds(minutes) : due);
    }
  }

  public halt(): void {
    this.running.clear();
  }

  private start(task: ScheduledTask): void {
    if (this.running.has(task.TaskName)) {
      if (task.Settings?.MultipleInstances !== 'IgnoreNew')
        throw new Error(`the lab knows tasks of one instance, ${task.TaskName} is another`);
      return;
    }
    const [action] = task.Actions;
    if (!/\\powershell\.exe$/i.test(action.Execute)) throw new Error(`the lab starts tasks of powershell.exe, not of ${action.Execute}`);
    this.machine.write(`C:\\lab\\running\\${task.TaskName}`, '');
    const started = this.machine.start(`task-${task.TaskName}-${this.boots}`, split(action.Arguments));
    this.running.set(task.TaskName, started);
    started.once('exit', () => {
      if (this.running.get(task.TaskName) !== started) return;
      this.running.delete(task.TaskName);
      this.machine.remove(`C:\\lab\\running\\${task.TaskName}`);
    });
  }
}

/** Minutes between two starts of a task, undefined when it is not repeated. */
function interval({ Triggers }: ScheduledTask): number | undefined {
  const text = Triggers.map((trigger) => trigger.Repetition?.Interval).find((each) => each !== undefined);
  if (text === undefined) return undefined;
  const minutes = /^PT(\d+)M$/.exec(text)?.[1];
  if (minutes === undefined) throw new Error(`the lab knows intervals in minutes, not ${text}`);
  return Number(minutes);
}

function seconds(minutes: number): number {
  return minutes * MINUTE_SECONDS * 1000 * patience();
}

/** Arguments of a command line as C programs read it, where it has no quotes but around whole arguments. */
function split(line: string): string[] {
  return [...line.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain);
}
