# What a desktop sets, and what makes it ready.
BeforeAll { . (Join-Path $PSScriptRoot dcv-machine.ps1) }

# Which ends their threads, and without which PowerShell would not end.
AfterAll { foreach ($listener in $listeners) { $listener.Stop() } }

Describe 'DCV on a desktop' {
  BeforeEach {
    $StateFolder = Join-Path $TestDrive "$(New-Guid)"
    [void][IO.Directory]::CreateDirectory($StateFolder)
    $NodeLogFile = ''
    $env:ProgramFiles = $StateFolder
    $env:ProgramData = $StateFolder
    $env:SystemRoot = $StateFolder
    $machine = @{ Instance = 'i-1'; Sid = 'S-1-5-21-1-2-3-1001'; Secret = ''; Registry = [ordered]@{}; Lsa = @{}; Folders = @{}; Rules = @{}; Firewall = 'Running'; ProcessId = $PID
      Log = [Collections.Generic.List[string]]::new(); Slept = 0; Step = 1; OnSleep = {}; Service = @{ Status = 'Running'; Pending = 0; Next = 'Running'; Restarts = 0; Faults = 0; StartupType = 'Manual' } }
  }

  Context 'settings' {
    It 'are all written, with the defaults of the vendor' {
      Set-DcvConfiguration
      $folder = Join-Path $TestDrive 'dcv_session_storage'
      $console = 'session-management\automatic-console-session'
      $machine.Registry.GetEnumerator().ForEach({ "$($_.Key) $($_.Value)" }) | Should -Be @(
        'session-management|create-session DWord 1'
        'session-management|max-concurrent-clients DWord -1'
        "session-management\defaults|permissions-file String $StateFolder/cluster-node.perm"
        "$console|owner String alice"
        "$console|permissions-file String $StateFolder/cluster-node.perm"
        "$console|max-concurrent-clients DWord -1"
        "$console|storage-root String $folder"
        'display|web-client-max-head-resolution String (4096, 2160)'
        'connectivity|web-port DWord 8443'
        'connectivity|quic-port DWord 8443'
        'connectivity|enable-quic-frontend DWord 1'
        'connectivity|idle-timeout DWord 1441'
        'security|authentication String system'
        'security|auth-token-verifier String '
        'security|no-tls-strict DWord 0'
        'security|os-auto-lock DWord 1'
        'security|supervision-control String disabled'
      )
      [IO.File]::ReadAllText("$StateFolder/cluster-node.perm") | Should -BeLike "``[permissions]`r`n%any% deny printer usb`r`n%owner% allow display pointer audio-in * unsupervised-access`r`n"
    }

    It 'are as they were asked for' {
      . (Import-Functions 'options/extra/virtual_desktop.ps1' $standIns)
      . $fakes
      function Get-SessionOwner { 'Eve' }
      Set-DcvConfiguration
      $machine.Registry['session-management|max-concurrent-clients'] | Should -Be 'DWord 3'
      $machine.Registry['display|web-client-max-head-resolution'] | Should -Be 'String (2560, 1440)'
      $machine.Registry['connectivity|enable-quic-frontend'] | Should -Be 'DWord 0'
      $machine.Registry['security|os-auto-lock'] | Should -Be 'DWord 0'
      $machine.Registry['security|supervision-control'] | Should -Be 'String enforced'
      # The owner, in whatever case, is no collaborator as well.
      [IO.File]::ReadAllLines("$StateFolder/cluster-node.perm")[1, 3, 4] | Should -Be '%any% deny screenshot', 'trainer allow display pointer audio-out', 'trainer deny unsupervised-access'
      [IO.File]::ReadAllLines("$StateFolder/cluster-node.perm") | Should -HaveCount 5
      Get-CollaboratorLine -User 'bob' -Features 'display' -Unsupervised | Should -Be 'bob allow display unsupervised-access'
      foreach ($user in '%any%', "bob`nmallory", 'Administrator', '', ('a' * 21), 'bob allow') { { Get-CollaboratorLine -User $user -Features 'display' } | Should -Throw 'collaborators of the session: expected *' }
    }

    It 'have no storage where nobody transfers files' {
      . (Import-Functions 'secret/extra/virtual_desktop.ps1' $standIns)
      . $fakes
      Set-DcvConfiguration
      $machine.Registry['session-management\automatic-console-session|storage-root'] | Should -Be 'String '
      $machine.Folders.Count | Should -Be 0
    }
  }

  Context 'the folder for files' {
    BeforeEach {
      $folder = Join-Path $TestDrive 'dcv_session_storage'
      Get-ChildItem "$folder*" | Remove-Item -Recurse
      $list = "O:BAD:P(A;OICI;FA;;;SY)(A;OICI;FA;;;BA)(A;OICI;0x1301bf;;;$($machine.Sid))"
    }

    It 'is the owner''s, and stays what it is' {
      Initialize-SessionStorage | Should -Be $folder
      $machine.Folders[$folder] | Should -Be $list
      [IO.File]::WriteAllText("$folder/mine", '')
      # As Windows says it.
      $machine.Folders[$folder] = $list.Replace('O:BAD:P', 'O:BAG:SYD:PAI')
      Initialize-SessionStorage | Should -Be $folder
      Test-Path "$folder/mine" | Should -BeTrue
    }

    It 'of another owner, from an image, is set aside with what is in it' {
      Initialize-SessionStorage
      [IO.File]::WriteAllText("$folder/theirs", '')
      $machine.Folders[$folder] = $machine.Folders[$folder].Replace('O:BAD:P', 'O:BAG:SYD:PAI')
      $machine.Sid = 'S-1-5-21-1-2-3-1002'
      Initialize-SessionStorage | Should -Be $folder
      $machine.Folders[$folder] | Should -Be $list.Replace('1001', '1002')
      Get-ChildItem $folder | Should -BeNullOrEmpty
      Get-ChildItem "$folder.*" | Get-ChildItem | Should -HaveCount 1
      $machine.Log | Should -BeLike "warning *dcv_session_storage is another owner's, S-1-5-21-1-2-3-1001, of an image: it becomes *"
    }

    It 'that is a link to another one is made anew, and what it leads to is left alone' {
      [void][IO.Directory]::CreateDirectory("$TestDrive/elsewhere")
      [IO.File]::WriteAllText("$TestDrive/elsewhere/file", '')
      [void][IO.Directory]::CreateSymbolicLink($folder, "$TestDrive/elsewhere")
      Initialize-SessionStorage | Should -Be $folder
      (Get-Item $folder).LinkType | Should -BeNullOrEmpty
      Get-ChildItem $folder | Should -BeNullOrEmpty
      Test-Path "$TestDrive/elsewhere/file" | Should -BeTrue
      $machine.Log | Should -BeLike 'warning *is a link*'
    }

    It 'that somebody has put into the image gets the list, and keeps what is in it' {
      [void][IO.Directory]::CreateDirectory($folder)
      [IO.File]::WriteAllText("$folder/readme", '')
      $machine.Folders[$folder] = 'O:BAG:SYD:AI(A;OICIID;FA;;;BA)(A;OICIID;0x1200a9;;;BU)'
      Initialize-SessionStorage | Should -Be $folder
      $machine.Folders[$folder] | Should -Be $list
      Test-Path "$folder/readme" | Should -BeTrue
    }
  }

  Context 'the firewall' {
    It 'has rules for both, and none of the package' {
      $machine.Rules['{A}'] = [pscustomobject]@{ Name = '{A}'; DisplayName = 'NICE DCV Server (In)' }
      $machine.Rules['{B}'] = [pscustomobject]@{ Name = '{B}'; DisplayName = 'Other' }
      Set-DcvFirewallRules
      Set-DcvFirewallRules
      $machine.Rules.Keys | Should -HaveCount 3
      $machine.Rules.Keys -match '\{' | Should -Be '{B}'
      $machine.Rules['ClusterNode-DCV-TCP'].Text | Should -Be 'Inbound TCP 8443 Allow'
      $machine.Rules['ClusterNode-DCV-UDP'].Text | Should -Be 'Inbound UDP 8443 Allow'
      # Another node of the image has no QUIC.
      . (Import-Functions 'options/extra/virtual_desktop.ps1' $standIns)
      . $fakes
      Set-DcvFirewallRules
      $machine.Rules.Keys -match 'DCV' | Should -Be 'ClusterNode-DCV-TCP'
    }

    It 'may be off by policy' {
      $machine.Firewall = 'Stopped'
      Set-DcvFirewallRules
      $machine.Rules.Count | Should -Be 0
      $machine.Log | Should -BeLike 'warning Windows Firewall (mpssvc) is Stopped*'
    }
  }

  Context 'the service' {
    It 'is restarted when it neither starts nor stops' {
      $machine.Service.Status = 'StartPending'
      $machine.Service.Pending = 50
      Restart-DcvServer
      $machine.Service.Restarts | Should -Be 1
      $machine.Service.Status | Should -Be 'Running'
      $machine.Service.StartupType | Should -Be 'Automatic'
      $machine.Slept | Should -BeGreaterThan 45
    }

    It 'is asked again when it refuses' {
      $machine.Service.Faults = 2
      Restart-DcvServer
      $machine.Service.Restarts | Should -Be 3
    }

    It 'is given up on when it always refuses, never comes up, or stops at once' {
      $machine.Service.Faults = 99
      { Restart-DcvServer } | Should -Throw '*cannot be stopped*'
      $machine.Service.Restarts | Should -Be 5
      $machine.Service = @{ Status = 'StartPending'; Pending = 0; Restarts = 0 }
      { Restart-DcvServer } | Should -Throw 'the service dcvserver has been StartPending for 120 seconds'
      $machine.Service.Restarts | Should -Be 0
      $machine.Service = @{ Status = 'Running'; Pending = 0; Next = 'Stopped'; Restarts = 0; Faults = 0 }
      { Restart-DcvServer } | Should -Throw 'expected the service dcvserver to be Running, got Stopped'
    }
  }

  Context 'logging on' {
    BeforeAll { $winlogon = 'HKLM:\SOFTWARE\Microsoft\Windows NT\CurrentVersion\Winlogon' }
    BeforeEach {
      $env:COMPUTERNAME = 'EC2AMAZ-1'
      $machine.Registry["$winlogon|DefaultPassword"] = 'readable'
      $machine.Registry["$winlogon|AutoLogonCount"] = '1'
    }
    AfterEach { $env:COMPUTERNAME = '' }

    It 'is the owner''s own, whatever the image says' {
      Set-AutoLogon
      $machine.Registry["$winlogon|AutoAdminLogon"] | Should -Be 'String 0'
      $machine.Registry["$winlogon|DefaultPassword"] | Should -BeNullOrEmpty
      $machine.Lsa.Count | Should -Be 0
    }

    It 'is Windows'' with <folder>, whose password is private data' -TestCases @(@{ folder = 'options'; password = 'generated' }, @{ folder = 'secret'; password = 'of the secret' }) {
      . (Import-Functions "$folder/extra/virtual_desktop.ps1" $standIns)
      . $fakes
      $machine.Secret = 'of the secret'
      Set-AutoLogon
      $machine.Lsa.DefaultPassword | Should -BeExactly $password
      @('AutoAdminLogon', 'DefaultUserName', 'DefaultDomainName', 'DefaultPassword', 'AutoLogonCount').ForEach({ $machine.Registry["$winlogon|$_"] }) | Should -Be 'String 1', 'String alice', 'String EC2AMAZ-1', $null, $null
      $machine.Registry.Values -match $password | Should -BeNullOrEmpty
    }

    It 'leads to the desktop' {
      Disable-FirstLogonPrompt
      $machine.Registry.Keys -match 'HideFirstRun|PrivacyExperience|DoNotOpen|NewNetworkWindowOff' | Should -HaveCount 5
    }
  }

  It 'never sleeps, and a setting that Windows refuses is a warning' {
    function Invoke-NativeCommand($FilePath, $ArgumentList) { $calls.Add("$ArgumentList"); if ("$ArgumentList" -match 'VIDEOCONLOCK') { throw 'no such setting' } }
    $calls = [Collections.Generic.List[string]]::new()
    Disable-PowerSaving
    $calls | Should -Be '/change monitor-timeout-ac 0', '/change standby-timeout-ac 0', '/change hibernate-timeout-ac 0', '/setacvalueindex SCHEME_CURRENT SUB_VIDEO VIDEOCONLOCK 0', '/setactive SCHEME_CURRENT'
    $machine.Log | Should -BeLike 'warning powercfg *VIDEOCONLOCK 0: no such setting'
  }

  Context 'the certificate' {
    BeforeAll {
      . (Import-Functions 'options/extra/virtual_desktop.ps1' $standIns)
      . $fakes
      function Get-Pem($Label, [byte[]] $Content) { "-----BEGIN $Label-----`n$([Convert]::ToBase64String($Content, 'InsertLineBreaks').Replace("`r`n", "`n"))`n-----END $Label-----" }
      function ConvertTo-Secret($Certificate, $Key, $Chain) {
        $parts = @{ Certificate = $Certificate; PrivateKey = $Key }
        if ($Chain) { $parts.CertificateChain = $Chain }
        ConvertTo-Json $parts
      }
      $rsa = [Security.Cryptography.RSA]::Create(2048)
      $ec = [Security.Cryptography.ECDsa]::Create([Security.Cryptography.ECCurve+NamedCurves]::nistP256)
      $days = { param($from, $to, $key = $rsa) Get-Pem 'CERTIFICATE' (New-Certificate $now.AddDays($from) $now.AddDays($to) $key).RawData }
      $good = & $days -1 400
      $pkcs8 = Get-Pem 'PRIVATE KEY' $rsa.ExportPkcs8PrivateKey()
    }
    BeforeEach { $folder = "$StateFolder/profile" }

    It 'and its key are put where the server looks: <kind>' -TestCases @(
      @{ kind = 'RSA, PKCS #8'; key = { $pkcs8 }; certificate = { $good } }
      @{ kind = 'RSA, PKCS #1'; key = { Get-Pem 'RSA PRIVATE KEY' $rsa.ExportRSAPrivateKey() }; certificate = { $good } }
      @{ kind = 'EC, PKCS #8'; key = { Get-Pem 'PRIVATE KEY' $ec.ExportPkcs8PrivateKey() }; certificate = { & $days -1 400 $ec } }
      @{ kind = 'EC, SEC 1'; key = { Get-Pem 'EC PRIVATE KEY' $ec.ExportECPrivateKey() }; certificate = { & $days -1 400 $ec } }
      @{ kind = 'RSA with a shorter header'; key = { $script:short = [Security.Cryptography.RSA]::Create(1024); Get-Pem 'PRIVATE KEY' $short.ExportPkcs8PrivateKey() }; certificate = { & $days -1 400 $short } }
    ) {
      $keyText = & $key
      $certificateText = & $certificate
      [void][IO.Directory]::CreateDirectory($folder)
      [IO.File]::WriteAllText("$folder/dcv.key", 'of before')
      $machine.Secret = ConvertTo-Secret $certificateText.Replace("`n", "`r`n") " $keyText `n" $good
      Install-DcvCertificate
      [IO.File]::ReadAllText("$folder/dcv.pem") | Should -BeExactly "$certificateText`n$good`n"
      [IO.File]::ReadAllText("$folder/dcv.key") | Should -BeExactly "$keyText`n"
      Get-ChildItem $StateFolder -File | Should -BeNullOrEmpty
      $machine.Log | Should -BeNullOrEmpty
    }

    It 'that ends soon is a warning' {
      $machine.Secret = ConvertTo-Secret (& $days -1 29) $pkcs8
      Install-DcvCertificate
      $machine.Log | Should -BeLike 'warning the certificate of DCV expires on *Z; a desktop reads a new one *'
    }

    It 'is refused, and nothing is written: <what>' -TestCases @(
      @{ what = 'no JSON'; secret = { $good }; reason = 'it is no JSON' }
      @{ what = 'a list'; secret = { '["a"]' }; reason = 'Certificate is no text in it' }
      @{ what = 'no key'; secret = { ConvertTo-Json @{ Certificate = $good } }; reason = 'PrivateKey is no text in it' }
      @{ what = 'a key that is a number'; secret = { ConvertTo-Secret $good 7 }; reason = 'PrivateKey is no text in it' }
      @{ what = 'an empty certificate'; secret = { ConvertTo-Secret " `n" $pkcs8 }; reason = 'Certificate is no text in it' }
      @{ what = 'another alphabet'; secret = { ConvertTo-Secret "$good`u{e9}" $pkcs8 }; reason = 'Certificate in its secret is no PEM' }
      @{ what = 'no PEM'; secret = { ConvertTo-Secret 'certificate' $pkcs8 }; reason = 'expected certificates in PEM' }
      @{ what = 'no base64'; secret = { ConvertTo-Secret "-----BEGIN CERTIFICATE-----`nabc`n-----END CERTIFICATE-----" $pkcs8 }; reason = 'a block that is no base64' }
      @{ what = 'no certificate'; secret = { ConvertTo-Secret (Get-Pem 'CERTIFICATE' (1..99)) $pkcs8 }; reason = 'expected certificates in PEM' }
      @{ what = 'a chain of something else'; secret = { ConvertTo-Secret $good $pkcs8 (Get-Pem 'CERTIFICATE' (1..99)) }; reason = 'expected certificates in PEM' }
      @{ what = 'expired'; secret = { ConvertTo-Secret (& $days -9 -1) $pkcs8 }; reason = 'it has expired on *; put a new one into its secret' }
      @{ what = 'of tomorrow'; secret = { ConvertTo-Secret (& $days 1 9) $pkcs8 }; reason = 'it is valid from * on, which is still to come' }
      @{ what = 'an encrypted key'; secret = { ConvertTo-Secret $good (Get-Pem 'ENCRYPTED PRIVATE KEY' (1..9)) }; reason = 'a private key without a passphrase' }
      @{ what = 'no PEM of a key'; secret = { ConvertTo-Secret $good 'key' }; reason = 'expected a private key in PEM' }
      @{ what = 'the key of another'; secret = { ConvertTo-Secret $good (Get-Pem 'PRIVATE KEY' ([Security.Cryptography.RSA]::Create(2048).ExportPkcs8PrivateKey())) }; reason = 'is not that of the certificate' }
      @{ what = 'a chain in front'; secret = { ConvertTo-Secret ((& $days -1 400 ([Security.Cryptography.RSA]::Create(2048))) + "`n$good") $pkcs8 }; reason = 'is not that of the certificate' }
    ) {
      $machine.Secret = & $secret
      { Install-DcvCertificate } | Should -Throw "certificate of DCV: *$reason*"
      Get-ChildItem $StateFolder | Should -BeNullOrEmpty
    }

    It 'of the node that the image was made of goes, and no other' {
      [void][IO.Directory]::CreateDirectory($folder)
      foreach ($name in 'dcv.pem', 'dcv.key') { [IO.File]::WriteAllText("$folder/$name", 'of an administrator') }
      Remove-ImageCertificate
      Remove-ImageCertificate
      Test-Path "$folder/dcv.pem", "$folder/dcv.key" | Should -Be $true, $true
      $machine.Instance = 'i-2'
      Remove-ImageCertificate
      Test-Path "$folder/dcv.pem", "$folder/dcv.key" | Should -Be $false, $false
      [IO.File]::WriteAllText("$folder/dcv.pem", 'new')
      Remove-ImageCertificate
      Test-Path "$folder/dcv.pem" | Should -BeTrue
    }
  }

  Context 'is ready' {
    BeforeAll {
      . (Import-Functions 'bootstrap/extra/virtual_desktop.ps1' ($standIns + @{ '-Port 8443' = '-Port $machine.Port'; 'Get-ColourCount -File $File' = '$machine.Colours'; '$Watch.Elapsed.TotalSeconds' = '$machine.Slept' }))
      . $fakes
      function Set-Dcv([string] $Body) { [IO.File]::WriteAllText("$StateFolder/dcv.exe", "#!/bin/sh`n$Body`n"); chmod +x "$StateFolder/dcv.exe" }
    }
    BeforeEach {
      $machine.Port = $tlsPort
      $machine.Colours = 9
      Set-Dcv "echo `"Session: 'console' (owner:alice type:console name:'Console')`""
    }

    It 'when service, port, session and owner have been right for a while, which the last look need not wait for' {
      Wait-DcvDesktop
      $machine.Slept | Should -Be 14
      $machine.Log | Should -Be 'info waiting for the desktop: the session has not been the same for 14 s yet', 'info the session of alice is ready'
      $machine.Slept = 0
      Wait-DcvDesktop
      $machine.Slept | Should -Be 0
    }

    It 'once more from the start when it was away, or its server is another process' {
      $machine.OnSleep = { if ($machine.Slept -eq 10) { $machine.Service.Status = 'Stopped' } elseif ($machine.Slept -eq 12) { $machine.Service.Status = 'Running' } elseif ($machine.Slept -eq 20) { $machine.ProcessId = (Get-Process -Id $PID).Parent.Id } }
      Wait-DcvDesktop
      $machine.Slept | Should -Be 34
    }

    It 'of an owner with a domain, in whatever case' {
      Set-Dcv "echo `"Session: 'console' (owner:CORP\\\\Alice type:console)`""
      Get-DesktopProblem -Owner 'alice' | Should -Be ''
    }

    It 'not when <what>' -TestCases @(
      @{ what = 'the service has stopped'; fault = { $machine.Service.Status = 'Stopped' }; reason = 'the service dcvserver is Stopped' }
      @{ what = 'nothing listens'; fault = { $machine.Port = 1 }; reason = 'port 1 does not answer with TLS: *' }
      @{ what = 'it is no TLS'; fault = { $machine.Port = $plainPort }; reason = "port * does not answer with TLS: *" }
      @{ what = 'there is no session'; fault = { Set-Dcv 'echo There are no sessions available.' }; reason = 'DCV has no session console: There are no sessions available.' }
      @{ what = 'there is another session'; fault = { Set-Dcv "echo `"Session: 'other' (owner:alice type:console)`"" }; reason = 'DCV has no session console: *' }
      @{ what = 'it is somebody else''s'; fault = { Set-Dcv "echo `"Session: 'console' (owner:alice2 type:console)`"" }; reason = 'the session console is of alice2, expected it to be of alice' }
      @{ what = 'DCV fails'; fault = { Set-Dcv 'echo no server >&2; exit 3' }; reason = 'DCV lists no sessions: dcv.exe list-sessions ended with exit code 3: no server' }
      @{ what = 'there is no DCV'; fault = { Remove-Item "$StateFolder/dcv.exe" }; reason = 'DCV lists no sessions: *' }
    ) {
      [IO.File]::WriteAllLines("$StateFolder/server.log", @('first') + (1..20))
      . $fault
      $machine.Step = 100
      { Wait-DcvDesktop } | Should -Throw "the desktop is not ready after 421 s: $reason"
      $machine.Slept | Should -Be 500
      $machine.Log | Should -Contain 'info 1'
      $machine.Log | Should -Not -Contain 'info first'
      Test-StateFile 'stable-session' | Should -BeFalse
    }

    It 'not when DCV hangs' {
      Set-Dcv 'exec sleep 300'
      { Invoke-Dcv -ArgumentList @('list-sessions') -TimeoutSeconds 1 } | Should -Throw 'dcv.exe list-sessions has not ended after 1 seconds'
    }

    It 'with a word about a screen of one colour, or without a picture' {
      Test-SessionPicture
      $machine.Log | Should -BeNullOrEmpty
      $machine.Colours = 1
      Test-SessionPicture
      Set-Dcv 'echo not here; exit 1'
      Test-SessionPicture
      $machine.Log | Should -Be 'warning the screen of the session is of one colour', 'warning no picture of the session: dcv.exe get-screenshot ended with exit code 1: not here'
    }
  }
}
