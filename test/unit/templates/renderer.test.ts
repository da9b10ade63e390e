import * as fs from 'fs';
import * as path from 'path';
import { TemplateRenderer, languageOf } from '../../../lib/templates/renderer';
import { SecretReference, VariableReference } from '../../../lib/templates/value-kinds';
import { errorOf, render } from './template-folder';
import { writeFiles } from '../../write-files';

const owner = new VariableReference('/dcv/SessionOwner', 'launch-time');
const fileSystem = new VariableReference('/fs/id', 'deploy-time');
const secret = new SecretReference('/login/HostKeysSecret', 'arn:aws:secretsmanager:eu-west-1:111122223333:secret:x');
const values = { '/dcv/SessionOwner': owner, '/fs/id': fileSystem, '/login/HostKeysSecret': secret };

describe('inserted values', () => {
  test('are escaped for the place where they stand, in the entry and in what it includes', () => {
    const templates = {
      'main.sh.j2': 'echo {{ context.get("/v") }} "{{ context.get("/v") }}"\n{% include "part.sh.j2" %}',
      'part.sh.j2': "echo '{{ context.get('/v') }}' # {{ context.get('/n') }}\n",
    };
    expect(render(templates, { '/v': 'a $(id) "b"', '/n': 5 }).text).toBe(
      'echo \'a $(id) "b"\' "a \\$(id) \\"b\\""\necho \'a $(id) "b"\' # 5',
    );
  });

  test('include literals of the template: they are values, not script', () => {
    expect(render('echo {{ "a b" }} {{ "$(id)" | upper }}').text).toBe("echo 'a b' '$(ID)'");
  });

  test('numbers stay numbers, and booleans are spelled as in Python', () => {
    expect(
      render('sleep {{ 5 }}; echo {{ context.get("/decimal") }} {{ true }} {{ none }} {{ [1, "x"] }}', { '/decimal': 0.25 }).text,
    ).toBe('sleep 5; echo 0.25 True None 1 x');
  });

  test('in PowerShell are escaped as PowerShell', () => {
    const text = (source: string) => render({ 'main.ps.j2': source }, { '/v': "it's" }, { entry: 'main.ps.j2' }).text;
    expect(text('Write-Output {{ context.get("/v") }}')).toBe("Write-Output 'it''s'");
    expect(text('$on = {{ true }}; $port = {{ 8443 }}')).toBe('$on = $true; $port = 8443');
  });

  test('that are empty or missing by an if without else print nothing', () => {
    expect(render('run {{ "--flag" if false }} end').text).toBe('run  end');
  });

  test('with | safe are left alone', () => {
    expect(render('{{ "$(date)" | safe }} {{ context.get("/v") | safe }}', { '/v': 'a && b' }).text).toBe('$(date) a && b');
  });

  test.each([
    ['a set block', '{% set x %}echo {{ context.get("/v") }}{% endset %}{{ x }}'],
    ['a macro', '{% macro m(v) %}echo {{ v }}{% endmacro %}{{ m(context.get("/v")) }}'],
    ['a macro that is trimmed', '{% macro m(v) %}  echo {{ v }}\n{% endmacro %}{{ m(context.get("/v")) | trim }}'],
    ['safe text joined with ~', '{{ ("echo " | safe) ~ context.get("/v") }}'],
  ])('are escaped once after %s', (_, source) => {
    expect(render(source, { '/v': "it's $x" }).text).toBe(`echo 'it'"'"'s $x'`);
  });

  test.each([
    ['+', '{{ ("a" | safe) + context.get("/v") }}'],
    ['.join()', '{{ (", " | safe).join([context.get("/v")]) }}'],
    ['.replace()', '{{ ("a" | safe).replace("a", context.get("/v")) }}'],
    ['%', '{{ ("%s" | safe) % context.get("/v") }}'],
    ['| indent', '{{ ("a" | safe) | indent(context.get("/v")) }}'],
  ])('cannot get into safe text unescaped by %s', (_, source) => {
    expect(errorOf(source, { '/v': ';' })).toMatchObject({ code: 'NotSupported', template: 'main.sh.j2', line: 1 });
  });

  test.each([
    ['string', "'$(id)'"],
    ['list | join', "'$(id)'"],
  ])('are not made safe by the filter %s', (filter, expected) => {
    expect(render(`echo {{ context.get("/v") | ${filter} }}`, { '/v': '$(id)' }).text).toBe(`echo ${expected}`);
  });

  test.each([
    ['a filter', '{% set x %}{{ context.get("/v") }}{% endset %}{{ x | upper }}'],
    ['a condition', '{% set x %}{{ context.get("/v") }}{% endset %}{% if x %}y{% endif %}'],
    ['a comparison', '{% set x %}{{ context.get("/v") }}{% endset %}{{ x == "a" }}'],
    ['in', '{% set x %}{{ context.get("/v") }}{% endset %}{{ "a" in x }}'],
    ['the length', '{% set x %}{{ context.get("/v") }}{% endset %}{{ x | length }}'],
    ['a slice', '{% set x %}{{ context.get("/v") }}{% endset %}{{ x[:3] }}'],
    ['an index', '{% set x %}{{ context.get("/v") }}{% endset %}{{ x[0] }}'],
    ['a method', '{% set x %}{{ context.get("/v") }}{% endset %}{{ x.upper() }}'],
    ['a list that is printed', '{% set x %}{{ context.get("/v") }}{% endset %}{{ [x] }}'],
    ['join', '{% set x %}{{ context.get("/v") }}{% endset %}{{ [x] | join }}'],
    ['a loop', '{% set x %}{{ context.get("/v") }}{% endset %}{% for c in x %}{{ c }}{% endfor %}'],
    ['the name of a template', '{% set x %}{{ context.get("/v") }}{% endset %}{% include x %}'],
    ['a dictionary key', '{% set x %}{{ context.get("/v") }}{% endset %}{{ {x: 1} }}'],
    ['int', '{% set x %}{{ context.get("/v") }}{% endset %}{{ x | int }}'],
  ])('in rendered text cannot be looked at by %s', (_, source) => {
    const error = errorOf(source, { '/v': 'v' });
    expect(error.code).toBe('NotSupported');
    expect(error.message).toMatch(/rendered text that holds inserted values/);
  });

  test.each<[string, string]>([
    ["'b'", '{% for a in ["", "b", ""] %}{{ a }} {% endfor %}'],
    ["'a  b' c", '\n{{ "" }} {{ " a  b" }} c {{ "\\n" }} '],
    ['a', ' a{{ "" }}{{ " " }}'],
    ['', ' {{ "" }} '],
    ["'a'", '{{ " a " | list | join }}'],
    ['5 "${VALUE_FS_ID}"', '{{ " " }}{{ 5 }} {{ context.get("/fs/id") }}'],
    ['"${VALUE_FS_ID}" "${VALUE_FS_ID}"', ' {{ context.get("/fs/id") }} {{ context.get("/fs/id") }} '],
  ])('in rendered text are trimmed at its ends: %s', (expected, source) => {
    const text = render(`{% set x %}${source}{% endset %}[{{ x | trim }}]`, values).text;
    expect(text).toBe(`[${expected}]`);
  });

  test('a template without a language may not insert any', () => {
    const templates = { 'motd.txt.j2': 'plain text {{ context.get("/v") | safe }}', 'bad.txt.j2': 'a\n{{ context.get("/v") }}' };
    expect(render(templates, { '/v': 'x' }, { entry: 'motd.txt.j2' }).text).toBe('plain text x');
    expect(errorOf(templates, { '/v': 'x' }, { entry: 'bad.txt.j2' })).toMatchObject({
      code: 'UnknownLanguage',
      template: 'bad.txt.j2',
      line: 2,
      key: '/v',
    });
    expect(render(templates, { '/v': 'x y' }, { entry: 'bad.txt.j2', escaping: 'none' }).text).toBe('a\nx y');
  });

  test.each([
    ['a/b.sh.j2', 'bash'],
    ['b.bash.j2', 'bash'],
    ['b.sh', 'bash'],
    ['b.ps.j2', 'powershell'],
    ['b.ps1.j2', 'powershell'],
    ['b.PS1', 'powershell'],
    ['b.txt.j2', undefined],
    ['sh.j2', undefined],
  ])('%s is %s', (name, language) => {
    expect(languageOf(name)).toBe(language);
  });
});

