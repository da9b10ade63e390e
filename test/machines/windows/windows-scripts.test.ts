import { descendants, parsePowerShell, PowerShellNode, PowerShellScript } from '../../powershell-parser';
import { renderWindows, WINDOWS_CONTEXTS } from './windows-scripts';

// Cmdlets of Windows PowerShell 5.1 and its modules that the scripts may call. A name that is not here is a slip or a
// cmdlet of a newer PowerShell.
const CMDLETS = new Set([
  ...['Add-LocalGroupMember', 'Add-Type', 'ConvertTo-SecureString', 'ForEach-Object', 'Get-Acl', 'Get-ChildItem', 'Get-CimInstance'],
  ...['Get-FileHash', 'Get-ItemProperty', 'Get-LocalUser', 'Get-Module', 'Get-NetFirewallRule', 'Get-Random', 'Get-ScheduledTask'],
  ...['Get-TimeZone', 'Import-Module', 'Invoke-RestMethod', 'Invoke-WebRequest', 'Join-Path', 'Move-Item', 'New-Item', 'New-ItemProperty'],
  ...['New-LocalUser', 'New-NetFirewallRule', 'New-Object', 'New-ScheduledTaskAction', 'New-ScheduledTaskPrincipal'],
  ...['New-ScheduledTaskSettingsSet', 'New-ScheduledTaskTrigger', 'Out-Null', 'Register-ScheduledTask', 'Remove-Item', 'Restart-Computer'],
  ...['Restart-Service', 'Select-Object', 'Set-Content', 'Set-LocalUser', 'Set-Location', 'Set-NetFirewallRule', 'Set-Service'],
  ...['Set-StrictMode', 'Set-TimeZone', 'Set-Variable', 'Split-Path', 'Start-Process', 'Start-Service', 'Start-Sleep', 'Test-Path'],
  ...['Unregister-ScheduledTask', 'Where-Object', 'Write-Host', 'Write-Output'],
]);

const AWS_CMDLETS = new Set(['Get-CFNStack', 'Get-SECSecretValue', 'New-EC2Tag', 'Read-S3Object', 'Send-CFNResourceSignal']);

// These are functions of script modules, which do not see the preferences of the script that calls them.
const SCRIPT_MODULE_CMDLETS = /^(?:Get|New|Set)-NetFirewallRule$|-ScheduledTask/;

// Scripts that are the same in two contexts are looked at once.
const RENDERED = new Map<string, string>();
for (const [context, values] of Object.entries(WINDOWS_CONTEXTS)) {
  for (const [name, text] of Object.entries(renderWindows(values))) {
    if (!RENDERED.has(text)) {
      RENDERED.set(text, `${context}: ${name}`);
    }
  }
}
const SCRIPTS: PowerShellScript[] = parsePowerShell(Object.fromEntries([...RENDERED].map(([text, name]) => [name, text])));

const statements = (script: PowerShellScript): PowerShellNode[] => {
  const list = script.root.children.find((node) => node.type === 'statement_list');
  return list === undefined ? [] : [...list.children];
};

const commandName = (script: PowerShellScript, command: PowerShellNode): string | undefined => {
  const name = command.children.find((node) => node.type === 'command_name');
  return name === undefined ? undefined : script.textOf(name);
};

const functionNames = (script: PowerShellScript): string[] => script.nodes('function_name').map((node) => script.textOf(node));

