# The texts of the functions of a script, all or those that are named, without running what stands around them.
function Get-FunctionText([string] $Text, [string[]] $Name) {
  $ast = [Management.Automation.Language.Parser]::ParseInput($Text, [ref]$null, [ref]$null)
  $functions = @($ast.FindAll({ $args[0] -is [Management.Automation.Language.FunctionDefinitionAst] }, $false)).Where({ -not $Name -or $_.Name -in $Name })
  $functions.ForEach({ $_.Extent.Text }) -join "`n"
}
