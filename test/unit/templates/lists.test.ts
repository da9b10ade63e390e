import { spawnSync } from 'child_process';
import { VariableReference } from '../../../lib/templates/value-kinds';
import { errorOf, render } from './template-folder';

const LIST = ['plain', 'two words', "it's $(id)", '', '*', '-n', 'x=1', '~'];
const reference = new VariableReference('/fs/id', 'deploy-time');
const text = (source: string, list: unknown = LIST) => render(source, { '/list': list }).text;
const LIST_KEY = 'context.get("/list")';

/** What bash passes to `show`, a word a line. */
function words(source: string, list: unknown = LIST): string[] {
  const script = `set -eu; VALUE_FS_ID='fs 1'; show() { for word; do printf '%s\\0' "$word"; done; }; ${text(source, list)}`;
  const { stdout, stderr, status } = spawnSync('bash', ['-c', script], { encoding: 'utf8' });
  expect([stderr, status]).toEqual(['', 0]);
  return stdout.split('\0').slice(0, -1);
}

describe('a list in bash', () => {
  test.each([
    ['an array', `names=({{ ${LIST_KEY} }}); show "\${names[@]}"`],
    ['lines of an array', `names=(\n  {{ ${LIST_KEY} }}\n); show "\${names[@]}"`],
    ['arguments', `show {{ ${LIST_KEY} }}`],
    ['arguments before an operator', `show {{ ${LIST_KEY} }}|cat; true {{ ${LIST_KEY} }}&& true`],
    ['a loop', `for name in {{ ${LIST_KEY} }}; do show "$name"; done`],
    ['a function', `f() { show {{ ${LIST_KEY} }}; }; f`],
    ['what is captured', `{% set all %}show {{ ${LIST_KEY} }}{% endset %}{{ all }}`],
    ['a variable of the template', `{% set all = ${LIST_KEY} %}show {{ all }}`],
    ['a macro', `{% macro m(list) %}show {{ list }}{% endmacro %}{{ m(${LIST_KEY}) }}`],
    ['a part', `show {{ ${LIST_KEY}[:4] }} {{ ${LIST_KEY}[4:] }}`],
  ])('is its elements in %s', (_, source) => {
    expect(words(source)).toEqual(LIST);
  });

  test('may be empty, begin a command, hold numbers, booleans and what is known later', () => {
    expect(words(`show a {{ ${LIST_KEY} }} b`, [])).toEqual(['a', 'b']);
    expect(words(`names=({{ ${LIST_KEY} }}); show "\${#names[@]}"`, [])).toEqual(['0']);
    expect(words(`{{ ${LIST_KEY} }} c`, ['show', 'a b'])).toEqual(['a b', 'c']);
    expect(words(`{{ ${LIST_KEY} }} show a`, [])).toEqual(['a']);
    const { text: script, references } = render(`show {{ ${LIST_KEY} }}`, { '/list': [1, true, 1.5, reference] });
    expect([script, references]).toEqual(['show 1 True 1.5 "${VALUE_FS_ID}"', [reference]]);
    expect(words(`show {{ ${LIST_KEY} }}`, ['a', reference])).toEqual(['a', 'fs 1']);
    expect(text(`show {{ (1, "a b") }}`)).toBe(`show 1 'a b'`);
  });

  test('is the text that Jinja2 prints in quotes, in here-documents and in comments', () => {
    expect(text(`echo "{{ ${LIST_KEY} }}" # {{ ${LIST_KEY} }}`, ['a', 1])).toBe(`echo "['a', 1]" # ['a', 1]`);
    expect(text(`cat <<E\n{{ ${LIST_KEY} }}\nE`, ['a', ['b']])).toBe(`cat <<E\n['a', ['b']]\nE`);
    expect(errorOf(`echo "{{ ${LIST_KEY} }}"`, { '/list': [reference] })).toMatchObject({
      code: 'ValueNotKnownYet',
      template: 'main.sh.j2',
      line: 1,
      key: '/fs/id',
    });
  });

  test.each([
    `x={{ ${LIST_KEY} }}`,
    `install --with={{ ${LIST_KEY} }}`,
    `install {{ ${LIST_KEY} }}-dev`,
    `install {{ ${LIST_KEY} }}{{ ${LIST_KEY} }}`,
    `install {{ ${LIST_KEY} }}"a"`,
    `cat > {{ ${LIST_KEY} }}`,
    `cat <<< {{ ${LIST_KEY} }}`,
    `case {{ ${LIST_KEY} }} in a) ;; esac`,
    `case $x in {{ ${LIST_KEY} }}) ;; esac`,
    `[[ $x == {{ ${LIST_KEY} }} ]]`,
    `[[ -e {{ ${LIST_KEY} }} ]]`,
    `for {{ ${LIST_KEY} }} in a; do true; done`,
    `echo \${x:-{{ ${LIST_KEY} }}}`,
    `echo \${x[{{ ${LIST_KEY} }}]}`,
    `echo $(({{ ${LIST_KEY} }}))`,
    `function {{ ${LIST_KEY} }} { true; }`,
  ])('is refused in %s', (source) => {
    expect(errorOf(`\n${source}`, { '/list': ['a', 'b'] })).toMatchObject({
      code: expect.stringMatching(/^(ListInWord|ValueInArithmetic|UnsupportedPlace)$/) as string,
      line: 2,
      key: '/list',
    });
  });

  test.each([[[['a']]], [[{ a: 1 }]], [[null, 'a']]])('is refused with %j in it where words may stand', (list) => {
    expect(errorOf(`show {{ ${LIST_KEY} }}`, { '/list': list }).code).toBe('ListInWord');
  });

  test.each([
    `eval {{ ${LIST_KEY} }}`,
    `bash -c {{ ${LIST_KEY} }}`,
    // Nothing stands before the command.
    `{{ [] }} eval {{ "id" }}`,
    `{{ [] }} [[ 1 -eq {{ "id" }} ]]`,
    `declare -n {{ ${LIST_KEY} }}`,
    `declare -i n; for n in {{ ${LIST_KEY} }}; do true; done`,
  ])('is never code: %s', (source) => {
    expect(errorOf(source, { '/list': ['pipefail', '-c'] }).code).toMatch(/^(ValueAsCode|ValueInArithmetic|ValueAsVariableName)$/);
  });
});

