import { spawnSync } from 'child_process';
import { escapeBash } from '../../../../lib/templates/escaping/bash';
import { Segment } from '../../../../lib/templates/escaping/segments';
import { VariableReference } from '../../../../lib/templates/value-kinds';
import { OWNER, segmentsOf, templateErrorOf } from './segments-of';

type Values = readonly (string | number | boolean | VariableReference)[];

const written = (script: string, ...values: Values): string => escapeBash(segmentsOf(script, ...values));

describe('a value', () => {
  test.each<[string, string, Values, string]>([
    // Words
    ['of safe characters stays as it is', 'mount @@ @@', ['fs-1.efs.us-east-1', '/apps'], 'mount fs-1.efs.us-east-1 /apps'],
    ['with anything else is quoted', 'echo @@', ['a b'], `echo 'a b'`],
    ['that is empty is a word', 'echo @@ @@', ['', ''], `echo '' ''`],
    ['with single quotes', 'echo @@', [`it's`], `echo 'it'"'"'s'`],
    ['joins the text around it', 'echo /opt/@@/bin x@@y', ['v1', '2'], `echo /opt/v1/bin x'2'y`],
    ['next to another value', 'echo @@@@', ['a', 'b c'], `echo 'a''b c'`],
    ['with a leading dash is data', 'rm -- @@', ['-rf'], `rm -- '-rf'`],
    ['that is a reserved word is data', '@@ x', ['if'], `'if' x`],
    ['that would make a reserved word', 'i@@ x', ['f'], `i'f' x`],
    ['that would be a file descriptor', 'echo @@>file', ['2'], `echo '2'>file`],
    ['that is a number and would be a file descriptor', 'echo @@>file', [2], `echo '2'>file`],
    ['after a tilde', 'ls ~@@', ['root'], `ls ~'root'`],
    ['that is a number after a tilde', 'echo ~@@ ~-@@ x~@@', [0, 1, 2], `echo ~'0' ~-'1' x~'2'`],
    ['that is a number before an operator on the next line', 'echo @@\\\n>file', [2], `echo '2'\\\n>file`],
    ['that begins and ends with a single quote', 'echo @@', [`'x''`], `echo "'"'x'"''"`],
    ['in a subshell in <(..)', 'cat < <( (echo @@))', ['a b'], `cat < <( (echo 'a b'))`],
    ['that is assigned', 'name=@@', ['a b'], `name='a b'`],
    ['that is a number', 'sleep @@ @@', [5, 1.5], 'sleep 5 1.5'],
    ['that is a boolean', 'if @@; then :; fi', [true], 'if True; then :; fi'],
    // Quotes
    ['in double quotes', 'echo "@@"', ['\\ $x `y` "z" ! \''], 'echo "\\\\ \\$x \\`y\\` \\"z\\" ! \'"'],
    ['in single quotes', `echo '@@'`, [`it's $x`], `echo 'it'"'"'s $x'`],
    ['in $".."', 'echo $"@@"', ['$x'], 'echo $"\\$x"'],
    // Substitutions
    ['in $(..) in double quotes', 'x="$(cat @@ "@@")"', ['a b', '$c'], `x="$(cat 'a b' "\\$c")"`],
    ['in <(..)', 'diff <(cat @@) x', ['a b'], `diff <(cat 'a b') x`],
    ['in ${..:-..}', 'x=${y:-@@}', ['a}b'], `x=\${y:-'a}b'}`],
    ['in "${..:-..}"', 'x="${y:-@@}"', ['a $b'], 'x="${y:-a \\$b}"'],
    ['in a quoted here-document', "cat <<'EOF'\n@@\nEOF\n", ['$x `y`'], "cat <<'EOF'\n$x `y`\nEOF\n"],
    ['in a here-document with an escaped delimiter', 'cat <<\\EOF\n@@\nEOF\n', ['$x'], 'cat <<\\EOF\n$x\nEOF\n'],
    [
      'behind a line that continues with what looks like the delimiter',
      'cat <<EOF\nx\\\nEOF\n@@\nEOF\n',
      ['$x'],
      'cat <<EOF\nx\\\nEOF\n\\$x\nEOF\n',
    ],
    ['in a case command whose name continues on the next line', 'ca\\\nse @@ in a) ;; esac', ['b c'], "ca\\\nse 'b c' in a) ;; esac"],
    ['behind a here-document whose last line continues', 'cat <<EOF\nx\nEO\\\nF\necho @@', ['$x'], "cat <<EOF\nx\nEO\\\nF\necho '$x'"],
    ['in the second here-document of a line', "cat <<A <<-'B'\n@@\nA\n@@\n\tB\n", ['$x', '$y'], "cat <<A <<-'B'\n\\$x\nA\n$y\n\tB\n"],
    ['after a here-document', 'cat <<EOF | tr "a" b\nit\'s "\nEOF\necho @@', ['a b'], `cat <<EOF | tr "a" b\nit's "\nEOF\necho 'a b'`],
    ['in a here-string', 'cat <<<@@', ['a b'], `cat <<<'a b'`],
    // Where a word is a pattern
    ['in a case pattern', 'case @@ in a|@@) echo @@;; esac', ['x y', '*', 1], `case 'x y' in a|'*') echo 1;; esac`],
    ['in a case command in $(..)', 'x="$(case a in a) echo @@;; esac)@@"', ['b c', '"'], `x="$(case a in a) echo 'b c';; esac)\\""`],
    ['in [[ == ]]', '[[ $x == @@* ]]', ['a*'], `[[ $x == 'a*'* ]]`],
    ['in a pattern of several lines', '[[ $x == @(a|\n@@) ]]', ['b c'], `[[ $x == @(a|\n'b c') ]]`],
    ['in an extended pattern in [[ ]]', '[[ $x == @(a|@@) ]]', ['b c'], `[[ $x == @(a|'b c') ]]`],
    // Arithmetic
    ['in arithmetic', 'x=$((1 - @@)); (( x < @@ ))', [-2, '30'], 'x=$((1 - (-2))); (( x < 30 ))'],
    ['in an array', 'a=(@@ [4]=@@)', ['x y', '$z'], `a=('x y' [4]='$z')`],
    ['compared as a number', '[[ @@ -eq "@@" ]]', ['5', 6], '[[ 5 -eq "6" ]]'],
    // What runs code, and what does not
    ['beside the code of bash -c', `bash -c 'echo "$1"' bash @@; echo -c @@`, ['$x', '$y'], `bash -c 'echo "$1"' bash '$x'; echo -c '$y'`],
    ['beside the options of bash -c', `bash -c -o pipefail 'echo "$1"' bash @@`, ['$x'], `bash -c -o pipefail 'echo "$1"' bash '$x'`],
    ['after the name of a script', 'bash install.sh -c @@', ['$x'], `bash install.sh -c '$x'`],
    [
      'for commands to which a shell is text',
      'sudo useradd -s /bin/bash -c @@ x; grep -q /bin/sh -c @@',
      ['a b', '$x'],
      `sudo useradd -s /bin/bash -c 'a b' x; grep -q /bin/sh -c '$x'`,
    ],
    ['for su before the code', 'su - @@ -c id', ['a b'], `su - 'a b' -c id`],
    [
      'that is declared',
      'declare -r x=@@; local "y=@@" z=@@; export a=@@',
      ['$a', 'b c', 'd e', '$f'],
      `declare -r x='$a'; local "y=b c" z='d e'; export a='$f'`,
    ],
    [
      'that is assigned to an integer',
      'declare -i n; n=@@; n+="@@"; for n in @@; do :; done',
      [5, '6', 7],
      'declare -i n; n=5; n+="6"; for n in 7; do :; done',
    ],
    [
      'beside integers',
      'n=@@; declare -i n; m=@@; : ${n:-@@}; echo n=@@',
      ['$a', '$b', '$c', '$d'],
      `n='$a'; declare -i n; m='$b'; : \${n:-'$c'}; echo n='$d'`,
    ],
    ['that is declared as a number', 'declare -i x=@@; RANDOM=@@', [5, '6'], 'declare -i x=5; RANDOM=6'],
    [
      'that is declared in an array',
      'declare -a x=(@@); declare -ga y=(@@)',
      ['$a b', '(c)'],
      `declare -a x=('$a b'); declare -ga y=('(c)')`,
    ],
    [
      'behind time',
      'time -p [[ @@ == x ]]; time -p -- if @@; then :; fi',
      ['a b', 'true'],
      `time -p [[ 'a b' == x ]]; time -p -- if true; then :; fi`,
    ],
    ['in a group in [[ ]]', '[[ !(@@ -eq 1) && !(a == @@) ]]', [1, 'b c'], `[[ !(1 -eq 1) && !(a == 'b c') ]]`],
    [
      'for a command that is called like a builtin that runs code',
      'echo eval @@; ./eval.sh @@',
      ['$x', '$y'],
      `echo eval '$x'; ./eval.sh '$y'`,
    ],
    // Comments
    ['in a comment', '# @@\necho # @@', ['a\nreboot', '\r\nb'], '# a reboot\necho #  b'],
    [
      'behind a closed descriptor, where a # begins a comment',
      'exec 3<&-#@@\nexec >&-# @@',
      ['a\nreboot', ';reboot'],
      'exec 3<&-#a reboot\nexec >&-# ;reboot',
    ],
    [
      'behind a closed group or command, where a # begins a comment',
      'f()#@@\n{ :; }\n(:)#@@\n((1))#@@\ncase x in x)#@@\n;; esac',
      ['\n;a', '\n;b', '\n;c', '\n;d'],
      'f()# ;a\n{ :; }\n(:)# ;b\n((1))# ;c\ncase x in x)# ;d\n;; esac',
    ],
    [
      'behind what a # goes on as a word',
      `: <(:)#@@ $(:)#@@ \${x}#@@ "x"#@@ $'x'#@@ $((1))#@@ x\\\n#@@`,
      Array<string>(7).fill(';a'),
      `: <(:)#';a' $(:)#';a' \${x}#';a' "x"#';a' $'x'#';a' $((1))#';a' x\\\n#';a'`,
    ],
    ['after a # in a word', 'echo a#@@', ['b c'], `echo a#'b c'`],
    ['after ${#..} and $#', 'echo ${#x} $# @@', ['b c'], `echo \${#x} $# 'b c'`],
  ])('%s', (_name, script, values, expected) => {
    expect(written(script, ...values)).toBe(expected);
  });

  test.each([
    'curl x | bash -s -- --version=@@',
    'curl x | bash -s -- -v=@@ -c @@',
    'curl x | sudo bash -s -- --version=@@',
    'curl x | sudo -E bash -s -- -v @@',
    'sudo -E bash /tmp/install.sh --version=@@',
    'bash "$DIR/install.sh" --cluster-name=@@ -v=@@',
    `bash "\${DIR}"/install.sh -v=@@`,
    'exec bash "$0" --x=@@ -x=@@',
    'bash @@ --name=@@',
    'bash /opt/@@/x.sh -n=@@',
    'timeout 60 sh /tmp/x.sh -v=@@',
    'sudo -u root timeout 60 sh /tmp/x.sh -v=@@',
    'bash -e "$x" --y=@@',
    'bash "$(dirname "$0")/x.sh" "--name=@@"',
    'docker run -e SHELL=/bin/bash --name=@@ img',
    'docker run --entrypoint /bin/bash --volume="@@:/x" img',
    'ipa user-add --shell=/bin/bash --first=@@',
    'yum install -y ksh --enablerepo=@@',
    '$SUDO cp {a,b} @@',
    '$SUDO bash ./x.sh -v=@@',
    'bash <(curl x) -v=@@',
    'bash -euo pipefail x.sh -c=@@',
    'bash --norc -s -- -c=@@',
    '$HOME/bin/tool let @@',
    'flock /lock grep -c @@ x',
    'flock -w 10 /lock app -c @@',
    'script -q @@',
    'chmod 755 /bin/{bash,sh} @@',
    'docker run --entrypoint /bin/bash --cluster=@@ img',
    '$CURL -c @@ http://x/{a,b}',
    "awk '{print $1, bash}' -c @@",
  ])('is an argument like any other in %s', (script) => {
    const values = Array<string>(script.split('@@').length - 1).fill('$k');
    expect(written(script, ...values)).toMatch(/'\$k'|\\\$k/);
  });

  test('of 64 KiB in a script of 2 MB takes no time to speak of', () => {
    const script = `${`if [[ $x == 'a' ]]; then echo "b $(c)" # d's\nfi\n`.repeat(20_000)}echo "@@" '@@'\n`;
    const value = `it's "$(x)"\n`.repeat(6_000).slice(0, 65_536);
    const start = process.hrtime.bigint();
    written(script, value, value);
    expect(Number(process.hrtime.bigint() - start) / 1e6).toBeLessThan(10_000);
  });

  test.each<[string, string, string, string]>([
    ['lines that continue', 'cat <<EOF\n', 'x\\\n', 'x\nEOF\necho @@'],
    ['braces in a subscript', 'echo a[', '{', '] @@'],
    ['assignments in brackets', 'echo a', '[=]a', ' @@'],
    ['tildes and equal signs', 'echo a', '~=a', ' @@'],
    ['classes of characters', '[[ a =~ [', '[:a', '] ]]; echo @@'],
    ['tildes', `echo ${'a'.repeat(100_000)}`, '~', ' @@'],
    ['alternatives', '[[ x =~ a', '|a', ' ]]; echo @@'],
  ])('behind very many %s takes no time to speak of', (_name, before, repeated, after) => {
    const start = process.hrtime.bigint();
    written(before + repeated.repeat(100_000) + after, 'x');
    expect(Number(process.hrtime.bigint() - start) / 1e6).toBeLessThan(10_000);
  });

  test('of very many in a here-document with tabs takes no time to speak of', () => {
    const start = process.hrtime.bigint();
    for (const text of ['x', '\nx']) {
      const values = Array.from({ length: 50_000 }, (): Segment[] => [
        { kind: 'text', text },
        { kind: 'value', value: 'v', template: 't' },
      ]);
      escapeBash([{ kind: 'text', text: 'cat <<-EOF\nx' }, ...values.flat(), { kind: 'text', text: '\nEOF\n' }]);
    }
    expect(Number(process.hrtime.bigint() - start) / 1e6).toBeLessThan(10_000);
  });

  test('behind very many lines that begin with the delimiter takes time in proportion to them', () => {
    const compared = (lines: number): number => {
      const indexOf = jest.spyOn(String.prototype, 'indexOf');
      written(`cat <<E\n${'E )\n'.repeat(lines)}@@\nE\n`, 'x');
      const calls = indexOf.mock.calls.length;
      indexOf.mockRestore();
      return calls;
    };
    expect(compared(4_000)).toBeLessThan(3 * compared(2_000));
  });

  test('of very many in one array element', () => {
    const values = Array.from({ length: 200_000 }, (): Segment => ({ kind: 'value', value: 'a b', template: 't' }));
    expect(escapeBash([{ kind: 'text', text: 'x=(' }, ...values, { kind: 'text', text: ')' }])).toBe(`x=(${"'a b'".repeat(200_000)})`);
  });

  test('is not needed: a script without values is left alone, whatever it is', () => {
    expect(escapeBash([{ kind: 'text', text: `echo "never closed` }])).toBe(`echo "never closed`);
  });
});

