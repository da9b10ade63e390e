# Installs and configuration of agents, drivers and the computer's name, on a machine of stand-ins that keep what they are told.
BeforeAll {
  $ErrorActionPreference = 'Stop'
  . (Join-Path $PSScriptRoot functions.ps1)
  $env:SystemRoot = '/windows'
  # The functions of scripts, later ones in place of earlier ones. Paths of Linux: in this folder, with its separators.
  function Get-Function([string[]] $Path) {
    $texts = foreach ($each in $Path) { Get-FunctionText ([IO.File]::ReadAllText($each)) }
    [scriptblock]::Create((($texts -join "`n") -replace "(?<=Join-Path \S+ ')[^']*", { $_.Value.Replace('\', '/') }))
  }

  function Start-Sleep { }
  function Write-Host($Line) { $machine.Log.Add($Line) }
  function Get-Downloaded($Kind, $Url, $Verified, $Destination, $Attempts) {
    $machine.Calls.Add("$Kind $Url $Verified" + $(if ($Attempts) { " x$Attempts" }))
    if ($machine.NoWay) { throw "cannot download ${Url}: no way" }
    [void](New-Item (Split-Path $Destination) -ItemType Directory -Force)
    Set-Content $Destination ''
  }
  # Windows Installer: /i puts a product there, /x takes it away.
  function Invoke-Stub($FilePath, $ArgumentList, $SuccessCode) {
    $name = $FilePath -replace '.*[\\/]'
    $machine.Calls.Add(("$name $ArgumentList" -replace [regex]::Escape("$StateFolder"), '' -replace ' /quiet.*'))
    $code = [int]$machine.Codes[$name]
    if ($code -notin $SuccessCode) { throw "$name ended with exit code $code" }
    if ("$ArgumentList" -like '/i *aws-cli*') { Set-Tool 'Amazon/AWSCLIV2/aws.exe'; $machine.AwsCli = '2.36.7' }
    if ("$ArgumentList" -like '/i *cloudwatch*') { Set-Tool 'Amazon/AmazonCloudWatchAgent/CWAGENT_VERSION' '1.300' }
    $code
  }
  function Set-Tool($Path, $Text = '') { [void](New-Item "$env:ProgramFiles/$Path" -Force -Value $Text) }
  function Get-ChildItem {
    foreach ($row in $machine.Products) {
      [pscustomobject]@{ PSChildName = $row[0]; Row = @{ DisplayName = $row[1]; DisplayVersion = $row[2] } } | Add-Member ScriptMethod GetValue { $this.Row[$args[0]] } -PassThru
    }
  }
  function Get-CimInstance {
    [pscustomobject]@{ Name = 'Audio'; PNPDeviceID = 'PCI\VEN_10DE&DEV_10F9'; CompatibleID = @('PCI\CC_0403') }
    [pscustomobject]@{ Name = 'No bus'; PNPDeviceID = $null; CompatibleID = $null }
    $machine.Gpu
  }
  function New-Gpu($Vendor) { [pscustomobject]@{ Name = 'GPU'; PNPDeviceID = "PCI\VEN_$Vendor&DEV_1EB8"; CompatibleID = @('PCI\CC_0302', 'PCI\CC_03'); Status = 'OK'; Service = 'driver'; ConfigManagerErrorCode = 0 } }
  function Set-Nvidia($Driver) { [void](New-Item "$env:SystemRoot/System32/nvidia-smi.exe" -Force); $machine.Nvidia = $Driver }
}

Describe 'on a machine' {
  BeforeEach {
    $StateFolder = Join-Path $TestDrive "$(New-Guid)"
    $env:ProgramFiles = "$StateFolder-programs"
    $env:ProgramData = "$StateFolder-data"
    $env:SystemRoot = "$StateFolder-windows"
    $NodeLogFile = ''
    $VALUE_SYSTEM_AWS_CLI_URL = $VALUE_SYSTEM_CLOUDWATCH_AGENT_URL = ''
    $VALUE_CONFIGURATION_REGION = 'eu-west-1'
    $VALUE_CONFIGURATION_LOG_GROUP = 'nodes'
    $VALUE_SYSTEM_GPU_URL = 's3://drivers/nvidia.exe?region=us-east-1'
    $machine = @{ Calls = [Collections.Generic.List[string]]::new(); Log = [Collections.Generic.List[string]]::new(); Codes = @{}; Products = @(); NoWay = $false; Gpu = $null; AwsCli = ''; Registry = @{} }
  }

  Context 'an install' {
    BeforeEach {
      . (Get-Function $script)
      function Save-VerifiedDownload($Url, $Sha256, $Destination, $Remedy, $Attempts) { Get-Downloaded 'checksum' $Url "$($Sha256[0])" $Destination $Attempts }
      function Save-SignedDownload($Url, $Signer, $Destination, $Remedy, $Attempts) { Get-Downloaded 'signature' $Url ($Signer -join '|') $Destination $Attempts }
      function Invoke-Installer { param($FilePath, $ArgumentList, $SuccessCode = @(0, 1641, 3010)) Invoke-Stub $FilePath $ArgumentList $SuccessCode }
      function Invoke-NativeCommand($FilePath, $ArgumentList) {
        if ($FilePath -like '*aws.exe') { "aws-cli/$($machine.AwsCli) Python/3.13 Windows/10" }
        if ($FilePath -like '*nvidia-smi.exe') { if ($machine.Nvidia) { $machine.Nvidia } else { throw 'nvidia-smi.exe ended with exit code 9' } }
        if ($FilePath -like '*tar.exe') { $machine.Calls.Add('tar') }
      }
      function Get-InstanceMetadata($Path) { $Path | Should -Be 'services/domain'; 'amazonaws.com.cn' }
      function Assert-Signature($Path, $Signer) { $Path | Should -Exist; $machine.Calls.Add("signed by $Signer") }
      function Set-RegistryValue($Path, $Name, $Value) { $machine.Registry["$Path\$Name"] = $Value }
    }

    Context 'of the AWS CLI that nobody asked for' {
      BeforeAll { $script = "$env:SCRIPTS/bootstrap/setup.install.ps1" }

      It 'is the pinned one, and comes once' {
        Install-OptionalAwsCli
        $machine.Calls | Should -Be 'checksum https://awscli.example.com/AWSCLIV2-2.36.7.msi 6 x2', 'msiexec.exe /i "/downloads/aws-cli.msi"'
        Install-OptionalAwsCli
        $machine.Calls | Should -HaveCount 2
      }

      It 'takes the place of another version' {
        $machine.AwsCli = '2.99.1'
        Set-Tool 'Amazon/AWSCLIV2/aws.exe'
        $machine.Products = @('{A}', 'AWS Command Line Interface v2', '2.99.1.0'), @('{B}', 'AWS Tools', '1'), @('AWS', 'AWS Command Line Interface v2', '1')
        $VALUE_SYSTEM_AWS_CLI_URL = 'https://mirror.example.com/a.msi'
        Install-OptionalAwsCli
        $machine.Calls | Should -Be 'checksum https://mirror.example.com/a.msi 6 x2', 'msiexec.exe /x {A}', 'msiexec.exe /i "/downloads/aws-cli.msi"'
      }

      It 'that <case> is a warning' -TestCases @(
        @{ Case = 'cannot be had'; Change = { $machine.NoWay = $true } }
        @{ Case = 'cannot be installed'; Change = { $machine.Codes['msiexec.exe'] = 1603 } }
      ) {
        & $Change
        Install-OptionalAwsCli
        $machine.Log -match 'warning the AWS CLI could not be installed' | Should -HaveCount 1
      }
    }

    Context 'of agents' {
      BeforeAll { $script = "$env:SCRIPTS/agents/bootstrap/setup.install.ps1" }

      It 'fails with an AWS CLI that the node asked for' {
        $machine.NoWay = $true
        { Install-AwsCli } | Should -Throw 'cannot download*'
        $machine.Calls | Should -Be 'signature https://awscli.example.com/a.msi A, Inc.|B'
        $machine.NoWay = $false
        { Install-AwsCli } | Should -Throw "expected AWS CLI 2.99.1, got '2.36.7'; see *"
      }

      It 'takes the CloudWatch agent of the Region, by its publisher, and leaves that of an image' {
        Install-CloudWatchAgent
        $machine.Calls | Should -Be 'signature https://agent-eu-west-1.s3.eu-west-1.amazonaws.com.cn/agent.msi Amazon Web Services, Inc.', 'msiexec.exe /i "/downloads/amazon-cloudwatch-agent.msi"'
        Install-CloudWatchAgent
        $machine.Calls | Should -HaveCount 2
      }

      It 'fails without an agent after it' {
        function Invoke-Installer { 0 }
        { Install-CloudWatchAgent } | Should -Throw '*there is no CloudWatch agent*'
      }
    }

    Context 'of an agent of your own' {
      BeforeAll { $script = "$env:SCRIPTS/amd/bootstrap/setup.install.ps1" }

      It 'takes the place of that of an image' {
        $VALUE_SYSTEM_CLOUDWATCH_AGENT_URL = 'https://mirror.example.com/agent.msi'
        Set-Tool 'Amazon/AmazonCloudWatchAgent/CWAGENT_VERSION' "1.200`n"
        $machine.Products = , @('{A}', 'Amazon CloudWatch Agent', '1.200')
        Install-CloudWatchAgent
        $machine.Calls | Should -Be 'checksum https://mirror.example.com/agent.msi 9', 'msiexec.exe /x {A}', 'msiexec.exe /i "/downloads/amazon-cloudwatch-agent.msi"'
        $machine.Calls.Clear()
        Set-Tool 'Amazon/AmazonCloudWatchAgent/CWAGENT_VERSION' "1.300064.0b1337`r`n"
        Install-CloudWatchAgent
        $machine.Calls | Should -HaveCount 0
      }
    }

    Context 'of the driver of NVIDIA' {
      BeforeAll { $script = "$env:SCRIPTS/agents/bootstrap/setup_post_reboot.install.ps1" }

      It 'is silent, signed, and ends with a restart, exit code <code>' -TestCases @(@{ Code = 0 }, @{ Code = 1 }) {
        $machine.Gpu = New-Gpu '10DE'
        $machine.Codes['nvidia-driver.exe'] = $Code
        Install-GpuDriver
        $machine.Calls | Should -Be 'checksum s3://drivers/nvidia.exe?region=us-east-1 8', 'signed by NVIDIA Corporation', 'nvidia-driver.exe -s -noreboot -log:\logs\nvidia-driver -loglevel:6'
        Read-StateFile 'reboot-requested' | Should -Be 'continue the driver of the GPU was installed'
        $machine.Registry['HKLM:\SOFTWARE\NVIDIA Corporation\Global\GridLicensing\NvCplDisableManageLicensePage'] | Should -Be 1
      }

      It 'fails with the installer' {
        $machine.Gpu = New-Gpu '10DE'
        $machine.Codes['nvidia-driver.exe'] = 2
        { Install-GpuDriver } | Should -Throw 'nvidia-driver.exe ended with exit code 2'
        Test-StateFile 'reboot-requested' | Should -BeFalse
      }

      It 'takes the place of <driver>' -TestCases @(@{ Driver = '582.16, WDDM' }, @{ Driver = '596.86, TCC' }, @{ Driver = '' }) {
        $machine.Gpu = New-Gpu '10DE'
        Set-Nvidia $Driver
        Install-GpuDriver
        $machine.Calls | Should -HaveCount 3
      }

      It 'is not done again, nor without a GPU of NVIDIA' {
        $machine.Gpu = New-Gpu '10DE'
        Set-Nvidia '596.86, WDDM'
        Install-GpuDriver
        $machine.Gpu = New-Gpu '1002'
        Install-GpuDriver
        $machine.Gpu = $null
        Install-GpuDriver
        $machine.Calls | Should -HaveCount 0
        $machine.Log -match 'no GPU of NVIDIA \(GPU: (amd|none)\)' | Should -HaveCount 2
      }
    }

    Context 'of the driver of AMD' {
      BeforeAll { $script = "$env:SCRIPTS/amd/bootstrap/setup_post_reboot.install.ps1" }

      It 'with exit code <code> asks for a restart: <restart>' -TestCases @(
        @{ Code = 0; Restart = $true }
        @{ Code = 3010; Restart = $true }
        @{ Code = 259; Restart = $false }
      ) {
        $machine.Gpu = New-Gpu '1002'
        $machine.Codes['pnputil.exe'] = $Code
        $VALUE_SYSTEM_GPU_URL = 'https://example.com/amd.zip'
        Install-GpuDriver
        $machine.Calls | Should -Be 'checksum https://example.com/amd.zip 8', 'tar', 'pnputil.exe /add-driver "/downloads/amd-driver\*.inf" /subdirs /install'
        Test-StateFile 'reboot-requested' | Should -Be $Restart
        "$StateFolder/downloads/amd-driver" | Should -Not -Exist
      }

      It 'is for its GPUs alone, and fails with pnputil' {
        $machine.Gpu = New-Gpu '10DE'
        Install-GpuDriver
        $machine.Calls | Should -HaveCount 0
        $machine.Gpu = New-Gpu '1002'
        $machine.Codes['pnputil.exe'] = 2
        { Install-GpuDriver } | Should -Throw 'pnputil.exe ended with exit code 2'
      }
    }
  }

  Context 'the proof of a driver' {
    BeforeEach {
      . (Get-Function $script)
      function Invoke-NativeCommand { if ($machine.Nvidia) { $machine.Nvidia } else { throw 'nvidia-smi.exe ended with exit code 9' } }
    }

    Context 'of NVIDIA' {
      BeforeAll { $script = "$env:SCRIPTS/agents/bootstrap/setup_post_reboot.ps1" }

      It 'is what nvidia-smi says' {
        Set-Nvidia '596.86, WDDM'
        Assert-GpuDriver -Vendor 'nvidia'
        $machine.Log -match 'the driver of the GPU works' | Should -HaveCount 1
        Set-Nvidia '596.86, TCC'
        { Assert-GpuDriver -Vendor 'nvidia' } | Should -Throw "GPU driver nvidia_grid: expected 596.86, WDDM, got '596.86, TCC' from nvidia-smi"
        Set-Nvidia ''
        { Assert-GpuDriver -Vendor 'nvidia' } | Should -Throw "*got '' from nvidia-smi"
      }

      It 'is asked of no other machine' {
        Assert-GpuDriver -Vendor 'none'
        $machine.Log | Should -BeLike '*no GPU that nvidia_grid is for (GPU: none)*'
      }
    }

    Context 'of AMD' {
      BeforeAll { $script = "$env:SCRIPTS/amd/bootstrap/setup_post_reboot.ps1" }

      It 'is what Windows says of the device' {
        $machine.Gpu = New-Gpu '1002'
        Assert-GpuDriver -Vendor 'amd'
        $machine.Gpu.Service = 'BasicDisplay'
        { Assert-GpuDriver -Vendor 'amd' } | Should -Throw 'GPU driver amd: expected GPU to be OK, got OK, code 0, driven by BasicDisplay'
        $machine.Gpu.Service = 'amdkmdag'
        $machine.Gpu.Status = 'Error'
        { Assert-GpuDriver -Vendor 'amd' } | Should -Throw '*got Error*'
      }
    }
  }

  Context 'the CloudWatch agent' {
    BeforeEach {
      . (Get-Function $script)
      function Invoke-InstallerProcess($FilePath, $ArgumentList, $TimeoutSeconds) { $machine.Calls.Add((("$ArgumentList" -split 'ctl.ps1" ')[1] -replace [regex]::Escape("$StateFolder"))); [int]$machine.Codes.Control }
      function Restart-Service($Name) { $machine.Calls.Add("restart $Name") }
      function Stop-Service($Name) { $machine.Calls.Add("stop $Name") }
      function Set-Service($Name, $StartupType) { $machine.Calls.Add("$StartupType $Name") }
    }

    Context 'with a log group' {
      BeforeAll { $script = "$env:SCRIPTS/agents/bootstrap/setup.ps1" }

      It 'is told which logs to send, and through which proxy' {
        $toml = "$env:ProgramData/Amazon/AmazonCloudWatchAgent/common-config.toml"
        [void](New-Item $toml -Force -Value "# the image's`n")
        Set-CloudWatchConfiguration
        Set-CloudWatchConfiguration
        $machine.Calls | Should -Be (@('-a append-config -m ec2 -s -c file:/cluster-node-logs.json') * 2)
        $entries = (Get-Content -Raw "$StateFolder/cluster-node-logs.json" | ConvertFrom-Json).logs.logs_collected.files.collect_list
        $entries.log_group_name | Select-Object -Unique | Should -Be 'nodes'
        $entries.log_stream_name | Should -Be ('ec2launch/agent.log', 'ec2launch/Ec2Launch.log', 'ec2launch/UserdataExecution.log', 'cluster-node/added-commands.log', 'cluster-node/metadata_guard.log', 'dcv' | ForEach-Object { "{instance_id}/$_" })
        $entries[5].file_path | Should -Be 'C:\ProgramData\NICE\dcv\log\*.log'
        $entries[5].publish_multi_logs | Should -BeTrue
        [IO.File]::ReadAllText($toml) | Should -Be ("# the image's`r`n" + (@('# begin of cluster node', '[proxy]', 'http_proxy = "http://proxy.example.com:3128"', 'https_proxy = "http://proxy.example.com:3129"', 'no_proxy = "169.254.169.254,fd00:ec2::254"', '# end of cluster node', '') -join "`r`n"))
      }

      It 'that does not take it is a warning' {
        $machine.Codes.Control = 1
        Set-CloudWatchConfiguration
        $machine.Log | Should -BeLike '*warning what comes after the bootstrap is not in the log group: amazon-cloudwatch-agent-ctl.ps1 ended with exit code 1'
      }
    }

    Context 'of an image, on a node without a log group' {
      BeforeAll { $script = "$env:SCRIPTS/bootstrap/setup.ps1" }

      It 'loses the configuration of the other node, and stops when it has no other' {
        Remove-CloudWatchConfiguration
        $machine.Calls | Should -HaveCount 0
        $folder = "$env:ProgramData/Amazon/AmazonCloudWatchAgent"
        [void](New-Item "$folder/Configs/file_cluster-node-logs.json" -Force)
        [void](New-Item "$folder/amazon-cloudwatch-agent.toml" -Force)
        Remove-CloudWatchConfiguration
        $machine.Calls | Should -Be '-a remove-config -m ec2 -c file:cluster-node-logs.json', 'restart AmazonCloudWatchAgent'
        Remove-Item "$folder/amazon-cloudwatch-agent.toml"
        Remove-CloudWatchConfiguration
        $machine.Calls[-2..-1] | Should -Be 'stop AmazonCloudWatchAgent', 'Disabled AmazonCloudWatchAgent'
        $machine.Codes.Control = 1
        Remove-CloudWatchConfiguration
        $machine.Log[-1] | Should -BeLike '*warning the CloudWatch agent of the image sends to the log group of another node*'
      }
    }
  }

  Context 'the name of the computer' {
    BeforeEach {
      . (Get-Function "$env:SCRIPTS/agents/bootstrap/setup.ps1")
      function Rename-Computer($NewName) { $machine.Calls.Add("rename $NewName") }
    }

    It 'is set when it is another one' {
      $env:COMPUTERNAME = 'CAD-1'
      Set-NodeHostname
      $machine.Calls | Should -HaveCount 0
      $env:COMPUTERNAME = 'EC2AMAZ-1'
      Set-NodeHostname
      $machine.Calls | Should -Be 'rename cad-1'
    }
  }

  Context 'metrics of GPUs' {
    BeforeEach {
      . (Get-Function "$env:SCRIPTS/bootstrap/gpu_metrics.ps1")
      function Invoke-NativeCommand($FilePath, $ArgumentList) {
        $ArgumentList[0] | Should -Be '--query-gpu=index,name,utilization.gpu,utilization.memory,memory.used,memory.total'
        $machine.Nvidia
      }
      function Get-InstanceMetadata { 'i-1' }
      function Invoke-AwsQuery($Service, $Version, $Action, $Parameters) { $machine.Calls.Add("$Service $Action $Version"); $machine.Parameters = $Parameters }
    }

    It 'go to CloudWatch with the names and dimensions of its agent' {
      $machine.Nvidia = '0, Tesla T4, 12, 3, 456, 15360', '1, Tesla T4, [N/A], 0, 1, 2'
      Send-GpuMetric
      $machine.Calls | Should -Be 'monitoring PutMetricData 2010-08-01'
      $parameters = $machine.Parameters
      $parameters.Namespace | Should -Be 'CWAgent'
      @($parameters.Keys) -match 'MetricName$' | Should -HaveCount 7
      1..4 | ForEach-Object { "$($parameters["MetricData.member.$_.MetricName"]) $($parameters["MetricData.member.$_.Value"]) $($parameters["MetricData.member.$_.Unit"])" } |
        Should -Be 'nvidia_smi_utilization_gpu 12 Percent', 'nvidia_smi_utilization_memory 3 Percent', 'nvidia_smi_memory_used 456 Megabytes', 'nvidia_smi_memory_total 15360 Megabytes'
      1..3 | ForEach-Object { "$($parameters["MetricData.member.7.Dimensions.member.$_.Name"]) $($parameters["MetricData.member.7.Dimensions.member.$_.Value"])" } |
        Should -Be 'InstanceId i-1', 'index 1', 'name Tesla T4'
    }

    It 'are not sent when there are none' {
      $machine.Nvidia = '0, Tesla T4, [N/A], [N/A], [N/A], [N/A]'
      Send-GpuMetric
      $machine.Calls | Should -HaveCount 0
    }
  }

  Context 'the logs' {
    BeforeEach {
      . (Get-Function "$env:SCRIPTS/agents/bootstrap/runner.ps1")
      $AwsClock = @{ Ahead = [TimeSpan]::FromHours(1) }
      function Get-InstanceMetadata { 'i-1' }
      function Get-Service { if ($machine.Agent) { [pscustomobject]@{ Status = 'Running' } } }
      function Send-AwsRequest($Service, $Headers, $Body) {
        $action = $Headers['x-amz-target']
        $content = ConvertFrom-Json $Body
        $machine.Calls.Add("$Service $action $($content.logGroupName) $($content.logStreamName)")
        $machine.Content = $content
        if ($machine.Refusal -and $action -like "*$($machine.Refusal[0])") { throw $machine.Refusal[1] }
      }
      [void](New-Item "$StateFolder/logs/setup.log" -Force -Value "one`r`n`r`n`u{e9}two`n")
      [void](New-Item "$StateFolder/logs/empty.log" -Force)
    }

    It 'go to the log group, a stream for each file' {
      Send-LogFile -State 'ready'
      $machine.Calls | Should -Be 'logs Logs_20140328.CreateLogStream nodes i-1/cluster-node/setup.log', 'logs Logs_20140328.PutLogEvents nodes i-1/cluster-node/setup.log'
      $machine.Content.logEvents.message | Should -Be 'one', "`u{e9}two"
      $machine.Content.logEvents[0].timestamp | Should -BeGreaterThan ([DateTimeOffset]::UtcNow.AddMinutes(59).ToUnixTimeMilliseconds())
    }

    It 'have a line that CloudWatch Logs makes metrics of' {
      function Get-ChildItem { Microsoft.PowerShell.Management\Get-ChildItem @args }
      $NodeLogFile = "$StateFolder/logs/runner.log"
      Write-StateFile -Name 'phase-seconds' -Content 'total=73 setup.install=12'
      Write-StateFile -Name 'phases\setup.install.stale' -Content ''
      Write-MetricsLine -State 'ready'
      Write-NodeLog -Message 'a line behind it'
      $line = [IO.File]::ReadAllLines($NodeLogFile)[0]
      $line | Should -Match '"Dimensions":\[\["ClusterId","NodeType","BaseOS","State"\]\]'
      $metrics = ConvertFrom-Json $line
      "$($metrics.BaseOS) $($metrics.NodeType) $($metrics.State) $($metrics.InstanceId) $($metrics.total) $($metrics.setup_install) $($metrics.stale_installs)" | Should -Be 'windows2022 dcv_node ready i-1 73 12 1'
      $metrics._aws.CloudWatchMetrics[0].Namespace | Should -Be 'ClusterNodes'
      $metrics._aws.CloudWatchMetrics[0].Metrics | ForEach-Object { "$($_.Name) $($_.Unit)" } | Should -Be 'total Seconds', 'setup_install Seconds', 'stale_installs Count'
      [DateTimeOffset]::UtcNow.ToUnixTimeMilliseconds() - $metrics._aws.Timestamp | Should -BeIn (0..60000)
    }

    It 'of a stream that is there are added to it; another problem is said, and changes nothing' {
      $machine.Refusal = 'CreateLogStream', 'https://logs: HTTP 400 ResourceAlreadyExistsException'
      Send-LogFile -State 'failed'
      $machine.Calls -like '*PutLogEvents*' | Should -HaveCount 1
      $machine.Refusal = 'PutLogEvents', 'https://logs: HTTP 403 AccessDeniedException'
      Send-LogFile -State 'failed'
      $machine.Log[-1] | Should -BeLike '*warning logs could not be sent to nodes: https://logs: HTTP 403 AccessDeniedException'
    }

    It 'that the agent would send go with them when it does not run on a node that failed' {
      (Get-LogFile -State 'ready').Keys | Should -HaveCount 2
      (Get-LogFile -State 'failed').Keys | Sort-Object | Should -Be 'cluster-node/empty.log', 'cluster-node/setup.log', 'dcv/server.log', 'ec2launch/agent.log', 'ec2launch/UserdataExecution.log'
      $machine.Agent = $true
      (Get-LogFile -State 'failed').Keys | Should -HaveCount 2
    }

    It 'are the last lines, of a file that another process writes to' {
      $file = "$StateFolder/logs/long.log"
      [IO.File]::WriteAllText($file, ((1..30000 | ForEach-Object { "line $_" }) -join "`n"))
      $writer = [IO.File]::Open($file, 'Append', 'Write', 'ReadWrite')
      $lines = @(Get-LastLine -Path $file)
      $writer.Dispose()
      $lines | Should -HaveCount 2000
      $lines[-1] | Should -Be 'line 30000'
      Get-LastLine -Path "$StateFolder/missing.log" | Should -BeNullOrEmpty
    }
  }
}
