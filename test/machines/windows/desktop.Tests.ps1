# The functions of a desktop's install, with a stand-in for Windows Installer and its registry.
BeforeAll {
  $ErrorActionPreference = 'Stop'
  $text = [IO.File]::ReadAllText("$env:SCRIPTS/bootstrap/extra/virtual_desktop.install.ps1")
  $ast = [Management.Automation.Language.Parser]::ParseInput($text, [ref]$null, [ref]$null)
  . ([scriptblock]::Create(@($ast.FindAll({ $args[0] -is [Management.Automation.Language.FunctionDefinitionAst] }, $false)).ForEach({ $_.Extent.Text }) -join "`n"))
  $env:SystemRoot = '/windows'
  function Start-Sleep { }
  function Write-Host { }
  function Save-VerifiedDownload($Url, $Sha256, $Destination) { $machine.Calls.Add("download $Url $Sha256"); Set-Content $Destination '' }
  function Invoke-Installer($FilePath, $ArgumentList, $SuccessCode) {
    $machine.Calls.Add(("msiexec $ArgumentList" -replace ' /quiet.*'))
    $code, $machine.Codes = $machine.Codes
    if ($code -notin $SuccessCode) { throw "msiexec.exe ended with exit code $code" }
    $code
  }
  function Get-DcvProgram { "$TestDrive/dcv.exe" }
  function Get-ChildItem {
    foreach ($row in $machine.Products) {
      [pscustomobject]@{ PSChildName = $row[0]; Row = @{ DisplayName = $row[1]; DisplayVersion = $row[2] } } | Add-Member ScriptMethod GetValue { $this.Row[$args[0]] } -PassThru
    }
  }
}

Describe 'the install of a desktop' {
  BeforeEach {
    $StateFolder = Join-Path $TestDrive "$(New-Guid)"
    New-Item "$StateFolder/downloads" -ItemType Directory
    Set-Content "$TestDrive/dcv.exe" ''
    $NodeLogFile = ''
    $VALUE_SYSTEM_DCV_URL = 'https://mirror.example.com/dcv.msi'
    $machine = @{ Calls = [Collections.Generic.List[string]]::new(); Codes = @(0) * 9; Products = @() }
    $install = "msiexec /i `"$StateFolder/downloads/dcv-server.msi`" DISABLE_SERVER_AUTOSTART=1 DISABLE_AUTOMATIC_SESSION_CREATION=1"
  }

  It 'is the pinned package, without owner, session and start' {
    Install-DcvServer
    $machine.Calls | Should -Be "download https://mirror.example.com/dcv.msi $('5' * 64)", $install
    Test-StateFile -Name 'reboot-requested' | Should -BeFalse
  }

  It 'asks for a restart when the installer does, and waits for another installation' {
    $machine.Codes = 1618, 1618, 3010
    Install-DcvServer
    $machine.Calls -eq $install | Should -HaveCount 3
    Read-StateFile -Name 'reboot-requested' | Should -BeLike 'continue *'
  }

  It 'fails with the installer, and when there is no server after it' {
    $machine.Codes = @(1603) * 9
    { Install-DcvServer } | Should -Throw '*1603'
    $machine.Codes = @(0)
    Remove-Item "$TestDrive/dcv.exe"
    { Install-DcvServer } | Should -Throw '*is missing*'
  }

  It 'replaces another version, also by a lower one, and nothing else' {
    $machine.Products = @('{A}', 'NICE DCV Server', '26.0.21001'), @('{B}', 'NICE DCV Server', '25.0.20103'), @('{C}', 'NICE DCV Viewer', '24.0.1'), @('Git', 'Git', '2.1')
    Install-DcvServer
    $machine.Calls[1..2] | Should -Be 'msiexec /x {A}', $install
    Test-StateFile -Name 'reboot-requested' | Should -BeFalse
    $machine.Codes = 3010, 0
    Install-DcvServer
    Read-StateFile -Name 'reboot-requested' | Should -BeLike 'continue *'
  }

  It 'takes a version that is gone for removed' {
    $machine.Products = , @('{A}', 'NICE DCV Server', '26.0.21001')
    $machine.Codes = 1605, 0
    Install-DcvServer
    $machine.Calls[2] | Should -Be $install
  }
}
