import type { ProcessTrace, TracedProcess } from './machine/process-trace';
import { isStageZero, type Observation } from './observation';
import { VERDICT_CALLS } from './seen-calls';

/** What a boot took from the start of stage 0 to the verdict. */
export interface OwnTime {
  /** Seconds without the named waits. */
  readonly seconds: number;
  /** Seconds of the named waits: for a session that has to be the same for a while. */
  readonly waited: number;
  /** Sleeps outside of the named waits, each with its seconds. */
  readonly sleeps: readonly string[];
  /** Processes, without those of package managers. */
  readonly processes: number;
  /** How many times slower the machine was, during this boot, than the one that the limits are meant for. */
  readonly slowness: number;
}

interface Sleep {
  readonly shell: number | undefined;
  readonly from: number;
  readonly to: number;
  readonly words: readonly string[];
}

/** What the shell asks each time round, by the name of the wait's program. */
const ASKED_IN_WAIT = /\/cluster-node-display-access$/;
/** What a session of the lab has to be stable for, and two times round. Longer than that is no wait that has a name. */
const LONGEST_WAIT_SECONDS = 4;
/** What a program takes from its fork to its end, on average, on a machine that the limits are meant for. */
const PROCESS_SECONDS = 0.003;
/** The share of programs, the quickest, that the average is of: one that hangs must not excuse itself. */
const QUICKEST = 0.95;

const PACKAGE_MANAGERS = /(^|\/)(dnf|yum|rpm|rpmkeys|apt-get|apt-cache|dpkg|dpkg-query)$/;

export function isPackageManager({ programs }: TracedProcess): boolean {
  return programs.some((program) => PACKAGE_MANAGERS.test(program.arguments[0]));
}

/** By the trace, which makes every process slower: so do the processes that the slowness is taken from. */
export function ownTime(seen: Observation, bootNumber: number): OwnTime {
  const trace = seen.trace(seen.boots[bootNumber - 1]);
  const [stage] = trace.running(isStageZero);
  const family = trace.descendants(stage);
  const ofManagers = new Set(family.filter(isPackageManager).flatMap((manager) => trace.descendants(manager)));
  const sleeps = family.flatMap(asSleep);
  const waits = sleeps.filter((sleep) => isNamed(sleep, sleeps, family));
  const said = seen.calls.filter((call) => call.boot === bootNumber && VERDICT_CALLS.includes(call.operation));
  const waited =
    waits.length === 0
      ? 0
      : Math.min(Math.max(...waits.map(({ to }) => to)) - Math.min(...waits.map(({ from }) => from)), LONGEST_WAIT_SECONDS);
  return {
    seconds: Math.max(...said.map((call) => call.time / 1000)) - stage.start - waited,
    waited,
    sleeps: sleeps
      .filter((sleep) => !waits.includes(sleep))
      .map(({ from, to, words }) => `${words.join(' ')}: ${(to - from).toFixed(1)} s`),
    processes: family.filter((process) => !ofManagers.has(process)).length,
    slowness: processSeconds(trace, family) / PROCESS_SECONDS,
  };
}

function asSleep(process: TracedProcess): Sleep[] {
  const program = process.programs.find(({ arguments: [name] }) => /(^|\/)sleep$/.test(name));
  return program === undefined
    ? []
    : [{ shell: process.parent, from: program.time, to: process.end ?? Infinity, words: program.arguments }];
}

/** Between two times that its shell asks, and the only one there. */
function isNamed({ shell, from, to }: Sleep, sleeps: readonly Sleep[], family: readonly TracedProcess[]): boolean {
  const parents = new Map(family.map(({ pid, parent }) => [pid, parent]));
  const asked = family
    .filter(({ parent }) => parent === shell || parents.get(parent ?? 0) === shell)
    .flatMap(({ programs }) => programs.filter((program) => ASKED_IN_WAIT.test(program.arguments[0])).map(({ time }) => time))
    .sort((one, other) => one - other);
  const before = asked.findLast((time) => time < from);
  const after = asked.find((time) => time >= to);
  if (before === undefined || after === undefined) return false;
  return sleeps.filter((other) => other.shell === shell && other.from > before && other.from < after).length === 1;
}

/** Average of what programs took that started no process: it moves with the load on the machine, as the whole boot does. */
function processSeconds(trace: ProcessTrace, family: readonly TracedProcess[]): number {
  const parents = new Set(trace.processes.map(({ parent }) => parent));
  const times = family
    .filter((process) => process.programs.length > 0 && !parents.has(process.pid) && asSleep(process).length === 0)
    .flatMap(({ start, end }) => (end === undefined ? [] : [end - start]))
    .sort((one, other) => one - other);
  const quickest = times.slice(0, Math.ceil(times.length * QUICKEST));
  return quickest.reduce((sum, time) => sum + time, 0) / quickest.length;
}
