# Parts of the runner: restarts, state files, processes and files of the bundle.
BeforeAll { . (Join-Path $PSScriptRoot runner-machine.ps1) }

Describe 'a restart' {
  BeforeAll {
    . ([scriptblock]::Create((Get-FunctionText $text -Name 'Restart-Node', 'Wait-Restart')))
    function Save-RestartRequest { $calls.Add("asked at $(Read-StateFile 'reboots')") }
    function Restart-Computer([switch] $Force) { $calls.Add('Restart-Computer'); if ($inProgress) { throw 'a system shutdown is in progress (1115)' } }
    function Invoke-NativeCommand($FilePath, $ArgumentList) { $calls.Add("$(($FilePath -split '[\\/]')[-1]) $ArgumentList") }
    function Start-Sleep($Seconds) { $calls.Add("sleep $Seconds") }
  }

  It 'is waited for, asked for again, and only then a failure: <_>' -ForEach $false, $true {
    $inProgress = $_
    $StateFolder = Join-Path $TestDrive "restart $_"
    $NodeLogFile = ''
    $calls = [Collections.Generic.List[string]]::new()
    $RunningTime = @{ Watch = [Diagnostics.Stopwatch]::StartNew(); Before = 0 }
    Write-StateFile -Name 'starts' -Content '3'
    { Restart-Node -Reason 'drivers' } | Should -Throw 'a restart was asked for twice, and the node was still up 1202 seconds later: drivers'
    $calls | Should -Be 'asked at 1', 'Restart-Computer', 'sleep 601', 'shutdown.exe /r /f /t 0', 'sleep 601'
    Test-StateFile -Name 'starts' | Should -BeFalse
  }

  It 'of somebody else is waited for before a failure counts, and nothing fails by looking for it: <Name>' -ForEach @(
    @{ Name = 'asked for'; Events = { [pscustomobject]@{ Message = 'updates' } }; Own = $false; Slept = 'sleep 15', 'sleep 601' }
    @{ Name = 'asked for by the node'; Events = { [pscustomobject]@{ Message = 'the node' } }; Own = $true; Slept = @('sleep 15') }
    @{ Name = 'not asked for'; Events = { }; Own = $false; Slept = @('sleep 15') }
    @{ Name = 'no log'; Events = { throw 'the service is not running' }; Own = $false; Slept = @('sleep 15') }
  ) {
    $StateFolder = Join-Path $TestDrive "foreign $Name"
    $NodeLogFile = ''
    $calls = [Collections.Generic.List[string]]::new()
    $machine = @{ RestartAsked = $Own }
    $RunningTime = @{ Watch = [Diagnostics.Stopwatch]::StartNew(); Before = 0 }
    $found = $Events
    function Get-WinEvent($FilterHashtable, $MaxEvents) {
      "$($FilterHashtable.LogName) $($FilterHashtable.Id)" | Should -Be 'System 1074'
      (Get-Date) - $FilterHashtable.StartTime | Should -BeLessThan ([TimeSpan]::FromMinutes(1))
      & $found
    }
    # EC2 takes no control characters in a tag.
    Save-Failure -Reason "the`0`n installer`u{1b}"
    $calls | Should -Be $Slept
    Read-StateFile -Name 'result' | Should -Be 'failed the installer'
  }

  It 'is counted and limited' {
    $StateFolder = Join-Path $TestDrive 'restarts'
    $NodeLogFile = ''
    Write-StateFile -Name 'reboots' -Content '5'
    { Restart-Node -Reason 'drivers' } | Should -Throw 'restart number 6 is one more than allowed (5), asked for by: drivers'
  }
}

Describe 'state files' {
  It 'are written and read while a virus scanner has them open for a moment' {
    $StateFolder = Join-Path $TestDrive 'files'
    $tries = @(0)
    Invoke-FileAction -Action { $tries[0]++; if ($tries[0] -lt 4) { throw [IO.IOException]::new('in use') }; 'read' } | Should -Be 'read'
    { Invoke-FileAction -Action { throw [ArgumentException]::new('no') } } | Should -Throw 'no'
    $tries[0] = 0
    { Invoke-FileAction -Action { $tries[0]++; throw [UnauthorizedAccessException]::new('never') } } | Should -Throw 'never'
    $tries[0] | Should -Be 50
    $tries[0] = 0
    { Invoke-FileAction -Action { $tries[0]++; throw [IO.IOException]::new('disk full', -2147024784) } } | Should -Throw 'disk full'
    $tries[0] | Should -Be 1
    Write-StateFile -Name 'a' -Content 'one'
    Write-StateFile -Name 'a' -Content "tw`u{f6}"
    Read-StateFile -Name 'a' | Should -Be "tw`u{f6}"
    Read-StateFile -Name 'nothing' | Should -Be ''
  }
}

