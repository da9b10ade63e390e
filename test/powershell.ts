import { execFileSync, spawnSync } from 'child_process';
import * as fs from 'fs';
import * as path from 'path';

/**
 * Where PowerShell 7 for tests is, and the check for what Windows PowerShell 5.1 lacks: a folder with the program `unpack`, which
 * prints the path of `pwsh`, and `check-windows-powershell.ps1`.
 */
export const POWERSHELL_FOLDER = path.resolve(process.env.POWERSHELL_FOLDER ?? path.join(__dirname, '..', '..', 'shared', 'powershell'));

const isMissing = !fs.existsSync(path.join(POWERSHELL_FOLDER, 'unpack'));

/** Tests that need PowerShell: skipped with one line where there is none, failing in CI. */
export function describePowerShell(name: string, body: () => void): void {
  if (!isMissing) {
    describe(name, body);
    return;
  }
  const problem = `no PowerShell in ${POWERSHELL_FOLDER}; set POWERSHELL_FOLDER`;
  if (process.env.CI === 'true') {
    test(name, () => {
      throw new Error(problem);
    });
    return;
  }
  process.stderr.write(`skipped: ${name}: ${problem}\n`);
  describe.skip(name, body);
}

/** Path of `pwsh`. */
export function powerShell(): string {
  return execFileSync(path.join(POWERSHELL_FOLDER, 'unpack'), ['linux'], { encoding: 'utf8' }).trim();
}

/** Runs the commands in one `pwsh`, in the folder, and returns what it printed. Whether it exits with 0 is for the caller to ask. */
export function runPowerShell(commands: string, folder: string): string {
  const result = spawnSync(powerShell(), ['-NoProfile', '-NonInteractive', '-Command', `$ErrorActionPreference = 'Stop'\n${commands}`], {
    cwd: folder,
    encoding: 'utf8',
    maxBuffer: 256 * 1024 * 1024,
    env: { ...process.env, NO_COLOR: '1', POWERSHELL_TELEMETRY_OPTOUT: '1', POWERSHELL_UPDATECHECK: 'Off' },
  });
  if (result.error !== undefined || result.stderr !== '') {
    throw result.error ?? new Error(`PowerShell: ${result.stderr}`);
  }
  return result.stdout;
}

/** Runs the `*.Tests.ps1` of a folder, which find the scripts in `$env:SCRIPTS`, in one `pwsh`, and returns what failed. */
export function runPesterTests(tests: string, scripts: string): string[] {
  const output = runPowerShell(
    `$env:SCRIPTS = '${scripts}'
    Import-Module Pester
    $configuration = New-PesterConfiguration @{ Run = @{ Path = '${tests}'; PassThru = $true }; Output = @{ Verbosity = 'None' } }
    $run = Invoke-Pester -Configuration $configuration
    @($run.Containers.ErrorRecord).Where({ $_ }).ForEach({ "container: $_" })
    $run.Tests.Where({ $_.Result -ne 'Passed' }).ForEach({ '{0}: {1}' -f $_.ExpandedPath, ($_.ErrorRecord -join '; ') })
    "passed $($run.PassedCount)"`,
    scripts,
  );
  const lines = output.trimEnd().split('\n');
  const passed = lines.pop();
  return passed === undefined || /^passed 0?$/.test(passed) ? ['no test ran', ...lines] : lines;
}
