import { readdirSync, readFileSync } from 'node:fs';
import * as path from 'node:path';
import { gunzipSync } from 'node:zlib';
import { describePowerShell, POWERSHELL_FOLDER, runPowerShell } from '../../powershell';

const FOLDER = path.join(__dirname, 'standins');
/** Cmdlets by name, with parameters by name. */
type Reference = Readonly<Record<string, { readonly p: Readonly<Record<string, unknown>> }>>;

describePowerShell('stand-ins of cmdlets', () => {
  const reference = JSON.parse(gunzipSync(readFileSync(path.join(POWERSHELL_FOLDER, 'windows-cmdlets.json.gz'))).toString()) as Reference;
  const functions = JSON.parse(
    runPowerShell(
      `$files = Get-ChildItem '${FOLDER}' -Filter *.ps1
      $found = foreach ($file in $files) {
        $ast = [System.Management.Automation.Language.Parser]::ParseFile($file.FullName, [ref]$null, [ref]$null)
        $ast.FindAll({ $args[0] -is [System.Management.Automation.Language.FunctionDefinitionAst] }, $true) | ForEach-Object {
          @{ name = $_.Name.Replace('global:', ''); parameters = @($_.Body.ParamBlock.Parameters.Name.VariablePath.UserPath); binds = "$($_.Body.ParamBlock.Attributes)" -match 'CmdletBinding' }
        }
      }
      ConvertTo-Json -Compress -Depth 3 -InputObject @($found)`,
      FOLDER,
    ),
  ) as { readonly name: string; readonly parameters: readonly string[]; readonly binds: boolean }[];
  const cmdlets = functions.filter(({ name }) => name in reference);

  test('there is at least one in each file but the prelude', () => {
    expect(cmdlets.length).toBeGreaterThanOrEqual(readdirSync(FOLDER).length - 1);
  });

  test('whatever is no cmdlet of Windows says that it is the lab’s', () => {
    expect(functions.filter(({ name }) => !(name in reference)).filter(({ name }) => !/-(Lab|StandIn)/.test(name))).toEqual([]);
  });

  test.each(cmdlets)('$name has parameters of Windows alone, and refuses others', ({ name, parameters, binds }) => {
    expect(parameters.filter((parameter) => !(parameter in reference[name].p))).toEqual([]);
    expect(binds).toBe(true);
  });
});
