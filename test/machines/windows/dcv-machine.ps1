# What a desktop's functions need where there is no Windows: a registry, a firewall, services and folders that keep what they are told, and
# a dcv.exe and a port that are real.
$ErrorActionPreference = 'Stop'
. (Join-Path $PSScriptRoot functions.ps1)
function Import-Functions([string] $Script, [hashtable] $Replacements = @{}) {
  $text = Get-FunctionText ([IO.File]::ReadAllText("$env:SCRIPTS/$Script"))
  # The Framework alone knows access lists of folders.
  foreach ($key in $Replacements.Keys) { $text = $text.Replace($key, $Replacements[$key]) }
  [scriptblock]::Create($text)
}
$standIns = @{
  "Join-Path 'C:\' " = 'Join-Path $TestDrive '
  '[IO.Directory]::SetAccessControl($Folder, $Acl)' = '$machine.Folders[$Folder] = $Acl.Sddl'
  '[IO.Directory]::CreateDirectory($Folder, $Acl)' = '[IO.Directory]::CreateDirectory($Folder); $machine.Folders[$Folder] = $Acl.Sddl'
  "System32\config\systemprofile\AppData\Local\NICE\dcv" = 'profile'
  'NICE\DCV\Server\conf\cluster-node.perm' = 'cluster-node.perm'
  'NICE\dcv\log\server.log' = 'server.log'
  'NICE\DCV\Server\bin\dcv.exe' = 'dcv.exe'
}
. (Import-Functions 'bootstrap/extra/virtual_desktop.ps1' $standIns)

# Behind the functions of a script, in whose place they are.
$fakes = {
  function Start-Sleep($Seconds) { $machine.Slept += $Seconds * $machine.Step; & $machine.OnSleep }
  function Write-Host($Line) { $machine.Log.Add(($Line -creplace '^\S+ ')) }
  function Get-InstanceMetadata { $machine.Instance }
  function Get-SessionOwner { 'alice' }
  function Get-OwnerSid { [pscustomobject]@{ Value = $machine.Sid } }
  function Get-NodeSecret($Arn) { $machine.Secret }
  function Set-RegistryValue($Path, $Name, $Value, $Type) { $machine.Registry["$($Path -creplace '.*\\nicesoftware\\dcv\\')|$Name"] = "$Type $Value" }
  function Remove-ItemProperty($LiteralPath, $Name) { $machine.Registry.Remove("$LiteralPath|$Name") }
  function New-Item($Path, [switch] $Force) { $machine.Registry[$Path] = 'key' }
  function Set-LsaSecret($Name, $Value) { $machine.Lsa[$Name] = $Value }
  function Read-OwnerPassword { 'generated' }
  function New-Object($TypeName, $ArgumentList) {
    if ($TypeName -eq 'Security.AccessControl.DirectorySecurity') {
      return [pscustomobject]@{ Sddl = '' } | Add-Member ScriptMethod SetSecurityDescriptorSddlForm { $args[1] | Should -Be 'Owner, Access'; $this.Sddl = $args[0] } -PassThru
    }
    Microsoft.PowerShell.Utility\New-Object -TypeName $TypeName -ArgumentList $ArgumentList
  }
  function Get-Acl($LiteralPath) { [pscustomobject]@{ Sddl = $machine.Folders[$LiteralPath] } }

  # Services: what is asked for happens a while later.
  function Set-Service($Name, $StartupType) { $machine.Service.StartupType = $StartupType }
  function Get-Service($Name) {
    if ($Name -eq 'mpssvc') { return [pscustomobject]@{ Status = $machine.Firewall } }
    if ($machine.Service.Pending -gt 0 -and --$machine.Service.Pending -eq 0) { $machine.Service.Status = $machine.Service.Next }
    [pscustomobject]@{ Status = $machine.Service.Status }
  }
  function Restart-Service($Name, [switch] $Force) {
    $machine.Service.Restarts++
    if ($machine.Service.Status -like '*Pending' -or $machine.Service.Faults-- -gt 0) { throw "Service 'DCV Server (dcvserver)' cannot be stopped." }
    $machine.Service.Status = 'StartPending'
    $machine.Service.Pending = 3
  }
  function Get-CimInstance($ClassName, $Filter) { $Filter | Should -Be "Name='dcvserver'"; [pscustomobject]@{ ProcessId = $machine.ProcessId } }

  function Get-NetFirewallRule($Name, $DisplayName) { $machine.Rules.Values.Where({ $_.Name -eq $Name -or $_.DisplayName -in $DisplayName }) }
  function Remove-NetFirewallRule($Name) { if (-not $machine.Rules.ContainsKey($Name)) { Write-Error 'none' }; $machine.Rules.Remove($Name) }
  function New-NetFirewallRule($Name, $DisplayName, $Direction, $Protocol, $LocalPort, $Action) { $machine.Rules[$Name] = [pscustomobject]@{ Name = $Name; DisplayName = $DisplayName; Text = "$Direction $Protocol $LocalPort $Action" } }
  function Set-NetFirewallRule($Name, $Protocol, $LocalPort, $Enabled, $Action) { $machine.Rules[$Name].Text = "Inbound $Protocol $LocalPort $Action" }
}
. $fakes

# A real server with TLS on a port of this machine.
function New-Certificate([datetimeoffset] $From, [datetimeoffset] $To, $Key = [Security.Cryptography.RSA]::Create(2048)) {
  $request = if ($Key -is [Security.Cryptography.RSA]) {
    [Security.Cryptography.X509Certificates.CertificateRequest]::new('CN=desktop', $Key, 'SHA256', [Security.Cryptography.RSASignaturePadding]::Pkcs1)
  } else {
    [Security.Cryptography.X509Certificates.CertificateRequest]::new('CN=desktop', $Key, 'SHA256')
  }
  $request.CreateSelfSigned($From, $To)
}
function Start-TlsServer($Certificate) {
  $listener = [Net.Sockets.TcpListener]::new([Net.IPAddress]::Loopback, 0)
  $listener.Start()
  $shell = [powershell]::Create().AddScript({
    param($listener, $certificate)
    while ($true) {
      $client = $listener.AcceptTcpClient()
      try {
        if ($certificate) {
          $stream = [Net.Security.SslStream]::new($client.GetStream())
          $stream.AuthenticateAsServer($certificate)
        } else {
          $client.GetStream().Write([Text.Encoding]::ASCII.GetBytes("HTTP/1.1 400 Bad Request`r`n`r`n"))
        }
      } catch { } finally { $client.Close() }
    }
  }).AddArgument($listener).AddArgument($Certificate)
  [void]$shell.BeginInvoke()
  $listeners.Add($listener)
  $listener.LocalEndpoint.Port
}
$listeners = [Collections.Generic.List[object]]::new()
$now = [DateTimeOffset]::UtcNow
$tls = New-Certificate $now.AddDays(-1) $now.AddDays(400)
$tlsPort = Start-TlsServer ([Security.Cryptography.X509Certificates.X509Certificate2]::new($tls.Export('Pfx')))
$plainPort = Start-TlsServer