describe('a joined list', () => {
  test.each([
    ['the filter', `install {{ ${LIST_KEY} | join(" ") }}`],
    ['the method', `install {{ " ".join(${LIST_KEY}) }}`],
    ['a variable', `{% set all = ${LIST_KEY} | join("  ") %}install {{ all }}`],
    ['new lines', `install {{ ${LIST_KEY} | join("\n") }}`],
    ['an array', `x=({{ ${LIST_KEY} | join(" ") }})`],
    ['a loop', `for x in {{ ${LIST_KEY} | join(" ") }}; do true; done`],
    ['double quotes by hand', `x=("{{ ${LIST_KEY} | join('" "') }}")`],
    ['single quotes by hand', `x=('{{ ${LIST_KEY} | join("' '") }}')`],
  ])('that was to be words is an error that says what to write: %s', (_, source) => {
    const error = errorOf(`\n${source}`, { '/list': ['a', 'b'] });
    expect(error).toMatchObject({ code: 'JoinedWords', line: 2 });
    expect(error.message).toMatch(/one word.*print the list itself.*\{\{ list \}\}/);
  });

  test.each([
    [`echo "{{ ${LIST_KEY} | join(" ") }}"`, 'echo "a b"'],
    [`echo '{{ ${LIST_KEY} | join(" ") }}'`, `echo 'a b'`],
    [`x={{ ${LIST_KEY} | join(",") }}`, `x='a,b'`],
    [`x={{ ${LIST_KEY} | join }}`, 'x=ab'],
    [`cat <<E\n["{{ ${LIST_KEY} | join('", "') }}"]\nE`, 'cat <<E\n["a", "b"]\nE'],
  ])('is the text that it is: %s', (source, expected) => {
    expect(text(source, ['a', 'b'])).toBe(expected);
  });
});

describe('in PowerShell', () => {
  const script = (source: string, list: unknown = ['a', "it's", 1, true]) =>
    render({ 'main.ps.j2': source }, { '/list': list }, { entry: 'main.ps.j2' }).text;
  const failure = (source: string) => errorOf({ 'main.ps.j2': source }, { '/list': ['a', 'b'] }, { entry: 'main.ps.j2' }).code;

  test('a list is an array', () => {
    expect(script(`$x = {{ ${LIST_KEY} }}; Install-All {{ ${LIST_KEY} }}`)).toBe(
      `$x = @('a', 'it''s', 1, $true); Install-All @('a', 'it''s', 1, $true)`,
    );
    expect(script(`$x = @({{ ${LIST_KEY} }})`, [])).toBe('$x = @(@())');
    expect(script(`foreach ($x in {{ ${LIST_KEY} }}) { [string[]] {{ ${LIST_KEY} }} }`, [reference])).toBe(
      'foreach ($x in @($VALUE_FS_ID)) { [string[]] @($VALUE_FS_ID) }',
    );
    expect(script(`"{{ ${LIST_KEY} }}"`, ['a', 1])).toBe(`"['a', 1]"`);
  });

  test('is refused as a part of a word', () => {
    expect([`x={{ ${LIST_KEY} }}`, `[string]{{ ${LIST_KEY} }}`, `-Name:{{ ${LIST_KEY} }}`].map(failure)).toEqual(
      Array(3).fill('ListInWord'),
    );
    expect(failure(`Get-X {{ ${LIST_KEY} }}.txt`)).toBe('GluedValue');
  });

  test.each([
    `Install-All {{ ${LIST_KEY} | join(" ") }}`,
    `@({{ ${LIST_KEY} | join(", ") }})`,
    `@('{{ ${LIST_KEY} | join("', '") }}')`,
    `@("{{ ${LIST_KEY} | join('","') }}")`,
  ])('a list joined to be words is an error: %s', (source) => {
    expect(failure(source)).toBe('JoinedWords');
  });
});