describe('a variable reference', () => {
  test.each<[string, string, string]>([
    ['in a word', 'echo @@', 'echo "${VALUE_DCV_SESSION_OWNER}"'],
    ['that joins text', 'chown @@:users x', 'chown "${VALUE_DCV_SESSION_OWNER}":users x'],
    ['in double quotes', 'echo "a @@ b"', 'echo "a ${VALUE_DCV_SESSION_OWNER} b"'],
    ['in a here-document', 'cat <<EOF\n@@\nEOF\n', 'cat <<EOF\n${VALUE_DCV_SESSION_OWNER}\nEOF\n'],
    ['in "${..:-..}"', 'x="${y:-@@}"', 'x="${y:-${VALUE_DCV_SESSION_OWNER}}"'],
    ['in ${..:-..}', 'x=${y:-@@}', 'x=${y:-"${VALUE_DCV_SESSION_OWNER}"}'],
    ['in a case pattern', 'case x in @@) ;; esac', 'case x in "${VALUE_DCV_SESSION_OWNER}") ;; esac'],
    ['in [[ == ]]', '[[ a == @@ ]]', '[[ a == "${VALUE_DCV_SESSION_OWNER}" ]]'],
    ['in a comment', '# for @@', '# for ${VALUE_DCV_SESSION_OWNER}'],
    ['in $(..) in double quotes', '"$(id @@)"', '"$(id "${VALUE_DCV_SESSION_OWNER}")"'],
    ['in an array', 'a=(@@)', 'a=("${VALUE_DCV_SESSION_OWNER}")'],
  ])('%s', (_name, script, expected) => {
    expect(written(script, OWNER)).toBe(expected);
  });
});

