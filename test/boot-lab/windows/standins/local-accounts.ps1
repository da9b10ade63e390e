# Local users and groups. This Windows speaks German: whoever names a group of Windows by its English name finds none.
$global:LabMachineSid = 'S-1-5-21-111111111-222222222-333333333'

function global:ConvertTo-LabAccount {
  param($Object)
  if ($null -ne $Object) {
    $Object.SID = New-Object Security.Principal.SecurityIdentifier $Object.SID
    return $Object
  }
}

# Of a user or a group, by name or SID; without either, all.
function global:Find-LabAccount {
  param([string] $Kind, [string] $Name, $SID)
  $All = @(Read-LabObject -Kind $Kind)
  if ($null -ne $SID) {
    $All = @($All | Where-Object { $_.SID -eq "$SID" })
  } elseif ($Name -ne '') {
    $All = @($All | Where-Object { $_.Name -eq $Name })
  }
  foreach ($Account in $All) {
    ConvertTo-LabAccount -Object $Account
  }
}

function global:Write-LabAccount {
  param([string] $Kind, $Account)
  $Account.SID = "$($Account.SID)"
  Write-LabObject -Kind $Kind -Name $Account.Name -Object $Account
}

# How an account is named: parameters for Get-LocalUser and Get-LocalGroup.
function global:Get-LabNaming {
  param([string] $Name, $SID)
  if ($null -ne $SID) {
    return @{ SID = $SID }
  }
  return @{ Name = $Name }
}

function global:New-LabSid {
  $Used = @(Read-LabObject -Kind 'users') + @(Read-LabObject -Kind 'groups') | ForEach-Object { [int]("$($_.SID)".Split('-')[-1]) }
  return '{0}-{1}' -f $LabMachineSid, (1 + (@($Used) + 1000 | Measure-Object -Maximum).Maximum)
}

function global:ConvertTo-LabPasswordHash {
  param([securestring] $Password)
  $Text = [Net.NetworkCredential]::new('', $Password).Password
  if ($Text.Length -lt 8) {
    throw (New-Object Microsoft.PowerShell.Commands.InvalidPasswordException 'Unable to update the password. The value provided for the new password does not meet the length, complexity, or history requirements of the domain.')
  }
  return [Convert]::ToHexString([Security.Cryptography.SHA256]::HashData([Text.Encoding]::UTF8.GetBytes($Text)))
}

function global:Get-LocalUser {
  [CmdletBinding(DefaultParameterSetName = 'Name')]
  param(
    [Parameter(Position = 0, ParameterSetName = 'Name')] [string] $Name,
    [Parameter(Mandatory, ParameterSetName = 'SID')] [Security.Principal.SecurityIdentifier] $SID
  )
  $Found = @(Find-LabAccount -Kind 'users' -Name $Name -SID $SID)
  if ($Found.Count -eq 0 -and "$Name$SID" -ne '') {
    Write-Error -Exception (New-Object Microsoft.PowerShell.Commands.UserNotFoundException "User $Name$SID was not found.") -ErrorId 'UserNotFound,Microsoft.PowerShell.Commands.GetLocalUserCommand' -Category ObjectNotFound
  }
  foreach ($User in $Found) {
    if ($null -ne $User.PasswordLastSet) {
      $User.PasswordLastSet = [DateTime]::new([long]$User.PasswordLastSet, [DateTimeKind]::Local)
    }
    $User
  }
}

function global:New-LocalUser {
  [CmdletBinding()]
  param(
    [Parameter(Mandatory, Position = 0)] [ValidateLength(1, 20)] [string] $Name,
    [Parameter(Mandatory, ParameterSetName = 'Password')] [securestring] $Password,
    [Parameter(Mandatory, ParameterSetName = 'NoPassword')] [switch] $NoPassword,
    [switch] $PasswordNeverExpires,
    [switch] $AccountNeverExpires,
    [switch] $UserMayNotChangePassword,
    [string] $FullName,
    [ValidateLength(0, 48)] [string] $Description
  )
  Enter-StandIn -Name 'New-LocalUser' -Text $Name
  if (@(Find-LabAccount -Kind 'users' -Name $Name).Count + @(Find-LabAccount -Kind 'groups' -Name $Name).Count -gt 0) {
    throw (New-Object Microsoft.PowerShell.Commands.UserExistsException "User $Name already exists.")
  }
  $Hash = ''
  if (-not $NoPassword) {
    $Hash = ConvertTo-LabPasswordHash -Password $Password
  }
  Write-LabAccount -Kind 'users' -Account @{ Name = $Name; SID = (New-LabSid); Enabled = $true; Description = $Description; PasswordHash = $Hash; PasswordLastSet = [DateTime]::Now.Ticks }
  Get-LocalUser -Name $Name
}

function global:Set-LocalUser {
  [CmdletBinding(DefaultParameterSetName = 'Name')]
  param(
    [Parameter(Mandatory, Position = 0, ParameterSetName = 'Name')] [string] $Name,
    [Parameter(Mandatory, ParameterSetName = 'SID')] [Security.Principal.SecurityIdentifier] $SID,
    [securestring] $Password,
    [bool] $PasswordNeverExpires,
    [switch] $AccountNeverExpires,
    [string] $Description
  )
  Enter-StandIn -Name 'Set-LocalUser' -Text "$Name$SID"
  $By = Get-LabNaming -Name $Name -SID $SID
  $User = Get-LocalUser @By -ErrorAction Stop
  if ($null -ne $Password) {
    $User.PasswordHash = ConvertTo-LabPasswordHash -Password $Password
    $User.PasswordLastSet = [DateTime]::Now.Ticks
  }
  Write-LabAccount -Kind 'users' -Account $User
}

