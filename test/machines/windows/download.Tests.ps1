# The functions for downloads and installers. A server of a few lines answers; the installers are real processes.
BeforeAll {
  $ErrorActionPreference = 'Stop'
  . (Join-Path $PSScriptRoot functions.ps1)
  $functions = Get-FunctionText ([IO.File]::ReadAllText("$env:SCRIPTS/bootstrap/setup_user_customization.ps1"))
  . ([scriptblock]::Create($functions.Replace("StartsWith('https://'", "StartsWith('http://127'")))

  # Answers each connection with the next of the answers, as they stand.
  function Start-Server([string[]] $Answers) {
    $listener = [Net.Sockets.TcpListener]::new([Net.IPAddress]::Loopback, 0)
    $listener.Start()
    $machine.Listener = $listener
    $shell = [powershell]::Create().AddScript({
      param($listener, $answers)
      foreach ($answer in $answers) {
        $client = $listener.AcceptTcpClient()
        $stream = $client.GetStream()
        $seen = ''
        while ($seen -notlike "*`r`n`r`n") { $seen += [char]$stream.ReadByte() }
        $stream.Write([Text.Encoding]::ASCII.GetBytes($answer))
        $client.Close()
      }
    }).AddArgument($listener).AddArgument($Answers)
    [void]$shell.BeginInvoke()
    "http://127.0.0.1:$($listener.LocalEndpoint.Port)/tool.msi"
  }
  function Get-Answer($Body, $Length = $Body.Length, $Status = '200 OK') { "HTTP/1.1 $Status`r`nContent-Length: $Length`r`nConnection: close`r`n`r`n$Body" }
  $key = [Security.Cryptography.RSA]::Create(2048)
  function Start-Sleep { }
  function Write-Host($Line) { $log.Add($Line) }
  function Get-AuthenticodeSignature($LiteralPath) {
    [IO.Path]::GetExtension($LiteralPath) | Should -Be '.msi'
    $request = [Security.Cryptography.X509Certificates.CertificateRequest]::new($machine.Subject, $key, 'SHA256', [Security.Cryptography.RSASignaturePadding]::Pkcs1)
    $certificate = $request.CreateSelfSigned([DateTimeOffset]::UtcNow, [DateTimeOffset]::UtcNow.AddDays(1))
    [pscustomobject]@{ Status = [Management.Automation.SignatureStatus]$machine.Status; StatusMessage = 'so it is.'; SignerCertificate = $certificate }
  }
}

