import type { OwnTime } from '../own-time';
import { VERDICT_CALLS } from '../seen-calls';
import type { WindowsObservation } from './observation';

/** Functions that wait for a session that has to be the same for a while, and for its server. */
const NAMED_WAITS = ['Wait-DcvDesktop', 'Wait-DcvService'];
/** What a session of the lab has to be stable for, and two seconds for looking at it. Longer than that is no wait that has a name. */
const LONGEST_WAIT_SECONDS = 4;
/** From the last start or end of a PowerShell to the next start, in the middle, on a machine that the limits are meant for. */
const START_SECONDS = 0.6;

/** By what PowerShell and its cmdlets have noted. Sleeps are ten times as fast here, and are told by what the scripts say. */
export function windowsOwnTime(seen: WindowsObservation, bootNumber: number): OwnTime {
  const { start, end } = seen.boots[bootNumber - 1];
  const processes = seen.processes.filter((process) => process.start >= start && process.start < end);
  const sleeps = seen
    .callsTo('Start-Sleep')
    .map((line) => line.split(' '))
    .map(([, by, milliseconds, from, to]) => ({ by, milliseconds: Number(milliseconds), from: Number(from), to: Number(to) }))
    .filter(({ from }) => from >= start && from < end);
  const waits = sleeps.filter(({ by }) => NAMED_WAITS.includes(by));
  const said = seen.calls.filter((call) => call.boot === bootNumber && VERDICT_CALLS.includes(call.operation));
  const longest = waits.length === 0 ? 0 : (Math.max(...waits.map(({ to }) => to)) - Math.min(...waits.map(({ from }) => from))) / 1000;
  const waited = Math.min(longest, LONGEST_WAIT_SECONDS);
  return {
    seconds: (Math.max(...said.map((call) => call.time)) - processes[0].start) / 1000 - waited,
    waited,
    sleeps: sleeps.filter((sleep) => !waits.includes(sleep)).map(({ by, milliseconds }) => `${by}: ${milliseconds / 1000} s`),
    processes: processes.length,
    slowness: startSeconds(processes) / START_SECONDS,
  };
}

/** Most of it is Wine's time and that of the engine, which moves with the load on the machine. */
function startSeconds(processes: WindowsObservation['processes']): number {
  const events = processes.flatMap((process) => (process.end === undefined ? [process.start] : [process.start, process.end]));
  const times = processes.slice(1).map(({ start }) => (start - Math.max(...events.filter((event) => event < start))) / 1000);
  return times.sort((one, other) => one - other)[Math.floor(times.length / 2)];
}
