# Stage 0 from start to end on a machine that is not Windows: real files, everything else a stand-in. $env:SCRIPTS is a folder with
# the rendered script of each variant.
BeforeAll {
  $ErrorActionPreference = 'Stop'

  # Runs stage 0 in a folder of its own and gives back what it called, what it printed and the folder.
  function Invoke-Stage0([string] $Variant = 'plain', [scriptblock] $Before = {}, [string] $Folder = (Join-Path $TestDrive "$(New-Guid)")) {
    $text = [IO.File]::ReadAllText("$env:SCRIPTS/$Variant.ps1")
    $text = $text.Replace("'C:\ProgramData\ClusterNode'", "'$Folder'") -replace '(?<=\$(StateFolder|BundleFolder))\\', '/'
    # The Framework alone can create a folder with an access list.
    $text = $text.Replace('::CreateDirectory($Path, $Acl)', '::CreateDirectory((Add-Call $Path "folder $($Acl.Sddl)"))')
    $text = $text.Replace('& "$PSHOME\powershell.exe"', '& Start-Runner').Replace('& "$env:SystemRoot\System32\tar.exe"', '& Expand-Tar')
    $global:machine = @{ Folder = $Folder; Calls = [Collections.Generic.List[string]]::new(); Owner = 'O:BAG:SYD:PAI(A;OICI;FA;;;SY)'; Id = 'i-1'; Tags = @{ SignalStack = 'st'; SignalResource = 'res' }
      S3 = @('the bundle'); Runner = { [IO.File]::WriteAllText("$($machine.Folder)/result", 'ready'); 0 }; RefusedSignals = @(); Tokens = @('TOKEN'); NoRole = $false }
    . $Before
    $output = & ([scriptblock]::Create($text)) *>&1 | Out-String
    # The lock ends with the process on a node.
    [GC]::Collect(); [GC]::WaitForPendingFinalizers()
    [pscustomobject]@{ Calls = @($machine.Calls); Output = $output; Folder = $Folder; Result = $(if (Test-Path "$Folder/result") { [IO.File]::ReadAllText("$Folder/result") }) }
  }

  function global:Add-Call($Value, $Call) { $machine.Calls.Add($Call); $Value }
  function global:Start-Sleep { }
  function global:Get-Acl { [pscustomobject]@{ Sddl = $machine.Owner } }
  function global:Import-Module { }
  function global:Get-FileHash($Path) { [pscustomobject]@{ Hash = $(if ([IO.File]::ReadAllText($Path) -eq 'the bundle') { '7' * 64 } else { 'AB' }) } }
  function global:Read-S3Object($BucketName, $Key, $File, $Region) {
    $machine.Calls.Add("s3 $BucketName $Key $Region")
    $body, $machine.S3 = $machine.S3
    if ($body -eq 'fault') { throw 'throttled' }
    [IO.File]::WriteAllText($File, $body)
  }
  function global:Expand-Tar { $machine.Calls.Add("tar $args".Replace($machine.Folder, '')); $global:LASTEXITCODE = 0 }
  function global:Start-Runner { $machine.Calls.Add("runner $args".Replace($machine.Folder, '')); $global:LASTEXITCODE = & $machine.Runner }
  function global:New-EC2Tag($Resource, $Tag, $Region, [switch] $Force) { if ($machine.NoRole) { throw 'no credentials' }; $machine.Calls.Add("tag $Resource $($Tag.ForEach({ "$($_.Key)=$($_.Value)" }) -join '; ') $Region") }
  function global:Send-CFNResourceSignal($StackName, $LogicalResourceId, $Status, $UniqueId, $Region, [switch] $Force) {
    $machine.Calls.Add("signed signal $StackName $LogicalResourceId $Status '$UniqueId' $Region")
    if ($UniqueId -match ' ' -and $machine.RefusedSignals) { throw 'refused' }
  }
  # CloudFormation, for a signal with an identity document: through the machine's proxy, and with the very bytes of the document.
  function global:Receive-Signal($Client, [Uri] $Url) {
    $document, $signature = ($Client.Headers['Authorization'] -creplace '^CFN_V1 ').Split(':')
    if ([Text.Encoding]::UTF8.GetString([Convert]::FromBase64String($document)) -cne "{`n  `"instanceId`" : `"$($machine.Id)`"`n}" -or $signature -cne 'c2lnbmF0PQ==') { throw '403' }
    if ($null -eq $Client.Proxy) { throw 'no route' }
    if (-not [Net.ServicePointManager]::SecurityProtocol.HasFlag([Net.SecurityProtocolType]::Tls12)) { throw 'no TLS 1.2' }
    $query = [Web.HttpUtility]::ParseQueryString($Url.Query)
    $machine.Calls.Add("signal $($Url.Host)$($Url.AbsolutePath) $($query['Action']) $($query['Version']) $($query['StackName']) $($query['LogicalResourceId']) $($query['Status']) '$($query['UniqueId'])' $($Client.Headers['User-Agent'])")
    if ($query['UniqueId'] -match ' ' -and $machine.RefusedSignals) { throw '400' }
  }
  function global:New-Object($TypeName, $ArgumentList) {
    switch ($TypeName) {
      'Security.AccessControl.DirectorySecurity' { [pscustomobject]@{ Sddl = '' } | Add-Member ScriptMethod SetSecurityDescriptorSddlForm { $this.Sddl = $args[0] } -PassThru }
      'Net.WebClient' {
        $client = [pscustomobject]@{ Proxy = 'the machine''s'; Headers = [Net.WebHeaderCollection]::new() }
        $client | Add-Member ScriptMethod UploadString {
          $machine.Calls.Add("imds $($args[1]) $($args[0]) proxy '$($this.Proxy)'")
          $token, $rest = $machine.Tokens
          if ($rest) { $machine.Tokens = $rest }
          $token
        }
        $client | Add-Member ScriptMethod DownloadString {
          $url = [Uri]$args[0]
          if ($url.Host -ne '169.254.169.254') { return Receive-Signal $this $url }
          $path = $url.AbsolutePath -replace '^/latest/'
          if ($this.Headers['X-aws-ec2-metadata-token'] -ne 'TOKEN' -or $null -ne $this.Proxy) { throw '401' }
          switch ($path) {
            'meta-data/instance-id' { return $machine.Id }
            'meta-data/placement/region' { return 'eu-west-1' }
            'meta-data/services/domain' { return 'amazonaws.com' }
            'dynamic/instance-identity/document' { return "{`n  `"instanceId`" : `"$($machine.Id)`"`n}" }
            'dynamic/instance-identity/signature' { return "c2ln`nbmF0`nPQ==" }
          }
          if ($path -match 'meta-data/tags/instance/cluster-node:(\w+)' -and $machine.Tags[$Matches[1]]) { return $machine.Tags[$Matches[1]] }
          throw '404'
        } -PassThru
      }
      default { Microsoft.PowerShell.Utility\New-Object $TypeName $ArgumentList }
    }
  }
}

