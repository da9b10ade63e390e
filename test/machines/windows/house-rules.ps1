<#
.SYNOPSIS
The rules of this repository for scripts that run on Windows nodes. Prints one finding a line, "FILE:LINE rule: message".
#>
param([Parameter(Mandatory, ValueFromRemainingArguments)] [string[]] $Path)
Set-StrictMode -Version 3
$ErrorActionPreference = 'Stop'

# Functions of script modules: they do not see the preferences of the script that calls them.
$scriptModules = '^(Get|New|Set)-NetFirewallRule$|-ScheduledTask'
# What every phase script has at hand, a team's own among them.
$offered = 'Write-NodeLog', 'Stop-NodePhase', 'Invoke-WithRetry', 'Invoke-NativeCommand', 'Invoke-Installer', 'Request-NodeReboot',
  'Get-InstanceMetadata', 'Get-InstanceTag', 'Get-NodeSecret', 'Save-S3Object', 'Save-VerifiedDownload', 'Save-SignedDownload',
  'Set-RegistryValue', 'Invoke-AwsRequest', 'Invoke-AwsQuery', 'Invoke-AwsJson', 'Write-StateFile', 'Read-StateFile', 'Test-StateFile',
  'Remove-StateFile'
$verbs = (Get-Verb).Verb
# Set by PowerShell itself.
$automatic = '_', '?', 'args', 'true', 'false', 'null', 'LASTEXITCODE', 'Matches', 'PSHOME', 'PSScriptRoot', 'PSVersionTable', 'ExecutionContext'

# As a compiled predicate: a script block for each node is what these rules would spend their time with.
function New-TypeTest([type] $Type) {
  $node = [Linq.Expressions.Expression]::Parameter([Management.Automation.Language.Ast])
  [Linq.Expressions.Expression]::Lambda([Func[Management.Automation.Language.Ast, bool]], [Linq.Expressions.Expression]::TypeIs($node, $Type), $node).Compile()
}
$isAny = New-TypeTest ([Management.Automation.Language.Ast])
$isVariable = New-TypeTest ([Management.Automation.Language.VariableExpressionAst])
$isAssignment = New-TypeTest ([Management.Automation.Language.AssignmentStatementAst])
$isParameter = New-TypeTest ([Management.Automation.Language.ParameterAst])
$isForEach = New-TypeTest ([Management.Automation.Language.ForEachStatementAst])

function Get-AssignedName($Ast) {
  foreach ($assignment in $Ast.FindAll($isAssignment, $true)) {
    # Not a member of a table, which is how a function keeps something.
    if ($assignment.Left -isnot [Management.Automation.Language.MemberExpressionAst]) {
      foreach ($variable in $assignment.Left.FindAll($isVariable, $false)) { $variable.VariablePath.UserPath }
    }
  }
}

# Names that have a value in there: assigned, or a parameter, or of a loop.
function Get-SetName($Ast) {
  Get-AssignedName $Ast
  foreach ($node in $Ast.FindAll($isParameter, $true)) { $node.Name.VariablePath.UserPath }
  foreach ($node in $Ast.FindAll($isForEach, $true)) { $node.Variable.VariablePath.UserPath }
}

