import * as fs from 'fs';
import * as path from 'path';
import { main } from '../../../bin/cluster-nodes';
import { commandWorld } from './command-output';

const world = commandWorld();
const { output } = world;

function file(name: string, content: string): string {
  const target = path.join(world.folder, name);
  fs.mkdirSync(path.dirname(target), { recursive: true });
  fs.writeFileSync(target, content);
  return target;
}

const run = (...args: string[]) => main(['render-template', '--search', path.join(world.folder, 'templates'), ...args]);
const inFolder = (name: string) => path.join(world.folder, name);

describe('one template', () => {
  test('is printed as it is, with its includes and the context, and nothing else', async () => {
    file('templates/main.sh.j2', '{% include "part.sh.j2" %}\necho {{ context.get("/name") }}\n');
    file(
      'templates/part.sh.j2',
      '{% set _ = ns.template_already_included.append("part") %}# {{ ns.template_already_included | length }}\n',
    );
    const context = file('context.json', '{"/name": "a \'b\'"}');
    expect(await run('--template', 'main.sh.j2', '--context', context)).toBe(0);
    expect(output).toEqual({ stdout: `# 1\necho 'a '"'"'b'"'"`, stderr: '' });
  });

  test('the first folder that has it wins', async () => {
    file('templates/main.sh.j2', 'echo first\n');
    file('more/main.sh.j2', 'echo second\n');
    file('more/other.sh.j2', 'echo other\n');
    expect(await run('--search', inFolder('more'), '--template', 'main.sh.j2')).toBe(0);
    expect(await run('--search', inFolder('more'), '--template', 'other.sh.j2')).toBe(0);
    expect(output.stdout).toBe('echo firstecho other');
  });

  test('without escaping and with missing keys it is what Jinja2 prints', async () => {
    file('templates/main.sh.j2', '{{ context.get("/a") }} {{ context.get("/b") }} {{ context.get("/c") }} {{ context.get("/d") }}\n');
    const context = file('context.json', '{"/a": 1.0, "/b": [true, null, "x"], "/c": 12345678901234567890}');
    expect(await run('--template', 'main.sh.j2', '--context', context, '--escaping', 'none', '--missing', 'none')).toBe(0);
    expect(output.stdout).toBe("1.0 [True, None, 'x'] 12345678901234567890 None");
  });

  test('keys can be added, also with = in the value', async () => {
    file('templates/main.sh.j2', 'echo {{ context.get("/a") }} {{ context.get("/b") }}\n');
    expect(await run('--template', 'main.sh.j2', '--add', '/a=x=y', '--add', '/b=')).toBe(0);
    expect(output.stdout).toBe("echo 'x=y' ''");
  });
});

describe('a batch', () => {
  beforeEach(() => {
    file('templates/good.sh.j2', 'echo {{ context.get("/name") }} {{ ns.template_already_included | length }}\n');
    file('templates/bad.sh.j2', '{{ context.get("/nmae") }}\n');
  });

  const batch = (jobs: unknown) => run('--batch', file('jobs.json', JSON.stringify(jobs)));

  test('writes every job, with its folders and its own context', async () => {
    const context = file('two.json', '{"/name": "two"}');
    const jobs = [
      { template: 'good.sh.j2', context: { '/name': 'one' }, out: inFolder('out/deep/one.sh') },
      { template: 'good.sh.j2', context, out: inFolder('out/two.sh') },
    ];
    expect(await batch(jobs)).toBe(0);
    expect(output).toEqual({ stdout: '', stderr: '' });
    expect(fs.readFileSync(inFolder('out/deep/one.sh'), 'utf8')).toBe('echo one 0');
    expect(fs.readFileSync(inFolder('out/two.sh'), 'utf8')).toBe('echo two 0');
  });

  test('writes the others when jobs fail, and reports each', async () => {
    const jobs = [
      { template: 'bad.sh.j2', context: { '/name': 'x' }, out: inFolder('out/bad.sh') },
      { template: 'good.sh.j2', context: { '/name': 'x' }, out: inFolder('out/good.sh') },
      { template: 'none.sh.j2', context: {}, out: inFolder('out/none.sh') },
      { template: 'good.sh.j2', context: [], out: inFolder('out/list.sh') },
      { template: 'good.sh.j2', context: {} },
      'text',
      { template: 'good.sh.j2', out: inFolder('out/none.sh') },
      { template: 'good.sh.j2', context: {}, out: '' },
    ];
    expect(await batch(jobs)).toBe(1);
    expect(fs.readdirSync(inFolder('out'))).toEqual(['good.sh']);
    expect(output.stderr.trimEnd().split('\n')).toEqual([
      expect.stringMatching(/^cluster-nodes: job 1: bad\.sh\.j2:1: .*\/nmae.*\/name/),
      expect.stringMatching(/^cluster-nodes: job 3: .*none\.sh\.j2/),
      'cluster-nodes: job 4: expected an object of keys and values in context, got a list',
      'cluster-nodes: job 5: expected text in out, got nothing',
      'cluster-nodes: job 6: expected an object with template, context and out, got text',
      'cluster-nodes: job 7: expected an object of keys and values in context, got nothing',
      'cluster-nodes: job 8: expected text in out, got an empty one',
      'cluster-nodes: 7 of 8 jobs failed',
    ]);
  });
});

