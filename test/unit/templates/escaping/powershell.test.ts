import { escapePowerShell } from '../../../../lib/templates/escaping/powershell';
import { VariableReference } from '../../../../lib/templates/value-kinds';
import { OWNER, segmentsOf, templateErrorOf } from './segments-of';

type Values = readonly (string | number | boolean | VariableReference)[];

const written = (script: string, ...values: Values): string => escapePowerShell(segmentsOf(script, ...values));

describe('a value', () => {
  test.each<[string, string, Values, string]>([
    // Outside of strings
    ['as an argument', 'Write-Host @@ @@', ['a', ''], `Write-Host 'a' ''`],
    ['with quotes of all kinds', 'Write-Host @@', [`'‘’‚‛"“`], `Write-Host '''‘‘’’‚‚‛‛"“'`],
    ['with what PowerShell would expand', '$x = @@', ['$(Restart-Computer) `n'], "$x = '$(Restart-Computer) `n'"],
    ['after an equal sign alone', '$x =@@; $x +=@@', ['a b', true], "$x ='a b'; $x +=$true"],
    ['after a parameter', 'Get-Item -Path:@@ –Force', ['a b'], `Get-Item -Path:'a b' –Force`],
    ['after an equals sign', '$x=@@; @{a=@@}', ['a', 'b'], `$x='a'; @{a='b'}`],
    ['after a cast', '$x = [string]@@', ['1'], `$x = [string]'1'`],
    ['in a call', '[IO.File]::Exists(@@, @@)', ['a', 1], `[IO.File]::Exists('a', 1)`],
    ['with braces in a longer word', 'Get-Item $x=@@', ['{0}$'], 'Get-Item $x="{0}`$"'],
    ['with braces', 'Copy-Item -A:@@ @@', ['{', '{'], `Copy-Item -A:'{' '{'`],
    ['in parentheses', '1..(@@); $x[(@@)]', [5, 'a'], `1..(5); $x[('a')]`],
    ['as a default', 'param([string]$x=@@)', ['a'], `param([string]$x='a')`],
    ['before a blank that is not ASCII', 'Write-Host @@\u00a0x', ['a'], `Write-Host 'a'\u00a0x`],
    ['that is a number', '$x = @@ + @@; Start-Sleep @@', [5, -1, 1.5], '$x = 5 + -1; Start-Sleep 1.5'],
    ['that is a negative number', '[int]@@; $x=@@', [-5, -2], '[int]-5; $x=-2'],
    ['that is a boolean after a cast', 'if (@@) { [bool]@@ }', [false, false], 'if ($false) { [bool]$false }'],
    ['that is a boolean', '$x = @@; Set-Foo -Force:@@ $@@', [true, false, true], '$x = $true; Set-Foo -Force:$false $true'],
    // Strings
    ['in double quotes', '"@@"', ['$x `y "z" “q” \n'], '"`$x ``y `"z`" `“q`” `n"'],
    ['in typographic double quotes', '“@@„', ['$x "'], '“`$x `"„'],
    ['after a variable in double quotes', '"${x}@@ ${env:A}@@"', ['1', '2'], '"${x}1 ${env:A}2"'],
    ['after a variable and a letter beyond U+FFFF', '"$x\u{20000}@@"', ['1'], '"$x\u{20000}1"'],
    ['after $? and $$', '"$?@@$$@@"', ['a', 'b'], '"$?a$$b"'],
    ['after a doubled quote', '"""@@"', ['$'], '"""`$"'],
    ['that is a boolean in double quotes', '"@@"', [true], '"True"'],
    ['in single quotes', "'@@'", [`it's ‘$x’`], "'it''s ‘‘$x’’'"],
    ['in typographic single quotes', '‘@@’', [`'`], `‘''’`],
    ['in a here-string', '$x = @"\n@@ "x"\n"@', ['$a `b\n"@ c'], '$x = @"\n`$a ``b`n`"@ c "x"\n"@'],
    ['that would complete the end of a here-string', '$x = @"\n"@@ x\n"@', ['@'], '$x = @"\n"`@ x\n"@'],
    ['in a literal here-string', `$x = @'\n@@\n'@`, [`it's $x`], `$x = @'\nit's $x\n'@`],
    ['after a here-string', `$x = @'\nit's "\n'@\nWrite-Host @@`, ['a'], `$x = @'\nit's "\n'@\nWrite-Host 'a'`],
    // Sub-expressions in strings
    ['after parentheses in quotes there, which count', `"$(Get-Item ')')@@" @@`, ['"', '$'], `"$(Get-Item ')')\`"" '$'`],
    ['after doubled quotes there', '"$(Get-Item ""a"")@@"', ['"'], '"$(Get-Item ""a"")`""'],
    ['after $(..) in double quotes', '"$(Get-Item (1))@@"', ['"'], '"$(Get-Item (1))`""'],
    ['in $(..) outside of strings', '$x = $(Get-Item @@)', ['a)"'], `$x = $(Get-Item 'a)"')`],
    ['after $(..) in a word', 'Foo a$(Get-Item (b) "c")b @@', [';'], `Foo a$(Get-Item (b) "c")b ';'`],
    ['in $(..) after another token', 'Foo "a)" $(Get-Item ")" @@)', [')'], `Foo "a)" $(Get-Item ")" ')')`],
    // Comments
    ['in a comment', '# @@ x\n#@@', ['a\nb', 'requires -Version 9'], '# a b x\n# requires -Version 9'],
    ['in a comment on signatures', '# sign the block of @@', ['a beginner'], '# sign the block of a beginner'],
    ['after a word that goes on with #', 'Write-Host a#b\n@@', ['a'], `Write-Host a#b\n'a'`],
    ['in a block comment', '<# @@ #@@> #>', ['a #> b', ''], '<# a    b # > #>'],
    ['after a comment', '# it\'s "\nWrite-Host @@ <# it\'s " #> @@', ['a', 'b'], `# it's "\nWrite-Host 'a' <# it's " #> 'b'`],
  ])('%s', (_name, script, values, expected) => {
    expect(written(script, ...values)).toBe(expected);
  });
});