Describe 'a download' {
  BeforeEach {
    $NodeLogFile = ''
    $log = [Collections.Generic.List[string]]::new()
    $machine = @{ Status = 'Valid'; Subject = 'CN="NVIDIA Corporation, Inc", O=NVIDIA Corporation, C=US' }
    $folder = Join-Path $TestDrive "$(New-Guid)"
    $file = "$folder/downloads/tool.msi"
    $sha256 = 'b94d27b9934d3e08a52e52d7da7dabfac484efe37a5380ee9088f7ace2efcde9'
  }

  AfterEach { if ($machine.Listener) { $machine.Listener.Stop() } }

  It 'is there when its checksum is right, and is not fetched again' {
    $url = Start-Server (Get-Answer 'hello world')
    Save-VerifiedDownload $url $sha256 $file
    Get-Content -Raw $file | Should -BeExactly 'hello world'
    Save-VerifiedDownload 'http://127.0.0.1:9/' $sha256.ToUpper() $file
    Get-ChildItem $folder -Recurse -File | Should -HaveCount 1
  }

  It 'is fetched again when it was cut off, refused, or is another file' {
    $url = Start-Server (Get-Answer 'hello' 11), (Get-Answer 'busy' -Status '503 Busy'), (Get-Answer 'hello there'), (Get-Answer 'hello world')
    Save-VerifiedDownload $url $sha256 $file
    Get-Content -Raw $file | Should -BeExactly 'hello world'
    @($log -match 'attempt') | Should -HaveCount 3
  }

  It 'takes the place of a file that is not the right one' {
    New-Item (Split-Path $file) -ItemType Directory
    [IO.File]::WriteAllText($file, 'half')
    Save-VerifiedDownload (Start-Server (Get-Answer 'hello world')) $sha256 $file
    Get-Content -Raw $file | Should -BeExactly 'hello world'
  }

  It 'leaves nothing when it is refused to the end, and says the remedy' {
    $url = Start-Server (@(Get-Answer 'hello there') * 5)
    { Save-VerifiedDownload $url $sha256 $file -Remedy 'name another' } | Should -Throw "cannot download ${url}: the SHA-256 is *, expected $sha256; name another"
    Get-ChildItem $folder -Recurse -File | Should -BeNullOrEmpty
    { Save-VerifiedDownload $url "$sha256`n" $file } | Should -Throw 'expected the SHA-256*'
  }

  It 'is by https or from S3 alone' {
    . ([scriptblock]::Create($functions))
    { Save-VerifiedDownload 'http://127.0.0.1:9/tool.msi' $sha256 $file } | Should -Throw '*expected an address of https or S3, got http:*'
  }

  It 'may be an object of S3, of whatever Region: <url>' -TestCases @(
    @{ Url = 's3://bucket/folder/a b.msi'; Expected = 'bucket folder/a b.msi ' }
    @{ Url = 's3://bucket/a?b.msi?region=us-east-1'; Expected = 'bucket a?b.msi us-east-1' }
  ) {
    function Save-S3Object($Bucket, $Key, $Region, $Destination) { $log.Add("$Bucket $Key $Region"); [IO.File]::WriteAllText($Destination, $machine.Object) }
    $machine.Object = 'hello world'
    Save-VerifiedDownload $Url $sha256 $file
    $log | Should -Contain $Expected
    $log.Clear()
    $machine.Object = 'hello there'
    { Save-VerifiedDownload $Url "c$($sha256.Substring(1))" $file } | Should -Throw 'cannot download*'
    @($log -eq $Expected) | Should -HaveCount 2
    Get-Content -Raw $file | Should -BeExactly 'hello world'
  }

  It 'says no password that stands behind its address' {
    $url = Start-Server (@(Get-Answer 'gone' -Status '403 No') * 5)
    { Save-VerifiedDownload "${url}?X-Amz-Signature=secret" $sha256 $file } | Should -Throw 'cannot download*'
    "$log $($Error[0])" | Should -Not -Match 'secret'
  }

  It 'counts with a valid signature of an expected organisation' {
    Save-SignedDownload -Url (Start-Server (Get-Answer 'hello')) -Signer 'Amazon Web Services, Inc.', 'NVIDIA Corporation' -Destination $file
    Get-Content -Raw $file | Should -BeExactly 'hello'
  }

  It 'does not count when Windows says <status> of a signature of <subject>' -TestCases @(
    @{ Status = 'HashMismatch'; Subject = 'O=NVIDIA Corporation' }
    @{ Status = 'NotSigned'; Subject = 'O=NVIDIA Corporation' }
    @{ Status = 'Valid'; Subject = 'O=nvidia corporation' }
    @{ Status = 'Valid'; Subject = 'O=NVIDIA Corporation Ltd' }
    @{ Status = 'Valid'; Subject = 'CN=NVIDIA Corporation, O=Example' }
    @{ Status = 'Valid'; Subject = 'CN=a, OU="b, O=NVIDIA Corporation"' }
  ) {
    $machine.Status = $Status
    $machine.Subject = $Subject
    $url = Start-Server (@(Get-Answer 'hello') * 5)
    { Save-SignedDownload -Url $url -Signer 'NVIDIA Corporation' -Destination $file } | Should -Throw 'cannot download *sign*'
    Get-ChildItem $folder -Recurse -File | Should -BeNullOrEmpty
  }
}