describe('a batch writes over nothing', () => {
  const batch = (...jobs: unknown[]) => run('--batch', file('jobs.json', JSON.stringify(jobs)));
  const job = { template: 'a.sh.j2', context: { '/x': 'new' }, out: '' };
  beforeEach(() => {
    file('templates/a.sh.j2', 'echo {{ context.get("/x") }}');
  });

  test('of another job, by whatever path', async () => {
    fs.mkdirSync(inFolder('out'));
    fs.symlinkSync('out', inFolder('link'));
    const other = { ...job, context: { '/x': 'other' } };
    expect(
      await batch({ ...job, out: inFolder('out/a') }, { ...other, out: inFolder('out/../out/a') }, { ...other, out: inFolder('link/a') }),
    ).toBe(1);
    expect(fs.readFileSync(inFolder('out/a'), 'utf8')).toBe('echo new');
    expect(output.stderr).toMatch(/job 2: expected an out of its own, got .*, which job 1 has written\n.*job 3: .*which job 1 has written/);
  });

  test('that it renders from', async () => {
    expect(await batch({ ...job, out: inFolder('templates/a.sh.j2') })).toBe(1);
    expect(fs.readFileSync(inFolder('templates/a.sh.j2'), 'utf8')).toBe('echo {{ context.get("/x") }}');
    expect(output.stderr).toMatch(/job 1: expected a file in out that is no template/);
  });

  test('in part: a file is replaced as a whole, with its mode, and a link is followed', async () => {
    fs.chmodSync(file('out/a', 'old'), 0o750);
    fs.symlinkSync('a', inFolder('out/link'));
    const before = fs.openSync(inFolder('out/a'), 'r');
    expect(await batch({ ...job, out: inFolder('out/link') })).toBe(0);
    // What reads the old file goes on reading it: nothing was cut under its feet.
    expect(fs.readFileSync(before, 'utf8')).toBe('old');
    fs.closeSync(before);
    expect(fs.readFileSync(inFolder('out/a'), 'utf8')).toBe('echo new');
    expect(fs.statSync(inFolder('out/a')).mode & 0o777).toBe(0o750);
    expect(fs.readdirSync(inFolder('out')).sort()).toEqual(['a', 'link']);
  });

  test('when it cannot write', async () => {
    file('out', 'a file');
    fs.mkdirSync(inFolder('folder'));
    expect(await batch({ ...job, out: inFolder('out/a') }, { ...job, out: inFolder('folder') })).toBe(1);
    expect(output.stderr).toMatch(
      /job 1: expected a file that can be written, got .*out\/a: .*\n.*job 2: expected a file that can be written/,
    );
    expect(fs.readdirSync(inFolder('folder'))).toEqual([]);
    expect(fs.readdirSync(world.folder).sort()).toEqual(['folder', 'jobs.json', 'out', 'templates']);
  });
});

