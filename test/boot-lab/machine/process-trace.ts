import { readFileSync } from 'node:fs';

/** One process of a boot, as strace saw it from outside. */
export interface TracedProcess {
  readonly pid: number;
  parent: number | undefined;
  /** Seconds since the epoch. */
  readonly start: number;
  end: number | undefined;
  exitCode: number | undefined;
  /** Programs it ran, in order, with arguments. */
  readonly programs: { readonly time: number; readonly arguments: readonly string[] }[];
}

const LINE = /^(\d+) +(\d+\.\d+) (.*)$/;
const FORKED = /^(?:clone3?|v?fork)\(.* = (\d+)$/;
const PID_MAX = Number(readFileSync('/proc/sys/kernel/pid_max', 'utf8'));

interface Event {
  readonly pid: number;
  readonly time: number;
  readonly text: string;
}

/** The processes of a trace by their process id on the host. Threads are left out. */
export class ProcessTrace {
  public readonly processes: readonly TracedProcess[];

  public constructor(text: string) {
    const events = eventsOf(text);
    const hostPid = hostPidsOfClones(events);
    const all: TracedProcess[] = [];
    const living = new Map<number, TracedProcess>();
    const begin = (pid: number, parent: number | undefined, time: number): TracedProcess => {
      const process: TracedProcess = { pid, parent, start: time, end: undefined, exitCode: undefined, programs: [] };
      living.set(pid, process);
      all.push(process);
      return process;
    };
    const threads = new Set<number>();
    for (const event of events) {
      const child = hostPid.get(event);
      if (child !== undefined && event.text.includes('CLONE_THREAD')) threads.add(child);
    }
    // The ids of clones are a guess, wrong where a thread left no line at all. What has run a program is none.
    for (const { pid, text: what } of events) if (what.startsWith('execve') && what.endsWith(' = 0')) threads.delete(pid);
    for (const event of events) {
      const { pid, time, text: what } = event;
      const child = hostPid.get(event);
      if (child !== undefined) {
        if (threads.has(child)) continue;
        const known = living.get(child) ?? all.find((process) => process.pid === child);
        // A child may run, and even end, before its parent's clone has returned.
        if (known === undefined) begin(child, pid, time);
        else known.parent = pid;
        continue;
      }
      if (threads.has(pid)) continue;
      const exit = /^\+\+\+ (?:exited with (\d+)|killed by (\w+)).*\+\+\+$/.exec(what);
      if (exit !== null) {
        const process = living.get(pid) ?? begin(pid, undefined, time);
        process.end = time;
        process.exitCode = exit[1] === undefined ? -1 : Number(exit[1]);
        living.delete(pid);
      } else if (what.startsWith('execve') && what.endsWith(' = 0')) {
        const process = living.get(pid) ?? begin(pid, undefined, time);
        process.programs.push({ time, arguments: firstList(what) });
      }
    }
    this.processes = all;
  }

  public static read(file: string): ProcessTrace {
    return new ProcessTrace(readFileSync(file, 'utf8'));
  }

  /** Processes that ran a program whose arguments match. */
  public running(test: (args: readonly string[]) => boolean): readonly TracedProcess[] {
    return this.processes.filter((process) => process.programs.some((program) => test(program.arguments)));
  }

  /** A process and everything that came from it. */
  public descendants(ancestor: TracedProcess): readonly TracedProcess[] {
    const found = new Set([ancestor.pid]);
    const family: TracedProcess[] = [ancestor];
    // Parents come before their children in a trace, except for a child that outran its parent's clone.
    let grew = true;
    while (grew) {
      grew = false;
      for (const process of this.processes) {
        if (!found.has(process.pid) && process.parent !== undefined && found.has(process.parent)) {
          found.add(process.pid);
          family.push(process);
          grew = true;
        }
      }
    }
    return family;
  }
}

/** Lines of a trace, with calls that were interrupted by others put together at the place where they ended. */
function eventsOf(text: string): Event[] {
  const events: Event[] = [];
  const unfinished = new Map<number, string>();
  for (const line of text.split('\n')) {
    const parts = LINE.exec(line);
    if (parts === null) continue;
    const pid = Number(parts[1]);
    let what = parts[3];
    if (what.endsWith('<unfinished ...>')) {
      unfinished.set(pid, what.slice(0, -'<unfinished ...>'.length));
      continue;
    }
    const resumed = /^<\.\.\. \w+ resumed>/.exec(what);
    if (resumed !== null) {
      what = (unfinished.get(pid) ?? '') + what.slice(resumed[0].length);
      unfinished.delete(pid);
    }
    events.push({ pid, time: Number(parts[2]), text: what });
  }
  return events;
}

/**
 * For each clone the child's process id on the host. The machine's processes are told ids of their own namespace; both
 * are given out in the same order, so the lowest of one is the lowest of the other, and so on. (strace can translate them
 * itself, but reads all of /proc for each.)
 */
function hostPidsOfClones(events: readonly Event[]): Map<Event, number> {
  const first = events[0]?.pid ?? 0;
  const age = (pid: number): number => (pid - first + PID_MAX) % PID_MAX;
  const onHost = new Set([first]);
  const found = new Map<Event, number>();
  const clones: [Event, number][] = [];
  let machine: number | undefined;
  for (const event of events) {
    const child = FORKED.exec(event.text)?.[1];
    if (child === undefined) continue;
    if (!onHost.has(event.pid)) {
      clones.push([event, Number(child)]);
      continue;
    }
    found.set(event, Number(child));
    if (event.text.includes('CLONE_NEWPID')) machine = Number(child);
    else onHost.add(Number(child));
  }
  const inside = [...new Set(events.map((event) => event.pid))]
    .filter((pid) => pid !== machine && !onHost.has(pid))
    .sort((one, other) => age(one) - age(other));
  clones.sort(([, one], [, other]) => one - other);
  clones.forEach(([event], index) => {
    if (index < inside.length) found.set(event, inside[index]);
  });
  return found;
}

/** The argument list of an execve line: the first list of C strings in it. */
function firstList(event: string): string[] {
  const start = event.indexOf('[');
  const items: string[] = [];
  let index = start + 1;
  while (index > 0 && event[index] === '"') {
    let end = index + 1;
    while (event[end] !== '"') end += event[end] === '\\' ? 2 : 1;
    items.push(unescape(event.slice(index + 1, end)));
    index = end + 1;
    if (event[index] !== ',') break;
    index += 2;
  }
  return items;
}

const SIMPLE_ESCAPES: Readonly<Record<string, number>> = { n: 10, t: 9, r: 13, v: 11, f: 12, '"': 34, '\\': 92 };

function unescape(text: string): string {
  const bytes: number[] = [];
  for (let index = 0; index < text.length; index++) {
    if (text[index] !== '\\') {
      bytes.push(...Buffer.from(text[index]));
      continue;
    }
    const octal = /^[0-7]{1,3}/.exec(text.slice(index + 1));
    if (octal === null) {
      bytes.push(SIMPLE_ESCAPES[text[index + 1]] ?? text.charCodeAt(index + 1));
      index += 1;
    } else {
      bytes.push(parseInt(octal[0], 8));
      index += octal[0].length;
    }
  }
  return Buffer.from(bytes).toString();
}