Describe 'processes of steps' {
  BeforeEach {
    $StateFolder = Join-Path $TestDrive "$(New-Guid)"
    $NodeLogFile = ''
    $RunningTime = @{ Watch = [Diagnostics.Stopwatch]::StartNew(); Before = 40 }
    $ended = [Collections.Generic.List[string]]::new()
    function Invoke-NativeCommand($FilePath, $ArgumentList, $SuccessCode) { $ended.Add("$(($FilePath -split '[\\/]')[-1]) $ArgumentList"); throw 'taskkill.exe ended with exit code 5' }
    $running = [Diagnostics.Process]::Start('sleep', '60')
  }
  AfterEach { $running.Kill() }

  It 'are ended with all that they have started when they are out of time, and that fails nothing' {
    Wait-ScriptProcess -Process $running -TimeoutSeconds 1 | Should -BeNullOrEmpty
    $ended | Should -Be "taskkill.exe /PID $($running.Id) /T /F"
    [int](Read-StateFile -Name 'running-seconds') | Should -BeGreaterOrEqual 41
    $good = [Diagnostics.Process]::Start('sh', '-c "exit 7"')
    Wait-ScriptProcess -Process $good -TimeoutSeconds 60 | Should -Be 7
  }

  It 'are started again when Windows has nothing left for them for a moment, and it is said when that lasts' {
    . ([scriptblock]::Create((Get-FunctionText $text -Name 'Start-ScriptProcess')))
    $slept = [Collections.Generic.List[int]]::new()
    function Start-Sleep($Seconds) { $slept.Add($Seconds); if ($slept.Count -eq $comesAfter) { [void](New-Item -ItemType SymbolicLink -Path "$env:SystemRoot/System32/cmd.exe" -Target '/bin/true') } }
    $before = $env:SystemRoot
    $env:SystemRoot = "$(New-Item -ItemType Directory -Path "$StateFolder/windows/System32")" | Split-Path -Parent
    try {
      $comesAfter = 2
      $process = Start-ScriptProcess -File 'a.ps1' -Log 'a.log' -WorkingDirectory $TestDrive
      $process.WaitForExit()
      $process.ExitCode | Should -Be 0
      $slept | Should -Be 15, 30
      [IO.File]::Delete("$env:SystemRoot/System32/cmd.exe")
      $comesAfter = 99
      { Start-ScriptProcess -File 'a.ps1' -Log 'a.log' -WorkingDirectory $TestDrive } | Should -Throw '*cmd.exe*'
      $slept | Should -HaveCount 4
    } finally {
      $env:SystemRoot = $before
    }
  }

  It 'are ended when their runner is gone, if they are still the same' {
    Stop-StepProcess
    Write-StateFile -Name 'step-process' -Content "$($running.Id) $($running.StartTime.ToUniversalTime().AddMinutes(-5).Ticks)"
    Stop-StepProcess
    Write-StateFile -Name 'step-process' -Content '999999999 1'
    Stop-StepProcess
    $ended | Should -HaveCount 0
    Write-StateFile -Name 'step-process' -Content "$($running.Id) $($running.StartTime.ToUniversalTime().Ticks)"
    Stop-StepProcess
    $ended | Should -Be "taskkill.exe /PID $($running.Id) /T /F"
    Test-StateFile -Name 'step-process' | Should -BeFalse
  }
}

Describe 'files of the bundle' {
  It 'are put in place with a byte order mark, each that is not right' {
    $StateFolder = Join-Path $TestDrive 'bundle'
    $source = "$StateFolder/unpacked"
    [void][IO.Directory]::CreateDirectory("$source/extra")
    [IO.File]::WriteAllText("$source/setup.ps1", "# `u{f6}")
    [IO.File]::WriteAllText("$source/extra/data.json", '{}')
    Install-BundleFiles -Source $source
    $setup = "$StateFolder/bootstrap/setup.ps1"
    [IO.File]::ReadAllBytes($setup) | Should -Be 0xEF, 0xBB, 0xBF, 0x23, 0x20, 0xC3, 0xB6
    [IO.File]::ReadAllText("$StateFolder/bootstrap/extra/data.json") | Should -Be '{}'
    [IO.File]::SetLastWriteTimeUtc($setup, [DateTime]::new(2020, 1, 1))
    [IO.File]::WriteAllBytes("$StateFolder/bootstrap/extra/data.json", [byte[]](0, 0))
    Install-BundleFiles -Source $source
    [IO.File]::GetLastWriteTimeUtc($setup).Year | Should -Be 2020
    [IO.File]::ReadAllText("$StateFolder/bootstrap/extra/data.json") | Should -Be '{}'
    Install-BundleFiles -Source "$StateFolder/bootstrap"
    [IO.File]::ReadAllBytes($setup) | Should -HaveCount 7
  }
}