function global:Enable-LocalUser {
  [CmdletBinding()]
  param([Parameter(Mandatory)] [Security.Principal.SecurityIdentifier] $SID)
  Enter-StandIn -Name 'Enable-LocalUser' -Text "$SID"
  $User = Get-LocalUser -SID $SID -ErrorAction Stop
  $User.Enabled = $true
  if ($null -ne $User.PasswordLastSet) {
    $User.PasswordLastSet = ([DateTime]$User.PasswordLastSet).Ticks
  }
  Write-LabAccount -Kind 'users' -Account $User
}

function global:Get-LocalGroup {
  [CmdletBinding(DefaultParameterSetName = 'Name')]
  param(
    [Parameter(Position = 0, ParameterSetName = 'Name')] [string] $Name,
    [Parameter(Mandatory, ParameterSetName = 'SID')] [Security.Principal.SecurityIdentifier] $SID
  )
  $Found = @(Find-LabAccount -Kind 'groups' -Name $Name -SID $SID)
  if ($Found.Count -eq 0 -and "$Name$SID" -ne '') {
    Write-Error -Exception (New-Object Microsoft.PowerShell.Commands.GroupNotFoundException "Group $Name$SID was not found.") -ErrorId 'GroupNotFound,Microsoft.PowerShell.Commands.GetLocalGroupCommand' -Category ObjectNotFound
  }
  return $Found
}

function global:New-LocalGroup {
  [CmdletBinding()]
  param([Parameter(Mandatory, Position = 0)] [string] $Name, [ValidateLength(0, 48)] [string] $Description)
  Enter-StandIn -Name 'New-LocalGroup' -Text $Name
  if (@(Find-LabAccount -Kind 'groups' -Name $Name).Count -gt 0) {
    throw "Group $Name already exists."
  }
  Write-LabAccount -Kind 'groups' -Account @{ Name = $Name; SID = (New-LabSid); Members = @() }
  Get-LocalGroup -Name $Name
}

# A member is named by its name or SID.
function global:Add-LocalGroupMember {
  [CmdletBinding(DefaultParameterSetName = 'Group')]
  param(
    [Parameter(Mandatory, Position = 0, ParameterSetName = 'Group')] [string] $Group,
    [Parameter(Mandatory, ParameterSetName = 'SID')] [Security.Principal.SecurityIdentifier] $SID,
    [Parameter(Mandatory, Position = 1)] [string[]] $Member
  )
  Enter-StandIn -Name 'Add-LocalGroupMember' -Text "$Group$SID $Member"
  $By = Get-LabNaming -Name $Group -SID $SID
  $Found = Get-LocalGroup @By -ErrorAction Stop
  foreach ($Each in $Member) {
    $User = @(Read-LabObject -Kind 'users' | Where-Object { $_.Name -eq $Each -or $_.SID -eq $Each })
    if ($User.Count -eq 0) {
      throw (New-Object Microsoft.PowerShell.Commands.PrincipalNotFoundException "Principal $Each was not found.")
    }
    if (@($Found.Members) -contains $User[0].SID) {
      throw (New-Object Microsoft.PowerShell.Commands.MemberExistsException "$Each is already a member of group $($Found.Name).")
    }
    $Found.Members = @($Found.Members) + $User[0].SID
  }
  Write-LabAccount -Kind 'groups' -Account $Found
}

function global:Get-LocalGroupMember {
  [CmdletBinding(DefaultParameterSetName = 'Group')]
  param(
    [Parameter(Mandatory, Position = 0, ParameterSetName = 'Group')] [string] $Group,
    [Parameter(Mandatory, ParameterSetName = 'SID')] [Security.Principal.SecurityIdentifier] $SID
  )
  $By = Get-LabNaming -Name $Group -SID $SID
  $Found = Get-LocalGroup @By -ErrorAction Stop
  Find-LabAccount -Kind 'users' | Where-Object { @($Found.Members) -contains "$($_.SID)" }
}

function global:Remove-LocalGroupMember {
  [CmdletBinding(DefaultParameterSetName = 'Group')]
  param(
    [Parameter(Mandatory, Position = 0, ParameterSetName = 'Group')] [string] $Group,
    [Parameter(Mandatory, ParameterSetName = 'SID')] [Security.Principal.SecurityIdentifier] $SID,
    [Parameter(Mandatory, Position = 1)] [string[]] $Member
  )
  Enter-StandIn -Name 'Remove-LocalGroupMember' -Text "$Group$SID $Member"
  $By = Get-LabNaming -Name $Group -SID $SID
  $Found = Get-LocalGroup @By -ErrorAction Stop
  $Gone = @(Read-LabObject -Kind 'users' | Where-Object { $Member -contains $_.Name -or $Member -contains $_.SID } | ForEach-Object { $_.SID })
  if (@($Gone | Where-Object { @($Found.Members) -contains $_ }).Count -eq 0) {
    throw (New-Object Microsoft.PowerShell.Commands.MemberNotFoundException "Member $Member was not found in group $($Found.Name).")
  }
  $Found.Members = @($Found.Members | Where-Object { $Gone -notcontains $_ })
  Write-LabAccount -Kind 'groups' -Account $Found
}
