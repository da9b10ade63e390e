# Windows Firewall: rules are kept, and hold nobody back.
function global:Get-NetFirewallRule {
  [CmdletBinding(DefaultParameterSetName = 'Name')]
  param(
    [Parameter(Position = 0, ParameterSetName = 'Name')] [string[]] $Name = @('*'),
    [Parameter(Mandatory, ParameterSetName = 'DisplayName')] [string[]] $DisplayName,
    [Parameter(Mandatory, ParameterSetName = 'Group')] [string[]] $Group,
    [string] $PolicyStore
  )
  $All = @(Read-LabObject -Kind 'firewall')
  $Property = $PSCmdlet.ParameterSetName
  foreach ($Pattern in @($Name, $DisplayName, $Group)[@('Name', 'DisplayName', 'Group').IndexOf($Property)]) {
    $Found = @($All | Where-Object { "$($_.$Property)" -like $Pattern })
    if ($Found.Count -eq 0 -and $Pattern -notmatch '[*?]') {
      $Queried = @{ Name = 'InstanceID'; DisplayName = 'DisplayName'; Group = 'RuleGroup' }[$Property]
      Write-Error -Message "No MSFT_NetFirewallRule objects found with property '$Queried' equal to '$Pattern'.  Verify the value of the property and retry." -ErrorId "CmdletizationQuery_NotFound_$Queried,Get-NetFirewallRule" -Category ObjectNotFound
    }
    $Found
  }
}

function global:New-NetFirewallRule {
  [CmdletBinding()]
  param(
    [string] $Name = [Guid]::NewGuid().ToString('B'),
    [Parameter(Mandatory)] [string] $DisplayName,
    [string] $Description,
    [string] $Group,
    [ValidateSet('Inbound', 'Outbound')] [string] $Direction = 'Inbound',
    [ValidateSet('Allow', 'Block', 'NotConfigured')] [string] $Action = 'Allow',
    [ValidateSet('True', 'False')] [string] $Enabled = 'True',
    [string] $Profile = 'Any',
    [string] $Protocol = 'Any',
    [string[]] $LocalPort = @('Any'),
    [string[]] $RemotePort = @('Any'),
    [string[]] $RemoteAddress = @('Any'),
    [string] $LocalUser = 'Any',
    [string] $Program = 'Any',
    [string] $Service = 'Any'
  )
  Enter-StandIn -Name 'New-NetFirewallRule' -Text $Name
  if ($null -ne (Read-LabObject -Kind 'firewall' -Name $Name)) {
    throw 'Cannot create a file when that file already exists.'
  }
  if ($Protocol -eq 'Any' -and "$LocalPort$RemotePort" -ne 'AnyAny') {
    throw 'The port is invalid. Ports can only be specified if the protocol is TCP or UDP.'
  }
  $Rule = [pscustomobject]@{ Name = $Name; DisplayName = $DisplayName; Group = $Group; Direction = $Direction; Action = $Action; Enabled = $Enabled; Profile = $Profile; Protocol = $Protocol; LocalPort = $LocalPort; RemotePort = $RemotePort; RemoteAddress = $RemoteAddress; LocalUser = $LocalUser; Program = $Program; Service = $Service }
  Write-LabObject -Kind 'firewall' -Name $Name -Object $Rule
  return $Rule
}

function global:Set-NetFirewallRule {
  [CmdletBinding()]
  param(
    [Parameter(Mandatory)] [string[]] $Name,
    [ValidateSet('Inbound', 'Outbound')] [string] $Direction,
    [ValidateSet('Allow', 'Block', 'NotConfigured')] [string] $Action,
    [ValidateSet('True', 'False')] [string] $Enabled,
    [string] $Profile,
    [string] $Protocol,
    [string[]] $LocalPort,
    [string[]] $RemotePort,
    [string[]] $RemoteAddress,
    [string] $LocalUser,
    [string] $Program,
    [string] $Service
  )
  foreach ($Rule in Get-NetFirewallRule -Name $Name) {
    Enter-StandIn -Name 'Set-NetFirewallRule' -Text $Rule.Name
    foreach ($Key in @('Direction', 'Action', 'Enabled', 'Profile', 'Protocol', 'LocalPort', 'RemotePort', 'RemoteAddress', 'LocalUser', 'Program', 'Service')) {
      if ($PSBoundParameters.ContainsKey($Key)) {
        $Rule.$Key = $PSBoundParameters[$Key]
      }
    }
    Write-LabObject -Kind 'firewall' -Name $Rule.Name -Object $Rule
  }
}

function global:Remove-NetFirewallRule {
  [CmdletBinding(DefaultParameterSetName = 'Name')]
  param(
    [Parameter(Mandatory, Position = 0, ParameterSetName = 'Name')] [string[]] $Name,
    [Parameter(Mandatory, ParameterSetName = 'DisplayName')] [string[]] $DisplayName,
    [Parameter(Mandatory, ParameterSetName = 'InputObject', ValueFromPipeline)] [object[]] $InputObject
  )
  process {
    $Rules = switch ($PSCmdlet.ParameterSetName) {
      'Name' { Get-NetFirewallRule -Name $Name }
      'DisplayName' { Get-NetFirewallRule -DisplayName $DisplayName }
      'InputObject' { $InputObject }
    }
    foreach ($Rule in $Rules) {
      Enter-StandIn -Name 'Remove-NetFirewallRule' -Text $Rule.Name
      Remove-LabObject -Kind 'firewall' -Name $Rule.Name
    }
  }
}

function global:Get-NetFirewallProfile {
  [CmdletBinding()]
  param([string[]] $Name, [string] $PolicyStore)
  $Off = Read-LabObject -Kind 'settings' -Name 'firewall-off'
  foreach ($Each in @('Domain', 'Private', 'Public')) {
    [pscustomobject]@{ Name = $Each; Enabled = "$($null -eq $Off)"; AllowLocalFirewallRules = 'NotConfigured' }
  }
}