describe('an error names template, line, key and remedy', () => {
  test.each<[string, string, string, Values]>([
    ['VariableInSingleQuotes', 'single quotes', `echo '@@'`, [OWNER]],
    ['VariableInQuotedHereDocument', 'a quoted here-document', "cat <<'EOF'\n@@\nEOF\n", [OWNER]],
    ['VariableInArithmetic', 'arithmetic', 'x=$((@@ + 1))', [OWNER]],
    ['VariableInArithmetic', 'a comparison of numbers', '[[ @@ -gt 1 ]]', [OWNER]],
    ['VariableInArithmetic', 'a comparison of numbers, on the right', '[[ 1 -gt "@@" ]]', [OWNER]],
    ['ValueInBackticks', 'backticks', 'x=`id @@`', [OWNER]],
    ['ValueInBackticks', 'backticks in double quotes', 'x="`id \'@@\'`"', ['a']],
    ['ValueInArithmetic', 'arithmetic, text', '(( x = @@ ))', ['a[$(reboot)]']],
    ['ValueInArithmetic', 'arithmetic, an octal number', '(( x = @@ ))', ['010']],
    ['ValueInArithmetic', 'arithmetic, a fraction', '(( x = @@ ))', [1.5]],
    ['ValueInArithmetic', 'arithmetic, beyond 64 bits', '(( x = @@ ))', ['9223372036854775808']],
    ['ValueInArithmetic', 'a comparison of numbers, text', '[[ @@ -eq 1 ]]', ['a[$(reboot)]']],
    ['ValueInArithmetic', 'for ((..))', 'for ((i = 0; i < @@; i++)); do :; done', ['n']],
    ['ValueAfterDollar', 'a $', 'echo $@@', ['HOME']],
    ['ValueAfterDollar', 'the name of a variable', 'echo $HOME@@', ['x']],
    ['ValueAfterDollar', 'a name in double quotes', 'echo "$dir\\\n@@"', ['x']],
    ['ValueAfterBackslash', 'a backslash in double quotes', 'echo "C:\\@@"', ['x']],
    ['ValueInShebang', 'a # at the beginning', '#@@', ['!/bin/x']],
    ['ValueAfterDollar', 'a $ in double quotes', 'echo "$@@"', ['HOME']],
    ['ValueAsVariableName', '${..}', 'echo ${@@}', ['HOME']],
    ['ValueAsVariableName', 'the rest of a name', 'echo ${A@@}', ['B']],
    ['ValueAsVariableName', '[[ -v ]]', '[[ -v @@ ]]', ['a[$(reboot)]']],
    ['ValueAfterBackslash', 'a backslash', 'echo \\@@', ['x']],
    ['ValueInHereDocument', 'a quoted here-document', "cat <<'EOF'\n@@\nEOF\n", ['a\nEOF\nreboot']],
    ['ValueInHereDocument', 'a here-document', 'cat <<EOF\n@@\nEOF\n', ['EOF']],
    ['ValueInHereDocument', 'a here-document with text before the value', 'cat <<EOF\nE@@\nEOF\n', ['OF']],
    ['ValueInHereDocument', '<<- with tabs', "cat <<-'EOF'\n\t@@\nEOF\n", ['EOF']],
    ['ValueInHereDocument', '<<-', 'cat <<-EOF\n@@\nEOF\n', ['a\n\tb']],
    ['ValueInHereDocument', '<<- before a tab of the text', 'cat <<-EOF\nx@@\ty\nEOF\n', ['a\n']],
    ['ValueInHereDocument', '<<- before a tab, without text', 'cat <<-EOF\n@@\tx\nEOF\n', ['']],
    ['ValueInHereDocument', '<<- at the start', 'cat <<-EOF\n\t@@\nEOF\n', ['\tb']],
    ['UnrepresentableCharacter', 'NUL', 'echo @@', ['a\0b']],
    ['UnrepresentableCharacter', 'half a character', 'echo @@', ['\ud800']],
    ['UnrepresentableCharacter', 'U+007F', 'echo "@@"', ['\x7f']],
    ['ValueAsCode', 'eval', 'eval "echo @@"', ['x']],
    ['ValueAsCode', 'eval behind another builtin', 'builtin eval x @@', ['x']],
    ['ValueAsCode', 'let', 'let "x = @@"', ['x']],
    ['ValueAsCode', 'trap', "trap 'rm @@' EXIT", ['x']],
    ['ValueAsCode', 'bash -c', 'sudo -u x /bin/bash -lc "echo @@"', ['x']],
    ['ValueAsCode', 'su -c', 'su - x -c "echo @@"', [OWNER]],
    ...(
      [
        `"eval" @@`,
        `\\eval @@`,
        `ev'al' @@`,
        `\\trap @@ EXIT`,
        `command -p eval @@`,
        `command -- eval @@`,
        `builtin -- eval @@`,
        `eval a=(@@)`,
        `let a=(@@)`,
        `time -p eval @@`,
        `bash -c -- @@`,
        `bash -ce @@`,
        `bash -c -e @@`,
        `bash -c -o pipefail @@`,
        `bash "-c" @@`,
        `\\bash -c @@`,
        `'bash' -c @@`,
        `$BASH -c @@`,
        `"\${BASH}" -c @@`,
        `rbash -c @@`,
        `timeout 5 ash -c @@`,
        `su -c@@`,
        `su -c @@ x`,
        `su x --command=@@`,
        `su x --command @@`,
        `runuser -u x --session-command="a @@"`,
        `su -s /bin/bash -c @@ x`,
        `su -s /bin/sh nobody -c @@`,
        `runuser --shell /bin/sh u --command @@`,
        `bash $opts -c @@`,
        `bash "$opts" -c @@`,
        `docker run --entrypoint sh img -c @@`,
        `find . -name bash -exec bash -c @@ \\;`,
        `"$SHELL" -c @@`,
        'tcsh -c @@',
        'mksh -c @@',
        'sudo csh -c @@',
        'sudo -- bash -c @@',
        'exec -a x bash -c @@',
        'bash -euo pipefail -c @@',
        'bash --rcfile x -c @@',
        'x=1 $y eval @@',
        'command $x eval @@',
        'flock F bash -c @@',
        'flock -xn F su x -c @@',
        "$'eval' @@",
        '$"eval" @@',
        `"ev\\\nal" @@`,
        "bash $'-c' @@",
        "bash -$'c' @@",
        'bash -c$x @@',
        '$SUDO eval @@',
        `\${SUDO:-sudo} eval @@`,
        '"$@" eval @@',
        `"\${sudo[@]}" trap @@ EXIT`,
        `\${SHELL:-/bin/sh} -c @@`,
        `sudo -E find / -name sh foo -exec bash -c @@ \\;`,
        `sudo find / -name sh foo -exec bash -c @@ \\;`,
        'sudo -u sh env bash -c @@',
        'sudo -g bash bash -c @@',
        'bash -sc -- @@',
        'bash -c --name=@@',
        'su x --comm=@@',
        'bash -s -c @@',
        'env SHELL=/bin/bash sh -c @@',
        'xterm -e bash -c @@',
        'foo --shell bash --command=@@',
        `declare -a x=@@`,
        `local -a x="@@"`,
        `readonly -a x=@@`,
        `declare -A x=@@`,
        `declare -rn x=@@`,
      ] as const
    ).map((script): [string, string, string, Values] => ['ValueAsCode', script, script, ['($(reboot))']]),
    ['ValueAsCode', 'an array, a variable', 'declare -a x=@@', [OWNER]],
    ['ValueInArithmetic', 'declare -i', 'declare -i x=@@', ['a[$(reboot)]']],
    ['ValueInArithmetic', 'local -ri', 'local -ri "x=@@"', ['a[$(reboot)]']],
    ['VariableInArithmetic', 'declare -i, a variable', 'declare -i x=@@', [OWNER]],
    ['ValueInArithmetic', 'a variable that is a number', 'RANDOM=@@', ['a[$(reboot)]']],
    ['VariableInArithmetic', 'a variable that is a number, a variable', 'OPTIND=@@', [OWNER]],
    ...[
      'declare -i n\nn=@@',
      'typeset -i n=0; n+=@@',
      'f() { local -i n; n=@@; }',
      'declare -ia n; n=(@@)',
      'declare -i n; n[1]=@@',
      'declare -r -i n; for n in @@; do :; done',
      'declare "-i" "n=0"; select n in @@; do :; done',
      'declare -i n; x=1 n=@@ true',
      'declare -i n; export n=@@',
      'declare -i n; readonly "n=@@"',
      'declare -$x n; n=@@',
      'for RANDOM in @@; do :; done',
      'RANDOM[0]=@@',
      'export RANDOM=@@',
      'SECONDS=@@',
    ].map((script): [string, string, string, Values] => ['ValueInArithmetic', script, script, ['a[$(reboot)]']]),
    ...['declare -n r; r=@@', 'local -n r=x; r+=@@', 'declare -n r; for r in @@; do :; done'].map(
      (script): [string, string, string, Values] => ['ValueAsCode', script, script, ['a[$(reboot)]']],
    ),
    ['ValueAsVariableName', 'declare', 'declare @@', ['a[$(reboot)]']],
    ['ValueAsVariableName', 'declare, before =', 'declare @@=1', ['a[$(reboot)]']],
    ['ValueAsVariableName', 'a subscript that is declared', 'declare "a[@@]=1"', ['$(reboot)']],
    ['ValueInArithmetic', 'a comparison behind time -p', 'time -p [[ @@ -eq 1 ]]', ['a[$(reboot)]']],
    ['ValueInArithmetic', 'a comparison in a group', '[[ !(@@ -eq 1) ]]', ['a[$(reboot)]']],
    ['ValueAsVariableName', '-v in a group', '[[ !(-v @@) ]]', ['a[$(reboot)]']],
    ['ValueInShebang', 'the #! line', '#!/bin/@@\n', ['bash']],
  ])('%s: %s', (code, _name, script, values) => {
    const error = templateErrorOf(() => written(script, ...values));
    expect(error).toMatchObject({ code, template: 'setup.j2', line: 1, key: '/key/1', remedy: expect.stringMatching(/\w{4}/) as string });
    expect(error.message).toMatch(/^setup\.j2:1: .+ \(key \/key\/1\); /);
  });

  test.each([
    `echo $'@@'`,
    `echo $'\\x@@'`,
    `x="$(cmd \${opt:-$'@@'})"`,
    `x=$(a=($'@@'))`,
    `[[ x =~ (a|$'@@') ]]`,
    'x=${y#@@}',
    'x="${y#@@}"',
    'x="${y%%*@@}"',
    'x=${y^@@}',
    'x="${y/@@/z}"',
    'x="${y/@@#z/}"',
    'x=${y/a/@@}',
    'x="${y/a/@@}"',
    `x="\${y/a/'@@'}"`,
    'x="${y/a/"@@"}"',
    'x=${y/a/${u:-@@}}',
    'x="${y#${u:-@@}}"',
    'x=${y#"$(id @@)"}',
    'echo "${x:-"@@"}"',
    'echo "${x:-"$dir"@@}"',
    'cat <<EOF\n${x:-"@@"}\nEOF\n',
    `echo "\${x:-"'"}"@@`,
    'echo {@@,b}',
    'echo {1..@@}',
    'VAR_@@=1',
    '@@VAR+=(b)',
    'a@@[1]=2',
    'a[@@]=1',
    'a[ @@ ]=1',
    'a["@@"]=1',
    'a=([@@]=1)',
    'echo a[@@]',
    'echo ${a[@@]}',
    'echo a["@@"]',
    'echo ${x:@@:1}',
    'echo $[@@]',
    '(( x = "@@" ))',
    '(( a[@@] = 1 ))',
    'x=$((10#@@))',
    'x=$(( $(id @@) ))',
    ': ${n:=@@}',
    '[[ $x =~ @@ ]]',
    '[[ $x =~ ^(a|@@)$ ]]',
    'cat <<A\n$(echo @@)\nA\n',
    'x=$(cat <<A\n@@\nA\n)',
    "x=$(cat <<'A'\n@@\nA\n)",
    'x=$(a=(@@))',
    'x=$(a=("@@"))',
    'x=<(local -a a=(b @@))',
    'x="$(f() { a+=(@@); })"',
    'cat <<A\n$(a=(@@))\nA\n',
    '[[ $x =~ [@@] ]]',
    ...['[[:alpha:]@@]', '[]@@]', '[^]a@@]', '[a"@@"]', "[a'@@']", '[a${u:-@@}]'].map((bracket) => `[[ $x =~ ^${bracket}+$ ]]`),
  ])('UnsupportedPlace, with one remedy: %s', (script) => {
    for (const value of ['a', '$(reboot)', OWNER]) {
      const error = templateErrorOf(() => written(script, value));
      expect(error).toMatchObject({ code: 'UnsupportedPlace', template: 'setup.j2', line: 1, key: '/key/1' });
      expect(error.message).toContain('; assign the value to a variable in a line of its own, and use the variable here');
    }
  });

  test.each([
    ['in "${..}"', 'echo "${u:-@@}"', ["it's"]],
    ['in "${..}" in a here-document', 'cat <<A\n${u:-@@}\nA\n', ['a}']],
  ])('UnsupportedPlace: a value with a quote %s', (_name, script, values) => {
    expect(templateErrorOf(() => written(script, ...values))).toMatchObject({ code: 'UnsupportedPlace' });
  });

  test.each<[string, string]>([
    ['UnterminatedScript', 'x=1\necho "@@'],
    ['UnterminatedScript', "echo @@ 'x"],
    ['UnterminatedScript', "echo @@ $'x"],
    ['UnterminatedScript', 'echo @@ `x'],
    ['UnterminatedScript', 'echo @@ $(x'],
    ['UnterminatedScript', 'echo @@ ${x'],
    ['UnterminatedScript', 'echo @@ ${x:-y'],
    ['UnterminatedScript', 'echo @@ $((1'],
    ['UnterminatedScript', 'echo @@ <(x'],
    ['UnterminatedScript', 'cat <<EOF\n@@\n'],
    ['UnterminatedScript', 'cat <<EOF @@'],
    ['UnterminatedScript', 'x=$(cat <<EOF @@)\nEOF\n'],
    ['UnterminatedScript', 'a=(@@'],
    ['UnterminatedScript', 'case @@ in a) x'],
    ['UnterminatedScript', '[[ @@ == x'],
    ['UnsupportedConstruct', 'echo @@ ) x'],
    ['UnsupportedConstruct', 'echo @@ (x)'],
    ['UnsupportedConstruct', 'echo @@ ;; x'],
    ['UnsupportedConstruct', 'case @@ a) x;; esac'],
    ['UnsupportedConstruct', 'case @@ in a x) ;; esac'],
    ['UnsupportedConstruct', 'esac @@'],
    ['UnsupportedConstruct', 'echo @@ >'],
    ['UnsupportedConstruct', '[[ @@ ; ]]'],
    ['UnsupportedConstruct', '((echo a); b); echo @@'],
    ['UnsupportedConstruct', 'coproc { cat; }; echo @@'],
    ['UnsupportedConstruct', 'echo @@ $\\\n(x)'],
    ['UnsupportedConstruct', 'cat @@ <\\\n<EOF\nEOF\n'],
    ['UnsupportedConstruct', '(\\\n( x = @@ ))'],
    ['UnsupportedConstruct', 'echo $(\\\n( @@ ))'],
    ['UnsupportedConstruct', 'echo "${u:-"cost $"@@}"'],
    ['UnsupportedConstruct', 'echo "$$(@@)"'],
    ['UnsupportedConstruct', 'echo "$${x:-@@}"'],
    ['UnsupportedConstruct', 'echo ${x:\\\n-@@}'],
    ['UnsupportedConstruct', `echo @@; ${'a=('.repeat(5000)}`],
    ['UnsupportedConstruct', 'cat <<EOF $(echo\n@@)\nEOF\n'],
    ['UnsupportedConstruct', 'cat <<$(EOF) @@\n'],
    ['UnsupportedConstruct', `echo "\${x:-it's}" @@`],
    ['UnsupportedConstruct', 'echo ${x:-<(y)} @@'],
    ['UnsupportedConstruct', 'echo ${%} @@'],
    ['UnsupportedConstruct', "cat <<''\n@@\n\necho"],
    ['UnsupportedConstruct', 'x=$(a=(\\$ @@))'],
    ['UnsupportedConstruct', 'x=$(cat <<EOF\nEOF x)\nEOF\n) @@'],
    ['UnsupportedConstruct', `echo @@ ${'$('.repeat(300)}`],
    ['UnsupportedConstruct', 'cat <<EOF\n$(echo a # b\n  "@@"\n)\nEOF\n'],
    ['UnsupportedConstruct', `cat <<-A\n$(cat <<'B'\n\t@@\n\tB\n)\n\tA\n`],
    ['UnsupportedConstruct', 'cat < <((cat <<EOF\n@@\nEOF\n))'],
    ['UnsupportedConstruct', 'echo @@ | tee >((cat))'],
    ['UnsupportedConstruct', 'cat <(\\\n(echo @@))'],
    ['UnsupportedConstruct', 'eval &\\\n>x @@'],
    ['UnsupportedConstruct', '[[ -e <\\\n(eval @@) ]]'],
    ['UnsupportedConstruct', 'echo ${x:-<\\\n(eval @@)}'],
    ['UnsupportedConstruct', 'declare -i {a,b}; a=@@'],
    ['UnsupportedConstruct', 'echo +(a|@@)'],
    ['UnsupportedConstruct', 'rm -f !(a|@@)'],
    ['UnsupportedConstruct', 'case @@ in +([0-9])) ;; esac'],
    ['UnsupportedConstruct', 'case @@ in x|@(a|b)) ;; esac'],
    ['UnsupportedConstruct', 'a=(!(@@))'],
    ['UnsupportedConstruct', 'cat <<"a$(b)" @@\n'],
    ['UnterminatedScript', 'cat <<EOF && [[ a == @(a|\n@@) ]]\nEOF\n'],
    ['UnsupportedConstruct', `echo @@ "\${x:-"'"}"{a,b}`],
    ['UnsupportedConstruct', 'a=(k)#@@'],
    ['UnsupportedConstruct', 'files=(one two)# @@'],
    ['UnsupportedConstruct', 'a+=()\\\n#@@'],
    ['UnsupportedConstruct', 'declare -a a=(k)#@@'],
    ['UnsupportedConstruct', 'a=(k)@@'],
    ['UnsupportedConstruct', 'a=(k)"x"#@@'],
    ['UnsupportedConstruct', 'echo >#@@\n'],
    ['UnsupportedConstruct', 'cat <<<#@@\n'],
    ['UnsupportedConstruct', 'case x in (#@@\nx) ;; esac'],
    ['UnsupportedConstruct', 'cat <<#@@\n'],
    ['UnsupportedConstruct', 'echo @@ $di\\\nr'],
    ['UnsupportedConstruct', '@@() { :; }'],
    ['UnsupportedConstruct', 'cat <<@@\nx\n'],
    ['UnsupportedConstruct', 'cat <<\\@@\nx\n'],
    ['UnsupportedConstruct', 'cat <<E"O"F\n@@\nEOF\n'],
    ['UnsupportedConstruct', 'cat <<EO\\\nF\n@@\nEOF\n'],
    ['NulInScript', 'echo \0 @@'],
  ])('%s: %j', (code, script) => {
    const error = templateErrorOf(() => written(script, 'v'));
    expect(error).toMatchObject({ code, template: 'setup.j2', line: 1, remedy: expect.stringMatching(/\w{4}/) as string });
    expect(error.message).toMatch(/\(line \d+ of the rendered script\)/);
  });

  test('with the line of the rendered script and the nearest value when the text is wrong', () => {
    const error = templateErrorOf(() => written('echo @@\necho @@\n\necho "x\n', 'a', 'b'));
    expect(error.message).toContain('setup.j2:2: a double quote is never closed (line 4 of the rendered script)');
  });
});

