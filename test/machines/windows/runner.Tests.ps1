# The functions of the runner on a machine that is not Windows: real state files and manifest; steps, tasks, tags and signals are
# stand-ins that write down what they were asked for.
BeforeAll {
  $ErrorActionPreference = 'Stop'
  $text = [IO.File]::ReadAllText("$env:SCRIPTS/runner.ps1") -replace '(?<=\$ImageFolder)\\', '/'
  $ast = [Management.Automation.Language.Parser]::ParseInput($text, [ref]$null, [ref]$null)
  $functions = @($ast.FindAll({ $args[0] -is [Management.Automation.Language.FunctionDefinitionAst] }, $false)).ForEach({ $_.Extent.Text }) -join "`n"
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
  function Register-ResumeTask { $machine.Calls.Add('task') }
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
  function Restart-Node($Reason) { $machine.Calls.Add("restart: $Reason"); throw 'restart' }
  # A step: what it asks for, or its exit code.
  function Invoke-StepProcess($Name, $Script, $TimeoutSeconds) {
    $machine.Calls.Add("step $Name")
    if (-not $machine.Steps.ContainsKey($Name)) { return 0 }
    & $machine.Steps[$Name]
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
    $machine = @{ NoRole = $false; Calls = [Collections.Generic.List[string]]::new(); Steps = @{}; Gpu = 'none'; SignalFaults = 0; Answers = @(); Unguarded = $false; Tags = @{ SignalStack = 'st & co'; SignalResource = 'res'; SessionOwner = 'alice' } }
    Copy-Item $env:SCRIPTS/bootstrap "$StateFolder/bootstrap" -Recurse
    $steps = 'step setup', 'step setup_post_reboot', 'step virtual_desktop.install', 'step virtual_desktop', 'step setup_user_customization'
    $install = "$StateFolder/bootstrap/extra/virtual_desktop.install.ps1"
    $manifest = "$ImageFolder/manifest"
  }

  It 'runs install and configure of each phase in order, then tells' {
    Invoke-Bootstrap
    $machine.Calls | Should -Be (@('task') + $steps + 'tags ready', "signal SUCCESS 'i-1'", 'no task')
    [Convert]::FromBase64String((Read-StateFile 'launch-time-values').Split("`n")[0].Split('=', 2)[1]) | Should -Be ([Text.Encoding]::UTF8.GetBytes('alice'))
  }

  It 'refuses a node without a tag that it needs' {
    $machine.Tags.Remove('SessionOwner')
    { Invoke-Bootstrap } | Should -Throw 'the instance tag cluster-node:SessionOwner is missing*'
  }

  It 'marks a step as done before the restart that it asked for, and goes on behind it' {
    $machine.Steps['virtual_desktop.install'] = { Write-StateFile -Name 'reboot-requested' -Content 'continue the installer asks'; 0 }
    { Invoke-Bootstrap } | Should -Throw 'restart'
    $machine.Calls[-1] | Should -Be 'restart: phase virtual_desktop.install: the installer asks'
    $machine.Calls.Clear()
    Invoke-Bootstrap
    $machine.Calls[1] | Should -Be 'step virtual_desktop'
  }

  It 'runs a step again behind a restart when it asked for that' {
    $machine.Steps.setup = { Write-StateFile -Name 'reboot-requested' -Content 'repeat for the domain'; 0 }
    { Invoke-Bootstrap } | Should -Throw 'restart'
    $machine.Steps.Clear()
    Invoke-Bootstrap
    $machine.Calls -eq 'step setup' | Should -HaveCount 2
  }

  It 'ends with the reason that a step left, its exit code, or its limit' {
    $machine.Steps.setup = { Write-StateFile -Name 'failure' -Content 'setup.ps1:7: no'; 1 }
    { Invoke-Bootstrap } | Should -Throw 'phase setup: setup.ps1:7: no'
    $machine.Steps.setup = { 9 }
    { Invoke-Bootstrap } | Should -Throw 'phase setup: exit code 9, see logs\setup.log'
    $machine.Steps.setup = { $null }
    { Invoke-Bootstrap } | Should -Throw 'phase setup: not finished after 1801 seconds'
    Write-StateFile -Name 'started' -Content "$([DateTime]::UtcNow.AddSeconds(-7206).Ticks)"
    { Invoke-Bootstrap } | Should -Throw 'phase setup: no time left, the bootstrap has taken 7205 seconds'
  }

  It 'tells once, and again only when that failed' {
    $machine.SignalFaults = 9
    { Invoke-Bootstrap } | Should -Throw '*no network*'
    Test-StateFile -Name 'signalled' | Should -BeFalse
    $machine.Calls.Clear()
    Invoke-Bootstrap
    $machine.Calls | Should -Be 'tags ready', "signal SUCCESS 'i-1'", 'no task'
    $machine.Calls.Clear()
    Invoke-Bootstrap
    $machine.Calls | Should -Be 'no task'
  }

  It 'tells the reason of a failure, in what a tag and a signal can hold' {
    Write-StateFile -Name 'result' -Content "failed $('x' * 300)"
    Invoke-Bootstrap
    $machine.Calls | Should -Be "tags failed; $('x' * 256)", "signal FAILURE 'i-1 $('x' * 60)'", 'no task'
  }

  It 'sends the bare id when the reason is refused, and is ready when CloudFormation wants no signal of it' {
    Write-StateFile -Name 'result' -Content "failed no$([char]::ConvertFromUtf32(0x1F600))"
    $machine.Answers = @('400 ValidationError')
    Invoke-Bootstrap
    $machine.Calls[1..2] | Should -Be "signal FAILURE 'i-1 no??'", "signal FAILURE 'i-1'"
    foreach ($refusal in @('400 Stack st is in CREATE_COMPLETE state'), (@('403 not a member') * 4)) {
      Write-StateFile -Name 'result' -Content 'ready'
      Remove-StateFile -Name 'signalled'
      $machine.Calls.Clear()
      $machine.Answers = $refusal
      Invoke-Bootstrap
      $machine.Calls | Select-Object -Unique | Should -Be 'tags ready', "signal SUCCESS 'i-1'", 'no task'
      Test-StateFile -Name 'signalled' | Should -BeTrue
    }
  }

  It 'sends a signal again that was throttled, or met a fault' {
    $machine.Answers = @('400 Throttling', '503 no')
    Invoke-Bootstrap
    @($machine.Calls) -like 'signal *' | Should -HaveCount 3
  }

  It 'is not ready when users could reach the metadata service behind the last step' {
    $machine.Unguarded = $true
    { Invoke-Bootstrap } | Should -Throw 'no guard'
    Test-StateFile -Name 'result' | Should -BeFalse
  }

  It 'signals without a role' {
    $machine.NoRole = $true
    Invoke-Bootstrap
    $machine.Calls | Should -Be (@('task') + $steps + "signal SUCCESS 'i-1'", 'no task')
  }

  Context 'added commands' {
    BeforeEach { Write-StateFile -Name 'added-commands.ps1' -Content 'mine' }

    It 'run once, marked before, when ready has been told' {
      Invoke-Bootstrap
      $machine.Calls[-1] | Should -Be 'process added-commands.ps1 > added-commands.log, mark True, result ready, signalled SUCCESS'
      Invoke-Bootstrap
      $machine.Calls -like 'process *' | Should -HaveCount 1
    }

    It 'do not run on a node that failed, or has not told yet' {
      Write-StateFile -Name 'result' -Content 'failed phase setup: no'
      Invoke-Bootstrap
      Remove-StateFile -Name 'signalled'
      Write-StateFile -Name 'result' -Content 'ready'
      $machine.SignalFaults = 9
      { Invoke-Bootstrap } | Should -Throw
      $machine.Calls -like 'process *' | Should -HaveCount 0
    }

    It 'change nothing when they cannot be started' {
      function Start-ScriptProcess { throw 'no memory' }
      Invoke-Bootstrap
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
      Invoke-Bootstrap
      $machine.Calls -like '*.install' | Should -HaveCount 0
      $machine.Calls | Should -Contain 'step virtual_desktop'
    }

    It 'has an install again when its text is another one, and does not claim to have it meanwhile' {
      [void](Invoke-ImageInstalls)
      [IO.File]::AppendAllText($install, '# another version')
      $machine.Steps['virtual_desktop.install'] = { $machine.Meanwhile = [IO.File]::ReadAllText($manifest); 0 }
      Invoke-Bootstrap
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
      $machine.Steps['virtual_desktop.install'] = { 1603 }
      { Invoke-ImageInstalls } | Should -Throw 'phase virtual_desktop.install: exit code 1603*'
      [IO.File]::ReadAllText($manifest) | Should -Be ''
      $machine.Steps['virtual_desktop.install'] = { Write-StateFile -Name 'reboot-requested' -Content 'repeat once more'; 0 }
      Invoke-ImageInstalls | Should -Be 3010
      [IO.File]::ReadAllText($manifest) | Should -Be ''
      $machine.Steps['virtual_desktop.install'] = { Write-StateFile -Name 'reboot-requested' -Content 'continue drivers'; 0 }
      Invoke-ImageInstalls | Should -Be 3010
      Invoke-ImageInstalls | Should -Be 0
    }

    It 'is not believed when anybody could have written the manifest' {
      [void](Invoke-ImageInstalls)
      function Get-Acl { [pscustomobject]@{ Sddl = 'O:S-1-5-21-1-1-1-1001G:SYD:AI(A;;FA;;;BU)' } }
      { Invoke-Bootstrap } | Should -Throw 'expected * to be of administrators or SYSTEM*'
    }
  }
}

Describe 'a restart' {
  BeforeAll {
    . ([scriptblock]::Create($ast.Find({ $args[0] -is [Management.Automation.Language.FunctionDefinitionAst] -and $args[0].Name -eq 'Restart-Node' }, $false).Extent.Text.Replace('exit 0', 'return')))
    function Restart-Computer { "restarted: $(Read-StateFile 'reboots') $(Read-StateFile 'rebooting')" }
  }

  It 'is counted, limited and recorded before it happens' {
    $StateFolder = Join-Path $TestDrive 'restarts'
    $NodeLogFile = ''
    1..5 | ForEach-Object { Restart-Node -Reason 'drivers' | Should -Be "restarted: $_ drivers" }
    { Restart-Node -Reason 'drivers' } | Should -Throw 'restart number 6 is one more than allowed (5), asked for by: drivers'
  }
}
