<#
.SYNOPSIS
Runs generated scripts and prints, for each, what their calls of Arrive got; or the error.

.DESCRIPTION
A line of the file is one script: its text and then NAME=VALUE of its variables, separated by tabs. Texts travel as UTF-16 in
base64: they hold anything.
#>
param([Parameter(Mandatory)] [string] $Path)
$ErrorActionPreference = 'Stop'
Remove-Item Alias:echo

function ConvertFrom-Base64([string] $Text) { [Text.Encoding]::Unicode.GetString([Convert]::FromBase64String($Text)) }
function ConvertTo-Base64([string] $Text) { [Convert]::ToBase64String([Text.Encoding]::Unicode.GetBytes($Text)) }
function Echo { $args -join ' ' }
function Arrive { $global:arrivals.Add(@($args | ForEach-Object { ConvertTo-Base64 $(if ($_ -is [bool]) { "$_".ToLowerInvariant() } else { "$_" }) }) -join ',') }

foreach ($line in [IO.File]::ReadLines($Path)) {
  $script, $variables = $line -split '\t'
  $global:arrivals = [Collections.Generic.List[string]]::new()
  try {
    $scope = [Collections.Generic.List[psvariable]]::new()
    foreach ($variable in $variables) {
      $name, $value = $variable -split '=', 2
      $scope.Add([psvariable]::new($name, (ConvertFrom-Base64 $value)))
    }
    $null = [scriptblock]::Create((ConvertFrom-Base64 $script)).InvokeWithContext(@{}, $scope, @())
    'arrived ' + ($global:arrivals -join ';')
  } catch {
    'error ' + (ConvertTo-Base64 "$_")
  }
}