/** Each rule: what is wrong with a script, in words; nothing when it keeps the rule. */
const RULES: { readonly [rule: string]: (script: PowerShellScript) => string[] } = {
  'parses without an error': (script) => script.errors,

  'is strict from its first statement on': (script) => {
    const [first, second] = statements(script).map((node) => script.textOf(node).trim());
    return first === 'Set-StrictMode -Version 2' && second === "$ErrorActionPreference = 'Stop'" ? [] : [`begins with ${first}; ${second}`];
  },

  'calls only its own functions and known cmdlets, by their full names': (script) => {
    const known = new Set([...functionNames(script), ...CMDLETS, ...AWS_CMDLETS]);
    return script
      .nodes('command')
      .map((command) => commandName(script, command))
      .filter((name) => name !== undefined && !known.has(name))
      .map((name) => `calls ${name}`);
  },

  'defines no function twice, and none under the name of a cmdlet': (script) => {
    const names = functionNames(script);
    return names.filter((name, index) => names.indexOf(name) !== index || CMDLETS.has(name) || AWS_CMDLETS.has(name));
  },

  'names functions with an approved verb': (script) =>
    functionNames(script).filter(
      (name) =>
        !/^(?:Add|ConvertTo|Get|Import|Install|Invoke|Limit|New|Open|Publish|Register|Remove|Request|Restart|Save|Send|Set|Start|Stop|Test|Unregister|Wait|Write|Read)-[A-Z][A-Za-z0-9]+$/.test(
          name,
        ),
    ),

  'looks at the exit code of every program right after it': (script) =>
    script
      .nodes('command')
      .filter((command) => command.children.some((node) => node.type === 'command_invokation_operator'))
      .filter((command) => !/^& \$Action\b/.test(script.textOf(command)))
      .filter(
        (command) => !/^(?:.*\n)(?:[^\n]*\} catch \{\n.*\n\s*\}\n)?\s*if \([^\n]*\$LASTEXITCODE/.test(script.text.slice(command.start)),
      )
      .map((command) => script.textOf(command)),

  'starts programs through the functions that check their exit code': (script) =>
    script
      .nodes('command')
      .filter((command) => /\.exe$/i.test(commandName(script, command) ?? '') || commandName(script, command) === 'Start-Process')
      .filter((command) => !/-PassThru\n\s*if \(\$SuccessCode -notcontains \$Process\.ExitCode\)/.test(script.text.slice(command.start)))
      .map((command) => script.textOf(command)),

  'has no "!", which binds closer than a comparison': (script) =>
    script
      .nodes('!', 'expression_with_unary_operator')
      .filter((node) => script.textOf(node).startsWith('!'))
      .map((node) => script.textOf(node)),

  'sets no variable of the script inside a function': (script) => {
    const assigned = (node: PowerShellNode): string[] =>
      descendants(node)
        .filter((each) => each.type === 'left_assignment_expression')
        .map((each) => script.textOf(each))
        .filter((text) => /^\$[A-Za-z]+$/.test(text));
    const functions = script.nodes('function_statement');
    const inFunctions = new Set(functions.flatMap(assigned));
    const atTop = new Set(
      statements(script)
        .filter((node) => node.type !== 'function_statement')
        .flatMap(assigned),
    );
    // Relaxed on purpose, for the function alone.
    const both = [...inFunctions].filter((name) => atTop.has(name) && name !== '$ErrorActionPreference');
    return [
      ...both,
      ...script
        .nodes('variable')
        .map((node) => script.textOf(node))
        .filter((name) => /^\$(?:script|global):/i.test(name)),
    ];
  },

  'gives functions of script modules an error action of their own': (script) =>
    script
      .nodes('command')
      .filter((command) => SCRIPT_MODULE_CMDLETS.test(commandName(script, command) ?? ''))
      .filter((command) => !/ -ErrorAction (?:Stop|SilentlyContinue)\b/.test(script.textOf(command)))
      .map((command) => script.textOf(command)),

  'uses the AWS cmdlets with a region': (script) =>
    script
      .nodes('command')
      .filter((command) => AWS_CMDLETS.has(commandName(script, command) ?? ''))
      .filter((command) => !/ -Region | @(?:To|Signal)\b/.test(script.textOf(command)))
      .map((command) => script.textOf(command)),

  'has nothing that Windows PowerShell 5.1 lacks': (script) =>
    script.nodes('&&', '||', '??', '??=', '?.', 'ternary_expression').map((node) => script.textOf(node)),

  'is in ASCII, with line feeds, and without blanks at the end of a line': (script) => [
    ...(script.text.match(/[^\n\x20-\x7e]/g) ?? []).map((character) => JSON.stringify(character)),
    ...(script.text.match(/.* $/gm) ?? []),
  ],

  'has no more than two empty lines in a row': (script) => (/\n\n\n/.test(script.text) ? ['three line feeds in a row'] : []),

  'has no trace of the template or of a value that is missing': (script) =>
    // [IO.FileShare]::None is meant.
    script.text.match(
      /\{\{|\}\}\}|\{%|%\}|\{#|#\}|(?<!::|'ReadWrite', ')\bNone\b|undefined|\[object|\$\{Token|&(?:quot|amp|lt|gt|#39);/g,
    ) ?? [],

  'hands no secret to a log, a file or another program': (script) =>
    script.text
      .split('\n')
      .filter((line) => /\$Password\b|\$Secret\b/.test(line) && /Write-|WriteAllText|-ArgumentList|SetEnvironmentVariable/.test(line)),

  'has no function that nobody calls': (script) => {
    const offered = new Set(script.name.endsWith('user_data.ps1') || script.name.endsWith('runner.ps1') ? [] : PRELUDE_FUNCTIONS);
    const called = new Set(script.nodes('command').map((command) => commandName(script, command)));
    return functionNames(script).filter((name) => !called.has(name) && !offered.has(name) && !SHARED_WITH_PRELUDE.has(name));
  },
};