describe('values that are known later', () => {
  test('become references to variables, and only those written are reported', () => {
    const { text, references } = render(
      'a={{ context.get("/fs/id") }}\n{% set unused = context.get("/dcv/SessionOwner") %}echo "{{ context.get("/fs/id") }}"',
      values,
    );
    expect(text).toBe('a="${VALUE_FS_ID}"\necho "${VALUE_FS_ID}"');
    expect(references).toEqual([fileSystem]);
  });

  test('may stand in lists and dictionaries, and be taken out of them', () => {
    const source =
      '{% for fs in context.get("/list") %}mount {{ fs.target }} {{ fs.path }}\n{% endfor %}{% set d = {"k": context.get("/fs/id")} %}{{ d.k }} {{ [context.get("/fs/id")] | first }} {{ context.get("/list") | length }} {% for fs in context.get("/list") if fs.path == "/b" %}{{ fs.target }}{% endfor %} {{ context.get("/fs/id") if true else "x" }}';
    const list = [
      { target: fileSystem, path: '/a' },
      { target: owner, path: '/b' },
    ];
    expect(render(source, { ...values, '/list': list }).text).toBe(
      'mount "${VALUE_FS_ID}" /a\nmount "${VALUE_DCV_SESSION_OWNER}" /b\n"${VALUE_FS_ID}" "${VALUE_FS_ID}" 2 "${VALUE_DCV_SESSION_OWNER}" "${VALUE_FS_ID}"',
    );
  });

  const uses: [string, string][] = [
    ['a condition', '{% if @ %}a{% endif %}'],
    ['elif', '{% if false %}a{% elif @ %}b{% endif %}'],
    ['an inline if', '{{ "a" if @ else "b" }}'],
    ['and', '{{ @ and 1 }}'],
    ['or', '{{ @ or 1 }}'],
    ['not', '{{ not @ }}'],
    ['==', '{{ @ == "a" }}'],
    ['== on the right', '{{ "a" == @ }}'],
    ['!=', '{{ @ != "a" }}'],
    ['== with itself', '{{ @ == @ }}'],
    ['<', '{{ @ < "a" }}'],
    ['in on the left', '{{ @ in ["a"] }}'],
    ['in on the left of text', '{{ @ in "abc" }}'],
    ['in on the right', '{{ "a" in @ }}'],
    ['in a list of them', '{{ "a" in [@] }}'],
    ['+', '{{ @ + "a" }}'],
    ['+ on the right', '{{ 1 + @ }}'],
    ['-', '{{ @ - 1 }}'],
    ['*', '{{ @ * 2 }}'],
    ['unary -', '{{ -@ }}'],
    ['~', '{{ @ ~ "a" }}'],
    ['~ with safe text', '{{ ("a" | safe) ~ @ }}'],
    ['a method', '{{ @.upper() }}'],
    ['join()', '{{ ",".join([@]) }}'],
    ['an attribute', '{{ @.name }}'],
    ['an index', '{{ @[0] }}'],
    ['a slice', '{{ @[1:] }}'],
    ['as an index', '{{ [1][@] }}'],
    ['a loop', '{% for x in @ %}{% endfor %}'],
    ['taking apart', '{% for a, b in [@] %}{% endfor %}'],
    ['the name of an include', '{% include @ %}'],
    ['a list of includes', '{% include ["x", @] %}'],
    ['a dictionary key', '{{ {@: 1} }}'],
    ['a look-up', '{{ {}.get(@) }}'],
    ['the text of a list', '"{{ [@] }}"'],
    ['a dictionary that is printed', '{{ {"a": @} }}'],
    ...[
      'upper',
      'lower',
      'default("x")',
      'int',
      'length',
      'join',
      'list',
      'first',
      'last',
      'replace("a", "b")',
      'trim',
      'string',
      'safe',
      'indent',
    ].map((filter): [string, string] => [`the filter ${filter}`, `{{ @ | ${filter} }}`]),
    ['the filter join of a list', '{{ [@] | join }}'],
    ...['string', 'number', 'boolean', 'true', 'mapping'].map((test): [string, string] => [`the test ${test}`, `{{ @ is ${test} }}`]),
  ];

  test.each(uses)('cannot be used in: %s', (_, source) => {
    for (const [name, reference] of [
      ['/fs/id', fileSystem],
      ['/dcv/SessionOwner', owner],
    ] as const) {
      const error = errorOf(`line one\n${source.replaceAll('@', `context.get("${name}")`)}`, values);
      expect(error).toMatchObject({ code: 'ValueNotKnownYet', template: 'main.sh.j2', line: 2, key: name });
      expect(error.message).toContain(`a ${reference.kind} value is known only`);
      expect(error.remedy).toMatch(/print it with \{\{ \}\}/);
    }
  });

  test('with escaping none the same holds, and the reference is written as it is', () => {
    const { text, references } = render('x={{ context.get("/fs/id") }}', values, { escaping: 'none' });
    expect([text, references]).toEqual(['x=${VALUE_FS_ID}', [fileSystem]]);
    expect(errorOf('{{ context.get("/fs/id") ~ "x" }}', values, { escaping: 'none' }).code).toBe('ValueNotKnownYet');
    expect(errorOf('{% set x %}{{ context.get("/fs/id") }}{% endset %}{{ x == "x" }}', values, { escaping: 'none' }).code).toBe(
      'NotSupported',
    );
    expect(render('{% set x %}a{{ context.get("/fs/id") }}{% endset %}{{ x }}', values, { escaping: 'none' }).text).toBe('a${VALUE_FS_ID}');
  });

  test('a deploy-time value is there and is not none; of an instance tag that is not known', () => {
    expect(
      render(
        '{{ context.get("/fs/id") is defined }} {{ context.get("/fs/id") is not none }} {{ context.get("/dcv/SessionOwner") is defined }}',
        values,
      ).text,
    ).toBe('True True True');
    expect(errorOf('{% if context.get("/dcv/SessionOwner") is none %}{% endif %}', values).code).toBe('ValueNotKnownYet');
  });
});