Describe 'an installer' {
  BeforeEach {
    $NodeLogFile = ''
    $log = [Collections.Generic.List[string]]::new()
    $StateFolder = Join-Path $TestDrive "$(New-Guid)"
    [void](New-Item $StateFolder -ItemType Directory)
    # Ends with the next of the codes in the file, and leaves a program running.
    $tool = "$StateFolder/tool"
    [IO.File]::WriteAllText($tool, "#!/bin/sh`ncd '$StateFolder'`nsleep 300 >sleep.log 2>&1 </dev/null &`necho `$! >>left`necho `"`$@`" >>arguments`ncode=`$(head -n 1 codes)`nsed -i 1d codes`nexit `"`$code`"`n")
    chmod +x $tool
    function Set-Codes { [IO.File]::WriteAllText("$StateFolder/codes", ($args -join "`n") + "`n") }
  }
  AfterEach { if (Test-Path "$StateFolder/left") { kill (Get-Content "$StateFolder/left") } }

  It 'is waited for alone, and returns its exit code' {
    Set-Codes 0
    $watch = [Diagnostics.Stopwatch]::StartNew()
    Invoke-Installer -FilePath $tool -ArgumentList @('/i', '"a b"', '/quiet') | Should -Be 0
    $watch.Elapsed.TotalSeconds | Should -BeLessThan 60
    Get-Content "$StateFolder/arguments" | Should -Be '/i a b /quiet'
    Test-StateFile 'reboot-requested' | Should -BeFalse
  }

  It 'asks for a restart with <code>' -TestCases @(@{ Code = 201 }, @{ Code = 202 }) {
    # Exit codes of Linux end at 255.
    Set-Codes $Code
    Invoke-Installer -FilePath $tool -ArgumentList @('/i') -SuccessCode 0, 201, 202 -RestartCode 201, 202 | Should -Be $Code
    Read-StateFile 'reboot-requested' | Should -Be "continue tool asks for it (exit code $Code)"
  }

  It 'takes 3010 and 1641 for good, asking for a restart; waits for another installation; and tries nothing else again' {
    $codes = [Collections.Generic.Queue[int]]@(1618, 1618, 3010, 1641, 1603)
    function Invoke-InstallerProcess { $codes.Dequeue() }
    Invoke-Installer -FilePath 'a.exe' -ArgumentList @() | Should -Be 3010
    Read-StateFile 'reboot-requested' | Should -Be 'continue a.exe asks for it (exit code 3010)'
    Invoke-Installer -FilePath 'a.exe' -ArgumentList @() | Should -Be 1641
    { Invoke-Installer -FilePath 'a.exe' -ArgumentList @() } | Should -Throw 'a.exe ended with exit code 1603'
    $codes.Count | Should -Be 0
  }

  It 'waits for another installation within a bound' {
    $calls = @{ Count = 0 }
    function Invoke-InstallerProcess { $calls.Count++; 1618 }
    { Invoke-Installer -FilePath 'a.exe' -ArgumentList @() } | Should -Throw 'a.exe ended with exit code 1618'
    $calls.Count | Should -Be 16
  }

  It 'is ended with its children when it has no end, and that it cannot be started is told once' {
    $env:SystemRoot = $StateFolder
    function Invoke-NativeCommand($FilePath, $ArgumentList) { $FilePath | Should -BeLike '*taskkill.exe'; $ArgumentList[2..3] | Should -Be '/T', '/F'; kill $ArgumentList[1] }
    { Invoke-Installer -FilePath '/bin/sleep' -ArgumentList @('300') -TimeoutSeconds 1 } | Should -Throw 'sleep has not ended after 1 seconds'
    { Invoke-Installer -FilePath "$StateFolder/missing.exe" -ArgumentList @() } | Should -Throw 'missing.exe cannot be started: *'
    $log | Should -BeNullOrEmpty
  }
}