describe('values that other values shape', () => {
  const run = (script: string): string => {
    const bash = spawnSync('/bin/bash', ['--norc', '-c', script], { encoding: 'utf8', env: { PATH: '/nowhere' } });
    expect(bash.stderr).toBe('');
    return bash.stdout;
  };

  test.each<[string, string, Values, string]>([
    ['an assignment prefix', 'X=@@ printf "%s" @@', ['a b', '$X'], '$X'],
    ['one word of many values', 'printf "[%s]" @@"@@"\'@@\'x@@', ['a ', '$b', "'c\\d", '~'], "[a $b'c\\dx~]"],
    [
      'a here-document in a function',
      'f() {\n  while read -r x; do printf "[%s]" "${x}@@"; done <<EOF\n@@\nEOF\n}\nf',
      ['"', '$(z)'],
      '[$(z)"]',
    ],
    ['case patterns with quotes and bars', 'case "@@" in *@@*) printf yes;; *) printf no;; esac', ['a|b*c', '|b*'], 'yes'],
    ['the default of a variable as a pattern', `case "@@" in \${u:-@@}) printf yes;; *) printf no;; esac`, ["'x'", "'x'"], 'yes'],
    ['a value of many lines in double quotes', 'printf "%s" "@@"', ['a\n\\\nb\\'], 'a\n\\\nb\\'],
  ])('%s', (_name, script, values, expected) => {
    expect(run(written(script, ...values))).toBe(expected);
  });
});
