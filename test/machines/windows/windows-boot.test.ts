import { createHash } from 'crypto';
import { describePowerShell, runPesterTests } from '../../powershell';
import { renderWindows, WINDOWS_CONTEXTS } from './windows-scripts';
import { writeFiles } from '../../write-files';

const scripts = renderWindows();
const PROXY = 'windows2022 behind a proxy';
const DCV_OPTIONS = 'windows2022 with all that DCV can do';
const AUTO_LOGON = 'windows2022 without file transfer, that logs its owner on with a secret';
const PASSWORD = 'windows2022 with an owner password, stacks, packages and a file system';

const AGENTS = 'windows2022 with agents, a log group and a name, behind a proxy';
const AMD = 'windows2022 with an agent of its own, a GPU of AMD and no AWS CLI';

/** Scripts of another node, for tests of their functions. */
function inFolder(folder: string, scripts: { readonly [name: string]: string }): { [name: string]: string } {
  return Object.fromEntries(Object.entries(scripts).map(([name, text]) => [`${folder}/bootstrap/${name}`, text]));
}

/** Expects the texts to stand in a script in this order. */
function expectInOrder(script: string, texts: readonly string[]): void {
  let from = 0;
  for (const text of texts) {
    const at = script.indexOf(text, from);
    expect({ text, found: at >= 0 }).toEqual({ text, found: true });
    from = at + text.length;
  }
}

/** The text of a function, from its name to the brace in the first column. */
function functionText(script: string, name: string): string {
  const match = new RegExp(`^function ${name}\\b.*?^\\}`, 'ms').exec(script);
  expect(match).not.toBeNull();
  return match?.[0] ?? '';
}

/** The deploy-time values of a node, as stage 0 gets them. */
const VALUE_LINES = Object.entries({ CONFIGURATION_REGION: 'eu-west-1', BOOTSTRAP_BUNDLE_BUCKET: 'bucket', BOOTSTRAP_BUNDLE_KEY: 'key' })
  .map(([name, value]) => `VALUE_${name}=${Buffer.from(value).toString('base64')}`)
  .join('\n');
const BUNDLE_SHA256 = createHash('sha256').update('the bundle').digest('hex');
const ADDED_COMMANDS = Buffer.from('Write-Output \'a\u2019b\' "$(1)"\n').toString('base64');

function stage0(values: { readonly [key: string]: unknown } = {}): string {
  return renderWindows({ '/bootstrap/DeployTimeValues': VALUE_LINES, '/bootstrap/BundleSha256': BUNDLE_SHA256, ...values })[
    'user_data.ps1'
  ];
}

describePowerShell('functions of the scripts, in PowerShell', () => {
  test('behave as their tests say', () => {
    const { 'runner.ps1': runner, ...steps } = renderWindows();
    const folder = writeFiles({
      'plain.ps1': stage0(),
      'proxy.ps1': stage0(WINDOWS_CONTEXTS[PROXY]),
      'role.ps1': stage0({ '/bootstrap/SignalWith': 'role' }),
      'commands.ps1': stage0({ '/bootstrap/AddedCommands': ADDED_COMMANDS }),
      'runner.ps1': runner,
      ...Object.fromEntries(Object.entries(steps).map(([name, text]) => [`bootstrap/${name}`, text])),
      'options/extra/virtual_desktop.ps1': renderWindows(WINDOWS_CONTEXTS[DCV_OPTIONS])['extra/virtual_desktop.ps1'],
      'options/extra/virtual_desktop.install.ps1': renderWindows(WINDOWS_CONTEXTS[DCV_OPTIONS])['extra/virtual_desktop.install.ps1'],
      'secret/extra/virtual_desktop.ps1': renderWindows(WINDOWS_CONTEXTS[AUTO_LOGON])['extra/virtual_desktop.ps1'],
      ...inFolder('stacks', renderWindows(WINDOWS_CONTEXTS[PASSWORD])),
      ...inFolder('agents', renderWindows(WINDOWS_CONTEXTS[AGENTS])),
      ...inFolder('amd', renderWindows(WINDOWS_CONTEXTS[AMD])),
    });
    expect(runPesterTests(__dirname, folder)).toEqual([]);
  });
});

describe('stage 0', () => {
  test.each(Object.keys(WINDOWS_CONTEXTS))('%s: is at most 8,192 bytes without values and added commands', (name) => {
    const text = stage0({ ...WINDOWS_CONTEXTS[name], '/bootstrap/DeployTimeValues': '', '/bootstrap/AddedCommands': '0' });
    expect(Buffer.byteLength(text)).toBeLessThanOrEqual(8192);
  });

  test('never ends the process of the agent', () => {
    expect(stage0()).not.toMatch(/\bexit\b(?! code)/);
  });
});

