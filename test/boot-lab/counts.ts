import { readFileSync, writeFileSync } from 'node:fs';
import * as path from 'node:path';
import type { RunResult } from './half';
import type { TracedProcess } from './machine/process-trace';
import { isStageZero, Observation } from './observation';
import { isPackageManager, type OwnTime, ownTime } from './own-time';
import { say } from './report';
import type { SeenCalls } from './seen-calls';
import { isOfAws } from './services/world';
import { WindowsObservation } from './windows/observation';
import { windowsOwnTime } from './windows/own-time';

/** What one phase, or what surrounds the phases, cost. */
export interface Cost {
  readonly part: string;
  readonly seconds: number;
  readonly secondsWithoutPackages: number;
  /** Processes, without those of package managers. */
  readonly processes: number;
}

const DOCUMENT = path.join(__dirname, '..', '..', 'docs', 'boot-lab.md');
const BEGIN =
  '<!-- counts: begin (npm run boot-lab -- plain-boot reboot-in-between windows-plain windows-restart-in-between --counts --lanes 1) -->';
const END = '<!-- counts: end -->';
const BEGIN_BAKED = '<!-- baked boots: begin (npm run boot-lab -- baked-boot windows-baked-boot --counts --lanes 1) -->';
const END_BAKED = '<!-- baked boots: end -->';

/** Cost of each phase and of what runs around the phases, by boot. */
export function costs(seen: Observation): Cost[] {
  const found: Cost[] = [];
  for (const boot of seen.boots) {
    const trace = seen.trace(boot);
    const phases = seen.steps.filter((phase) => phase.boot === boot.number);
    const stage = trace.running(isStageZero).at(0);
    if (stage !== undefined) {
      const inPhases = new Set(phases.flatMap((phase) => trace.descendants(phase.process)));
      const own = trace.descendants(stage).filter((process) => !inPhases.has(process));
      const seconds = (stage.end ?? boot.end / 1000) - stage.start - phases.reduce((sum, phase) => sum + phase.seconds, 0);
      found.push({ part: `stage 0 and runner, boot ${boot.number}`, seconds, secondsWithoutPackages: seconds, processes: own.length });
    }
    for (const phase of phases) {
      const all = trace.descendants(phase.process);
      const managers = all.filter(isPackageManager);
      const theirs = new Set(managers.flatMap((manager) => trace.descendants(manager)));
      found.push({
        part: `${phase.name}, boot ${boot.number}`,
        seconds: phase.seconds,
        secondsWithoutPackages: phase.seconds - unionSeconds(managers, phase.start + phase.seconds),
        processes: all.filter((process) => !theirs.has(process)).length,
      });
    }
  }
  return found;
}

/** Time in which at least one of the processes ran. */
function unionSeconds(processes: readonly TracedProcess[], latest: number): number {
  let total = 0;
  let reached = -Infinity;
  for (const { start, end } of [...processes].sort((first, second) => first.start - second.start)) {
    const from = Math.max(start, reached);
    const to = end ?? latest;
    if (to > from) total += to - from;
    reached = Math.max(reached, to);
  }
  return total;
}

/** Prints the counts of the runs, and puts them into docs/boot-lab.md. */
export function writeCounts(results: readonly RunResult[]): void {
  const [baked, others] = [true, false].map((isBaked) =>
    results.filter(({ run: { scenarioName } }) => scenarioName.endsWith('baked-boot') === isBaked),
  );
  if (others.length > 0) replace(BEGIN, END, counts(others));
  // Of several rounds, the last.
  if (baked.length > 0)
    replace(BEGIN_BAKED, END_BAKED, bakedBoots([...new Map(baked.map((result) => [result.run.name, result])).values()]));
}

/** Unbaked and baked boots of the same nodes. */
function bakedBoots(results: readonly RunResult[]): string {
  const row = (name: string, boot: number, seen: SeenCalls, { seconds, waited, slowness, processes }: OwnTime): string => {
    const here = seen.calls.filter((call) => call.boot === boot && call.caller === 'bootstrap');
    const [aws, ...others] = [
      here.filter(isOfAws),
      ...['imds', 'downloads', 'packages'].map((by) => here.filter((call) => call.service === by)),
    ];
    const requests = [aws, ...others].map(({ length }) => length);
    const times = [seconds, waited, slowness, seconds / Math.max(slowness, 1)].map((number) => number.toFixed(1));
    return `| ${[name, boot === 1 ? 'unbaked' : 'baked', ...times, processes, ...requests].join(' | ')} |`;
  };
  return [
    '| run | boot | own seconds | named waits | times slower | own seconds, scaled | processes | AWS | IMDS | downloads | package requests |',
    '|---|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|',
    ...results.flatMap(({ run, seen }) =>
      [1, 3].flatMap((boot) => {
        if (seen instanceof Observation) return [row(run.name, boot, seen, ownTime(seen, boot))];
        return seen instanceof WindowsObservation ? [row(run.name, boot, seen, windowsOwnTime(seen, boot))] : [];
      }),
    ),
  ].join('\n');
}

function counts(results: readonly RunResult[]): string {
  const lines = [
    '| run | part | seconds | without packages | processes |',
    '|---|---|---:|---:|---:|',
    ...results.flatMap(({ run, seen }) =>
      (seen instanceof Observation ? costs(seen) : []).map(
        (cost) =>
          `| ${run.name} | ${cost.part} | ${cost.seconds.toFixed(1)} | ${cost.secondsWithoutPackages.toFixed(1)} | ${cost.processes} |`,
      ),
    ),
    '',
    '| run | part | seconds under Wine |',
    '|---|---|---:|',
    ...results.flatMap(({ run, seen }) =>
      (seen instanceof WindowsObservation ? seen.costs : []).map(([part, seconds]) => `| ${run.name} | ${part} | ${seconds.toFixed(1)} |`),
    ),
    '',
    '| run | boots | AWS calls by boot | IMDS calls by boot | IMDS tokens by boot | downloads | package requests |',
    '|---|---:|---|---|---|---:|---:|',
    ...results.flatMap(({ run, seen }) => (seen === undefined ? [] : [callsRow(run.name, seen)])),
  ];
  return lines.join('\n');
}

function replace(begin: string, end: string, text: string): void {
  say(text);
  const document = readFileSync(DOCUMENT, 'utf8');
  const [before, rest] = document.split(begin);
  const after = rest?.split(end)[1];
  if (after === undefined) throw new Error(`${DOCUMENT} has no lines '${begin}' and '${end}'`);
  writeFileSync(DOCUMENT, `${before}${begin}\n\n${text}\n\n${end}${after}`);
}

function callsRow(name: string, seen: SeenCalls): string {
  const aws = seen.calls.filter((call) => call.caller === 'bootstrap' && isOfAws(call));
  const operations = seen.boots.map((boot) => {
    const names = aws.filter((call) => call.boot === boot.number).map((call) => call.operation);
    return [...new Set(names)].map((name) => `${name} ${names.filter((other) => other === name).length}`).join(', ') || 'none';
  });
  const imds = seen.boots.map(
    (boot) => seen.callsOf('imds').filter((call) => call.boot === boot.number && call.operation !== 'token').length,
  );
  const tokens = seen.boots.map((boot) => seen.callsOf('imds', 'token').filter((call) => call.boot === boot.number).length);
  return `| ${name} | ${seen.boots.length} | ${operations.join('; ')} | ${imds.join(', ')} | ${tokens.join(', ')} | ${seen.callsOf('downloads').length} | ${seen.callsOf('packages').length} |`;
}
