import { existsSync, readdirSync, readFileSync } from 'node:fs';
import * as path from 'node:path';
import type { Boot, Machine } from './machine/machine';
import type { ProcessTrace, TracedProcess } from './machine/process-trace';
import type { Call, World } from './services/world';
import type { Variant } from './scenario';
import { SeenCalls } from './seen-calls';

export const CODE_FOLDER = '/opt/cluster-node/bootstrap';
export const STATE_FOLDER = '/var/lib/cluster-node';
export const LOG_FOLDER = '/var/log/cluster-node';

export interface PhaseRun {
  readonly name: string;
  readonly boot: number;
  readonly start: number;
  readonly seconds: number;
  /** Undefined when the power went before it ended. */
  readonly exitCode: number | undefined;
  readonly process: TracedProcess;
}

/** What is known only while the machine is up, taken when it had settled for the last time. */
export interface LiveState {
  readonly failedUnits: readonly string[];
  readonly activeUnits: readonly string[];
  readonly mounts: readonly string[];
  readonly runFolder: readonly string[];
  readonly processes: readonly string[];
  /** Users who reach the metadata service, by its address, in the order of /etc/passwd. */
  readonly reachMetadata: Readonly<Record<string, readonly string[]>>;
}

/** Whether the arguments of a program are those of stage 0, at the first boot or a later one. */
export function isStageZero(args: readonly string[]): boolean {
  return args.some((argument) => /\/scripts\/part-001$|^\/var\/lib\/cluster-node\/stage0$/.test(argument));
}

/** What happened in a run, seen from outside of the scripts. */
export class Observation extends SeenCalls<Boot> {
  /** Installs and phases, in order. The name of an install ends with `.install`. */
  public readonly steps: readonly PhaseRun[];
  /** Looks at what phases have made, before the node is ready. */
  public readonly checks: readonly PhaseRun[];
  /** The phases alone, as if there were no installs. */
  public readonly phases: readonly PhaseRun[];
  private readonly traces = new Map<number, ProcessTrace>();

  public constructor(
    public readonly variant: Variant,
    public readonly machine: Machine,
    calls: readonly Call[],
    public readonly world: World,
    /** State at the end; undefined when the machine was off. */
    public readonly live: LiveState | undefined,
    public readonly notes: Readonly<Record<string, string>>,
    /** Power cuts that happened, by name. */
    public readonly cuts: readonly string[],
    public readonly folder: string,
  ) {
    super(machine.boots, calls);
    const steps = machine.boots.flatMap((boot) => this.stepsOf(boot));
    this.checks = steps.filter((step) => step.name.endsWith('.check'));
    this.steps = steps.filter((step) => !this.checks.includes(step));
    this.phases = this.steps.filter((step) => !step.name.endsWith('.install'));
  }

  public trace(boot: Boot): ProcessTrace {
    let trace = this.traces.get(boot.number);
    if (trace === undefined) {
      trace = this.machine.trace(boot);
      this.traces.set(boot.number, trace);
    }
    return trace;
  }

  /** Names that the machine looked up, each once. */
  public get lookedUp(): readonly string[] {
    const log = readFileSync(path.join(this.folder, 'dnsmasq.log'), 'utf8');
    return [...new Set([...log.matchAll(/query\[\w+\] (\S+) from /g)].map(([, name]) => name))];
  }

  /**
   * Phases, and installs that did not end well, in the form `setup@1 setup_post_reboot@2!1`: name, boot, and the exit status
   * where it is not 0, `cut` where there is none.
   */
  public get order(): string {
    return this.steps
      .filter((step) => this.phases.includes(step) || step.exitCode !== 0)
      .map((step) => `${step.name}@${step.boot}${step.exitCode === 0 ? '' : `!${step.exitCode ?? 'cut'}`}`)
      .join(' ');
  }

  /** Installs that were started, in the form `setup@1`. */
  public get installs(): string {
    return this.steps
      .filter((step) => !this.phases.includes(step))
      .map((step) => `${step.name.replace('.install', '')}@${step.boot}`)
      .join(' ');
  }

  /** Packages of the lab that were installed, in order, as their scriptlets tell. */
  public get installed(): readonly string[] {
    return this.lines('/var/lib/lab/installed');
  }

  /** Calls of the commands that the lab's packages bring. */
  public get commands(): readonly string[] {
    return this.lines('/var/lib/lab/commands');
  }

  /** Ids of the DCV sessions that were created. A server that has just started may have refused some first. */
  public get dcvSessions(): readonly string[] {
    return this.lines('/var/lib/lab/dcv-sessions');
  }

  public get result(): string | undefined {
    return this.machine.read(`${STATE_FOLDER}/result`)?.trimEnd();
  }

  public log(name: string): string {
    return this.machine.read(`${LOG_FOLDER}/${name}.log`) ?? '';
  }

  public get console(): string {
    return readFileSync(path.join(this.folder, 'console.log'), 'utf8');
  }

  public lines(file: string): readonly string[] {
    return (this.machine.read(file) ?? '').split('\n').filter((line) => line !== '');
  }

  /** Files at any depth below a folder of the machine, by their path below it. */
  public filesBelow(folder: string): readonly string[] {
    const onHost = path.join(this.machine.root, folder);
    if (!existsSync(onHost)) return [];
    return readdirSync(onHost, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => path.join(entry.parentPath, entry.name).slice(onHost.length));
  }

  private stepsOf(boot: Boot): PhaseRun[] {
    const found: PhaseRun[] = [];
    for (const process of this.trace(boot).processes) {
      for (const program of process.programs) {
        const script = program.arguments.find((argument) => argument.startsWith(`${CODE_FOLDER}/`));
        if (script === undefined || /\/(runner|connect|seal)\.sh$/.test(script) || !/^(.*\/)?bash$/.test(program.arguments[0])) continue;
        const end = process.end ?? boot.end / 1000;
        found.push({
          name: path.basename(script, '.sh'),
          boot: boot.number,
          start: program.time,
          seconds: end - program.time,
          exitCode: process.exitCode === -1 ? undefined : process.exitCode,
          process,
        });
      }
    }
    return found.sort((first, second) => first.start - second.start);
  }
}