describe('the runner', () => {
  const runner = scripts['runner.ps1'];

  test('leaves the state of another instance alone, before it takes the lock; all else ends in a result', () => {
    const main = runner.slice(runner.indexOf('# A node that was made from an image'));
    expectInOrder(main, [
      "Get-InstanceMetadata -Path 'instance-id'",
      'exit 0',
      '$RunnerLock = Open-RunnerLock',
      'exit [int][bool]$Install',
      'try {',
      'exit (Invoke-ImageInstalls)',
      'VALUE_[A-Z0-9_]+',
      'Invoke-Bootstrap',
      '} catch {',
      'Save-Failure -Reason',
      'Complete-Bootstrap',
      '} catch {',
    ]);
    expectInOrder(functionText(runner, 'Complete-Bootstrap'), ['Publish-Result', 'Invoke-AddedCommands', 'Unregister-ResumeTask']);
    expect(functionText(runner, 'Get-RemainingSeconds')).toContain('[int]7205');
  });
});

describe('stage 0 hands over', () => {
  test('to a task that runs as SYSTEM, at start-up and every minute, in normal priority, never twice', () => {
    const start = scripts['start.ps1'];
    expectInOrder(functionText(start, 'Start-Runner'), [
      'Open-RunnerLock',
      'Install-BundleFiles -Source $PSScriptRoot',
      "Write-StateFile -Name 'values'",
      '$Lock.Dispose()',
      "Register-StartupTask -Name 'ClusterNodeBootstrap'",
      "-Script 'runner.ps1' -EveryMinute",
      "Start-ScheduledTask -TaskName 'ClusterNodeBootstrap'",
    ]);
    expectInOrder(functionText(start, 'Register-StartupTask'), [
      'New-ScheduledTaskTrigger -AtStartup',
      'FromMinutes(1)',
      "-UserId 'S-1-5-18'",
      '-Priority 4 -MultipleInstances IgnoreNew',
      '-ExecutionTimeLimit ([TimeSpan]::Zero)',
    ]);
  });
});

describe('a phase script', () => {
  test.each(['setup.ps1', 'setup_post_reboot.ps1', 'extra/virtual_desktop.ps1', 'setup_user_customization.ps1'])(
    '%s leaves its reason and a failing exit code when anything throws',
    (name) => {
      const trap = /^trap \{.*?^\}/ms.exec(scripts[name])?.[0] ?? '';
      expectInOrder(trap, ["Write-StateFile -Name 'failure'", 'exit 1']);
    },
  );

  test('a registry key is created before its value', () => {
    expectInOrder(functionText(scripts['extra/virtual_desktop.ps1'], 'Set-RegistryValue'), [
      'if (-not (Test-Path',
      'New-Item -Path $Path',
      'New-ItemProperty',
    ]);
  });

  test('setup refuses a wrong owner, waits for the stacks it is told, and tells what it does not do', () => {
    const setup = renderWindows(WINDOWS_CONTEXTS[PASSWORD])['setup.ps1'];
    expectInOrder(functionText(setup, 'Wait-ConfiguredStacks'), [
      '$TimeoutSeconds = [int]600',
      'Wait-Stack -StackName "network"',
      'Wait-Stack -StackName "${VALUE_CONFIGURATION_WAIT_FOR_STACKS_1}"',
    ]);
    expectInOrder(functionText(setup, 'Invoke-Setup'), [
      'Get-SessionOwner',
      'Wait-ConfiguredStacks',
      'shared file systems are not mounted',
      'extra packages are not installed',
      'Request-PendingReboot',
    ]);
    expect(scripts['setup.ps1']).not.toContain('Wait-Stack');
    expect(functionText(scripts['setup.ps1'], 'Invoke-Setup')).not.toContain('not ');
  });

  test('the proxy of the machine is set only when there is one', () => {
    expect(functionText(scripts['setup.ps1'], 'Invoke-Setup')).not.toContain('Proxy');
    expectInOrder(functionText(renderWindows(WINDOWS_CONTEXTS[PROXY])['setup.ps1'], 'Set-MachineProxy'), [
      '"http://proxy.example.com:3128"',
      '"http://proxy.example.com:3129"',
      "'winhttp', 'set', 'proxy'",
    ]);
  });
});

