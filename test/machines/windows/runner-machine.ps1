# The runner's functions on a machine that is not Windows, for whoever tests them: real state files and manifest; steps, tasks, tags and
# signals are stand-ins that write down what they were asked for.
$ErrorActionPreference = 'Stop'
. (Join-Path $PSScriptRoot functions.ps1)
$env:SystemRoot = '/windows'
$text = [IO.File]::ReadAllText("$env:SCRIPTS/runner.ps1") -replace '(?<=\$ImageFolder)\\', '/' -replace '\$PSScriptRoot', '"$StateFolder/bootstrap"'
$functions = Get-FunctionText $text
. ([scriptblock]::Create($functions.Replace('[IO.Directory]::CreateDirectory($Path, $Acl)', '[IO.Directory]::CreateDirectory($Path)')))

function Start-Sleep { }
function Start-RealSleep { [Threading.Thread]::Sleep(1100) }
function Get-Acl { [pscustomobject]@{ Sddl = 'O:BAG:SYD:P(A;OICI;FA;;;SY)' } }
function New-Object($TypeName, $ArgumentList) {
  if ($TypeName -eq 'Security.AccessControl.DirectorySecurity') { return [pscustomobject]@{} | Add-Member ScriptMethod SetSecurityDescriptorSddlForm { } -PassThru }
  Microsoft.PowerShell.Utility\New-Object -TypeName $TypeName -ArgumentList $ArgumentList
}
function Write-Host { }
function Get-ItemProperty { [pscustomobject]@{ CurrentBuild = '20348'; UBR = 2700 } }
function Get-GpuVendor { $machine.Gpu }
function Get-InstanceMetadata($Path) { @{ 'instance-id' = 'i-1'; 'placement/region' = 'eu-west-1'; 'iam/security-credentials/' = 'role'; 'iam/security-credentials/role' = '{"AccessKeyId" : "A", "SecretAccessKey" : "S", "Token" : "T"}'; 'services/domain' = 'amazonaws.com.cn'; '../dynamic/instance-identity/document' = '{"a": 1}'; '../dynamic/instance-identity/signature' = "a`nb`n" }[$Path] }
function Get-InstanceTag($Key) { $machine.Tags[($Key -replace '.*:')] }
function Assert-MetadataGuard { if ($machine.Calls -notcontains 'step setup_user_customization' -or $machine.Unguarded) { throw 'no guard' } }
# What the runner does at each start, but for the lock.
function Start-Runner {
  try {
    if (-not (Test-StateFile -Name 'result')) { Invoke-Bootstrap }
  } catch {
    if ("$_" -eq 'restart') { throw }
    Save-Failure -Reason $_.Exception.Message
  }
  Complete-Bootstrap
}
function Test-RestartRequest { $machine.RestartAsked }
function Get-WinEvent { }
function Unregister-ResumeTask { $machine.Calls.Add('no task') }
$AwsClock = @{ Ahead = [TimeSpan]::Zero }
# EC2 takes tags; CloudFormation takes a signal with the document, or answers what the test says.
function Send-WebRequest([string] $Url, [hashtable] $Headers, [string] $Method, [string] $Body) {
  if ($machine.NoRole -and "$($Headers['authorization'])" -like 'AWS4-*') { throw 'https://x: HTTP 404 no role' }
  $address = [Uri]$Url
  if ($address.Host -eq 'ec2.eu-west-1.amazonaws.com.cn') {
    $fields = [Web.HttpUtility]::ParseQueryString($Body)
    "$Method $($fields['Action']) $($fields['ResourceId.1']) $($fields['Tag.1.Key'])" | Should -Be 'POST CreateTags i-1 cluster-node:State'
    $fields['Tag.2.Key'] | Should -Be 'cluster-node:PhaseSeconds'
    $machine.Seconds = $fields['Tag.2.Value']
    return $machine.Calls.Add("tags $(@($fields['Tag.1.Value'], $fields['Tag.3.Value']).Where({ $_ }) -join '; ')")
  }
  $Headers['authorization'] | Should -BeExactly 'CFN_V1 eyJhIjogMX0=:ab'
  "$($address.Scheme) $($address.Host) $($address.AbsolutePath)" | Should -Be 'https cloudformation.eu-west-1.amazonaws.com.cn /'
  $query = [Web.HttpUtility]::ParseQueryString($address.Query)
  "$($query['Action']) $($query['Version']) $($query['StackName']) $($query['LogicalResourceId'])" | Should -Be 'SignalResource 2010-05-15 st & co res'
  $machine.Calls.Add("signal $($query['Status']) '$($query['UniqueId'])'")
  if ($machine.SignalFaults-- -gt 0) { throw 'no network' }
  $answer, $machine.Answers = $machine.Answers
  if ($answer) { throw "https://x: HTTP $answer" }
}
function Save-RestartRequest { $machine.Calls.Add("request, done $(Test-StateFile -Name 'phases\virtual_desktop.install.done')") }
function Restart-Node($Reason) { $machine.Calls.Add("restart: $Reason"); throw 'restart' }
# A step: what it says of itself, or how its process was ended.
function Invoke-StepProcess($Name, $Script, $TimeoutSeconds) {
  $machine.Calls.Add("step $Name")
  $end = if ($machine.Steps.ContainsKey($Name)) { & $machine.Steps[$Name] } else { 'done' }
  if ($end -match '^(done|exit)') { Write-StateFile -Name 'outcome' -Content $end; return 0 }
  $end
}
function Start-ScriptProcess($File, $Log, $WorkingDirectory) {
  $machine.Calls.Add("process $(Split-Path -Leaf $File) > $Log, mark $(Test-StateFile -Name 'added-commands.started'), result $(Read-StateFile -Name 'result'), signalled $(Read-StateFile -Name 'signalled')")
  [pscustomobject]@{ ExitCode = 3 } | Add-Member ScriptMethod WaitForExit { } -PassThru
}
