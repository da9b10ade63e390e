BeforeAll {
  $ErrorActionPreference = 'Stop'
  . (Join-Path $PSScriptRoot functions.ps1)
  . ([scriptblock]::Create((Get-FunctionText ([IO.File]::ReadAllText("$env:SCRIPTS/bootstrap/seal.ps1")) 'Remove-Trace')))
  function Start-Sleep($Milliseconds) { $script:calls += "sleep $Milliseconds" }
  function Write-NodeLog($Level, $Message) { $script:calls += "$Level $Message" }
  # A scanner has a file open for the first removals.
  function Remove-Item($LiteralPath, [switch] $Recurse, [switch] $Force) {
    $script:removals++
    if ($script:removals -le $script:refused) { throw [IO.IOException]::new("Directory is not empty. : '$LiteralPath'.") }
    Microsoft.PowerShell.Management\Remove-Item -LiteralPath $LiteralPath -Recurse:$Recurse -Force:$Force
  }
}

Describe 'traces of the machine that an image is made of' {
  BeforeEach {
    $script:calls = @()
    $script:removals = 0
    $folder = Join-Path $TestDrive ([guid]::NewGuid())
    New-Item -Path "$folder/logs" -ItemType Directory
    Set-Content -LiteralPath "$folder/logs/runner.log" -Value 'text'
  }

  It 'go when a virus scanner has let them go' {
    $script:refused = 2
    Remove-Trace -Path $folder
    Test-Path -LiteralPath $folder | Should -BeFalse
    $calls | Should -Be 'sleep 500', 'sleep 500'
  }

  It 'are an error when they stay, after ten times' {
    $script:refused = 100
    { Remove-Trace -Path $folder } | Should -Throw '*Directory is not empty*'
    $removals | Should -Be 10
  }

  It 'stay with a warning where a program may have them open, and nothing waits' {
    $script:refused = 100
    Remove-Trace -Path $folder -MayBeOpen
    $calls | Should -Be "warning $folder stays: Directory is not empty. : '$folder'."
  }
}
