import * as path from 'path';
import { describePowerShell, POWERSHELL_FOLDER, runPowerShell } from '../../powershell';
import { renderWindows, WINDOWS_CONTEXTS } from './windows-scripts';
import { writeFiles } from '../../write-files';

const STRICT = "Set-StrictMode -Version 2\n$ErrorActionPreference = 'Stop'\n";

/** Scripts with one fault each, and the rule that has to name it. */
const FAULTS: readonly (readonly [rule: string, script: string])[] = [
  ['parse', `${STRICT}if ($true) {\n`],
  ['parse', `${STRICT}$A = "open\n`],
  ['parse', `${STRICT}$A = @'\ntext\n 'not the end\n`],
  ['syntax', `${STRICT}Get-Acl && Get-Acl\n`],
  ['syntax', `${STRICT}$A = $B ?? 1\n`],
  ['command', `${STRICT}Get-Something\n`],
  ['command', `${STRICT}Get-ChildItem | % { 1 }\n`],
  ['parameter', `${STRICT}Get-Content -AsByteStream 'a'\n`],
  ['type', `${STRICT}[Text.Json.JsonDocument]::Parse('')\n`],
  ['member', `${STRICT}[Convert]::ToHexString(@())\n`],
  ['encoding', `${STRICT}Set-Content 'a' 'b' -Encoding utf8NoBOM\n`],
  ['strict', "$ErrorActionPreference = 'Stop'\nSet-StrictMode -Version 2\n"],
  ['function', `${STRICT}function Get-A {\n}\nfunction Get-A {\n}\nGet-A\n`],
  ['function', `${STRICT}function Ensure-Thing {\n}\nEnsure-Thing\n`],
  ['function', `${STRICT}function Get-Nothing {\n}\n`],
  ['exit code', `${STRICT}& "$PSHOME\\tool.exe" -x\n$A = 1\n`],
  ['exit code', `${STRICT}& $Program -x\n`],
  ['exit code', `${STRICT}tar.exe -xf a\n`],
  ['exit code', `${STRICT}Start-Process -FilePath 'a' -Wait\n`],
  ['error action', `${STRICT}New-NetFirewallRule -Name 'a'\n`],
  ['aws tools', `${STRICT}Get-CFNStack -StackName 'a'\n`],
  ['not', `${STRICT}if (!$A -eq $B) {\n  exit 1\n}\n`],
  ['not', `${STRICT}if (-not $A -eq $B) {\n  exit 1\n}\n`],
  ['culture', `${STRICT}$A = $B -match '^[A-Z]+$'\n`],
  ['culture', `${STRICT}$A = $B -replace 'failed'\n`],
  ['member', `${STRICT}$A = "$B.Length"\n`],
  ['code', `${STRICT}Invoke-Expression $A\n`],
  ['code', `${STRICT}$A = [scriptblock]::Create($B)\n`],
  ['encoding', `${STRICT}Set-Content -LiteralPath 'a' -Value 'b'\n`],
  ['encoding', `${STRICT}Get-Date > 'a'\n`],
  ['scope', `${STRICT}$Flag = $false\nfunction Set-Flag {\n  $Flag = $true\n}\nSet-Flag\n`],
  ['scope', `${STRICT}function Set-Flag {\n  $script:Flag = $true\n}\nSet-Flag\n`],
  ['unset', `${STRICT}function Get-Name {\n  return $Name\n}\nGet-Name\n`],
  ['unset', `${STRICT}function Get-Name {\n  param([string] $Name)\n  return $Name\n}\n$A = (Get-Name -Name 'a') + $Name\n`],
  ['ascii', `${STRICT}# a \u2014 b\n`],
  ['blanks', `${STRICT}$A = 1 \n`],
  ['blanks', `${STRICT}\n\n\n$A = 1\n`],
  ['template', `${STRICT}$A = "None"\n`],
  ['secret', `${STRICT}Write-Host "the password is $Password"\n`],
  ['secret', `${STRICT}$A = ConvertTo-SecureString -String $B -AsPlainText -Force\n`],
  ['secret', `${STRICT}Set-ItemProperty -Path 'HKLM:\\a' -Name 'b' -Value $Secret\n`],
  ['secret', `${STRICT}$Code = Get-Random -Minimum 1000\n`],
  ['secret', `${STRICT}$Generator = New-Object Random\n`],
  ['compiler', `${STRICT}Add-Type -TypeDefinition $A\n`],
];