describe('a variable reference', () => {
  test.each<[string, string, string]>([
    ['as an argument', 'Get-Item @@', 'Get-Item $VALUE_DCV_SESSION_OWNER'],
    ['after a parameter', 'Get-Item -Path:@@', 'Get-Item -Path:$VALUE_DCV_SESSION_OWNER'],
    ['in an expression', '$x = @@', '$x = $VALUE_DCV_SESSION_OWNER'],
    ['in double quotes', '"a@@:b"', '"a${VALUE_DCV_SESSION_OWNER}:b"'],
    ['in a here-string', '$x = @"\n@@\n"@', '$x = @"\n${VALUE_DCV_SESSION_OWNER}\n"@'],
    ['in a comment', '#@@', '# $VALUE_DCV_SESSION_OWNER'],
    ['in a block comment', '<#@@#>', '<#$VALUE_DCV_SESSION_OWNER#>'],
  ])('%s', (_name, script, expected) => {
    expect(written(script, OWNER)).toBe(expected);
  });
});

describe('an error names template, line, key and remedy', () => {
  test.each<[string, string, string, Values]>([
    ['VariableInLiteralString', 'single quotes', `'@@'`, [OWNER]],
    ['VariableInLiteralHereString', 'a literal here-string', `$x = @'\n@@\n'@`, [OWNER]],
    ['ValueEndsHereString', 'a literal here-string', `$x = @'\n@@\n'@`, [`a\n'@\nRestart-Computer`]],
    ['ValueEndsHereString', 'a literal here-string, a typographic quote', `$x = @'\n@@\n'@`, ['’@']],
    ['ValueEndsHereString', 'a literal here-string, completed by the text', `$x = @'\n@@@ x\n'@`, [`'`]],
    ['ValueEndsHereString', 'a here-string, completed by nothing', `$x = @"\n"@@@ x\n"@`, ['']],
    ['CarriageReturnInHereString', 'a literal here-string', `$x = @'\n@@\n'@`, ['a\r']],
    ['GluedValue', 'text after the value', 'Get-Item @@\\x', ['a']],
    ['GluedValue', 'a member of the value', '@@.Length', ['a']],
    ['GluedValue', 'a string before the value', `Write-Host "a"@@`, ['a']],
    ['GluedValue', 'a literal string before the value', `Write-Host 'a'@@`, ['a']],
    ['GluedValue', 'a literal string after the value', `Write-Host @@'a'`, ['a']],
    ['GluedValue', 'a literal string after the value in a word', `Write-Host a@@'a'`, ['a']],
    ['GluedValue', 'a variable before the value', 'Write-Host $x@@', ['a']],
    ['GluedValue', 'an at sign', 'Write-Host @@@', ['a']],
    ['GluedValue', 'a splat', 'Write-Host @' + '@@', ['a']],
    ['GluedValue', 'a parameter without a colon', 'Get-Item -Path@@', ['a']],
    ['GluedValue', 'a reference next to a value', 'Write-Host @@@@', [OWNER, 'a']],
    ['GluedValue', 'a value next to a value', 'Write-Host @@@@', ['a', 'b']],
    ['GluedValue', 'a part of a path', 'Get-Item C:\\x\\@@', ['my dir']],
    ['GluedValue', 'a reference as a part of a path', 'Get-Item $env:TEMP\\@@', [OWNER]],
    ['GluedValue', 'a reference before a letter', 'Get-Item @@é', [OWNER]],
    ['GluedValue', 'an option', 'aws --region=@@', ['a']],
    ['GluedValue', 'a number in a word', 'java -Xmx@@', [2048]],
    ['GluedValue', 'a number that would be a stream', 'Write-Output @@>x', [2]],
    ['GluedValue', 'a redirection', 'Get-Date >@@', ['a b']],
    ['GluedValue', 'an index', '$x[@@]', ['a']],
    ['GluedValue', 'a member', '$x.@@', ['a b']],
    ['GluedValue', 'an operand', '$x = $y+@@', ['a']],
    ['GluedValue', 'a range', '1..@@', [5]],
    ['GluedValue', 'a negation', '!@@', [true]],
    ['GluedValue', 'a member of a reference', '@@.Length', [OWNER]],
    ['GluedValue', 'a number after a dollar', "Write-Host a'b'@@", [5]],
    ['GluedValue', 'a number after a variable', 'Write-Host $x@@', [5]],
    ['GluedValue', 'a number after a variable with a scope', 'Write-Host $env:TEMP@@', [5]],
    ['GluedValue', 'a number after a variable in braces', '${x}@@ = 3', [5]],
    ['GluedValue', 'a value after $(..) in a word', 'Write-Host a$(b)@@', ['a']],
    ['GluedValue', 'a member of a value in a hash table', '@{Name=@@.txt}', ['a']],
    ['GluedValue', 'a member of a reference in a hash table', '@{Name=@@.txt}', [OWNER]],
    ['GluedValue', 'a member of an operand', '2*@@.Length', ['a']],
    ['GluedValue', 'a member of a divisor', '@{a=3*2/@@.Length}', ['a']],
    ['GluedValue', 'a member of the end of a range', '1..@@.Length', ['a']],
    ['GluedValue', 'text after what a dot runs', '.@@x', ['a']],
    ['GluedValue', 'a boolean that goes on', '!@@.x', [true]],
    ['GluedValue', 'a negative number', '$x = 5-@@', [-5]],
    ['GluedValue', 'a boolean', '@@.Length', [true]],
    ['GluedValue', 'a boolean in a word with a dash, where $ is no variable', 'java -Denabled=@@', [true]],
    ['GluedValue', 'a boolean behind an en dash', 'x –x=@@', [true]],
    ['GluedValue', 'a fraction in a word with a dash, which ends before the dot', 'java -Dversion=@@', [1.5]],
    ['GluedValue', 'a fraction glued to a parameter', 'foo -v@@', [1.5]],
    ['CarriageReturnInHereString', 'a carriage return, and nothing behind it', "@'\n@@" + "@@\n'@", ['\r', '']],
    ['ValueAfterDollar', 'a $', 'Write-Host $@@', ['x']],
    ['ValueAfterDollar', 'a $ in a string', '"$@@"', ['x']],
    ['ValueAfterDollar', '${..}', 'Write-Host ${@@}', ['x']],
    ['ValueAfterDollar', 'the name of a variable in a string', '"$x@@"', ['y']],
    ['ValueAfterDollar', 'the name of a variable in a here-string', '@"\n$env:A@@\n"@', ['1']],
    ['ValueAfterDollar', 'a colon', '"$x:@@"', ['80']],
    ['ValueAfterBacktick', 'a backtick', 'Write-Host `@@', ['x']],
    ['ValueAfterBacktick', 'a backtick in a string', '"`@@"', ['x']],
    ['ValueStopsParsing', 'a word', 'Copy-Item @@ -Path @@', ['--%', '| Restart-Computer']],
    ['ValueStopsParsing', 'a word in parentheses', 'Copy-Item (@@) -Path x', ['--%']],
    ['ValueStopsParsing', 'the end of a word', 'Copy-Item "a-@@"', ['-%']],
    ['ValueStopsParsing', 'a literal string', `Copy-Item '-@@' -Path x`, ['-%']],
    ['ValueStopsParsing', 'a string', 'Copy-Item "@@`%" -Path x', ['--']],
    ['ValueStopsParsing', 'a string after a dash', 'Copy-Item -"@@" -Path x', ['-%']],
    ['ValueStopsParsing', 'a here-string', 'Copy-Item @"\n@@\n"@ -Path x', ['--%']],
    ['ValueInRequires', '#requires', '#Requires -Modules @@', ['x']],
    ['ValueInRequires', 'the value completes it', '#req@@', ['uires -Version 99']],
    ['ValueInSignature', 'a comment', '# @@', ['SIG # Begin signature block']],
    ['ValueInSignature', 'a comment that the value completes', '# Sig # Begin @@ blocks', ['of a Signature']],
    ['ValueInNestedString', 'a literal string in $(..) in a string', `"$(Get-Item '@@')"`, ['a']],
    ['ValueInNestedString', 'a string in $(..) in a string', '"$(Get-Item "@@")"', [OWNER]],
    ['ValueInNestedString', 'a word in $(..) in a string', '"a$(Get-Item (b) @@)"', [1]],
    ['ValueInNestedString', 'a word in $(..) in a here-string', '@"\n$(Get-Item @@)\n"@', ['a']],
    ['ValueInNestedString', 'a word in $(..) in a word', 'Foo a$(Get-Item @@)', ['a']],
    ['ValueInNestedString', 'a word in $(..) in an assignment', '$x=$(Get-Item @@)', ['a']],
    ['ValueAsCode', 'Invoke-Expression', 'Invoke-Expression "tool @@"', ['a']],
    ['ValueAsCode', 'Invoke-Expression with a variable', 'Invoke-Expression "tool @@"', [OWNER]],
    ['ValueAsCode', 'iex in parentheses', 'iex ("tool {0}" -f @@)', ['a']],
    ['ValueAsCode', 'iex behind a pipe', '"tool @@" | iex', ['a']],
    ['ValueAsCode', 'iex in an assignment', '$x = IEX "tool @@"', ['a']],
    ['ValueAsCode', 'Invoke-Expression with its module', "Microsoft.PowerShell.Utility\\Invoke-Expression -Command 'tool @@'", ['a']],
    ['ValueAsCode', 'a script block of text', '& ([scriptblock]::Create("tool @@"))', ['a']],
    ['ValueAsCode', 'a script block of text, the whole name', '$b = [System.Management.Automation.ScriptBlock]::Create("@@")', ['a']],
    ['ValueAsCode', 'text that is expanded', '$ExecutionContext.InvokeCommand.ExpandString("@@")', ['a']],
    ['ValueAsCode', 'powershell -Command', 'powershell.exe -NoProfile -Command "Get-Item @@"', ['a']],
    ['ValueAsCode', 'powershell -c', '& "$PSHOME\\powershell.exe" -c "Get-Item @@"', ['a']],
    ['ValueAsCode', 'powershell without -File', 'powershell -NoProfile "Get-Item @@"', ['a']],
    ['ValueAsCode', 'pwsh -EncodedCommand', 'pwsh -enc @@', ['a']],
    ['ValueAsCode', 'powershell by Start-Process', 'Start-Process powershell -ArgumentList "-Command", "Get-Item @@"', ['a']],
    [
      'ValueAsCode',
      'powershell by Start-Process, in one string',
      'Start-Process powershell -Verb RunAs -ArgumentList "-Command Get-Item @@"',
      ['a'],
    ],
    ['ValueAsCode', 'cmd /c', 'cmd.exe /d /c "dir @@"', ['a']],
    ['ValueAsCode', 'cmd /k', 'cmd /k dir @@', ['a']],
    ['ValueAsCode', 'the command processor by its variable', '& $env:ComSpec /c dir @@', ['a']],
    ['ValueAsCode', 'cmd by Start-Process', 'Start-Process -FilePath cmd.exe -ArgumentList "/c dir @@"', ['a']],
    ['ValueAsCode', 'cmd in a block', 'if ($x) { cmd /c dir @@ }', ['a']],
    ['UnrepresentableCharacter', 'NUL', '$x = @@', ['\0']],
    ['UnrepresentableCharacter', 'half a character', '$x = @@', ['\udc00']],
  ])('%s: %s', (code, _name, script, values) => {
    const error = templateErrorOf(() => written(script, ...values));
    expect(error).toMatchObject({ code, template: 'setup.j2', line: 1, key: '/key/1', remedy: expect.stringMatching(/\w{4}/) as string });
    expect(error.message).toMatch(/^setup\.j2:1: .+ \(key \/key\/1\); /);
  });

  test.each<[string, string]>([
    ['UnterminatedScript', '"@@'],
    ['UnterminatedScript', "@@ 'x"],
    ['UnterminatedScript', '<# @@'],
    ['UnterminatedScript', "$x = @'\n@@\n '@"],
    ['UnterminatedScript', '@@ ${x'],
    ['UnsupportedConstruct', '@@ a#b "c"'],
    ['UnsupportedConstruct', 'Write-Host a#b <#\n#> @@'],
    ['UnsupportedConstruct', 'Write-Host http://h/$($x)#frag @@'],
    ['UnsupportedConstruct', 'C:\\$($d)#1 @@'],
    ['UnsupportedConstruct', '$x$(b)#c @@'],
    ['UnsupportedConstruct', `'a'#c's @@`],
    ['UnsupportedConstruct', `@@ a$(Get-X ')')`],
    ['UnterminatedScript', '@@; $x=$(Get-X "(" )'],
    ['UnsupportedConstruct', '@@; $x=$(Get-X `) )'],
    ['UnsupportedConstruct', '@@; $x=$(Get-X # )\n)'],
    ['UnsupportedConstruct', '@@; $x=$(Get-X “)” )'],
    ['UnsupportedConstruct', '@@; $x=$(Get-X "$(b)" )'],
    ['ValueStopsParsing', `'--%' -x @@`],
    ['ValueStopsParsing', 'icacls --% @@'],
    ['ValueStopsParsing', 'icacls -"-"`% @@'],
    ['UnterminatedScript', `Foo --%x '\n@@`],
    ['UnterminatedScript', '@@ "$(Get-Item'],
    ['UnsupportedConstruct', "$x = @' @@\n'@"],
    ['UnsupportedConstruct', "@@ a@'\nx\n'@"],
    ['UnsupportedConstruct', '@@ a<# x #>'],
    ['NulInScript', 'a \0 @@'],
  ])('%s: %j', (code, script) => {
    const error = templateErrorOf(() => written(script, 'v'));
    expect(error).toMatchObject({ code, template: 'setup.j2', line: 1, remedy: expect.stringMatching(/\w{4}/) as string });
    expect(error.message).toMatch(/\(line \d+ of the rendered script\)/);
  });
});

