# What stage 0 runs from the bundle: real state files and a real lock; tasks and the files of the bundle are stand-ins.
BeforeAll {
  $ErrorActionPreference = 'Stop'
  . (Join-Path $PSScriptRoot functions.ps1)
  $text = [IO.File]::ReadAllText("$env:SCRIPTS/bootstrap/start.ps1").Replace('$PSScriptRoot', "'bundle'")
  . ([scriptblock]::Create((Get-FunctionText $text)))
  function Write-Host { }
  function Stop-ScheduledTask($TaskName) { $machine.Calls.Add("stop $TaskName"); & $machine.OnStop }
  function Install-BundleFiles($Source) { $machine.Calls.Add("install from $Source") }
  function Register-StartupTask($Name) { $machine.Calls.Add("register $Name") }
  function Start-ScheduledTask($TaskName) { $machine.Calls.Add("start $TaskName") }
  function Open-Lock { [IO.File]::Open("$StateFolder/runner.lock", 'OpenOrCreate') }
}

Describe 'the start of the runner' {
  BeforeEach {
    $StateFolder = Join-Path $TestDrive "$(New-Guid)"
    [void][IO.Directory]::CreateDirectory("$StateFolder/logs")
    $NodeLogFile = ''
    $Values = 'VALUE_A=YQ=='
    $AddedCommands = ''
    $machine = @{ Calls = [Collections.Generic.List[string]]::new(); OnStop = {}; Lock = $null }
    $steps = 'install from bundle', 'register ClusterNodeBootstrap', 'start ClusterNodeBootstrap'
  }
  AfterEach { if ($machine.Lock) { $machine.Lock.Dispose() } }

  It 'ends the runner of an image first, and its logs go' {
    [IO.File]::WriteAllText("$StateFolder/logs/setup.log", '')
    Start-Runner
    $machine.Calls | Should -Be (@('stop ClusterNodeBootstrap') + $steps)
    Read-StateFile -Name 'values' | Should -Be $Values
    Test-Path "$StateFolder/logs/setup.log" | Should -BeFalse
  }

  It 'is tried again when the runner of an image has not ended yet' {
    $machine.Lock = Open-Lock
    { Start-Runner } | Should -Throw 'the runner of the image is still at work'
    $machine.OnStop = { $machine.Lock.Dispose() }
    Start-Runner
    $machine.Calls[-3..-1] | Should -Be $steps
  }

  It 'leaves a runner of its own alone, and the logs' {
    Start-Runner
    $machine.Calls.Clear()
    [IO.File]::WriteAllText("$StateFolder/logs/setup.log", '')
    $machine.Lock = Open-Lock
    Start-Runner
    $machine.Calls | Should -BeNullOrEmpty
    $machine.Lock.Dispose()
    Start-Runner
    $machine.Calls | Should -Be $steps
    Test-Path "$StateFolder/logs/setup.log" | Should -BeTrue
  }
}