describe('secrets', () => {
  test('only the ARN can be printed', () => {
    expect(render('get_secret {{ context.get("/login/HostKeysSecret").arn }}', values).text).toBe(
      'get_secret arn:aws:secretsmanager:eu-west-1:111122223333:secret:x',
    );
    const later = new SecretReference('/s', new VariableReference('/s', 'deploy-time'));
    expect(render('get_secret "{{ context.get("/s").arn }}"', { '/s': later }).text).toBe('get_secret "${VALUE_S}"');
    expect(
      render('{% if context.get("/login/HostKeysSecret") %}there{% endif %} {{ context.get("/login/HostKeysSecret") is not none }}', values)
        .text,
    ).toBe('there True');
  });

  test.each([
    '{{ @ }}',
    '{{ @ | safe }}',
    '{{ @ | string }}',
    '{{ @ ~ "x" }}',
    '{{ [@] }}',
    '{{ @ == "x" }}',
    '{{ {@: 1} }}',
    '{{ [@] | join }}',
  ])('%s is an error', (source) => {
    for (const escaping of ['contextual', 'none'] as const) {
      const error = errorOf(`\n${source.replaceAll('@', 'context.get("/login/HostKeysSecret")')}`, values, { escaping });
      expect(error).toMatchObject({ code: 'SecretValue', line: 2, key: '/login/HostKeysSecret' });
      expect(error.message).toContain(source === '{{ @ }}' ? 'cannot be used in the text of a script' : 'cannot be used');
      expect(error.remedy).toContain('get_secret');
    }
  });

  test('has no other attribute', () => {
    expect(errorOf('{{ context.get("/login/HostKeysSecret").value }}', values).message).toMatch(/no attribute 'value'.*use \.arn/);
  });
});