test.each<[string]>([['iex ("tool" +\n  @@)'], ['iex "tool",\n  @@'], ['@@ |\n  iex'], ['foo {\n  cmd /c `\n    @@\n}']])(
  'is run over two lines: %j',
  (script) => {
    expect(templateErrorOf(() => written(script, 'a'))).toMatchObject({ code: 'ValueAsCode' });
  },
);

test.each<[string, string]>([
  ['a word in a string', 'Write-Host "iex @@"'],
  ['a statement before', 'iex $x; Write-Host @@'],
  ['a line before', 'Invoke-Expression $x\nWrite-Host @@'],
  ['a block behind', 'iex $x { Get-Item @@ }'],
  ['a comment', '# iex @@\nWrite-Host @@'],
  ['a comment behind', 'iex $x # @@'],
  ['a script of another PowerShell', 'powershell.exe -NoProfile -File "a.ps1" -Owner @@'],
  ['a policy of another PowerShell', 'powershell.exe -ExecutionPolicy @@ -File a.ps1'],
  ['the name of a process', 'Stop-Process -Name powershell -Id @@'],
  ['a program with such a letter', 'robocopy /c @@'],
  ['a file with such a name', 'Copy-Item cmd.exe @@'],
])('%s is not run', (_name, script) => {
  const values = script
    .split('@@')
    .slice(1)
    .map(() => 'a');
  expect(() => written(script, ...values)).not.toThrow();
});

test('--% within a longer word does not stop parsing', () => {
  expect(written(`Foo --%x '\nFoo @@ #'`, 'v; w')).toBe(`Foo --%x '\nFoo v; w #'`);
});

test('time grows with the length of the script only', () => {
  const started = process.hrtime.bigint();
  expect(() => written('"' + '${x}@@'.repeat(20_000) + '"', ...Array.from({ length: 20_000 }, () => 'v'))).not.toThrow();
  expect(() => written('a'.repeat(1_000_000) + '@@', 'v')).toThrow('next to other text');
  expect(() => written('$x='.repeat(100_000) + '@@', 'v')).toThrow('next to other text');
  expect(() => written('@@ "' + '$('.repeat(100_000), 'v')).toThrow('never closed');
  expect(() => written('@@ ${' + '`a'.repeat(1_000_000), 'v')).toThrow('never closed');
  expect(() => written('@@ ' + '-'.repeat(100_000) + '"'.repeat(100_000), 'v')).not.toThrow();
  expect(() => written('Foo' + ' @@'.repeat(20_000), ...Array.from({ length: 20_000 }, () => 'v'))).not.toThrow();
  expect(Number(process.hrtime.bigint() - started) / 1e6).toBeLessThan(10_000);
});