foreach ($file in $Path) {
  $ast = [Management.Automation.Language.Parser]::ParseFile((Resolve-Path -LiteralPath $file).ProviderPath, [ref]$null, [ref]$null)
  $text = $ast.Extent.Text
  $all = @($ast.FindAll($isAny, $true))
  $commands = @($all.Where({ $_ -is [Management.Automation.Language.CommandAst] }))
  $functions = @($all.Where({ $_ -is [Management.Automation.Language.FunctionDefinitionAst] }))
  function Write-Finding($Rule, $Extent, $Message = $Extent.Text) { '{0}:{1} {2}: {3}' -f $file, $Extent.StartLineNumber, $Rule, ($Message -replace '\s+', ' ') }

  $top = @($ast.EndBlock.Statements)
  if ("$($top | Select-Object -First 2)" -cne 'Set-StrictMode -Version 2 $ErrorActionPreference = ''Stop''') { Write-Finding 'strict' $top[0].Extent }

  foreach ($group in $functions | Group-Object Name) {
    $function = $group.Group[0]
    if ($group.Count -gt 1) { Write-Finding 'function' $function.Extent "$($group.Name) is defined twice" }
    if ($group.Name -notmatch '^([A-Z][A-Za-z]+)-[A-Z][A-Za-z0-9]+$' -or $Matches[1] -cnotin $verbs) { Write-Finding 'function' $function.Extent "$($group.Name) is not an approved verb and a noun" }
    if ($group.Name -notin $offered -and $group.Name -notin $commands.ForEach({ $_.GetCommandName() })) { Write-Finding 'function' $function.Extent "$($group.Name) is called by nobody" }
  }

  foreach ($command in $commands) {
    $name = "$($command.GetCommandName())"
    $after = $text.Substring($command.Extent.StartOffset)
    # A script throws.
    if ("$($command.InvocationOperator)" -eq 'Ampersand' -and $command.Extent.Text -cnotmatch '^& (\$(Action|Check)\b|"[^"]*\.ps1")') {
      if ($after -notmatch '\A.*\n([^\n]*\} catch \{\n.*\n\s*\}\n)?\s*if \([^\n]*\$(LASTEXITCODE|\?)') { Write-Finding 'exit code' $command.Extent }
    } elseif ($name -match '\.exe$' -or $name -eq 'Start-Process') {
      Write-Finding 'exit code' $command.Extent
    }
    if ($name -match $scriptModules -and $command.Extent.Text -notmatch ' -ErrorAction (Stop|SilentlyContinue)\b') { Write-Finding 'error action' $command.Extent }
    # Module logging writes the arguments of cmdlets into the event log.
    if ($name -eq 'ConvertTo-SecureString') { Write-Finding 'secret' $command.Extent }
    # A node may not let the compiler start.
    if ($name -in 'Invoke-Expression', 'iex') { Write-Finding 'code' $command.Extent }
    if ($name -in 'Set-Content', 'Add-Content', 'Out-File' -and $command.Extent.Text -cnotmatch ' -Encoding ') { Write-Finding 'encoding' $command.Extent }
    if ($name -eq 'Add-Type') { Write-Finding 'compiler' $command.Extent }
    if ($name -match '-(CFN|EC2|S3|SEC)[A-Z]\w+$' -and $name -ne 'Save-S3Object') { Write-Finding 'aws tools' $command.Extent }
  }

  foreach ($node in $all) {
    if ($node -is [Management.Automation.Language.BinaryExpressionAst]) {
      if ($node.Left -is [Management.Automation.Language.UnaryExpressionAst] -and "$($node.Left.TokenKind)" -in 'Not', 'Exclaim' -and "$($node.Operator)" -notin 'And', 'Or', 'Xor') { Write-Finding 'not' $node.Extent 'it takes the left side alone' }
      # What ignores case by the culture takes no i for an I on a Turkish Windows.
      if ("$($node.Operator)" -cmatch '^I(not)?(match|replace|split)' -and $node.Right.Extent.Text -cmatch '^[''"]' -and ($node.Right.Extent.Text -creplace '\\.|\(\?<\w+>') -cmatch '[A-Za-z]') { Write-Finding 'culture' $node.Extent }
    }
    if ($node -is [Management.Automation.Language.ExpandableStringExpressionAst]) {
      foreach ($variable in $node.NestedExpressions.Where({ $_ -is [Management.Automation.Language.VariableExpressionAst] })) {
        if ($text.Substring($variable.Extent.EndOffset) -cmatch '\A\.[A-Z]') { Write-Finding 'member' $node.Extent 'a member in a string takes $(..)' }
      }
    }
    if ($node -is [Management.Automation.Language.FileRedirectionAst] -and $node.Location.Extent.Text -cne '$null') { Write-Finding 'encoding' $node.Extent 'the console''s' }
    if ($node -is [Management.Automation.Language.InvokeMemberExpressionAst] -and $node.Expression.Extent.Text -match '^\[(Management\.Automation\.)?scriptblock\]$') { Write-Finding 'code' $node.Extent }
    if ($node -is [Management.Automation.Language.UnaryExpressionAst] -and $node.TokenKind -eq 'Exclaim') { Write-Finding 'not' $node.Extent }
    if ($node -is [Management.Automation.Language.VariableExpressionAst] -and $node.VariablePath.UserPath -match '^(script|global):') { Write-Finding 'scope' $node.Extent }
  }
  # Relaxed on purpose, for the function alone.
  $statements = $top.Where({ $_ -isnot [Management.Automation.Language.FunctionDefinitionAst] })
  $shared = @($statements.ForEach({ Get-AssignedName $_ }) -ne 'ErrorActionPreference')
  $known = $automatic + $shared + $ast.ParamBlock.ForEach({ $_.Parameters.Name.VariablePath.UserPath }) + 'ErrorActionPreference'
  foreach ($part in $functions + $statements) {
    $here = $known + @(Get-SetName $part)
    foreach ($variable in $part.FindAll($isVariable, $true)) {
      # The values of stage 0 are a test's own matter.
      if ($variable.VariablePath.IsVariable -and $variable.VariablePath.UserPath -notin $here -and $variable.VariablePath.UserPath -cnotlike 'VALUE_*') { Write-Finding 'unset' $variable.Extent }
    }
  }
  foreach ($function in $functions) {
    foreach ($name in @(Get-AssignedName $function.Body).Where({ $_ -in $shared })) { Write-Finding 'scope' $function.Extent "$($function.Name) sets `$$name, a variable of the script" }
  }

  $line = 0
  foreach ($each in $text -split '\n') {
    $line++
    $problem = switch -Regex -CaseSensitive ($each) {
      '[^\x20-\x7e]' { 'ascii' }
      ' $' { 'blanks' }
      # [IO.FileShare]::None is meant.
      '\{\{|\}\}\}|\{%|%\}|\{#|#\}|(?<!::|''ReadWrite'', '')\bNone\b|undefined|\[object|\$\{Token|&(quot|amp|lt|gt|#39);' { 'template' }
      # Whoever knows when it was asked knows what it gave.
      '^(?!.*Start-Sleep).*(\bGet-Random\b|\[(System\.)?Random\]|New-Object (System\.)?Random\b)' { 'secret' }
      '^(?=.*\$(Password|Secret)\b).*(Write-|WriteAllText|-ArgumentList|-ItemProperty|Set-RegistryValue|SetEnvironmentVariable)' { 'secret' }
    }
    foreach ($rule in $problem) { '{0}:{1} {2}: {3}' -f $file, $line, $rule, $each }
  }
  if ($text -match '\n\n\n') { Write-Finding 'blanks' $ast.Extent 'more than two line feeds in a row' }
}
