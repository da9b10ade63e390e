# Stand-ins of what Windows alone has: local accounts and groups, private data of the LSA and RSACng, kept in $env:WORLD over processes.
# Dot-sourced behind the functions of a script.
$World = [IO.File]::ReadAllText("$env:WORLD/world.json") | ConvertFrom-Json -AsHashtable
function Save-World { [IO.File]::WriteAllText("$env:WORLD/world.json", (ConvertTo-Json $World -Depth 5)) }
function Stop-InBetween($Moment) { if ($World.powerCut -eq $Moment) { $World.powerCut = ''; Save-World; [Environment]::Exit(99) } }

function Get-InstanceMetadata($Path) { if ($Path -ne 'instance-id') { throw $Path }; $World.instance }
function Get-NodeSecret($Arn) {
  $World.calls += "secret $Arn"
  Save-World
  $World.secret
}

function ConvertTo-Account($Name) {
  $account = $World.accounts[$Name]
  $time = if ($account.setAt) { [DateTime]::new([long]$account.setAt, 'Utc').ToLocalTime() }
  [pscustomobject]@{ Name = $Name; SID = [pscustomobject]@{ Value = $account.sid } | Add-Member ScriptMethod ToString { $this.Value } -Force -PassThru; PasswordLastSet = $time }
}
function Get-LocalUser {
  [CmdletBinding()] param($Name, $SID)
  $found = @($World.accounts.Keys).Where({ $_ -eq $Name -or ($SID -and $World.accounts[$_].sid -eq "$SID") })
  if ($found) { ConvertTo-Account $found[0] } else { Write-Error "User $Name$SID was not found." }
}
function Set-Password($Name, [securestring] $Password) {
  $account = $World.accounts[$Name]
  $account.password = [Net.NetworkCredential]::new('', $Password).Password
  $account.setAt = "$([DateTime]::UtcNow.Ticks)"
  $account.times = 1 + $account.times
  Save-World
  Stop-InBetween 'password set'
}
function New-LocalUser($Name, [securestring] $Password, [switch] $PasswordNeverExpires, [switch] $AccountNeverExpires, $Description) {
  if ($World.accounts.ContainsKey($Name)) { throw 'exists' }
  $World.accounts[$Name] = @{ sid = "S-1-5-21-1-2-3-$(1001 + $World.accounts.Count)"; password = ''; setAt = ''; times = 0 }
  Set-Password $Name $Password
  ConvertTo-Account $Name
}
function Enable-LocalUser($SID) { $null = Get-LocalUser -SID $SID }
function Set-LocalUser($SID, [securestring] $Password, [bool] $PasswordNeverExpires, [switch] $AccountNeverExpires) { Set-Password (Get-LocalUser -SID $SID).Name $Password }
function Get-LocalGroup($Name) { [pscustomobject]@{ SID = 'S-1-5-21-1-2-3-2000' } }
function Add-LocalGroupMember($SID, $Member) { $World.members += "$Member in $SID"; Save-World }

function Set-LsaSecret($Name, $Value) { $World.lsa[$Name] = $Value; Save-World; Stop-InBetween 'secret kept' }
function Read-LsaSecret($Name) { "$($World.lsa[$Name])" }
function New-Object($TypeName, $ArgumentList) {
  if ($TypeName -eq 'Security.Cryptography.RSACng') { return [Security.Cryptography.RSA]::Create() }
  Microsoft.PowerShell.Utility\New-Object -TypeName $TypeName -ArgumentList $ArgumentList
}
