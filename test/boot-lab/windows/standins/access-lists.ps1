# Access lists, which Wine does not keep: as SDDL, by path. What has none of its own is readable for users.
$global:LabInheritedSddl = 'O:BAG:BAD:AI(A;OICIID;FA;;;SY)(A;OICIID;FA;;;BA)(A;OICIID;0x1200a9;;;BU)'

# In place of [IO.Directory]::CreateDirectory(path, access list), which .NET Framework alone has: a folder that is there stays as it is.
function global:New-LabFolder {
  param([string] $Path, $Acl)
  if (-not [IO.Directory]::Exists($Path)) {
    [void][IO.Directory]::CreateDirectory($Path)
    Set-Acl -Path $Path -AclObject $Acl
  }
}

function global:Get-Acl {
  [CmdletBinding(DefaultParameterSetName = 'Path')]
  param(
    [Parameter(Mandatory, Position = 0, ParameterSetName = 'Path')] [string] $Path,
    [Parameter(Mandatory, ParameterSetName = 'LiteralPath')] [string] $LiteralPath
  )
  $Item = Get-Item -LiteralPath "$Path$LiteralPath" -Force
  $Known = Read-LabObject -Kind 'acl' -Name $Item.FullName
  $Sddl = $LabInheritedSddl
  if ($null -ne $Known) {
    $Sddl = $Known.Sddl
  }
  $Type = 'Security.AccessControl.FileSecurity'
  if ($Item.PSIsContainer) {
    $Type = 'Security.AccessControl.DirectorySecurity'
  }
  $Acl = New-Object $Type
  $Acl.SetSecurityDescriptorSddlForm($Sddl)
  # The host of the lab lacks the properties that PowerShell adds.
  Add-Member -InputObject $Acl -MemberType ScriptProperty -Name 'Sddl' -Value { $this.GetSecurityDescriptorSddlForm('All') }
  Add-Member -InputObject $Acl -MemberType ScriptProperty -Name 'Owner' -Value { $this.GetOwner([Security.Principal.SecurityIdentifier]).Value }
  Add-Member -InputObject $Acl -MemberType ScriptProperty -Name 'Access' -Value { $this.GetAccessRules($true, $true, [Security.Principal.SecurityIdentifier]) }
  return $Acl
}

function global:Set-Acl {
  [CmdletBinding(DefaultParameterSetName = 'Path')]
  param(
    [Parameter(Mandatory, Position = 0, ParameterSetName = 'Path')] [string] $Path,
    [Parameter(Mandatory, ParameterSetName = 'LiteralPath')] [string] $LiteralPath,
    [Parameter(Mandatory, Position = 1)] $AclObject
  )
  $Item = Get-Item -LiteralPath "$Path$LiteralPath" -Force
  Enter-StandIn -Name 'Set-Acl' -Text $Item.FullName
  $Sddl = $AclObject.GetSecurityDescriptorSddlForm([Security.AccessControl.AccessControlSections]'Access, Owner, Group')
  Write-LabObject -Kind 'acl' -Name $Item.FullName -Object @{ Path = $Item.FullName; Sddl = $Sddl }
}