// What the prelude offers to every phase script, a team's own among them.
const PRELUDE_FUNCTIONS = [
  ...['Write-NodeLog', 'Stop-NodePhase', 'Invoke-WithRetry', 'Invoke-NativeCommand', 'Invoke-Installer', 'Request-NodeReboot'],
  ...['Get-InstanceMetadata', 'Get-InstanceTag', 'Import-AwsTools', 'Get-NodeSecret', 'Save-VerifiedDownload', 'Set-RegistryValue'],
  ...['Write-StateFile', 'Read-StateFile', 'Test-StateFile', 'Remove-StateFile'],
];

// Files that runner and phases both include.
const SHARED_WITH_PRELUDE = new Set(['Stop-NodePhase', 'Get-NodeSecret', 'Invoke-Installer']);

describe.each(Object.entries(RULES))('every script %s', (_, rule) => {
  test.each(SCRIPTS.map((script) => [script.name, script] as const))('%s', (__, script) => {
    expect(rule(script)).toEqual([]);
  });
});

describe('the rules notice', () => {
  const script = (text: string): PowerShellScript => parsePowerShell({ 'x: setup.ps1': text })[0];
  const strict = "Set-StrictMode -Version 2\n$ErrorActionPreference = 'Stop'\n";

  test.each([
    ['parses without an error', `${strict}if ($true) {\n`],
    ['parses without an error', `${strict}$A = "open\n`],
    ['parses without an error', `${strict}$A = @'\ntext\n 'not the end\n`],
    ['is strict from its first statement on', "$ErrorActionPreference = 'Stop'\nSet-StrictMode -Version 2\n"],
    ['calls only its own functions and known cmdlets, by their full names', `${strict}Get-Something\n`],
    ['calls only its own functions and known cmdlets, by their full names', `${strict}dir | Out-Null\n`],
    ['calls only its own functions and known cmdlets, by their full names', `${strict}Get-ChildItem | % { 1 }\n`],
    ['defines no function twice, and none under the name of a cmdlet', `${strict}function Get-A {\n}\nfunction Get-A {\n}\n`],
    ['defines no function twice, and none under the name of a cmdlet', `${strict}function Get-Acl {\n}\n`],
    ['names functions with an approved verb', `${strict}function Ensure-Thing {\n}\n`],
    ['looks at the exit code of every program right after it', `${strict}& "$PSHOME\\tool.exe" -x\n$A = 1\n`],
    ['looks at the exit code of every program right after it', `${strict}& $Program -x\n`],
    ['starts programs through the functions that check their exit code', `${strict}tar.exe -xf a\n`],
    ['starts programs through the functions that check their exit code', `${strict}Start-Process -FilePath 'a' -Wait\n`],
    ['has no "!", which binds closer than a comparison', `${strict}if (!$A -eq $B) {\n  exit 1\n}\n`],
    ['sets no variable of the script inside a function', `${strict}$Flag = $false\nfunction Set-Flag {\n  $Flag = $true\n}\n`],
    ['sets no variable of the script inside a function', `${strict}function Set-Flag {\n  $script:Flag = $true\n}\n`],
    ['gives functions of script modules an error action of their own', `${strict}New-NetFirewallRule -Name 'a'\n`],
    ['uses the AWS cmdlets with a region', `${strict}Get-CFNStack -StackName 'a'\n`],
    ['has nothing that Windows PowerShell 5.1 lacks', `${strict}Get-Acl && Get-Acl\n`],
    ['is in ASCII, with line feeds, and without blanks at the end of a line', `${strict}# a \u2014 b\n`],
    ['is in ASCII, with line feeds, and without blanks at the end of a line', `${strict}$A = 1 \n`],
    ['has no more than two empty lines in a row', `${strict}\n\n\n$A = 1\n`],
    ['has no trace of the template or of a value that is missing', `${strict}$A = "None"\n`],
    ['hands no secret to a log, a file or another program', `${strict}Write-NodeLog "the password is $Password"\n`],
    ['has no function that nobody calls', `${strict}function Get-Nothing {\n}\n`],
  ])('%s', (rule, text) => {
    expect(RULES[rule](script(text))).not.toEqual([]);
  });
});
