# The functions of a desktop's install, with a stand-in for Windows Installer that keeps what is installed.
BeforeAll {
  $ErrorActionPreference = 'Stop'
  . (Join-Path $PSScriptRoot functions.ps1)
  function Import-Functions([string] $Folder) {
    [scriptblock]::Create((Get-FunctionText ([IO.File]::ReadAllText("$env:SCRIPTS/$Folder/extra/virtual_desktop.install.ps1"))))
  }
  $fakes = {
    function Start-Sleep { }
    function Write-Host { }
    function Save-VerifiedDownload($Url, $Sha256, $Destination, $Remedy) { $machine.Calls.Add("download $Url $Sha256"); Set-Content $Destination '' }
    function Save-SignedDownload($Url, $Signer, $Destination, $Remedy) { $machine.Calls.Add("download $Url signed by $Signer"); Set-Content $Destination '' }
    function Invoke-InstallerProcess($FilePath, $ArgumentList, $TimeoutSeconds) {
      $machine.Calls.Add(("$(Split-Path -Leaf ($FilePath -replace '\\', '/')) $ArgumentList" -replace ' (/quiet|/log).*'))
      if ($machine.Codes.Count) { return $machine.Codes.Dequeue() }
      if ($ArgumentList -eq '/x') {
        if (-not $machine.Products.Remove($ArgumentList[1])) { return 1605 }
      } elseif ($FilePath -like '*msiexec.exe') {
        $machine.Products['{NEW}'] = 'NICE DCV Server', '25.0.20103'
        Set-Content "$TestDrive/dcv.exe" ''
      }
      return 0
    }
    function Get-DcvProgram { "$TestDrive/dcv.exe" }
    function Get-ChildItem {
      foreach ($code in @($machine.Products.Keys)) {
        [pscustomobject]@{ PSChildName = $code; Row = @{ DisplayName = $machine.Products[$code][0]; DisplayVersion = $machine.Products[$code][1] } } | Add-Member ScriptMethod GetValue { $this.Row[$args[0]] } -PassThru
      }
    }
    function Get-CimInstance($ClassName) {
      if ($ClassName -eq 'Win32_VideoController') { return $machine.Controllers }
      if ($machine.Gpu) { [pscustomobject]@{ Name = 'GPU'; PNPDeviceID = $machine.Gpu; CompatibleID = @('PCI\VEN_10DE', 'PCI\CC_0302') } }
    }
    function Test-Path($LiteralPath) { $null -ne $machine.Runtime }
    function Get-ItemProperty { [pscustomobject]$machine.Runtime }
  }
  . (Import-Functions 'bootstrap')
  . $fakes
}

