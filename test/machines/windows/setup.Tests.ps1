# Functions of the setup, with stand-ins for the time service, the DCV server of an image, CloudFormation and the proxy of the machine.
BeforeAll {
  $ErrorActionPreference = 'Stop'
  . (Join-Path $PSScriptRoot functions.ps1)
  $text = [IO.File]::ReadAllText("$env:SCRIPTS/stacks/bootstrap/setup.ps1") + [IO.File]::ReadAllText("$env:SCRIPTS/agents/bootstrap/setup.ps1")
  $functions = (Get-FunctionText $text).Replace('[Microsoft.Win32.Registry]::GetValue', 'Get-RegistryValue').Replace('[Environment]::GetEnvironmentVariable(', '(Get-Variable ')
  . ([scriptblock]::Create($functions.Replace('[Environment]::SetEnvironmentVariable', 'Set-MachineVariable')))
  function Write-Host { }
  function Start-Sleep { $machine.Slept++ }
  function Get-RegistryValue($Arguments) { $machine.Registry[$Arguments[1]] }
  function Get-Variable($Arguments) { $machine.Variables[$Arguments[0]] }
  function Set-MachineVariable($Arguments) { $machine.Variables[$Arguments[0]] = $Arguments[1] }
  function Set-RegistryValue { }
  function Set-Service { }
  function Start-Service { }
  function Invoke-NativeCommand($FilePath, $ArgumentList) { $machine.Calls.Add("$(($FilePath -split '[\\/]')[-1]) $ArgumentList") }
  function Get-Service {
    if ($machine.Pending-- -le 0) { $machine.Status = 'Running' }
    [pscustomobject]@{ Status = $machine.Status }
  }
  function Stop-Service { if ($machine.Status -ne 'Running') { throw 'it takes no order now' }; $machine.Calls.Add('stop') }
  function Invoke-AwsQuery { & $machine.Stack }
}

Describe 'the setup' {
  BeforeEach {
    $StateFolder = Join-Path $TestDrive "$(New-Guid)"
    $NodeLogFile = ''
    $env:SystemRoot = '/windows'
    $machine = @{ Calls = [Collections.Generic.List[string]]::new(); Registry = @{}; Variables = @{}; Slept = 0; Status = 'StartPending'; Pending = 0; Stack = { '<StackStatus>CREATE_COMPLETE</StackStatus>' } }
  }

  It 'sets the source of the time where it is another, and never on a member of a domain: <Type> <Source>' -ForEach @(
    @{ Type = 'NTP'; Source = 'time.windows.com,0x8'; Set = $true }
    @{ Type = $null; Source = $null; Set = $true }
    @{ Type = 'NTP'; Source = '169.254.169.123,0x9'; Set = $false }
    @{ Type = 'NT5DS'; Source = 'time.windows.com,0x8'; Set = $false }
  ) {
    $machine.Registry = @{ Type = $Type; NtpServer = $Source }
    Set-TimeSynchronization
    $machine.Calls[-1] | Should -Be 'w32tm.exe /resync /force'
    @($machine.Calls) -like '* /config *' | Should -HaveCount ([int]$Set)
  }

  It 'asks for a restart when the proxy is new to the services, and only then' {
    Set-MachineProxy
    Read-StateFile -Name 'reboot-requested' | Should -Be 'continue services see the proxy after it'
    Remove-StateFile -Name 'reboot-requested'
    Set-MachineProxy
    Test-StateFile -Name 'reboot-requested' | Should -BeFalse
  }

  It 'stops the DCV server of an image, which may still be starting' {
    $machine.Pending = 90
    Stop-ImageDesktop
    $machine.Calls | Should -Be @('stop')
    $machine.Slept | Should -BeGreaterThan 80
  }

  It 'repeats the phase after the restart when any of its requests wants that' {
    Request-NodeReboot -Reason 'first' -RepeatPhase
    Request-NodeReboot -Reason 'an installer'
    Read-StateFile -Name 'reboot-requested' | Should -Be 'repeat an installer'
    Remove-StateFile -Name 'reboot-requested'
    Request-NodeReboot -Reason 'an installer'
    Read-StateFile -Name 'reboot-requested' | Should -Be 'continue an installer'
  }

  It 'waits for stacks as long as it is to, whatever the clock says' {
    $answers = [Collections.Generic.Queue[string]]::new([string[]]@('CREATE_IN_PROGRESS', 'UPDATE_COMPLETE_CLEANUP_IN_PROGRESS', 'CREATE_COMPLETE'))
    $machine.Stack = { "<StackStatus>$($answers.Dequeue())</StackStatus>" }
    $VALUE_CONFIGURATION_WAIT_FOR_STACKS_1 = 'other'
    Wait-ConfiguredStacks
    $answers.Count | Should -Be 0
    $machine.Stack = { '<StackStatus>CREATE_IN_PROGRESS</StackStatus>' }
    $watch = [Diagnostics.Stopwatch]::StartNew()
    { Wait-Stack -StackName 'network' -Watch $watch -TimeoutSeconds 1 } | Should -Throw 'stack network: not complete after 1 s: CREATE_IN_PROGRESS'
    $watch.Elapsed.TotalSeconds | Should -BeGreaterOrEqual 1
    Get-FunctionText $text -Name 'Wait-ConfiguredStacks', 'Wait-Stack' | Should -Not -Match 'Now|Get-Date'
  }

  It 'fails with a stack that fails, and with one that it may not read' {
    $watch = [Diagnostics.Stopwatch]::StartNew()
    $machine.Stack = { '<StackStatus>ROLLBACK_IN_PROGRESS</StackStatus>' }
    { Wait-Stack -StackName 'network' -Watch $watch -TimeoutSeconds 9 } | Should -Throw 'stack network: expected it to become complete, got ROLLBACK_IN_PROGRESS'
    $machine.Stack = { throw 'https://x: HTTP 403 not authorized' }
    { Wait-Stack -StackName 'network' -Watch $watch -TimeoutSeconds 9 } | Should -Throw 'stack network: cannot be read: *403*'
  }
}
