# The guard of the metadata service, with a stand-in of Windows Firewall that keeps rules over scripts and says what Windows would.
BeforeAll {
  $ErrorActionPreference = 'Stop'
  . (Join-Path $PSScriptRoot functions.ps1)
  function Import-Functions([string] $Script) {
    Get-FunctionText ([IO.File]::ReadAllText("$env:SCRIPTS/$Script"))
  }
  . ([scriptblock]::Create((Import-Functions 'bootstrap/setup.ps1')))
  $boot = ([IO.File]::ReadAllText("$env:SCRIPTS/bootstrap/metadata_guard.ps1") -split '(?m)^try \{', 2)[1]

  function Start-Sleep { }
  function Write-Host { }
  function Get-InstanceMetadata { if ($machine.Unreachable) { throw 'no route' }; 'i-1' }
  function Get-LocalGroup($Name) { $machine.Groups[$Name] }
  function New-LocalGroup($Name, $Description) {
    if ($Description.Length -gt 48) { throw 'too long' }
    $machine.Groups[$Name] = [pscustomobject]@{ Name = $Name; SID = [pscustomobject]@{ Value = 'S-1-5-21-1-2-3-1009' } }
    $machine.Groups[$Name]
  }
  function Get-Service { [pscustomobject]@{ Status = $machine.Service } }
  function Get-NetFirewallProfile($PolicyStore) { $machine.Profiles }
  function Get-NetFirewallRule($Name, $PolicyStore) {
    if ($machine.Rules.ContainsKey($Name) -and -not ($PolicyStore -eq 'ActiveStore' -and $machine.Ignored)) { [pscustomobject]$machine.Rules[$Name] }
  }
  function New-NetFirewallRule($Name, $DisplayName, $Direction, $Action, $Enabled, $Profile, $RemoteAddress, $LocalUser) {
    if ($machine.Service -ne 'Running') { throw 'There are no more endpoints available from the endpoint mapper.' }
    if ($machine.Rules.ContainsKey($Name)) { throw 'exists' }
    $machine.Calls.Add("new $Name")
    $machine.Rules[$Name] = @{ Direction = $Direction; Action = $Action; Enabled = $Enabled; Profile = $Profile; RemoteAddress = $RemoteAddress; LocalUser = $LocalUser }
  }
  function Set-NetFirewallRule($Name, $Direction, $Action, $Enabled, $Profile, $RemoteAddress, $LocalUser) {
    if (-not $machine.Rules.ContainsKey($Name)) { throw 'is not there' }
    $machine.Rules[$Name] = @{ Direction = $Direction; Action = $Action; Enabled = $Enabled; Profile = $Profile; RemoteAddress = $RemoteAddress; LocalUser = $LocalUser }
  }
  function Remove-NetFirewallRule($Name) { $Name.ForEach({ $machine.Rules.Remove($_) }) }
  function Register-StartupTask($Name, $Description, $Script) { $machine.Calls.Add("task $Name $Script") }
  function Stop-Service($Name, [switch] $Force) {
    $machine.Calls.Add("stop $Name")
    if ($machine.StopFaults-- -gt 0) { throw 'it is starting' }
  }

  # Whether a rule holds for the token of a process, as the access check of Windows decides: a deny entry for any of its SIDs counts
  # first, then an entry that grants; a program in an app container has to be granted both as its user and as its package.
  function Test-Blocked([string[]] $Token, [string[]] $Package, [string] $Address) {
    foreach ($rule in $machine.Rules.Values) {
      if ($rule.Enabled -ne 'True' -or $rule.Action -ne 'Block' -or $rule.Direction -ne 'Outbound' -or $Address -notin $rule.RemoteAddress) { continue }
      $granted = { param($sids)
        foreach ($entry in [regex]::Matches($rule.LocalUser, '\((A|D);;CC;;;([^)]+)\)')) {
          if ($entry.Groups[2].Value -in $sids) { return $entry.Groups[1].Value -eq 'A' }
        }
        $false
      }
      if ((& $granted $Token) -and (-not $Package -or (& $granted $Package))) { return $true }
    }
    $false
  }
}