Describe 'the install of a desktop' {
  BeforeEach {
    $StateFolder = Join-Path $TestDrive "$(New-Guid)"
    [void][IO.Directory]::CreateDirectory("$StateFolder/downloads")
    [IO.File]::Delete("$TestDrive/dcv.exe")
    $NodeLogFile = ''
    $env:SystemRoot = '/windows'
    $VALUE_SYSTEM_DCV_URL = 'https://mirror.example.com/dcv.msi'
    $VALUE_SYSTEM_DCV_RUNTIME_URL = 'https://mirror.example.com/vc_redist.x64.exe'
    $machine = @{ Calls = [Collections.Generic.List[string]]::new(); Codes = [Collections.Generic.Queue[int]]::new(); Products = [ordered]@{}; Gpu = ''; Controllers = @(); Runtime = $null }
    $features = 'server,webClient,webrtc,webauthn,VC2017Redist,webcamDriver,gamepadDriver,audioMicDriver,audioSpkDriver,printerDriver,virtualSmartcardDriver'
    $install = "msiexec.exe /i `"$StateFolder/downloads/dcv-server.msi`" DISABLE_SERVER_AUTOSTART=1 DISABLE_AUTOMATIC_SESSION_CREATION=1 ADDLOCAL=$features"
  }

  It 'is the pinned package, without owner, session and start' {
    Install-DcvServer
    $machine.Calls | Should -Be "download https://mirror.example.com/dcv.msi $('5' * 64)", "$install,iddDriver"
    Test-StateFile -Name 'reboot-requested' | Should -BeFalse
    [IO.Directory]::GetFiles("$StateFolder/downloads") | Should -BeNullOrEmpty
  }

  It 'asks for a restart when the installer does, and waits for another installation' {
    Set-Content "$TestDrive/dcv.exe" ''
    (1618, 1618, 3010).ForEach({ $machine.Codes.Enqueue($_) })
    Install-DcvServer
    $machine.Calls -like 'msiexec*' | Should -HaveCount 3
    Read-StateFile -Name 'reboot-requested' | Should -BeLike 'continue *'
  }

  It 'fails at once, and says why: <code>' -TestCases @(
    @{ code = 1603; reason = 'the DCV installer ended with exit code 1603, see *dcv-server-msi.log*' }
    @{ code = 1638; reason = 'the image has a DCV server that is not removed by its package*' }
    @{ code = 1619; reason = 'msiexec.exe ended with exit code 1619' }
    @{ code = 0; reason = 'the DCV installer ended with exit code 0, see *; expected */dcv.exe' }
  ) {
    $machine.Codes.Enqueue($code)
    { Install-DcvServer } | Should -Throw $reason
    $machine.Calls -like 'msiexec*' | Should -HaveCount 1
  }

  It 'replaces another version, also by a lower one, and nothing else' {
    $machine.Products['{A}'] = 'NICE DCV Server', '26.0.21001'
    $machine.Products['{C}'] = 'NICE DCV Viewer', '24.0.1'
    $machine.Products['{D}'] = 'Git', '2.1'
    Install-DcvServer
    $machine.Calls[1..2] | Should -Be 'msiexec.exe /x {A}', "$install,iddDriver"
    $machine.Products.Keys | Should -Be '{C}', '{D}', '{NEW}'
    Install-DcvServer
    $machine.Calls[4..5] | Should -Be "$install,iddDriver"
  }

  It 'takes a version that is gone for removed' {
    $machine.Products['{A}'] = 'NICE DCV Server', '26.0.21001'
    $machine.Codes.Enqueue(1605)
    Install-DcvServer
    $machine.Calls[2] | Should -Be "$install,iddDriver"
  }

  It 'has no display driver beside that of a GPU: <what>' -TestCases @(
    @{ what = 'one that shows a display'; gpu = 'PCI\VEN_10DE&DEV_1EB8'; width = 1024; ends = '' }
    @{ what = 'one that shows none'; gpu = 'PCI\VEN_10DE&DEV_1EB8'; width = $null; ends = ',iddDriver' }
    @{ what = 'none'; gpu = ''; width = 1024; ends = ',iddDriver' }
  ) {
    $machine.Gpu = $gpu
    $machine.Controllers = [pscustomobject]@{ PNPDeviceID = 'PCI\VEN_1234&DEV_1111'; CurrentHorizontalResolution = 800 }, [pscustomobject]@{ PNPDeviceID = $gpu; CurrentHorizontalResolution = $width }
    Install-DcvServer
    $machine.Calls[1] | Should -Be "$install$ends"
  }

  It 'leaves it out with the driver of the node, and takes it away where it is; USB is there when it is allowed' {
    . (Import-Functions 'options')
    . $fakes
    $machine.Gpu = 'PCI\VEN_10DE&DEV_1EB8'
    Install-DcvServer
    Install-DcvServer
    $machine.Calls[1, 3] | Should -Be "$install,usbDriver", "$install,usbDriver REMOVE=iddDriver"
    $machine.Gpu = ''
    Install-DcvServer
    $machine.Calls[5] | Should -Be "$install,usbDriver,iddDriver"
  }

  It 'begins with the runtime of Visual C++, by Microsoft' {
    Install-VisualCRuntime
    $machine.Calls | Should -Be 'download https://mirror.example.com/vc_redist.x64.exe signed by Microsoft Corporation', 'vc_redist.x64.exe /install'
    $machine.Codes.Enqueue(3010)
    Install-VisualCRuntime
    Read-StateFile -Name 'reboot-requested' | Should -BeLike 'continue *'
    $machine.Codes.Enqueue(1638)
    Install-VisualCRuntime
    $machine.Codes.Enqueue(1603)
    { Install-VisualCRuntime } | Should -Throw 'vc_redist.x64.exe ended with exit code 1603'
  }

  It 'repeats itself when the runtime is not installed before a restart, whatever else asks for one' {
    (350, 3010).ForEach({ $machine.Codes.Enqueue($_) })
    Set-Content "$TestDrive/dcv.exe" ''
    Install-VisualCRuntime
    Install-DcvServer
    Read-StateFile -Name 'reboot-requested' | Should -BeLike 'repeat *'
  }

  It 'leaves a runtime of 2022 or later alone: <major>.<minor>, <installed>' -TestCases @(
    @{ major = 14; minor = 30; installed = 1; calls = 0 }, @{ major = 14; minor = 44; installed = 1; calls = 0 }
    @{ major = 14; minor = 29; installed = 1; calls = 2 }, @{ major = 14; minor = 44; installed = 0; calls = 2 }
  ) {
    $machine.Runtime = @{ Installed = $installed; Major = $major; Minor = $minor }
    Install-VisualCRuntime
    $machine.Calls.Count | Should -Be $calls
  }
}
