import type { Call, World } from '../services/world';
import { BootTimes, SeenCalls } from '../seen-calls';
import type { NotedProcess } from './machine/process-notes';
import type { ScheduledTask } from './machine/task-scheduler';
import type { WindowsMachine } from './machine/windows-machine';

export const STATE_FOLDER = 'C:\\ProgramData\\ClusterNode';
const CODE_FOLDER = `${STATE_FOLDER}\\bootstrap\\`;
/** Scripts of the bundle that are no steps. */
const NO_STEPS = ['start', 'runner', 'connect', 'metadata_guard', 'step', 'seal'];

export interface WindowsStep {
  readonly name: string;
  readonly boot: number;
  readonly process: NotedProcess;
  /** It ended by itself, behind its script, with 0. */
  readonly isWell: boolean;
}

export interface FirewallRule {
  readonly Name: string;
  readonly Direction: string;
  readonly Action: string;
  readonly Enabled: string;
  readonly Protocol: string;
  readonly LocalPort: readonly string[] | string;
  readonly RemoteAddress: readonly string[];
  readonly LocalUser: string;
}

export interface LocalUser {
  readonly Name: string;
  readonly SID: string;
  /** SHA-256, in hexadecimal digits. */
  readonly PasswordHash: string;
}

export interface LocalGroup {
  readonly Name: string;
  readonly SID: string;
  readonly Members: readonly string[];
}

/** What happened in the run of a Windows machine, seen from outside of the scripts. */
export class WindowsObservation extends SeenCalls {
  public readonly steps: readonly WindowsStep[];
  /** Every process of PowerShell. */
  public readonly processes: readonly NotedProcess[];
  public readonly result: string | undefined;

  public constructor(
    public readonly machine: WindowsMachine,
    calls: readonly Call[],
    public readonly world: World,
    public readonly notes: Readonly<Record<string, string>>,
    public readonly cuts: readonly string[],
    public readonly lookedUp: readonly string[],
    /** What the scripts wrote that nobody of ours has started. */
    public readonly output: string,
  ) {
    super(machine.boots, calls);
    this.processes = machine.processes.all;
    this.result = machine.read(`${STATE_FOLDER}\\result`)?.trimEnd();
    this.steps = this.processes.flatMap((process) => {
      const name = scriptOf(process);
      if (name === undefined || NO_STEPS.includes(name)) return [];
      const isWell = process.exitCode === 0 && !process.left;
      return [{ name, boot: bootOf(machine.boots, process.start), process, isWell }];
    });
  }

  /**
   * Steps in the form `setup@1 virtual_desktop@2!1`: name, boot, and how it ended unless well: its exit code, `ended` by somebody
   * else, `left` by [Environment]::Exit.
   */
  public get order(): string {
    return this.steps
      .map(({ name, boot, process, isWell }) => {
        const end = process.left ? 'left' : (process.exitCode ?? 'ended');
        return `${name}@${boot}${isWell ? '' : `!${end}`}`;
      })
      .join(' ');
  }

  /** What each process of PowerShell took that came to its end: its part and seconds, with what it waited for. */
  public get costs(): readonly (readonly [string, number])[] {
    return this.processes.flatMap((process) => {
      if (process.end === undefined) return [];
      const part = scriptOf(process) ?? 'stage 0';
      return [[`${part}, boot ${bootOf(this.boots, process.start)}`, (process.end - process.start) / 1000] as const];
    });
  }

  /** Starts of the runner, each with the boot. */
  public get runners(): readonly NotedProcess[] {
    return this.processes.filter((process) => scriptOf(process) === 'runner');
  }

  public log(name: string): string {
    return this.machine.read(`${STATE_FOLDER}\\logs\\${name}.log`) ?? '';
  }

  /** Calls of programs and cmdlets that the lab stands in for, and starts and ends of services. */
  public get standIns(): readonly string[] {
    return (this.machine.read('C:\\lab\\calls.log') ?? '').split('\n').filter((line) => line !== '');
  }

  /** Those of one program or cmdlet. */
  public callsTo(name: string): readonly string[] {
    return this.standIns.filter((line) => line === name || line.startsWith(`${name} `));
  }

  public get tasks(): readonly ScheduledTask[] {
    return this.kept<ScheduledTask>('tasks');
  }

  public get firewall(): readonly FirewallRule[] {
    return this.kept<FirewallRule>('firewall');
  }

  public get users(): readonly LocalUser[] {
    return this.kept<LocalUser>('users');
  }

  public get groups(): readonly LocalGroup[] {
    return this.kept<LocalGroup>('groups');
  }

  /** Access lists in SDDL, by path in small letters. */
  public get accessLists(): Readonly<Record<string, string>> {
    const kept = this.kept<{ readonly Path: string; readonly Sddl: string }>('acl');
    return Object.fromEntries(kept.map(({ Path, Sddl }) => [Path.toLowerCase(), Sddl]));
  }

  private kept<Kept>(kind: string): Kept[] {
    const folder = `C:\\lab\\state\\${kind}`;
    return this.machine.list(folder).map((name) => JSON.parse(this.machine.read(`${folder}\\${name}`) ?? '') as Kept);
  }
}

/** Name of the script of the bundle that a process runs. The last that its command line names: a wrapper names what it wraps. */
function scriptOf({ commandLine }: NotedProcess): string | undefined {
  const names = [...commandLine.matchAll(/([\w.]+)\.ps1/g)].map(([, name]) => name);
  return commandLine.includes(CODE_FOLDER) ? names.at(-1) : undefined;
}

function bootOf(boots: readonly BootTimes[], time: number): number {
  return boots.filter((boot) => boot.start <= time).at(-1)?.number ?? 0;
}
