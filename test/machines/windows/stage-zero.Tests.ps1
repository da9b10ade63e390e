# Stage 0 from start to end on a machine that is not Windows: real files and checksums, everything else a stand-in. $env:SCRIPTS is a
# folder with the rendered script of each variant. That the signatures are right is for the test of the calls of AWS.
BeforeAll {
  $ErrorActionPreference = 'Stop'

  # Runs stage 0 in a folder of its own and gives back what it called, what it printed and the folder.
  function Invoke-Stage0([string] $Variant = 'plain', [scriptblock] $Before = {}, [string] $Folder = (Join-Path $TestDrive "$(New-Guid)")) {
    $text = [IO.File]::ReadAllText("$env:SCRIPTS/$Variant.ps1")
    $text = $text.Replace("'C:\ProgramData\ClusterNode'", "'$Folder'") -replace '(?<=\$(State|Folder))\\', '/'
    # The Framework alone can create a folder with an access list.
    $text = $text.Replace('::CreateDirectory($Path, $Acl)', '::CreateDirectory((Add-Call $Path "folder $($Acl.Sddl)"))')
    $text = $text.Replace('& "$State/unpacked\start.ps1"', 'Start-Runner').Replace('& "$env:SystemRoot\System32\tar.exe"', '& Expand-Tar')
    $global:machine = @{ Folder = $Folder; Calls = [Collections.Generic.List[string]]::new(); Owner = 'O:BAG:SYD:PAI(A;OICI;FA;;;SY)'; Id = 'i-1'; Tags = @{ SignalStack = 'st'; SignalResource = 'res' }
      S3 = @('the bundle'); Start = {}; Refuse = ''; Code = 'ValidationError'; NoAnswer = ''; Tokens = @('TOKEN'); NoRole = $false; Metadata = 0
      Busy = 0; Tar = @() }
    . $Before
    $output = & { try { & ([scriptblock]::Create($text)) } catch { "uncaught: $_" } } *>&1 | Out-String
    # The lock ends with the process on a node.
    [GC]::Collect(); [GC]::WaitForPendingFinalizers()
    [pscustomobject]@{ Calls = @($machine.Calls); Output = $output; Folder = $Folder; Result = $(if (Test-Path "$Folder/result") { [IO.File]::ReadAllText("$Folder/result") }) }
  }

  function global:Add-Call($Value, $Call) { $machine.Calls.Add($Call); $Value }
  function global:Start-Sleep { }
  function global:Get-Acl { [pscustomobject]@{ Sddl = $machine.Owner } }
  function global:Expand-Tar {
    $machine.Calls.Add("tar $args".Replace($machine.Folder, ''))
    $code, $machine.Tar = $machine.Tar
    $global:LASTEXITCODE = [int]$code
  }
  # Files that somebody has open do not go.
  function global:Remove-Item {
    [CmdletBinding()] param([Parameter(ValueFromPipeline, Position = 0)] $Path, [switch] $Recurse, [switch] $Force)
    process {
      if ($machine.Busy -gt 0) { $machine.Busy--; Write-Error "$Path is in use" } else { Microsoft.PowerShell.Management\Remove-Item @PSBoundParameters }
    }
  }
  Add-Type 'public class Answer : System.Net.WebResponse {
    string text; System.Net.WebHeaderCollection headers = new System.Net.WebHeaderCollection();
    public Answer(string text) { this.text = text; }
    public override System.Net.WebHeaderCollection Headers { get { return headers; } }
    public override System.IO.Stream GetResponseStream() { return new System.IO.MemoryStream(System.Text.Encoding.UTF8.GetBytes(text)); }
  }'
  function global:Get-Refusal($Problem, $Code) {
    [Net.WebException]::new("Der Remoteserver hat einen Fehler zurueckgegeben: $Problem", $null, [Net.WebExceptionStatus]::ProtocolError,
      [Answer]::new("<ErrorResponse><Error><Code>$Code</Code></Error></ErrorResponse>"))
  }
  function global:Start-Runner($Values, $AddedCommands) { $machine.Calls.Add('start'); $machine.Values = $Values; $machine.AddedCommands = $AddedCommands; & $machine.Start }

  function global:Get-Document { "{`n  `"instanceId`" : `"$($machine.Id)`"`n}" }
  # An answer of a service of AWS: the status of a refusal comes in the language of the system, but for the number.
  function global:Receive-Request($Client, [Uri] $Url, $File) {
    if ($null -eq $Client.Proxy) { throw 'no route' }
    $machine.Protocols = [int][Net.ServicePointManager]::SecurityProtocol
    $service, $rest = $Url.Host.Split('.', 2)
    $rest | Should -Be 'eu-west-1.amazonaws.com'
    $authorization = $Client.Headers['authorization']
    $document = [Convert]::ToBase64String([Text.Encoding]::UTF8.GetBytes((Get-Document)))
    $signer = 'nobody'
    if ($authorization -cmatch "^AWS4-HMAC-SHA256 Credential=ASIA/\d{8}/eu-west-1/$service/aws4_request, SignedHeaders=\S+, Signature=[0-9a-f]{64}`$") { $signer = 'role' }
    if ($authorization -ceq "CFN_V1 ${document}:c2lnbmF0PQ==") { $signer = $Client.Headers['user-agent'] }
    $query = [Web.HttpUtility]::ParseQueryString($Url.Query)
    $machine.Calls.Add("$signer $service$($Url.AbsolutePath) $($query.AllKeys.ForEach({ "$_=$($query[$_])" }) -join ' ')".Trim())
    if ($service -match $machine.NoAnswer -and $machine.NoAnswer) { throw 'Der Remotename konnte nicht aufgeloest werden' }
    if ($machine.Refuse -and "$service $($query['UniqueId'])" -match $machine.Refuse) { throw (Get-Refusal '(400) Ungueltige Anforderung.' $machine.Code) }
    if ($service -eq 's3') {
      $body, $machine.S3 = $machine.S3
      if ($body -eq 'fault') { throw (Get-Refusal '(503) Nicht verfuegbar.' 'SlowDown') }
      [IO.File]::WriteAllText($File, $body)
    }
  }
  function global:New-Object($TypeName, $ArgumentList) {
    switch ($TypeName) {
      'Security.AccessControl.DirectorySecurity' { [pscustomobject]@{ Sddl = '' } | Add-Member ScriptMethod SetSecurityDescriptorSddlForm { $this.Sddl = $args[0] } -PassThru }
      'Net.WebClient' {
        $client = [pscustomobject]@{ Proxy = 'the machine''s'; Headers = [Net.WebHeaderCollection]::new() }
        $client | Add-Member ScriptMethod UploadString {
          if ($machine.Metadata -gt 0) { $machine.Metadata--; throw 'no metadata' }
          "$args $($this.Proxy)" | Should -Be 'http://169.254.169.254/latest/api/token PUT  '
          $token, $rest = $machine.Tokens
          if ($rest) { $machine.Tokens = $rest }
          $token
        }
        $client | Add-Member ScriptMethod DownloadFile { Receive-Request $this ([Uri]$args[0]) $args[1] }
        $client | Add-Member ScriptMethod DownloadString {
          $url = [Uri]$args[0]
          if ($url.Host -ne '169.254.169.254') { return Receive-Request $this $url }
          $path = $url.AbsolutePath -replace '^/latest/'
          if ($this.Headers['X-aws-ec2-metadata-token'] -ne 'TOKEN' -or $null -ne $this.Proxy) { throw 'Fehler: (401)' }
          switch ($path) {
            'meta-data/instance-id' { return $machine.Id }
            'meta-data/placement/region' { return 'eu-west-1' }
            'meta-data/services/domain' { return 'amazonaws.com' }
            'dynamic/instance-identity/document' { return Get-Document }
            'dynamic/instance-identity/signature' { return "c2ln`nbmF0`nPQ==" }
          }
          if (-not $machine.NoRole -and $path -eq 'meta-data/iam/security-credentials/') { return 'role' }
          if ($path -eq 'meta-data/iam/security-credentials/role') { return '{ "AccessKeyId" : "ASIA", "SecretAccessKey" : "s/k+", "Token" : "t/o+k==" }' }
          if ($path -match 'meta-data/tags/instance/cluster-node:(\w+)' -and $machine.Tags[$Matches[1]]) { return $machine.Tags[$Matches[1]] }
          throw 'Fehler: (404)'
        } -PassThru
      }
      default { Microsoft.PowerShell.Utility\New-Object $TypeName $ArgumentList }
    }
  }
}

