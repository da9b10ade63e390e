import { spawnSync } from 'child_process';
import * as fs from 'fs';
import * as path from 'path';
import { describePowerShell, powerShell } from '../../powershell';
import { renderWindows } from './windows-scripts';
import { writeFiles } from '../../write-files';

/** What a step leaves behind when its script is this. */
function run(text: string): { outcome: string | undefined; failure: string | undefined; output: string } {
  const prelude = renderWindows()['setup_user_customization.ps1'].replace("Write-NodeLog -Message 'no customization'", '');
  const folder = writeFiles({
    'step.ps1': renderWindows()['step.ps1'],
    'bootstrap/mine.ps1': text.replace('PRELUDE', () => prelude),
    values: '',
  });
  for (const file of ['step.ps1', 'bootstrap/mine.ps1']) {
    const script = path.join(folder, file);
    fs.writeFileSync(script, fs.readFileSync(script, 'utf8').replaceAll("'C:\\ProgramData\\ClusterNode'", `'${folder}'`));
  }
  const { stdout, stderr } = spawnSync(
    powerShell(),
    ['-NoProfile', '-NonInteractive', '-File', path.join(folder, 'step.ps1'), 'mine.ps1'],
    {
      encoding: 'utf8',
      env: { ...process.env, NO_COLOR: '1' },
    },
  );
  const read = (name: string): string | undefined => {
    const file = path.join(folder, name);
    return fs.existsSync(file) ? fs.readFileSync(file, 'utf8') : undefined;
  };
  return { outcome: read('outcome'), failure: read('failure'), output: stdout + stderr };
}

describePowerShell('a step', () => {
  test.each([
    ['ends', '"all of it"', 'done'],
    ['has a last program that ends with 3', "sh -c 'exit 3'", 'done'],
    ['leaves with exit 0', "sh -c 'exit 3'\nexit 0", 'done'],
    ['leaves with exit 3', 'exit 3', 'exit 3'],
    ['leaves a function with exit 4', 'function Stop-It {\n  exit 4\n}\nStop-It\n"not here"', 'exit 4'],
    ['ends its process with 0', '[Environment]::Exit(0)', undefined],
    ['ends its process with 5', '[Environment]::Exit(5)', undefined],
    ['has the preferences that it would have by itself', '$A = $Nothing\nGet-Item /nothing\n"$ErrorActionPreference"', 'done'],
  ])('whose script %s', (_name, text, outcome) => {
    expect(run(text)).toMatchObject({ outcome, failure: undefined });
  });

  test.each([
    ['throws', '\nthrow "no"', 'mine.ps1:2: no'],
    ['does not parse', 'if ($true) {', /Missing closing '\}'/],
    ['throws behind the prelude', 'PRELUDE\nfunction Stop-It {\n  throw "no"\n}\nStop-It', /^mine\.ps1:\d+: no$/],
  ])('whose script %s says why and where', (_name, text, reason) => {
    const { outcome, failure } = run(text);
    expect(outcome).toBe('exit 1');
    expect(failure).toMatch(reason);
  });

  test('is found by its process', () => {
    expect(run('[IO.File]::ReadAllText("$PSScriptRoot/../step-process") -cmatch "^$PID \\d{18}$"').output.trim()).toBe('True');
  });
});
