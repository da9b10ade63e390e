import type { RunResult } from './half';
import { isOfAws } from './services/world';

/** Where the lab speaks to. */
export function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

export function progressLine(result: RunResult, done: number, all: number): string {
  const mark = result.failures.length === 0 ? 'ok    ' : 'FAILED';
  const boots = result.seen?.boots.map((boot) => `${boot.ended} ${((boot.end - boot.start) / 1000).toFixed(1)}`).join(', ') ?? 'no boot';
  return `${String(done).padStart(3)}/${all} ${mark} ${result.run.name.padEnd(42)} ${result.seconds.toFixed(1).padStart(6)} s  ${boots}`;
}

/** One row per run, failures below. */
export function table(results: readonly RunResult[]): string {
  const rows = results.map((result) => {
    const { seen } = result;
    return [
      result.failures.length === 0 ? 'ok' : 'FAILED',
      result.run.name,
      result.seconds.toFixed(1),
      String(seen?.boots.length ?? 0),
      seen?.signals.map((signal) => signal.status).join(' ') ?? '',
      String(seen?.calls.filter((call) => call.caller === 'bootstrap' && isOfAws(call)).length ?? 0),
      String(seen?.callsOf('imds').length ?? 0),
      shorten(seen?.reason ?? '', 70),
    ];
  });
  const lines = [align([['', 'scenario', 'seconds', 'boots', 'signal', 'AWS', 'IMDS', 'reason'], ...rows])];
  for (const result of results.filter(({ failures }) => failures.length > 0)) {
    lines.push('', `${result.run.name}: see ${result.folder}`);
    for (const failure of result.failures) lines.push(`  - ${failure}`);
  }
  return lines.join('\n');
}

export function align(rows: readonly (readonly string[])[]): string {
  const widths = rows[0].map((_, column) => Math.max(...rows.map((row) => row[column].length)));
  return rows
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column]))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

function shorten(text: string, length: number): string {
  return text.length > length ? `${text.slice(0, length - 3)}...` : text;
}
