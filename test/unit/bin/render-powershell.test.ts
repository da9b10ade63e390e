import * as fs from 'fs';
import * as path from 'path';
import { main } from '../../../bin/cluster-nodes';
import { describePowerShell, powerShell } from '../../powershell';
import { commandWorld } from './command-output';

const world = commandWorld();
const { output } = world;
const { PATH } = process.env;
afterEach(() => {
  process.env.PATH = PATH;
});

const overlay = (text: string) => {
  const file = path.join(world.folder, 'overlay/windows_virtual_desktop/setup_user_customization.ps.j2');
  fs.mkdirSync(path.dirname(file), { recursive: true });
  fs.writeFileSync(file, text);
  return path.join(world.folder, 'overlay');
};
const render = (...args: string[]) =>
  main(['render', '--os', 'windows2022', '--node-type', 'dcv_node', '--out', path.join(world.folder, 'out'), ...args]);

/** A `pwsh` that is this script, in front of PATH. */
const withProgram = (text: string) => {
  const file = path.join(world.folder, 'programs', 'pwsh');
  fs.mkdirSync(path.dirname(file));
  fs.writeFileSync(file, `#!/bin/sh\n${text}\n`, { mode: 0o755 });
  process.env.PATH = `${path.dirname(file)}:${PATH}`;
};

describe('without PowerShell', () => {
  test('scripts are written as they are, without a word', async () => {
    process.env.PATH = '/nowhere';
    expect(await render('--overlay', overlay('if ($true) {\n'))).toBe(0);
    expect(output.stderr).toBe('');
  });

  test('one that does not work is a warning', async () => {
    withProgram('echo broken >&2; exit 3');
    expect(await render()).toBe(0);
    expect(output.stderr).toBe('cluster-nodes: warning: the PowerShell scripts were not parsed: broken\n');
  });

  test('none is started for Linux', async () => {
    withProgram('exit 3');
    expect(await main(['render', '--os', 'rhel9', '--node-type', 'login_node', '--out', path.join(world.folder, 'out')])).toBe(0);
    expect(output.stderr).toBe('');
  });
});

describePowerShell('with PowerShell in PATH', () => {
  beforeEach(() => {
    process.env.PATH = `${path.dirname(powerShell())}:${PATH}`;
  });

  test('the scripts of the library and UserData are written', async () => {
    expect(await render()).toBe(0);
    expect(output.stderr).toBe('');
    expect(fs.existsSync(path.join(world.folder, 'out/user_data.ps1'))).toBe(true);
  });

  test('a broken script is told with file, line and text, and nothing is written', async () => {
    expect(await render('--overlay', overlay("Write-Output 'ä'\nif ($true) {\n  Get-Date\n"))).toBe(1);
    expect(output.stderr).toMatch(
      /^cluster-nodes: expected scripts that PowerShell can read, got bundle\/setup_user_customization\.ps1:2: Missing closing '\}' .* \(if \(\$true\) \{\)\n$/,
    );
    expect(fs.existsSync(path.join(world.folder, 'out'))).toBe(false);
  });
});
