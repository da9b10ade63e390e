import { readFileSync, writeFileSync } from 'node:fs';
import * as path from 'node:path';
import type { RunResult } from './half';
import type { TracedProcess } from './machine/process-trace';
import { Observation } from './observation';
import { say } from './report';
import type { SeenCalls } from './seen-calls';
import { isOfAws } from './services/world';
import { WindowsObservation } from './windows/observation';

/** What one phase, or what surrounds the phases, cost. */
export interface Cost {
  readonly part: string;
  readonly seconds: number;
  readonly secondsWithoutPackages: number;
  /** Processes, without those of package managers. */
  readonly processes: number;
}

const PACKAGE_MANAGERS = /(^|\/)(dnf|yum|rpm|rpmkeys|apt-get|apt-cache|dpkg|dpkg-query)$/;
const DOCUMENT = path.join(__dirname, '..', '..', 'docs', 'boot-lab.md');
const BEGIN =
  '<!-- counts: begin (npm run boot-lab -- plain-boot reboot-in-between windows-plain windows-restart-in-between --counts --lanes 1) -->';
const END = '<!-- counts: end -->';

/** Cost of each phase and of what runs around the phases, by boot. */
export function costs(seen: Observation): Cost[] {
  const found: Cost[] = [];
  for (const boot of seen.boots) {
    const trace = seen.trace(boot);
    const phases = seen.steps.filter((phase) => phase.boot === boot.number);
    const stage = trace.processes.find((process) => process.programs.some((program) => isStageZero(program.arguments)));
    if (stage !== undefined) {
      const inPhases = new Set(phases.flatMap((phase) => trace.descendants(phase.process)));
      const own = trace.descendants(stage).filter((process) => !inPhases.has(process));
      const seconds = (stage.end ?? boot.end / 1000) - stage.start - phases.reduce((sum, phase) => sum + phase.seconds, 0);
      found.push({ part: `stage 0 and runner, boot ${boot.number}`, seconds, secondsWithoutPackages: seconds, processes: own.length });
    }
    for (const phase of phases) {
      const all = trace.descendants(phase.process);
      const managers = all.filter((process) => process.programs.some((program) => PACKAGE_MANAGERS.test(program.arguments[0])));
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

function isStageZero(args: readonly string[]): boolean {
  return args.some((argument) => /\/scripts\/part-001$|^\/var\/lib\/cluster-node\/stage0$/.test(argument));
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
  const text = lines.join('\n');
  say(text);
  const document = readFileSync(DOCUMENT, 'utf8');
  const [before, rest] = document.split(BEGIN);
  const after = rest?.split(END)[1];
  if (after === undefined) throw new Error(`${DOCUMENT} has no lines '${BEGIN}' and '${END}'`);
  writeFileSync(DOCUMENT, `${before}${BEGIN}\n\n${text}\n\n${END}${after}`);
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