describe('CDK tokens that nobody resolved', () => {
  const token = { '/t': 'a ${Token[TOKEN.12]}', '/list': ['#{Token[TOKEN.13]}'] };

  test('can be written with | safe only', () => {
    expect(render('x {{ context.get("/t") | safe }}', token).text).toBe('x a ${Token[TOKEN.12]}');
  });

  test.each([
    '{{ context.get("/t") }}',
    '{{ context.get("/t") | upper }}',
    '{% if context.get("/t") %}{% endif %}',
    '{{ context.get("/t") == "x" }}',
    '{{ context.get("/list") }}',
    '{{ context.get("/list")[0] }}',
    '{{ context.get("/t") ~ "x" }}',
  ])('%s is an error', (source) => {
    expect(errorOf(source, token)).toMatchObject({ code: 'UnresolvedToken', key: source.includes('list') ? '/list' : '/t' });
  });

  test('as numbers are an error', () => {
    expect(errorOf('{{ context.get("/n") }}', { '/n': -1.8881545897087503e289 }).message).toContain(
      '/n is a number with an unresolved CDK token',
    );
  });

  test('and objects of the app are an error', () => {
    expect(errorOf('{{ context.get("/d") }}', { '/d': new Date(0) }).message).toContain('/d is an object of class Date');
    expect(errorOf('{{ context.get("/f") }}', { '/f': () => 1 }).message).toContain('/f is a function');
  });
});

describe('keys', () => {
  const declaredKeys = ['/configuration/ClusterId', '/dcv/SessionOwner', '/job/NodeType'];

  test('that nobody declared are an error with the nearest known ones', () => {
    const error = errorOf('\n\n{{ context.get("/configuration/ClusterID") }}', { '/job/NodeType': 'x' }, { declaredKeys });
    expect(error).toMatchObject({ code: 'UnknownKey', template: 'main.sh.j2', line: 3, key: '/configuration/ClusterID' });
    expect(error.remedy).toBe('did you mean /configuration/ClusterId?');
    expect(errorOf('{{ context.get("/SessionOwner") }}', {}, { declaredKeys }).remedy).toContain('/dcv/SessionOwner');
    expect(errorOf('{{ context["/job/NodeTyp"] }}', {}, { declaredKeys }).remedy).toContain('/job/NodeType');
    expect(errorOf('{{ context.get("/xyzzy/unlike") }}', {}, { declaredKeys }).remedy).not.toContain('did you mean');
  });

  test('that nobody declared are an error even with a default, so that no mistyped key goes unseen', () => {
    expect(errorOf('{{ context.get("/job/NodeTipe", "x") }}', {}, { declaredKeys }).code).toBe('UnknownKey');
  });

  test('without declarations have the default they are given', () => {
    expect(render('{{ context.get("/optional", "x") }}').text).toBe('x');
    expect(errorOf('{{ context.get("/optional") }}').code).toBe('UnknownKey');
  });

  test('without a value need a default', () => {
    expect(render('{{ context.get("/dcv/SessionOwner", "x") }}', {}, { declaredKeys }).text).toBe('x');
    expect(errorOf('{{ context.get("/dcv/SessionOwner") }}', {}, { declaredKeys })).toMatchObject({
      code: 'NoValue',
      key: '/dcv/SessionOwner',
    });
  });

  test('that are null are None', () => {
    expect(render('{{ context.get("/a") is none }} {{ context.get("/a", "x") }}', { '/a': null }).text).toBe('True None');
  });

  test('are None with missing keys none', () => {
    expect(render('{{ context.get("/a") }} {{ context.get("/a", 1) }} [{{ nobody }}]', {}, { missingKeys: 'none' }).text).toBe('None 1 []');
  });

  test('variables, attributes and elements that do not exist are an error as well', () => {
    for (const source of [
      '{{ nobody }}',
      '{% if nobody %}{% endif %}',
      '{{ nobody == 1 }}',
      '{% for x in nobody %}{% endfor %}',
      '{{ "a" ~ nobody }}',
      '{{ nobody | upper }}',
      '{{ {}.a }}',
      '{{ [1][5] }}',
      '{{ [] | first }}',
    ]) {
      expect(errorOf(source)).toMatchObject({ code: 'UndefinedValue', template: 'main.sh.j2', line: 1 });
    }
    expect(render('{{ nobody is defined }} {{ nobody | default("d") }}').text).toBe('False d');
  });

  test('the context belongs to one rendering: what a template changes is gone in the next', () => {
    const folder = writeFiles({
      'main.sh.j2':
        '{% set _ = context.get("/l").append(1) %}{{ context.get("/l") | length }} {{ ns.template_already_included | length }}{% set _ = ns.template_already_included.append(1) %}',
    });
    const renderer = new TemplateRenderer({ searchPaths: [folder] });
    const context = { '/l': ['a'] };
    expect([renderer.render('main.sh.j2', context).text, renderer.render('main.sh.j2', context).text]).toEqual(['2 0', '2 0']);
    expect(context).toEqual({ '/l': ['a'] });
  });

  test('a variable that every branch assigns has its value from outside until then', () => {
    const branches = '{% if false %}{% set z = 1 %}{% elif true %}[{{ z }}]{% set z = 5 %}{% else %}{% set z = 3 %}{% endif %}[{{ z }}]';
    expect(render({ 'main.sh.j2': '{% set z = "o" %}{% include "i" %}[{{ z }}]', i: branches }, {}, { escaping: 'none' }).text).toBe(
      '[o][5][o]',
    );
    expect(render(`{% set z = "o" %}{% for i in [1] %}${branches}{% endfor %}[{{ z }}]`, {}, { escaping: 'none' }).text).toBe('[o][5][o]');
  });

  test('the condition of a loop is asked when the loop comes to an item', () => {
    const plain = (source: string) => render(source, {}, { escaping: 'none' }).text;
    const loop = (body: string) =>
      `{% set n = namespace(l=[]) %}{% for a in [1, 2, 3] if not n.l %}${body}{% set _ = n.l.append(a) %}{{ loop.index }}{% endfor %}`;
    // As Jinja2 has it, which looks ahead where the body asks for what is to come.
    expect(plain(loop(''))).toBe('1');
    expect(plain(loop('{{ loop.last }}'))).toBe('False1True2');
    expect(plain(loop('{{ loop.length }}'))).toBe('313233');
    expect(plain('{% for a in range(4) if a %}{{ loop.index }}/{{ loop.length }} {{ loop.last }} {% endfor %}')).toBe(
      '1/3 False 2/3 False 3/3 True ',
    );
  });

  test('attributes of namespaces are assigned by set, and by nothing else', () => {
    expect(render('{% set n = namespace() %}{% set n.a = 1 %}{% set n.b = n.a + 1 %}{{ n.a }}{{ n.b }}').text).toBe('12');
    expect(errorOf('{% for ns.a in [1] %}{% endfor %}').code).toBe('TemplateSyntax');
  });

  test('ns is no dictionary and takes no assignment', () => {
    for (const source of ['ns | length', 'ns.items()', '"a" in ns', 'ns | list', '{ns: 1}', 'ns()', 'ns.__dict__', 'ns.x']) {
      expect(errorOf(`{{ ${source} }}`)).toMatchObject({ template: 'main.sh.j2', line: 1 });
    }
    expect(errorOf('{% set ns.x = 1 %}').message).toMatch(/cannot assign attribute on non-namespace object/);
  });

  test('text that is no finite number is the default of int', () => {
    expect(render('{{ "inf" | int }} {{ "x" | int(7) }}').text).toBe('0 7');
    expect(errorOf('{{ "1e400" | int(7) }}').code).toBe('NotSupported');
  });

  test('a name that is assigned behind a block that reads it is refused', () => {
    for (const source of [
      '{% for i in [1] %}{{ z }}{% endfor %}{% set z = 1 %}',
      '{% if i %}{% with %}{{ z }}{% endwith %}{% set z = 1 %}{% else %}{% set z = 2 %}{% endif %}',
      '{% for i in [1] %}{% if i %}{% set z = 1 %}{% endif %}{{ z }}{% endfor %}{% set z = 2 %}',
    ])
      expect(errorOf(source).message).toMatch(
        /'z', which is assigned behind a block that reads it, is not part of the dialect.*assign it before/,
      );
    expect(render('{% set z = 1 %}{% for i in [1] %}{{ z }}{% set z = 2 %}{{ z }}{% endfor %}{% set z = 3 %}{{ z }}').text).toBe('123');
  });

  test('a default list of a key is one list within a rendering', () => {
    expect(
      render('{% set _ = context.get("/l").append("b") %}{{ context.get("/l") | join }} {{ context["/l"] | length }}', { '/l': ['a'] })
        .text,
    ).toBe('ab 2');
  });
});

