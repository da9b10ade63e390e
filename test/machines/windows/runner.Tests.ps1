# The functions of the runner on a machine that is not Windows: real state files and manifest; steps, tasks, tags and signals are
# stand-ins that write down what they were asked for.
BeforeAll {
  $ErrorActionPreference = 'Stop'
  . (Join-Path $PSScriptRoot functions.ps1)
  $env:SystemRoot = '/windows'
  $text = [IO.File]::ReadAllText("$env:SCRIPTS/runner.ps1") -replace '(?<=\$ImageFolder)\\', '/' -replace '\$PSScriptRoot', '"$StateFolder/bootstrap"'
  $functions = Get-FunctionText $text
  . ([scriptblock]::Create($functions.Replace('[IO.Directory]::CreateDirectory($Path, $Acl)', '[IO.Directory]::CreateDirectory($Path)')))

  function Start-Sleep { }
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
      return $machine.Calls.Add("tags $(@($fields['Tag.1.Value'], $fields['Tag.2.Value']).Where({ $_ }) -join '; ')")
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
}

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
      $machine.Calls -eq 'step virtual_desktop.install' | Should -HaveCount 2
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
