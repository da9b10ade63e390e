import { spawnSync } from 'child_process';
import { warn } from './exit-status';

/** Reads and writes ASCII, whatever the encoding of the console is. */
const PROGRAM = `
$ErrorActionPreference = 'Stop'
foreach ($file in ([Console]::In.ReadToEnd() | ConvertFrom-Json)) {
  $errors = $null
  [void][Management.Automation.Language.Parser]::ParseInput($file.text, [ref]$null, [ref]$errors)
  if ($errors.Count -gt 0) {
    $first = $errors[0]
    ConvertTo-Json -Compress -EscapeHandling EscapeNonAscii @{
      name = $file.name; line = $first.Extent.StartLineNumber; message = $first.Message; text = $first.Extent.StartScriptPosition.Line
    }
  }
}`;

/**
 * What PowerShell's own parser says against the .ps1 files, one line each, from one process; nothing where there is no pwsh in
 * PATH. Nothing of the files runs.
 */
export function powerShellFaults(files: ReadonlyMap<string, string>): string[] {
  const scripts = [...files]
    .filter(([name]) => name.endsWith('.ps1'))
    // EC2Launch takes the tags off. Lines keep their numbers.
    .map(([name, text]) => ({ name, text: text.replace(/^<\/?powershell>$|^<persist>true<\/persist>$/gm, '') }));
  if (scripts.length === 0) return [];
  const input = JSON.stringify(scripts).replace(/[^ -~]/g, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`);
  const { status, stdout, stderr, error } = spawnSync('pwsh', ['-NoProfile', '-NonInteractive', '-Command', PROGRAM], {
    input,
    encoding: 'utf8',
    env: { ...process.env, POWERSHELL_TELEMETRY_OPTOUT: '1', POWERSHELL_UPDATECHECK: 'Off' },
    timeout: 60_000,
  });
  if (status !== 0) {
    const isMissing = error !== undefined && 'code' in error && error.code === 'ENOENT';
    if (!isMissing) warn(`the PowerShell scripts were not parsed: ${stderr?.trim() || (error?.message ?? `pwsh ended with ${status}`)}`);
    return [];
  }
  return stdout
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line) as { name: string; line: number; message: string; text: string })
    .map(({ name, line, message, text }) => `${name}:${line}: ${message} (${text.trim()})`);
}