describe('templates', () => {
  test('are found in the first folder that has them; includes as well', () => {
    const first = writeFiles({ 'part.sh.j2': 'overlay' });
    const second = writeFiles({
      'main.sh.j2': '{% include "part.sh.j2" %} {% include "other.sh.j2" %}',
      'part.sh.j2': 'own',
      'other.sh.j2': 'other',
    });
    const renderer = new TemplateRenderer({ searchPaths: [first, second] });
    const { text, templates } = renderer.render('main.sh.j2', {});
    expect(text).toBe('overlay other');
    expect(templates).toEqual([path.join(second, 'main.sh.j2'), path.join(first, 'part.sh.j2'), path.join(second, 'other.sh.j2')]);
    expect([renderer.has('part.sh.j2'), renderer.has('none.sh.j2')]).toEqual([true, false]);
    expect(renderer.render('part.sh.j2', {}).templates).toEqual([path.join(first, 'part.sh.j2')]);
  });

  test('that do not exist are an error with the nearest names', () => {
    expect(errorOf({ 'main.sh.j2': 'a\n{% include "parts/mount.sh.j2" %}', 'parts/mounts.sh.j2': '' })).toMatchObject({
      code: 'TemplateNotFound',
      template: 'main.sh.j2',
      line: 2,
      remedy: expect.stringContaining('did you mean parts/mounts.sh.j2'),
    });
    expect(errorOf({ 'main.sh.j2': '' }, {}, { entry: 'mian.sh.j2' })).toMatchObject({ code: 'TemplateNotFound', template: 'mian.sh.j2' });
  });

  test.each(['../secret.sh.j2', 'a/../../secret.sh.j2', '/etc/hostname', ''])('outside of the folders are not found: %s', (name) => {
    const folder = writeFiles({ 'inner/main.sh.j2': `{% include ${JSON.stringify(name)} %}`, 'secret.sh.j2': 'x' });
    const renderer = new TemplateRenderer({ searchPaths: [path.join(folder, 'inner')] });
    expect(() => renderer.render('main.sh.j2', {})).toThrow(/there is no template/);
  });

  test('whose names cannot be files are not found', () => {
    const long = `${'a'.repeat(300)}.sh.j2`;
    for (const name of ['main.sh.j2/x', long]) {
      expect(render(`{% include "${name}" ignore missing %}z`).text).toBe('z');
      expect(errorOf(`{% include "${name}" %}`)).toMatchObject({ code: 'TemplateNotFound', line: 1 });
    }
    const searchPaths = [writeFiles({ parts: 'a file' }), writeFiles({ 'main.sh.j2': '{% include "parts/a" %}', 'parts/a': 'found' })];
    expect(new TemplateRenderer({ searchPaths }).render('main.sh.j2', {}).text).toBe('found');
  });

  test('are read and compiled once', () => {
    const folder = writeFiles({ 'main.sh.j2': '{% include "part.sh.j2" %}', 'part.sh.j2': 'x' });
    const renderer = new TemplateRenderer({ searchPaths: [folder] });
    renderer.render('main.sh.j2', {});
    const read = jest.spyOn(fs, 'readFileSync');
    expect(renderer.render('main.sh.j2', {}).text).toBe('x');
    expect(read).not.toHaveBeenCalled();
    read.mockRestore();
  });

  test('know what each contributed, to the byte', () => {
    const templates = {
      'main.sh.j2':
        '# é {{ context.get("/v") }}\n{% include "a.sh.j2" %}{% include "a.sh.j2" %}{% set x %}{% include "b.sh.j2" %}{% endset %}{{ x }}end',
      'a.sh.j2': 'a={{ context.get("/v") }} {% include "b.sh.j2" %}',
      'b.sh.j2': "bbb\n# {{ 'x' }} ",
    };
    for (const escaping of ['contextual', 'none'] as const) {
      const { text, parts } = render(templates, { '/v': "it's" }, { escaping });
      expect(parts.reduce((sum, { bytes }) => sum + bytes, 0)).toBe(Buffer.byteLength(text));
      expect(parts.map(({ template }) => template).sort()).toEqual(['a.sh.j2', 'b.sh.j2', 'main.sh.j2']);
      // Captured text counts for the template that captures it.
      expect(parts.find(({ template }) => template === 'b.sh.j2')).toEqual({
        template: 'b.sh.j2',
        bytes: 2 * Buffer.byteLength('bbb\n# x '),
      });
    }
    expect(render('abc', {}).parts).toEqual([{ template: 'main.sh.j2', bytes: 3 }]);
  });

  test('with a byte order mark or Windows line ends become scripts that run', () => {
    expect(render('\ufeff#!/bin/bash\r\necho {{ context.get("/v") }}\r\n', { '/v': 'x' }).text).toBe('#!/bin/bash\necho x');
  });

  test('that are not UTF-8 are an error', () => {
    const error = errorOf({ 'main.sh.j2': Buffer.from([0x61, 0xff, 0x62]) });
    expect(error.code).toBe('UnreadableTemplate');
    expect(error.message).toMatch(/main\.sh\.j2: the file is not UTF-8/);
    const included = errorOf({ 'main.sh.j2': '\n{% include "part.sh.j2" %}', 'part.sh.j2': Buffer.from([0xff]) });
    expect(included).toMatchObject({ code: 'UnreadableTemplate', template: 'main.sh.j2', line: 2 });
    expect(included.message).toMatch(/part\.sh\.j2: the file is not UTF-8/);
  });

  test('may be very large', () => {
    const line = 'echo "{ not a tag }" ${#array[@]} {{ context.get("/v") }}\n';
    const { text } = render(line.repeat(20_000) + '{% for i in range(50000) %}x{% endfor %}', { '/v': 'value' });
    expect(text.length).toBe('echo "{ not a tag }" ${#array[@]} value\n'.length * 20_000 + 50_000);
    const branches = Array.from({ length: 3000 }, (_, index) => `{% elif context.get("/n") == ${index} %}branch ${index}`).join('');
    expect(render(`{% if false %}${branches}{% endif %}`, { '/n': 2999 }).text).toBe('branch 2999');
    expect(render(`{{ ${Array.from({ length: 3000 }, () => '"a"').join(' ~ ')} }}`).text).toBe('a'.repeat(3000));
    expect(render(`x='{{ context.get("/v") }}'`, { '/v': 'é'.repeat(1_000_000) }).text.length).toBe(1_000_004);
  });

  test('that nest without an end are an error', () => {
    expect(errorOf({ 'main.sh.j2': '{% include "main.sh.j2" %}' })).toMatchObject({
      code: 'TooDeep',
      template: 'main.sh.j2',
      line: 1,
      remedy: 'look for a template that includes itself, or a macro that calls itself, without an end',
    });
    expect(errorOf('{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}').code).toBe('TooDeep');
    expect(errorOf(`{{ ${'('.repeat(5000)}1${')'.repeat(5000)} }}`).code).toBe('TemplateSyntax');
    expect(errorOf('{% if 1 %}'.repeat(3000)).code).toBe('TemplateSyntax');
    for (const count of [3000, 50_000])
      expect(errorOf(`\n{{ x${'[0]'.repeat(count)} }}`)).toMatchObject({ code: 'TemplateSyntax', template: 'main.sh.j2', line: 2 });
  });

  test('that include 300 others in each other are rendered', () => {
    const templates: Record<string, string> = { 'main.sh.j2': '{% include "0" %}', 300: 'end' };
    for (let index = 0; index < 300; index++) templates[index] = `{% if true %}{% include "${index + 1}" %}{% endif %}`;
    expect(render(templates).text).toBe('end');
  });

  test('with long white space take no time', () => {
    const text = ' '.repeat(200_000);
    const started = performance.now();
    expect(render(`a${text}b${text}{%- if true %}c${text}d{% endif %}${text}{#- -#}`).text).toBe(`a${text}bc${text}d`);
    expect(performance.now() - started).toBeLessThan(10_000);
  });
});

