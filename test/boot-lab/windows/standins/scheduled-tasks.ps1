# Task Scheduler: what is registered is kept, and whoever plays the machine starts it.
function global:New-ScheduledTaskAction {
  [CmdletBinding()]
  param([string] $Id, [Parameter(Mandatory)] [string] $Execute, [string] $Argument, [string] $WorkingDirectory)
  return [pscustomobject]@{ Execute = $Execute; Arguments = $Argument; WorkingDirectory = $WorkingDirectory }
}

# Windows takes an interval of at least a minute, and one without end only when no duration is given.
function global:New-ScheduledTaskTrigger {
  [CmdletBinding()]
  param(
    [Parameter(Mandatory, ParameterSetName = 'Startup')] [switch] $AtStartup,
    [Parameter(ParameterSetName = 'Startup')] [TimeSpan] $RandomDelay,
    [Parameter(Mandatory, ParameterSetName = 'Once')] [switch] $Once,
    [Parameter(Mandatory, ParameterSetName = 'Once')] [DateTime] $At,
    [Parameter(ParameterSetName = 'Once')] [TimeSpan] $RepetitionInterval,
    [Parameter(ParameterSetName = 'Once')] [TimeSpan] $RepetitionDuration
  )
  $Repetition = $null
  if ($PSBoundParameters.ContainsKey('RepetitionInterval')) {
    if ($RepetitionInterval.TotalSeconds -lt 60) {
      throw "The RepetitionInterval parameter value must be at least one minute, got $RepetitionInterval"
    }
    $Repetition = [pscustomobject]@{ Interval = [Xml.XmlConvert]::ToString($RepetitionInterval); Duration = '' }
    if ($PSBoundParameters.ContainsKey('RepetitionDuration')) {
      $Repetition.Duration = [Xml.XmlConvert]::ToString($RepetitionDuration)
    }
  }
  $StartBoundary = ''
  if ($Once) {
    $StartBoundary = $At.ToString('s')
  }
  return [pscustomobject]@{ AtStartup = [bool]$AtStartup; StartBoundary = $StartBoundary; Repetition = $Repetition; Enabled = $true }
}

function global:New-ScheduledTaskPrincipal {
  [CmdletBinding()]
  param(
    [Parameter(Mandatory)] [string] $UserId,
    [ValidateSet('None', 'Password', 'S4U', 'Interactive', 'Group', 'ServiceAccount', 'InteractiveOrPassword')] [string] $LogonType,
    [ValidateSet('Limited', 'Highest')] [string] $RunLevel
  )
  return [pscustomobject]@{ UserId = $UserId; LogonType = $LogonType; RunLevel = $RunLevel }
}

function global:New-ScheduledTaskSettingsSet {
  [CmdletBinding()]
  param(
    [switch] $AllowStartIfOnBatteries,
    [switch] $DontStopIfGoingOnBatteries,
    [switch] $DontStopOnIdleEnd,
    [switch] $StartWhenAvailable,
    [TimeSpan] $ExecutionTimeLimit,
    [ValidateRange(0, 10)] [int] $Priority = 7,
    [ValidateSet('Parallel', 'Queue', 'IgnoreNew')] [string] $MultipleInstances = 'IgnoreNew',
    [ValidateSet('At', 'V1', 'Vista', 'Win7', 'Win8')] [string] $Compatibility
  )
  return [pscustomobject]@{ Priority = $Priority; MultipleInstances = $MultipleInstances }
}

function global:New-ScheduledTask {
  [CmdletBinding()]
  param([object[]] $Action, [object[]] $Trigger, $Principal, $Settings, [string] $Description)
  return [pscustomobject]@{ Actions = @($Action); Triggers = @($Trigger); Principal = $Principal; Settings = $Settings; Description = $Description }
}

function global:Register-ScheduledTask {
  [CmdletBinding()]
  param(
    [Parameter(Mandatory)] [string] $TaskName,
    [string] $TaskPath,
    [Parameter(Mandatory, ParameterSetName = 'Parts')] [object[]] $Action,
    [Parameter(ParameterSetName = 'Parts')] [object[]] $Trigger = @(),
    [Parameter(ParameterSetName = 'Parts')] $Principal,
    [Parameter(ParameterSetName = 'Parts')] $Settings,
    [Parameter(ParameterSetName = 'Parts')] [string] $Description,
    [Parameter(Mandatory, ParameterSetName = 'Object')] $InputObject,
    [switch] $Force
  )
  Enter-StandIn -Name 'Register-ScheduledTask' -Text $TaskName
  if (-not $Force -and $null -ne (Read-LabObject -Kind 'tasks' -Name $TaskName)) {
    throw 'Cannot create a file when that file already exists.'
  }
  $Task = $InputObject
  if ($null -eq $Task) {
    $Task = New-ScheduledTask -Action $Action -Trigger $Trigger -Principal $Principal -Settings $Settings -Description $Description
  }
  Write-LabObject -Kind 'tasks' -Name $TaskName -Object (Select-Object -InputObject $Task -Property @{ Name = 'TaskName'; Expression = { $TaskName } }, Actions, Triggers, Principal, Settings)
  Get-ScheduledTask -TaskName $TaskName
}

function global:Get-ScheduledTask {
  [CmdletBinding()]
  param([Parameter(Position = 0)] [string] $TaskName = '*', [string] $TaskPath)
  $Found = @(Read-LabObject -Kind 'tasks' -Name $TaskName)
  if ($Found.Count -eq 0 -and $TaskName -ne '*') {
    Write-Error -Message "No MSFT_ScheduledTask objects found with property 'TaskName' equal to '$TaskName'.  Verify the value of the property and retry." -ErrorId 'CmdletizationQuery_NotFound_TaskName,Get-ScheduledTask' -Category ObjectNotFound
  }
  foreach ($Task in $Found) {
    $State = 'Ready'
    if ([IO.File]::Exists("C:\lab\running\$($Task.TaskName)")) {
      $State = 'Running'
    }
    Add-Member -InputObject $Task -MemberType NoteProperty -Name 'State' -Value $State -PassThru
  }
}

function global:Start-ScheduledTask {
  [CmdletBinding()]
  param([Parameter(Mandatory, Position = 0)] [string] $TaskName, [string] $TaskPath)
  Enter-StandIn -Name 'Start-ScheduledTask' -Text $TaskName
  [void](Get-ScheduledTask -TaskName $TaskName -ErrorAction Stop)
  [IO.File]::WriteAllText("C:\lab\starts\$TaskName", '')
}

function global:Unregister-ScheduledTask {
  [CmdletBinding(SupportsShouldProcess)]
  param([Parameter(Mandatory, Position = 0)] [string] $TaskName, [string] $TaskPath)
  Enter-StandIn -Name 'Unregister-ScheduledTask' -Text $TaskName
  [void](Get-ScheduledTask -TaskName $TaskName -ErrorAction Stop)
  Remove-LabObject -Kind 'tasks' -Name $TaskName
}

# Ends the process, not those that it has started.
function global:Stop-ScheduledTask {
  [CmdletBinding()]
  param([Parameter(Mandatory, Position = 0)] [string] $TaskName, [string] $TaskPath)
  Enter-StandIn -Name 'Stop-ScheduledTask' -Text $TaskName
  $Task = Get-ScheduledTask -TaskName $TaskName
  if ($null -ne $Task -and "$($Task.State)" -eq 'Running') {
    $Id = [ClusterNodeLab.Notes]::Running([regex]::Match($Task.Actions[0].Arguments, '[^\\]+\.ps1').Value)
    if ($Id -ne 0) {
      Stop-Process -Id $Id -Force
    }
  }
}
