# Ten times as fast as it says, and a few seconds at most: what scripts wait for in a machine of the lab is quick. Limits of time that
# go by the clock stay.
function global:Start-Sleep {
  [CmdletBinding(DefaultParameterSetName = 'Seconds')]
  param(
    [Parameter(Mandatory, Position = 0, ParameterSetName = 'Seconds')] [double] $Seconds,
    [Parameter(Mandatory, ParameterSetName = 'Milliseconds')] [int] $Milliseconds
  )
  if ($PSCmdlet.ParameterSetName -eq 'Seconds') {
    $Milliseconds = 1000 * $Seconds
  }
  $Start = [DateTimeOffset]::UtcNow.ToUnixTimeMilliseconds()
  [Threading.Thread]::Sleep([Math]::Max(1, [Math]::Min($Milliseconds / 10, 4000 * [int]$env:LAB_PATIENCE)))
  # Who waited, how long by the script, and from when to when.
  $End = [DateTimeOffset]::UtcNow.ToUnixTimeMilliseconds()
  try {
    [ClusterNodeLab.Notes]::Call("Start-Sleep $(@(Get-PSCallStack)[1].FunctionName) $Milliseconds $Start $End")
  } catch {
    # A full disk takes no notes, and keeps nobody from sleeping.
    $null = $_
  }
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

# A package of the lab ends with a line that says who has signed it.
function global:Get-AuthenticodeSignature {
  [CmdletBinding()]
  param([Parameter(Mandatory)] [string] $LiteralPath)
  $Text = [Text.Encoding]::GetEncoding(28591).GetString([IO.File]::ReadAllBytes($LiteralPath))
  if ($Text -cnotmatch '\nsigned by ([^\r\n]+)\s*\z') {
    return [pscustomobject]@{ Status = 'NotSigned'; StatusMessage = 'The file is not digitally signed.'; SignerCertificate = $null }
  }
  $Subject = New-Object Security.Cryptography.X509Certificates.X500DistinguishedName "CN=$($Matches[1]), O=$($Matches[1]), C=US"
  return [pscustomobject]@{ Status = 'Valid'; StatusMessage = 'Signature verified.'; SignerCertificate = [pscustomobject]@{ SubjectName = $Subject } }
}

# Whoever plays the machine writes the events: kind `events`, with LogName, Id and Message.
function global:Get-WinEvent {
  [CmdletBinding()]
  param([Parameter(Mandatory)] [hashtable] $FilterHashtable, [long] $MaxEvents)
  Enter-StandIn -Name 'Get-WinEvent' -Text "$($FilterHashtable.LogName) $($FilterHashtable.Id)"
  foreach ($Name in $FilterHashtable.Keys) {
    if (@('LogName', 'Id', 'StartTime') -notcontains $Name) {
      throw "the stand-in of Get-WinEvent knows no such filter: $Name"
    }
  }
  $Folder = 'C:\lab\state\events'
  $Found = @(Read-LabObject -Kind 'events' | Where-Object { $_.LogName -eq $FilterHashtable.LogName -and $_.Id -eq $FilterHashtable.Id })
  if ($Found.Count -eq 0 -or [IO.Directory]::GetLastWriteTime($Folder) -lt $FilterHashtable.StartTime) {
    Write-Error 'No events were found that match the specified selection criteria.'
    return
  }
  return $Found[0]
}