describe('text of shells', () => {
  test('the length of an array does not open a comment', () => {
    expect(render('for i in ${#a[@]} ${#b}; do :; done # {# gone #}').text).toBe('for i in ${#a[@]} ${#b}; do :; done # ');
  });

  test('without escaping Jinja2 is followed, where it does not fail', () => {
    expect(render('n=${#a[@]}', {}, { escaping: 'none' }).text).toBe('n=${#a[@]}');
    expect(render('n=${#a[@]} #} x', {}, { escaping: 'none' }).text).toBe('n=$ x');
    expect(render('n=${#a[@]} #} x', {}, { escaping: 'none', shellLengthIsText: true }).text).toBe('n=${#a[@]} #} x');
    expect(errorOf('n=${#', {}, { escaping: 'none' }).message).toMatch(/a comment '\{#' is never closed/);
    expect(errorOf('n=${#a[@]}{# never closed', {}).message).toMatch(/a comment '\{#' is never closed/);
  });

  test('double braces of awk are an error that says what to do, and can be written', () => {
    const error = errorOf("echo\nawk '{{print $1}}' file");
    expect(error).toMatchObject({ code: 'TemplateSyntax', template: 'main.sh.j2', line: 2 });
    expect(error.remedy).toContain('{% raw %}');
    expect(render("{% raw %}awk '{{print $1}}' ${#a}{% endraw %} '{ print $1 }'").text).toBe("awk '{{print $1}}' ${#a} '{ print $1 }'");
  });
});

