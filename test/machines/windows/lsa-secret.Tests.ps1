# What can be seen of the calls to the LSA without one: the methods that are made, and the memory that they are handed.
BeforeAll {
  $ErrorActionPreference = 'Stop'
  . (Join-Path $PSScriptRoot functions.ps1)
  . ([scriptblock]::Create((Get-FunctionText ([IO.File]::ReadAllText("$env:SCRIPTS/bootstrap/connect.ps1")))))
}

Describe 'private data of the LSA' {
  It 'goes through functions with their parameters, and no compiler' {
    $type = New-NativeType -Library 'libc' -Functions @{ getpid = @(); strnlen = @([string], [IntPtr]) }
    $type::getpid() | Should -Be $PID
    $type.GetMethod('strnlen').GetParameters().ForEach({ $_.ParameterType.Name }) | Should -Be 'String', 'IntPtr'
  }

  It 'has the text in UTF-16 behind its lengths in bytes: <text>' -ForEach @{ text = "aA1!/$([char]0xE9)" }, @{ text = '' } {
    $memory = New-LsaString -Text $text
    [Runtime.InteropServices.Marshal]::ReadInt16($memory) | Should -Be (2 * $text.Length)
    [Runtime.InteropServices.Marshal]::ReadInt16($memory, 2) | Should -Be (2 * $text.Length)
    $buffer = [Runtime.InteropServices.Marshal]::ReadIntPtr($memory, 8)
    [Runtime.InteropServices.Marshal]::PtrToStringUni($buffer, $text.Length) | Should -BeExactly $text
  }

  Context 'with an LSA that keeps one secret' {
    BeforeAll {
      class FakeLsa {
        static [hashtable] $Secrets = @{}
        static [string] Text([IntPtr] $Memory) { return [Runtime.InteropServices.Marshal]::PtrToStringUni([Runtime.InteropServices.Marshal]::ReadIntPtr($Memory, 8), [Runtime.InteropServices.Marshal]::ReadInt16($Memory) / 2) }
        static [int] LsaOpenPolicy([IntPtr] $System, [IntPtr] $Attributes, [IntPtr] $Access, [IntPtr] $Handle) {
          if ($System -ne [IntPtr]::Zero -or [long]$Access -ne 0x24) { return -1 }
          [Runtime.InteropServices.Marshal]::WriteIntPtr($Handle, [IntPtr]77)
          return 0
        }
        static [int] LsaStorePrivateData([IntPtr] $Policy, [IntPtr] $Key, [IntPtr] $Data) {
          if ([long]$Policy -ne 77) { return 0xC0000022 }
          [FakeLsa]::Secrets[[FakeLsa]::Text($Key)] = [FakeLsa]::Text($Data)
          return 0
        }
        static [int] LsaRetrievePrivateData([IntPtr] $Policy, [IntPtr] $Key, [IntPtr] $Result) {
          $value = [FakeLsa]::Secrets[[FakeLsa]::Text($Key)]
          if ($null -eq $value) { return 0xC0000034 }
          if ($value -eq 'locked') { return 0xC0000022 }
          $memory = [Runtime.InteropServices.Marshal]::AllocHGlobal(16)
          [Runtime.InteropServices.Marshal]::WriteInt16($memory, 2 * $value.Length)
          [Runtime.InteropServices.Marshal]::WriteIntPtr($memory, 8, [Runtime.InteropServices.Marshal]::StringToHGlobalUni($value))
          [Runtime.InteropServices.Marshal]::WriteIntPtr($Result, $memory)
          return 0
        }
        static [int] LsaNtStatusToWinError([IntPtr] $Status) { return 5 }
      }
      function New-NativeType { [FakeLsa] }
      function Get-InstanceMetadata { 'i-1' }
    }

    It 'is read as it was kept, and there is none before' {
      Read-OwnerPassword | Should -BeExactly ''
      Save-OwnerPassword -Password 'a b/+='
      [FakeLsa]::Secrets['L$ClusterNodeOwnerPassword'] | Should -BeExactly 'i-1 a b/+='
      Read-OwnerPassword | Should -BeExactly 'a b/+='
    }

    It 'is another instance''s when an image brings it' {
      [FakeLsa]::Secrets['L$ClusterNodeOwnerPassword'] = 'i-2 secret'
      Read-OwnerPassword | Should -BeExactly ''
    }

    It 'is an error when Windows refuses it' {
      [FakeLsa]::Secrets['L$ClusterNodeOwnerPassword'] = 'locked'
      { Read-OwnerPassword } | Should -Throw
    }
  }
}