Describe 'the metadata guard' {
  BeforeEach {
    $StateFolder = $TestDrive
    $NodeLogFile = ''
    $machine = @{ Calls = [Collections.Generic.List[string]]::new(); Groups = @{}; Rules = @{}; Service = 'Running'; Ignored = $false; Unreachable = $false; StopFaults = 0
      Profiles = @('Domain', 'Private', 'Public').ForEach({ [pscustomobject]@{ Name = $_; Enabled = 'True'; AllowLocalFirewallRules = 'NotConfigured' } }) }
    $owner = 'S-1-5-21-1-2-3-1010', 'S-1-1-0', 'S-1-5-21-1-2-3-1009', 'S-1-5-32-545', 'S-1-5-4', 'S-1-2-1', 'S-1-5-11', 'S-1-5-15'
    $user = 'S-1-5-21-1-2-3-1011', 'S-1-1-0', 'S-1-5-32-545', 'S-1-5-4', 'S-1-5-11'
    $addresses = '169.254.169.254', 'fd00:ec2::254'
  }

  It 'blocks both addresses, at every profile, and is there for the next boots' {
    Initialize-MetadataGuard
    $machine.Rules.Keys | Sort-Object | Should -Be 'ClusterNode-Metadata-Others', 'ClusterNode-Metadata-Owners'
    foreach ($rule in $machine.Rules.Values) {
      $rule.RemoteAddress | Should -Be $addresses
      "$($rule.Direction) $($rule.Action) $($rule.Enabled) $($rule.Profile)" | Should -Be 'Outbound Block True Any'
      $rule.LocalUser | Should -Match '^O:LSD:(\([AD];;CC;;;S-1-[0-9-]+\))+$'
    }
    $machine.Rules['ClusterNode-Metadata-Owners'].LocalUser | Should -Match ([regex]::Escape('(A;;CC;;;S-1-5-21-1-2-3-1009)'))
    $machine.Calls | Should -Contain 'task ClusterNodeMetadataGuard metadata_guard.ps1'
  }

  It 'holds for <who>: <blocked>' -ForEach @(
    @{ who = 'an owner'; blocked = $true; token = { $owner } }
    @{ who = 'an owner who is an administrator'; blocked = $true; token = { $owner + 'S-1-5-32-544' } }
    @{ who = 'an owner without the group, as before the next login'; blocked = $true; token = { $owner -ne 'S-1-5-21-1-2-3-1009' } }
    @{ who = 'another user'; blocked = $true; token = { $user } }
    @{ who = 'a guest, who is no user'; blocked = $true; token = { 'S-1-5-21-1-2-3-501', 'S-1-1-0', 'S-1-5-32-546' } }
    @{ who = 'a scheduled task of a user'; blocked = $true; token = { ($user -ne 'S-1-5-4') + 'S-1-5-3' } }
    @{ who = 'an app container of a user'; blocked = $true; token = { $user }; package = @('S-1-15-2-7-7', 'S-1-15-2-1') }
    @{ who = 'a less privileged app container of an owner'; blocked = $true; token = { $owner }; package = @('S-1-15-2-7-7', 'S-1-15-2-2') }
    @{ who = 'an administrator'; blocked = $false; token = { $user + 'S-1-5-32-544' } }
    @{ who = 'SYSTEM, as which DCV and the SSM agent run'; blocked = $false; token = { 'S-1-5-18', 'S-1-5-32-544', 'S-1-1-0', 'S-1-5-11' } }
    @{ who = 'LOCAL SERVICE'; blocked = $false; token = { 'S-1-5-19', 'S-1-1-0', 'S-1-5-32-545', 'S-1-5-6', 'S-1-5-11' } }
    @{ who = 'NETWORK SERVICE impersonated without a service logon'; blocked = $false; token = { 'S-1-5-20', 'S-1-1-0', 'S-1-5-32-545', 'S-1-5-11' } }
    @{ who = 'the service of a user account'; blocked = $false; token = { 'S-1-5-21-1-2-3-1012', 'S-1-1-0', 'S-1-5-32-545', 'S-1-5-6', 'S-1-5-11' } }
  ) {
    Initialize-MetadataGuard
    foreach ($address in $addresses) { Test-Blocked (& $token) $package $address | Should -Be $blocked }
    Test-Blocked (& $token) $package '169.254.169.123' | Should -BeFalse
  }

  It 'brings back what somebody has changed, and takes the group of this machine' {
    Initialize-MetadataGuard
    $machine.Rules['ClusterNode-Metadata-Owners'].Enabled = 'False'
    $machine.Rules['ClusterNode-Metadata-Others'].RemoteAddress = @('169.254.169.254')
    $machine.Groups['ClusterNodeOwners'].SID.Value = 'S-1-5-21-7-7-7-1001'
    Set-MetadataGuard
    Assert-MetadataGuard
    Test-Blocked @('S-1-5-21-7-7-7-1001') @() 'fd00:ec2::254' | Should -BeTrue
    Test-Blocked $user @() 'fd00:ec2::254' | Should -BeTrue
  }

  It 'fails the node when Windows would not apply it: <what>' -ForEach @(
    @{ what = 'no service'; fault = { $machine.Service = 'Stopped' }; reason = '*(mpssvc) to be Running, got Stopped*metadataGuard to false' }
    @{ what = 'a profile is off'; fault = { $machine.Profiles[2].Enabled = 'False' }; reason = '*profile Public, got Enabled False*' }
    @{ what = 'local rules are ignored'; fault = { $machine.Profiles[0].AllowLocalFirewallRules = 'False' }; reason = '*profile Domain*AllowLocalFirewallRules False*' }
    @{ what = 'the rules do not become active'; fault = { $machine.Ignored = $true }; reason = '*ClusterNode-Metadata-Owners to block*' }
  ) {
    . $fault
    { Initialize-MetadataGuard } | Should -Throw $reason
    $machine.Calls -like 'task *' | Should -HaveCount 0
  }

  It 'is found missing, switched off or turned into an allowance: <what>' -ForEach @(
    @{ what = 'missing'; fault = { $machine.Rules.Remove('ClusterNode-Metadata-Others') } }
    @{ what = 'off'; fault = { $machine.Rules['ClusterNode-Metadata-Others'].Enabled = 'False' } }
    @{ what = 'an allowance'; fault = { $machine.Rules['ClusterNode-Metadata-Owners'].Action = 'Allow' } }
  ) {
    Initialize-MetadataGuard
    . $fault
    { Assert-MetadataGuard } | Should -Throw '*is missing or changed*'
  }

  It 'goes again, and the node fails, when it keeps SYSTEM from the service too' {
    $machine.Unreachable = $true
    { Initialize-MetadataGuard } | Should -Throw 'SYSTEM does not reach the metadata service*no route'
    $machine.Rules.Count | Should -Be 0
  }

  It 'is the only one that needs the service: without a guard the rules for DCV are left out' {
    . ([scriptblock]::Create((Import-Functions 'bootstrap/extra/virtual_desktop.ps1')))
    $machine.Service = 'Stopped'
    Set-DcvFirewallRules
    $machine.Rules.Count | Should -Be 0
  }

  Context 'at a boot' {
    BeforeAll {
      function Invoke-Boot { & ([scriptblock]::Create("try {$($boot.Replace('exit 1', 'return "failed"'))")) }
    }

    It 'is set again' {
      Invoke-Boot | Should -BeNullOrEmpty
      $machine.Rules.Count | Should -Be 2
      $machine.Calls -like 'stop *' | Should -HaveCount 0
    }

    It 'keeps everybody from the desktop when it cannot be' {
      $machine.Service = 'Stopped'
      $machine.StopFaults = 2
      Invoke-Boot | Should -Be 'failed'
      $machine.Calls -eq 'stop dcvserver' | Should -HaveCount 3
    }
  }
}