Describe 'stage 0' {
  BeforeAll {
    $fetch = 'role s3/bucket/key'
    $signal = 'CloudFormation Tools cloudformation/ Action=SignalResource LogicalResourceId=res StackName=st Status=FAILURE'
    $tags = 'role ec2/ Action=CreateTags ResourceId.1=i-1 Tag.1.Key=cluster-node:State Tag.1.Value=failed Tag.2.Key=cluster-node:StateReason'
  }

  It 'takes its steps in the safe order' {
    $run = Invoke-Stage0
    $run.Calls | Should -Be 'folder O:BAD:P(A;OICI;FA;;;SY)(A;OICI;FA;;;BA)', $fetch, 'tar -xf /bundle.tar -C /unpacked', 'start'
    Test-Path "$($run.Folder)/i-1" | Should -BeTrue
    $machine.Values | Should -Match '^VALUE_CONFIGURATION_REGION=ZXUtd2VzdC0x\n'
    $run.Output | Should -BeNullOrEmpty
  }

  It 'waits for the metadata, and gets another token when the one that it was given is refused' {
    $run = Invoke-Stage0 -Before { $machine.Metadata = 6; $machine.Tokens = 'REFUSED', 'TOKEN' }
    $run.Calls[-1] | Should -Be 'start'
    $run = Invoke-Stage0 -Before { $machine.Metadata = 99 }
    $run.Calls | Should -HaveCount 1
    $run.Output | Should -BeLike 'stage0: *no metadata*'
  }

  It 'does nothing more once the verdict has been told' {
    $first = Invoke-Stage0
    [IO.File]::WriteAllText("$($first.Folder)/signalled", '')
    (Invoke-Stage0 -Folder $first.Folder).Calls | Should -HaveCount 1
  }

  It 'checks the bundle at every boot, fetches it when it is not right, and unpacks it anew' {
    $first = Invoke-Stage0
    [IO.File]::WriteAllText("$($first.Folder)/unpacked/old", '')
    $second = Invoke-Stage0 -Folder $first.Folder
    $second.Calls[1] | Should -BeLike 'tar *'
    Test-Path "$($first.Folder)/unpacked/old" | Should -BeFalse
    [IO.File]::WriteAllText("$($first.Folder)/bundle.tar", "`0" * 10)
    $third = Invoke-Stage0 -Folder $first.Folder
    $third.Calls[1..3] | Should -Be $fetch, 'tar -xf /bundle.tar -C /unpacked', 'start'
  }

  It 'wipes the state of the instance that the image was made of' {
    $first = Invoke-Stage0
    [IO.File]::WriteAllText("$($first.Folder)/added-commands.started", '')
    [IO.File]::WriteAllText("$($first.Folder)/signalled", '')
    $second = Invoke-Stage0 -Folder $first.Folder -Before { $machine.Id = 'i-2' }
    $second.Calls | Should -HaveCount 4
    Test-Path "$($first.Folder)/i-1", "$($first.Folder)/added-commands.started" | Should -Be $false, $false
  }

  It 'wipes and unpacks again while somebody has a file open' {
    $first = Invoke-Stage0
    foreach ($file in 'added-commands.started', 'result') { [IO.File]::WriteAllText("$($first.Folder)/$file", '') }
    $second = Invoke-Stage0 -Folder $first.Folder -Before { $machine.Id = 'i-2'; $machine.Busy = 3; $machine.Tar = 1, 1 }
    Test-Path "$($first.Folder)/i-1", "$($first.Folder)/added-commands.started", "$($first.Folder)/result" | Should -Be $false, $false, $false
    @($second.Calls) -like 'tar *' | Should -HaveCount 3
    $second.Calls[-1] | Should -Be 'start'
  }

  It 'leaves the logs of an image, which an agent may read without end' {
    $first = Invoke-Stage0
    [void][IO.Directory]::CreateDirectory("$($first.Folder)/logs")
    [IO.File]::WriteAllText("$($first.Folder)/logs/runner.log", '')
    (Invoke-Stage0 -Folder $first.Folder -Before { $machine.Id = 'i-2' }).Calls[-1] | Should -Be 'start'
    Test-Path "$($first.Folder)/logs/runner.log" | Should -BeTrue
  }

  It 'does not take the verdict of an image for its own when it cannot be wiped' {
    $first = Invoke-Stage0
    [IO.File]::WriteAllText("$($first.Folder)/result", 'ready')
    $second = Invoke-Stage0 -Folder $first.Folder -Before { $machine.Id = 'i-2'; $machine.Busy = 999 }
    $second.Calls[-1] | Should -BeLike "$signal UniqueId=i-2 stage0: *"
    $second.Result | Should -BeLike 'failed stage0: *in use'
    # The next boot begins anew.
    (Invoke-Stage0 -Folder $first.Folder -Before { $machine.Id = 'i-2' }).Calls[-1] | Should -Be 'start'
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
    @($run.Calls) -eq $fetch | Should -HaveCount 3
    $run.Calls[-1] | Should -Be 'start'
    $run = Invoke-Stage0 -Before { $machine.S3 = @('something else') * 9 }
    @($run.Calls) -match '^(tar|start)' | Should -HaveCount 0
    $hashes = foreach ($text in 'something else', 'the bundle') { [Convert]::ToHexString([Security.Cryptography.SHA256]::HashData([Text.Encoding]::UTF8.GetBytes($text))).ToLower() }
    $reason = "stage0: the SHA-256 of the bundle is $($hashes[0]), expected $($hashes[1])"
    $run.Result | Should -Be "failed $reason"
    $run.Calls[-2] | Should -Be "$tags Tag.2.Value=$reason Version=2016-11-15"
    $run.Calls[-1] | Should -Be "$signal UniqueId=$("i-1 $reason".Substring(0, 64)) Version=2010-05-15"
    Test-Path "$($run.Folder)/signalled" | Should -BeTrue
  }

  It 'says what the service answered, in every language of Windows' {
    $run = Invoke-Stage0 -Before { $machine.Refuse = '^s3' }
    $run.Result | Should -Be 'failed stage0: s3: 400 Ungueltige Anforderung. ValidationError'
  }

  It 'takes a throttled signal for one that has not arrived' {
    $run = Invoke-Stage0 -Before { $machine.Start = { throw 'no' }; $machine.Refuse = '^cloudformation'; $machine.Code = 'Throttling' }
    $run.Output | Should -BeLike '*uncaught: *Throttling*'
    Test-Path "$($run.Folder)/signalled", "$($run.Folder)/result" | Should -Be $false, $false
    $run = Invoke-Stage0 -Before { $machine.Start = { throw 'no' }; $machine.Refuse = '^cloudformation' }
    Test-Path "$($run.Folder)/signalled", "$($run.Folder)/result" | Should -Be $true, $true
  }

  It 'adds TLS 1.2 to older ones, takes none away, and leaves alone what Windows chooses' {
    $before = [Net.ServicePointManager]::SecurityProtocol
    try {
      foreach ($case in @(@(0, 0), @(192, 3264), @(12288, 15360))) {
        [Net.ServicePointManager]::SecurityProtocol = $case[0]
        [void](Invoke-Stage0)
        $machine.Protocols | Should -Be $case[1]
      }
    } finally { [Net.ServicePointManager]::SecurityProtocol = $before }
  }

  It 'signals with the plain id when CloudFormation does not take the reason' {
    $run = Invoke-Stage0 -Before { $machine.Start = { throw 'the task: no' }; $machine.Refuse = 'cloudformation i-1 .+' }
    $run.Calls[-1] | Should -Be "$signal UniqueId=i-1 Version=2010-05-15"
    $run.Result | Should -Be 'failed stage0: the task: no'
  }

  It 'leaves a verdict of the runner alone' {
    $run = Invoke-Stage0 -Before { $machine.Start = { [IO.File]::WriteAllText("$($machine.Folder)/result", 'ready'); throw 'the task: no' } }
    $run.Calls[-1] | Should -Be 'start'
    $run.Result | Should -Be 'ready'
  }

  It 'tells again at the next boot when nobody could be told' {
    $first = Invoke-Stage0 -Before { $machine.S3 = @('fault') * 9; $machine.NoAnswer = 'cloudformation' }
    $first.Output | Should -BeLike '*uncaught: *aufgeloest*'
    $first.Result | Should -BeNullOrEmpty
    Test-Path "$($first.Folder)/signalled" | Should -BeFalse
    $second = Invoke-Stage0 -Folder $first.Folder -Before { $machine.S3 = @('fault') * 9 }
    $second.Calls[-1] | Should -BeLike "$signal UniqueId=i-1 stage0: s3: 503*"
    $second.Result | Should -Be 'failed stage0: s3: 503 Nicht verfuegbar. SlowDown'
  }

  It 'reports without a role, and without tags' {
    $run = Invoke-Stage0 -Before { $machine.NoRole = $true }
    $run.Output | Should -BeLike '*(404)*'
    $run.Calls[-1] | Should -BeLike "$signal *"
    $run = Invoke-Stage0 -Before { $machine.Start = { throw 'no' }; $machine.Tags = @{} }
    $run.Calls[-1] | Should -BeLike "$tags *"
    $run.Result | Should -Be 'failed stage0: no'
    Test-Path "$($run.Folder)/signalled" | Should -BeTrue
  }

  It 'signs its signals with the role where that is asked for' {
    $run = Invoke-Stage0 -Variant 'role' -Before { $machine.Start = { throw 'no' } }
    $run.Calls[-1] | Should -Be ($signal.Replace('CloudFormation Tools', 'role') + ' UniqueId=i-1 stage0: no Version=2010-05-15')
  }

  It 'cuts a long reason, and keeps it in one line of what needs no escaping' {
    $run = Invoke-Stage0 -Before { $machine.Start = { throw ("it's`r`n(two) *lines*! " + 'x' * 999) } }
    $run.Result | Should -Match '^failed stage0: it s two lines x+$'
    $run.Result.Length | Should -Be 263
  }

  It 'hands on what was added to the user data, and only then' {
    [void](Invoke-Stage0 -Variant 'commands')
    [Text.Encoding]::UTF8.GetString([Convert]::FromBase64String($machine.AddedCommands)) | Should -BeExactly "Write-Output 'a`u{2019}b' `"`$(1)`"`n"
    [void](Invoke-Stage0)
    $machine.AddedCommands | Should -BeNullOrEmpty
  }

  It 'goes through the proxy, but for its exceptions, which are whole names with what is below them' {
    [void](Invoke-Stage0 -Variant 'proxy')
    $proxy = [Net.WebRequest]::DefaultWebProxy
    $proxy.GetProxy('https://s3.eu-west-1.amazonaws.com/') | Should -Be 'http://proxy.example.com:3129/'
    foreach ($direct in 'https://internal.example.com', 'https://a.internal.example.com:8443', 'http://10.0.0.1/x') { $proxy.IsBypassed($direct) | Should -BeTrue -Because $direct }
    foreach ($proxied in 'https://notinternal.example.com', 'https://internal.example.com.evil.org') { $proxy.IsBypassed($proxied) | Should -BeFalse -Because $proxied }
  }
}
