# Every PowerShell process of a machine runs this first. What Wine or PowerShell 7 lacks are functions with the names, parameters
# and errors of Windows PowerShell 5.1, in the files beside this one. They are global, and so see the preferences of their caller.
# A parameter that they do not have is an error, as everywhere.
[void][Reflection.Assembly]::LoadFrom('C:\lab\lab.dll')
[ClusterNodeLab.Notes]::Process()
# With much to do Wine may not know its drives yet when PowerShell looks for them.
$Session = $ExecutionContext.SessionState
if (-not ($Session.Drive.GetAll() | Where-Object { $_.Name -eq 'C' })) {
  [void]$Session.Drive.New([Management.Automation.PSDriveInfo]::new('C', $Session.Provider.GetOne('FileSystem'), 'C:\', '', $null), 'global')
}
# A scenario holds a script at its start for as long as there is a file of its name.
$Script = [regex]::Match([Environment]::CommandLine, '([^\\" ]+)\.ps1', 'RightToLeft').Groups[1].Value
while ($Script -ne '' -and [IO.File]::Exists("C:\lab\hold\$Script")) {
  [Threading.Thread]::Sleep(50)
}

# Notes the call of a stand-in, and fails as a scenario asks for.
function global:Enter-StandIn {
  param([string] $Name, [string] $Text)
  [ClusterNodeLab.Notes]::Call("$Name $Text".Trim())
  $Fault = [ClusterNodeLab.Notes]::Fault($Name)
  if ($null -ne $Fault) {
    throw $Fault
  }
}

# What stand-ins keep: one JSON file for each object. The judge of a run reads them.
function global:Get-LabFile {
  param([string] $Kind, [string] $Name)
  return 'C:\lab\state\{0}\{1}.json' -f $Kind, [Uri]::EscapeDataString($Name.ToLowerInvariant())
}

function global:Read-LabObject {
  param([string] $Kind, [string] $Name = '*')
  if ($Name -eq '*') {
    $Files = @()
    if ([IO.Directory]::Exists("C:\lab\state\$Kind")) {
      $Files = [IO.Directory]::GetFiles("C:\lab\state\$Kind", '*.json')
    }
  } else {
    $Files = @(Get-LabFile -Kind $Kind -Name $Name | Where-Object { [IO.File]::Exists($_) })
  }
  foreach ($File in $Files) {
    ConvertFrom-Json -InputObject ([IO.File]::ReadAllText($File))
  }
}

function global:Write-LabObject {
  param([string] $Kind, [string] $Name, $Object)
  [void][IO.Directory]::CreateDirectory("C:\lab\state\$Kind")
  [IO.File]::WriteAllText((Get-LabFile -Kind $Kind -Name $Name), (ConvertTo-Json -InputObject $Object -Depth 5))
}

function global:Remove-LabObject {
  param([string] $Kind, [string] $Name)
  [IO.File]::Delete((Get-LabFile -Kind $Kind -Name $Name))
}

foreach ($StandIn in [IO.Directory]::GetFiles('C:\lab\standins', '*.ps1')) {
  if (-not $StandIn.EndsWith('\prelude.ps1')) {
    . $StandIn
  }
}
