# Ten times as fast as it says: the limits of time by which scripts wait are settings, and go by the clock.
function global:Start-Sleep {
  [CmdletBinding(DefaultParameterSetName = 'Seconds')]
  param(
    [Parameter(Mandatory, Position = 0, ParameterSetName = 'Seconds')] [double] $Seconds,
    [Parameter(Mandatory, ParameterSetName = 'Milliseconds')] [int] $Milliseconds
  )
  if ($PSCmdlet.ParameterSetName -eq 'Seconds') {
    $Milliseconds = 1000 * $Seconds
  }
  [Threading.Thread]::Sleep([Math]::Max(1, $Milliseconds / 10))
}

# Whoever plays the machine sees the file and restarts it, unless the scenario lets it go unheard.
function global:Restart-Computer {
  [CmdletBinding()]
  param([switch] $Force)
  Enter-StandIn -Name 'Restart-Computer'
  [IO.File]::WriteAllText('C:\lab\restart', '')
}

# Wine 8: "invalid level".
function global:Set-Service {
  [CmdletBinding()]
  param([Parameter(Mandatory, Position = 0)] [string] $Name, [ValidateSet('Automatic', 'Manual', 'Disabled', 'Boot', 'System')] [string] $StartupType)
  Enter-StandIn -Name 'Set-Service' -Text "$Name $StartupType"
  [void](Get-Service -Name $Name -ErrorAction Stop)
  $Start = @{ Automatic = 2; Manual = 3; Disabled = 4 }[$StartupType]
  Set-ItemProperty -LiteralPath "HKLM:\SYSTEM\CurrentControlSet\Services\$Name" -Name 'Start' -Value $Start
}

# Wine: "no such privilege".
function global:Set-TimeZone {
  [CmdletBinding()]
  param([Parameter(Mandatory)] [string] $Id)
  Enter-StandIn -Name 'Set-TimeZone' -Text $Id
  Write-LabObject -Kind 'settings' -Name 'timezone' -Object @{ Id = $Id }
}

function global:Get-LabService {
  param([string] $Filter)
  if ($Filter -notmatch "^Name='(\w+)'$") {
    throw "the stand-in of Get-CimInstance knows no such filter for Win32_Service: $Filter"
  }
  $File = "C:\lab\services\$($Matches[1])"
  if ([IO.File]::Exists($File)) {
    [pscustomobject]@{ Name = $Matches[1]; ProcessId = [int][IO.File]::ReadAllText($File) }
  }
}

function global:Get-CimInstance {
  [CmdletBinding()]
  param([Parameter(Mandatory, Position = 0)] [string] $ClassName, [string] $Filter)
  $Objects = switch ($ClassName) {
    'Win32_PnPEntity' { @(Read-LabObject -Kind 'devices') + [pscustomobject]@{ PNPDeviceID = 'ACPI\PNP0303\0'; CompatibleID = $null; Name = 'Keyboard' } }
    'Win32_VideoController' { @(Read-LabObject -Kind 'devices') }
    'Win32_OperatingSystem' { [pscustomobject]@{ LastBootUpTime = [IO.File]::GetLastWriteTime('C:\lab\booted') } }
    'Win32_Service' { Get-LabService -Filter $Filter }
    default { throw "Invalid class $ClassName" }
  }
  if ($Filter -ne '' -and $ClassName -ne 'Win32_Service') {
    throw "the stand-in of Get-CimInstance knows no filter for ${ClassName}: $Filter"
  }
  return $Objects
}