Describe 'stage 0' {
  BeforeAll { $signal = 'signal cloudformation.eu-west-1.amazonaws.com/ SignalResource 2010-05-15 st res FAILURE' }

  It 'takes its steps in the safe order' {
    $run = Invoke-Stage0
    $run.Calls | Should -Be @(
      'folder O:BAD:P(A;OICI;FA;;;SY)(A;OICI;FA;;;BA)'
      "imds PUT http://169.254.169.254/latest/api/token proxy ''"
      's3 bucket key eu-west-1'
      'tar -xf /bundle.tar -C /bootstrap'
      'runner -NoProfile -NonInteractive -ExecutionPolicy Bypass -File /bootstrap/runner.ps1'
    )
    $run.Result | Should -Be 'ready'
    Test-Path "$($run.Folder)/i-1", "$($run.Folder)/bootstrap/$('7' * 64)" | Should -Be $true, $true
    [IO.File]::ReadAllText("$($run.Folder)/values") | Should -Match '^VALUE_CONFIGURATION_REGION=ZXUtd2VzdC0x\n'
  }

  It 'gets another token when the metadata refuses the one that it has given' {
    $run = Invoke-Stage0 -Before { $machine.Tokens = 'REFUSED', 'TOKEN' }
    $run.Result | Should -Be 'ready'
    $run.Calls -like 'imds PUT*' | Should -HaveCount 2
  }

  It 'does nothing more once there is a result' {
    $first = Invoke-Stage0
    (Invoke-Stage0 -Folder $first.Folder).Calls | Should -HaveCount 2
  }

  It 'after a restart starts the runner again, and leaves bundle and values alone' {
    $first = Invoke-Stage0 -Before { $machine.Runner = { [IO.File]::WriteAllText("$($machine.Folder)/rebooting", ''); 1 } }
    $first.Result | Should -BeNullOrEmpty
    $written = [IO.File]::GetLastWriteTimeUtc("$($first.Folder)/values")
    $second = Invoke-Stage0 -Folder $first.Folder
    $second.Calls[2] | Should -BeLike 'runner *'
    [IO.File]::GetLastWriteTimeUtc("$($first.Folder)/values") | Should -Be $written
  }

  It 'wipes the state of the instance that the image was made of' {
    $first = Invoke-Stage0
    [IO.File]::WriteAllText("$($first.Folder)/added-commands.started", '')
    $second = Invoke-Stage0 -Folder $first.Folder -Before { $machine.Id = 'i-2' }
    $second.Calls | Should -HaveCount 5
    Test-Path "$($first.Folder)/i-1", "$($first.Folder)/added-commands.started" | Should -Be $false, $false
  }

  It 'refuses a folder that somebody else has made, before anything else' {
    $run = Invoke-Stage0 -Before { $machine.Owner = 'O:S-1-5-21-1-1-1-1001G:SYD:AI(A;;FA;;;BU)' }
    $run.Calls | Should -HaveCount 1
    $run.Output | Should -BeLike 'stage0: expected * to be of administrators or SYSTEM*'
  }

  It 'says nothing to anybody when another one is at work' {
    $folder = Join-Path $TestDrive 'locked'
    [void][IO.Directory]::CreateDirectory($folder)
    $lock = [IO.File]::Open("$folder/stage0.lock", 'OpenOrCreate', 'ReadWrite', 'None')
    try { (Invoke-Stage0 -Folder $folder).Calls | Should -HaveCount 1 } finally { $lock.Dispose() }
  }

  It 'tries again after faults and wrong bytes, and runs nothing but the right bundle' {
    $run = Invoke-Stage0 -Before { $machine.S3 = 'fault', 'something else', 'the bundle' }
    @($run.Calls) -like 's3 *' | Should -HaveCount 3
    $run.Result | Should -Be 'ready'
    $run = Invoke-Stage0 -Before { $machine.S3 = @('something else') * 6 }
    @($run.Calls) -match '^(tar|runner)' | Should -HaveCount 0
    $reason = "stage0: the SHA-256 of the bundle is AB, expected $('7' * 64)"
    $run.Result | Should -Be "failed $reason"
    @($run.Calls) -like 'tag *' | Should -Be "tag i-1 cluster-node:State=failed; cluster-node:StateReason=$reason eu-west-1"
    $run.Calls[-1] | Should -Be "$signal '$("i-1 $reason".Substring(0, 64))' CloudFormation Tools"
    Test-Path "$($run.Folder)/signalled" | Should -BeTrue
  }

  It 'signals with the plain id when CloudFormation does not take the reason' {
    $run = Invoke-Stage0 -Before { $machine.Runner = { 3 }; $machine.RefusedSignals = @('all') }
    @($run.Calls) -like 'signal *' | Should -HaveCount 2
    $run.Calls[-1] | Should -Be "$signal 'i-1' CloudFormation Tools"
    $run.Result | Should -Be 'failed stage0: the runner ended with exit code 3'
  }

  It 'reports without a role, and without the AWS Tools' {
    $run = Invoke-Stage0 -Before { $machine.Runner = { 3 }; $machine.NoRole = $true }
    $run.Output | Should -BeLike '*tags: no credentials*'
    $run.Calls[-1] | Should -BeLike "$signal *"
    Test-Path "$($run.Folder)/signalled" | Should -BeTrue
  }

  It 'signs its signals with the role where that is asked for' {
    $run = Invoke-Stage0 -Variant 'role' -Before { $machine.Runner = { 3 }; $machine.RefusedSignals = @('all') }
    $run.Calls[-1] | Should -Be "signed signal st res FAILURE 'i-1' eu-west-1"
    @($run.Calls) -like 'signal *' | Should -HaveCount 0
  }

  It 'cuts a long reason, and keeps it in one line' {
    $run = Invoke-Stage0 -Before { $machine.S3 = @('fault') * 6; function global:Import-Module { throw ("two`r`nlines " + 'x' * 999) } }
    function global:Import-Module { }
    $run.Result | Should -Match '^failed stage0: two lines x+$'
    $run.Result.Length | Should -Be 257
  }

  It 'stores what was added to the user data, character for character, and only then' {
    $run = Invoke-Stage0 -Variant 'commands'
    [IO.File]::ReadAllBytes("$($run.Folder)/added-commands.ps1")[0..2] | Should -Be 0xEF, 0xBB, 0xBF
    [IO.File]::ReadAllText("$($run.Folder)/added-commands.ps1") | Should -BeExactly "Write-Output 'a`u{2019}b' `"`$(1)`"`n"
    (Invoke-Stage0).Folder | Join-Path -ChildPath 'added-commands.ps1' | Should -Not -Exist
  }

  It 'goes through the proxy, but for its exceptions, which are whole names with what is below them' {
    [void](Invoke-Stage0 -Variant 'proxy')
    $proxy = [Net.WebRequest]::DefaultWebProxy
    $proxy.GetProxy('https://s3.eu-west-1.amazonaws.com/') | Should -Be 'http://proxy.example.com:3129/'
    foreach ($direct in 'https://internal.example.com', 'https://a.internal.example.com:8443', 'http://10.0.0.1/x', 'http://169.254.169.254/latest') { $proxy.IsBypassed($direct) | Should -BeTrue -Because $direct }
    foreach ($proxied in 'https://notinternal.example.com', 'https://internal.example.com.evil.org') { $proxy.IsBypassed($proxied) | Should -BeFalse -Because $proxied }
  }
}
