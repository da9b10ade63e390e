import { spawn, spawnSync } from 'child_process';
import { once } from 'events';
import * as fs from 'fs';
import * as http from 'http';
import type { AddressInfo } from 'net';
import * as path from 'path';
import { main } from '../../../bin/cluster-nodes';
import { EXIT } from '../../../bin/commands/exit-status';
import { libraryVersion } from '../../../lib/library-version';
import { commandWorld } from './command-output';

const world = commandWorld();
const { output } = world;

function file(name: string, content: string): string {
  const target = path.join(world.folder, name);
  fs.mkdirSync(path.dirname(target), { recursive: true });
  fs.writeFileSync(target, content);
  return target;
}

const written = (...parts: string[]) => fs.readFileSync(path.join(world.folder, 'out', ...parts), 'utf8');
const render = (...args: string[]) => main(['render', '--out', path.join(world.folder, 'out'), ...args]);

describe('render', () => {
  test('writes what would be on a Linux node, without image and account', async () => {
    expect(await render('--os', 'rhel9', '--arch', 'arm64', '--node-type', 'dcv_node')).toBe(0);
    const userData = written('user_data.sh');
    expect(userData).toMatch(/^#!\/bin\/bash\n/);
    expect(userData).toContain(`VALUE_CONFIGURATION_REGION=${Buffer.from('us-east-1').toString('base64')}`);
    expect(userData).toContain(
      `VALUE_BOOTSTRAP_BUNDLE_BUCKET=${Buffer.from('cdk-hnb659fds-assets-111122223333-us-east-1').toString('base64')}`,
    );
    expect(fs.readdirSync(path.join(world.folder, 'out', 'bundle')).sort()).toEqual([
      'connect.sh',
      'extra',
      'runner.sh',
      'seal.sh',
      'setup.install.sh',
      'setup.sh',
      'setup_post_reboot.sh',
      'setup_user_customization.sh',
    ]);
    expect(written('bundle', 'extra', 'virtual_desktop.install.sh')).toContain(
      '90b33e27e149ad3ca2ebaf8b562c86ba9115c8c282e5d87bd75cfb8ba3054419',
    );
    expect(output.stdout).toMatch(/user_data\.sh\n.*runner\.sh\n/);
    expect(output.stderr).toBe('');
  });

  test('writes PowerShell for Windows', async () => {
    expect(await render('--os', 'windows2022', '--node-type', 'dcv_node')).toBe(0);
    expect(written('user_data.ps1')).toMatch(/^<powershell>\n/);
    expect(written('bundle', 'setup.ps1')).toContain("$ErrorActionPreference = 'Stop'");
  });

  test('takes templates from an overlay and values from a context file', async () => {
    file(
      'overlay/compute_node/setup_user_customization.sh.j2',
      'echo {{ context.get("/configuration/Mine") }} {{ context.get("/configuration/ClusterId") }}\n',
    );
    const context = file('context.json', '{"/configuration/Mine": "it\'s", "/configuration/ClusterId": "blue"}');
    expect(
      await render(
        '--os',
        'ubuntu2404',
        '--arch',
        'x86_64',
        '--node-type',
        'login_node',
        '--overlay',
        path.join(world.folder, 'overlay'),
        '--context',
        context,
      ),
    ).toBe(0);
    expect(written('bundle', 'setup_user_customization.sh')).toBe(`echo 'it'"'"'s' blue\n`);
  });

  test.each([
    ['render', '--os', 'ubuntu2404', '--node-type', 'login_node', '--out'],
    ['budget', '--os', 'ubuntu2404', '--node-type', 'login_node', '--context'],
  ])('%s tells which files of the overlay have no effect', async (...args) => {
    file('overlay/compute_node/setup_user_customization.sh', 'true\n');
    file('overlay/windows_virtual_desktop/setup.ps.j2', '$true\n');
    const last = args.at(-1) === '--out' ? path.join(world.folder, 'out') : file('context.json', '{}');
    expect(await main([...args, last, '--overlay', path.join(world.folder, 'overlay')])).toBe(0);
    expect(output.stderr).toMatch(
      /^cluster-nodes: warning: \S+setup_user_customization\.sh has no effect: .*did you mean compute_node\/setup_user_customization\.sh\.j2.*\n$/,
    );
  });

  test('leaves no file of an earlier node behind', async () => {
    await render('--os', 'ubuntu2404', '--node-type', 'dcv_node');
    await render('--os', 'ubuntu2404', '--node-type', 'compute_node');
    expect(fs.existsSync(path.join(world.folder, 'out', 'bundle', 'extra'))).toBe(false);
  });

  test('writes nothing when a template is wrong', async () => {
    file('overlay/compute_node/setup_user_customization.sh.j2', '{{ context.get("/configuration/ClusterID") }}\n');
    expect(await render('--os', 'ubuntu2404', '--node-type', 'dcv_node', '--overlay', path.join(world.folder, 'overlay'))).toBe(1);
    expect(output.stderr).toMatch(/setup_user_customization\.sh\.j2:1: .*\/configuration\/ClusterId/);
    expect(fs.existsSync(path.join(world.folder, 'out'))).toBe(false);
  });
});

test('budget prints the sizes of every kind of node', async () => {
  expect(await main(['budget'])).toBe(0);
  const lines = output.stdout.trimEnd().split('\n');
  expect(lines).toHaveLength(1 + 51);
  expect(lines[0]).toMatch(/^OS +Arch +Node type +UserData +Worst case +Bundle$/);
  expect(lines).toContainEqual(expect.stringMatching(/^windows2022 +x86_64 +dcv_node +[\d,]+ +[\d,]+ +[\d,]+$/));
});

test('budget in JSON, of the kinds asked for', async () => {
  expect(await main(['budget', '--os', 'rocky8', '--arch', 'arm64', '--node-type', 'dcv_node', '--json'])).toBe(0);
  expect(JSON.parse(output.stdout)).toEqual([
    {
      os: 'rocky8',
      arch: 'arm64',
      nodeType: 'dcv_node',
      userDataBytes: expect.any(Number) as number,
      userDataWorstCaseBytes: expect.any(Number) as number,
      bundleBytes: expect.any(Number) as number,
    },
  ]);
});

describe('exit status and messages', () => {
  test.each<[string, string[], number, RegExp]>([
    ['no system', ['render', '--node-type', 'dcv_node', '--out', 'x'], 2, /required option '--os <name>' not specified/],
    ['a system that is none', ['render', '--os', 'beos', '--node-type', 'dcv_node', '--out', 'x'], 2, /Expected one of amazonlinux2, /],
    [
      'an architecture that is none',
      ['render', '--os', 'rhel9', '--arch', 'mips', '--node-type', 'dcv_node', '--out', 'x'],
      2,
      /Allowed choices are arm64, x86_64/,
    ],
    [
      'a login node on Windows',
      ['render', '--os', 'windows2022', '--node-type', 'login_node', '--out', 'x'],
      2,
      /expected node type dcv_node on windows2022, got login_node/,
    ],
    [
      'Windows on arm64',
      ['render', '--os', 'windows2022', '--arch', 'arm64', '--node-type', 'dcv_node', '--out', 'x'],
      2,
      /architecture of windows2022 \(x86_64\), got arm64/,
    ],
    [
      'an overlay that is not there',
      ['render', '--os', 'rhel9', '--node-type', 'dcv_node', '--out', 'x', '--overlay', '/nowhere'],
      2,
      /got \/nowhere, which is not a folder/,
    ],
    [
      'a context file that is not there',
      ['render', '--os', 'rhel9', '--node-type', 'dcv_node', '--out', 'x', '--context', '/nowhere'],
      2,
      /got \/nowhere, which cannot be read/,
    ],
    ['a command that is none', ['rendr'], 2, /unknown command 'rendr'/],
    ['an option that is none', ['budget', '--colour'], 2, /unknown option '--colour'/],
    ['a kind of node that is none', ['budget', '--os', 'windows2022', '--arch', 'arm64'], 2, /expected a kind of node that exists/],
  ])('%s', async (_, args, status, message) => {
    expect(await main(args)).toBe(status);
    expect(output.stderr).toMatch(message);
    expect(output.stderr).toMatch(/^cluster-nodes: /);
    expect(output.stdout).toBe('');
  });

  test('the help has the table, and the documentation the same', async () => {
    expect(await main(['--help'])).toBe(0);
    const rows = [...output.stdout.matchAll(/^ {2}(\d+) +(.*)$/gm)].map(([, status, text]) => [status, text]);
    expect(rows.map(([status]) => Number(status))).toEqual([...Object.values(EXIT), 130]);
    const documented = fs.readFileSync(path.join(__dirname, '..', '..', '..', 'docs', 'sessions.md'), 'utf8');
    expect([...documented.matchAll(/^\| (\d+) +\| (.*?) +\|$/gm)].map(([, status, text]) => [status, text])).toEqual(rows);
  });

  test.each([
    ['text', 'nonsense', /expected JSON in/],
    ['a list', '[]', /expected an object of context keys and values in .*, got a list/],
  ])('a context file with %s', async (_, content, message) => {
    expect(await render('--os', 'rhel9', '--node-type', 'dcv_node', '--context', file('context.json', content))).toBe(1);
    expect(output.stderr).toMatch(message);
  });

  test('help and version are no errors', async () => {
    expect(await main(['--help'])).toBe(0);
    expect(output.stdout).toMatch(/render .*\n.*render-template .*\n.*budget .*\n.*session /s);
    expect(await main(['render', '--help'])).toBe(0);
    expect(output.stdout).toMatch(/Examples:\n {2}cluster-nodes render --os ubuntu2404/);
    expect(await main(['--version'])).toBe(0);
    expect(output.stdout).toMatch(/\d+\.\d+\.\d+\n$/);
  });
});

test('runs as a program, from the sources of a checkout, with the status of main', () => {
  const program = path.join(__dirname, '..', '..', '..', 'bin', 'cluster-nodes.cjs');
  const run = (environment: NodeJS.ProcessEnv, ...args: string[]) =>
    spawnSync(process.execPath, [program, ...args], { encoding: 'utf8', env: { ...process.env, ...environment } });
  expect(run({}, '--version')).toMatchObject({ status: 0, stdout: `${libraryVersion()}\n` });
  const wrong = run({}, 'render-template');
  expect([wrong.status, wrong.stderr]).toEqual([2, 'cluster-nodes: expected a folder with templates in --search\n']);
  // The SDK has warnings, of Node.js 20 and of two sources of credentials among them, that are not what the command says.
  const nowhere = { AWS_ACCESS_KEY_ID: 'a', AWS_SECRET_ACCESS_KEY: 'b', AWS_PROFILE: 'no-such', AWS_CONFIG_FILE: '/nowhere' };
  const refused = run(nowhere, 'session', 'show', 'a', '--cluster-id', 'demo', '--region', 'eu-west-1');
  expect(refused.stderr).toMatch(/^cluster-nodes: the AWS profile no-such \(AWS_PROFILE\) is neither in \/nowhere nor in .*\n$/);
  expect(refused.status).toBe(2);
}, 60_000);

test('without the CDK the commands for desktops and templates work, and the others say what they need', () => {
  const program = path.join(__dirname, '..', '..', '..', 'bin', 'cluster-nodes.cjs');
  const hook = file(
    'without-cdk.cjs',
    `const Module = require('module');
    const load = Module._load;
    Module._load = function (request, ...rest) {
      if (/^(aws-cdk-lib|constructs)([/]|$)/.test(request)) {
        throw Object.assign(new Error("Cannot find module '" + request + "'"), { code: 'MODULE_NOT_FOUND' });
      }
      return load.call(this, request, ...rest);
    };`,
  );
  const run = (...args: string[]) => spawnSync(process.execPath, ['-r', hook, program, ...args], { encoding: 'utf8' });
  const refused = run(
    'session',
    'request',
    '--cluster-id',
    'demo',
    '--timeout-minutes',
    '3',
    ...'--launch-template-id lt-0123456789abcdef0 --launch-template-version 1 --subnet-id subnet-0123456789abcdef0 --owner alice'.split(
      ' ',
    ),
  );
  expect(refused.stderr).toMatch(
    /^cluster-nodes: .*readinessTimeout must be whole seconds from 5 minutes to 12 hours, but got 180 seconds/,
  );
  const rendered = run(
    'render-template',
    '--search',
    path.dirname(file('a/a.sh.j2', 'echo {{ context.get("x") }}')),
    '--template',
    'a.sh.j2',
    '--add',
    'x=1 2',
  );
  expect(rendered).toMatchObject({ status: 0, stdout: "echo '1 2'" });
  const needs = 'needs the npm packages aws-cdk-lib and constructs';
  expect(run('render', '--os', 'rhel9')).toMatchObject({
    status: 1,
    stderr: `cluster-nodes: render ${needs}, which are not installed; run: npm install aws-cdk-lib constructs\n`,
  });
  expect(run('--help').stdout).toMatch(new RegExp(`^  budget +${needs}$`, 'm'));
}, 60_000);

test('an interruption is told, and ends the program by its signal', async () => {
  const silent = http.createServer(() => undefined).listen(0, '127.0.0.1');
  await once(silent, 'listening');
  const AWS_ENDPOINT_URL = `http://127.0.0.1:${(silent.address() as AddressInfo).port}`;
  const args = ['session', 'wait', 'a', '--cluster-id', 'demo', '--region', 'eu-west-1'];
  const env = { ...process.env, AWS_ENDPOINT_URL, AWS_ACCESS_KEY_ID: 'a', AWS_SECRET_ACCESS_KEY: 'b' };
  const child = spawn(process.execPath, [path.join(__dirname, '..', '..', '..', 'bin', 'cluster-nodes.cjs'), ...args], { env });
  let stderr = '';
  child.stderr.on('data', (data) => (stderr += String(data)));
  await once(silent, 'request');
  child.kill('SIGINT');
  const [status, signal] = (await once(child, 'close')) as [number | null, string | null];
  silent.closeAllConnections();
  silent.close();
  expect([status, signal, stderr]).toEqual([null, 'SIGINT', 'cluster-nodes: interrupted\n']);
}, 60_000);