describe('errors', () => {
  test('inside an include come at once, with the place in the included template', () => {
    for (const [source, line] of [
      ['ok\n{% if %}', 2],
      ['\n\n{{ 1 + }}', 3],
      ['{% set a.b.c = 1 %}', 1],
      ['{% nosuchtag %}', 1],
      ['a\n{{ x | nosuchfilter }}', 2],
      ['{{ 1 is nosuchtest }}', 1],
      ['{% for x in [1] %}', 1],
      ['{{ "abc" }', 1],
      ['{% include "none.sh.j2" %}', 1],
      ['{{ none.x }}', 1],
      ['{% macro m(a=1, b) %}{% endmacro %}', 1],
    ] as const) {
      const templates = { 'main.sh.j2': 'A{% if true %}[{% include "part.sh.j2" %}]{% endif %}Z', 'part.sh.j2': source };
      expect(errorOf(templates)).toMatchObject({ template: 'part.sh.j2', line });
    }
  });

  test('name the line of the expression, also in text of several lines', () => {
    const source = '{% set table = {\n  "a": 1,\n  "b": nobody.upper(),\n} %}';
    expect(errorOf(source)).toMatchObject({ code: 'UndefinedValue', line: 3 });
    expect(errorOf('{% macro m() %}\n\n{{ [1] + 0 }}{% endmacro %}\n\n\n{{ m() }}')).toMatchObject({ line: 3 });
    expect(errorOf('{% macro m() %}x{% endmacro %}\n\n{{ m() }}{{ [1] + 0 }}')).toMatchObject({ line: 3 });
    expect(errorOf('{% for i in [1] %}\n{% if true %}\n{% endif %}{{ [] | first }}\n{% endfor %}')).toMatchObject({ line: 3 });
    expect(errorOf('{% if false %}\n{% elif [1] + 0 %}{% endif %}')).toMatchObject({ line: 2 });
  });

  test.each<[string, string, RegExp]>([
    ['TemplateSyntax', '{% if true %}', /\{% if %\} is never closed: expected .*\{% endif %\}/],
    [
      'TemplateSyntax',
      '{% for x in [1] %}{% endif %}',
      /unknown tag 'endif'; expected one of \{% endfor %\}, \{% else %\} for the \{% for %\} of line 1/,
    ],
    ['NotSupported', '{% for x in [1] %}{% break %}{% endfor %}', /{% break %} is not part of the dialect.*use \{% for \.\. if \.\. %\}/],
    ['TemplateSyntax', '{{ a b }}', /expected '\}\}', got 'b'/],
    ['TemplateSyntax', '{{ "abc }}', /a string is never closed/],
    ['TemplateSyntax', '{{ x', /'\{\{' is never closed/],
    ['TemplateSyntax', '{% raw %}', /\{% raw %\} is never closed/],
    ['TemplateSyntax', '{% set none = 1 %}', /only names/],
    ['NotSupported', '{% autoescape false %}{% endautoescape %}', /autoescape/],
    ['NotSupported', '{{ "a" | format }}', /the filter 'format' is not part of the dialect; join the texts with ~/],
    ['NotSupported', '{{ "a" | random }}', /the filter 'random' is not part of the dialect; there are count, d, default/],
    ['NotSupported', '{{ "a" | wordwrap }}', /wordwrap/],
    ['NotSupported', '{{ "a".encode() }}', /the method 'encode' is not part of the dialect/],
    ['NotSupported', '{{ "".__class__ }}', /__class__/],
    ['NotSupported', '{{ {}.items() }}', /make a list of it first/],
    ['UndefinedValue', '{{ range }}', /'range' is undefined/],
    ['NotSupported', '{{ lipsum() }}', /lipsum/],
    ['NotSupported', '{{ "\\N{DASH}" }}', /^$/],
    ['NotSupported', '{{ 1 + "a" }}', /int \+ str is not part of the dialect/],
    ['NotSupported', '{{ none > 1 }}', /the order of int and NoneType is not part of the dialect/],
    ['NotSupported', '{{ "a" "b" }}', /a text beside another expression is not part of the dialect; join them with ~/],
    ['NotSupported', '{% if 1 %}{% elseif 2 %}{% endif %}', /\{% elseif %\} is not part of the dialect; write elif/],
    ['NotSupported', '{{ 5() }}', /a call of this expression is not part of the dialect/],
    ['TypeMismatch', '{% for x in 5 %}{% endfor %}', /'int' object is not iterable/],
    ['NotSupported', '{{ {[]: 1} }}', /a list as the key of a dictionary/],
    ['NotSupported', '{{ [] in {}.keys() }}', /a list as the key of a dictionary/],
    ['NotSupported', '{{ [1] + 0 }}', /list \+ int is not part of the dialect/],
    ['TypeMismatch', '{{ "b".startswith(("a", 1)) }}', /text is needed with startswith, not tuple/],
    ['TypeMismatch', '{% include [1] %}', /the name of a template must be text, not int/],
    ['UndefinedValue', '{{ [1][missing] }}', /'missing' is undefined/],
    ['UndefinedValue', '{% include [missing, "main.sh.j2"] %}', /'missing' is undefined/],
    ['UndefinedValue', '{{ missing | last }}', /'missing' is undefined/],
    ['TemplateSyntax', '{% for a, in [(1,)] %}{% endfor %}', /expected 'in'/],
    ['NotSupported', '{{ x and 1 | nosuch }}', /the filter 'nosuch' is not part of the dialect/],
    ['InvalidValue', '{% for a, b in [[1]] %}{% endfor %}', /there are 1 values to take apart, and 2 names/],
    ['NotSupported', '{% if 1 is nosuch %}{% endif %}', /the test 'nosuch' is not part of the dialect/],
  ])('%s: %s', (code, source, message) => {
    const error = errorOf(source);
    if (source.includes('\\N{')) {
      expect(error.template).toBe('main.sh.j2');
      return;
    }
    expect(error).toMatchObject({ code, template: 'main.sh.j2', line: 1 });
    expect(error.message).toMatch(message);
    expect(error.remedy).not.toBe('');
  });

  test.each<[string, Record<string, string>, string, number]>([
    ['in the entry', { 'main.sh.j2': 'echo {{ 1 }}\n\necho "open' }, 'main.sh.j2', 3],
    [
      'in an include, between values of the entry',
      { 'main.sh.j2': 'echo {{ 1 }}\n{% include "part.sh.j2" %}\necho {{ 2 }}', 'part.sh.j2': '\n\ncat <<X | tr $(cat <<Y\nX\n)\n' },
      'part.sh.j2',
      3,
    ],
    ['behind whitespace control', { 'main.sh.j2': 'echo {{ 1 }}\n{% if true -%}\n\n  echo\n)\n{%- endif %}' }, 'main.sh.j2', 5],
    ['behind a value on its line', { 'main.sh.j2': '\necho {{ 1 }} {{ 2 }} )\n' }, 'main.sh.j2', 2],
    ['behind a raw block', { 'main.sh.j2': '{{ 1 }}\n{% raw %}\n\n)\n{% endraw %}\n' }, 'main.sh.j2', 4],
    [
      'in rendered text, where it is printed',
      { 'main.sh.j2': '{% macro m(v) %}\n\necho {{ v }} )\n{% endmacro %}\n\n{{ m(1) }}' },
      'main.sh.j2',
      6,
    ],
    ['in safe text', { 'main.sh.j2': '{{ 1 }}\n\n{{ ")" | safe }}' }, 'main.sh.j2', 3],
    ['in joined text', { 'main.sh.j2': '{{ 1 }}\n\n{{ (")" | safe) ~ 1 }}' }, 'main.sh.j2', 3],
    ['at the end', { 'main.sh.j2': 'echo {{ 1 }}\n{% include "part.sh.j2" %}', 'part.sh.j2': 'a\nx=$(' }, 'part.sh.j2', 2],
  ])('about the text of a script name its template and line: %s', (_, templates, template, line) => {
    const error = errorOf(templates);
    expect(error).toMatchObject({ template, line });
    expect(error.message).toMatch(/line \d+ of the rendered script/);
  });

  test('a renderer works on after an error', () => {
    const folder = writeFiles({
      'bad.sh.j2': '{% set x %}{{ nobody }}{% endset %}',
      'good.sh.j2': '{% set x %}{% include "part.sh.j2" %}{% endset %}{{ x }}{% include "part.sh.j2" %}',
      'part.sh.j2': 'p',
    });
    const renderer = new TemplateRenderer({ searchPaths: [folder] });
    expect(() => renderer.render('bad.sh.j2', {})).toThrow(/'nobody' is undefined/);
    expect(() => renderer.render('bad.sh.j2', {})).toThrow(/'nobody' is undefined/);
    expect(renderer.render('good.sh.j2', {}).text).toBe('pp');
  });
});