const HOSTILE = "a'b\"c$(Get-Evil)`d;Get-Evil\n@'\n'@\n\"@ & Get-Evil | Get-Evil {0} %x% \u201cq\u201d \u2019s\u2019";
const HOSTILE_KEYS = [
  ...['/configuration/ClusterId', '/system/windows_time_zone', '/configuration/HttpsProxy'],
  ...['/configuration/NoProxy', '/system/dcv/url', '/system/dcv/version', '/system/dcv/session_storage'],
];

/** Renders with the same value for every key that a person can choose. */
function renderWith(value: string): { [name: string]: string } {
  return renderWindows(Object.fromEntries(HOSTILE_KEYS.map((key) => [key, value])));
}

/** The shape of each script's syntax tree: the types of its nodes, and the commands that it runs. */
const SHAPES = `foreach ($file in Get-ChildItem plain, hostile -Recurse -Filter *.ps1) {
  $problems = $null
  $nodes = @([Management.Automation.Language.Parser]::ParseFile($file.FullName, [ref]$null, [ref]$problems).FindAll({ $true }, $true))
  $shape = $nodes.ForEach({ $_.GetType().Name; if ($_ -is [Management.Automation.Language.CommandAst]) { $_.GetCommandName() } }) -join ' '
  'shape {0} {1} {2}' -f (Resolve-Path -LiteralPath $file.FullName -Relative), @($problems).Count, (Get-FileHash -InputStream ([IO.MemoryStream]::new([Text.Encoding]::UTF8.GetBytes($shape)))).Hash
}`;

/** All checks in one process: findings by file, then the shapes. */
function check(): { findings: string[]; shapes: string[] } {
  const rendered = new Map<string, string>();
  for (const [context, values] of Object.entries(WINDOWS_CONTEXTS)) {
    for (const [name, text] of Object.entries(renderWindows(values))) {
      // Scripts that are the same in two contexts are looked at once.
      rendered.set(text, rendered.get(text) ?? `rendered/${context.replaceAll(' ', '-')}/${name}`);
    }
  }
  const scripts: { [name: string]: string } = Object.fromEntries([...rendered].map(([text, name]) => [name, text]));
  FAULTS.forEach(([, text], index) => (scripts[`faults/${index}.ps1`] = text));
  for (const [name, text] of Object.entries(renderWith('plain'))) {
    scripts[`plain/${name}`] = text;
  }
  for (const [name, text] of Object.entries(renderWith(HOSTILE))) {
    scripts[`hostile/${name}`] = text;
  }
  const rules = path.join(__dirname, 'house-rules.ps1');
  const output = runPowerShell(
    `$files = (Get-ChildItem rendered, faults -Recurse -Filter *.ps1).FullName | Resolve-Path -Relative
    & '${POWERSHELL_FOLDER}/check-windows-powershell.ps1' -KnownCommand Get-CFNStack, Get-SECSecretValue, New-EC2Tag, Read-S3Object, Send-CFNResourceSignal $files
    & '${rules}' $files
    ${SHAPES}`,
    writeFiles(scripts),
  );
  const lines = output.split('\n').filter((line) => line !== '');
  return {
    findings: lines.filter((line) => !line.startsWith('shape ')),
    shapes: lines.filter((line) => line.startsWith('shape ')).map((line) => line.replace('shape ./', '')),
  };
}

describePowerShell('scripts of a Windows node, by PowerShell itself', () => {
  let found: ReturnType<typeof check>;
  beforeAll(() => (found = check()));

  test('have no fault', () => {
    expect(found.findings.filter((line) => !line.startsWith('./faults/'))).toEqual([]);
  });

  test.each(FAULTS.map(([rule, text], index) => [rule, text.slice(STRICT.length), index] as const))(
    '%s: %j is a fault',
    (rule, _, index) => {
      const lines = found.findings.filter((line) => line.startsWith(`./faults/${index}.ps1:`));
      expect(lines).toEqual(expect.arrayContaining([expect.stringMatching(new RegExp(`^\\S+:\\d+ ${rule}: `))]));
    },
  );

  test('do the same, whatever is in a value', () => {
    const of = (kind: string): string[] =>
      found.shapes
        .filter((line) => line.startsWith(kind))
        .map((line) => line.slice(kind.length))
        .sort();
    expect(of('plain')).toHaveLength(Object.keys(renderWith('plain')).length);
    expect(of('plain').filter((line) => !/ 0 [0-9A-F]{64}$/.test(line))).toEqual([]);
    expect(of('hostile')).toEqual(of('plain'));
  });
});