describe('the virtual desktop', () => {
  const desktop = scripts['extra/virtual_desktop.ps1'];

  test('the owner is an ordinary user, by the SID of the account', () => {
    expect([...desktop.matchAll(/Add-LocalGroupMember .*|Add-OwnerToGroup -.*/g)].map((match) => match[0])).toEqual([
      "Add-OwnerToGroup -Owner $Account.SID -Group 'S-1-5-32-545'",
      'Add-LocalGroupMember -SID $Group -Member $Owner.Value',
      'Add-OwnerToGroup -Owner (Get-OwnerSid) -Group (Get-OwnerGroup).SID',
    ]);
    expectInOrder(functionText(desktop, 'Invoke-VirtualDesktop'), [
      'Set-OwnerAccount',
      'Remove-OwnerFromAdministrators',
      'Restart-DcvServer',
    ]);
    expect(functionText(desktop, 'Remove-OwnerFromAdministrators')).toContain("-SID 'S-1-5-32-544' -Member (Get-OwnerSid).Value");
    expect(desktop).not.toContain('NTAccount');
    const unmanaged = renderWindows({ '/dcv/LoginMethod': 'unmanaged' })['extra/virtual_desktop.ps1'];
    expect(unmanaged).not.toContain('S-1-5-32-544');
    const administrator = renderWindows({ '/dcv/OwnerIsAdministrator': true })['extra/virtual_desktop.ps1'];
    expectInOrder(functionText(administrator, 'Invoke-VirtualDesktop'), [
      'Set-OwnerAccount',
      "Add-OwnerToGroup -Owner (Get-OwnerSid) -Group 'S-1-5-32-544'",
      'Assert-MetadataGuard',
    ]);
    expect(administrator).not.toContain('Remove-LocalGroupMember');
  });

  test('nobody gets to a session before the guard of the metadata service is there, and holds the owner', () => {
    expectInOrder(functionText(scripts['setup.ps1'], 'Invoke-Setup'), [
      'Get-SessionOwner',
      'Initialize-MetadataGuard',
      'Request-PendingReboot',
    ]);
    expectInOrder(functionText(desktop, 'Invoke-VirtualDesktop'), [
      'Set-OwnerAccount',
      'Add-OwnerToGroup',
      'Assert-MetadataGuard',
      'Restart-DcvServer',
    ]);
    expectInOrder(functionText(scripts['runner.ps1'], 'Invoke-Bootstrap'), [
      'Invoke-NodePhase',
      'Assert-MetadataGuard',
      "-Content 'ready'",
    ]);
    const joined = renderWindows(WINDOWS_CONTEXTS['windows2022 with a directory'])['extra/virtual_desktop.ps1'];
    expectInOrder(functionText(joined, 'Invoke-VirtualDesktop'), ['Add-OwnerToGroup', 'Assert-MetadataGuard', 'Restart-DcvServer']);
    const unguarded = renderWindows({ '/system/metadata/guard': false });
    for (const name of ['setup.ps1', 'runner.ps1', 'extra/virtual_desktop.ps1']) {
      expect(unguarded[name]).not.toContain('MetadataGuard');
    }
  });

  test('with a directory no account is made', () => {
    const joined = renderWindows(WINDOWS_CONTEXTS['windows2022 with a directory'])['extra/virtual_desktop.ps1'];
    expect(joined).not.toMatch(/LocalUser/);
    expect(joined).toContain('NTAccount $Domain, (Get-SessionOwner)');
  });

  test('a desktop is configured before its server starts, and waited for', () => {
    const everything = renderWindows(WINDOWS_CONTEXTS[DCV_OPTIONS])['extra/virtual_desktop.ps1'];
    expectInOrder(functionText(everything, 'Invoke-VirtualDesktop'), [
      'Set-AutoLogon',
      'Disable-FirstLogonPrompt',
      'Disable-PowerSaving',
      'Set-DcvConfiguration',
      'Remove-ImageCertificate',
      'Install-DcvCertificate',
      'Set-DcvFirewallRules',
      'Restart-DcvServer',
      'Wait-DcvDesktop',
      'Request-NodeReboot',
    ]);
    expectInOrder(functionText(desktop, 'Invoke-VirtualDesktop'), ['Restart-DcvServer', 'Wait-DcvDesktop', '}']);
    expect(functionText(desktop, 'Invoke-VirtualDesktop')).not.toContain('Request-NodeReboot');
    expect(desktop).not.toContain('Install-DcvCertificate');
  });
});

describe('values', () => {
  test('of the launch and the deployment are variables, the same for every desktop', () => {
    for (const [name, text] of Object.entries(scripts)) {
      const used = new Set(text.match(/\bVALUE_[A-Z_]+[A-Z]\b/g) ?? []);
      const downloads = [
        'CONFIGURATION_REGION',
        'CONFIGURATION_HTTPS_PROXY',
        'CONFIGURATION_HTTP_PROXY',
        'CONFIGURATION_NO_PROXY',
        'SYSTEM_DCV_URL',
        'SYSTEM_DCV_RUNTIME_URL',
        'SYSTEM_AWS_CLI_URL',
        'SYSTEM_GPU_URL',
      ];
      const known = name.endsWith('.install.ps1')
        ? downloads
        : [
            'CONFIGURATION_REGION',
            'BOOTSTRAP_BUNDLE_BUCKET',
            'BOOTSTRAP_BUNDLE_KEY',
            'JOB_JOB_PROJECT',
            'DCV_SESSION_OWNER',
            'DCV_SESSION_NAME',
            'DCV_SESSION_ID',
          ];
      expect({ name, unknown: [...used].filter((variable) => !known.includes(variable.slice('VALUE_'.length))) }).toEqual({
        name,
        unknown: [],
      });
    }
    expect(functionText(scripts['extra/virtual_desktop.ps1'], 'Get-SessionOwner')).toContain('"${VALUE_DCV_SESSION_OWNER}"');
  });
});
