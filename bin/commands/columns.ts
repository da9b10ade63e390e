import { printable } from './aws-error';

/** A line for each value that there is, behind its label. */
export function labelled(rows: readonly (readonly [string, string | undefined])[]): string {
  return rows.map(([label, value]) => (value === undefined ? '' : `${`${label}:`.padEnd(14)}${printable(value)}\n`)).join('');
}

/** A table; the first row has the titles. */
export function columns(cells: readonly (readonly string[])[]): string {
  const rows = cells.map((row) => row.map(printable));
  const widths = rows[0].map((_, column) => Math.max(...rows.map((row) => row[column].length)));
  return rows
    .map((row) => row.map((cell, column) => cell.padEnd(widths[column])).join('  '))
    .map((line) => `${line.trimEnd()}\n`)
    .join('');
}
