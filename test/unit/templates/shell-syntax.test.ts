import { spawnSync } from 'child_process';
import * as fs from 'fs';
import * as path from 'path';
import { shellFault } from '../../../lib/templates/shell-syntax';
import { TemplateRenderer } from '../../../lib/templates/renderer';
import { errorOf, render } from './template-folder';
import { writeFiles } from '../../write-files';

const CHECKED = { checksShell: () => true };
/** Deeper than unbash follows; bash does. */
const DEEP = `${'{\n'.repeat(300)}:\n${'}\n'.repeat(300)}`;

function withPath<Result>(folders: string, body: () => Result): Result {
  const { PATH } = process.env;
  process.env.PATH = folders;
  try {
    return body();
  } finally {
    process.env.PATH = PATH;
  }
}

const withoutBash = <Result>(body: () => Result) => withPath('/nowhere', body);

describe('what is wrong', () => {
  test.each([
    ['an empty function', 'main() {\n}\nmain\n', 1, 'expected command in brace group'],
    ['an empty loop', 'for x in a; do\ndone\n', 2, "expected command after 'do'"],
    ['an empty branch', 'if a; then b; else\nfi\n', 2, "expected command after 'else'"],
    ['a block without an end, where it begins', 'a\nif b; then\n  c\n  d\n\n', 2, "expected 'fi' to close 'if'"],
    ['the innermost of two', 'f() {\n  for x in a; do\n    b\n}\n', 2, "expected 'done' to close 'for'"],
    ['a function without an end', 'f() {\n  a\ng\n', 1, "expected '}' to close brace group"],
    ['a subshell without an end', 'a\n(\n  b\n', 2, "expected ')' to close subshell"],
    ['an end without a beginning', 'a\nfi\n', 2, "unexpected token 'fi'"],
    ['a quote without an end', 'a\necho "b\nc\n', 2, 'unterminated double quote'],
    ['a quote of the other kind', 'if x="$(a 2>/dev/null); then\n  b\nfi\n', 1, 'unterminated double quote'],
    ['a here-document without an end', 'a\ncat <<EOF\nb\n  EOF\n', 2, 'the here-document has no end, a line that is EOF alone'],
    ['the second here-document', 'cat <<A <<B\na\nA\nb\n', 1, 'the here-document has no end, a line that is B alone'],
    ['a here-document in a substitution', 'x=$(cat <<EOF\na\nEOF\n)\ny=$(\ncat <<EOF\na\nEOF)\n', 6, 'a line that is EOF alone'],
    ['a command substitution', 'a\necho "b $(c "$(if d; then)")"\n', 2, "expected command after 'then'"],
    ['a process substitution', 'a <(b |)\n', 1, "expected command after '|'"],
    ['backticks, which bash -n does not read', 'a\nb `if c; then`\n', 2, "expected command after 'then'"],
    ['backticks with escapes', 'a  # further than what is between them\nb="`echo \\"\\`if\\`\\"`"\n', 2, "expected 'then'"],
    ['a here-document, which bash -n does not read', 'cat <<EOF\na\n$(if)\nEOF\n', 3, "expected 'then'"],
    ['a here-document with <<-, which is told by its first line', 'a\ncat <<-EOF\n\ta\n\t$(if)\n\tEOF\n', 2, "expected 'then'"],
    ['an array and an assignment', 'a=(b $(c &&)\n)\n', 1, "expected command after '&&'"],
    ['an expansion', 'echo "${a:-$(b |)}"\n', 1, "expected command after '|'"],
    ['what bash -n tells with status 0', '[[ $x == (c) ]]\n', 1, "unexpected token 'c'"],
  ])('%s', (_, script, line, problem) => {
    for (const fault of [shellFault(script), withoutBash(() => shellFault(script))]) {
      expect(fault).toMatchObject({ isTakenByBash: false, problem: expect.stringContaining(problem) as string });
      expect(fault!.problem).toContain(`(line ${line} of the rendered script`);
      expect(script.slice(0, fault!.offset).split('\n').length).toBe(line);
    }
  });

  test('bash adds its own words, where it is installed', () => {
    expect(shellFault('a\nfi\n')!.problem).toMatch(/\(line 2 of the rendered script; bash says: line 2: syntax error near .*`fi'\)$/);
    expect(shellFault(`a\nfi\n${'b\n'.repeat(100_000)}`)!.problem).toMatch(/bash says: line 2/);
    expect(withoutBash(() => shellFault('a\nfi\n'))!.problem).toMatch(/\(line 2 of the rendered script\)$/);
  });

  test('the first of several faults is told, from the outside', () => {
    expect(withoutBash(() => shellFault("x=$(echo 'a)\nfi\n"))!.problem).toMatch(/^unterminated command substitution \(line 1/);
  });

  test('a here-document without an end is an error to each bash: old ones do not warn', () => {
    const folder = writeFiles({ bash: '#!/bin/sh\ncat >/dev/null\n' });
    fs.chmodSync(path.join(folder, 'bash'), 0o755);
    withPath(`${folder}:${process.env.PATH}`, () => {
      expect(shellFault('fi\n')).toMatchObject({ isTakenByBash: true });
      expect(shellFault('cat <<EOF\na\n')).toMatchObject({ isTakenByBash: false });
    });
  });

  test('text that a script holds is not read as one', () => {
    expect(shellFault(`cat <<'EOF'\n$(if)\nEOF\necho '$(if' "\\$(if" # $(if\n`)).toBeUndefined();
    expect(shellFault(`cat <<-'EOF'\n\t$(if)\n\tEOF\n`)).toBeUndefined();
  });
});

describe('what bash takes', () => {
  test('is no error, and not told when unbash takes it, too', () => {
    expect(shellFault(`f() {\n  cat <<-E\n\ta $(cat <<F\n\tb\n\tF\n)\n\tE\n}\n`)).toBeUndefined();
  });

  test('is a warning when unbash refuses it, unless there is no bash to ask', () => {
    expect(shellFault(DEEP)).toMatchObject({ isTakenByBash: true, problem: expect.stringMatching(/nesting depth exceeded/) as string });
    expect(withoutBash(() => shellFault(DEEP))).toMatchObject({ isTakenByBash: false });
  });

  test('does not hide what only unbash sees', () => {
    const script = `${DEEP}cat <<E\n$(if)\nE\n`;
    expect(shellFault(script)).toMatchObject({ isTakenByBash: false, problem: expect.stringContaining("expected 'then'") as string });
  });
});

test('a line of the script switches the check off', () => {
  expect(shellFault('fi\n# cluster-nodes: no syntax check\n')).toBeUndefined();
  expect(shellFault('  # cluster-nodes: no syntax check  \nfi\n')).toBeUndefined();
  expect(shellFault('fi # cluster-nodes: no syntax check\n')).toBeDefined();
  expect(shellFault('fi\n# cluster-nodes: no syntax checks\n')).toBeDefined();
});

test('mutants of a script are refused when bash refuses them', () => {
  const script = `#!/bin/bash
set -euo pipefail
readonly NAMES=(a "b c" 'd')
f() {
  local x=\${1:-"$(id -un)"} y
  if [[ $x == a* && -n \${y:-} ]]; then
    case $x in
      a | b) echo "one" ;;
      *) echo \`date\` ;;
    esac
  elif (( \${#NAMES[@]} > 1 )); then
    for y in "\${NAMES[@]}"; do echo "$y" >&2; done
  fi
  cat <<EOF | { while read -r y; do echo "$y"; done; }
x is $x, $(f "$y" || true)
EOF
}
f "$@" && (cd / && ls) || exit 1
`;
  const mutants = [
    ...script.split('\n').map((_, index, lines) => lines.toSpliced(index, 1).join('\n')),
    ...[...script.matchAll(/["'`(){}[\];]|<<|\b(?:then|do|done|fi|esac|in|EOF)\b/g)].map(
      (match) => script.slice(0, match.index) + script.slice(match.index + match[0].length),
    ),
  ];
  const results = mutants.map((mutant) => ({
    bash: spawnSync('bash', ['-n'], { input: mutant, encoding: 'utf8' }).stderr,
    fault: shellFault(mutant),
  }));
  const refused = results.filter(({ bash }) => bash !== '');
  expect(refused.length).toBeGreaterThan(60);
  expect(refused.filter(({ fault }) => fault === undefined || fault.isTakenByBash)).toEqual([]);
  // Those of the here-document, which bash -n does not read.
  const more = results.filter(({ bash, fault }) => bash === '' && fault?.isTakenByBash === false);
  expect(more.map(({ fault }) => fault!.problem)).toEqual(Array(2).fill('unterminated double quote (line 15 of the rendered script)'));
});

describe('the place in the templates', () => {
  test('of an error in an include', () => {
    const error = errorOf({ 'main.sh.j2': 'a\n{% include "part.sh.j2" %}\nb\n', 'part.sh.j2': 'c\nif d; then\n  e\n' }, {}, CHECKED);
    expect([error.code, error.template, error.line]).toEqual(['ShellSyntax', 'part.sh.j2', 2]);
    expect(error.message).toMatch(
      /^part\.sh\.j2:2: bash cannot read this: expected 'fi' to close 'if' \(line 3 of the rendered script.*\); /,
    );
    expect(error.message).toMatch(/correct it, or have the line '# cluster-nodes: no syntax check' in the template/);
  });

  test('of an error in the body of a loop, behind values that are written longer than they are', () => {
    const source = '{% for x in context.get("/names") %}\necho {{ x }} "{{ x }}"\nf{{ loop.index | string | safe }}() {\n}\n{% endfor %}\n';
    const error = errorOf(source, { '/names': ["it's", "o'''''''''clock"] }, CHECKED);
    expect([error.template, error.line]).toEqual(['main.sh.j2', 3]);
    expect(error.message).toContain('(line 3 of the rendered script');
  });

  test('of an error at the end', () => {
    expect(errorOf('a\nb &&\n\n\n', {}, CHECKED).line).toBe(2);
  });

  test('of an error that a condition makes', () => {
    const source = 'main() {\n{% if context.get("/desktop") %}\n  a\n{% endif %}\n}\nmain\n';
    expect(render(source, { '/desktop': true }, CHECKED).text).toContain('  a');
    expect(errorOf(source, { '/desktop': false }, CHECKED).line).toBe(1);
  });

  test('of an error that a value makes without escaping', () => {
    const options = { ...CHECKED, escaping: 'none' } as const;
    const error = errorOf('a\necho "{{ context.get("/v") }}" {{ context.get("/v") }}\nb\n"\n', { '/v': 'x"y' }, options);
    expect([error.code, error.line]).toEqual(['ShellSyntax', 4]);
  });

  test('of a warning', () => {
    const { warnings } = render({ 'main.sh.j2': 'a\n{% include "deep.sh.j2" %}\n', 'deep.sh.j2': DEEP }, {}, CHECKED);
    expect(warnings).toEqual([
      expect.stringMatching(/^deep\.sh\.j2:257: the bash here takes this, others may not: .*\(line 258 of the.*no syntax check/),
    ]);
  });
});

describe('not checked', () => {
  test('are scripts unless it is asked for, other languages, and text', () => {
    expect(render('fi\n').text).toBe('fi');
    expect(render({ 'main.ps.j2': 'fi {\n' }, {}, { ...CHECKED, entry: 'main.ps.j2' }).text).toBe('fi {');
    expect(render({ 'main.txt.j2': 'fi {\n' }, {}, { ...CHECKED, entry: 'main.txt.j2' }).text).toBe('fi {');
  });

  test('is a text that was', () => {
    const folder = writeFiles({
      'main.sh.j2': `echo {{ context.get("/a") }}\n${DEEP}`,
      bash: '#!/bin/sh\necho asked >>"${0%/*}/log"\n',
    });
    fs.chmodSync(path.join(folder, 'bash'), 0o755);
    const renderer = new TemplateRenderer({ searchPaths: [folder], ...CHECKED });
    const warnings = withPath(`${folder}:${process.env.PATH}`, () =>
      ['1', '1', '2', '1'].map((value, index) => renderer.render('main.sh.j2', { '/a': value, '/b': index }).warnings.length),
    );
    expect(warnings).toEqual([1, 1, 1, 1]);
    expect(fs.readFileSync(path.join(folder, 'log'), 'utf8')).toBe('asked\nasked\n');
  });
});
