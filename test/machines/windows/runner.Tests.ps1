# The way of the runner through a bootstrap.
BeforeAll { . (Join-Path $PSScriptRoot runner-machine.ps1) }

Describe 'the runner' {
  BeforeEach {
    $StateFolder = Join-Path $TestDrive "$(New-Guid)"
    $ImageFolder = "$StateFolder-image"
    $NodeLogFile = ''
    $VALUE_CONFIGURATION_REGION = 'eu-west-1'
    $RunningTime = @{ Watch = [Diagnostics.Stopwatch]::StartNew(); Before = 0 }
    $machine = @{ NoRole = $false; RestartAsked = $false; Calls = [Collections.Generic.List[string]]::new(); Steps = @{}; Gpu = 'none'; SignalFaults = 0; Answers = @(); Unguarded = $false; Tags = @{ SignalStack = 'st & co'; SignalResource = 'res'; SessionOwner = 'alice' } }
    Copy-Item $env:SCRIPTS/bootstrap "$StateFolder/bootstrap" -Recurse
    $steps = 'step setup', 'step setup_post_reboot', 'step virtual_desktop.install', 'step virtual_desktop', 'step setup_user_customization', 'step virtual_desktop.check'
    $install = "$StateFolder/bootstrap/extra/virtual_desktop.install.ps1"
    $manifest = "$ImageFolder/manifest"
    # Tests say what it depends on.
    [IO.File]::WriteAllText($install, ([IO.File]::ReadAllText($install) -creplace '(?m)^# Depends on:.*\n'))
  }

  It 'runs install and configure of each phase in order, then tells' {
    Start-Runner
    $machine.Calls | Should -Be ($steps + 'tags ready', "signal SUCCESS 'i-1'", 'no task')
    [Convert]::FromBase64String((Read-StateFile 'launch-time-values').Split("`n")[0].Split('=', 2)[1]) | Should -Be ([Text.Encoding]::UTF8.GetBytes('alice'))
  }

  It 'refuses a node without a tag that it needs' {
    $machine.Tags.Remove('SessionOwner')
    Start-Runner
    Read-StateFile -Name 'result' | Should -BeLike 'failed the instance tag cluster-node:SessionOwner is missing*'
  }

  It 'marks a step as done before the restart that it asked for, and goes on behind it' {
    $machine.Steps['virtual_desktop.install'] = { Write-StateFile -Name 'reboot-requested' -Content 'continue the installer asks'; 'done' }
    { Start-Runner } | Should -Throw 'restart'
    $machine.Calls[-2, -1] | Should -Be 'request, done False', 'restart: phase virtual_desktop.install: the installer asks'
    $machine.Calls.Clear()
    Start-Runner
    $machine.Calls[0] | Should -Be 'step virtual_desktop'
  }

  It 'runs a step again behind a restart when it asked for that' {
    $machine.Steps.setup = { Write-StateFile -Name 'reboot-requested' -Content 'repeat for the domain'; 'done' }
    { Start-Runner } | Should -Throw 'restart'
    $machine.Steps.Clear()
    Start-Runner
    $machine.Calls -eq 'step setup' | Should -HaveCount 2
  }

  It 'fails with the reason that a step left, its exit code, or its limit' {
    foreach ($case in @(
        , @({ Write-StateFile -Name 'failure' -Content 'setup.ps1:7: no'; 'exit 1' }, 'setup.ps1:7: no')
        , @({ 'exit 9' }, 'exit code 9, see logs\setup.log')
        , @({ $null }, 'not finished after 1801 seconds')
      )) {
      Remove-StateFile -Name 'result'
      $machine.Steps.setup = $case[0]
      Start-Runner
      Read-StateFile -Name 'result' | Should -Be "failed phase setup: $($case[1])"
    }
    @($machine.Calls) -like 'step *' | Should -Be (@('step setup') * 3)
  }

  It 'runs a step again whose process was ended before it could say how it went, three times at most' {
    $machine.Ends = 0, 1
    $machine.Steps.setup = { $end, $machine.Ends = $machine.Ends; if ($null -eq $end) { 'done' } else { $end } }
    Start-Runner
    Read-StateFile -Name 'result' | Should -Be 'ready'
    $machine.Calls -eq 'step setup' | Should -HaveCount 3
    Remove-Item "$StateFolder/phases" -Recurse
    Remove-StateFile -Name 'result'
    $machine.Steps.setup = { 0 }
    Start-Runner
    Read-StateFile -Name 'result' | Should -Be 'failed phase setup: its process was ended 3 times before it could say how it went (exit code 0), see logs\setup.log'
  }

  It 'counts the time that it runs, not what the clock says' {
    Write-StateFile -Name 'running-seconds' -Content '7205'
    Start-Runner
    Read-StateFile -Name 'result' | Should -Be 'failed phase setup: no time left, the bootstrap has taken 7205 seconds'
    Remove-StateFile -Name 'result'
    Write-StateFile -Name 'running-seconds' -Content '100'
    $machine.Steps.setup = { Save-RunningTime; 'done' }
    Start-Runner
    [int](Read-StateFile -Name 'running-seconds') | Should -BeIn (100..160)
  }

  It 'counts its starts without progress' {
    $machine.Steps.setup_post_reboot = { throw 'restart' }
    1..5 | ForEach-Object { { Start-Runner } | Should -Throw 'restart' }
    Read-StateFile -Name 'starts' | Should -Be '4'
    Write-StateFile -Name 'starts' -Content '10'
    Start-Runner
    Read-StateFile -Name 'result' | Should -BeLike 'failed the runner has been started 10 times, and has been ended each time before a phase was done*'
    Remove-StateFile -Name 'result'
    Write-StateFile -Name 'starts' -Content '9'
    $machine.Steps.Clear()
    Start-Runner
    Read-StateFile -Name 'result' | Should -Be 'ready'
  }

  It 'waits for the restart that an earlier runner of this boot has asked for' {
    $machine.RestartAsked = $true
    function Wait-Restart($Reason) { throw "still up: $Reason" }
    Start-Runner
    Read-StateFile -Name 'result' | Should -Be 'failed still up: the runner that asked for it was ended'
    $machine.Calls -like 'step *' | Should -HaveCount 0
  }

  It 'tells once, and again only when that failed' {
    $machine.SignalFaults = 9
    { Start-Runner } | Should -Throw '*no network*'
    Test-StateFile -Name 'signalled' | Should -BeFalse
    $machine.Calls.Clear()
    Start-Runner
    $machine.Calls | Should -Be 'tags ready', "signal SUCCESS 'i-1'", 'no task'
    $machine.Calls.Clear()
    Start-Runner
    $machine.Calls | Should -Be 'no task'
  }

  It 'tells the reason of a failure, in what a tag and a signal can hold' {
    Write-StateFile -Name 'result' -Content "failed $('x' * 300)"
    Start-Runner
    $machine.Calls | Should -Be "tags failed; $('x' * 256)", "signal FAILURE 'i-1 $('x' * 60)'", 'no task'
  }

  It 'sends the bare id when the reason is refused, and is ready when CloudFormation wants no signal of it' {
    Write-StateFile -Name 'result' -Content "failed no$([char]::ConvertFromUtf32(0x1F600))"
    $machine.Answers = @('400 ValidationError')
    Start-Runner
    $machine.Calls[1..2] | Should -Be "signal FAILURE 'i-1 no??'", "signal FAILURE 'i-1'"
    foreach ($refusal in @('400 Stack st is in CREATE_COMPLETE state'), (@('403 not a member') * 4)) {
      Write-StateFile -Name 'result' -Content 'ready'
      Remove-StateFile -Name 'signalled'
      $machine.Calls.Clear()
      $machine.Answers = $refusal
      Start-Runner
      $machine.Calls | Select-Object -Unique | Should -Be 'tags ready', "signal SUCCESS 'i-1'", 'no task'
      Test-StateFile -Name 'signalled' | Should -BeTrue
    }
  }

  It 'sends a signal again that was throttled, or met a fault' {
    $machine.Answers = @('400 Throttling', '503 no')
    Start-Runner
    @($machine.Calls) -like 'signal *' | Should -HaveCount 3
  }

  It 'is not ready when users could reach the metadata service behind the last step' {
    $machine.Unguarded = $true
    Start-Runner
    Read-StateFile -Name 'result' | Should -Be 'failed no guard'
  }

  It 'signals without a role' {
    $machine.NoRole = $true
    Start-Runner
    $machine.Calls | Should -Be ($steps + "signal SUCCESS 'i-1'", 'no task')
  }

  Context 'the seconds' {
    BeforeEach {
      Write-StateFile -Name 'i-1' -Content ''
      [IO.File]::SetLastWriteTimeUtc("$StateFolder/i-1", [DateTime]::UtcNow.AddSeconds(-100))
    }

    It 'are those of all steps and starts, in the tag and the log, the same each time they are told' {
      $NodeLogFile = "$StateFolder/runner.log"
      $machine.Steps['virtual_desktop.install'] = { Start-RealSleep; Write-StateFile -Name 'reboot-requested' -Content 'continue drivers'; 'done' }
      { Start-Runner } | Should -Throw 'restart'
      $machine.SignalFaults = 9
      { Start-Runner } | Should -Throw '*no network*'
      $machine.Seconds | Should -Match '^total=10[0-9] setup=0 setup_post_reboot=0 virtual_desktop\.install=[12] virtual_desktop=0 setup_user_customization=0 virtual_desktop\.check=0$'
      $first = $machine.Seconds
      [IO.File]::SetLastWriteTimeUtc("$StateFolder/i-1", [DateTime]::UtcNow.AddSeconds(-200))
      Start-Runner
      $machine.Seconds | Should -Be $first
      [IO.File]::ReadAllText($NodeLogFile) | Should -Match "info seconds: $first\r?\n[^\n]* the bootstrap ended: ready"
    }

    It 'add up when a step runs more than once, and have the one that failed' {
      Write-StateFile -Name 'step-seconds' -Content "setup 7`n"
      $machine.Steps.setup = { Start-RealSleep; 'exit 9' }
      Start-Runner
      $machine.Seconds | Should -Match '^total=10[0-9] setup=[89]$'
    }

    It 'have no total when the clock was set by much' {
      foreach ($Ago in -3600, 86400) {
        Write-StateFile -Name 'result' -Content 'ready'
        foreach ($Name in 'phase-seconds', 'signalled') { Remove-StateFile -Name $Name }
        Write-StateFile -Name 'step-seconds' -Content "setup 7`n"
        [IO.File]::SetLastWriteTimeUtc("$StateFolder/i-1", [DateTime]::UtcNow.AddSeconds(-$Ago))
        Start-Runner
        $machine.Seconds | Should -Be 'setup=7'
      }
    }

    It 'fit into a tag' {
      Write-StateFile -Name 'result' -Content 'ready'
      Write-StateFile -Name 'step-seconds' -Content ((1..20 | ForEach-Object { "phase_with_a_long_name_$_ 100000" }) -join "`n")
      Start-Runner
      $machine.Seconds.Length | Should -BeIn (200..256)
      $machine.Seconds | Should -Match '=100000$'
    }

    It 'that cannot be noted change nothing' {
      $real = ${function:Write-StateFile}
      function Write-StateFile($Name, $Content) { if ($Name -like '*seconds' -and $Name -ne 'running-seconds') { throw 'disk full' }; & $real -Name $Name -Content $Content }
      Start-Runner
      Read-StateFile -Name 'result' | Should -Be 'ready'
      $machine.Seconds | Should -Match '^total=10[0-9]$'
    }
  }

  Context 'added commands' {
    BeforeEach { Write-StateFile -Name 'added-commands.ps1' -Content 'mine' }

    It 'run once, marked before, when ready has been told' {
      Start-Runner
      $machine.Calls[-2] | Should -Be 'process added-commands.ps1 > added-commands.log, mark True, result ready, signalled SUCCESS'
      Start-Runner
      $machine.Calls -like 'process *' | Should -HaveCount 1
    }

    It 'do not run on a node that failed, or has not told yet' {
      Write-StateFile -Name 'result' -Content 'failed phase setup: no'
      Start-Runner
      Remove-StateFile -Name 'signalled'
      Write-StateFile -Name 'result' -Content 'ready'
      $machine.SignalFaults = 9
      { Start-Runner } | Should -Throw
      $machine.Calls -like 'process *' | Should -HaveCount 0
    }

    It 'change nothing when they cannot be started' {
      function Start-ScriptProcess { throw 'no memory' }
      Start-Runner
      Read-StateFile -Name 'result' | Should -Be 'ready'
    }
  }

  Context 'an image' {
    It 'gets each install once, and a boot of it runs none' {
      Invoke-ImageInstalls | Should -Be 0
      Invoke-ImageInstalls | Should -Be 0
      $machine.Calls | Should -Be 'step virtual_desktop.install'
      [IO.File]::ReadAllText($manifest) | Should -Match '^virtual_desktop [0-9A-F]{64}$'
      $machine.Calls.Clear()
      Start-Runner
      $machine.Calls -like '*.install' | Should -HaveCount 0
      $machine.Calls | Should -Contain 'step virtual_desktop'
    }

    It 'has an install again when its text is another one, and does not claim to have it meanwhile' {
      [void](Invoke-ImageInstalls)
      [IO.File]::AppendAllText($install, '# another version')
      $machine.Steps['virtual_desktop.install'] = { $machine.Meanwhile = [IO.File]::ReadAllText($manifest); 'done' }
      Start-Runner
      $machine.Meanwhile | Should -Be ''
      Test-StateFile -Name 'phases\virtual_desktop.install.stale' | Should -BeTrue
      $machine.Calls -eq 'step virtual_desktop.install' | Should -HaveCount 2
    }

    It 'of another definition is told of once' {
      $NodeLogFile = "$StateFolder/runner.log"
      [void](Invoke-ImageInstalls)
      [IO.File]::AppendAllText($install, '# another version')
      $machine.Steps['virtual_desktop.install'] = { throw 'restart' }
      1..2 | ForEach-Object { { Start-Runner } | Should -Throw 'restart' }
      [regex]::Matches([IO.File]::ReadAllText($NodeLogFile), 'warning phase virtual_desktop: the image was made by another definition, version or architecture: its install runs now') | Should -HaveCount 1
    }

    It 'has an install again on another machine, by the facts that it depends on' {
      [void](Invoke-ImageInstalls)
      $machine.Gpu = 'nvidia'
      [void](Invoke-ImageInstalls)
      $machine.Calls | Should -HaveCount 1
      [IO.File]::AppendAllText($install, "`n# Depends on: gpu kernel`n")
      [void](Invoke-ImageInstalls)
      $machine.Gpu = 'none'
      [void](Invoke-ImageInstalls)
      $machine.Calls | Should -HaveCount 3
      [IO.File]::AppendAllText($install, "`n# Depends on: weather`n")
      { Invoke-ImageInstalls } | Should -Throw '*got weather'
    }

    It 'is not said to have what failed, or what a restart is to finish' {
      $machine.Steps['virtual_desktop.install'] = { 'exit 1603' }
      { Invoke-ImageInstalls } | Should -Throw 'phase virtual_desktop.install: exit code 1603*'
      [IO.File]::ReadAllText($manifest) | Should -Be ''
      $machine.Steps['virtual_desktop.install'] = { Write-StateFile -Name 'reboot-requested' -Content 'repeat once more'; 'done' }
      Invoke-ImageInstalls | Should -Be 3010
      [IO.File]::ReadAllText($manifest) | Should -Be ''
      $machine.Steps['virtual_desktop.install'] = { Write-StateFile -Name 'reboot-requested' -Content 'continue drivers'; 'done' }
      Invoke-ImageInstalls | Should -Be 3010
      Invoke-ImageInstalls | Should -Be 0
    }

    It 'is not believed when anybody could have written the manifest' {
      [void](Invoke-ImageInstalls)
      function Get-Acl { [pscustomobject]@{ Sddl = 'O:S-1-5-21-1-1-1-1001G:SYD:AI(A;;FA;;;BU)' } }
      Start-Runner
      Read-StateFile -Name 'result' | Should -BeLike 'failed expected * to be of administrators or SYSTEM*'
    }
  }
}