test.each([
  ['a context that is not UTF-8', Buffer.from([0x7b, 0x22, 0x61, 0x22, 0x3a, 0x22, 0xe9, 0x22, 0x7d]), /text that is not UTF-8/],
  ['half of a surrogate pair', Buffer.from('{"/x": "\\ud800"}'), /half of a surrogate pair/],
])('%s is an error and prints nothing', async (_, bytes, message) => {
  file('templates/a.sh.j2', 'echo {{ context.get("/x") }}');
  file('context.json', '');
  fs.writeFileSync(inFolder('context.json'), bytes);
  expect(await run('--template', 'a.sh.j2', '--context', inFolder('context.json'), '--escaping', 'none', '--missing', 'none')).toBe(1);
  expect(output.stdout).toBe('');
  expect(output.stderr).toMatch(message);
});

test.each<[string, string[], number, RegExp]>([
  ['neither template nor batch', [], 2, /either --template or --batch/],
  ['both', ['--template', 'a', '--batch', 'b'], 2, /either --template or --batch/],
  ['a context for a batch', ['--batch', 'b', '--context', 'c'], 2, /no --context with --batch/],
  ['an addition without a value', ['--template', 'a', '--add', 'x'], 2, /Expected KEY=VALUE/],
  ['an escaping that is none', ['--template', 'a', '--escaping', 'html'], 2, /Allowed choices are contextual, none/],
  ['a folder that is not there', ['--template', 'a', '--search', '/nowhere'], 2, /got \/nowhere, which is none/],
  ['a context that is not there', ['--template', 'a', '--context', '/nowhere'], 2, /got \/nowhere, which cannot be read/],
  ['a template that is not there', ['--template', 'none.sh.j2'], 2, /none\.sh\.j2/],
])('%s', async (_, args, status, message) => {
  file('templates/a', '');
  expect(await run(...args)).toBe(status);
  expect(output.stderr).toMatch(message);
  expect(output.stdout).toBe('');
});

test.each([
  ['broken JSON', '{\n"a": }', /expected JSON in .*, line 2: /],
  ['a list', '[]', /expected an object of keys and values in .*, got a list/],
])('%s as the context', async (_, content, message) => {
  file('templates/a.sh.j2', '');
  expect(await run('--template', 'a.sh.j2', '--context', file('context.json', content))).toBe(1);
  expect(output.stderr).toMatch(message);
});

test('no folder with templates', async () => {
  expect(await main(['render-template', '--template', 'a'])).toBe(2);
  expect(output.stderr).toMatch(/folder with templates in --search/);
});

describe('a script that is none', () => {
  test('is an error with template and line, in a batch one of its job', async () => {
    file('templates/main.sh.j2', ':\n{% include "part.sh.j2" %}\n');
    file('templates/part.sh.j2', 'main() {\n}\n');
    expect(await run('--template', 'main.sh.j2')).toBe(1);
    expect(output.stdout).toBe('');
    expect(output.stderr).toMatch(/^cluster-nodes: part\.sh\.j2:1: bash cannot read this: expected command in brace group /);
    const jobs = [{ template: 'main.sh.j2', context: {}, out: inFolder('out/main.sh') }];
    expect(await run('--batch', file('jobs.json', JSON.stringify(jobs)))).toBe(1);
    expect(fs.existsSync(inFolder('out/main.sh'))).toBe(false);
  });

  test('is none of its business without escaping, nor in a text', async () => {
    file('templates/main.sh.j2', 'main() {\n}\n');
    file('templates/main.txt.j2', 'main() {\n}\n');
    expect(await run('--template', 'main.sh.j2', '--escaping', 'none')).toBe(0);
    expect(await run('--template', 'main.txt.j2')).toBe(0);
    expect(output).toEqual({ stdout: 'main() {\n}main() {\n}', stderr: '' });
  });

  test('to the parser alone is printed, with a warning', async () => {
    file('templates/main.sh.j2', `${'{\n'.repeat(300)}:\n${'}\n'.repeat(300)}`);
    expect(await run('--template', 'main.sh.j2')).toBe(0);
    expect(output.stdout).toMatch(/^\{\n/);
    expect(output.stderr).toMatch(/^cluster-nodes: warning: main\.sh\.j2:257: the bash here takes this, others may not: /);
  });
});
